package plan

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/mapping"
	"ordersheet/mapping/grouping"
)

// orderPlanner is pass 2: it reads rows from the ledger's spool and writes orders into the ledger.
type orderPlanner struct {
	*planner
	out        ledger.OrderWriter
	open       map[int]*orderBuffer // by group of the current sheet
	free       []*orderBuffer
	total      int64                         // orders, as far as known
	done       int64                         // orders
	shared     map[grouping.Key][]sheetOrder // orders with rows in several sheets
	lookAlikes map[int]string                // groups whose number can be mistaken for another, and that number
	duplicates map[grouping.Key]string       // orders that share a number with another: why they are held
}

// sheetOrder is what one sheet says about an order that is in several.
type sheetOrder struct {
	sheet   *sheetPlanner
	planned mapping.Planned
	refs    []ledger.RowRef
}

// planOrders plans the orders of all sheets, each as soon as its last row was read.
func (p *planner) planOrders(ctx context.Context) error {
	o := &orderPlanner{planner: p, out: p.ledger.PutOrders(p.run.ID), shared: map[grouping.Key][]sheetOrder{}}
	o.findShared()
	for _, s := range p.sheets {
		o.total += int64(s.plan.Groups().Len())
	}
	var err error
	o.duplicates, err = o.findDuplicates(ctx)
	for _, s := range p.sheets {
		if err == nil {
			err = o.planSheet(ctx, s)
		}
	}
	if err == nil {
		err = o.joinShared()
	}
	if closeErr := o.out.Close(ctx); err == nil {
		err = closeErr
	}
	return err
}

// findShared finds the orders with rows in more than one sheet.
func (o *orderPlanner) findShared() {
	for i, s := range o.sheets {
		if i == 0 {
			continue
		}
		for g := range s.plan.Groups().Len() {
			key := s.plan.Groups().Key(g)
			for _, earlier := range o.sheets[:i] {
				if _, ok := earlier.plan.Groups().Find(key); ok {
					o.shared[key] = nil
				}
			}
		}
	}
}

// planSheet plans the orders of one sheet.
func (o *orderPlanner) planSheet(ctx context.Context, s *sheetPlanner) error {
	o.open, o.lookAlikes = map[int]*orderBuffer{}, map[int]string{}
	groups := s.plan.Groups()
	for _, set := range groups.LookAlikes() {
		for i, g := range set {
			o.lookAlikes[g] = groups.Key(set[(i+1)%len(set)]).Number
		}
	}
	if groups.ScatteredCount() > 0 && groups.Rows() > partRows {
		return o.planScattered(ctx, s)
	}
	return s.eachRow(ctx, func(g int, r *cell.Row) error {
		if g == grouping.None {
			return o.addSingle(s, r)
		}
		return o.add(s, g, r)
	})
}

// eachRow reads a sheet's rows from the spool, merged cells filled, each with its group.
func (s *sheetPlanner) eachRow(ctx context.Context, fn func(group int, r *cell.Row) error) error {
	s.merges.rewind()
	i, groups := 0, s.plan.Groups()
	err := s.ledger.SpoolRows(ctx, s.run.ID, s.src.N, func(r *cell.Row) error {
		g := groups.Of(i)
		i++
		if s.merges.Needed() {
			r = s.merges.Fill(r)
		}
		return fn(g, r)
	})
	if err == nil && i != groups.Rows() {
		return fmt.Errorf("reading the spooled rows of %s: %d of %d came back", s.name(), i, groups.Rows())
	}
	return err
}

// add adds a row to its order and plans the order with its last row.
func (o *orderPlanner) add(s *sheetPlanner, g int, r *cell.Row) error {
	b := o.open[g]
	if b == nil {
		b = o.newBuffer()
		b.missing = s.plan.Groups().Size(g)
		o.open[g] = b
	}
	b.add(r, s.src.N)
	if b.missing--; b.missing > 0 {
		return nil
	}
	delete(o.open, g)
	planned := s.plan.Order(g, b.rows)
	o.run.Rows.Used += int64(len(b.rows))
	refs := append([]ledger.RowRef(nil), b.refs...)
	b.reset()
	o.free = append(o.free, b)
	var key grouping.Key
	if len(o.duplicates)+len(o.shared) > 0 {
		key = s.plan.Groups().Key(g)
	}
	if other, ok := o.lookAlikes[g]; ok {
		s.hold(&planned, refs, problem.New(problem.LookAlike, "value", s.plan.Groups().Key(g).Number, "other", other))
	} else if why := o.duplicates[key]; why != "" {
		s.hold(&planned, refs, problem.New(problem.NumberShared, "why", why))
	}
	if _, ok := o.shared[key]; ok {
		o.shared[key] = append(o.shared[key], sheetOrder{s, planned, refs})
		return nil
	}
	return o.put(s, planned, refs)
}

// addSingle plans a row without an order number: invalid, or an order of its own if numbers are
// generated.
func (o *orderPlanner) addSingle(s *sheetPlanner, r *cell.Row) error {
	planned := s.plan.Order(grouping.None, []cell.Row{*r})
	if planned.Invalid {
		o.run.Rows.Invalid++
		return o.out.AddProblems(0, s.locate(planned.Problems))
	}
	o.run.Rows.Used++
	return o.put(s, planned, []ledger.RowRef{{Source: s.src.N, Row: r.Num}})
}

// put writes one planned order into the ledger.
func (o *orderPlanner) put(s *sheetPlanner, p mapping.Planned, refs []ledger.RowRef) error {
	row := ledger.Order{
		Number: p.Number, Numbers: p.Numbers, Action: p.Action, Payload: p.Payload, Fingerprint: p.Fingerprint,
		ExpectedTotal: p.ExpectedTotal, Rows: refs, Items: p.Items, State: ledger.OrderPlanned, Recreate: o.Options.Recreate,
	}
	if p.Invalid {
		row.State, row.Message = ledger.Invalid, FirstError(p.Problems)
	} else if s.header.Blocked() {
		row.State, row.Payload = ledger.Invalid, nil
		row.Message = "the header row has to be corrected first: " + FirstError(s.header.Problems())
	}
	applyAction(&row, p)
	o.run.Orders++
	if o.done++; o.done%1024 == 0 {
		o.Observe.Tell(Event{Phase: Planning, Done: o.done, Total: o.total})
	}
	_, err := o.out.Add(row, s.locate(p.Problems))
	return err
}

// applyAction sets state, action and change of a planned order.
func applyAction(o *ledger.Order, p mapping.Planned) {
	switch p.Action {
	case heldAction:
		o.State, o.Action = ledger.Held, order.Create
		return
	case order.Create:
		return
	case order.Ignore:
		if o.State == ledger.OrderPlanned {
			o.State, o.Message = ledger.Skipped, "left out, as the sheet says"
		}
		return
	}
	o.Change, o.IfCreated = &order.Change{Requested: p.Action, ID: p.ID, ByID: p.ID != 0}, p.IfCreated
	if p.Created != nil && o.Payload != nil && !bytes.Equal(p.Created, p.Payload) {
		o.Payload, o.Change.Want = p.Created, p.Payload
	}
	if o.Number == "" && p.ID != 0 {
		o.Number, o.Numbers, o.Change.NoNumber = fmt.Sprintf("id %d", p.ID), nil, true // until comparing finds the order's own
	}
}

// heldAction marks a planned order that a person has to decide about.
const heldAction = "held"

// hold holds a planned order, with the reason at its first row.
func (s *sheetPlanner) hold(planned *mapping.Planned, refs []ledger.RowRef, p problem.Problem) {
	planned.Action, planned.Invalid, planned.Payload = heldAction, true, nil
	p.Field, p.OrderNumber, p.Value = s.header.Kind.NumberField(), planned.Number, planned.Number
	if col, ok := s.header.Columns.Column(p.Field); ok {
		p.Cell, p.Header = cell.A1(refs[0].Row, col.Col), col.Header
	}
	planned.Problems = append(planned.Problems, p)
}

// FirstError returns the message of the first error; empty when there is none.
func FirstError(problems []problem.Problem) string {
	for _, p := range problems {
		if p.Severity == problem.Error {
			return p.Message
		}
	}
	return ""
}

// joinShared plans the orders that are in several sheets: one order if they agree, held otherwise.
func (o *orderPlanner) joinShared() error {
	for _, s := range o.sheets {
		for g := range s.plan.Groups().Len() {
			key := s.plan.Groups().Key(g)
			if same := o.shared[key]; len(same) > 0 {
				delete(o.shared, key)
				if err := o.join(same); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (o *orderPlanner) join(same []sheetOrder) error {
	first := same[0]
	agree := true
	var names []string
	for i, p := range same {
		names = append(names, p.sheet.name())
		agree = agree && !p.planned.Invalid && p.planned.Fingerprint == first.planned.Fingerprint
		if i > 0 {
			first.refs = append(first.refs, p.refs...)
		}
	}
	if !agree && !first.planned.Invalid {
		first.sheet.hold(&first.planned, first.refs, problem.New(problem.NumberShared, "why", fmt.Sprintf(
			"order %s is in %s, and they differ", first.planned.Number, strings.Join(names, " and in "))))
	}
	return o.put(first.sheet, first.planned, first.refs)
}

// orderBuffer holds the rows of an order until its last one was read.
type orderBuffer struct {
	rows    []cell.Row
	cells   []cell.Cell // backs rows
	text    []byte      // backs cells
	refs    []ledger.RowRef
	missing int // rows to come
}

func (o *orderPlanner) newBuffer() *orderBuffer {
	if n := len(o.free); n > 0 {
		b := o.free[n-1]
		o.free = o.free[:n-1]
		return b
	}
	return &orderBuffer{}
}

// add copies a row, which is valid only until the next one is read.
func (b *orderBuffer) add(r *cell.Row, source int) {
	at := len(b.cells)
	for _, c := range r.Cells {
		n := len(b.text)
		b.text = append(b.text, c.Text...)
		c.Text = b.text[n:len(b.text):len(b.text)]
		b.cells = append(b.cells, c)
	}
	b.rows = append(b.rows, cell.Row{Num: r.Num, Hidden: r.Hidden, Cells: b.cells[at:len(b.cells):len(b.cells)]})
	b.refs = append(b.refs, ledger.RowRef{Source: source, Row: r.Num})
}

func (b *orderBuffer) reset() {
	b.rows, b.cells, b.text, b.refs = b.rows[:0], b.cells[:0], b.text[:0], b.refs[:0]
}
