package plan

import (
	"context"
	"fmt"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/mapping/grouping"
)

// numberOwners knows which purchase order each number belongs to. An order is known by the first of
// its numbers.
type numberOwners struct {
	keys   grouping.Keys           // the first numbers of orders, and all their other numbers
	owners []uint32                // by number: the order that had it first
	shared map[grouping.Key]string // why orders are held
}

// findDuplicates finds the purchase orders that share a number with another order of the run. Rows
// are grouped by their first number alone; this is where a second number turns out to be the first,
// or the second, of another order.
func (p *planner) findDuplicates(ctx context.Context) (map[grouping.Key]string, error) {
	if p.run.Kind != order.PurchaseOrders {
		return nil, nil
	}
	n := numberOwners{shared: map[grouping.Key]string{}}
	for _, s := range p.sheets {
		err := s.eachRow(ctx, func(g int, r *cell.Row) error {
			if g == grouping.None {
				return nil
			}
			owner := n.orderOf(s.plan.Groups().Key(g))
			s.plan.EachNumber(r, func(number []byte) { n.claim(n.keys.AddNumber(number), owner) })
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return n.shared, nil
}

// orderOf returns the order with a key.
func (n *numberOwners) orderOf(key grouping.Key) uint32 {
	number := n.keys.Add(key)
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
	if key := n.keys.Key(order); n.shared[key] == "" {
		n.shared[key] = fmt.Sprintf("the number %q belongs to order %q too", n.keys.Key(number), n.keys.Key(other))
	}
}
