package sqlite

import (
	"context"
	"database/sql"

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
	if err := s.db.execute(ctx, "dropping a listing", dropListing); err != nil {
		return nil, err
	}
	return s, s.db.execute(ctx, "starting a listing", createListing)
}

// Add keeps an order under one of its numbers.
func (s *listing) Add(ctx context.Context, number string, a order.Answer) error {
	return s.db.execute(ctx, "adding to a listing", `INSERT INTO listed (number, id, data) VALUES (?, ?, ?)
		ON CONFLICT (number, id) DO UPDATE SET data = excluded.data`, number, a.ID, s.enc.Encode(a.Raw))
}

// Find returns the orders that were kept under each of some numbers.
func (s *listing) Find(ctx context.Context, numbers []string) (map[string][]order.Answer, error) {
	found := map[string][]order.Answer{}
	err := s.db.locked(ctx, func(t *tx) error {
		for _, n := range numbers {
			answers, err := collect(t.each, nil, s.scan, `SELECT data FROM listed WHERE number = ? ORDER BY id`, n)
			if err != nil {
				return err
			}
			if len(answers) > 0 {
				found[n] = answers
			}
		}
		return nil
	})
	return found, wrap("searching a listing", err)
}

func (s *listing) scan(rows *sql.Rows) (a order.Answer, err error) {
	var stored, raw []byte
	if err = rows.Scan(&stored); err != nil {
		return a, err
	}
	if raw, err = block.Decode(nil, stored); err != nil {
		return a, err
	}
	return order.ParseAnswer(s.kind, raw)
}

// Close drops the listing.
func (s *listing) Close() error {
	return s.db.execute(context.Background(), "dropping a listing", dropListing)
}
