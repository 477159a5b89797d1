package submit

import (
	"context"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

// recoverGroup is how many orders one transaction recovers.
const recoverGroup = 500

// Recover prepares a run that ended early for being resumed. Orders that a dead process had claimed
// are looked up, those with an unknown outcome once more, and those that weren't attempted are
// planned again. The run must be held; run is as it was before that, with the last heartbeat of the
// dead process. timeout is the longest that a request of that process could last.
func Recover(ctx context.Context, l ledger.Ledger, run ledger.Run, timeout time.Duration) error {
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

// latestLastByte is the latest time at which a request can have ended whose end nobody recorded. A
// claim may wait as long as the server asks for, so the time-out after the claim isn't enough; but
// a dead process sends nothing.
func latestLastByte(timedOut, beat, now time.Time) time.Time {
	if died := beat.Add(ledger.OwnerTimeout); died.After(timedOut) {
		timedOut = died
	}
	if timedOut.After(now) {
		return now
	}
	return timedOut
}
