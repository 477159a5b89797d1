package importer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ordersheet/importer"
	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/internal/sandbox"
)

// surface is a Service as a command or a page sets it up, with a sandbox behind HTTP and a ledger
// on the disk.
type surface struct {
	*importer.Service
	t       *testing.T
	box     *sandbox.Sandbox
	base    string
	dir     string
	ledger  ledger.Ledger
	writes  atomic.Int64      // that reached the sandbox
	limit   atomic.Int64      // writes that may reach it; the next ones wait until released or given up
	release func()            // lets all writes through
	states  []ledger.RunState // of the run at each question
	answer  error             // to each question
	mu      sync.Mutex
	used    []importer.Options // of each connection
}

func newSurface(t *testing.T) *surface {
	t.Helper()
	s := &surface{t: t, dir: t.TempDir()}
	s.limit.Store(1 << 30)
	box, err := sandbox.New(sandbox.Config{AnySKU: true})
	s.check(err)
	released := make(chan struct{})
	s.release = sync.OnceFunc(func() { close(released) })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && s.writes.Add(1) > s.limit.Load() {
			select {
			case <-released:
			case <-r.Context().Done():
				return
			}
		}
		box.ServeHTTP(w, r)
	}))
	s.box, s.base = box, server.URL+sandbox.Prefix
	s.ledger = s.openLedger()
	s.Service = s.service(s.ledger)
	t.Cleanup(func() {
		s.release()
		server.Close()
		box.Close()
	})
	return s
}

func (s *surface) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// openLedger opens the ledger as a process of its own.
func (s *surface) openLedger() ledger.Ledger {
	s.t.Helper()
	l, err := sqlite.Open(filepath.Join(s.dir, "ledger.db"))
	s.check(err)
	s.t.Cleanup(func() { s.check(l.Close()) })
	return l
}

// service returns the Service of a process. Both of a test have the pid of the test, which is
// alive.
func (s *surface) service(l ledger.Ledger) *importer.Service {
	host, err := os.Hostname()
	s.check(err)
	return importer.New(importer.Config{
		Ledger: l, Owner: fmt.Sprintf("%d@%s", os.Getpid(), host), Connect: s.connect,
		Confirm: func(_ context.Context, sum importer.Summary) error {
			s.states = append(s.states, sum.Run.State)
			return s.answer
		},
	})
}

func (s *surface) connect(_ string, o importer.Options) (importer.API, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used = append(s.used, o)
	c, err := luminous.New(luminous.Config{BaseURL: s.base, Token: "t", Workers: o.Workers, Rate: o.Rate, Timeout: 20 * time.Second})
	if err == nil {
		s.t.Cleanup(c.Close)
	}
	return c, err
}

// fast are options of runs that look up at once what was interrupted.
func fast(o *importer.Options) {
	o.Workers, o.Canary, o.Verify, o.SettleWait, o.Timeout = 2, 0, "none", 50*time.Millisecond, 50*time.Millisecond
}

// input opens a file of n orders.
func (s *surface) input(n int) *plan.Input {
	s.t.Helper()
	path := filepath.Join(s.dir, "orders.csv")
	s.check(os.WriteFile(path, []byte(csvOf(order.SalesOrders, numbers(n))), 0o600))
	job := importer.Job{Files: []string{path}, Account: s.base, Options: importer.DefaultOptions()}
	fast(&job.Options)
	in, err := importer.OpenInput(job)
	s.check(err)
	s.t.Cleanup(func() { s.check(in.Close()) })
	return in
}

// planned returns a planned run of n orders.
func (s *surface) planned(n int) int64 {
	s.t.Helper()
	run, err := s.Plan(s.t.Context(), s.input(n))
	s.check(err)
	return run.ID
}

// finished returns a run of n orders that were created.
func (s *surface) finished(n int) int64 {
	s.t.Helper()
	id := s.planned(n)
	r, err := s.Send(s.t.Context(), s.t.Context(), id)
	s.check(errors.Join(err, r.Err))
	return id
}

// stopped returns a run of n orders of which some are still to be sent.
func (s *surface) stopped(n int) int64 {
	s.t.Helper()
	id := s.planned(n)
	soft, stop := context.WithCancel(s.t.Context())
	defer stop()
	s.limit.Store(s.writes.Load() + 1)
	hard, leave := context.WithCancel(s.t.Context())
	go func() {
		s.await(func() bool { return s.writes.Load() > s.limit.Load() })
		stop()
		leave()
	}()
	r, err := s.Send(soft, hard, id)
	s.check(err)
	if r.Err == nil {
		s.t.Fatal("the run came to its end")
	}
	s.limit.Store(1 << 30)
	return id
}

func (s *surface) await(done func() bool) {
	for end := time.Now().Add(20 * time.Second); !done() && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if !done() {
		s.t.Error("what the test waits for didn't happen within 20 s")
	}
}

func (s *surface) wantState(id int64, want ledger.RunState) {
	s.t.Helper()
	run, err := s.Run(s.t.Context(), id)
	s.check(err)
	if run.State != want {
		s.t.Errorf("run %d is %s, want %s", id, run.State, want)
	}
}

func (s *surface) wantCreated(n int) {
	s.t.Helper()
	if got := len(s.box.Created(sandbox.SalesOrders)); got != n {
		s.t.Errorf("%d orders were created, want %d", got, n)
	}
}

// Each way through the states of a run, and what it asks on the way.
func TestRunStates(t *testing.T) {
	planned, stopped := ledger.Planned, ledger.Stopped
	for _, c := range []struct {
		name    string
		run     func(s *surface) int64
		want    ledger.RunState
		asked   []ledger.RunState // state of the run at each question
		created int
	}{
		{"plan", func(s *surface) int64 { return s.planned(2) }, planned, nil, 0},
		{"plan and compare", func(s *surface) int64 {
			id := s.planned(2)
			_, err := s.Compare(t.Context(), id)
			s.check(err)
			return id
		}, planned, nil, 0},
		{"answer no", func(s *surface) int64 {
			s.answer = errors.New("no")
			id := s.planned(2)
			if _, err := s.Send(t.Context(), t.Context(), id); !errors.Is(err, s.answer) {
				t.Errorf("after a no: %v", err)
			}
			return id
		}, planned, []ledger.RunState{planned}, 0},
		{"send", func(s *surface) int64 { return s.finished(2) }, ledger.Finished, []ledger.RunState{planned}, 2},
		{"apply", func(s *surface) int64 {
			id := s.planned(2)
			_, err := s.Compare(t.Context(), id)
			s.check(err)
			r, err := s.Apply(t.Context(), t.Context(), id, nil)
			s.check(errors.Join(err, r.Err))
			return id
		}, ledger.Finished, []ledger.RunState{planned}, 2},
		{"stop", func(s *surface) int64 { return s.stopped(6) }, stopped, []ledger.RunState{planned}, 1},
		{"stop and resume", func(s *surface) int64 {
			id := s.stopped(6)
			r, err := s.Resume(t.Context(), t.Context(), id, nil)
			s.check(errors.Join(err, r.Err))
			return id
		}, ledger.Finished, []ledger.RunState{planned, stopped}, 6},
		{"resume what was only confirmed", func(s *surface) int64 {
			id := s.planned(2)
			s.check(s.ledger.UpdateRun(t.Context(), id, func(r *ledger.Run) { r.State = ledger.Confirmed }))
			r, err := s.Resume(t.Context(), t.Context(), id, nil)
			s.check(errors.Join(err, r.Err))
			return id
		}, ledger.Finished, []ledger.RunState{ledger.Confirmed}, 2},
		{"nothing to send", func(s *surface) int64 {
			s.finished(2)
			s.states = nil
			return s.finished(2)
		}, ledger.Finished, []ledger.RunState{planned}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSurface(t)
			id := c.run(s)
			s.wantState(id, c.want)
			s.wantCreated(c.created)
			if fmt.Sprint(s.states) != fmt.Sprint(c.asked) {
				t.Errorf("asked in the states %v, want %v", s.states, c.asked)
			}
			sum, err := s.Summary(t.Context(), id)
			s.check(err)
			if !sum.Reconciles() {
				t.Error("the totals don't reconcile")
			}
		})
	}
}

// While a run sends it is running, and its options, statistics and times are kept.
func TestRunningRun(t *testing.T) {
	s := newSurface(t)
	id := s.planned(3)
	s.limit.Store(0)
	ended := make(chan error, 1)
	go func() {
		r, err := s.Send(t.Context(), t.Context(), id)
		ended <- errors.Join(err, r.Err)
	}()
	s.await(func() bool { return s.writes.Load() > 0 })
	st, err := s.Status(t.Context(), id)
	s.check(err)
	if st.Run.State != ledger.Running || !st.Busy || st.Run.Started.IsZero() {
		t.Errorf("a run that sends: state %s, busy %v, started %v", st.Run.State, st.Busy, st.Run.Started)
	}
	s.limit.Store(1 << 30)
	s.release()
	s.check(<-ended)
	st, err = s.Status(t.Context(), id)
	s.check(err)
	if st.Busy || st.Run.Ended.IsZero() || st.Stats.Requests < 3 {
		t.Errorf("a finished run: busy %v, ended %v, %d requests", st.Busy, st.Run.Ended, st.Stats.Requests)
	}
}

// A plan makes no request: a Service that can't connect suffices.
func TestPlanMakesNoRequest(t *testing.T) {
	s := newSurface(t)
	s.Service = importer.New(importer.Config{Ledger: s.ledger, Owner: "1@here"})
	sum, err := s.Summary(t.Context(), s.planned(4))
	s.check(err)
	if n := s.box.Stats().Requests; n != 0 || sum.Outcomes[ledger.NotAttempted] != 4 {
		t.Errorf("%d requests, outcomes %v", n, sum.Outcomes)
	}
}

// A resumed run is sent as it was started, unless an option is given again.
func TestResumeKeepsOptions(t *testing.T) {
	s := newSurface(t)
	in := s.input(6)
	started := importer.Options{
		Workers: 3, Rate: 500, Canary: 2, Verify: "all", SettleWait: 70 * time.Millisecond,
		Timeout: 50 * time.Millisecond, NoBreaker: true, Report: "/tmp/report.xlsx", Existing: "off", Tags: "add",
	}
	in.Options = started
	run, err := s.Plan(t.Context(), in)
	s.check(err)
	soft, stop := context.WithCancel(t.Context())
	stop()
	s.check(s.ledger.UpdateRun(t.Context(), run.ID, func(r *ledger.Run) { r.State = ledger.Confirmed }))
	if r, err := s.Resume(soft, t.Context(), run.ID, nil); err != nil || !errors.Is(r.Err, importer.ErrStopped) {
		t.Fatalf("a resume that is stopped at once: %v, %v", r.Err, err)
	}
	r, err := s.Resume(soft, t.Context(), run.ID, func(o *importer.Options) { o.Workers, o.Verify = 1, "none" })
	if err != nil || !errors.Is(r.Err, importer.ErrStopped) {
		t.Fatalf("a second one: %v, %v", r.Err, err)
	}
	r, err = s.Resume(t.Context(), t.Context(), run.ID, nil)
	s.check(errors.Join(err, r.Err))
	changed := started
	changed.Workers, changed.Verify = 1, "none"
	for i, want := range []importer.Options{started, changed, changed} {
		if got := asJSON(t, s.used[i]); got != asJSON(t, want) {
			t.Errorf("resume %d used %s, want %s", i+1, got, asJSON(t, want))
		}
	}
	s.wantCreated(6)
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The options of a run that an older version planned are completed by the defaults.
func TestOptionsOfOlderRuns(t *testing.T) {
	for _, c := range []struct {
		kept string
		want func(*importer.Options)
	}{
		{"", func(*importer.Options) {}},
		{
			`{"kind":"","mapping":"shop","set":["channel_id=4"],"sheet":null,"header_row":2,"tags":"add","allow_line_removal":true}`,
			func(o *importer.Options) {
				o.Mapping, o.Set, o.HeaderRow, o.Tags, o.LineRemoval = "shop", []string{"channel_id=4"}, 2, "add", true
			},
		},
		{`{"undo":7,"status":"on_hold"}`, func(o *importer.Options) { o.Undo, o.Status = 7, "on_hold" }},
	} {
		want := importer.DefaultOptions()
		c.want(&want)
		got, err := importer.OptionsOf(ledger.Run{Options: []byte(c.kept)})
		if err != nil || asJSON(t, got) != asJSON(t, want) {
			t.Errorf("%q gives %s (%v), want %s", c.kept, asJSON(t, got), err, asJSON(t, want))
		}
	}
	if _, err := importer.OptionsOf(ledger.Run{ID: 3, Options: []byte("{")}); err == nil || !strings.Contains(err.Error(), "options of run 3") {
		t.Errorf("damaged options: %v", err)
	}
}

// Another process pauses a run, lets it continue, and stops it.
func TestPauseContinueStop(t *testing.T) {
	s := newSurface(t)
	other := s.service(s.openLedger())
	id := s.planned(300)
	s.limit.Store(5)
	type ending struct {
		importer.Result
		err error
	}
	ended := make(chan ending, 1)
	go func() {
		r, err := s.Send(t.Context(), t.Context(), id)
		ended <- ending{r, err}
	}()
	s.await(func() bool { return s.writes.Load() > 5 })
	owner, err := other.Pause(t.Context(), id)
	s.check(err)
	st, err := other.Status(t.Context(), id)
	s.check(err)
	if !st.Paused || st.Run.Owner != owner || st.Next[0].Remedy != (problem.Remedy{Kind: problem.ResumeRun, Run: id}) {
		t.Errorf("paused: %v, owner %q, next %v", st.Paused, st.Run.Owner, st.Next)
	}
	if _, err := other.Resume(t.Context(), t.Context(), id, nil); err != nil {
		t.Errorf("resuming what another process paused: %v", err)
	}
	if st, err = other.Status(t.Context(), id); err != nil || st.Paused || st.Next[0].Remedy.Kind != problem.StopRun {
		t.Errorf("continued: paused %v, next %v (%v)", st.Paused, st.Next, err)
	}
	if _, err := other.Stop(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	s.limit.Store(1 << 30)
	s.release()
	if e := <-ended; e.err != nil || !errors.Is(e.Err, importer.ErrStopped) {
		t.Errorf("the stopped process: %v, %v", e.Err, e.err)
	}
	s.wantState(id, ledger.Stopped)
	if len(s.used) != 1 {
		t.Errorf("%d connections to the API, want 1: the other process only asks", len(s.used))
	}
}

// An undo is a run of its own: planned and applied, or done in one step, or resumed.
func TestServiceUndo(t *testing.T) {
	for _, c := range []struct {
		name string
		undo func(s *surface, id int64) (importer.Result, error)
	}{
		{"in one step", func(s *surface, id int64) (importer.Result, error) {
			return s.Undo(t.Context(), t.Context(), id, fast)
		}},
		{"planned, then applied", func(s *surface, id int64) (importer.Result, error) {
			sum, err := s.PlanUndo(t.Context(), id, fast)
			s.check(err)
			return s.Apply(t.Context(), t.Context(), sum.Run.ID, nil)
		}},
		{"interrupted, then asked for again", func(s *surface, id int64) (importer.Result, error) {
			sum, err := s.PlanUndo(t.Context(), id, fast)
			s.check(err)
			s.check(s.ledger.UpdateRun(t.Context(), sum.Run.ID, func(r *ledger.Run) { r.State = ledger.Stopped }))
			_, err = s.PlanUndo(t.Context(), id, fast)
			wantRefusal(t, err, "isn't finished", problem.Remedy{Kind: problem.ResumeRun, Run: sum.Run.ID})
			return s.Undo(t.Context(), t.Context(), id, fast)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSurface(t)
			id := s.finished(3)
			r, err := c.undo(s, id)
			s.check(errors.Join(err, r.Err))
			if n := r.Summary.Outcomes[ledger.Deleted]; n != 3 || importer.Undoes(r.Summary.Run) != id {
				t.Errorf("the undo of run %d: %v", importer.Undoes(r.Summary.Run), r.Summary.Outcomes)
			}
			changed, irreversible, err := s.UndoLeft(t.Context(), r.Summary.Run.ID)
			if err != nil || len(changed.Problems)+len(irreversible.Problems) != 0 {
				t.Errorf("left as it is: %v, %v (%v)", changed, irreversible, err)
			}
		})
	}
}

// An input whose run ended early is found again, by its content and for its account only.
func TestUnfinished(t *testing.T) {
	s := newSurface(t)
	id := s.stopped(6)
	run, ok, err := s.Unfinished(t.Context(), s.input(6))
	if err != nil || !ok || run.ID != id {
		t.Errorf("found run %d (%v, %v), want %d", run.ID, ok, err, id)
	}
	other := s.input(6)
	other.Account = "https://other.example/v1"
	if run, ok, err := s.Unfinished(t.Context(), other); ok || err != nil {
		t.Errorf("another account: found run %d (%v)", run.ID, err)
	}
	if run, ok, err := s.Unfinished(t.Context(), s.input(5)); ok || err != nil {
		t.Errorf("another content: found run %d (%v)", run.ID, err)
	}
	if run, err := s.NewestOpen(t.Context()); err != nil || run.ID != id {
		t.Errorf("the newest open run is %d (%v), want %d", run.ID, err, id)
	}
	r, err := s.Resume(t.Context(), t.Context(), id, nil)
	s.check(errors.Join(err, r.Err))
	if run, ok, err := s.Unfinished(t.Context(), s.input(6)); ok || err != nil {
		t.Errorf("after its end: found run %d (%v)", run.ID, err)
	}
}

func wantRefusal(t *testing.T, err error, reason string, remedies ...problem.Remedy) {
	t.Helper()
	var no *importer.NotAllowedError
	if !errors.As(err, &no) || !strings.Contains(no.Reason, reason) {
		t.Errorf("got %v, want a NotAllowedError with %q", err, reason)
		return
	}
	if got := fmt.Sprint(no.Remedies()); got != fmt.Sprint(remedies) {
		t.Errorf("%s: remedies %s, want %v", reason, got, remedies)
	}
}

// What a run can't do in its state is refused with a reason and a remedy, and without a write.
func TestRefusals(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name     string
		run      func(s *surface) (int64, error) // the run, and what it was refused
		reason   string
		remedies []problem.RemedyKind
	}{
		{"no such run", func(s *surface) (int64, error) {
			_, err := s.Resume(ctx, ctx, 99, nil)
			return 99, err
		}, "there is no run 99 in ", nil},
		{"resume a plan", func(s *surface) (int64, error) {
			id := s.planned(1)
			_, err := s.Resume(ctx, ctx, id, nil)
			return id, err
		}, "nothing left to do", nil},
		{"resume what is finished", func(s *surface) (int64, error) {
			id := s.finished(1)
			_, err := s.Resume(ctx, ctx, id, nil)
			return id, err
		}, "nothing left to do", nil},
		{"apply what was never compared", func(s *surface) (int64, error) {
			id := s.planned(1)
			_, err := s.Apply(ctx, ctx, id, nil)
			return id, err
		}, "is not a plan", nil},
		{"apply twice", func(s *surface) (int64, error) {
			id := s.finished(1)
			_, err := s.Apply(ctx, ctx, id, nil)
			return id, err
		}, "was already applied", []problem.RemedyKind{problem.ReportRun, problem.RefreshPlan}},
		{"apply what was started", func(s *surface) (int64, error) {
			id := s.stopped(6)
			_, err := s.Apply(ctx, ctx, id, nil)
			return id, err
		}, "was already started", []problem.RemedyKind{problem.ResumeRun}},
		{"refresh what isn't finished", func(s *surface) (int64, error) {
			id := s.stopped(6)
			_, err := s.Refresh(ctx, id, nil)
			return id, err
		}, "isn't finished", []problem.RemedyKind{problem.ResumeRun}},
		{"refresh a dry run", func(s *surface) (int64, error) {
			id := s.planned(1)
			_, err := s.Refresh(ctx, id, nil)
			return id, err
		}, "is not a plan", nil},
		{"undo what sent nothing", func(s *surface) (int64, error) {
			id := s.planned(1)
			_, err := s.Undo(ctx, ctx, id, nil)
			return id, err
		}, "sent nothing", nil},
		{"undo to a status that doesn't exist", func(s *surface) (int64, error) {
			id := s.finished(1)
			_, err := s.Undo(ctx, ctx, id, func(o *importer.Options) { o.Status = "lost" })
			return id, err
		}, `the status is one of `, nil},
		{"stop what isn't running", func(s *surface) (int64, error) {
			id := s.planned(1)
			_, err := s.Stop(ctx, id)
			return id, err
		}, "no process is working on run", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSurface(t)
			id, err := c.run(s)
			var want []problem.Remedy
			for _, k := range c.remedies {
				want = append(want, problem.Remedy{Kind: k, Run: id})
			}
			wantRefusal(t, err, c.reason, want...)
			if errors.Is(err, ledger.ErrNotFound) != (id == 99) {
				t.Errorf("not found: %v", err)
			}
		})
	}
}

// A run of one account is refused on another, before a request.
func TestWrongAccount(t *testing.T) {
	s := newSurface(t)
	id := s.stopped(6)
	before := s.box.Stats().Requests
	s.base = strings.Replace(s.base, "127.0.0.1", "localhost", 1)
	_, err := s.Resume(t.Context(), t.Context(), id, nil)
	wantRefusal(t, err, "is for http")
	if !errors.Is(err, importer.ErrWrongAccount) || s.box.Stats().Requests != before {
		t.Errorf("%v, after %d requests", err, s.box.Stats().Requests-before)
	}
}

// A run that another process has taken is left to it.
func TestOwnedRun(t *testing.T) {
	s := newSurface(t)
	id := s.stopped(6)
	host, err := os.Hostname()
	s.check(err)
	release, err := s.openLedger().Acquire(t.Context(), id, fmt.Sprintf("%d@%s", os.Getppid(), host))
	s.check(err)
	defer release()
	var owned *ledger.OwnedError
	if _, err := s.Resume(t.Context(), t.Context(), id, nil); !errors.As(err, &owned) || owned.Run != id {
		t.Errorf("resuming it: %v", err)
	}
	if _, err := s.Undo(t.Context(), t.Context(), id, nil); err == nil || !strings.Contains(err.Error(), "is working on run") {
		t.Errorf("undoing it: %v", err)
	}
}

// A plan that changed since it was compared isn't applied.
func TestPlanChanged(t *testing.T) {
	s := newSurface(t)
	id := s.planned(2)
	_, err := s.Compare(t.Context(), id)
	s.check(err)
	s.check(s.ledger.UpdateRun(t.Context(), id, func(r *ledger.Run) { r.Mapping = []byte("other") }))
	if _, err := s.Apply(t.Context(), t.Context(), id, nil); !errors.Is(err, importer.ErrPlanChanged) {
		t.Errorf("applying it: %v", err)
	}
	s.wantCreated(0)
}
