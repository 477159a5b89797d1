package importer_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// TestFaultsAmongHundreds lets each fault strike ten of 200 orders, the first, the middle and the
// last among them, with three seeds. Answers overtake each other.
func TestFaultsAmongHundreds(t *testing.T) {
	const n, struck = 200, 10
	for _, f := range faults {
		if f.persistent { // it stops the run whenever it strikes: TestFaults has it
			continue
		}
		for seed := range uint64(3) {
			kind := []order.Kind{order.SalesOrders, order.PurchaseOrders}[seed%2]
			bubble(t, fmt.Sprintf("%s/seed %d", f, seed), func(t *testing.T) {
				all := numbers(n)
				wants := map[string]wanted{all[0]: f.want(), all[n/2]: f.want(), all[n-1]: f.want()}
				for rng := rand.New(rand.NewPCG(seed, 11)); len(wants) < struck; {
					wants[all[rng.IntN(n)]] = f.want()
				}
				b := newPlannedHarness(t, kind, all, sandbox.Config{
					Seed: seed, IgnoreFilters: lookups[seed].ignore, RetryAfter: 1, Script: func(c sandbox.Call) string {
						if c.Method != "POST" || len(c.Numbers) != 1 || c.Try > max(f.strikes, 1) && f.want().created > 0 {
							return ""
						}
						if _, ok := wants[c.Numbers[0]]; !ok {
							return ""
						}
						return f.name
					},
				}, seed+1)
				b.finish() // two answers in a row that aren't the API's stop the run
				b.verify(all, wants)
			})
		}
	}
}
