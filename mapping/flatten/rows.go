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

// value returns the JSON text of a column in an element; nil for none.
func (e element) value(c *column) []byte {
	for _, slot := range c.slots {
		if v := e[slot]; !isEmpty(v) {
			return v
		}
	}
	return nil
}

// parsed is an order split into the elements of each list that a column needs. The order itself is
// the one element of noList.
type parsed struct {
	lists  map[string][]element
	packed [][]element // the items of each shipment
}

func (l *layout) parse(raw []byte) (o parsed, err error) {
	root, err := l.pickers[noList].pick(raw)
	if err != nil {
		return o, err
	}
	o.lists = map[string][]element{noList: {root}}
	for list, slot := range l.lists {
		if o.lists[list], err = l.elements(list, root[slot]); err != nil {
			return o, fmt.Errorf("%s: %w", list, err)
		}
	}
	if l.pickers[packedList] == nil {
		return o, nil
	}
	for _, shipment := range o.lists[shipmentsList] {
		packed, err := l.elements(packedList, shipment[l.packed])
		if err != nil {
			return o, fmt.Errorf("%s: %w", packedList, err)
		}
		o.packed = append(o.packed, packed)
		o.lists[packedList] = append(o.lists[packedList], packed...)
	}
	return o, nil
}

// elements reads the elements of a list. Lines are sorted by their line numbers if all have one.
func (l *layout) elements(list string, raw []byte) ([]element, error) {
	var out []element
	numbered := list == itemsList
	err := order.EachValue(raw, func(v []byte) error {
		e, err := l.pickers[list].pick(v)
		out = append(out, e)
		numbered = numbered && e[l.number] != nil
		return err
	})
	if numbered {
		slices.SortStableFunc(out, func(a, b element) int { return cmp.Compare(integer(a[l.number]), integer(b[l.number])) })
	}
	return out, err
}

func integer(raw []byte) int {
	n, _ := strconv.Atoi(string(raw)) // 0 if it isn't one
	return n
}

// rowCount returns how many rows an order has. On an only sheet an order without lines has a row
// too, and payments are on the rows of the lines, with rows of their own if there are more
// payments.
func (l *layout) rowCount(o parsed) int {
	switch {
	case l.list == noList:
		return 1
	case l.list == packedList:
		n := 0
		for _, p := range o.packed {
			n += max(1, len(p))
		}
		return n
	case l.only:
		return max(1, len(o.lists[itemsList]), len(o.lists[paymentsList]))
	}
	return len(o.lists[l.list])
}

// elementsOf returns the elements of a list that belong to the ith row.
func (l *layout) elementsOf(o parsed, list string, i int) []element {
	all := o.lists[list]
	switch {
	case list == noList:
		return all
	case l.list == packedList:
		shipment, at := packedAt(o.packed, i)
		if list == shipmentsList {
			return all[shipment : shipment+1]
		}
		return one(o.packed[shipment], at)
	case list == l.list, l.only && list == paymentsList:
		return one(all, i)
	case l.only && (list == shipmentsList || list == packedList) && i < len(o.lists[itemsList]):
		return l.elementsOfLine(o, list, i)
	}
	return all
}

func one(all []element, i int) []element {
	if i >= len(all) {
		return nil
	}
	return all[i : i+1]
}

// packedAt returns the shipment, and the index in it, of the ith row of a sheet with a row per
// shipped item. A shipment without items has a row too.
func packedAt(packed [][]element, i int) (shipment, at int) {
	for i >= max(1, len(packed[shipment])) {
		i -= max(1, len(packed[shipment]))
		shipment++
	}
	return shipment, i
}

// elementsOfLine returns the shipments that contain the ith line, or the shipped items of that
// line. Those of a line that the order doesn't have belong to its first line. If no shipment says
// what it contains, all are returned.
func (l *layout) elementsOfLine(o parsed, list string, i int) []element {
	var out []element
	known := false
	for at, packed := range o.packed {
		known = known || slices.ContainsFunc(packed, func(p element) bool { return !isEmpty(p[l.packedLine]) })
		before := len(out)
		for _, p := range packed {
			if line := l.lineOf(o, p); line == i || line < 0 && i == 0 {
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
	if !known {
		return o.lists[list]
	}
	return out
}

// lineOf returns the index of the line of a shipped item; -1 if the order has no such line.
func (l *layout) lineOf(o parsed, packed element) int {
	id := packed[l.packedLine]
	return slices.IndexFunc(o.lists[itemsList], func(line element) bool { return !isEmpty(id) && bytes.Equal(line[l.lineID], id) })
}

// put writes the values of a column in the elements into its cells.
func (c *column) put(cells []Value, elements []element) error {
	clear(cells)
	if len(elements) == 0 {
		return nil
	}
	v := elements[0].value(c)
	switch {
	case c.allCustom():
		return c.putCustom(cells, v)
	case c.widens():
		for i, name := range namesIn(v) {
			if i < len(cells) {
				cells[i] = Value{cell.Text, name}
			}
		}
	case c.separator != "":
		if names := namesIn(v); len(names) > 0 {
			cells[0] = Value{cell.Text, strings.Join(names, c.separator)}
		}
	case len(elements) == 1:
		cells[0] = valueOf(c.typ, v)
		if word, ok := c.words[cells[0].Text]; ok {
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

// joined puts the values of several elements into one cell, blank ones too, so that neighboring
// columns can be read together.
func (c *column) joined(elements []element) Value {
	texts := make([]string, len(elements))
	found := false
	for i, e := range elements {
		texts[i] = valueOf(c.typ, e.value(c)).Text
		found = found || texts[i] != ""
	}
	if !found {
		return Value{}
	}
	return Value{cell.Text, strings.Join(texts, "; ")}
}
