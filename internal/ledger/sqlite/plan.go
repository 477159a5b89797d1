package sqlite

import (
	"context"
	"errors"
	"fmt"

	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/block"
	"ordersheet/internal/problem"
)

const (
	// planBlock and planBlockSize limit the orders of a block by number and by size: orders are
	// claimed in groups, and each group opens a block or two.
	planBlock     = 64
	planBlockSize = 256 << 10
	// planBatch is how many orders go into one transaction: other runs wait no longer than that takes.
	planBatch = 2048

	insertOrders = `INSERT INTO planned_order (id, number, action, state, message, api_id, confirmed_total, http_status) VALUES %s`
	insertPlans  = `INSERT INTO plan_block (id, data) VALUES %s`
)

// orderWriter writes the plan of a run.
type orderWriter struct {
	out   *asyncWriter[*planBatchRows]
	run   int64
	batch *planBatchRows
	block []byte
	enc   block.Encoder
	first int64 // Seq of the block's first order
	count int   // orders in the block
	last  int64
	err   error
}

// planBatchRows is what goes into one transaction.
type planBatchRows struct {
	orders   []any // rows of planned_order
	blocks   []any // rows of plan_block
	changes  []any // rows of change
	problems []any // rows of problem without their ids
	n        int
}

// errNoNumber is a bug of the caller: two orders without a number would have the same key.
var errNoNumber = errors.New("an order without a number can't be claimed")

// PutOrders returns a writer for the plan of a run.
func (l *Ledger) PutOrders(run int64) ledger.OrderWriter {
	w := &orderWriter{run: run, batch: &planBatchRows{}}
	w.out = newAsyncWriter(func(b *planBatchRows) error {
		return l.write(context.Background(), "writing the plan", func(t *tx) error { return t.insertBatch(run, b) })
	})
	return w
}

func (t *tx) insertBatch(run int64, b *planBatchRows) error {
	if _, err := t.bulk(insertOrders, 8, b.orders); err != nil {
		return err
	}
	if _, err := t.bulk(insertPlans, 2, b.blocks); err != nil {
		return err
	}
	if _, err := t.bulk(putChanges, 2, b.changes); err != nil {
		return err
	}
	return t.insertProblems(run, b.problems)
}

// Add plans an order and returns its Seq.
func (w *orderWriter) Add(o ledger.Order, problems []problem.Problem) (seq int64, err error) {
	if w.err == nil {
		w.err = w.add(&o, problems)
	}
	if w.err != nil {
		return 0, w.err
	}
	return o.Seq, nil
}

func (w *orderWriter) add(o *ledger.Order, problems []problem.Problem) error {
	if o.Seq == 0 {
		o.Seq = w.last + 1
	}
	if o.Seq <= w.last || o.Seq >= 1<<32 {
		return fmt.Errorf("planning order %s: its place %d doesn't come after %d", o.Number, o.Seq, w.last)
	}
	if o.State == "" {
		o.State = ledger.OrderPlanned
	}
	if o.State == ledger.OrderPlanned && o.Number == "" {
		return fmt.Errorf("planning order %d: %w", o.Seq, errNoNumber)
	}
	change, err := encodeChange(&w.enc, o.Change, o.IfCreated)
	if err != nil {
		return err
	}
	w.last = o.Seq
	id := orderID(w.run, o.Seq)
	w.batch.orders = append(w.batch.orders, id, o.Number, o.Action, string(o.State), o.Message, o.ID, o.ConfirmedTotal, o.HTTPStatus)
	if change != nil {
		w.batch.changes = append(w.batch.changes, id, change)
	}
	w.batch.problems = appendProblems(w.batch.problems, id, problems)
	w.batch.n += 1 + len(problems)
	if w.count == 0 {
		w.first = o.Seq
	}
	w.block = block.AppendPlan(w.block, o)
	if w.count++; w.count == planBlock || len(w.block) >= planBlockSize {
		w.endBlock()
	}
	return w.endBatch(planBatch)
}

// AddProblems adds problems to an order that was added, or to the run itself (seq 0).
func (w *orderWriter) AddProblems(seq int64, problems []problem.Problem) error {
	if w.err == nil && len(problems) > 0 {
		w.batch.problems = appendProblems(w.batch.problems, orderID(w.run, seq), problems)
		w.batch.n += len(problems)
		w.err = w.endBatch(planBatch)
	}
	return w.err
}

// endBatch hands the batch to the background writer when it has at least so many rows.
func (w *orderWriter) endBatch(enough int) error {
	if w.batch.n < enough {
		return nil
	}
	w.endBlock()
	full := w.batch
	w.batch = &planBatchRows{orders: make([]any, 0, len(full.orders)), blocks: make([]any, 0, len(full.blocks))}
	return w.out.put(full)
}

func (w *orderWriter) endBlock() {
	if w.count > 0 {
		w.batch.blocks = append(w.batch.blocks, orderID(w.run, w.first), w.enc.Encode(w.block))
		w.block, w.count = w.block[:0], 0
	}
}

// Close writes what is left and waits until the whole plan is in the ledger.
func (w *orderWriter) Close(ctx context.Context) error {
	if w.err == nil && ctx.Err() == nil {
		w.err = w.endBatch(1)
	}
	return w.out.close(ctx, w.err)
}
