package luminous

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// sandboxBody is a payload that the sandbox accepts.
func sandboxBody(number string) []byte {
	return fmt.Appendf(nil, `{"channel_id":1,"order_number":%q,"order_date":"2024-01-15","order_status":"pending",
		"bill_to":{"name":"A"},"ship_to":{"name":"A"},"items":[{"sku":"SKU-1","quantity":2,"unit_price":49.99}]}`, number)
}

// TestOutcomesAreTrue sends orders under each fault and compares what the client says with the
// orders that then exist: after a success one, after "not sent" and "rejected" none, after
// "unknown" one at most, since nothing is sent twice.
func TestOutcomesAreTrue(t *testing.T) {
	for _, f := range sandbox.FaultNames() {
		if f.Name == "401_after" {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			api, err := sandbox.New(sandbox.Config{
				Duplicates: "accept", AnySKU: true, Seed: 7, Faults: []sandbox.Fault{{Name: f.Name, P: 0.3, Method: "WRITE"}},
				LateCommit: 20 * time.Millisecond, SlowFor: 300 * time.Millisecond, DripEvery: 20 * time.Millisecond, RetryAfter: time.Second,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer api.Close()
			server := httptest.NewUnstartedServer(api)
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.Start()
			defer server.Close()
			c := newTestClient(t, server.URL+sandbox.Prefix, func(c *Config) {
				c.Timeout, c.Patience, c.Workers = 200*time.Millisecond, 3*time.Second, 8
			})
			n := 40
			if f.Name == "429" || f.Name == "429_date" || f.Name == "429_bare" {
				n = 6 // each pause takes a second
			}
			outcome := make([]string, n)
			var pool errgroup.Group
			pool.SetLimit(8)
			for i := range n {
				pool.Go(func() error {
					outcome[i] = "created"
					_, err := c.Create(context.Background(), order.SalesOrders, sandboxBody(fmt.Sprint("N", i)))
					var e *Error
					if errors.As(err, &e) {
						outcome[i] = e.Outcome.String()
					}
					return nil
				})
			}
			pool.Wait()
			api.Settle()
			existing := api.Created(sandbox.SalesOrders)
			words := map[string]int{}
			for i, word := range outcome {
				words[word]++
				k := existing[fmt.Sprint("N", i)]
				if word == "created" && k != 1 || (word == "not sent" || word == "rejected") && k != 0 || k > 1 {
					t.Errorf("order N%d was reported as %s and created %d times", i, word, k)
				}
			}
			t.Log(words)
		})
	}
}
