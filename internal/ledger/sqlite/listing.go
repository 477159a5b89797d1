package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/block"
	"ordersheet/internal/order"
)

// listing is a temporary table of the connection that writes.
type listing struct {
	db   *db
	kind order.Kind
	enc  block.Encoder
}

// NewListing starts an empty listing of orders of one kind.
func (l *Ledger) NewListing(ctx context.Context, kind order.Kind) (ledger.Listing, error) {
	s := &listing{db: l.db, kind: kind}
	if err := s.exec(ctx, "dropping a listing", dropListing); err != nil {
		return nil, err
	}
	return s, s.exec(ctx, "starting a listing", createListing)
}

// Add keeps an order under one of its numbers.
func (s *listing) Add(ctx context.Context, number string, a order.Answer) error {
	return s.exec(ctx, "adding to a listing", `INSERT INTO listed (number, id, data) VALUES ($1, $2, $3)
		ON CONFLICT (number, id) DO UPDATE SET data = excluded.data`, number, a.ID, s.enc.Encode(a.Raw))
}

// Find returns the orders that were kept under each of some numbers.
func (s *listing) Find(ctx context.Context, numbers []string) (map[string][]order.Answer, error) {
	if err := s.db.lock(ctx); err != nil {
		return nil, wrap("reading a listing", err)
	}
	defer s.db.unlock()
	found := map[string][]order.Answer{}
	for _, n := range numbers {
		err := (&tx{s.db}).each(`SELECT data FROM listed WHERE number = $1 ORDER BY id`, []any{n}, func(rows *sql.Rows) error {
			var stored []byte
			if err := rows.Scan(&stored); err != nil {
				return err
			}
			raw, err := block.Decode(nil, stored)
			if err != nil {
				return err
			}
			a, err := order.ParseAnswer(s.kind, raw)
			found[n] = append(found[n], a)
			return err
		})
		if err != nil {
			return nil, wrap(fmt.Sprintf("looking for %q in a listing", n), err)
		}
	}
	return found, nil
}

// Close drops the listing.
func (s *listing) Close() error {
	return s.exec(context.Background(), "dropping a listing", dropListing)
}

func (s *listing) exec(ctx context.Context, doing, query string, args ...any) error {
	return s.db.write(ctx, doing, func(t *tx) error {
		_, err := t.exec(query, args...)
		return err
	})
}
