package importer_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// In each state a run says what a person can do next, and offers the remedy for it.
func TestNextSteps(t *testing.T) {
	for _, c := range []struct {
		name   string
		run    func(s *surface) int64
		text   string
		remedy problem.RemedyKind // of that run; empty for none
	}{
		{"planned", func(s *surface) int64 { return s.planned(2) }, "this was a dry run", ""},
		{"a plan", func(s *surface) int64 {
			id := s.planned(2)
			_, err := s.Compare(t.Context(), id)
			s.check(err)
			return id
		}, "carry out the plan", problem.ApplyRun},
		{"stopped", func(s *surface) int64 { return s.stopped(4) }, "continue it", problem.ResumeRun},
		{"finished", func(s *surface) int64 { return s.finished(2) }, "everything is done", ""},
		{"unknown outcome", func(s *surface) int64 {
			id := s.finished(2)
			s.addOrder(id, ledger.Unknown)
			return id
		}, "continue it", problem.ResumeRun},
		{"invalid", func(s *surface) int64 { return s.planBad() }, "correct the sheet To fix", problem.ReportRun},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSurface(t)
			id := c.run(s)
			steps, err := s.Next(t.Context(), id)
			s.check(err)
			want := problem.Remedy{Kind: c.remedy}
			if c.remedy != "" {
				want.Run = id
			}
			if len(steps) != 1 || !strings.Contains(steps[0].Text, c.text) || steps[0].Remedy != want {
				t.Errorf("next steps %+v, want one with %q and %+v", steps, c.text, want)
			}
		})
	}
}

// addOrder adds an order with an outcome to a run that was carried out.
func (s *surface) addOrder(id int64, state ledger.State) {
	s.t.Helper()
	w := s.ledger.PutOrders(id)
	_, err := w.Add(ledger.Order{Seq: 99, Number: "lost", Action: order.Create, State: state}, nil)
	s.check(err)
	s.check(w.Close(s.t.Context()))
}

// planBad carries out a run of which one order is invalid.
func (s *surface) planBad() int64 {
	s.t.Helper()
	path := filepath.Join(s.dir, "bad.csv")
	text := strings.Replace(csvOf(order.SalesOrders, numbers(2)), "2025-01-02", "someday", 1)
	s.check(os.WriteFile(path, []byte(text), 0o600))
	job := importer.Job{Files: []string{path}, Account: s.base, Options: importer.DefaultOptions()}
	fast(&job.Options)
	in, err := importer.OpenInput(job)
	s.check(err)
	defer in.Close()
	run, err := s.Plan(s.t.Context(), in)
	s.check(err)
	r, err := s.Send(s.t.Context(), s.t.Context(), run.ID)
	s.check(err)
	s.check(r.Err)
	return run.ID
}

// A run is found by the content of a file that it read, whatever the file is called now, and the
// newest of several comes first.
func TestNewest(t *testing.T) {
	s := newSurface(t)
	if id, err := s.Newest(t.Context()); err != nil || id != 0 {
		t.Errorf("without a run the newest is %d (%v)", id, err)
	}
	s.planned(2)
	second := s.planned(3)
	third := s.planned(2)
	of := func(n int) int64 {
		id, err := s.NewestOf(t.Context(), strings.NewReader(csvOf(order.SalesOrders, numbers(n))))
		s.check(err)
		return id
	}
	newest, err := s.Newest(t.Context())
	s.check(err)
	if newest != third || of(2) != third || of(3) != second || of(4) != 0 {
		t.Errorf("newest %d, of two orders %d, of three %d, of four %d; want %d, %d, %d, 0", newest, of(2), of(3), of(4), third, third, second)
	}
}

// A report counts as it was written only until somebody changes a byte of it.
func TestIsReport(t *testing.T) {
	s := newSurface(t)
	id := s.planned(1)
	is := func(id int64, content string) bool { return s.IsReport(t.Context(), id, strings.NewReader(content)) }
	if is(id, "") {
		t.Error("a run without a report has one")
	}
	s.check(s.KeepReport(t.Context(), id, bytes.NewReader([]byte("report"))))
	if !is(id, "report") || is(id, "Report") || is(id+1, "report") {
		t.Error("the content, the run and nothing else have to be the same")
	}
}
