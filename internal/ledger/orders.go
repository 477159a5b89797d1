package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// readPiece is how many rows are read at once: no query stays open while its rows are worked on.
const readPiece = 512

const selectOrder = `SELECT id, number, action, state, message, attempts, looks, claimed, last_byte, next_look, http_status, api_id,
	confirmed_total FROM planned_order `

func scanOrder(rows *sql.Rows) (o Order, err error) {
	var id, claimed, lastByte, nextLook int64
	err = rows.Scan(&id, &o.Number, &o.Action, &o.State, &o.Message, &o.Attempts, &o.Lookups, &claimed, &lastByte, &nextLook,
		&o.HTTPStatus, &o.ID, &o.ConfirmedTotal)
	o.Seq, o.ClaimedAt, o.LastByte, o.NextLookup = seqOf(id), moment(claimed), moment(lastByte), moment(nextLook)
	return o, err
}

// Orders calls fn for each order of a run that the filter lets through, in rising Seq. What fn is given is its own to keep. fn may use the
// ledger; its error ends it and is returned as it is.
func (l *Ledger) Orders(ctx context.Context, run int64, f Filter, fn func(*Order) error) error {
	query := selectOrder + `WHERE id >= $1 AND id < $2 ` + f.condition() + `ORDER BY id LIMIT $3`
	plans := planFinder{read: func(q string, args []any, scan func(*sql.Rows) error) error { return l.read(ctx, q, args, scan) }}
	piece := make([]Order, 0, readPiece)
	for from := max(f.From, 1); ; from = piece[len(piece)-1].Seq + 1 {
		piece = piece[:0]
		err := l.read(ctx, query, []any{orderID(run, from), orderID(run+1, 0), readPiece}, func(rows *sql.Rows) error {
			o, err := scanOrder(rows)
			piece = append(piece, o)
			return err
		})
		if err != nil {
			return explain("reading the orders of run "+decimal(run), err)
		}
		if f.Full {
			if err := fillChanges(plans.read, run, piece); err != nil {
				return explain("reading the orders of run "+decimal(run), err)
			}
		}
		for i := range piece {
			o := piece[i]
			if f.Full {
				if err := plans.fill(run, &o); err != nil {
					return explain("reading the orders of run "+decimal(run), err)
				}
			}
			if err := fn(&o); err != nil {
				return err
			}
		}
		if len(piece) < readPiece {
			return nil
		}
	}
}

// condition writes the states into the query: they are our own words, so there is nothing to escape, and few different queries come of it.
func (f Filter) condition() string {
	if len(f.States) == 0 {
		return ""
	}
	words := make([]string, 0, len(f.States))
	for _, s := range States() {
		for _, wanted := range f.States {
			if s == wanted {
				words = append(words, "'"+string(s)+"'")
				break
			}
		}
	}
	if len(words) == 0 {
		return "AND FALSE "
	}
	return "AND state IN (" + strings.Join(words, ", ") + ") "
}

// planFinder finds the plans of orders and keeps the last block open, since orders are asked for in rising Seq.
type planFinder struct {
	read func(query string, args []any, scan func(*sql.Rows) error) error
	buf  []byte
	rest reader
	next int64 // id from which on the open block is known to have nothing passed over
	end  int64 // id before which the open block ends; 0 when none is open
}

// fill reads the plan of an order whose Seq is set.
func (p *planFinder) fill(run int64, o *Order) error {
	id := orderID(run, o.Seq)
	if id < p.next || id >= p.end {
		if err := p.open(run, id); err != nil {
			return err
		}
	}
	p.next = id + 1
	if !p.rest.plan(o) {
		p.end = 0
		return fmt.Errorf("%w: the plan of order %d of run %d is missing", ErrDamaged, o.Seq, run)
	}
	return nil
}

// open opens the block that holds id: the last one that begins at or before it.
func (p *planFinder) open(run, id int64) error {
	p.end = 0
	found := false
	err := p.read(`SELECT id, data, coalesce((SELECT min(id) FROM plan_block AS later WHERE later.id > this.id), $2) FROM plan_block AS this
		WHERE id <= $1 ORDER BY id DESC LIMIT 1`, []any{id, orderID(run+1, 0)}, func(rows *sql.Rows) error {
		found = true
		var sealed sql.RawBytes
		err := rows.Scan(&p.next, &sealed, &p.end)
		if err == nil {
			p.buf, err = unseal(p.buf, sealed)
		}
		return err
	})
	if err == nil && !found {
		err = fmt.Errorf("%w: run %d has no plan", ErrDamaged, run)
	}
	p.rest = reader{b: p.buf}
	return err
}

// PendingLookups returns up to limit orders, with their plans, whose outcome is unknown so far and whose NextLook isn't after before, the longest
// due first.
func (l *Ledger) PendingLookups(ctx context.Context, run int64, before time.Time, limit int) ([]Order, error) {
	all, err := l.full(ctx, run, selectOrder+`INDEXED BY planned_order_unresolved WHERE state = 'unresolved' AND next_look <= $1 AND id > $2 AND id < $3
		ORDER BY next_look, id LIMIT $4`, millis(before), orderID(run, 0), orderID(run+1, 0), limit)
	return all, explain("reading pending lookups", err)
}

// full reads few orders with their plans.
func (l *Ledger) full(ctx context.Context, run int64, query string, args ...any) (all []Order, err error) {
	err = l.read(ctx, query, args, func(rows *sql.Rows) error {
		o, err := scanOrder(rows)
		all = append(all, o)
		return err
	})
	plans := planFinder{read: func(q string, args []any, scan func(*sql.Rows) error) error { return l.read(ctx, q, args, scan) }}
	for i := range all {
		if err == nil {
			err = plans.fill(run, &all[i])
		}
		if err == nil {
			err = fillChanges(plans.read, run, all[i:i+1])
		}
	}
	return all, err
}

// CountStates counts the orders of a run by state; states that none has are left out.
func (l *Ledger) CountStates(ctx context.Context, run int64) (map[State]int64, error) {
	counts := map[State]int64{}
	err := l.read(ctx, `SELECT state, count(*) FROM planned_order WHERE id > $1 AND id < $2 GROUP BY state`,
		[]any{orderID(run, 0), orderID(run+1, 0)}, func(rows *sql.Rows) error {
			var s State
			var n int64
			err := rows.Scan(&s, &n)
			counts[s] = n
			return err
		})
	return counts, explain("counting the orders of run "+decimal(run), err)
}

// CountActions counts the orders of a run that are in a state by action.
func (l *Ledger) CountActions(ctx context.Context, run int64, s State) (map[string]int64, error) {
	counts := map[string]int64{}
	err := l.read(ctx, `SELECT action, count(*) FROM planned_order WHERE id > $1 AND id < $2 AND state = $3 GROUP BY action`,
		[]any{orderID(run, 0), orderID(run+1, 0), string(s)}, func(rows *sql.Rows) error {
			var action string
			var n int64
			err := rows.Scan(&action, &n)
			counts[action] = n
			return err
		})
	return counts, explain("counting the orders of run "+decimal(run), err)
}
