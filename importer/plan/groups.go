package plan

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"ordersheet/internal/ledger"
)

const (
	groupSize      = 500 // orders that are read from the ledger at once
	defaultWorkers = 4   // a page takes the server longer than us
)

// OrderReader reads the orders of a run.
type OrderReader interface {
	Orders(ctx context.Context, run int64, f ledger.Filter, fn func(*ledger.Order) error) error
}

// EachGroup reads the orders of a run that a filter selects and passes those that keep wants (nil:
// all) to fn, some hundreds at a time. A group is valid until fn returns.
func EachGroup(
	ctx context.Context, l OrderReader, run int64, f ledger.Filter, keep func(*ledger.Order) bool, fn func([]ledger.Order) error,
) error {
	group := make([]ledger.Order, 0, groupSize)
	err := l.Orders(ctx, run, f, func(o *ledger.Order) (err error) {
		if keep == nil || keep(o) {
			group = append(group, *o)
		}
		if len(group) == groupSize {
			err = fn(group)
			group = group[:0]
		}
		return err
	})
	if err != nil || len(group) == 0 {
		return err
	}
	return fn(group)
}

// InParallel calls fn for parts of some orders and returns the results in the order of the parts.
// Up to workers parts are worked on at once; 0 is 4.
func InParallel[T any](
	ctx context.Context, orders []ledger.Order, partSize, workers int, fn func(context.Context, []ledger.Order) ([]T, error),
) ([]T, error) {
	parts := slices.Collect(slices.Chunk(orders, partSize))
	results := make([][]T, len(parts))
	pool, poolCtx := errgroup.WithContext(ctx)
	pool.SetLimit(cmp.Or(workers, defaultWorkers))
	for i, part := range parts {
		pool.Go(func() (err error) {
			results[i], err = fn(poolCtx, part)
			return err
		})
	}
	err := pool.Wait()
	return slices.Concat(results...), err
}
