package sqlite_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/order"
)

const account = "https://x.example/external/api/v1"

// payload is about as long as a real sales order of three lines.
func payload(i int) []byte {
	return fmt.Appendf(nil, `{"order_number":"SO-%07d","order_status":"open","order_date":"2026-%02d-%02d","customer_po_number":"PO%d",`+
		`"bill_to":{"name":"Buyer %d","street1":"%d High Street","city":"Springfield","postal_code":"%05d","country":"US"},`+
		`"ship_to":{"name":"Buyer %d","street1":"%d High Street","city":"Springfield","postal_code":"%05d","country":"US"},`+
		`"items":[{"sku":"SKU-%04d","quantity":%d,"unit_price":%d.%02d},{"sku":"SKU-%04d","quantity":2,"unit_price":12.5},`+
		`{"sku":"SKU-%04d","quantity":1,"unit_price":3.99}],"total_tax":%d.%02d,"total_shipping":4.95}`,
		i, i%12+1, i%28+1, i*7, i, i%900, i%99999, i, i%900, i%99999, i%5000, i%9+1, i%300, i%100, i*3%5000, i*11%5000, i%20, i*13%100)
}

func planned(i int) ledger.Order {
	return ledger.Order{
		Number: fmt.Sprintf("SO-%07d", i), Action: "create", Payload: payload(i), ExpectedTotal: "123.45",
		Fingerprint: fmt.Sprintf("1:%064x", uint64(i)*0x9e3779b97f4a7c15),
		Rows:        []ledger.RowRef{{Row: 3*i + 2}, {Row: 3*i + 3}, {Row: 3*i + 4}}, Items: []int{0, 1, 2},
	}
}

// filled returns a ledger on disk with a confirmed run of n planned orders, held by this process.
func filled(tb testing.TB, path string, n int) (*sqlite.Ledger, int64) {
	tb.Helper()
	ctx := context.Background()
	l, err := sqlite.Open(path)
	check(tb, err)
	tb.Cleanup(func() { check(tb, l.Close()) })
	run, err := l.NewRun(ctx, ledger.Run{Kind: order.SalesOrders, Account: account})
	check(tb, err)
	w := l.PutOrders(run)
	for i := range n {
		_, err := w.Add(planned(i), nil)
		check(tb, err)
	}
	check(tb, w.Close(ctx))
	check(tb, l.UpdateRun(ctx, run, func(r *ledger.Run) { r.State, r.Orders = ledger.Confirmed, int64(n) }))
	release, err := l.Acquire(ctx, run, "1@bench")
	check(tb, err)
	tb.Cleanup(release)
	return l, run
}

// fataler is a test, a benchmark or a property.
type fataler interface {
	Helper()
	Fatal(args ...any)
}

func check(tb fataler, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func BenchmarkAdvance(b *testing.B) {
	for _, c := range []struct {
		path  string
		group int
	}{{"disk", 8}, {"disk", 32}, {"disk", 64}, {"disk", 128}, {":memory:", 64}} {
		b.Run(fmt.Sprintf("%s/%d", strings.Trim(c.path, ":"), c.group), func(b *testing.B) {
			path := c.path
			if path == "disk" {
				path = filepath.Join(b.TempDir(), "ledger.db")
			}
			l, run := filled(b, path, b.N)
			ctx := context.Background()
			b.ReportAllocs()
			b.ResetTimer()
			done := 0
			var settled []ledger.Settlement
			for done < b.N {
				got, err := l.Advance(ctx, run, settled, c.group)
				check(b, err)
				settled = settled[:0]
				for i := range got.Claimed {
					settled = append(settled, ledger.Settlement{
						Seq: got.Claimed[i].Seq, State: ledger.Created, ID: 100000 + got.Claimed[i].Seq, ConfirmedTotal: "123.45",
						HTTPStatus: 201, Sent: 1, LastByte: time.Now(),
					})
				}
				done += len(settled)
				if len(settled) == 0 {
					b.Fatalf("nothing more after %d of %d", done, b.N)
				}
			}
			_, err := l.Advance(ctx, run, settled, 0)
			check(b, err)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
		})
	}
}

func BenchmarkPutOrders(b *testing.B) {
	l, err := sqlite.Open(filepath.Join(b.TempDir(), "ledger.db"))
	check(b, err)
	defer l.Close()
	run, err := l.NewRun(context.Background(), ledger.Run{Kind: order.SalesOrders})
	check(b, err)
	some := make([]ledger.Order, 10000)
	for i := range some {
		some[i] = planned(i)
	}
	b.ReportAllocs()
	b.ResetTimer()
	w := l.PutOrders(run)
	for i := range b.N {
		_, err := w.Add(some[i%len(some)], nil)
		check(b, err)
	}
	check(b, w.Close(context.Background()))
}

// spoolRow is a row of 26 cells such as order lines have.
func spoolRow(row *cell.Row, i int) {
	row.Num = i + 1
	row.Cells = row.Cells[:0]
	for c := range 26 {
		var text []byte
		kind := cell.Text
		switch c % 5 {
		case 0:
			text = fmt.Appendf(nil, "SO-%07d", i/3)
		case 1:
			text, kind = fmt.Appendf(nil, "%d.%02d", i%500, i%97), cell.Number
		case 2:
			text = fmt.Appendf(nil, "Buyer %d", i*7%40000)
		case 3:
			text, kind = fmt.Appendf(nil, "%d", i%12), cell.Number
		default:
			text = fmt.Appendf(nil, "%d High Street", i%900)
		}
		row.Cells = append(row.Cells, cell.Cell{Col: c, Kind: kind, Text: text})
	}
}

func BenchmarkSpoolWrite(b *testing.B) {
	l, err := sqlite.Open(filepath.Join(b.TempDir(), "ledger.db"))
	check(b, err)
	defer l.Close()
	rows := make([]cell.Row, 20000)
	for i := range rows {
		spoolRow(&rows[i], i)
	}
	b.ReportAllocs()
	b.ResetTimer()
	w := l.Spool(1, 0)
	for i := range b.N {
		r := &rows[i%len(rows)]
		r.Num = i + 1
		check(b, w.Append(r))
	}
	check(b, w.Close(context.Background()))
}

func BenchmarkSpoolRead(b *testing.B) {
	ctx := context.Background()
	l, err := sqlite.Open(filepath.Join(b.TempDir(), "ledger.db"))
	check(b, err)
	defer l.Close()
	w := l.Spool(1, 0)
	var row cell.Row
	for i := range 20000 {
		spoolRow(&row, i)
		check(b, w.Append(&row))
	}
	check(b, w.Close(ctx))
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; {
		check(b, l.SpoolRows(ctx, 1, 0, func(*cell.Row) error { n++; return nil }))
	}
}

func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	b.Run("new", func(b *testing.B) {
		for i := range b.N {
			l, err := sqlite.Open(filepath.Join(dir, fmt.Sprintf("%d-%d.db", b.N, i)))
			check(b, err)
			check(b, l.Close())
		}
	})
	b.Run("there", func(b *testing.B) {
		for range b.N {
			l, err := sqlite.Open(filepath.Join(dir, "1-0.db"))
			check(b, err)
			check(b, l.Close())
		}
	})
}

// BenchmarkMillion is a run of a million orders, half of them settled: what resuming and reporting
// it cost before the first order is sent or shown.
func BenchmarkMillion(b *testing.B) {
	const n = 1_000_000
	ctx := context.Background()
	l, run := filled(b, filepath.Join(b.TempDir(), "ledger.db"), n)
	var settled []ledger.Settlement
	for done := 0; done < n/2; {
		got, err := l.Advance(ctx, run, settled, 5000)
		check(b, err)
		settled = settled[:0]
		for _, o := range got.Claimed {
			settled = append(settled, ledger.Settlement{Seq: o.Seq, State: ledger.Created, ID: o.Seq, ConfirmedTotal: "123.45", HTTPStatus: 201, Sent: 1})
		}
		done += len(settled)
	}
	b.Run("resume", func(b *testing.B) {
		for range b.N {
			second, err := sqlite.Open(l.Path())
			check(b, err)
			check(b, l.UpdateRun(ctx, run, func(r *ledger.Run) { r.State = ledger.Stopped }))
			other, err := second.Acquire(ctx, run, "0@nowhere")
			if err == nil {
				other()
				b.Fatal("two processes have the run")
			}
			_, err = second.CountStates(ctx, run)
			check(b, err)
			check(b, second.Close())
		}
	})
	b.Run("recover", func(b *testing.B) {
		b.StopTimer()
		_, err := l.Advance(ctx, run, settled, 0)
		check(b, err)
		settled = nil
		b.StartTimer()
		for range b.N {
			_, err := l.Recover(ctx, run, 0)
			check(b, err)
		}
	})
	for name, f := range map[string]ledger.Filter{"light": {}, "full": {Full: true}} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				check(b, l.Orders(ctx, run, f, func(*ledger.Order) error { return nil }))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/order")
		})
	}
	b.Run("keys", func(b *testing.B) {
		numbers := make([]string, 100000)
		for i := range numbers {
			numbers[i] = planned(i * 7 % n).Number
		}
		for range b.N {
			_, err := l.KeyInfo(ctx, account, order.SalesOrders, numbers)
			check(b, err)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(numbers)), "ns/number")
	})
}
