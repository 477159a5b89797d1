package submit

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// totalTolerance is how much the API's total may differ from the sum of the rows: its rounding
// isn't documented.
var totalTolerance = decimal.New(1, -2)

// create makes one attempt at creating an order.
func (s *submitter) create(ctx context.Context, r *result) {
	answer, err := s.API.Create(ctx, s.Run.Kind, r.order.Payload)
	r.LastByte = time.Now()
	if err == nil {
		r.Sent = 1
		s.settleCreated(r, answer)
		return
	}
	e := r.recordError(err)
	s.settleError(ctx, r, e)
	if r.State != ledger.Rejected || !isDuplicate(e) {
		return
	}
	// A look-up has to tell whose order has the number.
	r.State, r.NextLookup, r.signature, r.Problems = ledger.Unresolved, r.LastByte, "", nil
	if len(e.Fields) > 0 && e.Message != "" {
		r.Message = e.Message + "; " + r.Message
	}
}

// settleCreated settles an order that the API says it created, unless the answer is about another
// order.
func (s *submitter) settleCreated(r *result, a order.Answer) {
	o := r.order
	r.State, r.ID, r.HTTPStatus = ledger.Created, a.ID, http.StatusCreated
	if a.ID <= 0 {
		r.State, r.ID, r.NextLookup = ledger.Unresolved, 0, s.firstLookup(r.LastByte)
		r.Message = fmt.Sprintf("the answer has the id %d, which no order can have", a.ID)
		return
	}
	r.confirmed = slices.Contains(a.Numbers, o.Number)
	if len(a.Numbers) > 0 && !r.confirmed {
		s.finder.Distrust(fmt.Sprintf("Luminous answered with order number %s where %s was sent, so a number that isn't found says nothing", a.Numbers[0], o.Number))
		r.State, r.ID, r.otherNumber = ledger.Held, 0, true // it is the other order's
		r.Message = fmt.Sprintf("the server answered with order %s (id %d)", a.Numbers[0], a.ID)
		r.Problems = []problem.Problem{s.cells.AtOrder(o,
			problem.New(problem.AnswerOfOtherOrder, "value", a.Numbers[0], "id", strconv.FormatInt(a.ID, 10), "sent", o.Number))}
		return
	}
	if !a.Total.Valid {
		return
	}
	r.ConfirmedTotal = a.Total.Decimal.String()
	want, err := decimal.NewFromString(o.ExpectedTotal)
	if err == nil && want.Sub(a.Total.Decimal).Abs().GreaterThan(totalTolerance) {
		r.Problems = []problem.Problem{s.cells.AtOrder(o,
			problem.New(problem.AnswerTotalDiffers, "value", r.ConfirmedTotal, "sum", o.ExpectedTotal))}
	}
}

// isDuplicate reports whether a rejection may mean that the number is taken.
func isDuplicate(e *luminous.Error) bool {
	return e.Status == http.StatusConflict ||
		e.Status == http.StatusUnprocessableEntity && slices.ContainsFunc(e.Fields, func(f luminous.FieldError) bool {
			return f.Path == "order_number" || strings.HasPrefix(f.Path, "order_numbers")
		})
}
