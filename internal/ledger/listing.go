package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"ordersheet/internal/order"
)

// Listing keeps orders that a list of the API showed, so that a long list takes disk and not memory. It lies beside the ledger, in a temporary
// table that ends with the process at the latest: another process would have to read the list again anyway, since it may have changed.
type Listing struct {
	l    *Ledger
	kind order.Kind
	seal sealer
}

// NewListing begins an empty listing of orders of one kind. A ledger has one at a time: an earlier one is forgotten.
func (l *Ledger) NewListing(ctx context.Context, kind order.Kind) (*Listing, error) {
	s := &Listing{l: l, kind: kind}
	err := s.drop(ctx)
	if err == nil {
		err = l.write(ctx, "keeping a list", func(t *tx) error {
			_, err := t.exec(`CREATE TEMP TABLE listed (number TEXT NOT NULL, id INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (number, id))
				WITHOUT ROWID`)
			return err
		})
	}
	return s, err
}

// Add keeps an order under one of its numbers. One that is there already is replaced, so that a list whose pages shifted shows none twice.
func (s *Listing) Add(ctx context.Context, number string, a order.Answer) error {
	return s.l.write(ctx, "keeping a list", func(t *tx) error {
		_, err := t.exec(`INSERT OR REPLACE INTO temp.listed (number, id, data) VALUES ($1, $2, $3)`, number, a.ID, s.seal.seal(a.Raw))
		return err
	})
}

// Find returns the orders that were kept under each of some numbers.
func (s *Listing) Find(ctx context.Context, numbers []string) (map[string][]order.Answer, error) {
	if err := s.l.take(ctx); err != nil {
		return nil, explain("looking into a list", err)
	}
	defer s.l.give()
	found := map[string][]order.Answer{}
	for _, n := range numbers {
		err := (&tx{s.l}).each(`SELECT data FROM temp.listed WHERE number = $1 ORDER BY id`, []any{n}, func(rows *sql.Rows) error {
			var sealed []byte
			if err := rows.Scan(&sealed); err != nil {
				return err
			}
			raw, err := unseal(nil, sealed)
			if err != nil {
				return err
			}
			a, err := order.ParseAnswer(s.kind, raw)
			found[n] = append(found[n], a)
			return err
		})
		if err != nil {
			return nil, explain(fmt.Sprintf("looking for %q in a list", n), err)
		}
	}
	return found, nil
}

// Close forgets the listing.
func (s *Listing) Close() error { return s.drop(background()) }

func (s *Listing) drop(ctx context.Context) error {
	return s.l.write(ctx, "forgetting a list", func(t *tx) error {
		_, err := t.exec(`DROP TABLE IF EXISTS temp.listed`)
		return err
	})
}
