package importer_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ordersheet/importer/plan"
	"ordersheet/importer/report"
	"ordersheet/importer/submit"
	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// Nearly all tests run in a synctest bubble with connections in memory: their time is virtual, so
// it makes no difference how busy the machine is. No request of the sandbox commits later than
// settleWait after its client has gone.
const (
	timeout    = 300 * time.Millisecond
	settleWait = 600 * time.Millisecond
	workers    = 4
)

// harness is a run of some orders, a ledger on the disk, and a sandbox behind HTTP. The sandbox
// creates the same order twice if it is told to, so that such a bug would show.
type harness struct {
	testing.TB
	kind    order.Kind
	sandbox *sandbox.Sandbox
	ledger  ledger.Ledger
	client  *luminous.Client
	run     ledger.Run
	dir     string
	release func() // gives the run back

	wire     *pipes
	patience time.Duration // of the client; 0 is its default
}

// bubble runs a parallel subtest whose time is virtual.
func bubble(t *testing.T, name string, fn func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		inBubble(t, fn)
	})
}

// inBubble runs a test whose time is virtual.
func inBubble(t *testing.T, fn func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { time.Sleep(time.Second) }) // as last of all: net/http closes some connections late
		fn(t)
	})
}

// newPlannedHarness plans orders with some numbers. jitter shuffles the order in which requests are
// answered.
func newPlannedHarness(t testing.TB, kind order.Kind, numbers []string, cfg sandbox.Config, jitter uint64) *harness {
	t.Helper()
	h := newHarness(t, kind, cfg, jitter)
	h.planFile(csvOf(kind, numbers))
	if h.run.Orders != int64(len(numbers)) {
		h.Fatalf("%d orders are planned, want %d", h.run.Orders, len(numbers))
	}
	return h
}

// newHarness sets up everything but the run. Each wrapper sees every request before the sandbox
// does.
func newHarness(
	t testing.TB, kind order.Kind, cfg sandbox.Config, jitter uint64, wrappers ...func(*harness, http.Handler) http.Handler,
) *harness {
	t.Helper()
	if cfg.Duplicates == "" {
		cfg.Duplicates = "accept"
	}
	cfg.AnySKU = true
	cfg.SlowFor, cfg.LateCommit, cfg.DripEvery = 2*timeout, timeout/2, timeout/4
	h := &harness{TB: t, kind: kind, dir: t.TempDir(), wire: newPipes()}
	var err error
	h.sandbox, err = sandbox.New(cfg)
	h.check(err)
	handler := delayed(h.sandbox, jitter)
	for _, wrap := range wrappers {
		handler = wrap(h, handler)
	}
	server := &http.Server{Handler: handler}
	go server.Serve(h.wire) //nolint:errcheck // ends with Close
	h.ledger = newLedger(t, h.dir)
	h.connect("token")
	t.Cleanup(func() {
		if h.release != nil {
			h.release()
		}
		h.client.Close()
		h.sandbox.Close()
		h.check(server.Close())
		h.check(h.ledger.Close())
	})
	return h
}

func (h *harness) check(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// connect creates the client of a new process.
func (h *harness) connect(token string) {
	h.Helper()
	if h.client != nil {
		h.client.Close()
	}
	var err error
	h.client, err = luminous.New(luminous.Config{
		BaseURL: baseURL, Token: token, Timeout: timeout, Workers: workers, Patience: h.patience, Dial: h.wire.dial,
	})
	h.check(err)
}

// baseURL is where the sandbox answers, whatever pipes lead there.
const baseURL = "http://127.0.0.1" + sandbox.Prefix

// impatient makes the client give up soon.
func (h *harness) impatient() {
	h.Helper()
	h.patience = 3 * time.Second
	h.connect("token")
}

// planFile plans the orders of a CSV file.
func (h *harness) planFile(content string) {
	h.Helper()
	file := filepath.Join(h.dir, "orders.csv")
	h.check(os.WriteFile(file, []byte(content), 0o600))
	var err error
	job := plan.Job{Files: []string{file}, Kind: h.kind, Account: h.client.BaseURL()}
	h.run, err = planJob(h.ledger, job)
	h.check(err)
}

// csvOf is a CSV file with orders of one to three lines. Each order differs from every other in its
// total.
func csvOf(kind order.Kind, numbers []string) string {
	var s strings.Builder
	w := csv.NewWriter(&s)
	if kind == order.PurchaseOrders {
		_ = w.Write([]string{"PO Number", "PO Date", "Supplier ID", "Warehouse ID", "Item SKU", "Qty", "Unit Cost"})
	} else {
		_ = w.Write(strings.Split("order_number,order_date,order_status,channel_id,bill_to_name,bill_to_postal_code,bill_to_country,"+
			"ship_to_name,ship_to_postal_code,ship_to_country,sku,quantity,unit_price", ","))
	}
	for i, number := range numbers {
		name := fmt.Sprintf("Buyer %d", i)
		for line := range 1 + i%3 {
			sku, price := fmt.Sprintf("SKU-%d", line), fmt.Sprintf("%d.25", 100+i)
			if kind == order.PurchaseOrders {
				_ = w.Write([]string{number, "2025-01-02", "1", "1", sku, "2", price})
				continue
			}
			_ = w.Write([]string{number, "2025-01-02", "pending", "1", name, "05401", "US", name, "05401", "US", sku, "2", price})
		}
	}
	w.Flush()
	return s.String()
}

// totalOf is what the order at a place adds up to.
func totalOf(i int) string {
	return strconv.FormatFloat(float64(1+i%3)*2*(100.25+float64(i)), 'f', -1, 64)
}

// numbers are those of n orders.
func numbers(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("N-%03d", i)
	}
	return out
}

// start takes the run as a process would.
func (h *harness) start() submit.Config {
	h.Helper()
	ctx := context.Background()
	if h.release != nil {
		h.release()
	}
	before, err := h.ledger.GetRun(ctx, h.run.ID)
	h.check(err)
	host, err := os.Hostname()
	h.check(err)
	h.release, err = h.ledger.Acquire(ctx, h.run.ID, fmt.Sprintf("%d@%s", 1<<30, host)) // a process that is dead wherever this run is taken up again
	h.check(err)
	if before.State != ledger.Planned {
		h.check(submit.Recover(ctx, h.ledger, before, timeout))
	}
	h.check(h.ledger.UpdateRun(ctx, h.run.ID, func(r *ledger.Run) {
		if r.State = ledger.Running; r.Started.IsZero() {
			r.Started = time.Now()
		}
	}))
	sum, err := report.ReadSummary(ctx, h.ledger, h.run.ID)
	h.check(err)
	return submit.Config{
		Journal: h.ledger, API: h.client, Run: sum.Run, Sources: sum.Sources, Workers: workers, SettleWait: settleWait, Canary: 1,
	}
}

// submit sends what is to be sent and returns why it ended early.
func (h *harness) submit() error {
	h.Helper()
	s := h.start()
	return submit.Run(context.Background(), context.Background(), s)
}

// finish resumes the run until nothing is left to do.
func (h *harness) finish() {
	h.Helper()
	for range 5 {
		if err := h.submit(); err == nil {
			return
		}
	}
	h.Fatal("five resumes didn't end the run")
}

// wanted is what shall have become of an order.
type wanted struct {
	state   ledger.State
	created int // how many orders were ever made under its number
}

// verify compares ledger, report and sandbox with each other and with what each order shall be;
// those that aren't named shall be created.
func (h *harness) verify(numbers []string, wants map[string]wanted) {
	h.Helper()
	ctx := context.Background()
	h.sandbox.Settle()
	sum, err := report.ReadSummary(ctx, h.ledger, h.run.ID)
	h.check(err)
	if !sum.Reconciles() {
		orders, rows := sum.Totals()
		h.Errorf("the totals don't reconcile: %s; %s", orders, rows)
	}
	made, place := h.sandbox.Created(string(h.kind)), map[string]int{}
	standing := map[string]sandbox.Order{}
	for _, o := range h.sandbox.Orders(string(h.kind)) {
		standing[o.Numbers[0]] = o
	}
	for i, n := range numbers {
		place[n] = i
	}
	seen := 0
	h.check(h.ledger.Orders(ctx, h.run.ID, ledger.Filter{Full: true}, func(o *ledger.Order) error {
		seen++
		w, ok := wants[o.Number]
		if !ok {
			w = wanted{state: ledger.Created, created: 1}
		}
		if o.State != w.state {
			h.Errorf("order %s is %s (%s), want %s", o.Number, o.State, o.Message, w.state)
		}
		if n := made[o.Number]; n != w.created {
			h.Errorf("order %s was made %d times, want %d (%s: %s)", o.Number, n, w.created, o.State, o.Message)
		}
		h.checkIdentity(o, place[o.Number], standing[o.Number])
		return nil
	}))
	if seen != len(numbers) {
		h.Errorf("the ledger has %d orders, want %d", seen, len(numbers))
	}
	h.checkReport(standing)
}

// checkIdentity says whether what the ledger has of an order is that order's own.
func (h *harness) checkIdentity(o *ledger.Order, place int, exists sandbox.Order) {
	h.Helper()
	if exists.ID != 0 && o.ID != 0 && o.ID != exists.ID {
		h.Errorf("order %s has id %d in the ledger, but exists as %d", o.Number, o.ID, exists.ID)
	}
	if o.State == ledger.Created && (o.ID == 0 || o.ID != exists.ID) {
		h.Errorf("order %s is created with id %d, and exists with id %d", o.Number, o.ID, exists.ID)
	}
	if o.State == ledger.Created && o.ConfirmedTotal != "" && o.ConfirmedTotal != totalOf(place) && !strings.Contains(h.Name(), "wrong_total") {
		h.Errorf("order %s has the total %s, want %s", o.Number, o.ConfirmedTotal, totalOf(place))
	}
	if !strings.Contains(string(o.Payload), strconv.Quote(o.Number)) && !strings.Contains(o.Number, `"`) {
		h.Errorf("order %s has another order's payload: %s", o.Number, o.Payload)
	}
}

// checkReport compares the words of the report with what exists.
func (h *harness) checkReport(standing map[string]sandbox.Order) {
	h.Helper()
	ctx := context.Background()
	r, err := report.New(ctx, report.Config{Ledger: h.ledger, Run: h.run.ID})
	h.check(err)
	var orders bytes.Buffer
	h.check(r.WriteCSV(ctx, &orders, io.Discard, io.Discard))
	rows, err := csv.NewReader(&orders).ReadAll()
	h.check(err)
	col := map[string]int{}
	for i, h := range rows[0] {
		col[h] = i
	}
	for _, row := range rows[1:] {
		number, status, id := row[col["order_number"]], row[col["status"]], row[col["id"]]
		o, exists := standing[number]
		switch status {
		case "created", "unchanged":
			if !exists || id != strconv.FormatInt(o.ID, 10) {
				h.Errorf("the report says that order %s is %s as id %s, the sandbox has id %d", number, status, id, o.ID)
			}
		case "rejected", "invalid", "not_attempted":
			if exists {
				h.Errorf("the report says that order %s is %s, but it exists as id %d", number, status, o.ID)
			}
		}
	}
}

// states counts the run's orders by state.
func (h *harness) states() map[ledger.State]int64 {
	h.Helper()
	n, err := h.ledger.CountStates(context.Background(), h.run.ID)
	h.check(err)
	return n
}
