package cell

import (
	"strings"
	"testing"
)

// FuzzParseFormat checks that only the first section of a number format counts.
func FuzzParseFormat(f *testing.F) {
	for _, code := range []string{"General", "0.00", "#,##0", "0%", "0.00E+00", "# ?/?", "mm-dd-yy", "h:mm AM/PM", "mm:ss.0", "@", `[$-409]d-mmm-yy;@`, `[h]:mm`, `"Week" 0`, `[Red][>100]0.0`, `[$€-407] #,##0.00`, `yyyy\-mm\-dd`, `General"x"`, `[$-411]ge.m.d`, `AM/PM h`, `[`, `"`, `\`} {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		got := ParseFormat(code)
		if got.Code != code || got.Zeros > len(code) {
			t.Fatalf("format %q: got %+v", code, got)
		}
		if code != "" && strings.ContainsAny(code[len(code)-1:], `\_*`) {
			return
		}
		if two := ParseFormat(code + ";@"); two.Class != got.Class {
			t.Fatalf("format %q is of class %d, with a second section of class %d", code, got.Class, two.Class)
		}
	})
}
