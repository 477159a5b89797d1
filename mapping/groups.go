package mapping

// NoGroup is the group of a row that gives neither an order number nor an id.
const NoGroup = -1

// Groups says which order each row of a sheet belongs to, wherever the rows are. A Scan fills it.
// It takes 4 bytes a row and less than 64 bytes an order: 16 MB for a million rows of 400,000
// orders.
type Groups struct {
	keys      Keys
	sizes     []uint32 // rows of each group
	rows      []uint32 // 1 + the group of each row; 0 is NoGroup
	scattered bitset   // groups with rows of others between theirs
	count     int      // of scattered groups
	last      int      // group of the latest row that has one
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

// add adds a row. The text is that of its key; empty for none.
func (g *Groups) add(text []byte) {
	if len(text) == 0 {
		g.rows = append(g.rows, 0)
		return
	}
	n := g.keys.add(text)
	if n == len(g.sizes) {
		g.sizes = append(g.sizes, 0)
	} else if n != g.last && !g.scattered.has(n) {
		g.scattered.add(n)
		g.count++
	}
	g.rows = append(g.rows, uint32(n)+1)
	g.sizes[n]++
	g.last = n
}

// Len returns the number of groups. They are numbered from 0 in the order of their first rows.
func (g *Groups) Len() int { return g.keys.Len() }

// Rows returns the number of rows, those without a group included.
func (g *Groups) Rows() int { return len(g.rows) }

// Key returns the key of a group.
func (g *Groups) Key(group int) Key { return g.keys.Key(group) }

// Find returns the group of a key.
func (g *Groups) Find(key Key) (group int, found bool) { return g.keys.Find(key) }

// Of returns the group of a row, or NoGroup. Rows are counted from 0 in the order of Scan.Add.
func (g *Groups) Of(row int) int { return int(g.rows[row]) - 1 }

// Size returns the number of a group's rows.
func (g *Groups) Size(group int) int { return int(g.sizes[group]) }

// Scattered reports whether rows of other groups are between the rows of a group.
func (g *Groups) Scattered(group int) bool { return g.scattered.has(group) }

// ScatteredCount returns the number of scattered groups. If it is 0, each group ends where the next
// one begins.
func (g *Groups) ScatteredCount() int { return g.count }
