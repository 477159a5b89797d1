package importer_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ordersheet/importer/plan"
	"ordersheet/importer/report"
	"ordersheet/importer/submit"
	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// The times of these tests. No request of the sandbox may commit later than settleWait after its client has gone, also on a busy machine.
const (
	timeout    = slow * 300 * time.Millisecond
	settleWait = slow * 600 * time.Millisecond
	workers    = 4
)

// bed is a run of some orders, a ledger on the disk, and a sandbox behind real connections, which lets the same order be made twice, so that it
// would show.
type bed struct {
	testing.TB
	kind   order.Kind
	box    *sandbox.Sandbox
	ledger *ledger.Ledger
	client *luminous.Client
	base   string
	run    ledger.Run
	dir    string
	let    func() // lets the run go

	patience time.Duration // of the client; 0 is a minute, which a busy machine may need
}

// newBed plans n orders. jitter shuffles the order in which requests are answered.
func newBed(t testing.TB, kind order.Kind, numbers []string, cfg sandbox.Config, jitter uint64) *bed {
	t.Helper()
	b := raise(t, kind, cfg, jitter)
	file := filepath.Join(b.dir, "orders.csv")
	b.check(os.WriteFile(file, []byte(sheetOf(kind, numbers)), 0o600))
	var err error
	b.run, err = plan.Plan(context.Background(), b.ledger, plan.Job{Files: []string{file}, Kind: kind, Account: b.client.BaseURL()})
	b.check(err)
	if b.run.Orders != int64(len(numbers)) {
		b.Fatalf("%d orders are planned, want %d", b.run.Orders, len(numbers))
	}
	return b
}

// raise sets up all but the run. What wraps sees every request before the sandbox does.
func raise(t testing.TB, kind order.Kind, cfg sandbox.Config, jitter uint64, wraps ...func(*bed, http.Handler) http.Handler) *bed {
	t.Helper()
	if cfg.Duplicates == "" {
		cfg.Duplicates = "accept"
	}
	cfg.AnySKU = true
	cfg.SlowFor, cfg.LateCommit, cfg.DripEvery = 2*timeout, timeout/2, timeout/4
	b := &bed{TB: t, kind: kind, dir: t.TempDir()}
	var err error
	b.box, err = sandbox.New(cfg)
	b.check(err)
	handler := shuffled(b.box, jitter)
	for _, wrap := range wraps {
		handler = wrap(b, handler)
	}
	server := httptest.NewServer(handler)
	b.base = server.URL + sandbox.Prefix
	b.ledger, err = ledger.Open(filepath.Join(b.dir, "ledger.db"))
	b.check(err)
	b.connect("token")
	t.Cleanup(func() {
		if b.let != nil {
			b.let()
		}
		b.client.Close()
		b.box.Close()
		server.Close()
		b.check(b.ledger.Close())
	})
	return b
}

func (b *bed) check(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// connect makes the client of a new process.
func (b *bed) connect(token string) {
	b.Helper()
	if b.client != nil {
		b.client.Close()
	}
	var err error
	b.client, err = luminous.New(luminous.Config{BaseURL: b.base, Token: token, Timeout: timeout, Workers: workers, Patience: b.patience})
	b.check(err)
}

// impatient gives up on a server soon.
func (b *bed) impatient() {
	b.Helper()
	b.patience = slow * 3 * time.Second
	b.connect("token")
}

// shuffled holds each request back for a moment, so that answers overtake each other.
func shuffled(h http.Handler, seed uint64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if seed != 0 {
			timer := time.NewTimer(time.Duration(rand.N(3000)) * time.Microsecond)
			select {
			case <-timer.C:
			case <-r.Context().Done():
			}
			timer.Stop()
		}
		h.ServeHTTP(w, r)
	})
}

// sheetOf is a CSV file with orders of one to three lines. Each order differs from every other in its total.
func sheetOf(kind order.Kind, numbers []string) string {
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

// total is what the order at a place adds up to.
func total(i int) string {
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
func (b *bed) start() submit.Submitter {
	b.Helper()
	ctx := context.Background()
	if b.let != nil {
		b.let()
	}
	before, err := b.ledger.GetRun(ctx, b.run.ID)
	b.check(err)
	host, err := os.Hostname()
	b.check(err)
	b.let, err = b.ledger.Acquire(ctx, b.run.ID, fmt.Sprintf("%d@%s", 1<<30, host)) // a process that is dead wherever this run is taken up again
	b.check(err)
	if before.State != ledger.Planned {
		b.check(submit.Recover(ctx, b.ledger, before, timeout))
	}
	b.check(b.ledger.UpdateRun(ctx, b.run.ID, func(r *ledger.Run) {
		if r.State = ledger.Running; r.Started.IsZero() {
			r.Started = time.Now()
		}
	}))
	books, err := report.ReadSummary(ctx, b.ledger, b.run.ID)
	b.check(err)
	return submit.Submitter{
		Journal: b.ledger, API: b.client, Run: books.Run, Sources: books.Sources, Workers: workers, SettleWait: settleWait, Canary: 1,
	}
}

// submit sends what is to be sent and returns why it ended early.
func (b *bed) submit() error {
	b.Helper()
	s := b.start()
	return s.Do(context.Background(), context.Background())
}

// finish resumes the run until nothing is left to do.
func (b *bed) finish() {
	b.Helper()
	for range 5 {
		if err := b.submit(); err == nil {
			return
		}
	}
	b.Fatal("five resumes didn't end the run")
}

// want is what shall have become of an order.
type want struct {
	word ledger.State
	may  ledger.State // as well as word, when it isn't empty
	made int          // how many orders were ever made under its number
}

// verify compares ledger, report and sandbox with each other and with what each order shall be; those that aren't named shall be created.
func (b *bed) verify(numbers []string, wants map[string]want) {
	b.Helper()
	ctx := context.Background()
	b.box.Settle()
	books, err := report.ReadSummary(ctx, b.ledger, b.run.ID)
	b.check(err)
	if !books.Reconciles() {
		orders, rows := books.Totals()
		b.Errorf("the books don't balance: %s; %s", orders, rows)
	}
	made, place := b.box.Created(string(b.kind)), map[string]int{}
	standing := map[string]sandbox.Order{}
	for _, o := range b.box.Orders(string(b.kind)) {
		standing[o.Numbers[0]] = o
	}
	for i, n := range numbers {
		place[n] = i
	}
	seen := 0
	b.check(b.ledger.Orders(ctx, b.run.ID, ledger.Filter{Full: true}, func(o *ledger.Order) error {
		seen++
		w, ok := wants[o.Number]
		if !ok {
			w = want{word: ledger.Created, made: 1}
		}
		if o.State != w.word && (w.may == "" || o.State != w.may) {
			b.Errorf("order %s is %s (%s), want %s", o.Number, o.State, o.Message, w.word)
		}
		if n := made[o.Number]; n != w.made {
			b.Errorf("order %s was made %d times, want %d (%s: %s)", o.Number, n, w.made, o.State, o.Message)
		}
		b.identity(o, place[o.Number], standing[o.Number])
		return nil
	}))
	if seen != len(numbers) {
		b.Errorf("the ledger has %d orders, want %d", seen, len(numbers))
	}
	b.report(standing)
}

// identity says whether what the ledger has of an order is that order's own.
func (b *bed) identity(o *ledger.Order, place int, stands sandbox.Order) {
	b.Helper()
	if stands.ID != 0 && o.ID != 0 && o.ID != stands.ID {
		b.Errorf("order %s has id %d in the ledger, but stands as %d", o.Number, o.ID, stands.ID)
	}
	if o.State == ledger.Created && (o.ID == 0 || o.ID != stands.ID) {
		b.Errorf("order %s is created with id %d, and stands with id %d", o.Number, o.ID, stands.ID)
	}
	if o.State == ledger.Created && o.ConfirmedTotal != "" && o.ConfirmedTotal != total(place) && !strings.Contains(b.Name(), "wrong_total") {
		b.Errorf("order %s has the total %s, want %s", o.Number, o.ConfirmedTotal, total(place))
	}
	if !strings.Contains(string(o.Payload), strconv.Quote(o.Number)) && !strings.Contains(o.Number, `"`) {
		b.Errorf("order %s has another order's payload: %s", o.Number, o.Payload)
	}
}

// report compares the words of the report with what stands.
func (b *bed) report(standing map[string]sandbox.Order) {
	b.Helper()
	ctx := context.Background()
	r, err := report.New(ctx, report.Config{Ledger: b.ledger, Run: b.run.ID})
	b.check(err)
	var orders bytes.Buffer
	b.check(r.WriteCSV(ctx, &orders, io.Discard, io.Discard))
	rows, err := csv.NewReader(&orders).ReadAll()
	b.check(err)
	col := map[string]int{}
	for i, h := range rows[0] {
		col[h] = i
	}
	for _, row := range rows[1:] {
		number, status, id := row[col["order_number"]], row[col["status"]], row[col["id"]]
		o, stands := standing[number]
		switch status {
		case "created", "unchanged":
			if !stands || id != strconv.FormatInt(o.ID, 10) {
				b.Errorf("the report says that order %s is %s as id %s, the sandbox has id %d", number, status, id, o.ID)
			}
		case "rejected", "invalid", "not_attempted":
			if stands {
				b.Errorf("the report says that order %s is %s, but it stands as id %d", number, status, o.ID)
			}
		}
	}
}

// states counts the run's orders by state.
func (b *bed) states() map[ledger.State]int64 {
	b.Helper()
	n, err := b.ledger.CountStates(context.Background(), b.run.ID)
	b.check(err)
	return n
}
