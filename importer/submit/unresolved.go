package submit

import (
	"container/heap"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/lookup"
	"ordersheet/internal/order"
)

// lookupQueue holds the orders whose outcome is unknown, the next to be looked up first.
type lookupQueue []*ledger.Order

func (w *lookupQueue) add(o ledger.Order) { heap.Push(w, &o) }

// nextIsChange reports whether the next order is an update or a deletion.
func (w lookupQueue) nextIsChange() bool { return len(w) > 0 && w[0].Action != order.Create }

// untilNext returns how long no order has to be looked up.
func (w lookupQueue) untilNext(now time.Time) time.Duration {
	if len(w) == 0 {
		return time.Hour
	}
	return max(w[0].NextLookup.Sub(now), time.Millisecond)
}

// sameLookup reports whether two orders are looked up in the same way: a changed order is read by
// its id, and a number that no filter can be trusted with is looked up alone.
func sameLookup(a, b *ledger.Order) bool {
	return (a.Action == order.Create) == (b.Action == order.Create) && lookup.Unfilterable(a.Number) == lookup.Unfilterable(b.Number)
}

// next removes up to n due orders that are looked up in the same way.
func (w *lookupQueue) next(now time.Time, n int) []ledger.Order {
	var out []ledger.Order
	for len(out) < n && len(*w) > 0 && !(*w)[0].NextLookup.After(now) && (len(out) == 0 || sameLookup((*w)[0], &out[0])) {
		if o, ok := heap.Pop(w).(*ledger.Order); ok {
			out = append(out, *o)
		}
	}
	return out
}

// Len, Less, Swap, Push and Pop are for container/heap.
func (w lookupQueue) Len() int { return len(w) }

func (w lookupQueue) Less(i, j int) bool { return w[i].NextLookup.Before(w[j].NextLookup) }

func (w lookupQueue) Swap(i, j int) { w[i], w[j] = w[j], w[i] }

// Push appends an order.
func (w *lookupQueue) Push(x any) {
	if o, ok := x.(*ledger.Order); ok {
		*w = append(*w, o)
	}
}

// Pop removes the last one.
func (w *lookupQueue) Pop() any {
	old := *w
	o := old[len(old)-1]
	*w = old[:len(old)-1]
	return o
}

// lookUpDue gives the due orders to the workers, as many together as one look-up can find.
func (l *journalLoop) lookUpDue() {
	now := l.Now.Now()
	for l.mayLookUp() {
		orders := l.unresolved.next(now, l.lookupSize())
		if len(orders) == 0 {
			return
		}
		l.lookingUp++
		l.tasks <- task{orders: orders, isLookup: true}
	}
}

// lookupSize returns how many orders are looked up together.
func (l *journalLoop) lookupSize() int {
	if l.unresolved.nextIsChange() {
		return maxSingleLookups
	}
	switch l.finder.Method() {
	case lookup.Single:
		return maxSingleLookups
	case lookup.Changes:
		return 1 << 20 // one reading is for all
	}
	return maxBatchLookups
}

// mayLookUp reports whether another look-up may start. One at a time, so that the next one collects
// what comes due meanwhile; more if they fill a whole look-up or have to be looked up one by one.
func (l *journalLoop) mayLookUp() bool {
	if l.unresolved.nextIsChange() {
		return l.lookingUp < l.Workers
	}
	switch l.finder.Method() {
	case lookup.Single:
		return l.lookingUp < l.Workers
	case lookup.Batch:
		return l.lookingUp == 0 || l.lookingUp < l.Workers && len(l.unresolved) >= maxBatchLookups
	}
	return l.lookingUp == 0
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
	if r.Change != nil {
		o.Change = r.Change
	}
	if r.HTTPStatus != 0 {
		o.HTTPStatus = r.HTTPStatus
	}
	if !r.LastByte.IsZero() {
		o.LastByte = r.LastByte
	}
	return o
}
