package importer

import (
	"errors"

	"ordersheet/importer/inspect"
	"ordersheet/importer/plan"
	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/sheet"
	"ordersheet/mapping"
	"ordersheet/mapping/profile"
)

// Inspect says what a file holds, and what an import would find wrong with it. It reads the file to
// its end.
func (s *Service) Inspect(b *sheet.Book, cfg InspectConfig) (*Inspected, error) {
	return inspect.Read(b, cfg)
}

// Match is what the header of a sheet means.
type Match struct {
	Sheet   string           `json:"sheet"`
	Row     int              `json:"header_row"`
	Kind    order.Kind       `json:"kind"`
	Columns []mapping.Column `json:"columns"`
	Missing []string         `json:"missing"` // required fields that no column feeds
	Header  *mapping.Header  `json:"-"`
}

// Match finds the header of each visible sheet of orders, and says what its columns mean. It reads
// only the first rows of a sheet. An empty kind is inferred from the headers.
func (s *Service) Match(b *sheet.Book, kind order.Kind, p *profile.Profile) ([]Match, error) {
	var out []Match
	for i := range b.Sheets {
		if b.Sheets[i].State != sheet.Visible || b.Sheets[i].Chart {
			continue
		}
		errEnough := errors.New("enough rows")
		find := func(head []cell.Row) (int, error) {
			h := mapping.FindHeader(kind, head, b.Sheets[i].Tables, p)
			if h == nil {
				return 0, errEnough
			}
			m := Match{b.Sheets[i].Name, h.Row.Num, h.Kind, h.Columns, []string{}, h}
			for _, f := range h.Missing() {
				m.Missing = append(m.Missing, f.Column)
			}
			out = append(out, m)
			return 0, errEnough
		}
		read := func(fn func(*cell.Row) error) (sheet.Extent, error) { return b.Read(i, fn) }
		if _, err := plan.ReadHeaded(read, find, nil); !errors.Is(err, errEnough) {
			return nil, err
		}
	}
	return out, nil
}
