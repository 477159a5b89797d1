package cell

import "testing"

func TestParseFormat(t *testing.T) {
	for code, want := range map[string]Class{
		"General": General, "": General, "0": Decimal, "#,##0.00": Decimal, "00000": Decimal, "@": AsText, "0%": Percent, "0.00E+00": Scientific,
		"# ?/?": Fraction, `"$"#,##0.00`: Currency, "#,##0.00 [$€-407]": Currency, `_("$"* #,##0.00_);_("$"* \(#,##0.00\)`: Currency, "[$-409]0.00": Decimal,
		"$#,##0": Currency, `#,##0\ "€"`: Currency,
		"yyyy-mm-dd": DateOnly, "d": DateOnly, "mmm": DateOnly, "[$-409]d-mmm-yy;@": DateOnly, `[$-F800]dddd\,\ mmmm\ dd`: DateOnly, "[$-411]ge.m.d": DateOnly,
		`yyyy"年"m"月"d"日"`: DateOnly, "[Red]yyyy": DateOnly, "h:mm": TimeOnly, "h:mm AM/PM": TimeOnly, "mm:ss.0": TimeOnly, "A/P h": TimeOnly,
		"m/d/yy h:mm": DateAndTime, "dd.mm.yyyy hh:mm:ss": DateAndTime, "[h]:mm": Elapsed, "[mm]:ss": Elapsed, "[ss].00": Elapsed,
		`"days" 0`: Decimal, `0 "hours"`: Decimal, `\d0`: Decimal, "0_d": Decimal, "* 0": Decimal, "[Red]0": Decimal, "[>100]0": Decimal, "[DBNum1]General": General,
		"0;yyyy": Decimal, ";;;": General, `"unclosed`: General, "[unclosed": General, `\`: General,
	} {
		if got := ParseFormat(code); got.Class != want {
			t.Errorf("format %q: got class %d, want %d", code, got.Class, want)
		}
	}
	for code, want := range map[string]int{"00000": 5, "0": 1, "000-000": 0, "#,##0": 0, "": 0, "0.0": 0} {
		if got := ParseFormat(code); got.Zeros != want {
			t.Errorf("format %q: got %d zeros, want %d", code, got.Zeros, want)
		}
	}
}
