package importer

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
)

// totalTolerance is how far the API's total may lie from the sum of the rows: its rounding rule isn't documented.
var totalTolerance = decimal.New(1, -2)

// send makes one attempt at one order and says what became of it.
func (s *Submission) send(ctx context.Context, o ledger.Order) outcome {
	r := outcome{order: o}
	r.Seq, r.State = o.Seq, ledger.OrderPlanned
	answer, err := s.API.Create(ctx, s.Run.Kind, o.Payload)
	r.LastByte = s.Now.now()
	if err == nil {
		r.Sent = 1
		s.created(&r, answer)
		return r
	}
	var e *luminous.Error
	if !errors.As(err, &e) {
		e = &luminous.Error{Outcome: luminous.Unknown, Message: err.Error()}
	}
	r.HTTPStatus, r.Message, r.signature = e.Status, e.Message, e.Signature
	switch {
	case e.Outcome == luminous.NotSent:
		r.stop = stopCause(ctx, err)
	case e.Outcome == luminous.Rejected && duplicate(e):
		r.Sent, r.signature = 1, ""
		return s.duplicate(ctx, r, e)
	case e.Outcome == luminous.Rejected:
		r.Sent, r.State, r.Problems = 1, ledger.Rejected, s.where().rejection(o, e)
	default:
		r.Sent, r.State, r.NextLook = 1, ledger.Aside, s.firstLook(r.LastByte)
		if e.Stop {
			r.stop = err
		}
	}
	return r
}

// created settles an order that the API says it created, unless its answer is about another order.
func (s *Submission) created(r *outcome, a order.Answer) {
	o := r.order
	r.State, r.ID, r.HTTPStatus = ledger.Created, a.ID, 201
	if a.Total.Valid {
		r.ConfirmedTotal = a.Total.Decimal.String()
	}
	if len(a.Numbers) > 0 && a.Numbers[0] != o.Number {
		r.State = ledger.Held
		r.Message = fmt.Sprintf("the server answered with order %s (id %d)", a.Numbers[0], a.ID)
		r.Problems = []cell.Problem{s.where().at(o, cell.Problem{
			Severity: cell.Err, Code: "answer_of_another_order", Value: a.Numbers[0], Expected: o.Number,
			Message: r.Message + " when " + o.Number + " was sent", Hint: "look at both orders in Luminous",
		})}
		return
	}
	want, err := decimal.NewFromString(o.ExpectedTotal)
	if err != nil || !a.Total.Valid || want.Sub(a.Total.Decimal).Abs().LessThanOrEqual(totalTolerance) {
		return
	}
	r.Problems = []cell.Problem{s.where().at(o, cell.Problem{
		Severity: cell.Warn, Code: "total_differs", Value: a.Total.Decimal.String(), Expected: o.ExpectedTotal,
		Message: fmt.Sprintf("Luminous computed a total of %s, the rows add up to %s", a.Total.Decimal, o.ExpectedTotal),
		Hint:    "the order stands; compare its lines, tax and shipping in Luminous",
	})}
}

// duplicate says that a rejection may mean that the number is taken.
func duplicate(e *luminous.Error) bool {
	if e.Status == 409 {
		return true
	}
	for _, f := range e.Fields {
		if f.Path == "order_number" || strings.HasPrefix(f.Path, "order_numbers") {
			return e.Status == 422
		}
	}
	return false
}

// duplicate settles an order whose number is taken by what stands under it: what we sent before is ours, the same by another hand is
// unchanged, anything else is held.
func (s *Submission) duplicate(ctx context.Context, r outcome, e *luminous.Error) outcome {
	found, err := s.API.FindByNumber(ctx, s.Run.Kind, r.order.Number)
	if err != nil { // looked up later: until then nobody can say whether the number is taken by us
		r.State, r.NextLook = ledger.Aside, s.firstLook(r.LastByte)
		return r
	}
	if len(found) == 0 {
		r.State, r.Problems = ledger.Rejected, s.where().rejection(r.order, e)
		return r
	}
	if len(found) > 1 {
		return s.lookUp(ctx, r.order)
	}
	sent := r.Sent
	r = s.recovered(r, found[0])
	r.Sent, r.HTTPStatus = sent, e.Status
	if r.State == ledger.Created && r.order.Attempts == 0 {
		r.State, r.Message = ledger.Unchanged, fmt.Sprintf("stood already as meant (id %d)", r.ID)
	}
	return r
}
