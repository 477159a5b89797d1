package plan

import (
	"fmt"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/mapping"
)

// numberOwners knows which purchase order each number belongs to. An order is known by the first of its numbers, which is itself one of them.
type numberOwners struct {
	numbers *mapping.Groups
	owners  []uint32          // by number: that of the order which had it first
	shared  map[string]string // why orders are to be held, by their first number
}

// findDuplicates finds the purchase orders that share a number with another order of the run. Rows are grouped by their first number alone, so this
// is where a second number is seen to be the first, or the second, of another order.
func (o *orderPlanner) findDuplicates() (map[string]string, error) {
	if o.run.Kind != order.PurchaseOrders {
		return nil, nil
	}
	x := numberOwners{numbers: mapping.NewGroups(), shared: map[string]string{}}
	for _, s := range o.sheets {
		err := o.eachRow(s, func(g int, r *cell.Row) error {
			if g == mapping.NoGroup {
				return nil
			}
			owner := x.of(s.groups.Key(g))
			s.binding.EachNumber(r, func(number []byte) { x.claim(x.numbers.AddBytes(number), owner) })
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return x.shared, nil
}

// of gives the order whose first number is key.
func (x *numberOwners) of(key string) uint32 {
	n := x.numbers.Add(key)
	x.claim(n, uint32(n))
	return uint32(n)
}

// claim says that a number belongs to an order, unless it belongs to another already.
func (x *numberOwners) claim(number int, by uint32) {
	if number == len(x.owners) {
		x.owners = append(x.owners, by)
	}
	if had := x.owners[number]; had != by {
		x.report(number, int(had), int(by))
		x.report(number, int(by), int(had))
	}
}

func (x *numberOwners) report(number, order, other int) {
	if key := x.numbers.Key(order); x.shared[key] == "" {
		x.shared[key] = fmt.Sprintf("the number %q belongs to order %q too", x.numbers.Key(number), x.numbers.Key(other))
	}
}
