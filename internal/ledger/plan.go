package ledger

import (
	"context"
	"errors"
	"fmt"

	"ordersheet/internal/problem"
)

const (
	// planBlock bounds the orders of a block by number and by size: claims are taken in groups, and each opens a block or two.
	planBlock     = 64
	planBlockSize = 256 << 10
	// planPiece is how many orders go into one transaction: other runs wait no longer than that takes.
	planPiece = 2048
)

// OrderWriter writes the plan of a run. Close must be called, also after an error of Add.
type OrderWriter struct {
	pump  *pump[*planPart]
	run   int64
	part  *planPart
	block []byte
	seal  sealer
	first int64 // Seq of the block's first order
	count int   // orders in the block
	last  int64
	err   error
}

// planPart is what goes into one transaction.
type planPart struct {
	orders   []any // rows of planned_order
	blocks   []any // rows of plan_block
	changes  []any // rows of change
	problems []any // rows of problem without their ids
	n        int
}

const orderWidth = 8

// errNoNumber is our own fault: two orders without a number would have the same key.
var errNoNumber = errors.New("an order without a number can't be claimed")

// PutOrders starts to write the plan of a run. One writer a run at a time, and none once the plan is confirmed.
func (l *Ledger) PutOrders(run int64) *OrderWriter {
	w := &OrderWriter{run: run, part: &planPart{}}
	w.pump = startPump(func(p *planPart) error {
		return l.write(background(), "writing the plan", func(t *tx) error {
			if err := t.bulk(`INSERT INTO planned_order (id, number, action, state, message, api_id, confirmed_total, http_status) VALUES`,
				orderWidth, p.orders); err != nil {
				return err
			}
			if err := t.bulk(`INSERT INTO plan_block (id, data) VALUES`, 2, p.blocks); err != nil {
				return err
			}
			if _, err := t.together(putChanges, 2, p.changes); err != nil {
				return err
			}
			return t.putProblems(run, p.problems)
		})
	})
	return w
}

// Add plans an order and returns its Seq: the one it has, which must be higher than the last, or the next. An empty State means planned.
// Nothing of o is kept after Add returns.
func (w *OrderWriter) Add(o Order, problems []problem.Problem) (seq int64, err error) {
	if w.err != nil {
		return 0, w.err
	}
	if o.Seq == 0 {
		o.Seq = w.last + 1
	}
	if o.Seq <= w.last || o.Seq >= 1<<32 {
		w.err = fmt.Errorf("planning order %s: its place %d doesn't come after %d", o.Number, o.Seq, w.last)
		return 0, w.err
	}
	if o.State == "" {
		o.State = OrderPlanned
	}
	if o.State == OrderPlanned && o.Number == "" {
		w.err = fmt.Errorf("planning order %d: %w", o.Seq, errNoNumber)
		return 0, w.err
	}
	w.last = o.Seq
	w.part.orders = append(w.part.orders, orderID(w.run, o.Seq), o.Number, o.Action, string(o.State), o.Message, o.ID, o.ConfirmedTotal,
		o.HTTPStatus)
	change, err := sealChange(&w.seal, o.Change, o.IfCreated)
	if err != nil {
		w.err = err
		return 0, err
	}
	if change != nil {
		w.part.changes = append(w.part.changes, orderID(w.run, o.Seq), change)
	}
	w.part.problems = appendProblems(w.part.problems, orderID(w.run, o.Seq), problems)
	w.part.n += 1 + len(problems)
	if w.count == 0 {
		w.first = o.Seq
	}
	w.block = appendPlan(w.block, &o)
	if w.count++; w.count == planBlock || len(w.block) >= planBlockSize {
		w.endBlock()
	}
	w.endPart(false)
	return o.Seq, w.err
}

// AddProblems adds problems to an order that was added, or to the run itself (seq 0). They are written together with the orders, which
// Ledger.AddProblems would not do: that is a transaction of its own.
func (w *OrderWriter) AddProblems(seq int64, problems []problem.Problem) error {
	if w.err == nil && len(problems) > 0 {
		w.part.problems = appendProblems(w.part.problems, orderID(w.run, seq), problems)
		w.part.n += len(problems)
		w.endPart(false)
	}
	return w.err
}

// endPart hands what has gathered to the pump, when it is enough or the last.
func (w *OrderWriter) endPart(last bool) {
	if w.part.n < planPiece && !last || w.part.n == 0 {
		return
	}
	w.endBlock()
	w.err = w.pump.put(w.part)
	w.part = &planPart{orders: make([]any, 0, len(w.part.orders)), blocks: make([]any, 0, len(w.part.blocks))}
}

func (w *OrderWriter) endBlock() {
	if w.count > 0 {
		w.part.blocks = append(w.part.blocks, orderID(w.run, w.first), w.seal.seal(w.block))
		w.block, w.count = w.block[:0], 0
	}
}

// Close writes what is left and waits until the whole plan is in the ledger.
func (w *OrderWriter) Close(ctx context.Context) error {
	if w.err == nil && ctx.Err() == nil {
		w.endPart(true)
	}
	err := w.pump.close()
	if err == nil {
		err = errors.Join(w.err, ctx.Err())
	}
	return err
}
