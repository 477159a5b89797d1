package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/sheet/write"
)

// plan writes a run of so many orders into a ledger.
func plan(ctx context.Context, book ledger.Ledger, account string, orders int, state ledger.RunState) (run int64, err error) {
	run, err = book.NewRun(ctx, ledger.Run{
		Kind: order.SalesOrders, Account: account, State: state, Mode: "create", Orders: int64(orders), Started: time.Now(),
		Rows: ledger.RowCounts{Read: int64(orders), Used: int64(orders)},
	})
	if err != nil {
		return 0, err
	}
	_, err = book.AddSource(ctx, run, ledger.Source{})
	if err != nil {
		return 0, err
	}
	w := book.PutOrders(run)
	for i := range orders {
		o := ledger.Order{
			Number: fmt.Sprintf("J-%07d", i), Action: "create", Payload: []byte(payload(i)), ExpectedTotal: "21",
			Rows: []ledger.RowRef{{Source: 0, Row: i + 2}}, Items: []int{0},
		}
		if _, err := w.Add(o, nil); err != nil {
			return 0, errors.Join(err, w.Close(ctx))
		}
	}
	return run, w.Close(ctx)
}

// payload is the body of order i.
func payload(i int) string {
	return fmt.Sprintf(`{"order_number":"J-%07d","order_date":"2025-01-02","order_status":"pending","channel_id":1,"bill_to":{"name":"Ann",`+
		`"postal_code":"05401","country":"US"},"ship_to":{"name":"Ann","postal_code":"05401","country":"US"},`+
		`"items":[{"sku":"SKU-1","quantity":2,"unit_price":10.5}]}`, i)
}

// resume measures how soon a large run is resumed, each time from the same ledger.
func (l *lab) resume(ctx context.Context) (_ section, err error) {
	srv, err := startServer(ctx)
	if err != nil {
		return section{}, err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	path := filepath.Join(l.dir, "large.db")
	err = withLedger(path, func(book ledger.Ledger) error {
		_, err := plan(ctx, book, srv.base(), l.planned, ledger.Stopped)
		return err
	})
	if err != nil {
		return section{}, err
	}
	var took []float64
	for range l.runs {
		after, err := l.resumeOnce(ctx, srv, path)
		if err != nil {
			return section{}, err
		}
		took = append(took, after.Seconds())
	}
	s := section{
		title: "Resuming a large run",
		lines: []string{
			fmt.Sprintf("from the start of `ordersheet resume` to its first request, with %d planned orders: %s", l.planned, list("%.2f s", took)),
			fmt.Sprintf("**median %.2f s** (at most 5 s)", median(took)),
		},
	}
	if median(took) > 5 {
		s.failed = "too slow"
	}
	return s, nil
}

// resumeOnce resumes a copy of a ledger and returns how long it took until the server saw a
// request.
func (l *lab) resumeOnce(ctx context.Context, srv *server, path string) (after time.Duration, err error) {
	copied := filepath.Join(l.dir, "resumed.db")
	defer removeLedger(copied)
	err = write.ToFile(copied, func(out io.Writer) error {
		in, err := os.Open(path)
		if err != nil {
			return err
		}
		defer in.Close()
		_, err = io.Copy(out, in)
		return err
	})
	if err != nil {
		return 0, err
	}
	before, err := srv.truth()
	if err != nil {
		return 0, err
	}
	cmd, stderr := l.command(ctx, "resume", "--ledger", copied, "--base-url", srv.base(), "--yes", "--report", filepath.Join(l.dir, "r.xlsx"))
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	now := before
	for now.Requests == before.Requests && err == nil && time.Since(started) < time.Minute {
		time.Sleep(10 * time.Millisecond)
		now, err = srv.truth()
		after = time.Since(started)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed
	if err != nil || now.Requests == before.Requests {
		return 0, fmt.Errorf("the resumed run requested nothing: %w: %s", err, stderr)
	}
	return after, nil
}
