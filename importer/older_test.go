package importer_test

import (
	"compress/gzip"
	"context"
	"database/sql"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"ordersheet/importer/report"
	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// TestOlderLedger goes on with a run that the first version of the program began, in a ledger that it wrote: testdata/version1.db.gz is what was
// left when that was killed in the middle of 41 orders, with 13 that stand, 4 claimed, 4 whose outcome is unknown, 19 to be sent, and 1 refused.
func TestOlderLedger(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	b := &bed{TB: t, kind: order.SalesOrders, dir: t.TempDir()}
	var err error
	b.box, err = sandbox.New(sandbox.Config{AnySKU: true, Duplicates: "accept"})
	b.check(err)
	defer b.box.Close()
	server := httptest.NewServer(b.box)
	defer server.Close()
	b.base = server.URL + sandbox.Prefix
	b.connect("token")
	defer b.client.Close()
	path := filepath.Join(b.dir, "ledger.db")
	b.check(unpack("testdata/version1.db.gz", path))
	b.check(moveAccount(path, b.client.BaseURL()))
	b.ledger, err = ledger.Open(path)
	b.check(err)
	defer b.ledger.Close()
	b.run, err = b.ledger.GetRun(ctx, 1)
	b.check(err)
	b.check(b.submit())
	b.let()
	made, sent := b.box.Created(sandbox.SalesOrders), 0
	b.check(b.ledger.Orders(ctx, b.run.ID, ledger.Filter{Full: true}, func(o *ledger.Order) error {
		want := ledger.Created
		if o.Number == "V1-bad" {
			want = ledger.Invalid
		}
		if sent += made[o.Number]; o.State != want || made[o.Number] > 1 {
			t.Errorf("order %s is %s (%s) and was made %d times, want %s", o.Number, o.State, o.Message, made[o.Number], want)
		}
		return nil
	}))
	books, err := report.ReadSummary(ctx, b.ledger, b.run.ID)
	b.check(err)
	if sent != 4+4+19 || !books.Reconciles() || books.Run.Orders != 41 {
		t.Errorf("%d orders were sent, want 27; the books: %v", sent, books.Outcomes)
	}
	keys, err := b.ledger.KeyInfo(ctx, b.client.BaseURL(), b.kind, []string{"V1-00", "V1-39"})
	b.check(err)
	for _, n := range []string{"V1-00", "V1-39"} {
		if k := keys[n]; !k.Stands() || k.Run != 1 {
			t.Errorf("the ledger doesn't remember that run 1 made %s: %+v", n, k)
		}
	}
	r, err := report.New(ctx, report.Config{Ledger: b.ledger, Run: b.run.ID})
	b.check(err)
	if err := r.WriteWorkbook(ctx, io.Discard); err != nil {
		t.Errorf("the report of an older run: %v", err)
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
	l, err := ledger.Open(path)
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

// moveAccount makes an older ledger's account this test's server, which has another port each time.
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
