package plan

import (
	"context"
	"fmt"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/mapping"
)

// numberOwners knows which purchase order each number belongs to. An order is known by the first of
// its numbers.
type numberOwners struct {
	numbers *mapping.Groups
	owners  []uint32          // by number: the order that had it first
	shared  map[string]string // why orders are held, by their first number
}

// findDuplicates finds the purchase orders that share a number with another order of the run. Rows
// are grouped by their first number alone; this is where a second number turns out to be the first,
// or the second, of another order.
func (p *planner) findDuplicates(ctx context.Context) (map[string]string, error) {
	if p.run.Kind != order.PurchaseOrders {
		return nil, nil
	}
	n := numberOwners{numbers: mapping.NewGroups(), shared: map[string]string{}}
	for _, s := range p.sheets {
		err := s.eachRow(ctx, func(g int, r *cell.Row) error {
			if g == mapping.NoGroup {
				return nil
			}
			owner := n.orderOf(s.groups.Key(g))
			s.binding.EachNumber(r, func(number []byte) { n.claim(n.numbers.AddBytes(number), owner) })
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return n.shared, nil
}

// orderOf returns the order whose first number is key.
func (n *numberOwners) orderOf(key string) uint32 {
	number := n.numbers.Add(key)
	n.claim(number, uint32(number))
	return uint32(number)
}

// claim gives a number to an order, unless it belongs to another already.
func (n *numberOwners) claim(number int, by uint32) {
	if number == len(n.owners) {
		n.owners = append(n.owners, by)
	}
	if owner := n.owners[number]; owner != by {
		n.hold(number, int(owner), int(by))
		n.hold(number, int(by), int(owner))
	}
}

func (n *numberOwners) hold(number, order, other int) {
	if key := n.numbers.Key(order); n.shared[key] == "" {
		n.shared[key] = fmt.Sprintf("the number %q belongs to order %q too", n.numbers.Key(number), n.numbers.Key(other))
	}
}
