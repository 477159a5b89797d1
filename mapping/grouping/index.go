// Package grouping finds out which rows of a sheet are one order. It knows no columns: mapping
// gives it the key of each row.
package grouping

// None is the group of a row that gives neither an order number nor an id.
const None = -1

// Index says which order each row of a sheet belongs to, wherever the rows are. The zero Index is
// empty. It takes 4 bytes a row and less than 64 bytes an order: 16 MB for a million rows of
// 400,000 orders.
type Index struct {
	keys      Keys
	sizes     []uint32 // rows of each group
	rows      []uint32 // 1 + the group of each row; 0 is None
	scattered bitset   // groups with rows of others between theirs
	count     int      // of scattered groups
	last      int      // 1 + the group of the latest row that has one
}

// bitset is a set of small numbers.
type bitset []uint64

func (b bitset) has(i int) bool { return i/64 < len(b) && b[i/64]>>(i%64)&1 == 1 }

func (b *bitset) add(i int) {
	for len(*b) <= i/64 {
		*b = append(*b, 0)
	}
	(*b)[i/64] |= 1 << (i % 64)
}

// Add adds a row with the text of its key: an order number, or IDMark and an id; empty for none.
func (g *Index) Add(text []byte) {
	if len(text) == 0 {
		g.rows = append(g.rows, 0)
		return
	}
	n := g.keys.add(text)
	if n == len(g.sizes) {
		g.sizes = append(g.sizes, 0)
	} else if n+1 != g.last && !g.scattered.has(n) {
		g.scattered.add(n)
		g.count++
	}
	g.rows = append(g.rows, uint32(n)+1)
	g.sizes[n]++
	g.last = n + 1
}

// Len returns the number of groups. They are numbered from 0 in the order of their first rows.
func (g *Index) Len() int { return g.keys.Len() }

// Rows returns the number of rows, those without a group included.
func (g *Index) Rows() int { return len(g.rows) }

// Key returns the key of a group.
func (g *Index) Key(group int) Key { return g.keys.Key(group) }

// Find returns the group of a key.
func (g *Index) Find(key Key) (group int, found bool) { return g.keys.Find(key) }

// Of returns the group of a row, or None. Rows are counted from 0 in the order in which they are
// added.
func (g *Index) Of(row int) int { return int(g.rows[row]) - 1 }

// Size returns the number of a group's rows.
func (g *Index) Size(group int) int { return int(g.sizes[group]) }

// Scattered reports whether rows of other groups are between the rows of a group.
func (g *Index) Scattered(group int) bool { return g.scattered.has(group) }

// ScatteredCount returns the number of scattered groups. If it is 0, each group ends where the next
// one begins.
func (g *Index) ScatteredCount() int { return g.count }
