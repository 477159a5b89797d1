package plan

import (
	"fmt"
	"strconv"
	"strings"

	"ordersheet/internal/diff"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// SettleExisting settles an order by the existing order with its number: created if they are the
// same, else held, with a problem at each field that differs.
func (l CellLocator) SettleExisting(s *ledger.Settlement, o ledger.Order, a order.Answer) {
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
		p := problem.New(problem.ExistingDiffers, "field", d.Path, "id", strconv.FormatInt(a.ID, 10), "why", d.String())
		p.Expected = d.Actual
		s.Problems = append(s.Problems, l.AtField(o, d.Path, p))
	}
	s.State = ledger.Held
	s.Message = fmt.Sprintf("an order with this number exists (id %d) and differs: %s", a.ID, strings.Join(parts, "; "))
}

// HoldAmbiguous holds an order whose number several existing orders have.
func (l CellLocator) HoldAmbiguous(s *ledger.Settlement, o ledger.Order, found []order.Answer) {
	var ids []string
	for _, a := range found {
		ids = append(ids, fmt.Sprint(a.ID))
	}
	p := problem.New(problem.SeveralExisting, "value", o.Number, "ids", strings.Join(ids, ", "))
	s.State, s.Message, s.Problems = ledger.Held, p.Message, []problem.Problem{l.AtOrder(o, p)}
}

// Existing separates the existing orders from purchase orders that were deleted and are still
// listed: the API takes their numbers again.
func Existing(kind order.Kind, o ledger.Order, hits []order.Answer) (existing, deleted []order.Answer) {
	for _, a := range hits {
		if kind == order.PurchaseOrders && a.Status == order.Deleted && order.Payload(o.Payload).Status() != order.Deleted {
			deleted = append(deleted, a)
			continue
		}
		existing = append(existing, a)
	}
	return existing, deleted
}

// RejectedAsDuplicate reports whether the server rejected an order because its number is taken.
func RejectedAsDuplicate(o ledger.Order) bool { return o.HTTPStatus == 409 || o.HTTPStatus == 422 }
