package mapping

import (
	"slices"
	"strings"

	"ordersheet/internal/cell"

	"ordersheet/mapping/catalog"

	"ordersheet/mapping/value"
)

// totalWords begin the row under a table that adds it up, as people write it.
var totalWords = []string{
	"total", "totals", "grand total", "sub total", "subtotal", "sum", "total general", "total général", "summe", "gesamt", "gesamtsumme",
	"zwischensumme", "endsumme", "totaal", "totale", "suma", "somme", "total amount", "order total", "total orders", "total sales",
}

// Footer says that a row adds up the rows above it, and which of its cells says so: one cell holds a word for a total and nothing more, and
// besides it the mapped columns hold amounts at most. A row with a SKU, a date, a name or any other text is never one.
func (b *Binding) Footer(row *cell.Row) (at cell.Cell, ok bool) {
	for _, c := range row.Cells {
		if c.Kind == cell.Blank || c.Kind == cell.Text && len(value.TrimSpace(c.Text)) == 0 {
			continue
		}
		switch {
		case c.Kind == cell.Text && totalWord(c.Text):
			if ok {
				return at, false
			}
			at, ok = c, true
		case !b.amount(c):
			return at, false
		}
	}
	return at, ok
}

// totalWord says that a text is a word for a total.
func totalWord(text []byte) bool {
	if len(text) > 32 {
		return false
	}
	word := strings.Join(strings.Fields(strings.ToLower(strings.TrimRight(strings.TrimSpace(string(text)), ":=. "))), " ")
	return slices.Contains(totalWords, word)
}

// amount says that a cell holds a number where one adds up: in a column of quantities or money, or in one that isn't mapped.
func (b *Binding) amount(c cell.Cell) bool {
	if c.Kind != cell.Number && c.Kind != cell.Formula && c.Kind != cell.Text {
		return false
	}
	for i := range b.bound {
		if f := b.bound[i].field; b.bound[i].col == c.Col && f != nil && f.Type != catalog.DecimalType {
			return false
		}
	}
	if c.Kind != cell.Text {
		return true
	}
	digits := 0
	for _, r := range string(c.Text) {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune(" .,-+'$€£ ", r):
			return false
		}
	}
	return digits > 0
}
