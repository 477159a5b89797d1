package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
)

// submit confirms a run and sends its orders. The run must be held.
func (s *session) submit(b importer.Summary) error {
	started := time.Now()
	err := s.ledger.UpdateRun(s.hard, b.Run.ID, func(r *ledger.Run) {
		r.State, r.Ended = ledger.Running, time.Time{}
		if r.Started.IsZero() {
			r.Started = started
		}
	})
	if err != nil {
		return err
	}
	wait := s.flags.settleWait
	if wait == 0 {
		wait = 2 * s.global.timeout
	}
	sub := &importer.Submitter{
		Journal: s.ledger, API: s.client, Run: b.Run, Sources: b.Sources, Workers: s.flags.workers, SettleWait: wait,
		Canary: s.flags.canary, Verify: importer.Verify(s.flags.verify), NoBreaker: s.flags.noBreaker, Total: b.Outcomes[ledger.NotAttempted], Observe: s.watch.observe,
	}
	runErr := sub.Do(s.soft, s.hard)
	s.watch.done()
	return errors.Join(runErr, s.closeRun(b, started, runErr))
}

// closeRun keeps how the run ended and what it cost, added to what it had cost before.
func (s *session) closeRun(b importer.Summary, started time.Time, runErr error) error {
	st, sum := s.client.Stats(), b.Stats
	sum.Requests += st.Requests
	sum.Throttled += st.Throttled
	sum.Retries += st.Retries
	sum.ElapsedSeconds += time.Since(started).Seconds()
	stats, err := json.Marshal(sum)
	if err != nil {
		return err
	}
	return s.ledger.UpdateRun(context.WithoutCancel(s.hard), b.Run.ID, func(r *ledger.Run) {
		r.State, r.Ended, r.Stats = ledger.Finished, time.Now(), stats
		if runErr != nil {
			r.State = ledger.Stopped
		}
	})
}

func owner() string {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	return fmt.Sprintf("%d@%s", os.Getpid(), host)
}
