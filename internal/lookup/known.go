package lookup

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ordersheet/internal/order"
)

// maxKnown is how many known orders are kept.
const maxKnown = 256

// knownOrder is an order that is known to exist under the number that was sent, which a server may
// write in another way. A look-up that doesn't find it is inconclusive.
type knownOrder struct {
	number string
	at     time.Time // it existed from then on
}

// Distrust makes every look-up that finds nothing inconclusive, for a reason, such as a server that
// changes order numbers.
func (f *Finder) Distrust(why string) {
	f.mu.Lock()
	f.distrust = why
	f.mu.Unlock()
}

// Remember adds an order that is known to exist since a time, under the number that was sent.
func (f *Finder) Remember(number string, at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.known); n > 0 && at.Sub(f.known[n-1].at) < f.Spacing {
		return
	}
	if len(f.known) == maxKnown {
		f.known = slices.Delete(f.known, 1, maxKnown/2)
	}
	f.known = append(f.known, knownOrder{number, at})
}

// KnowsAny reports whether any order is known to exist.
func (f *Finder) KnowsAny() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.known) > 0
}

// knownAfter returns the first known order that was created after a time, else the newest: a list
// that shows it shows what existed at that time.
func (f *Finder) knownAfter(after time.Time, by Method) (found knownOrder, ok bool, distrust string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, k := range f.known {
		if by != Changes && Unfilterable(k.number) {
			continue
		}
		if found, ok = k, true; !k.at.Before(after) {
			break
		}
	}
	return found, ok, f.distrust
}

// Result is what a look-up found.
type Result struct {
	Orders       map[string][]order.Answer // by number
	Inconclusive string                    // why orders that it didn't find may exist; "" if they don't
	ActiveOnly   bool                      // only active orders can be found by this method
}

// Find looks orders up by a method that Prove returned, or by Changes. after is the end of the last
// request that may have created one of them. The look-up is conclusive only if it also finds an
// order that is known to exist.
func (f *Finder) Find(ctx context.Context, by Method, numbers []string, after time.Time) (Result, error) {
	if by == Unproven {
		return Result{Inconclusive: "no list shows any order, so looking orders up isn't known to work"}, nil
	}
	known, ok, distrust := f.knownAfter(after, by)
	if ok && !slices.Contains(numbers, known.number) {
		numbers = append(slices.Clone(numbers), known.number)
	}
	var r Result
	var err error
	if by == Changes {
		r.ActiveOnly = f.Kind == order.SalesOrders // the feed shows no others
		r.Orders, err = f.changed(ctx, numbers)
	} else {
		r.Orders, err = f.ByNumbers(ctx, numbers)
	}
	switch {
	case err != nil:
	case distrust != "":
		r.Inconclusive = distrust
	case ok && len(r.Orders[known.number]) == 0:
		r.Inconclusive = fmt.Sprintf("lists don't show order %s, which has existed since %s", known.number, known.at.Local().Format(time.TimeOnly))
	case !ok && by == Changes:
		r.Inconclusive = "looking up by order number doesn't work there, and no order is known to exist that the changed orders must include"
	case !ok:
		r.Inconclusive = "no order is known to exist under the very number that was sent, so it can't be told whether Luminous changes order numbers"
	}
	return r, err
}
