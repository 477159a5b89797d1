package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/order"
)

// report is what the program says of a run with --json.
type report struct {
	Orders    map[string]int64 `json:"orders"`
	Requests  int64            `json:"requests"`
	Throttled int64            `json:"throttled"`
	Balanced  bool             `json:"balanced"`
	took      time.Duration
	truth     truth
	most      int // times that one order was sent, at most
}

// runOnce imports so many orders with the program and asks the server afterwards.
func (l *lab) runOnce(ctx context.Context, orders int, serverFlags []string, flags ...string) (r report, err error) {
	dir, err := os.MkdirTemp(l.dir, "run-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s := shape{kind: order.SalesOrders, orders: orders, lines: 1, number: "L-%07d"}
	file := filepath.Join(dir, "orders.csv")
	if err := s.write(file, s.numbers()); err != nil {
		return r, err
	}
	srv, err := startServer(ctx, serverFlags...)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	cmd := exec.CommandContext(ctx, l.program, append([]string{
		"import", file, "--ledger", filepath.Join(dir, "ledger.db"), "--base-url", srv.base(), "--yes", "--json",
		"--report", filepath.Join(dir, "report.xlsx"),
	}, flags...)...)
	cmd.Env = append(os.Environ(), "LUMINOUS_API_KEY=torture")
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	began := time.Now()
	err = cmd.Run()
	r.took = time.Since(began)
	if err != nil {
		return r, fmt.Errorf("the program ended with %w: %s", err, said.String())
	}
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		return r, err
	}
	if r.truth, err = srv.truth(); err != nil {
		return r, err
	}
	r.most, err = mostAttempts(ctx, filepath.Join(dir, "ledger.db"))
	return r, err
}

// mostAttempts is how often the order was sent that was sent most often.
func mostAttempts(ctx context.Context, path string) (most int, err error) {
	book, err := sqlite.Open(path)
	if err != nil {
		return 0, err
	}
	err = book.Orders(ctx, 1, ledger.Filter{}, func(o *ledger.Order) error {
		most = max(most, o.Attempts)
		return nil
	})
	return most, errors.Join(err, book.Close())
}

// large is the run of many orders under faults, against the same without any, in turns.
func (l *lab) large(ctx context.Context) (section, error) {
	const settleWait = 2 * time.Second
	const conclusive = settleWait * 5 / 4 // and the quarter of it that lies between two look-ups
	began := time.Now()
	flags := []string{"--timeout", "1s", "--settle-wait", settleWait.String()}
	s := section{
		title: fmt.Sprintf("%d orders under faults", l.orders),
		lines: []string{
			"`ordersheet import --timeout 1s --settle-wait 2s`; 5 % are processed but not answered, 5 % are processed but answered 500, 5 % are neither processed nor answered",
			"an order that is lost several times in a row waits each time until its absence is conclusive: 1.25 settle waits, 2.5 s",
			"allowed: 1.5 times the duration of the same run without faults, plus these waits of the order that needed most",
		},
		table: [][]string{{"seed", "without faults", "with faults", "waits in a row", "allowed", "twice", "lost", "unknown", "requests per order", "faults"}},
	}
	wrong, slow, overOne := 0, 0, 0
	for i := range l.runs {
		clean, err := l.runOnce(ctx, l.orders, nil, flags...)
		if err != nil {
			return section{}, err
		}
		seed := fmt.Sprint(l.seed + uint64(i))
		rough, err := l.runOnce(ctx, l.orders, []string{"-seed", seed, "-faults", "POST:drop_after=0.05,POST:500_after=0.05,POST:drop_before=0.05"}, flags...)
		if err != nil {
			return section{}, err
		}
		waits := max(rough.most-1, 1)
		allowed := clean.took*3/2 + time.Duration(waits)*conclusive
		lost, unknown := l.orders-rough.truth.Numbers, rough.Orders["unknown"]
		s.table = append(s.table, []string{
			seed, seconds(clean.took), seconds(rough.took), fmt.Sprint(waits), seconds(allowed), fmt.Sprint(rough.truth.Twice), fmt.Sprint(lost), fmt.Sprint(unknown),
			perOrder(rough, l.orders), countsOf(rough.truth.Faults),
		})
		if rough.truth.Twice > 0 || lost > 0 || unknown > 0 || !rough.Balanced {
			wrong++
		}
		if rough.took > allowed {
			slow++
		}
		if rough.took > clean.took*3/2+conclusive {
			overOne++
		}
	}
	s.took = time.Since(began)
	s.lines = append(s.lines, fmt.Sprintf("**%d of %d runs with orders twice, lost or unknown; %d of %d took longer than allowed**; with one wait only, %d would have", wrong, l.runs, slow, l.runs, overOne))
	if wrong > 0 || 2*slow > l.runs {
		s.failed = fmt.Sprintf("%d runs wrong, %d too slow", wrong, slow)
	}
	return s, nil
}

func perOrder(r report, orders int) string {
	return fmt.Sprintf("%.3f", float64(r.Requests)/float64(orders))
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// pace is the run against a limit.
func (l *lab) pace(ctx context.Context) (section, error) {
	const orders, rate = 3000, 100
	began := time.Now()
	s := section{
		title: "Speed under a rate limit",
		lines: []string{
			fmt.Sprintf("%d orders, a limit of %d requests/s with a burst of 100, Retry-After in whole seconds, 20 ms latency, `--workers 32`, no `--rate`", orders, rate),
			"expected: from the fifth second on at least 97 % of the limit is used, under 1 % of requests are answered 429, none is sent during a requested wait",
		},
		table: [][]string{{"run", "used from the fifth second on", "whole seconds", "requests", "answered 429", "during a wait", "duration"}},
	}
	var shares, refusals []float64
	inside := 0
	for i := range l.runs {
		r, err := l.runOnce(ctx, orders, []string{"-rate", "100", "-burst", "100", "-latency", "20ms"}, "--workers", "32")
		if err != nil {
			return section{}, err
		}
		used, whole := 0, r.truth.Second[min(5, len(r.truth.Second)):]
		if len(whole) > 0 {
			whole = whole[:len(whole)-1] // the last second isn't over
		}
		for _, n := range whole {
			used += n
		}
		shares = append(shares, 100*float64(used)/float64(max(1, rate*len(whole))))
		refusals = append(refusals, 100*float64(r.truth.Throttled)/float64(max(1, r.truth.Requests)))
		inside += r.truth.InsidePause
		s.table = append(s.table, []string{
			fmt.Sprint(i + 1), fmt.Sprintf("%.1f %%", shares[i]), fmt.Sprint(len(whole)), fmt.Sprint(r.truth.Requests), fmt.Sprintf("%.2f %%", refusals[i]),
			fmt.Sprint(r.truth.InsidePause), seconds(r.took),
		})
	}
	s.took = time.Since(began)
	s.lines = append(s.lines, fmt.Sprintf("**medians: %.1f %% used, %.2f %% answered 429; %d requests during a wait in all runs**", median(shares), median(refusals), inside))
	if median(shares) < 97 || median(refusals) >= 1 || inside > 0 {
		s.failed = "the pace"
	}
	return s, nil
}

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
		number := fmt.Sprintf("J-%07d", i)
		payload := fmt.Sprintf(`{"order_number":%q,"order_date":"2025-01-02","order_status":"pending","channel_id":1,"bill_to":{"name":"Ann",`+
			`"postal_code":"05401","country":"US"},"ship_to":{"name":"Ann","postal_code":"05401","country":"US"},`+
			`"items":[{"sku":"SKU-1","quantity":2,"unit_price":10.5}]}`, number)
		o := ledger.Order{
			Number: number, Action: "create", Payload: []byte(payload), ExpectedTotal: "21", Rows: []ledger.RowRef{{Source: 0, Row: i + 2}}, Items: []int{0},
		}
		if _, err := w.Add(o, nil); err != nil {
			return 0, errors.Join(err, w.Close(ctx))
		}
	}
	return run, w.Close(ctx)
}

// resume measures how soon a large run goes on, each time from the same ledger.
func (l *lab) resume(ctx context.Context) (_ section, err error) {
	began := time.Now()
	srv, err := startServer(ctx)
	if err != nil {
		return section{}, err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	path := filepath.Join(l.dir, "large.db")
	book, err := sqlite.Open(path)
	if err != nil {
		return section{}, err
	}
	_, err = plan(ctx, book, srv.base(), l.planned, ledger.Stopped)
	if err := errors.Join(err, book.Close()); err != nil {
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
			fmt.Sprintf("from the start of `ordersheet resume` to its first request, with %d planned orders: %s", l.planned, list(took, "%.2f s", asIs)),
			fmt.Sprintf("**median %.2f s** (at most 5 s)", median(took)),
		},
		took: time.Since(began),
	}
	if median(took) > 5 {
		s.failed = "too slow"
	}
	return s, nil
}

// resumeOnce resumes a copy of a ledger and says how long it took until the server saw a request.
func (l *lab) resumeOnce(ctx context.Context, srv *server, path string) (after time.Duration, err error) {
	copied := filepath.Join(l.dir, "resumed.db")
	if err := copyFile(path, copied); err != nil {
		return 0, err
	}
	defer func() {
		for _, end := range []string{"", "-wal", "-shm"} {
			_ = os.Remove(copied + end)
		}
	}()
	before, err := srv.truth()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, l.program, "resume", "--ledger", copied, "--base-url", srv.base(), "--yes", "--report", filepath.Join(l.dir, "r.xlsx"))
	cmd.Env = append(os.Environ(), "LUMINOUS_API_KEY=torture")
	var said bytes.Buffer
	cmd.Stderr = &said
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	now := before
	for now.Requests == before.Requests && err == nil && time.Since(started) < time.Minute {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
		now, err = srv.truth()
		after = time.Since(started)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed
	if err != nil || now.Requests == before.Requests {
		return 0, fmt.Errorf("the resumed run asked for nothing: %w: %s", err, said.String())
	}
	return after, nil
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
