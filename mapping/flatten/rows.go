package flatten

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"

	"ordersheet/mapping/catalog"
)

// Observe looks at one order before any row is made: custom fields, tags and numbers widen the header. raw is the order's object as the API
// answered it: valid JSON, not under "data".
func (f *Flattener) Observe(raw []byte) error {
	for _, s := range f.sheets {
		if !s.canWiden() {
			continue
		}
		o, err := s.open(raw)
		if err != nil {
			return fmt.Errorf("reading an order's answer: %w", err)
		}
		for i := range s.columns {
			if err := f.seen.add(&s.columns[i], o); err != nil {
				return fmt.Errorf("reading %s of an order's answer: %w", s.columns[i].header, err)
			}
		}
	}
	return nil
}

func (s *sheet) canWiden() bool {
	return slices.ContainsFunc(s.columns, func(c column) bool { return c.anyCustom() || c.widens() })
}

// add notes what one order holds of a column that widens.
func (n *spread) add(c *column, o opened) error {
	if !c.anyCustom() && !c.widens() {
		return nil
	}
	for _, e := range o.lists[c.list] {
		v := e.value(c)
		if c.widens() {
			n.counts[c.path] = max(n.counts[c.path], len(namesIn(v)))
			continue
		}
		if len(v) == 0 || v[0] != '{' {
			continue
		}
		err := order.EachField(v, func(label, value []byte) error {
			if usable(string(label)) && !isNothing(value) {
				n.label(c.path, string(label))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (n *spread) label(path, label string) {
	if n.labels[path] == nil {
		n.labels[path] = map[string]bool{}
	}
	n.labels[path][label] = true
}

// usable says that a custom field's label can be a header that means it again.
func usable(label string) bool { return strings.TrimSpace(label) != "" && label != catalog.AnyLabel }

// element is one element of a list, or the order itself: the JSON texts that its picker took.
type element [][]byte

// value is the JSON text of a column in its element; nil for none.
func (e element) value(c *column) []byte {
	for _, slot := range c.slots {
		if v := e[slot]; !isNothing(v) {
			return v
		}
	}
	return nil
}

// opened is an order taken apart: the elements of each list that some column is of. The order itself is the one element of orderUnit.
type opened struct {
	lists  map[string][]element
	packed [][]element // what each shipment holds
}

// open takes an order apart.
func (s *sheet) open(raw []byte) (o opened, err error) {
	root, err := s.pickers[orderUnit].take(raw)
	if err != nil {
		return o, err
	}
	o.lists = map[string][]element{orderUnit: {root}}
	for list, slot := range s.lists {
		if o.lists[list], err = s.elements(list, root[slot]); err != nil {
			return o, fmt.Errorf("%s: %w", list, err)
		}
	}
	if s.pickers[packedList] == nil {
		return o, nil
	}
	for _, shipment := range o.lists[shipmentsList] {
		packed, err := s.elements(packedList, shipment[s.packed])
		if err != nil {
			return o, fmt.Errorf("%s: %w", packedList, err)
		}
		o.packed = append(o.packed, packed)
		o.lists[packedList] = append(o.lists[packedList], packed...)
	}
	return o, nil
}

// elements takes the elements of a list apart, lines in the order of their line numbers when all have one.
func (s *sheet) elements(list string, raw []byte) ([]element, error) {
	var out []element
	numbered := list == itemsList
	err := order.EachValue(raw, func(v []byte) error {
		e, err := s.pickers[list].take(v)
		out = append(out, e)
		numbered = numbered && e[s.number] != nil
		return err
	})
	if numbered {
		slices.SortStableFunc(out, func(a, b element) int { return cmp.Compare(wholeOf(a[s.number]), wholeOf(b[s.number])) })
	}
	return out, err
}

func wholeOf(raw []byte) int {
	n, err := strconv.Atoi(string(raw))
	if err != nil {
		return 0
	}
	return n
}

// Rows gives the rows that one order has on a sheet, by the sheet's index in Sheets. The slice given to row is used again for the next.
func (f *Flattener) Rows(sheet int, raw []byte, row func([]Value) error) error {
	s := f.sheets[sheet]
	o, err := s.open(raw)
	if err != nil {
		return fmt.Errorf("reading an order's answer: %w", err)
	}
	values := make([]Value, s.width)
	for i := range s.count(o) {
		for j := range s.columns {
			c := &s.columns[j]
			if c.list == orderUnit && i > 0 {
				continue // as on the row before
			}
			if err := c.put(values, s.of(o, c.list, i)); err != nil {
				return fmt.Errorf("reading %s of an order's answer: %w", c.header, err)
			}
		}
		if err := row(values); err != nil {
			return err
		}
	}
	return nil
}

// count says how many rows an order has. One without lines still has a row in the sheet of lines that is all there is; there payments stand on
// the rows of the lines, and below them when there are more.
func (s *sheet) count(o opened) int {
	switch {
	case s.unit == orderUnit:
		return 1
	case s.unit == packedList:
		n := 0
		for _, p := range o.packed {
			n += max(1, len(p))
		}
		return n
	case s.alone:
		return max(1, len(o.lists[itemsList]), len(o.lists[paymentsList]))
	}
	return len(o.lists[s.unit])
}

// of gives the elements of a list that belong to the ith row.
func (s *sheet) of(o opened, list string, i int) []element {
	all := o.lists[list]
	switch {
	case list == orderUnit:
		return all
	case s.unit == packedList:
		shipment, at := placeOf(o.packed, i)
		if list == shipmentsList {
			return all[shipment : shipment+1]
		}
		return one(o.packed[shipment], at)
	case list == s.unit, s.alone && list == paymentsList:
		return one(all, i)
	case s.alone && (list == shipmentsList || list == packedList) && i < len(o.lists[itemsList]):
		return s.ofLine(o, list, i)
	}
	return all
}

func one(all []element, i int) []element {
	if i >= len(all) {
		return nil
	}
	return all[i : i+1]
}

// placeOf finds the shipment, and the place in it, that make the ith row of a sheet with a row for each thing packed.
func placeOf(packed [][]element, i int) (shipment, at int) {
	for i >= max(1, len(packed[shipment])) {
		i -= max(1, len(packed[shipment]))
		shipment++
	}
	return shipment, i
}

// ofLine gives the shipments that hold the ith line, or what they hold of it. What is said of no line that the order has stands on its first line.
// When no shipment says what it holds, all are given.
func (s *sheet) ofLine(o opened, list string, i int) []element {
	var out []element
	told := false
	for at, packed := range o.packed {
		told = told || slices.ContainsFunc(packed, func(p element) bool { return !isNothing(p[s.packedLine]) })
		before := len(out)
		for _, p := range packed {
			if line := s.lineOf(o, p); line == i || line < 0 && i == 0 {
				out = append(out, p)
			}
		}
		here := len(out) > before || len(packed) == 0 && i == 0
		if list == shipmentsList {
			if out = out[:before]; here {
				out = append(out, o.lists[shipmentsList][at])
			}
		}
	}
	if !told {
		return o.lists[list]
	}
	return out
}

// lineOf is the place of the line that something packed is of; -1 when the order has no such line.
func (s *sheet) lineOf(o opened, packed element) int {
	id := packed[s.packedLine]
	return slices.IndexFunc(o.lists[itemsList], func(line element) bool { return !isNothing(id) && bytes.Equal(line[s.lineID], id) })
}

// put writes what elements hold of a column into its cells.
func (c *column) put(row []Value, elements []element) error {
	cells := row[c.at : c.at+c.width]
	clear(cells)
	if len(elements) == 0 {
		return nil
	}
	v := elements[0].value(c)
	switch {
	case c.anyCustom():
		return c.putCustom(cells, v)
	case c.widens():
		for i, name := range namesIn(v) {
			if i < len(cells) {
				cells[i] = Value{cell.Text, name}
			}
		}
	case c.between != "":
		if names := namesIn(v); len(names) > 0 {
			cells[0] = Value{cell.Text, strings.Join(names, c.between)}
		}
	case len(elements) == 1:
		cells[0] = valueOf(c.typ, v)
		if word, ok := c.back[cells[0].Text]; ok {
			cells[0] = Value{cell.Text, word}
		}
	default:
		cells[0] = c.joined(elements)
	}
	return nil
}

func (c *column) putCustom(cells []Value, v []byte) error {
	if len(v) == 0 || v[0] != '{' {
		return nil
	}
	return order.EachField(v, func(label, value []byte) error {
		if i, ok := c.labels[string(label)]; ok {
			cells[i] = valueOf(catalog.CustomType, value)
		}
		return nil
	})
}

// joined puts the values of several elements into one cell, each in its place, so that columns beside each other can be read together.
func (c *column) joined(elements []element) Value {
	texts := make([]string, len(elements))
	any := false
	for i, e := range elements {
		texts[i] = valueOf(c.typ, e.value(c)).Text
		any = any || texts[i] != ""
	}
	if !any {
		return Value{}
	}
	return Value{cell.Text, strings.Join(texts, "; ")}
}
