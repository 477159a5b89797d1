package submit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"ordersheet/internal/diff"
	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// Verify says which orders are read back after they were written, and compared with what was
// wanted.
type Verify string

// The ways of verifying. A sample is the canary orders, the first order that writes tags or custom
// fields, and one in a hundred.
const (
	VerifyNone   Verify = "none"
	VerifySample Verify = "sample"
	VerifyAll    Verify = "all"
)

// sampleEvery is how many orders a sample has one of.
const sampleEvery = 100

// verify reads an order back that was just written. A field that isn't as wanted is a warning at
// its cell; in a canary order, or the first one to write what the API's pages leave open, it also
// stops the run.
func (s *submitter) verify(ctx context.Context, r *result, canary bool) {
	if s.Verify == "" || s.Verify == VerifyNone || r.State != ledger.Created && r.State != ledger.Updated && r.State != ledger.Deleted {
		return
	}
	first := s.firstOfItsKind(r.order) // called for each order, so that it is really the first
	if s.Verify == VerifySample && !canary && first == "" && r.Seq%sampleEvery != 0 {
		return
	}
	differences, err := s.readBack(ctx, r)
	if err != nil {
		r.Problems = append(r.Problems, s.cells.AtOrder(r.order, problem.New(problem.NotReadBack, "value", r.order.Number, "why", err.Error())))
		return
	}
	if len(differences) == 0 {
		return
	}
	var parts []string
	for _, d := range differences {
		parts = append(parts, d.String())
		p := problem.New(problem.ReadBackDiffers, "field", d.Path, "why", d.String())
		p.Expected = d.Want
		r.Problems = append(r.Problems, s.cells.AtField(r.order, d.Path, p))
	}
	text := strings.Join(parts, "; ")
	switch {
	case first != "" && slices.ContainsFunc(differences, func(d diff.Difference) bool { return strings.HasPrefix(d.Path, first) }):
		r.stop = fmt.Errorf("%w: order %s is the first of this run to write %s, and they differ when read back: %s", ErrStopped, r.order.Number, first, text)
	case canary:
		r.stop = fmt.Errorf("%w: order %s, one of the first, differs when read back: %s", ErrStopped, r.order.Number, text)
	}
}

// firstOfItsKind returns the field that an order is the first of this run to update, out of those
// of which the API's pages don't say whether an update replaces them or adds to them; empty when
// there is none.
func (s *submitter) firstOfItsKind(o ledger.Order) string {
	if o.Action != order.Update || o.Change == nil {
		return ""
	}
	for _, name := range []string{"tags", "custom_fields"} {
		if order.Payload(o.Change.Body).Has(name) {
			if _, seen := s.probed.LoadOrStore(name, true); !seen {
				return name
			}
		}
	}
	return ""
}

// readBack compares an order with what was wanted.
func (s *submitter) readBack(ctx context.Context, r *result) ([]diff.Difference, error) {
	a, err := s.API.Get(ctx, s.Run.Kind, r.ID)
	var e *luminous.Error
	if errors.As(err, &e) && e.Status == http.StatusNotFound {
		if r.State == ledger.Deleted {
			return nil, nil
		}
		return []diff.Difference{{Path: "id", Want: fmt.Sprint(r.ID), Actual: "not found"}}, nil
	}
	switch {
	case err != nil:
		return nil, err
	case a.ID != r.ID:
		return nil, fmt.Errorf("asked for order %d, the server answered with order %d", r.ID, a.ID)
	case r.State == ledger.Created:
		return diff.Differences(r.order.Payload, a.Raw)
	}
	return s.mismatches(r, a)
}

// mismatches returns what about a changed order isn't as wanted.
func (s *submitter) mismatches(r *result, a order.Answer) (out []diff.Difference, err error) {
	c := r.order.Change
	if r.Change != nil {
		c = r.Change
	}
	compared, err := s.rules.ThreeWay(c, a.Raw)
	if err != nil || len(compared.Edited)+len(compared.Pending) == 0 {
		return nil, err
	}
	if c.Body != nil {
		if out, err = diff.Differences(c.Body, a.Raw); err != nil {
			return nil, err
		}
	}
	out = slices.DeleteFunc(out, func(d diff.Difference) bool {
		name, _, _ := strings.Cut(d.Path, ".")
		return slices.Contains(compared.Done, name)
	})
	if c.Whole != nil && c.Body == nil {
		out = append(out, diff.Difference{Path: "order_status", Want: "deleted", Actual: a.Status})
	}
	if c.Tags != nil && !slices.Contains(compared.Done, "tags") {
		out = append(out, diff.Difference{Path: "tags", Want: strings.Join(c.Tags.Names, ", "), Actual: "other tags"})
	}
	return out, nil
}
