package submit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/mapping"
)

// rejection turns the API's reasons into problems, each at the cell that its path leads to.
func (s *Submitter) rejection(o ledger.Order, e *luminous.Error) []problem.Problem {
	w := s.locator()
	if len(e.Fields) == 0 {
		return []problem.Problem{w.AtOrder(o, problem.New(problem.Rejected, "what", "the order", "why", e.Message))}
	}
	var out []problem.Problem
	for _, f := range e.Fields {
		p := w.AtField(o, f.Path, problem.New(problem.Rejected, "what", "this", "why", strings.Join(f.Messages, "; ")))
		_, p.Field, _ = mapping.Columns(w.Columns(o)).Feeding(f.Path)
		out = append(out, p)
	}
	return out
}

// totalTolerance is how much the API's total may differ from the sum of the rows: its rounding
// isn't documented.
var totalTolerance = decimal.New(1, -2)

// send makes one attempt at creating an order.
func (s *Submitter) send(ctx context.Context, o ledger.Order) result {
	r := result{order: o}
	r.Seq, r.State = o.Seq, ledger.OrderPlanned
	answer, err := s.API.Create(ctx, s.Run.Kind, o.Payload)
	r.LastByte = s.Now.Now()
	if err == nil {
		r.Sent = 1
		s.settleCreated(&r, answer)
		return r
	}
	e := r.recordError(err)
	switch {
	case e.Outcome == luminous.NotSent:
		if e.Stop || ctx.Err() != nil {
			r.stop = stopCause(ctx, err)
		}
	case e.Outcome == luminous.Rejected && isDuplicate(e): // nobody can say yet by whom the number is taken
		r.Sent, r.State, r.NextLookup, r.signature, r.Message = 1, ledger.Unresolved, r.LastByte, "", reasons(e)
	case e.Outcome == luminous.Rejected:
		r.Sent, r.State, r.Problems = 1, ledger.Rejected, s.rejection(o, e)
	default:
		r.Sent, r.State, r.NextLookup = 1, ledger.Unresolved, s.firstLookup(r.LastByte)
		if e.Stop {
			r.stop = err
		}
	}
	return r
}

// recordError records why a write failed. An error that isn't the client's own says nothing about
// its outcome.
func (r *result) recordError(err error) *luminous.Error {
	var e *luminous.Error
	if !errors.As(err, &e) {
		e = &luminous.Error{Outcome: luminous.Unknown, Message: err.Error()}
	}
	r.Message, r.signature, r.nonAPI = describe(e), e.Signature, e.NotAPI
	if e.Outcome != luminous.NotSent {
		r.HTTPStatus = e.Status
	}
	return e
}

// describe returns what the API says about an order and its fields.
func describe(e *luminous.Error) string {
	if len(e.Fields) == 0 {
		return e.Message
	}
	var parts []string
	for _, f := range e.Fields {
		parts = append(parts, strings.TrimPrefix(f.Path+": ", ": ")+strings.Join(f.Messages, ", "))
	}
	return strings.Join(parts, "; ")
}

// settleCreated settles an order that the API says it created, unless the answer is about another
// order.
func (s *Submitter) settleCreated(r *result, a order.Answer) {
	o := r.order
	r.State, r.ID, r.HTTPStatus = ledger.Created, a.ID, 201
	if a.Total.Valid {
		r.ConfirmedTotal = a.Total.Decimal.String()
	}
	if len(a.Numbers) > 0 && !slices.Contains(a.Numbers, o.Number) {
		r.State, r.ID, r.ConfirmedTotal = ledger.Held, 0, "" // they are the other order's
		r.Message = fmt.Sprintf("the server answered with order %s (id %d)", a.Numbers[0], a.ID)
		r.Problems = []problem.Problem{s.locator().AtOrder(o,
			problem.New(problem.AnswerOfOtherOrder, "value", a.Numbers[0], "id", strconv.FormatInt(a.ID, 10), "sent", o.Number))}
		return
	}
	want, err := decimal.NewFromString(o.ExpectedTotal)
	if err != nil || !a.Total.Valid || want.Sub(a.Total.Decimal).Abs().LessThanOrEqual(totalTolerance) {
		return
	}
	r.Problems = []problem.Problem{s.locator().AtOrder(o, problem.New(problem.AnswerTotalDiffers, "value", a.Total.Decimal.String(), "sum", o.ExpectedTotal))}
}

// isDuplicate reports whether a rejection may mean that the number is taken.
func isDuplicate(e *luminous.Error) bool {
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

// reasons returns the server's words for a rejection.
func reasons(e *luminous.Error) string {
	text := e.Message
	for _, f := range e.Fields {
		text += "; " + f.Path + ": " + strings.Join(f.Messages, ", ")
	}
	return strings.TrimPrefix(text, "; ")
}
