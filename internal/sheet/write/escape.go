package write

import (
	"strings"

	"ordersheet/internal/cell"
)

// formulaStarts are the characters with which a text becomes a formula when a spreadsheet opens a
// delimited file.
const formulaStarts = "=+-@\t\r"

// EscapeFormula puts an apostrophe before a text that a spreadsheet would take for a formula when
// it opens a delimited file, as a person would type it. A number with its sign, such as -12.50 or
// +49, is returned unchanged. UnescapeFormula removes the apostrophe.
func EscapeFormula(s string) string {
	rest := strings.TrimLeft(s, "'")
	if rest == "" || !strings.Contains(formulaStarts, rest[:1]) || isSignedNumber(s) {
		return s
	}
	return "'" + s
}

// UnescapeFormula undoes EscapeFormula, in place: it removes an apostrophe before a text that
// would otherwise begin a formula.
func UnescapeFormula(text []byte) []byte {
	if len(text) < 2 || text[0] != '\'' {
		return text
	}
	for _, c := range text[1:] {
		if c != '\'' {
			if strings.IndexByte(formulaStarts, c) >= 0 {
				return text[1:]
			}
			break
		}
	}
	return text
}

func isSignedNumber(s string) bool {
	if len(s) < 2 || s[0] != '-' && s[0] != '+' || s[1] == '-' || s[1] == '+' {
		return false
	}
	var scratch [48]byte
	_, ok := cell.AppendDecimal(scratch[:0], []byte(s[1:]))
	return ok
}
