package xlsx

import (
	"testing"

	"ordersheet/internal/cell"
)

func TestBuiltinFormats(t *testing.T) {
	for id, want := range map[int]cell.Class{0: cell.General, 14: cell.DateOnly, 20: cell.TimeOnly, 22: cell.DateAndTime, 46: cell.Elapsed, 49: cell.AsText, 27: cell.DateOnly, 33: cell.TimeOnly, 58: cell.DateOnly, 71: cell.DateOnly, 60: cell.Decimal, 200: cell.General} {
		if got := cell.ParseFormat(builtinFormat(id)); got.Class != want {
			t.Errorf("built-in format %d: got class %d, want %d", id, got.Class, want)
		}
	}
}
