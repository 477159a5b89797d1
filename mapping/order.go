package mapping

import (
	"bytes"
	"strconv"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"

	"ordersheet/mapping/catalog"
)

// held is a value of the order with the cell that it came from.
type held struct {
	orderValue
	row     int // index of its row
	cell    *cell.Cell
	clashed bool // another row says otherwise; to say so once is enough
}

// scratch is what planning one order needs; it is used again for the next.
type scratch struct {
	w         *work
	rows      []cell.Row
	arena     []byte       // the text of all values
	heads     []held       // by head slot
	cells     []orderValue // of lines: stride values a line
	items     []int        // the row of each line
	payCells  []orderValue // of payments, likewise
	pays      []int
	out       []byte
	list      []byte
	absent    []bool // by address: nothing of it is there
	generated []byte // the order number that was made up
	shown     string // the order number for problems
	place     *cell.Source
	problems  []problem.Problem
	refused   bool
	clash     int  // 1 + the first row whose total disagrees with an earlier one
	creating  bool // what is written and checked is a new order: with defaults, without what only an update takes
	deleting  bool // only the number counts
}

// Order plans one order from all its rows, in file order: its payload, or why it is refused. The key is what Key gave for the rows; rows
// without a number are planned one at a time, with the key "". The same rows give the same plan. It may be called concurrently after Settle.
func (b *Binding) Order(key string, rows []cell.Row) Planned {
	w := b.start()
	s := w.pool.Get().(*scratch)
	defer w.pool.Put(s)
	s.reset(w, b.Source, rows, key)
	p := Planned{Action: s.action(b.Profile.Mode)}
	if key == "" && p.Action != order.Ignore && !s.generate(b) {
		p.Invalid, p.Problems = true, s.take()
		return p
	}
	s.creating, s.deleting = p.Action == order.Create, p.Action == order.Delete || p.Action == order.Ignore
	for i := range rows {
		s.gather(i)
	}
	if p.Action != order.Ignore {
		p.ID = s.orderID()
	}
	switch p.Action {
	case order.Create:
		s.check()
		p.ExpectedTotal = s.total(b.Profile.TotalCheck)
	case order.Update:
		s.checkChange()
	case order.Upsert:
		s.upsert(&p, b.Profile.TotalCheck)
	}
	p.Number, p.Numbers = s.numbers(b.Kind, key)
	p.Items = append([]int(nil), s.items...)
	p.Invalid = s.refused
	if !p.Invalid && p.Action != order.Ignore {
		p.Payload, p.Fingerprint = s.payload()
	}
	p.Problems = s.take()
	return p
}

func (s *scratch) reset(w *work, place *cell.Source, rows []cell.Row, key string) {
	if cap(s.heads) < w.stride[head] {
		s.heads = make([]held, w.stride[head])
	}
	s.heads = s.heads[:w.stride[head]]
	clear(s.heads)
	s.w, s.place, s.rows, s.shown = w, place, rows, key
	s.arena, s.cells, s.items, s.payCells, s.pays = s.arena[:0], s.cells[:0], s.items[:0], s.payCells[:0], s.pays[:0]
	s.absent = append(s.absent[:0], make([]bool, len(w.places))...)
	s.generated, s.problems, s.refused, s.clash = s.generated[:0], nil, false, 0
	s.creating, s.deleting = false, false
}

// take hands the problems over and lets go of the rows.
func (s *scratch) take() []problem.Problem {
	out := s.problems
	clear(s.heads)
	s.problems, s.rows = nil, nil
	return out
}

// gather takes in one row: what belongs to the order, and perhaps a line or a payment.
func (s *scratch) gather(i int) {
	lineAt, payAt := -1, -1
	w := s.w
	for n := range s.rows[i].Cells {
		c := &s.rows[i].Cells[n]
		if c.Col >= len(w.first) {
			return
		}
		at := w.first[c.Col]
		if at == 0 {
			continue
		}
		for slot := &w.slots[at-1]; ; at, slot = at+1, &w.slots[at] {
			switch {
			case slot == w.command, s.deleting && slot != w.id && !catalog.IsOrderNumber(slot.path): // read before; of no matter here
			case slot.part == head && w.perLine && slot == w.total: // checked line by line
			case slot.part == head:
				s.order(slot, i, c)
			case slot.part == line:
				s.cells, s.items, lineAt = s.within(slot, i, c, s.cells, s.items, lineAt)
			default:
				s.payCells, s.pays, payAt = s.within(slot, i, c, s.payCells, s.pays, payAt)
			}
			if !slot.twin {
				break
			}
		}
	}
}

// within takes in one cell of a line or a payment, which begins with its first value. at is where its values start in cells, or -1.
func (s *scratch) within(slot *slot, i int, c *cell.Cell, cells []orderValue, rows []int, at int) ([]orderValue, []int, int) {
	v := s.convert(slot, i, c)
	if v.form == none {
		return cells, rows, at
	}
	if at < 0 {
		at = len(cells)
		for range s.w.stride[slot.part] {
			cells = append(cells, orderValue{})
		}
		rows = append(rows, i)
	}
	cells[at+slot.index] = v
	return cells, rows, at
}

// order takes in one cell of the order itself: all its rows must agree, or be blank (law 8).
func (s *scratch) order(slot *slot, i int, c *cell.Cell) {
	h := &s.heads[slot.index]
	if h.form == none {
		if v := s.convert(slot, i, c); v.form != none {
			*h = held{orderValue: v, row: i, cell: c}
		}
		return
	}
	if h.clashed || c.Kind == h.cell.Kind && c.Format == h.cell.Format && bytes.Equal(c.Text, h.cell.Text) {
		return
	}
	mark := len(s.arena)
	v := s.convert(slot, i, c)
	if v.form == none || v.form == broken || h.form == broken {
		if h.form == broken && v.form != none {
			*h = held{orderValue: v, row: i, cell: c}
		}
		return
	}
	switch {
	case s.equal(slot, h.orderValue, v):
	case slot == s.w.total: // the lines must be known before it can be told what this means
		if s.clash == 0 {
			s.clash = i + 1
		}
	default:
		s.say(slot, i, problem.Conflict, "field", slot.path, "value", string(s.w.Display.Cell(*c)), "other", string(s.w.Display.Cell(*h.cell)),
			"at", cell.A1(s.rows[h.row].Num, h.cell.Col))
		h.form, h.clashed = broken, true
	}
	s.arena = s.arena[:mark]
}

func (s *scratch) equal(slot *slot, a, b orderValue) bool {
	x, y := s.arena[a.start:a.end], s.arena[b.start:b.end]
	if a.form != b.form {
		return false
	}
	if bytes.Equal(x, y) {
		return true
	}
	if slot.field.Type != catalog.TagsType || len(x) != len(y) {
		return false
	}
	for len(x) > 0 { // tags are a set
		end := bytes.IndexByte(x, 0)
		if !hasItem(y, x[:end]) {
			return false
		}
		x = x[end+1:]
	}
	return true
}

// convert converts a cell into the arena, and says what is wrong with it.
func (s *scratch) convert(slot *slot, i int, c *cell.Cell) orderValue {
	if v, ok := s.clears(slot, i, c); ok {
		return v
	}
	if standsForLong(c) {
		if s.creating {
			s.say(slot, i, problem.ValueElsewhere, "value", string(c.Text))
			return orderValue{form: broken}
		}
		s.say(slot, i, problem.ValueKept, "value", string(c.Text))
		return orderValue{}
	}
	start := len(s.arena)
	out, f, bad := s.w.convert(s.arena, slot, c)
	if bad != nil {
		s.say(slot, i, bad.code, bad.args...)
		if bad.value != "" {
			s.problems[len(s.problems)-1].Value = problem.Shorten(bad.value)
		}
		return orderValue{form: broken}
	}
	s.arena = out
	return orderValue{f, uint32(start), uint32(len(out))}
}

// say adds a problem at the slot's cell in a row.
func (s *scratch) say(slot *slot, i int, code string, args ...string) {
	s.sayAt(s.rows[i].Num, slot.col, slot.header, slot.path, code, args...)
}

func (s *scratch) sayAt(row, col int, header, path, code string, args ...string) {
	p := problem.New(code, append(args, "header", header, "field", path, "cell", cell.A1(row, col))...)
	p.OrderNumber = s.shown
	if s.place != nil {
		p.File, p.Sheet = s.place.File, s.place.Sheet
	}
	s.refused = s.refused || p.Severity == problem.Error
	s.problems = append(s.problems, p)
}

// keyCol is where a problem of the whole order is shown when it has no cell of its own.
func (w *work) keyCol() (col int, header string) {
	if w.keySlot != nil {
		return w.keySlot.col, w.keySlot.header
	}
	return 0, ""
}

// generate deals with a row that has no order number. It says whether the row can still become an order.
func (s *scratch) generate(b *Binding) bool {
	w := s.w
	if len(s.rows) == 0 {
		return false
	}
	if w.keySlot != nil {
		c := s.rows[0].At(w.keySlot.col)
		if v := s.convert(w.keySlot, 0, &c); v.form == broken {
			return false
		}
	}
	col, header := w.keyCol()
	if b.Profile.Generate {
		s.generated = appendGenerated(s.generated[:0], b.Source, s.rows[0].Num)
		s.shown = string(s.generated)
		s.sayAt(s.rows[0].Num, col, header, b.Kind.NumberField(), problem.NumberGenerated, "want", s.shown)
		return true
	}
	s.sayAt(s.rows[0].Num, col, header, b.Kind.NumberField(), problem.NumberMissing)
	return false
}

// appendGenerated makes an order number from where the order stands: GEN-, a mark of the file's and the sheet's name, and the row. The same
// row of the same sheet gets the same number however often it is read, so that a second import finds what the first one made.
func appendGenerated(dst []byte, src *cell.Source, row int) []byte {
	const offset, prime = 2166136261, 16777619 // FNV-1a
	mark := uint32(offset)
	if src != nil {
		for _, c := range []byte(src.File + "\x00" + src.Sheet) {
			mark = (mark ^ uint32(c)) * prime
		}
	}
	dst = append(dst, "GEN-"...)
	for shift := 28; shift >= 4; shift -= 4 {
		dst = append(dst, "0123456789ABCDEF"[mark>>shift&15])
	}
	return strconv.AppendInt(append(dst, '-'), int64(row), 10)
}

// byID says that the key is an order's id in Luminous, since the sheet has no number.
func (s *scratch) byID(key string) bool {
	if s.w.id == nil || s.w.keyFixed != nil || !strings.HasPrefix(key, idKeyPrefix) {
		return false
	}
	if s.w.number == nil {
		return true
	}
	_, f := s.get(s.w.number, -1)
	return f == none
}

// numbers gives the number that the report shows, and all numbers of a purchase order.
func (s *scratch) numbers(k Kind, key string) (number string, all []string) {
	if len(s.generated) > 0 {
		key = s.shown
	}
	if s.byID(key) {
		return "", nil
	}
	if k != "purchase-orders" {
		return key, []string{key}
	}
	if len(s.generated) > 0 {
		return key, []string{key}
	}
	if s.w.number != nil {
		list, _ := s.get(s.w.number, -1)
		for len(list) > 0 {
			end := bytes.IndexByte(list, 0)
			all = append(all, string(list[:end]))
			list = list[end+1:]
		}
	}
	if len(all) == 0 {
		all = []string{key}
	}
	return key, all
}
