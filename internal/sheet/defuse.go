package sheet

import (
	"strings"

	"ordersheet/internal/cell"
)

// fuses are the characters with which a spreadsheet begins a formula when it opens a delimited file.
const fuses = "=+-@\t\r"

// Defuse puts an apostrophe before a text that a spreadsheet would take for a formula when it opens a delimited file, as a person does who
// types such a text. A plain number with its sign, such as -12.50 or +49, stays as it is. Undefuse gives the text back.
func Defuse(s string) string {
	if rest := strings.TrimLeft(s, "'"); rest == "" || !strings.Contains(fuses, rest[:1]) {
		return s
	}
	if signed(s) {
		return s
	}
	return "'" + s
}

// Undefuse takes back what Defuse did, in place: an apostrophe before a text that would otherwise begin a formula.
func Undefuse(text []byte) []byte {
	if len(text) < 2 || text[0] != '\'' {
		return text
	}
	for _, c := range text[1:] {
		if c != '\'' {
			if strings.IndexByte(fuses, c) >= 0 {
				return text[1:]
			}
			break
		}
	}
	return text
}

// signed says that a text is a number with a sign.
func signed(s string) bool {
	if len(s) < 2 || s[0] != '-' && s[0] != '+' {
		return false
	}
	var scratch [48]byte
	_, ok := cell.AppendDecimal(scratch[:0], []byte(s[1:]))
	return ok && s[1] != '-' && s[1] != '+'
}
