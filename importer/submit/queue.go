package submit

import (
	"cmp"
	"slices"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/lookup"
	"ordersheet/internal/order"
)

// lookupQueue holds the orders whose outcome is unknown, the next to be looked up first.
type lookupQueue []*ledger.Order

// add puts an order behind those that are due at the same time.
func (q *lookupQueue) add(o ledger.Order) {
	i, _ := slices.BinarySearchFunc(*q, o.NextLookup, func(queued *ledger.Order, due time.Time) int {
		if queued.NextLookup.After(due) {
			return 1
		}
		return -1
	})
	*q = slices.Insert(*q, i, &o)
}

// nextIsChange reports whether the next order is an update or a deletion.
func (q lookupQueue) nextIsChange() bool { return len(q) > 0 && q[0].Action != order.Create }

// untilNext returns how long no order has to be looked up.
func (q lookupQueue) untilNext(now time.Time) time.Duration {
	if len(q) == 0 {
		return time.Hour
	}
	return max(q[0].NextLookup.Sub(now), time.Millisecond)
}

// sameLookup reports whether two orders are looked up in the same way: a changed order is read by
// its id, and a number that no filter can be trusted with is looked up alone.
func sameLookup(a, b *ledger.Order) bool {
	return (a.Action == order.Create) == (b.Action == order.Create) && lookup.Unfilterable(a.Number) == lookup.Unfilterable(b.Number)
}

// next removes up to n due orders that are looked up in the same way.
func (q *lookupQueue) next(now time.Time, n int) (out []ledger.Order) {
	for _, o := range *q {
		if len(out) == n || o.NextLookup.After(now) || !sameLookup((*q)[0], o) {
			break
		}
		out = append(out, *o)
	}
	clear((*q)[:len(out)])
	*q = (*q)[len(out):]
	return out
}

// lookUpDue gives the due orders to the workers, as many together as one look-up can find.
func (l *journalLoop) lookUpDue() {
	now := time.Now()
	for {
		size, most := l.lookupLimits()
		if l.lookingUp >= most {
			return
		}
		orders := l.unresolved.next(now, size)
		if len(orders) == 0 {
			return
		}
		l.lookingUp++
		l.tasks <- task{orders: orders, isLookup: true}
	}
}

// lookupLimits returns how many orders are looked up together, and how many look-ups may run. One
// at a time, so that the next one collects what comes due meanwhile; more if they fill a whole
// look-up or have to be looked up one by one.
func (l *journalLoop) lookupLimits() (size, most int) {
	switch method := l.finder.Method(); {
	case l.unresolved.nextIsChange() || method == lookup.Single:
		return maxSingleLookups, l.Workers
	case method == lookup.Changes:
		return 1 << 20, 1 // one reading is for all
	case method == lookup.Batch && len(l.unresolved) >= maxBatchLookups:
		return maxBatchLookups, l.Workers
	}
	return maxBatchLookups, 1
}

// expectedFree estimates the workers freed by the next commit from the last two. On a slow disk, on
// which workers run out of orders, that is all of them, and each commit gives two orders to a
// worker.
func (l *journalLoop) expectedFree() int {
	return min(l.sending, max(l.arrived[0], l.arrived[1]), 2*l.Workers)
}

// pendingOrder returns an order as its result leaves it, to be looked up later.
func pendingOrder(r *result) ledger.Order {
	o := r.order
	o.State, o.NextLookup, o.Lookups, o.Message = ledger.Unresolved, r.NextLookup, r.Lookups, r.Message
	o.Attempts += r.Sent
	o.HTTPStatus = cmp.Or(r.HTTPStatus, o.HTTPStatus)
	o.Change = cmp.Or(r.Change, o.Change)
	o.LastByte = cmp.Or(r.LastByte, o.LastByte)
	return o
}
