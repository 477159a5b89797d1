package submit

import (
	"context"
	"errors"
	"strings"

	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/problem"
	"ordersheet/mapping"
)

// confirmedByLookup is the message of an order whose answer was lost and that was processed.
const confirmedByLookup = "the answer was lost; confirmed by looking the order up"

// settle gives an order its outcome, with the reason at its first row.
func (s *submitter) settle(r *result, state ledger.State, code, why, hint string, remedies ...problem.Remedy) {
	p := problem.New(code, "value", r.order.Number, "what", "the order", "why", why).With(hint, remedies...)
	r.State, r.Lookups, r.Message = state, 0, why
	r.Problems = []problem.Problem{s.cells.AtOrder(r.order, p)}
}

// settleError decides what the error of a write means for its order: it may be sent again, it was
// rejected, or it has to be looked up.
func (s *submitter) settleError(ctx context.Context, r *result, e *luminous.Error) {
	switch e.Outcome {
	case luminous.NotSent:
		r.stop = stopCause(ctx, e)
		return
	case luminous.Rejected:
		r.State, r.Problems = ledger.Rejected, s.rejection(r.order, e)
	default:
		r.State, r.NextLookup = ledger.Unresolved, s.firstLookup(r.LastByte)
		if e.Stop {
			r.stop = e
		}
	}
	r.Sent++
}

// stopCause returns why an order that wasn't sent ends the run; nil when it doesn't.
func stopCause(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return ErrStopped
	case ctx.Err() != nil || apiError(err).Stop:
		return err
	}
	return nil
}

// apiError returns an error as the client's own. Any other says nothing about the outcome of a
// write.
func apiError(err error) *luminous.Error {
	var e *luminous.Error
	if errors.As(err, &e) {
		return e
	}
	return &luminous.Error{Message: err.Error(), Err: err}
}

// recordError records why a write failed.
func (r *result) recordError(err error) *luminous.Error {
	e := apiError(err)
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

// rejection turns the API's reasons into problems, each at the cell that its path leads to.
func (s *submitter) rejection(o ledger.Order, e *luminous.Error) []problem.Problem {
	if len(e.Fields) == 0 {
		return []problem.Problem{s.cells.AtOrder(o, problem.New(problem.Rejected, "what", "the order", "why", e.Message))}
	}
	var out []problem.Problem
	for _, f := range e.Fields {
		p := s.cells.AtField(o, f.Path, problem.New(problem.Rejected, "what", "this", "why", strings.Join(f.Messages, "; ")))
		_, p.Field, _ = mapping.Columns(s.cells.Columns(o)).Feeding(f.Path)
		out = append(out, p)
	}
	return out
}
