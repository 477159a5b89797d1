package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
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
	r.truth, err = srv.truth()
	return r, err
}

// large is the run of many orders under faults, against the same without any.
func (l *lab) large(ctx context.Context) (section, error) {
	began := time.Now()
	flags := []string{"--timeout", "1s", "--settle-wait", "2s"}
	clean, err := l.runOnce(ctx, l.orders, nil, flags...)
	if err != nil {
		return section{}, err
	}
	rough, err := l.runOnce(ctx, l.orders, []string{"-faults", "POST:drop_after=0.05,POST:500_after=0.05,POST:drop_before=0.05"}, flags...)
	if err != nil {
		return section{}, err
	}
	const chain = 3 * 2500 * time.Millisecond // an order may be lost and sent again twice, each time after the settle wait and a quarter of it
	allowed := clean.took*3/2 + chain
	lost := l.orders - rough.truth.Numbers
	s := section{
		title: fmt.Sprintf("%d orders under faults", l.orders),
		lines: []string{
			"`ordersheet import --timeout 1s --settle-wait 2s`; 5 % committed and then cut off, 5 % answered 500 although committed, 5 % cut off before the commit",
			fmt.Sprintf("**%d twice, %d lost, %d unknown at the end**", rough.truth.Twice, lost, rough.Orders["unknown"]),
		},
		table: [][]string{
			{"", "without faults", "with faults"},
			{"wall time", seconds(clean.took), seconds(rough.took)},
			{"requests an order", perOrder(clean, l.orders), perOrder(rough, l.orders)},
			{"faults", "0", countsOf(rough.truth.Faults)},
		},
		took: time.Since(began),
	}
	s.lines = append(s.lines, fmt.Sprintf("allowed: 1.5 x %s and three settle waits = %s", seconds(clean.took), seconds(allowed)))
	switch {
	case rough.truth.Twice > 0 || lost > 0 || rough.Orders["unknown"] > 0 || !rough.Balanced:
		s.failed = "orders twice, lost or unknown"
	case rough.took > allowed:
		s.failed = "too slow"
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
	share := 100 * float64(used) / float64(max(1, rate*len(whole)))
	refused := 100 * float64(r.truth.Throttled) / float64(r.truth.Requests)
	s := section{
		title: "The pace under a limit",
		lines: []string{
			fmt.Sprintf("%d orders, limit of %d requests/s with a burst of 100, Retry-After in whole seconds, 20 ms latency, `--workers 32`, no `--rate`", orders, rate),
			fmt.Sprintf("**from the fifth second on %.1f %% of what was allowed used** (at least 97 %%), over %d whole seconds", share, len(whole)),
			fmt.Sprintf("%.2f %% of %d requests answered 429 (under 1 %%), %d inside a Retry-After window (0)", refused, r.truth.Requests, r.truth.InsidePause),
			fmt.Sprintf("wall time %s", seconds(r.took)),
		},
		took: time.Since(began),
	}
	if share < 97 || refused >= 1 || r.truth.InsidePause > 0 {
		s.failed = "the pace"
	}
	return s, nil
}

// journal measures what durable claims and settles cost: the same run with a ledger on the disk and one in memory, in turns.
func (l *lab) journal(ctx context.Context) (section, error) {
	const turns = 5
	began := time.Now()
	s := section{
		title: "What the journal costs",
		lines: []string{fmt.Sprintf("32 workers, medians of %d runs each, in turns; orders a second", turns)},
		table: [][]string{{"latency", "orders", "in memory", "on disk", "cost", "allowed"}},
	}
	for _, c := range []struct {
		latency time.Duration
		orders  int
		most    float64
	}{{0, 4000, 15}, {50 * time.Millisecond, 2500, 5}} {
		var disk, memory []float64
		for range turns {
			for path, into := range map[string]*[]float64{":memory:": &memory, filepath.Join(l.dir, "journal.db"): &disk} {
				speed, err := l.submitOnce(ctx, path, c.orders, c.latency)
				if err != nil {
					return section{}, err
				}
				*into = append(*into, speed)
			}
		}
		slices.Sort(disk)
		slices.Sort(memory)
		d, m := disk[turns/2], memory[turns/2]
		cost := 100 * (1 - d/m)
		s.table = append(s.table, []string{
			c.latency.String(), fmt.Sprint(c.orders), fmt.Sprintf("%.0f", m), fmt.Sprintf("%.0f", d), fmt.Sprintf("%.1f %%", cost),
			fmt.Sprintf("%.0f %%", c.most),
		})
		if cost > c.most {
			s.failed += fmt.Sprintf("at %v the journal costs %.1f %%; ", c.latency, cost)
		}
	}
	s.failed = strings.TrimSuffix(s.failed, "; ")
	s.took = time.Since(began)
	return s, nil
}

// submitOnce submits so many orders and returns how many a second.
func (l *lab) submitOnce(ctx context.Context, path string, orders int, latency time.Duration) (speed float64, err error) {
	const workers = 32
	srv, err := startServer(ctx, "-latency", latency.String())
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	book, err := ledger.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() {
		err = errors.Join(err, book.Close())
		for _, end := range []string{"", "-wal", "-shm"} {
			_ = os.Remove(path + end) // none in memory
		}
	}()
	run, err := plan(ctx, book, srv.base(), orders, ledger.Running)
	if err != nil {
		return 0, err
	}
	client, err := luminous.New(luminous.Config{BaseURL: srv.base(), Token: "torture", Workers: workers})
	if err != nil {
		return 0, err
	}
	defer client.Close()
	release, err := book.Acquire(ctx, run, "torture")
	if err != nil {
		return 0, err
	}
	defer release()
	books, err := importer.ReadBooks(ctx, book, run)
	if err != nil {
		return 0, err
	}
	sub := importer.Submission{Journal: book, API: client, Run: books.Run, Workers: workers}
	began := time.Now()
	if err := sub.Do(ctx, ctx); err != nil {
		return 0, err
	}
	return float64(orders) / time.Since(began).Seconds(), nil
}

// plan writes a run of so many orders into a ledger.
func plan(ctx context.Context, book *ledger.Ledger, account string, orders int, state ledger.RunState) (run int64, err error) {
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

// resume measures how soon a large run goes on.
func (l *lab) resume(ctx context.Context) (_ section, err error) {
	began := time.Now()
	srv, err := startServer(ctx)
	if err != nil {
		return section{}, err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	path := filepath.Join(l.dir, "large.db")
	book, err := ledger.Open(path)
	if err != nil {
		return section{}, err
	}
	_, err = plan(ctx, book, srv.base(), l.planned, ledger.Stopped)
	if err := errors.Join(err, book.Close()); err != nil {
		return section{}, err
	}
	cmd := exec.CommandContext(ctx, l.program, "resume", "--ledger", path, "--base-url", srv.base(), "--yes", "--report", filepath.Join(l.dir, "r.xlsx"))
	cmd.Env = append(os.Environ(), "LUMINOUS_API_KEY=torture")
	var said bytes.Buffer
	cmd.Stderr = &said
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return section{}, err
	}
	var t truth
	for t.Created == 0 && err == nil && time.Since(started) < time.Minute {
		select {
		case <-ctx.Done():
			return section{}, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
		t, err = srv.truth()
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed
	if err != nil || t.Created == 0 {
		return section{}, fmt.Errorf("the resumed run sent nothing: %w: %s", err, said.String())
	}
	after := t.FirstRequest.Sub(started)
	s := section{
		title: "Going on with a large run",
		lines: []string{fmt.Sprintf("**%s from the start of `ordersheet resume` to the first request**, with %d planned orders (at most 5 s)", seconds(after), l.planned)},
		took:  time.Since(began),
	}
	if after > 5*time.Second {
		s.failed = "too slow"
	}
	return s, nil
}
