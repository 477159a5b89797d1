package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ordersheet/internal/ledger"
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
	if err := s.write(file); err != nil {
		return r, err
	}
	srv, err := startServer(ctx, serverFlags...)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	ledgerPath := filepath.Join(dir, "ledger.db")
	done, err := l.runProgram(ctx, append([]string{
		"import", file, "--ledger", ledgerPath, "--base-url", srv.base(), "--yes", "--json", "--report", filepath.Join(dir, "report.xlsx"),
	}, flags...)...)
	if err != nil {
		return r, err
	}
	r.took = done.took
	if err := json.Unmarshal([]byte(done.stdout), &r); err != nil {
		return r, err
	}
	if r.truth, err = srv.truth(); err != nil {
		return r, err
	}
	err = withLedger(ledgerPath, func(l ledger.Ledger) error {
		return l.Orders(ctx, 1, ledger.Filter{}, func(o *ledger.Order) error {
			r.most = max(r.most, o.Attempts)
			return nil
		})
	})
	return r, err
}

// large is the run of many orders under faults, against the same without any, in turns.
func (l *lab) large(ctx context.Context) (section, error) {
	const settleWait = 2 * time.Second
	const conclusive = settleWait * 5 / 4 // and the quarter of it that lies between two look-ups
	losses := []string{"-fault", "POST:drop_after=0.05", "-fault", "POST:500_after=0.05", "-fault", "POST:drop_before=0.05"}
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
		rough, err := l.runOnce(ctx, l.orders, append([]string{"-seed", seed}, losses...), flags...)
		if err != nil {
			return section{}, err
		}
		waits := max(rough.most-1, 1)
		allowed := clean.took*3/2 + time.Duration(waits)*conclusive
		lost, unknown := l.orders-rough.truth.Numbers, rough.Orders["unknown"]
		s.table = append(s.table, []string{
			seed, seconds(clean.took), seconds(rough.took), fmt.Sprint(waits), seconds(allowed), fmt.Sprint(rough.truth.Twice), fmt.Sprint(lost), fmt.Sprint(unknown),
			fmt.Sprintf("%.3f", float64(rough.Requests)/float64(l.orders)), countsOf(rough.truth.Faults),
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
	s.lines = append(s.lines, fmt.Sprintf("**%d of %d runs with orders twice, lost or unknown; %d of %d took longer than allowed**; with one wait only, %d would have", wrong, l.runs, slow, l.runs, overOne))
	if wrong > 0 || 2*slow > l.runs {
		s.failed = fmt.Sprintf("%d runs wrong, %d too slow", wrong, slow)
	}
	return s, nil
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// pace is the run against a limit.
func (l *lab) pace(ctx context.Context) (section, error) {
	const orders, rate = 3000, 100
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
	s.lines = append(s.lines, fmt.Sprintf("**medians: %.1f %% used, %.2f %% answered 429; %d requests during a wait in all runs**", median(shares), median(refusals), inside))
	if median(shares) < 97 || median(refusals) >= 1 || inside > 0 {
		s.failed = "the pace"
	}
	return s, nil
}
