package importer

import (
	"context"
	"time"

	"ordersheet/internal/ledger"
)

// TakeUp prepares a held run that ended early for going on: what a dead process had claimed is set aside to be looked up, what nobody could
// say is looked up once more, and what wasn't attempted is planned again. timeout is the longest that a request of that process could
// last.
func TakeUp(ctx context.Context, l *ledger.Ledger, run int64, timeout time.Duration) error {
	if _, err := l.Recover(ctx, run, timeout); err != nil {
		return err
	}
	var group []ledger.Settlement
	flush := func() error {
		if len(group) == 0 {
			return nil
		}
		_, err := l.Advance(ctx, run, group, 0)
		group = group[:0]
		return err
	}
	again := ledger.Filter{States: []ledger.State{ledger.Unknown, ledger.NotAttempted}}
	err := l.Orders(ctx, run, again, func(o *ledger.Order) error {
		s := ledger.Settlement{Seq: o.Seq, State: ledger.OrderPlanned, Message: o.Message}
		if o.State == ledger.Unknown {
			s.State, s.NextLook = ledger.Aside, time.Now()
		}
		group = append(group, s)
		if len(group) < checkGroup {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}
