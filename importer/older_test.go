package importer_test

import (
	"compress/gzip"
	"context"
	"database/sql"
	"io"
	"os"
	"path/filepath"
	"testing"

	"ordersheet/importer/plan"
	"ordersheet/importer/report"
	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// TestOlderLedger resumes a run that an older version of the program began, in a ledger which that
// version wrote. Each was killed in the middle of 41 orders. Version 1 left 14 final orders, 4
// claimed, 4 whose outcome is unknown and 19 to be sent; version 3 left 6 final, 8 claimed, 2
// unknown and 25 to be sent. In each of them one order is invalid, which older ledgers call
// refused.
func TestOlderLedger(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file        string
		prefix      string // of the order numbers
		sent        int
		rowsInvalid int64 // rows without an order number
	}{{"version1.db.gz", "V1", 4 + 4 + 19, 0}, {"version3-killed.db.gz", "V3", 8 + 2 + 25, 1}} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel() // in real time: virtual time begins years before these ledgers were written
			resumeOlder(t, c.file, c.prefix, c.sent, c.rowsInvalid)
		})
	}
}

func resumeOlder(t *testing.T, file, prefix string, wantSent int, rowsInvalid int64) {
	ctx := context.Background()
	b := newHarness(t, order.SalesOrders, sandbox.Config{}, 0)
	b.check(b.sandbox.Fill(sandbox.SalesOrders, 100)) // the ids in the ledger are taken, as they would be
	b.check(b.ledger.Close())
	var err error
	path := filepath.Join(b.dir, "older.db")
	b.check(unpack("testdata/"+file, path))
	b.check(moveAccount(path, b.client.BaseURL()))
	b.ledger, err = sqlite.Open(path)
	b.check(err)
	b.run, err = b.ledger.GetRun(ctx, 1)
	b.check(err)
	b.check(b.submit())
	made, sent := b.sandbox.Created(sandbox.SalesOrders), 0
	invalid := prefix + "-bad"
	b.check(b.ledger.Orders(ctx, b.run.ID, ledger.Filter{Full: true}, func(o *ledger.Order) error {
		want := ledger.Created
		if o.Number == invalid {
			want = ledger.Invalid
		}
		if sent += made[o.Number]; o.State != want || made[o.Number] > 1 {
			t.Errorf("order %s is %s (%s) and was made %d times, want %s", o.Number, o.State, o.Message, made[o.Number], want)
		}
		return nil
	}))
	sum, err := report.ReadSummary(ctx, b.ledger, b.run.ID)
	b.check(err)
	if sent != wantSent || !sum.Reconciles() || sum.Run.Orders != 41 || sum.Run.Rows.Invalid != rowsInvalid {
		t.Errorf("%d orders were sent, want %d; outcomes %v, rows %+v", sent, wantSent, sum.Outcomes, sum.Run.Rows)
	}
	first, last := prefix+"-00", prefix+"-39"
	keys, err := b.ledger.KeyInfo(ctx, b.client.BaseURL(), b.kind, []string{first, last})
	b.check(err)
	for _, n := range []string{first, last} {
		if k := keys[n]; !k.Exists() || k.Run != 1 {
			t.Errorf("the ledger doesn't remember that run 1 made %s: %+v", n, k)
		}
	}
	r, err := report.New(ctx, report.Config{Ledger: b.ledger, Run: b.run.ID})
	b.check(err)
	if err := r.WriteWorkbook(ctx, io.Discard); err != nil {
		t.Errorf("the report of an older run: %v", err)
	}
}

// TestOlderPlan checks that a plan which version 3 froze, with an order that it called refused, can
// still be applied.
func TestOlderPlan(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ledger.db")
	if err := unpack("testdata/version3-killed.db.gz", path); err != nil {
		t.Fatal(err)
	}
	l, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	run, err := l.GetRun(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	counts, err := l.CountStates(ctx, 2)
	if err != nil || counts[ledger.Invalid] != 1 || counts[ledger.OrderPlanned] != 3 {
		t.Errorf("the older plan has the orders %v (%v), want 1 invalid and 3 planned", counts, err)
	}
	if err := plan.VerifyPlan(ctx, l, run); err != nil {
		t.Errorf("the older plan: %v", err)
	}
}

// TestRefusedBecomesInvalid opens a ledger of version 3, in which the outcome invalid was called
// refused: testdata/version3.db.gz has an import of samples/sales-orders-messy.xlsx.
func TestRefusedBecomesInvalid(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ledger.db")
	if err := unpack("testdata/version3.db.gz", path); err != nil {
		t.Fatal(err)
	}
	l, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s, err := report.ReadSummary(ctx, l, 1)
	if err != nil {
		t.Fatal(err)
	}
	if n := s.Outcomes[ledger.Invalid]; n != 25 || s.Run.Rows.Invalid != 1 || !s.Reconciles() {
		t.Errorf("got %d invalid orders and %d invalid rows, want 25 and 1: %v", n, s.Run.Rows.Invalid, s.Outcomes)
	}
}

func unpack(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	z, err := gzip.NewReader(in)
	if err != nil {
		return err
	}
	content, err := io.ReadAll(z)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}

// moveAccount replaces the account of an older ledger by this test's server.
func moveAccount(path, base string) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer db.Close()
	base, err = luminous.NormalizeBaseURL(base, "")
	if err != nil {
		return err
	}
	_, err = db.Exec(`UPDATE run SET account = $1; UPDATE key_scope SET account = $1`, base)
	return err
}
