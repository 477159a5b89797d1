package mapping_test

import (
	"encoding/json"
	"slices"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
)

// FuzzOrder puts one cell of any kind into every column in turn. Whatever it holds, the order is
// invalid with a reason at that cell, or its payload is JSON with the right fingerprint and nothing
// was lost on the way.
func FuzzOrder(f *testing.F) {
	for _, s := range []string{"12.5", "1e-7", "SO-1", "45306.25", "#N/A", "a;b,c", "yes", "\x00", "\xff", "1,234", "31/12/2024", "-0", "ann@example.com"} {
		for kind := range 7 {
			f.Add(uint8(kind), uint8(kind), uint8(3*kind), []byte(s))
		}
	}
	good := row("SO-1", "2024-01-15", "pending", "#1", "ann@example.com", "PO-7", "Ann", "", "Oslo", "", "", "", "Bob", "", "", "", "", "", "A-1", "#2", "#5", "#1", "", "note",
		"a", "x")
	f.Fuzz(func(t *testing.T, kind, format, col uint8, text []byte) {
		b := pathsHeader(t, order.SalesOrders, nil, wideOrder...)
		rows := grid(good)
		at := int(col) % len(wideOrder)
		c := cell.Cell{Col: at, Kind: cell.Kind(kind % 7), Format: uint16(format) % uint16(len(source.Formats)), Text: text}
		if i := indexOfCell(rows[0].Cells, at); i >= 0 {
			rows[0].Cells[i] = c
		} else {
			for i = range rows[0].Cells {
				if rows[0].Cells[i].Col > at {
					break
				}
			}
			rows[0].Cells = append(rows[0].Cells[:i:i], append([]cell.Cell{c}, rows[0].Cells[i:]...)...)
		}
		plans, _ := plan(b, rows)
		p := plans[0]
		if p.Invalid {
			if len(p.Problems) == 0 || p.Payload != nil {
				t.Fatalf("invalid without a reason, or with a payload: %+v", p)
			}
			return
		}
		want, err := referenceFingerprint(p.Payload)
		if !json.Valid(p.Payload) || err != nil || want != p.Fingerprint {
			t.Fatalf("payload %s (%v), fingerprint %s, want %s", p.Payload, err, p.Fingerprint, want)
		}
	})
}

func indexOfCell(cells []cell.Cell, col int) int {
	return slices.IndexFunc(cells, func(c cell.Cell) bool { return c.Col == col })
}
