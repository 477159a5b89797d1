package mapping

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/profile"
	"ordersheet/mapping/value"
)

// compiledHeader is a Header made ready for rows: its columns, the tree of the payload, and what an
// order must have. A Scan writes to it, a Plan only reads it.
type compiledHeader struct {
	*Header
	display  value.Display
	columns  []column
	first    []int32       // by sheet column: 1 + the index of its first column; 0 feeds nothing
	count    [sections]int // columns of each section
	root     *node
	required [sections][]requirement
	products []*node // the SKU and the product id of a line: one of them must be there
	address  []address
	invalid  []problem.Problem // about constants

	number, company, status, lineID, quantity, price *node   // nil for none
	extras                                           []*node // tax and shipping
	key, id, command, total                          *column // nil for none; key has the order number
	constantKey                                      []byte  // the order number that a constant gives to all rows
	lineTotals                                       bool    // the column of the total holds the totals of lines
	clear                                            []byte  // the word that empties a field
	lastRow                                          int     // of the header's table object
}

// requirement is a field that must have a value.
type requirement struct {
	field   *catalog.Field
	leaf    *node // nil if nothing feeds it
	address *node // nil if nothing feeds the address that it is part of
}

// address is an object of the payload that is sent only if the sheet gives one.
type address struct {
	node     *node
	name     *node // nil if it has none
	required bool  // unless the order has a company
}

// node is one name in the payload.
type node struct {
	name      string
	key       []byte  // "name":
	canonical []byte  // the same in the canonical form
	records   section // of a list of lines or payments; orderSection for any other node
	address   int     // of a leaf in an address: 1 + its index in compiledHeader.address
	field     *catalog.Field
	columns   []*column // that feed the leaf, leftmost first
	constant  *constantValue
	fallback  *constantValue // of new orders only
	children  []*node        // in the order of the catalog; none for a leaf
	sorted    []*node
}

// constantValue is a converted constant or default.
type constantValue struct {
	form form
	text []byte
}

func compile(h *Header, src *cell.Source) *compiledHeader {
	if src == nil {
		src = &cell.Source{}
	}
	c := &compiledHeader{
		Header: h, root: &node{}, display: value.Display{Source: src}, clear: []byte(cmp.Or(h.Profile.Clear, profile.DefaultClear)),
	}
	if t := h.table; t != nil {
		c.lastRow = t.Range.Row2
		if t.HasTotals {
			c.lastRow--
		}
	}
	c.addColumns()
	c.addLeaves()
	c.root.sort()
	c.addRequirements()
	c.addAddresses()
	c.findNamed()
	return c
}

func sectionOf(path string) section {
	switch {
	case strings.HasPrefix(path, catalog.ItemsPrefix):
		return lineSection
	case strings.HasPrefix(path, catalog.PaymentsPrefix):
		return paymentSection
	}
	return orderSection
}

func (c *compiledHeader) addColumns() {
	for _, m := range c.mapped {
		if !c.reads(m.field) && m.path != c.Kind.TotalField() {
			continue
		}
		m.Repair &= value.RepairsFor(m.field.Type)
		x := column{mappedColumn: m, section: sectionOf(m.path)}
		if x.Repair&value.RepairZeros != 0 && x.Width == 0 && !catalog.IsOrderNumber(x.path) {
			x.widths = &identifierWidths{}
		}
		x.prepare(c.Profile)
		x.index = c.count[x.section]
		c.count[x.section]++
		if n := len(c.columns); n > 0 && c.columns[n-1].col == x.col {
			c.columns[n-1].next = true
		} else {
			for len(c.first) <= x.col {
				c.first = append(c.first, 0)
			}
			c.first[x.col] = int32(n) + 1
		}
		c.columns = append(c.columns, x)
	}
}

// prepare derives what follows from the column's field.
func (c *column) prepare(p *profile.Profile) {
	isDate := c.field.Type == catalog.DateType
	c.given = isDate && c.DateOrder != 0 || !isDate && c.Decimal != 0
	c.evidence = evidence{dates: value.AnyDateOrder, separators: value.AnySeparator, counts: map[string]*count{}}
	for kind := range c.byKind {
		c.byKind[kind] = c.reader(cell.Kind(kind))
	}
	if c.field.Minimum != "" {
		c.min = decimal.RequireFromString(c.field.Minimum)
		c.zeroMin = c.min.IsZero()
	}
	switch c.field.Type {
	case catalog.TagsType:
		c.separators = cmp.Or(p.TagSeparator, ",;|\n")
	case catalog.ListType:
		c.separators = cmp.Or(p.NumberSeparator, ";\n")
	case catalog.EnumType:
		c.choices = map[string]string{}
		for _, v := range c.field.Enum {
			c.choices[v], c.choices[foldChoice(v)] = v, v
		}
		if c.path == catalog.CommandPath {
			c.choices["merge"], c.choices["create"] = "UPSERT", "NEW"
		}
	}
}

// addLeaves builds the tree of the payload, with a leaf for each field that anything feeds.
func (c *compiledHeader) addLeaves() {
	fields := catalog.Fields(c.Kind)
	for i := range fields {
		f := &fields[i]
		if f.ReadOnly || !c.reads(f) {
			continue
		}
		for j := range c.columns {
			if x := &c.columns[j]; x.field.Path == f.Path {
				n := c.leaf(x.path, f)
				n.columns = append(n.columns, x)
			}
		}
		for j := range c.constants {
			if x := &c.constants[j]; x.field.Path == f.Path {
				c.leaf(x.path, f).constant = c.convertConstant(x)
			}
		}
		for j := range c.defaults {
			if x := &c.defaults[j]; x.field.Path == f.Path {
				c.leaf(x.path, f).fallback = c.convertConstant(x)
			}
		}
	}
	if number := c.Kind.NumberField(); c.Profile.Generate {
		c.leaf(number, catalog.FieldByPath(c.Kind, number))
	}
}

// leaf finds or makes the node of a path. The label of a custom field is one name, whatever it
// holds.
func (c *compiledHeader) leaf(path string, f *catalog.Field) *node {
	n, rest := c.root, path
	for {
		name, more, deeper := strings.Cut(rest, ".")
		if n.name == "custom_fields" {
			name, deeper = rest, false
		}
		if n = n.child(name); !deeper {
			n.field = f
			return n
		}
		n.records = sectionOf(name + ".")
		rest = more
	}
}

func (n *node) child(name string) *node {
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	c := &node{name: name, key: append(appendString(nil, []byte(name), false), ':'), canonical: append(appendString(nil, []byte(name), true), ':')}
	n.children = append(n.children, c)
	return c
}

// find returns the node of a path, or nil if nothing feeds it.
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

// column returns the first column that feeds the node; nil for none. The node may be nil.
func (n *node) column() *column {
	if n == nil || len(n.columns) == 0 {
		return nil
	}
	return n.columns[0]
}

func (n *node) sort() {
	n.sorted = slices.Clone(n.children)
	slices.SortFunc(n.sorted, func(a, b *node) int { return strings.Compare(a.name, b.name) })
	for _, c := range n.children {
		c.sort()
	}
}

// convertConstant converts a constant once. One that can't be used is a problem of the whole sheet.
func (c *compiledHeader) convertConstant(k *constant) *constantValue {
	if k.field.Type == catalog.CustomType && k.value.Kind == cell.Bool {
		return &constantValue{formLiteral, []byte(strconv.FormatBool(strings.EqualFold(k.value.Text, "true")))}
	}
	x := column{mappedColumn: mappedColumn{path: k.path, field: k.field, Reading: profile.Reading{Decimal: value.Point}}}
	x.prepare(c.Profile)
	if strings.Contains(k.value.Text, "\n") {
		x.separators = "\n" // a list of the mapping file, whose items may hold the other separators
	}
	text, f, wrong := x.convert(c.display, nil, &cell.Cell{Kind: k.value.Kind, Text: []byte(k.value.Text)})
	if wrong != nil {
		why := problem.New(wrong.code, wrong.args...)
		c.invalid = append(c.invalid, problem.New(problem.ConstantBad, "value", k.value.Text, "field", k.path, "why", why.Message, "want", why.Expected))
		return nil
	}
	return &constantValue{f, text}
}

func (c *compiledHeader) addRequirements() {
	fields := catalog.Fields(c.Kind)
	for i := range fields {
		f := &fields[i]
		if !onCreate(f) || f.Required == catalog.Never || f.Required == catalog.ForUpdateNumber {
			continue
		}
		path := strings.Split(f.Path, ".")
		r := requirement{field: f, leaf: c.root.find(path...)}
		switch f.Required {
		case catalog.SKUOrProduct:
			if r.leaf != nil {
				c.products = append(c.products, r.leaf)
			}
			continue
		case catalog.UnlessCompany, catalog.WithAddress:
			r.address = c.root.find(path[0])
		}
		s := sectionOf(f.Path)
		c.required[s] = append(c.required[s], r)
	}
}

// addAddresses lists the addresses that anything feeds.
func (c *compiledHeader) addAddresses() {
	for _, name := range []string{"bill_to", "ship_to"} {
		a := address{node: c.root.find(name), name: c.root.find(name, "name")}
		if a.node == nil {
			continue
		}
		if f := catalog.FieldByPath(c.Kind, name+".name"); f != nil {
			a.required = f.Required == catalog.UnlessCompany
		}
		c.address = append(c.address, a)
		for _, leaf := range a.node.children {
			leaf.address = len(c.address)
		}
	}
}

// findNamed finds the nodes and columns that checks need by name.
func (c *compiledHeader) findNamed() {
	c.number, c.company = c.root.find(c.Kind.NumberField()), c.root.find(catalog.CompanyPath)
	c.quantity, c.price = c.root.find("items", "quantity"), c.root.find("items", "unit_price")
	c.status, c.lineID = c.root.find(catalog.StatusPath), c.root.find("items", "id")
	for _, name := range []string{"total_tax", "total_shipping", "total_shipping_cost"} {
		if n := c.root.find(name); n != nil {
			c.extras = append(c.extras, n)
		}
	}
	for i := range c.columns {
		switch x := &c.columns[i]; x.path {
		case c.Kind.TotalField():
			c.total = x
		case catalog.CommandPath:
			c.command = x
		case catalog.IDPath:
			c.id = x
		}
	}
	if c.number != nil && c.number.constant != nil {
		c.constantKey = firstItem(c.number.constant.form, c.number.constant.text)
	} else {
		c.key = c.number.column()
	}
}
