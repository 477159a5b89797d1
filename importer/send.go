package importer

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"ordersheet/importer/plan"
	"ordersheet/importer/report"
	"ordersheet/importer/submit"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

// Send compares the orders of a run that was just planned with those that exist, has it confirmed,
// and carries it out. When soft ends, it takes no new orders; when hard ends, it returns at once.
func (s *Service) Send(soft, hard context.Context, id int64) (Result, error) {
	t, err := s.take(hard, id, nil, mayBegin)
	if err != nil {
		return Result{}, err
	}
	defer t.release()
	if err := t.compare(soft, false); err != nil {
		return Result{}, err
	}
	return t.carryOut(soft, hard)
}

// Apply has a plan confirmed and carries it out exactly as Compare, Refresh or PlanUndo left it.
// change changes how it is sent; nil is as it was planned.
func (s *Service) Apply(soft, hard context.Context, id int64, change func(*Options)) (Result, error) {
	t, err := s.take(hard, id, change, mayApply)
	if err != nil {
		return Result{}, err
	}
	defer t.release()
	if err := plan.VerifyPlan(hard, t.cfg.Ledger, t.run); err != nil {
		return Result{}, err
	}
	return t.carryOut(soft, hard)
}

// mayBegin reports why a run can't be begun; nil when it is planned.
func mayBegin(run ledger.Run) error {
	switch run.State {
	case ledger.Planned:
		return nil
	case ledger.Finished:
		return notAllowed(remedy(run.ID, problem.ReportRun, problem.RefreshPlan), "run %d was already applied", run.ID)
	}
	return notAllowed(remedy(run.ID, problem.ResumeRun), "run %d was already started; it is %s", run.ID, run.State)
}

func mayApply(run ledger.Run) error {
	if err := mayBegin(run); err != nil {
		return err
	}
	if run.PlanHash == "" {
		return notAllowed(nil, "run %d is not a plan: it was never compared with existing orders", run.ID)
	}
	return nil
}

// Resume continues a confirmed run that ended early: it looks up the orders whose outcome is
// unknown, and sends the rest. A run that another process only paused goes on there
// (Result.Elsewhere). change changes how it is sent; nil is as it was started.
func (s *Service) Resume(soft, hard context.Context, id int64, change func(*Options)) (Result, error) {
	run, err := s.Run(hard, id)
	if err != nil {
		return Result{}, err
	}
	if run.Asked == submit.AskPause && run.Busy() {
		return Result{Elsewhere: run.Owner}, s.cfg.Ledger.Ask(hard, id, "")
	}
	t, err := s.take(hard, id, change, func(r ledger.Run) error {
		left, err := s.leftToDo(hard, r)
		if err == nil && !left {
			err = notAllowed(nil, "run %d has nothing left to do", id)
		}
		return err
	})
	if err != nil {
		return Result{}, err
	}
	defer t.release()
	timeout := max(t.timeout, t.options.Timeout)
	if err := submit.Recover(hard, t.cfg.Ledger, t.before, timeout); err != nil {
		return Result{}, err
	}
	return t.carryOut(soft, hard)
}

// NewestOpen finds the newest run that ended early, else the newest that finished with unknown
// outcomes.
func (s *Service) NewestOpen(ctx context.Context) (ledger.Run, error) {
	for _, finished := range []bool{false, true} {
		run, ok, err := s.newestOpen(ctx, func(r ledger.Run) bool { return (r.State == ledger.Finished) == finished })
		if err != nil || ok {
			return run, err
		}
	}
	return ledger.Run{}, notAllowed(nil, "no run has anything left to do")
}

// carryOut has the run confirmed, sends what is left of it, and closes it.
func (t *task) carryOut(soft, hard context.Context) (Result, error) {
	sum, err := report.ReadSummary(hard, t.cfg.Ledger, t.run.ID)
	if err != nil {
		return Result{}, err
	}
	if t.cfg.Confirm != nil {
		if err := t.cfg.Confirm(hard, sum); err != nil {
			return Result{}, err
		}
	}
	options, err := t.options.Encode()
	if err != nil {
		return Result{}, err
	}
	state := ledger.Confirmed
	if sum.Outcomes[ledger.NotAttempted]+sum.Outcomes[ledger.Unknown] == 0 {
		state = ledger.Finished
	}
	err = t.update(hard, func(r *ledger.Run) {
		if r.State, r.Options, r.Ended = state, options, (time.Time{}); state == ledger.Finished {
			r.Ended = time.Now()
		}
	})
	if err != nil {
		return Result{}, err
	}
	var runErr error
	if state == ledger.Confirmed {
		runErr = t.send(soft, hard, sum)
	}
	sum, err = report.ReadSummary(context.WithoutCancel(hard), t.cfg.Ledger, t.run.ID)
	return Result{Summary: sum, Err: runErr}, err
}

// send sends the orders of a confirmed run, and keeps how that ended.
func (t *task) send(soft, hard context.Context, sum Summary) error {
	started := time.Now()
	err := t.update(hard, func(r *ledger.Run) {
		r.State = ledger.Running
		if r.Started.IsZero() {
			r.Started = started
		}
	})
	if err != nil {
		return err
	}
	o := t.options
	runErr := submit.Run(soft, hard, submit.Config{
		Journal: t.cfg.Ledger, API: t.api, Run: t.run, Sources: sum.Sources, Workers: o.Workers,
		SettleWait: settleWait(o), Canary: o.Canary, Verify: submit.Verify(o.Verify), NoBreaker: o.NoBreaker,
		Total: sum.Outcomes[ledger.NotAttempted] + sum.Outcomes[ledger.Unknown], Observe: t.cfg.Observe,
	})
	stats, err := t.stats(sum.Stats, started)
	if err != nil {
		return errors.Join(runErr, err)
	}
	return errors.Join(runErr, t.update(context.WithoutCancel(hard), func(r *ledger.Run) {
		r.State, r.Ended, r.Stats = ledger.Finished, time.Now(), stats
		if runErr != nil {
			r.State = ledger.Stopped
		}
	}))
}

// stats adds what this process requested to what the run had cost before.
func (t *task) stats(sum report.Stats, started time.Time) ([]byte, error) {
	st := t.api.Stats()
	sum.Requests += st.Requests
	sum.Throttled += st.Throttled
	sum.Retries += st.Retries
	sum.ElapsedSeconds += time.Since(started).Seconds()
	return json.Marshal(sum)
}
