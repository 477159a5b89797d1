package write_test

import (
	"testing"

	"ordersheet/internal/sheet/write"
)

func TestEscapeFormula(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "MUG": "MUG", "=1+1": "'=1+1", "@home": "'@home", "+1 555 0100": "'+1 555 0100", "-12.50": "-12.50", "+49": "+49", "-": "'-",
		"--1": "'--1", "-A": "'-A", "\tx": "'\tx", "'=1": "''=1", "'quoted'": "'quoted'", "'": "'", "=": "'=", "-1e5": "-1e5",
	} {
		if got := write.EscapeFormula(text); got != want {
			t.Errorf("EscapeFormula(%q) = %q, want %q", text, got, want)
		}
		if got := string(write.UnescapeFormula([]byte(write.EscapeFormula(text)))); got != text {
			t.Errorf("%q comes back as %q", text, got)
		}
	}
}
