package flatten

import (
	"ordersheet/internal/order"
)

// picker takes the values of chosen fields out of a JSON object, in one go over its text and without decoding the rest.
type picker struct {
	top   picked
	slots int
}

type picked struct {
	slot  int // -1 when the value itself isn't wanted
	below map[string]*picked
}

// slot gives the place in which the value under the names will stand.
func (p *picker) slot(names []string) int {
	at := &p.top
	for _, n := range names {
		if at.below == nil {
			at.below = map[string]*picked{}
		}
		if at.below[n] == nil {
			at.below[n] = &picked{slot: -1}
		}
		at = at.below[n]
	}
	if at.slot < 0 {
		at.slot = p.slots
		p.slots++
	}
	return at.slot
}

// take gives the JSON text of each slot, nil where the object has none. The texts point into object.
func (p *picker) take(object []byte) (element, error) {
	values := make(element, p.slots)
	return values, p.top.take(object, values)
}

func (p *picked) take(object []byte, values element) error {
	if len(object) == 0 || object[0] != '{' {
		return nil // null, or an empty object, which PHP writes as an empty list
	}
	return order.EachField(object, func(key, value []byte) error {
		at := p.below[string(key)]
		if at == nil {
			return nil
		}
		if at.slot >= 0 {
			values[at.slot] = value
		}
		if at.below != nil {
			return at.take(value, values)
		}
		return nil
	})
}
