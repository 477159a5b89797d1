package mapping

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/shopspring/decimal"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"

	"ordersheet/mapping/catalog"

	"ordersheet/mapping/value"

	"ordersheet/mapping/profile"

	"ordersheet/mapping/detect"
)

// part is where in an order a column's values belong.
type part uint8

const (
	head part = iota // once an order
	line             // once a line
	pay              // once a payment
	parts
)

// work is a binding made ready for rows: its slots, the tree of the payload, and what must be there. It is written in pass 1 only.
type work struct {
	converter
	slots  []slot
	first  []int32 // by column: 1 + the column's first slot, 0 for a column that feeds nothing
	stride [parts]int
	root   *node
	needs  [parts][]need
	either [parts][]*node // sku, product_id: one of them must be there
	places []address
	faults []problem.Problem // constants that can't be used

	number, company, quantity, price *node
	status, lineID                   *node
	kind                             Kind
	historical                       bool
	command, id                      *slot   // nil for none
	clear                            []byte  // the word that empties a field
	extra                            []*node // tax and shipping
	total                            *slot   // the order's total in the sheet, nil for none
	lines                            lineTotals
	perLine                          bool // the column of the total holds the totals of lines
	detector                         *detect.Detector
	keySlot                          *slot  // holds the grouping key; nil for none
	keyFixed                         []byte // the order number that a constant gives to all rows
	keyText, keyLast                 []byte
	pool                             sync.Pool // of *scratch
}

// need is a field that must have a value.
type need struct {
	field *catalog.Field
	leaf  *node // nil when no column and no constant feeds it
	group *node // of an address: its object, nil when nothing feeds it
}

// address is an object of the payload that is sent only when the sheet gives one.
type address struct {
	group *node
	name  *node // nil when it has none
	must  bool  // it is needed unless the order has a company
}

// orderValue is a converted orderValue: a piece of scratch.arena, or of its own for constants.
type orderValue struct {
	form       form
	start, end uint32
}

// broken marks a value that was there but couldn't be converted: it isn't missing.
const broken form = 255

// fixed is a constant or default, converted once.
type fixed struct {
	form form
	text []byte
}

// node is one name in the payload.
type node struct {
	name     string
	key      []byte // "name":
	canon    []byte // the same in the canonical form
	rows     bool   // a list with one object a row: items, payments
	part     part
	place    int            // of a leaf in an address: 1 + its index in work.places
	field    *catalog.Field // of a leaf
	slots    []*slot        // that feed the leaf, leftmost first
	constant *fixed
	fallback *fixed  // only of what is created
	children []*node // in the order of the catalogue; none for a leaf
	sorted   []*node
}

// start compiles the binding once. Observe, Key and Settle call it; Order only reads what it made.
func (b *Binding) start() *work {
	if b.work != nil {
		return b.work
	}
	w := &work{root: &node{}, converter: converter{value.Display{Source: b.Source}}, kind: b.Kind, historical: b.Profile.Historical, clear: []byte(orElse(b.Profile.Clear, profile.DefaultClear))}
	if b.Source == nil {
		w.Source = &cell.Source{}
	}
	w.addSlots(b)
	w.addLeaves(b)
	if b.Profile.Generate {
		w.leaf(b.Kind.NumberField(), catalog.FieldByPath(b.Kind, b.Kind.NumberField()))
	}
	w.root.sort()
	w.addNeeds(b)
	w.addAddresses(b)
	w.findNamed(b)
	w.detector = b.silentDetector()
	w.pool.New = func() any { return new(scratch) }
	b.work = w
	return w
}

// sent says that a create call takes the field.
func sent(f *catalog.Field) bool { return !f.ReadOnly && !f.UpdateOnly }

// used says that cells of the field are read.
func (b *Binding) used(f *catalog.Field) bool {
	return sent(f) || f.UpdateOnly && b.Changes() || f.Path == catalog.CommandPath || f.Path == catalog.IDPath
}

func partOf(path string) part {
	switch {
	case strings.HasPrefix(path, catalog.ItemsPrefix):
		return line
	case strings.HasPrefix(path, catalog.PaymentsPrefix):
		return pay
	}
	return head
}

func (w *work) addSlots(b *Binding) {
	for i := range b.bound {
		c := &b.bound[i]
		if !b.used(c.field) && i != b.total {
			continue
		}
		s := slot{
			col: c.col, header: c.header, path: c.path, field: c.field, part: partOf(c.path), valueMapping: c.valueMapping,
			order: value.ParseDateOrder(strings.ToLower(string(c.dateOrder))), sep: value.ParseSeparator(string(c.decimal)),
			repairs: c.repair & value.RepairsFor(c.field.Type), width: c.width,
		}
		if s.repairs != 0 {
			s.mended = newMended(s.width == 0 && !catalog.IsOrderNumber(s.path))
		}
		s.prepare(b.Profile)
		s.index = w.stride[s.part]
		w.stride[s.part]++
		if n := len(w.slots); n > 0 && w.slots[n-1].col == c.col {
			w.slots[n-1].twin = true
		} else {
			for len(w.first) <= c.col {
				w.first = append(w.first, 0)
			}
			w.first[c.col] = int32(n) + 1
		}
		w.slots = append(w.slots, s)
	}
}

// prepare fills in what follows from the slot's field.
func (s *slot) prepare(p *profile.Profile) {
	s.told = s.field.Type == catalog.DateType && s.order != 0 || s.field.Type != catalog.DateType && s.sep != 0
	s.proof = evidence{col: s.col, left: value.AnyDateOrder, nums: value.AnySeparator}
	if s.field.Minimum != "" {
		s.min = decimal.RequireFromString(s.field.Minimum)
		s.zero = s.min.IsZero()
	}
	switch s.field.Type {
	case catalog.TagsType:
		s.split = orElse(p.TagSeparator, ",;|\n")
	case catalog.ListType:
		s.split = orElse(p.NumberSeparator, ";\n")
	case catalog.EnumType:
		s.choice = map[string]string{}
		for _, v := range s.field.Enum {
			s.choice[v], s.choice[foldChoice(v)] = v, v
		}
		if s.path == catalog.CommandPath {
			s.choice["merge"], s.choice["create"] = "UPSERT", "NEW"
		}
	}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// addLeaves builds the tree of the payload in the order of the catalogue, with a leaf for each field that anything feeds.
func (w *work) addLeaves(b *Binding) {
	fields := catalog.Fields(b.Kind)
	for i := range fields {
		f := &fields[i]
		if f.ReadOnly || !b.used(f) {
			continue
		}
		for j := range w.slots {
			if s := &w.slots[j]; s.field.Path == f.Path {
				n := w.leaf(s.path, f)
				n.slots = append(n.slots, s)
			}
		}
		for j := range b.consts {
			if c := &b.consts[j]; c.field.Path == f.Path {
				w.leaf(c.path, f).constant = w.fix(c, b.Profile)
			}
		}
		for j := range b.defaults {
			if c := &b.defaults[j]; c.field.Path == f.Path {
				w.leaf(c.path, f).fallback = w.fix(c, b.Profile)
			}
		}
	}
}

// leaf finds or makes the node of a path. A custom field's label may hold points; it is one name.
func (w *work) leaf(path string, f *catalog.Field) *node {
	n, rest := w.root, path
	for {
		name, more, deeper := strings.Cut(rest, ".")
		if n.name == "custom_fields" {
			name, deeper = rest, false
		}
		n = n.child(name, partOf(path))
		if !deeper {
			n.field = f
			return n
		}
		n.rows = name+"." == catalog.ItemsPrefix || name+"." == catalog.PaymentsPrefix
		rest = more
	}
}

func (n *node) child(name string, p part) *node {
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	c := &node{name: name, part: p, key: append(value.AppendJSON(nil, []byte(name)), ':'), canon: append(value.AppendQuoted(nil, []byte(name)), ':')}
	n.children = append(n.children, c)
	return c
}

// find gives the node of a path, nil when nothing feeds it.
func (n *node) find(path ...string) *node {
	for _, name := range path {
		i := slices.IndexFunc(n.children, func(c *node) bool { return c.name == name })
		if i < 0 {
			return nil
		}
		n = n.children[i]
	}
	return n
}

func (n *node) sort() {
	n.sorted = slices.Clone(n.children)
	slices.SortFunc(n.sorted, func(a, b *node) int { return strings.Compare(a.name, b.name) })
	for _, c := range n.children {
		c.sort()
	}
}

// fix converts a constant once. One that can't be used is a problem of the whole sheet.
func (w *work) fix(c *boundConst, p *profile.Profile) *fixed {
	if c.field.Type == catalog.CustomType && c.value.Kind == cell.Bool {
		return &fixed{bare, []byte(strconv.FormatBool(strings.EqualFold(c.value.Text, "true")))}
	}
	s := slot{path: c.path, field: c.field, sep: value.Point}
	s.prepare(p)
	if strings.Contains(c.value.Text, "\n") {
		s.split = "\n" // a list in the mapping file; its names may hold the other signs
	}
	text, f, bad := w.convert(nil, &s, &cell.Cell{Kind: c.value.Kind, Text: []byte(c.value.Text)})
	if bad != nil {
		why := problem.New(bad.code, bad.args...)
		w.faults = append(w.faults, problem.New(problem.ConstantBad, "value", c.value.Text, "field", c.path, "why", why.Message, "want", why.Expected))
		return nil
	}
	return &fixed{f, text}
}

// addNeeds lists the fields that must have a value.
func (w *work) addNeeds(b *Binding) {
	fields := catalog.Fields(b.Kind)
	for i := range fields {
		f := &fields[i]
		if !sent(f) || f.Required == catalog.Never || f.Required == catalog.ForUpdateNumber {
			continue
		}
		path := strings.Split(f.Path, ".")
		n := need{field: f, leaf: w.root.find(path...)}
		p := partOf(f.Path)
		switch f.Required {
		case catalog.SKUOrProduct:
			if n.leaf != nil {
				w.either[p] = append(w.either[p], n.leaf)
			}
			continue
		case catalog.UnlessCompany, catalog.WithAddress:
			n.group = w.root.find(path[0])
		}
		w.needs[p] = append(w.needs[p], n)
	}
}

// addAddresses lists the addresses that anything feeds.
func (w *work) addAddresses(b *Binding) {
	for _, name := range []string{"bill_to", "ship_to"} {
		a := address{group: w.root.find(name), name: w.root.find(name, "name")}
		if a.group == nil {
			continue
		}
		if f := catalog.FieldByPath(b.Kind, name+".name"); f != nil {
			a.must = f.Required == catalog.UnlessCompany
		}
		w.places = append(w.places, a)
		for _, leaf := range a.group.children {
			leaf.place = len(w.places)
		}
	}
}

// findNamed finds the nodes that the checks speak of by name.
func (w *work) findNamed(b *Binding) {
	w.number, w.company = w.root.find(b.Kind.NumberField()), w.root.find("company_id")
	w.quantity, w.price = w.root.find("items", "quantity"), w.root.find("items", "unit_price")
	w.status, w.lineID = w.root.find(catalog.StatusPath), w.root.find("items", "id")
	for _, name := range []string{"total_tax", "total_shipping", "total_shipping_cost"} {
		if n := w.root.find(name); n != nil {
			w.extra = append(w.extra, n)
		}
	}
	for i := range w.slots {
		s := &w.slots[i]
		if b.total >= 0 && s.col == b.bound[b.total].col && s.path == b.bound[b.total].path {
			w.total = s
		}
		switch s.path {
		case catalog.CommandPath:
			w.command = s
		case catalog.IDPath:
			w.id = s
		}
	}
	if w.number == nil {
		return
	}
	if c := w.number.constant; c != nil {
		w.keyFixed, _ = firstItem(c.form, c.text)
	} else if len(w.number.slots) > 0 {
		w.keySlot = w.number.slots[0]
	}
}
