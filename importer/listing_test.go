package importer_test

import (
	"context"
	"errors"
	"testing"

	"ordersheet/importer/compare"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// TestListing checks 60 planned orders of which some exist, without any filter that works: as
// meant, differently, and twice.
func TestListing(t *testing.T) {
	for _, kind := range []order.Kind{order.SalesOrders, order.PurchaseOrders} {
		bubble(t, string(kind), func(t *testing.T) {
			numbers := append(numbers(58), "N, with a comma", "N-é")
			b := newPlannedHarness(t, kind, numbers, sandbox.Config{IgnoreFilters: lookups[2].ignore}, 0)
			b.createExisting(59, 59, 3, 3, 0)
			asked := 0
			c := compare.Config{
				Ledger: b.ledger, API: b.client, Run: b.run, Existing: compare.CheckOn,
				MayList: func(orders, requests int) error {
					if asked++; orders != 5 || requests != 1 {
						t.Errorf("asked to read %d orders in %d requests, want 5 in 1", orders, requests)
					}
					return nil
				},
			}
			let, err := b.ledger.Acquire(context.Background(), b.run.ID, "1@here")
			b.check(err)
			_, err = compare.Run(context.Background(), c)
			b.check(err)
			let()
			if s := b.states(); s[ledger.Unchanged] != 1 || s[ledger.Held] != 2 || s[ledger.OrderPlanned] != 57 || asked != 1 {
				t.Errorf("after the check the orders are %v, want 1 unchanged, 2 held, 57 planned (asked %d times)", s, asked)
			}
		})
	}
}

// createExisting makes the planned orders at some places in the sandbox, as somebody else would.
func (b *harness) createExisting(places ...int) {
	b.Helper()
	var bodies [][]byte
	b.check(b.ledger.Orders(context.Background(), b.run.ID, ledger.Filter{Full: true}, func(o *ledger.Order) error {
		bodies = append(bodies, o.Payload)
		return nil
	}))
	for _, at := range places {
		_, err := b.sandbox.Create(string(b.kind), bodies[at])
		b.check(err)
	}
}

// TestListingNotWanted makes no request beyond the first ones when reading the list isn't wanted,
// or not worth it.
func TestListingNotWanted(t *testing.T) { inBubble(t, testListingNotWanted) }

func testListingNotWanted(t *testing.T) {
	no := errors.New("no")
	for existing, want := range map[compare.CheckExisting]error{compare.CheckOn: no, compare.CheckAuto: nil} {
		numbers := numbers(10)
		b := newPlannedHarness(t, order.SalesOrders, numbers, sandbox.Config{IgnoreFilters: lookups[2].ignore}, 0)
		b.createExisting(4)
		c := compare.Config{
			Ledger: b.ledger, API: b.client, Run: b.run, Existing: existing, MayList: func(int, int) error { return no },
		}
		let, err := b.ledger.Acquire(context.Background(), b.run.ID, "1@here")
		b.check(err)
		unchecked, err := compare.Run(context.Background(), c)
		if !errors.Is(err, want) {
			t.Errorf("checking with %s ended with %v, want %v", existing, err, want)
		}
		let()
		if s := b.states(); s[ledger.OrderPlanned] != 10 || (unchecked == "") != (existing == compare.CheckOn) {
			t.Errorf("with %s the orders are %v, and %q was said", existing, s, unchecked)
		}
	}
}
