package sandbox

import (
	"cmp"
	"iter"
	"slices"
	"sort"
	"time"
)

// orders holds the orders of one kind. Sandbox.mu guards it.
type orders struct {
	orderKind
	columns    columns
	slots      []slot // by id - firstID
	lastSecond int64  // of the latest write
	byNumber   map[string][]int64
	everMade   map[string]int // number of orders ever created, by order number

	// Kept for further pages until the next write:
	lists  map[string][]doc // results of list queries
	byTime []change         // the latest writes of all orders, by time; nil = to be made
}

type slot struct {
	order   doc       // nil = deleted
	visible time.Time // when lists begin to show the order
	second  int64     // of the latest write
}

// change is one write. Seconds are the resolution of the API's timestamps.
type change struct{ second, id int64 }

func newOrders(k orderKind) *orders {
	return &orders{
		orderKind: k, columns: newColumns(k.full, k.filters), byNumber: map[string][]int64{},
		everMade: map[string]int{}, lists: map[string][]doc{},
	}
}

// next returns the id of the next new order.
func (o *orders) next() int64 { return o.firstID + int64(len(o.slots)) }

// get returns an order, or nil.
func (o *orders) get(id int64) doc {
	i := id - o.firstID
	if i < 0 || i >= int64(len(o.slots)) {
		return nil
	}
	return o.slots[i].order
}

// put stores an order, new or changed. second is the time of the write; visible is ignored if the
// order isn't new.
func (o *orders) put(id int64, order doc, second int64, visible time.Time) {
	i := id - o.firstID
	if i == int64(len(o.slots)) {
		o.slots = append(o.slots, slot{visible: visible})
		for _, n := range texts(order, o.number) {
			o.everMade[n]++
		}
	}
	o.unindex(id)
	for _, n := range texts(order, o.number) {
		o.byNumber[n] = append(o.byNumber[n], id)
	}
	o.slots[i].order, o.slots[i].second = order, second
	o.lastSecond = max(o.lastSecond, second)
}

func (o *orders) remove(id int64) {
	o.unindex(id)
	o.slots[id-o.firstID].order = nil
}

// unindex forgets the numbers of an order, and the lists with it.
func (o *orders) unindex(id int64) {
	for _, n := range texts(o.get(id), o.number) {
		ids := slices.DeleteFunc(o.byNumber[n], func(x int64) bool { return x == id })
		if len(ids) == 0 {
			delete(o.byNumber, n)
		} else {
			o.byNumber[n] = ids
		}
	}
	clear(o.lists)
	o.byTime = nil
}

// all iterates over the existing orders by ascending id.
func (o *orders) all() iter.Seq2[int64, doc] {
	return func(yield func(int64, doc) bool) {
		for i := range o.slots {
			if order := o.slots[i].order; order != nil && !yield(o.firstID+int64(i), order) {
				return
			}
		}
	}
}

// visible returns the orders that lists show, by ascending id. If numbers isn't nil, only those
// with one of the numbers.
func (o *orders) visible(now time.Time, numbers []string) []doc {
	var out []doc
	if numbers == nil {
		for i := range o.slots {
			if sl := &o.slots[i]; sl.order != nil && !sl.visible.After(now) {
				out = append(out, sl.order)
			}
		}
		return out
	}
	var ids []int64
	for _, n := range numbers {
		ids = append(ids, o.byNumber[n]...)
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if sl := &o.slots[id-o.firstID]; !sl.visible.After(now) {
			out = append(out, sl.order)
		}
	}
	return out
}

// since returns up to limit orders by (second, id) whose latest change is after the position and
// not after its cutoff, and for which keep reports true.
func (o *orders) since(at feedPosition, limit int, now time.Time, keep func(doc) bool) (out []any, last change) {
	if o.byTime == nil {
		for id := range o.all() {
			o.byTime = append(o.byTime, change{o.slots[id-o.firstID].second, id})
		}
		slices.SortFunc(o.byTime, change.compare)
	}
	last = at.after
	i := sort.Search(len(o.byTime), func(i int) bool { return o.byTime[i].compare(at.after) > 0 })
	for ; i < len(o.byTime) && o.byTime[i].second <= at.cutoff && len(out) < limit; i++ {
		c := o.byTime[i]
		if sl := &o.slots[c.id-o.firstID]; !sl.visible.After(now) && keep(sl.order) {
			out, last = append(out, sl.order), c
		}
	}
	return out, last
}

func (c change) compare(d change) int {
	return cmp.Or(cmp.Compare(c.second, d.second), cmp.Compare(c.id, d.id))
}
