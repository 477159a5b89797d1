package sheet_test

import (
	"testing"

	"ordersheet/internal/sheet"
)

func TestDefuse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "MUG": "MUG", "=1+1": "'=1+1", "@home": "'@home", "+1 555 0100": "'+1 555 0100", "-12.50": "-12.50", "+49": "+49", "-": "'-",
		"--1": "'--1", "-A": "'-A", "\tx": "'\tx", "'=1": "''=1", "'quoted'": "'quoted'", "'": "'", "=": "'=", "-1e5": "-1e5",
	} {
		if got := sheet.Defuse(text); got != want {
			t.Errorf("Defuse(%q) = %q, want %q", text, got, want)
		}
		if got := string(sheet.Undefuse([]byte(sheet.Defuse(text)))); got != text {
			t.Errorf("%q comes back as %q", text, got)
		}
	}
}
