package importer_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"ordersheet/importer/compare"
	"ordersheet/internal/diff"
	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// TestRandomFaultsOfChanges proves, under random faults, stops and resumes, that what the ledger
// says of an order that was updated, cancelled or deleted is true, and that each ends in one word.
func TestRandomFaultsOfChanges(t *testing.T) {
	const parts, sequences = 4, 400
	tryRandom(t, sequences/parts)
	var tried, struck, updated, held atomic.Int64
	t.Cleanup(func() {
		t.Logf("counted: **%d sequences of faults on changes, %d requests struck, %d orders changed, %d held or unknown**", tried.Load(), struck.Load(),
			updated.Load(), held.Load())
	})
	for i := range parts {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				s := drawScenario(rt)
				s.cfg.StrictPut = rapid.Bool().Draw(rt, "strict")
				s.cfg.SoftDelete = rapid.Bool().Draw(rt, "soft")
				for i := range s.cfg.Faults {
					s.cfg.Faults[i].Method = rapid.SampledFrom([]string{"WRITE", "WRITE", "GET", ""}).Draw(rt, "of")
				}
				var hit int
				var states map[ledger.State]int64
				var err error
				synctest.Test(t, func(*testing.T) { hit, states, err = s.runChanges() })
				tried.Add(1)
				struck.Add(int64(hit))
				updated.Add(states[ledger.Updated] + states[ledger.Deleted])
				held.Add(states[ledger.Held] + states[ledger.Unknown])
				if err != nil {
					rt.Fatal(err)
				}
			})
		})
	}
}

// runChanges changes existing orders, and says what is wrong afterwards.
func (s scenario) runChanges() (struck int, words map[ledger.State]int64, err error) {
	cfg := s.cfg
	cfg.Faults = nil // as long as it is planned
	box, client, book, end, err := s.start(cfg)
	if err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, end()) }()
	if err := box.Fill(string(s.kind), s.orders); err != nil {
		return 0, nil, err
	}
	time.Sleep(s.cfg.ListLag) // until lists show what exists; the time isn't the clock's
	run, err := s.planChanges(book, client, box)
	if err == nil {
		err = box.SetFaults(s.cfg.Faults...)
	}
	if err == nil {
		err = s.submit(book, client, box, run)
	}
	if err != nil {
		return 0, nil, err
	}
	box.Settle()
	for _, n := range box.Stats().Faults {
		struck += n
	}
	words, err = book.CountStates(context.Background(), run)
	return struck, words, errors.Join(err, s.checkChanges(book, box, run))
}

// planChanges plans a change of each order that exists.
func (s scenario) planChanges(book ledger.Ledger, client *luminous.Client, box *sandbox.Sandbox) (int64, error) {
	ctx := context.Background()
	var all []request
	for i, o := range box.Orders(string(s.kind)) {
		w := request{number: o.Numbers[0], action: "update", payload: `{"private_note":"ours"}`}
		if s.kind == order.SalesOrders {
			if err := box.Edit(string(s.kind), o.ID, map[string]any{"order_status": "pending"}); err != nil {
				return 0, err
			}
			w.payload = `{"internal_notes":"ours","order_status":"on_hold"}`
			if i%4 == 1 {
				w.payload = `{"internal_notes":"ours","tags":["ours"]}`
			}
		}
		if i%3 == 2 {
			w.action, w.payload = "delete", "{}"
		}
		all = append(all, w)
	}
	run, err := planRequests(book, s.kind, client.BaseURL(), all)
	if err != nil {
		return 0, err
	}
	let, err := book.Acquire(ctx, run.ID, "1@scene")
	if err != nil {
		return 0, err
	}
	defer let()
	c := compare.Config{Ledger: book, API: client, Run: run, Tags: diff.TagsReplaced}
	_, err = compare.Run(ctx, c)
	return run.ID, err
}

// checkChanges says what is wrong.
func (s scenario) checkChanges(book ledger.Ledger, box *sandbox.Sandbox, run int64) error {
	standing := map[int64]string{}
	for _, o := range box.Orders(string(s.kind)) {
		standing[o.ID] = string(o.Raw)
	}
	var wrong []error
	err := book.Orders(context.Background(), run, ledger.Filter{}, func(o *ledger.Order) error {
		raw, exists := standing[o.ID]
		done := strings.Contains(raw, `"ours"`)
		if o.Action == "delete" {
			done = !exists || strings.Contains(raw, `"order_status":"cancelled"`) || strings.Contains(raw, `"order_status":"deleted"`)
		}
		switch {
		case !o.State.Final():
			wrong = append(wrong, fmt.Errorf("order %s is still %s", o.Number, o.State))
		case (o.State == ledger.Updated || o.State == ledger.Deleted || o.State == ledger.Unchanged) && !done,
			(o.State == ledger.Rejected || o.State == ledger.Invalid) && done:
			wrong = append(wrong, fmt.Errorf("order %s is %s (%s), and is %s", o.Number, o.State, o.Message, raw))
		case o.State == ledger.Held && !s.strikes("wrong_number") && !s.strikes("wrong_total") && !strings.Contains(o.Message, "couldn't be read") && !strings.Contains(o.Message, "tags were rejected"):
			wrong = append(wrong, fmt.Errorf("order %s is held, and nobody else was there: %s", o.Number, o.Message))
		}
		return nil
	})
	return errors.Join(append(wrong, err)...)
}
