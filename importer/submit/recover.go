package submit

import (
	"context"
	"time"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

// Recover prepares a run that ended early for being resumed. Orders that a dead process had claimed
// are looked up, those with an unknown outcome once more, and those that weren't attempted are
// planned again. The run must be held; run is as it was before that, with the last heartbeat of the
// dead process. timeout is the longest that a request of that process could last.
func Recover(ctx context.Context, l Journal, run ledger.Run, timeout time.Duration) error {
	if _, err := l.Recover(ctx, run.ID, timeout); err != nil {
		return err
	}
	now := time.Now()
	again := ledger.Filter{States: []ledger.State{ledger.Unresolved, ledger.Unknown, ledger.NotAttempted}}
	return plan.EachGroup(ctx, l, run.ID, again, nil, func(orders []ledger.Order) error {
		settled := make([]ledger.Settlement, len(orders))
		for i, o := range orders {
			s := ledger.Settlement{Seq: o.Seq, State: ledger.OrderPlanned, Message: o.Message}
			if o.State != ledger.NotAttempted {
				s.State, s.Lookups, s.NextLookup, s.Resolved = ledger.Unresolved, o.Lookups, now, problem.OutcomeUnknown
				if o.ClaimedAt.After(o.LastByte) {
					s.LastByte, s.Lookups = latestLastByte(o.ClaimedAt.Add(timeout), run.OwnerBeat, now), 0
				}
			}
			settled[i] = s
		}
		_, err := l.Advance(ctx, run.ID, settled, 0)
		return err
	})
}

// latestLastByte is the latest time at which a request can have ended whose end was not recorded. A
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
