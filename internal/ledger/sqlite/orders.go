package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/block"
)

const selectOrder = `SELECT id, number, action, state, message, attempts, lookups, claimed, last_byte, next_lookup, http_status, api_id,
	confirmed_total FROM planned_order `

func scanOrder(rows *sql.Rows) (o ledger.Order, err error) {
	var id int64
	err = rows.Scan(&id, &o.Number, &o.Action, &o.State, &o.Message, &o.Attempts, &o.Lookups, storedTime{&o.ClaimedAt},
		storedTime{&o.LastByte}, storedTime{&o.NextLookup}, &o.HTTPStatus, &o.ID, &o.ConfirmedTotal)
	o.Seq = seqOf(id)
	return o, err
}

// Orders calls fn for each order of a run that the filter selects, in rising Seq.
func (l *Ledger) Orders(ctx context.Context, run int64, f ledger.Filter, fn func(*ledger.Order) error) error {
	read := l.reader(ctx)
	plans := planFinder{read: read}
	query := selectOrder + `WHERE id >= ? AND id < ? ` + condition(f) + `ORDER BY id LIMIT ?`
	scan := func(rows *sql.Rows) (int64, ledger.Order, error) {
		o, err := scanOrder(rows)
		return orderID(run, o.Seq), o, err
	}
	return eachBatch(read, query, orderID(run, max(f.From, 1)), orderID(run+1, 0), scan, func(batch []ledger.Order) error {
		if f.Full {
			if err := read.fillChanges(run, batch); err != nil {
				return wrap("reading the changes of run "+decimal(run), err)
			}
		}
		for _, o := range batch {
			if f.Full {
				if err := plans.fill(run, &o); err != nil {
					return wrap("reading the plans of run "+decimal(run), err)
				}
			}
			if err := fn(&o); err != nil {
				return err
			}
		}
		return nil
	})
}

// condition writes the states into the query: they are few, and have nothing to escape.
func condition(f ledger.Filter) string {
	if len(f.States) == 0 {
		return ""
	}
	var list strings.Builder
	for _, s := range f.States {
		fmt.Fprintf(&list, ", '%s'", s)
	}
	return "AND state IN (" + list.String()[2:] + ") "
}

// PendingLookups returns unresolved orders whose next lookup is due, the longest due first.
func (l *Ledger) PendingLookups(ctx context.Context, run int64, before time.Time, limit int) ([]ledger.Order, error) {
	read := l.reader(ctx)
	all, err := collect(read, nil, scanOrder, selectOrder+pendingIndex+` WHERE state = 'unresolved' AND next_lookup <= ? AND id > ? AND id < ?
		ORDER BY next_lookup, id LIMIT ?`, millis(before), orderID(run, 0), orderID(run+1, 0), limit)
	plans := planFinder{read: read}
	for i := range all {
		if err == nil {
			err = plans.fill(run, &all[i])
		}
		if err == nil {
			err = read.fillChanges(run, all[i:i+1])
		}
	}
	return all, wrap("reading pending lookups", err)
}

// planFinder reads the plans of orders. It keeps the last block, since orders mostly come in rising
// Seq.
type planFinder struct {
	read rowReader
	open block.Plans
	next int64 // the lowest id that can still be read from the open block
	end  int64 // the id after the open block; 0 when none is open
}

// fill reads the plan of an order whose Seq is set.
func (p *planFinder) fill(run int64, o *ledger.Order) error {
	id := orderID(run, o.Seq)
	if id < p.next || id >= p.end {
		if err := p.openBlock(run, id); err != nil {
			return err
		}
	}
	p.next = id + 1
	if !p.open.Read(o) {
		p.end = 0
		return fmt.Errorf("%w: the plan of order %d of run %d is missing", ledger.ErrDamaged, o.Seq, run)
	}
	return nil
}

// openBlock opens the block that holds id: the last one that begins at or before it.
func (p *planFinder) openBlock(run, id int64) error {
	p.end = 0
	found := false
	err := p.read(`SELECT id, data, coalesce((SELECT min(id) FROM plan_block AS later WHERE later.id > this.id), ?) FROM plan_block AS this
		WHERE id <= ? ORDER BY id DESC LIMIT 1`, []any{orderID(run+1, 0), id}, func(rows *sql.Rows) error {
		found = true
		var stored sql.RawBytes
		err := rows.Scan(&p.next, &stored, &p.end)
		if err == nil {
			err = p.open.Open(stored)
		}
		return err
	})
	if err == nil && !found {
		err = fmt.Errorf("%w: run %d has no plan", ledger.ErrDamaged, run)
	}
	return err
}

// CountStates counts the orders of a run by state.
func (l *Ledger) CountStates(ctx context.Context, run int64) (map[ledger.State]int64, error) {
	counts := map[ledger.State]int64{}
	err := l.read(ctx, `SELECT state, count(*) FROM planned_order WHERE id > ? AND id < ? GROUP BY state`,
		[]any{orderID(run, 0), orderID(run+1, 0)}, countInto(counts))
	return counts, wrap("counting the orders of run "+decimal(run), err)
}

// CountActions counts the orders of a run that are in a state, by action.
func (l *Ledger) CountActions(ctx context.Context, run int64, s ledger.State) (map[string]int64, error) {
	counts := map[string]int64{}
	err := l.read(ctx, `SELECT action, count(*) FROM planned_order WHERE id > ? AND id < ? AND state = ? GROUP BY action`,
		[]any{orderID(run, 0), orderID(run+1, 0), string(s)}, countInto(counts))
	return counts, wrap("counting the orders of run "+decimal(run), err)
}

// countInto returns a scan of rows of a word and a count.
func countInto[T ~string](counts map[T]int64) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var word T
		var n int64
		err := rows.Scan(&word, &n)
		counts[word] = n
		return err
	}
}
