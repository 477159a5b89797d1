package mapping

import (
	"hash/maphash"
)

// NoGroup is the group of a row without an order number.
const NoGroup = -1

// Groups is the grouping index of one sheet: which order each row belongs to, wherever the rows stand (law 8). It is filled in pass 1, one Add
// a row in file order, and read in pass 2. A million rows in 400,000 orders take about 16 MB: 4 bytes a row, and an order's key, its place
// in the key arena, its count and its slots in the hash table.
type Groups struct {
	seed   maphash.Seed
	keys   []byte   // all keys, one after the other
	ends   []uint32 // where each group's key ends in keys
	sizes  []uint32 // rows of each group
	strewn []uint64 // one bit a group: its rows don't stand together
	apart  int      // how many groups are strewn
	slots  []uint32 // open addressing; group+1, 0 is free
	rows   []uint32 // group+1 of each row, 0 is none
	last   int      // the group of the latest row that has one
}

// NewGroups returns an empty index.
func NewGroups() *Groups {
	return &Groups{seed: maphash.MakeSeed(), slots: make([]uint32, 64), last: NoGroup}
}

// Add takes the next row's key and returns its group: groups are numbered from 0 in the order in which they first appear. The empty key
// gives NoGroup; the row is counted all the same.
func (g *Groups) Add(key string) int {
	if key == "" {
		return g.place(NoGroup)
	}
	slot := g.find(maphash.String(g.seed, key), func(k []byte) bool { return string(k) == key })
	if g.slots[slot] != 0 {
		return g.place(int(g.slots[slot]) - 1)
	}
	g.keys = append(g.keys, key...)
	return g.place(g.begin(slot))
}

// AddBytes is Add for a key that isn't kept after the call.
func (g *Groups) AddBytes(key []byte) int {
	if len(key) == 0 {
		return g.place(NoGroup)
	}
	slot := g.find(maphash.Bytes(g.seed, key), func(k []byte) bool { return string(k) == string(key) })
	if g.slots[slot] != 0 {
		return g.place(int(g.slots[slot]) - 1)
	}
	g.keys = append(g.keys, key...)
	return g.place(g.begin(slot))
}

// find walks the table to the key's slot or to the free one where it belongs.
func (g *Groups) find(hash uint64, same func([]byte) bool) int {
	mask := len(g.slots) - 1
	for i := int(hash) & mask; ; i = (i + 1) & mask {
		s := g.slots[i]
		if s == 0 || same(g.key(int(s)-1)) {
			return i
		}
	}
}

// begin makes the group whose key was just appended.
func (g *Groups) begin(slot int) int {
	n := len(g.ends)
	g.ends = append(g.ends, uint32(len(g.keys)))
	g.sizes = append(g.sizes, 0)
	if n%64 == 0 {
		g.strewn = append(g.strewn, 0)
	}
	g.slots[slot] = uint32(n) + 1
	if 4*(n+1) > 3*len(g.slots) {
		g.grow()
	}
	return n
}

func (g *Groups) grow() {
	g.slots = make([]uint32, 2*len(g.slots))
	mask := len(g.slots) - 1
	for n := range g.ends {
		i := int(maphash.Bytes(g.seed, g.key(n))) & mask
		for g.slots[i] != 0 {
			i = (i + 1) & mask
		}
		g.slots[i] = uint32(n) + 1
	}
}

// place notes the group of the next row.
func (g *Groups) place(group int) int {
	g.rows = append(g.rows, uint32(group+1))
	if group == NoGroup {
		return group
	}
	if g.sizes[group] > 0 && group != g.last && !g.Strewn(group) {
		g.strewn[group/64] |= 1 << (group % 64)
		g.apart++
	}
	g.sizes[group]++
	g.last = group
	return group
}

func (g *Groups) key(group int) []byte {
	start := uint32(0)
	if group > 0 {
		start = g.ends[group-1]
	}
	return g.keys[start:g.ends[group]]
}

// Len is the number of groups, Rows the number of rows.
func (g *Groups) Len() int { return len(g.ends) }

// Rows is the number of rows that were added.
func (g *Groups) Rows() int { return len(g.rows) }

// Key is a group's key.
func (g *Groups) Key(group int) string { return string(g.key(group)) }

// Find gives the group of a key.
func (g *Groups) Find(key string) (group int, ok bool) {
	s := g.slots[g.find(maphash.String(g.seed, key), func(k []byte) bool { return string(k) == key })]
	return int(s) - 1, s != 0
}

// Of is the group of a row, counted from 0 in the order of Add.
func (g *Groups) Of(row int) int { return int(g.rows[row]) - 1 }

// Size is the number of a group's rows: in pass 2 a group is whole when that many have come.
func (g *Groups) Size(group int) int { return int(g.sizes[group]) }

// Strewn says that rows of other groups stand among a group's rows. Rows without a number don't count as such.
func (g *Groups) Strewn(group int) bool { return g.strewn[group/64]>>(group%64)&1 == 1 }

// Apart is the number of strewn groups. At 0, pass 2 can stream: each group ends where the next begins.
func (g *Groups) Apart() int { return g.apart }
