package submit

import (
	"container/heap"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/lookup"
	"ordersheet/internal/order"
)

// lookupQueue holds the orders whose outcome is unknown, the next to be looked up first. Add and next keep it in order.
type lookupQueue []*ledger.Order

func (w *lookupQueue) add(o ledger.Order) { heap.Push(w, &o) }

// nextIsChange says that the next order is one that was to be changed.
func (w lookupQueue) nextIsChange() bool { return len(w) > 0 && w[0].Action != order.Create }

// untilNext is how long nothing has to be looked up.
func (w lookupQueue) untilNext(now time.Time) time.Duration {
	if len(w) == 0 {
		return time.Hour
	}
	return max(w[0].NextLookup.Sub(now), time.Millisecond)
}

// sameLookup says that two orders are looked up in the same way: what was to be changed is read by its id, and what no filter can ask for comes by
// itself.
func sameLookup(a, b *ledger.Order) bool {
	return (a.Action == order.Create) == (b.Action == order.Create) && lookup.Unfilterable(a.Number) == lookup.Unfilterable(b.Number)
}

// next takes out up to n orders whose time has come, that are looked up in the same way.
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

// Pop takes the last one off.
func (w *lookupQueue) Pop() any {
	old := *w
	o := old[len(old)-1]
	*w = old[:len(old)-1]
	return o
}

// lookUpDue hands the orders whose time has come to the workers, as many together as one look-up can be for.
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

// lookupSize is how many orders are looked up together.
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

// mayLookUp says that another look-up may begin: one at a time, so that the next gathers what comes due meanwhile, but for what fills a whole
// look-up or has to be asked for one by one.
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

// expectedFree is how many of the orders with workers will be done when the next commit ends, as far as the last two tell: as many claims find their
// worker free by then. Where a disk is so slow that workers run out of orders, that is all of them, and each commit hands out two orders a worker.
func (l *journalLoop) expectedFree() int {
	return min(l.sending, max(l.arrived[0], l.arrived[1]), 2*l.Workers)
}

// pendingOrder is the order as its result leaves it, to be looked up later.
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
