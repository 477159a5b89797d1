package sheet

import (
	"testing"

	"ordersheet/internal/cell"
)

func TestParseFormat(t *testing.T) {
	for code, want := range map[string]cell.Class{
		"General": cell.General, "": cell.General, "0": cell.Decimal, "#,##0.00": cell.Decimal, "00000": cell.Decimal, "@": cell.AsText, "0%": cell.Percent, "0.00E+00": cell.Scientific,
		"# ?/?": cell.Fraction, `"$"#,##0.00`: cell.Currency, "#,##0.00 [$€-407]": cell.Currency, `_("$"* #,##0.00_);_("$"* \(#,##0.00\)`: cell.Currency, "[$-409]0.00": cell.Decimal,
		"$#,##0": cell.Currency, `#,##0\ "€"`: cell.Currency,
		"yyyy-mm-dd": cell.DateOnly, "d": cell.DateOnly, "mmm": cell.DateOnly, "[$-409]d-mmm-yy;@": cell.DateOnly, `[$-F800]dddd\,\ mmmm\ dd`: cell.DateOnly, "[$-411]ge.m.d": cell.DateOnly,
		`yyyy"年"m"月"d"日"`: cell.DateOnly, "[Red]yyyy": cell.DateOnly, "h:mm": cell.TimeOnly, "h:mm AM/PM": cell.TimeOnly, "mm:ss.0": cell.TimeOnly, "A/P h": cell.TimeOnly,
		"m/d/yy h:mm": cell.DateAndTime, "dd.mm.yyyy hh:mm:ss": cell.DateAndTime, "[h]:mm": cell.Elapsed, "[mm]:ss": cell.Elapsed, "[ss].00": cell.Elapsed,
		`"days" 0`: cell.Decimal, `0 "hours"`: cell.Decimal, `\d0`: cell.Decimal, "0_d": cell.Decimal, "* 0": cell.Decimal, "[Red]0": cell.Decimal, "[>100]0": cell.Decimal, "[DBNum1]General": cell.General,
		"0;yyyy": cell.Decimal, ";;;": cell.General, `"unclosed`: cell.General, "[unclosed": cell.General, `\`: cell.General,
	} {
		if got := parseFormat(code); got.Class != want {
			t.Errorf("format %q: got class %d, want %d", code, got.Class, want)
		}
	}
	for code, want := range map[string]int{"00000": 5, "0": 1, "000-000": 0, "#,##0": 0, "": 0, "0.0": 0} {
		if got := parseFormat(code); got.Zeros != want {
			t.Errorf("format %q: got %d zeros, want %d", code, got.Zeros, want)
		}
	}
	for id, want := range map[int]cell.Class{0: cell.General, 14: cell.DateOnly, 20: cell.TimeOnly, 22: cell.DateAndTime, 46: cell.Elapsed, 49: cell.AsText, 27: cell.DateOnly, 33: cell.TimeOnly, 58: cell.DateOnly, 71: cell.DateOnly, 60: cell.Decimal, 200: cell.General} {
		if got := parseFormat(builtinFormat(id)); got.Class != want {
			t.Errorf("built-in format %d: got class %d, want %d", id, got.Class, want)
		}
	}
}

func TestISODates(t *testing.T) {
	for in, want := range map[string]string{
		"2024-01-15": "45306", "2024-01-15T12:00:00": "45306.5", "1900-01-01": "1", "1900-03-01": "61", "T06:00": "0.25", "06:00:00": "0.25", "2024-01-15T18:00:00Z": "45306.75",
		"2024-01-15T18:00:00.5": "45306.750005787", "2024-13-01": "", "1899-12-30": "", "yesterday": "", "2024-01-15T25:00:00": "",
	} {
		if got := string(isoSerial([]byte(in), false)); got != want {
			t.Errorf("%s: got serial %q, want %q", in, got, want)
		}
	}
	if got := string(isoSerial([]byte("2024-01-15"), true)); got != "43844" {
		t.Errorf("1904: got serial %q, want 43844", got)
	}
}

func TestEscapes(t *testing.T) {
	for in, want := range map[string]string{
		"a_x000D_b": "a\rb", "_x005F_x0041_": "_x0041_", "_xD83D__xDE00_": "😀", "_x00": "_x00", "_x000g_": "_x000g_", "x__x0041_": "x_A", "_x0041": "_x0041", "_xD83D_": "\ufffd", "no_x": "no_x",
	} {
		if got := string(appendUnescaped(nil, []byte(in))); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
