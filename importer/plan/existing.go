package plan

import (
	"fmt"
	"strings"

	"ordersheet/internal/diff"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// compared settles an order by the one that stands under its number.
func (w CellLocator) Compare(s *ledger.Settlement, o ledger.Order, a order.Answer) {
	s.ID = a.ID
	if a.Total.Valid {
		s.ConfirmedTotal = a.Total.Decimal.String()
	}
	differences, err := diff.Differences(o.Payload, a.Raw)
	if err != nil {
		differences = []diff.Difference{{Path: "the answer", Actual: err.Error()}}
	}
	if len(differences) == 0 {
		s.State = ledger.Created
		return
	}
	var parts []string
	for _, d := range differences {
		parts = append(parts, d.String())
		s.Problems = append(s.Problems, w.AtField(o, d.Path, problem.Problem{
			Severity: problem.Error, Code: CodeDiffers, Field: d.Path, Expected: d.Actual,
			Message: fmt.Sprintf("the order stands in Luminous (id %d), but there %s", a.ID, d),
			Hint:    "compare the order with your sheet in Luminous; nothing was overwritten",
		}))
	}
	s.State = ledger.Held
	s.Message = fmt.Sprintf("an order with this number stands (id %d) and differs: %s", a.ID, strings.Join(parts, "; "))
}

// several settles an order whose number several orders bear.
func (w CellLocator) Ambiguous(s *ledger.Settlement, o ledger.Order, found []order.Answer) {
	var ids []string
	for _, a := range found {
		ids = append(ids, fmt.Sprint(a.ID))
	}
	s.State, s.Message = ledger.Held, "several orders bear this number: ids "+strings.Join(ids, ", ")
	s.Problems = []problem.Problem{w.AtOrder(o, problem.Problem{
		Severity: problem.Error, Code: CodeSeveral, Value: o.Number, Message: s.Message, Expected: "one order",
		Hint: "look at them in Luminous and cancel those that are too many",
	})}
}

// standing parts what stands from purchase orders that were deleted and are still shown: to the API their numbers are free.
func Existing(kind order.Kind, o ledger.Order, hits []order.Answer) (live, dead []order.Answer) {
	for _, a := range hits {
		if kind == order.PurchaseOrders && a.Status == order.Deleted && order.Payload(o.Payload).Status() != order.Deleted {
			dead = append(dead, a)
			continue
		}
		live = append(live, a)
	}
	return live, dead
}

// taken says that the server refused an order since its number is taken, it said.
func RejectedAsDuplicate(o ledger.Order) bool { return o.HTTPStatus == 409 || o.HTTPStatus == 422 }
