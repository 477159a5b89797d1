package cell

import "testing"

func TestAppendDecimal(t *testing.T) {
	for in, want := range map[string]string{
		"387.48000000000008": "387.48", "0.1": "0.1", "-0": "0", "1E3": "1000", "1.5e-7": "0.00000015", "12345678901234567": "12345678901234600",
		"0.30000000000000004": "0.3", "999999999999999.9": "1000000000000000", "1.0": "1", "007": "7", "2.5000000000000001e2": "250",
		"1234567890123445": "1234567890123440", "1234567890123455": "1234567890123460", ".5": "0.5",
	} {
		got, ok := AppendDecimal(nil, []byte(in))
		if !ok || string(got) != want {
			t.Errorf("AppendDecimal(%s) = %s, %v; want %s", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "-", "1.2.3", "1e", "abc", "1 2", "1e9999", "."} {
		if got, ok := AppendDecimal(nil, []byte(in)); ok {
			t.Errorf("AppendDecimal(%q) = %s, want ok = false", in, got)
		}
	}
}

func TestFromSerial(t *testing.T) {
	for _, c := range []struct {
		serial string
		d1904  bool
		want   Civil
		ok     bool
	}{
		{"45306", false, Civil{2024, 1, 15, 0}, true},
		{"43844", true, Civil{2024, 1, 15, 0}, true},
		{"1", false, Civil{1900, 1, 1, 0}, true},
		{"59", false, Civil{1900, 2, 28, 0}, true},
		{"60", false, Civil{}, false},
		{"61", false, Civil{1900, 3, 1, 0}, true},
		{"45306.5", false, Civil{2024, 1, 15, 43200}, true},
		{"45305.999999999", false, Civil{2024, 1, 15, 0}, true},
		{"2958465", false, Civil{9999, 12, 31, 0}, true},
		{"2958466", false, Civil{}, false},
		{"-1", false, Civil{}, false},
		{"0", true, Civil{1904, 1, 1, 0}, true},
	} {
		got, ok := FromSerial([]byte(c.serial), c.d1904)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("FromSerial(%s, %v) = %v, %v; want %v, %v", c.serial, c.d1904, got, ok, c.want, c.ok)
		}
	}
}

func TestAddresses(t *testing.T) {
	for col, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 701: "ZZ", 702: "AAA", 16383: "XFD"} {
		if got := ColName(col); got != want {
			t.Errorf("ColName(%d) = %s, want %s", col, got, want)
		}
		row, c, ok := ParseA1("$" + want + "$17")
		if row != 17 || c != col || !ok {
			t.Errorf("ParseA1(%s17) = %d, %d, %v", want, row, c, ok)
		}
	}
	for _, bad := range []string{"", "A", "1", "A0", "AAAA1", "A1B", "A-1"} {
		if _, _, ok := ParseA1(bad); ok {
			t.Errorf("ParseA1(%q): got ok, want an error", bad)
		}
	}
}

func TestSerialOfISO(t *testing.T) {
	for in, want := range map[string]string{
		"2024-01-15": "45306", "2024-01-15T12:00:00": "45306.5", "1900-01-01": "1", "1900-03-01": "61", "T06:00": "0.25", "06:00:00": "0.25", "2024-01-15T18:00:00Z": "45306.75",
		"2024-01-15T18:00:00.5": "45306.750005787", "2024-13-01": "", "1899-12-30": "", "yesterday": "", "2024-01-15T25:00:00": "",
	} {
		if got := string(SerialOfISO([]byte(in), false)); got != want {
			t.Errorf("%s: got serial %q, want %q", in, got, want)
		}
	}
	if got := string(SerialOfISO([]byte("2024-01-15"), true)); got != "43844" {
		t.Errorf("1904: got serial %q, want 43844", got)
	}
}
