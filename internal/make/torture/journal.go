package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
)

// journalRun is one submission as it was measured.
type journalRun struct {
	speed   float64       // orders a second
	cpu     time.Duration // of this process, an order
	commits int           // each is one sync of the ledger's log
	waited  time.Duration // in all commits together, which no worker waits for
}

// journal measures what durable claims and settlements cost: the same run with a ledger on disk and
// one in memory, in turns. The cost is that of each pair of neighbors, since what else the machine
// does meanwhile slows both.
func (l *lab) journal(ctx context.Context) (section, error) {
	s := section{
		title: "Cost of writing the ledger",
		lines: []string{
			fmt.Sprintf("orders per second with 32 workers in %d pairs of runs, with the ledger in memory and on disk, in the order of the runs", l.runs),
			"the cost is the median over the pairs; CPU is the importing process's per order; each commit syncs the disk once",
			"at most two orders per worker are claimed ahead, so workers wait if a commit takes longer than sending 64 orders",
		},
		table: [][]string{{"latency", "orders", "in memory", "on disk", "cost of each pair", "median cost", "allowed", "CPU in memory, on disk", "commits", "per commit"}},
	}
	for _, c := range []struct {
		latency time.Duration
		orders  int
		most    float64
	}{{0, 12000, 15}, {50 * time.Millisecond, 4000, 5}} {
		row, cost, err := l.journalAt(ctx, c.latency, c.orders)
		if err != nil {
			return section{}, err
		}
		row[6] = fmt.Sprintf("%.0f %%", c.most)
		s.table = append(s.table, row)
		if cost > c.most {
			s.failed += fmt.Sprintf("at %v the ledger costs %.1f %%; ", c.latency, cost)
		}
	}
	s.failed = strings.TrimSuffix(s.failed, "; ")
	return s, nil
}

// journalAt measures at one latency and returns a line of the table and the cost in percent.
func (l *lab) journalAt(ctx context.Context, latency time.Duration, orders int) (row []string, cost float64, err error) {
	var all [2][]journalRun // in memory, on disk
	var costs []float64
	for i := range l.runs {
		for turn := range 2 {
			on := (turn + i) % 2 // neither is always the first
			path := []string{":memory:", filepath.Join(l.dir, "journal.db")}[on]
			r, err := submitOnce(ctx, path, orders, "-latency", latency.String())
			if err != nil {
				return nil, 0, err
			}
			all[on] = append(all[on], r)
		}
		costs = append(costs, 100*(1-all[1][i].speed/all[0][i].speed))
	}
	cost = median(costs)
	disk := all[1][0]
	return []string{
		latency.String(), fmt.Sprint(orders), list("%.0f", each(all[0], speedOf)), list("%.0f", each(all[1], speedOf)), list("%.1f %%", costs),
		fmt.Sprintf("**%.1f %%**", cost), "",
		fmt.Sprintf("%.0f, %.0f µs", median(each(all[0], cpuOf)), median(each(all[1], cpuOf))),
		fmt.Sprintf("%d of %.0f orders", disk.commits, float64(orders)/float64(disk.commits)),
		fmt.Sprintf("%.1f ms", median(each(all[1], commitOf))),
	}, cost, nil
}

// list formats one figure of each run.
func list(format string, values []float64) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = fmt.Sprintf(format, v)
	}
	return strings.Join(parts, ", ")
}

func each(runs []journalRun, figure func(journalRun) float64) (out []float64) {
	for _, r := range runs {
		out = append(out, figure(r))
	}
	return out
}

func speedOf(r journalRun) float64  { return r.speed }
func cpuOf(r journalRun) float64    { return float64(r.cpu.Microseconds()) }
func commitOf(r journalRun) float64 { return 1000 * r.waited.Seconds() / float64(r.commits) }

// median is the middle one, or between the two in the middle.
func median(values []float64) float64 {
	v := slices.Sorted(slices.Values(values))
	if len(v) == 0 {
		return 0
	}
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// timed is a journal that counts its commits.
type timed struct {
	ledger.Ledger
	run *journalRun
}

// Advance counts.
func (t timed) Advance(ctx context.Context, run int64, settled []ledger.Settlement, want int) (ledger.Claims, error) {
	began := time.Now()
	taken, err := t.Ledger.Advance(ctx, run, settled, want)
	t.run.commits++
	t.run.waited += time.Since(began)
	return taken, err
}

// submitOnce submits so many orders to a server with these flags.
func submitOnce(ctx context.Context, path string, orders int, serverFlags ...string) (r journalRun, err error) {
	const workers = 32
	srv, err := startServer(ctx, serverFlags...)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	defer removeLedger(path)
	client, err := luminous.New(luminous.Config{BaseURL: srv.base(), Token: "torture", Workers: workers})
	if err != nil {
		return r, err
	}
	defer client.Close()
	err = withLedger(path, func(l ledger.Ledger) error {
		id, err := plan(ctx, l, srv.base(), orders, ledger.Running)
		if err != nil {
			return err
		}
		release, err := l.Acquire(ctx, id, "torture")
		if err != nil {
			return err
		}
		defer release()
		sum, err := importer.ReadSummary(ctx, l, id)
		if err != nil {
			return err
		}
		cfg := importer.SubmitConfig{Journal: timed{l, &r}, API: client, Run: sum.Run, Workers: workers}
		began, spent := time.Now(), processTime()
		if err := importer.Submit(ctx, ctx, cfg); err != nil {
			return err
		}
		r.speed = float64(orders) / time.Since(began).Seconds()
		r.cpu = (processTime() - spent) / time.Duration(orders)
		return nil
	})
	return r, err
}
