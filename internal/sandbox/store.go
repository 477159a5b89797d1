package sandbox

import (
	"cmp"
	"slices"
	"sort"
	"time"
)

// record is an order of either kind. Stored records are never modified: a change stores a new one.
type record interface {
	comparable
	id() int64
	numbers() []string
}

// store holds the orders of one kind. Sandbox.mu guards it.
type store[R record] struct {
	first    int64
	slots    []slot[R] // by id - first
	live     int
	byNumber map[string][]int64
	created  map[string]int // number of orders ever created, by order number
	changes  []change       // all writes by time
	version  int            // incremented by each write
	lists    map[string]cachedList
}

type slot[R record] struct {
	rec     R
	visible time.Time // when lists begin to show the record
	change  int       // index of the latest change
	exists  bool
}

// change is one write. Seconds are the resolution of the API's timestamps.
type change struct{ second, id int64 }

// cachedList holds the result of a list query for further pages.
type cachedList struct {
	version int
	ids     []int64
}

func newStore[R record](first int64) *store[R] {
	return &store[R]{first: first, byNumber: map[string][]int64{}, created: map[string]int{}, lists: map[string]cachedList{}}
}

// next returns the id of the next new record.
func (s *store[R]) next() int64 { return s.first + int64(len(s.slots)) }

func (s *store[R]) get(id int64) (rec R, ok bool) {
	i := id - s.first
	if i < 0 || i >= int64(len(s.slots)) || !s.slots[i].exists {
		return rec, false
	}
	return s.slots[i].rec, true
}

// previous returns the record before id, or fallback if there is none.
func (s *store[R]) previous(id int64, fallback R) R {
	if rec, ok := s.get(id - 1); ok {
		return rec
	}
	return fallback
}

// put stores a record, new or changed. second is the time of the write and must not decrease.
func (s *store[R]) put(rec R, second int64, visible time.Time) {
	i := rec.id() - s.first
	if i == int64(len(s.slots)) {
		s.slots = append(s.slots, slot[R]{})
		s.live++
		for _, n := range rec.numbers() {
			s.created[n]++
		}
	} else {
		s.unindex(s.slots[i].rec)
		visible = s.slots[i].visible
	}
	for _, n := range rec.numbers() {
		s.byNumber[n] = append(s.byNumber[n], rec.id())
	}
	s.changes = append(s.changes, change{second, rec.id()})
	s.slots[i] = slot[R]{rec, visible, len(s.changes) - 1, true}
	s.version++
	s.compact()
}

func (s *store[R]) remove(id int64) {
	i := id - s.first
	s.unindex(s.slots[i].rec)
	s.slots[i] = slot[R]{change: -1}
	s.live--
	s.version++
}

func (s *store[R]) unindex(rec R) {
	for _, n := range rec.numbers() {
		ids := slices.DeleteFunc(s.byNumber[n], func(id int64) bool { return id == rec.id() })
		if len(ids) == 0 {
			delete(s.byNumber, n)
		} else {
			s.byNumber[n] = ids
		}
	}
}

// compact drops superseded changes once they are the majority.
func (s *store[R]) compact() {
	if len(s.changes) < 1024 || len(s.changes) < 3*s.live {
		return
	}
	kept := s.changes[:0]
	for i, c := range s.changes {
		if sl := &s.slots[c.id-s.first]; sl.exists && sl.change == i {
			sl.change = len(kept)
			kept = append(kept, c)
		}
	}
	s.changes = kept
}

// lastSecond returns the time of the latest write.
func (s *store[R]) lastSecond() int64 {
	if len(s.changes) == 0 {
		return 0
	}
	return s.changes[len(s.changes)-1].second
}

// each calls fn with every record by ascending id.
func (s *store[R]) each(fn func(R)) {
	for i := range s.slots {
		if s.slots[i].exists {
			fn(s.slots[i].rec)
		}
	}
}

// withNumbers returns the ids of the records with one of the numbers, in ascending order.
func (s *store[R]) withNumbers(numbers []string) []int64 {
	var ids []int64
	for _, n := range numbers {
		ids = append(ids, s.byNumber[n]...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// changed returns up to limit records by (second, id) whose latest change is after the given one
// and not after cutoff, and for which keep reports true.
func (s *store[R]) changed(after change, cutoff int64, limit int, now time.Time, keep func(R) bool) (out []R, last change) {
	last = after
	i := sort.Search(len(s.changes), func(i int) bool { return s.changes[i].second >= after.second })
	for i < len(s.changes) && s.changes[i].second <= cutoff && len(out) < limit {
		j := i
		var group []change
		for ; j < len(s.changes) && s.changes[j].second == s.changes[i].second; j++ {
			c := s.changes[j]
			sl := s.slots[c.id-s.first]
			if sl.exists && sl.change == j && !sl.visible.After(now) && (c.second > after.second || c.id > after.id) && keep(sl.rec) {
				group = append(group, c)
			}
		}
		slices.SortFunc(group, func(a, b change) int { return cmp.Compare(a.id, b.id) })
		for _, c := range group[:min(len(group), limit-len(out))] {
			out = append(out, s.slots[c.id-s.first].rec)
			last = c
		}
		i = j
	}
	return out, last
}
