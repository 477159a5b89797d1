package submit

import (
	"context"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

// heartbeatTimeout is how long after its last sign of life a process may have gone on without showing another one (ledger: six missed beats).
const heartbeatTimeout = 30 * time.Second

// recoverGroup is how many orders are taken up in one transaction.
const recoverGroup = 500

// Recover prepares a held run that ended early for going on: what a dead process had claimed is set aside to be looked up, what nobody could
// say is looked up once more, and what wasn't attempted is planned again. run is as it was before it was taken: it holds the dead process's
// last sign of life. timeout is the longest that a request of that process could last.
func Recover(ctx context.Context, l *ledger.Ledger, run ledger.Run, timeout time.Duration) error {
	if _, err := l.Recover(ctx, run.ID, timeout); err != nil {
		return err
	}
	now := time.Now()
	var group []ledger.Settlement
	flush := func() error {
		if len(group) == 0 {
			return nil
		}
		_, err := l.Advance(ctx, run.ID, group, 0)
		group = group[:0]
		return err
	}
	again := ledger.Filter{States: []ledger.State{ledger.Unresolved, ledger.Unknown, ledger.NotAttempted}}
	err := l.Orders(ctx, run.ID, again, func(o *ledger.Order) error {
		s := ledger.Settlement{Seq: o.Seq, State: ledger.OrderPlanned, Message: o.Message}
		if o.State != ledger.NotAttempted {
			s.State, s.Lookups, s.NextLookup, s.Resolved = ledger.Unresolved, o.Lookups, now, problem.OutcomeUnknown
			if o.ClaimedAt.After(o.LastByte) {
				s.LastByte, s.Lookups = latestLastByte(o.ClaimedAt.Add(timeout), run.OwnerBeat, now), 0
			}
		}
		group = append(group, s)
		if len(group) < recoverGroup {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// latestLastByte is the latest time at which a request can have ended whose end nobody wrote down: a claim may wait for its turn as long as the
// server wants to be left alone, so the time-out after the claim isn't enough; but nothing is sent by a dead process.
func latestLastByte(timedOut, beat, now time.Time) time.Time {
	if died := beat.Add(heartbeatTimeout); died.After(timedOut) {
		timedOut = died
	}
	if timedOut.After(now) {
		return now
	}
	return timedOut
}
