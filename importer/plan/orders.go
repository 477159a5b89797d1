package plan

import (
	"fmt"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
	"ordersheet/mapping"
)

// orderBuffer is one order whose rows are still coming.
type orderBuffer struct {
	rows    []cell.Row
	cells   []cell.Cell // backs rows
	text    []byte      // backs cells
	refs    []ledger.RowRef
	missing int // rows to come
}

// orderPlanner is pass 2: rows come out of the ledger's spool, orders go back into it.
type orderPlanner struct {
	*planner
	out        *ledger.OrderWriter
	open       map[int]*orderBuffer // by group of the sheet that is being planned
	free       []*orderBuffer
	total      int64                   // orders, as far as known
	shared     map[string][]sheetOrder // orders with rows in several sheets, by key
	lookAlikes map[int]string          // groups whose number can be mistaken for another, and which
	duplicates map[string]string       // orders that share a number with another: why they are held
	done       int64
}

// sheetOrder is what one sheet says of an order that stands in several.
type sheetOrder struct {
	sheet   *sheetPlanner
	planned mapping.Planned
	refs    []ledger.RowRef
}

// orders plans the orders of all sheets, each as soon as its last row has been seen.
func (p *planner) orders() error {
	o := &orderPlanner{planner: p, out: p.ledger.PutOrders(p.run.ID), shared: map[string][]sheetOrder{}}
	o.findShared()
	for _, s := range p.sheets {
		o.total += int64(s.groups.Len())
	}
	var err error
	o.duplicates, err = o.findDuplicates()
	for _, s := range p.sheets {
		if err == nil {
			err = o.sheet(s)
		}
	}
	if err == nil {
		err = o.joinShared()
	}
	if closeErr := o.out.Close(p.ctx); err == nil {
		err = closeErr
	}
	return err
}

// findShared finds the orders that have rows in more than one sheet.
func (o *orderPlanner) findShared() {
	for i, s := range o.sheets {
		for g := range s.groups.Len() {
			for _, earlier := range o.sheets[:i] {
				if key := s.groups.Key(g); earlier.has(key) {
					o.shared[key] = nil
				}
			}
		}
	}
}

func (s *sheetPlanner) has(key string) bool {
	_, ok := s.groups.Find(key)
	return ok
}

// findLookAlikes finds the orders of a sheet whose numbers can be mistaken for one another.
func (o *orderPlanner) findLookAlikes(s *sheetPlanner) {
	o.lookAlikes = map[int]string{}
	for _, set := range s.groups.LookAlikes() {
		for i, g := range set {
			o.lookAlikes[g] = s.groups.Key(set[(i+1)%len(set)])
		}
	}
}

// sheet plans the orders of one sheet.
func (o *orderPlanner) sheet(s *sheetPlanner) error {
	o.findLookAlikes(s)
	o.open = map[int]*orderBuffer{}
	if s.groups.Apart() > 0 && s.groups.Rows() > partRows {
		return o.scattered(s)
	}
	return o.eachRow(s, func(g int, r *cell.Row) error {
		if g == mapping.NoGroup {
			return o.single(s, r)
		}
		return o.add(s, g, r)
	})
}

// eachRow reads a sheet's rows out of the spool, merged cells filled, each with its group.
func (o *orderPlanner) eachRow(s *sheetPlanner, fn func(group int, r *cell.Row) error) error {
	s.merges.rewind()
	i := 0
	err := o.ledger.SpoolRows(o.ctx, o.run.ID, s.src.N, func(r *cell.Row) error {
		g := s.groups.Of(i)
		i++
		if s.merges.Needed() {
			r = s.merges.Fill(r)
		}
		return fn(g, r)
	})
	if err == nil && i != s.groups.Rows() {
		return fmt.Errorf("reading the spooled rows of %s: %d of %d came back", s.name(), i, s.groups.Rows())
	}
	return err
}

// add adds a row to its order and plans the order once its last row is there.
func (o *orderPlanner) add(s *sheetPlanner, g int, r *cell.Row) error {
	q := o.open[g]
	if q == nil {
		q = o.newBuffer()
		q.missing = s.groups.Size(g)
		o.open[g] = q
	}
	q.add(r, s.src.N)
	if q.missing--; q.missing > 0 {
		return nil
	}
	delete(o.open, g)
	key := s.groups.Key(g)
	planned := s.binding.Order(key, q.rows)
	o.run.Rows.Used += int64(len(q.rows))
	refs := append([]ledger.RowRef(nil), q.refs...)
	q.reset()
	o.free = append(o.free, q)
	if other, ok := o.lookAlikes[g]; ok {
		s.hold(&planned, refs, problem.LookAlike, fmt.Sprintf("the order number %q can be mistaken for %q, which stands in this file too", key, other))
	} else if why := o.duplicates[key]; why != "" {
		s.hold(&planned, refs, problem.NumberShared, why)
	}
	if _, ok := o.shared[key]; ok {
		o.shared[key] = append(o.shared[key], sheetOrder{s, planned, refs})
		return nil
	}
	return o.put(s, planned, refs)
}

// single plans a row without an order number: refused, or an order of its own when numbers are to be generated.
func (o *orderPlanner) single(s *sheetPlanner, r *cell.Row) error {
	planned := s.binding.Order("", []cell.Row{*r})
	if planned.Refused {
		o.run.Rows.Refused++
		for i := range planned.Problems {
			planned.Problems[i].File, planned.Problems[i].Sheet = s.src.File, s.src.Sheet
		}
		return o.out.AddProblems(0, planned.Problems)
	}
	o.run.Rows.Used++
	return o.put(s, planned, []ledger.RowRef{{Source: s.src.N, Row: r.Num}})
}

// put writes one planned order into the ledger.
func (o *orderPlanner) put(s *sheetPlanner, p mapping.Planned, refs []ledger.RowRef) error {
	for i := range p.Problems {
		p.Problems[i].File, p.Problems[i].Sheet = s.src.File, s.src.Sheet
	}
	row := ledger.Order{
		Number: p.Number, Numbers: p.Numbers, Action: p.Action, Payload: p.Payload, Fingerprint: p.Fingerprint, ExpectedTotal: p.ExpectedTotal,
		Rows: refs, Items: p.Items, State: ledger.OrderPlanned, Again: o.job.Recreate,
	}
	if p.Refused {
		row.State, row.Message = ledger.Refused, FirstError(p.Problems)
	} else if s.binding.Blocked() {
		row.State, row.Message, row.Payload = ledger.Refused, "the header row has to be put right first: "+FirstError(s.binding.Problems()), nil
	}
	applyAction(&row, p)
	o.run.Orders++
	if o.done++; o.done%1024 == 0 {
		o.job.Observe.Tell(Event{Phase: Planning, Done: o.done, Total: o.total})
	}
	_, err := o.out.Add(row, p.Problems)
	return err
}

// heldAction marks a planned order that a person has to look at before anything is sent.
const heldAction = "held"

// hold turns a planned order into one that is held, with the reason at its first row.
func (s *sheetPlanner) hold(p *mapping.Planned, refs []ledger.RowRef, code, why string) {
	p.Action, p.Refused, p.Payload = heldAction, true, nil
	problem := problem.Problem{
		Severity: problem.Error, Code: code, Field: s.binding.Kind.NumberField(), OrderNumber: p.Number, Value: p.Number, Message: why,
		Expected: "a number that belongs to one order", Hint: "keep the one that is right, or give the other a number of its own",
	}
	if col, ok := s.binding.Columns.Column(s.binding.Kind.NumberField()); ok {
		problem.Cell, problem.Header = cell.A1(refs[0].Row, col.Col), col.Header
	}
	p.Problems = append(p.Problems, problem)
}

func FirstError(ps []problem.Problem) string {
	for _, p := range ps {
		if p.Severity == problem.Error {
			return p.Message
		}
	}
	return ""
}

// joinShared decides about the orders that stand in several sheets: one order when they agree, held when they don't.
func (o *orderPlanner) joinShared() error {
	for _, s := range o.sheets {
		for g := range s.groups.Len() {
			key := s.groups.Key(g)
			parts := o.shared[key]
			if len(parts) == 0 {
				continue
			}
			delete(o.shared, key)
			if err := o.join(parts); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *orderPlanner) join(parts []sheetOrder) error {
	first := parts[0]
	agree := !first.planned.Refused
	var places []string
	for i, p := range parts {
		places = append(places, p.sheet.name())
		if i == 0 {
			continue
		}
		agree = agree && !p.planned.Refused && p.planned.Fingerprint == first.planned.Fingerprint
		first.refs = append(first.refs, p.refs...)
	}
	if !agree && !first.planned.Refused {
		first.sheet.hold(&first.planned, first.refs, problem.NumberShared, fmt.Sprintf(
			"order %s stands in %s, and they don't say the same", first.planned.Number, strings.Join(places, " and in ")))
	}
	return o.put(first.sheet, first.planned, first.refs)
}

func (o *orderPlanner) newBuffer() *orderBuffer {
	if n := len(o.free); n > 0 {
		q := o.free[n-1]
		o.free = o.free[:n-1]
		return q
	}
	return &orderBuffer{}
}

// add copies a row, whose bytes live only until the next one.
func (q *orderBuffer) add(r *cell.Row, source int) {
	at := len(q.cells)
	for _, c := range r.Cells {
		n := len(q.text)
		q.text = append(q.text, c.Text...)
		c.Text = q.text[n:len(q.text):len(q.text)]
		q.cells = append(q.cells, c)
	}
	q.rows = append(q.rows, cell.Row{Num: r.Num, Hidden: r.Hidden, Cells: q.cells[at:len(q.cells):len(q.cells)]})
	q.refs = append(q.refs, ledger.RowRef{Source: source, Row: r.Num})
}

func (q *orderBuffer) reset() {
	q.rows, q.cells, q.text, q.refs = q.rows[:0], q.cells[:0], q.text[:0], q.refs[:0]
}
