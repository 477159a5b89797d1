package flatten

import (
	"ordersheet/internal/order"
)

// picker takes the values of chosen fields out of a JSON object, in one pass over its text and
// without decoding the rest.
type picker struct {
	root  pickerNode
	slots int
}

type pickerNode struct {
	slot     int // -1 when the value itself isn't wanted
	children map[string]*pickerNode
}

func newPicker() *picker { return &picker{root: pickerNode{slot: -1}} }

// element is one element of a list, or the order itself: the JSON texts that its picker took, by
// slot.
type element [][]byte

// slot returns the slot for the value under the names.
func (p *picker) slot(names []string) int {
	at := &p.root
	for _, n := range names {
		if at.children == nil {
			at.children = map[string]*pickerNode{}
		}
		if at.children[n] == nil {
			at.children[n] = &pickerNode{slot: -1}
		}
		at = at.children[n]
	}
	if at.slot < 0 {
		at.slot = p.slots
		p.slots++
	}
	return at.slot
}

// pick returns the JSON text of each slot, nil where the object has none. The texts point into
// object.
func (p *picker) pick(object []byte) (element, error) {
	values := make(element, p.slots)
	return values, p.root.pick(object, values)
}

func (n *pickerNode) pick(object []byte, values element) error {
	if len(object) == 0 || object[0] != '{' {
		return nil // null, or an empty object, which PHP writes as an empty list
	}
	return order.EachField(object, func(key, value []byte) error {
		child := n.children[string(key)]
		if child == nil {
			return nil
		}
		if child.slot >= 0 {
			values[child.slot] = value
		}
		if child.children != nil {
			return child.pick(value, values)
		}
		return nil
	})
}
