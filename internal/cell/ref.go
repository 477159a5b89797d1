package cell

import (
	"strconv"
	"strings"
)

// ColName returns the letters of a zero-based column: 0 is A, 26 is AA.
func ColName(col int) string {
	var b [8]byte
	i := len(b)
	for col >= 0 {
		i--
		b[i] = byte('A' + col%26)
		col = col/26 - 1
	}
	return string(b[i:])
}

// A1 returns the address of a cell from its one-based row and zero-based column, such as D17.
func A1(row, col int) string { return ColName(col) + strconv.Itoa(row) }

// ParseA1 reads an address such as D17 or $D$17 into its one-based row and zero-based column.
func ParseA1(s string) (row, col int, ok bool) {
	s = strings.ReplaceAll(s, "$", "")
	i := 0
	for i < len(s) && i < 4 && (s[i] >= 'A' && s[i] <= 'Z' || s[i] >= 'a' && s[i] <= 'z') {
		col = col*26 + int(s[i]&^0x20-'A') + 1
		i++
	}
	if i == 0 || i == len(s) || i > 3 {
		return 0, 0, false
	}
	n, err := strconv.ParseUint(s[i:], 10, 31)
	if err != nil || n == 0 {
		return 0, 0, false
	}
	return int(n), col - 1, true
}

// Sample is the text of one cell of a column with its one-based row, kept as an example or as
// evidence. A Row of 0 means none.
type Sample struct {
	Row  int
	Text string
}

// At returns the address of the sample in the zero-based column col.
func (s Sample) At(col int) string { return A1(s.Row, col) }
