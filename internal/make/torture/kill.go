package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/gocarina/gocsv"
	"golang.org/x/sync/errgroup"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/sandbox"
)

// A killed process is started again at once, so these bound how long a cycle takes.
const (
	cycleTimeout = "500ms"
	cycleSettle  = "1s"
	lateCommit   = 200 * time.Millisecond
	maxKills     = 3
	maxStarts    = 12 // of one cycle, before it counts as one that never ends
)

// tally counts what became of the cycles.
type tally struct {
	mu                       sync.Mutex
	cycles, orders           int
	kills, sending           int // sending: after the first request and before the end
	requests                 int
	faults                   map[string]int
	twice, lost, misreported int
	wrong                    []string
}

// cycle is one run of the program that is killed and resumed until it ends.
type cycle struct {
	*lab
	name           string // for messages
	dir            string
	rng            *rand.Rand
	shape          shape
	box            *sandbox.Sandbox
	base           string
	file           string
	kills, sending int // as in tally
}

// kills runs all cycles, some at one time.
func (l *lab) kills(ctx context.Context) (section, error) {
	t := &tally{faults: map[string]int{}}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(l.parallel) // each has a process and a server, and waits most of the time
	for i := range l.cycles {
		g.Go(func() error {
			seed := l.seed + uint64(i%max(l.seeds, 1))
			c := &cycle{
				lab: l, name: fmt.Sprintf("cycle %d, seed %d", i, seed), rng: rand.New(rand.NewPCG(seed, uint64(i))), shape: shapes[i%len(shapes)],
			}
			return c.run(ctx, t)
		})
	}
	if err := g.Wait(); err != nil {
		return section{}, err
	}
	s := section{
		title: "Killed and resumed",
		lines: []string{
			fmt.Sprintf("%d cycles over %d workbook shapes and %d seeds: %d orders, %d kills (%d while requests were in flight), %d requests", t.cycles,
				len(shapes), l.seeds, t.orders, t.kills, t.sending, t.requests),
			fmt.Sprintf("injected faults: %s", countsOf(t.faults)),
			fmt.Sprintf("**%d orders twice, %d lost, %d reported wrongly**", t.twice, t.lost, t.misreported),
		},
	}
	s.lines = append(s.lines, t.wrong...)
	if t.twice+t.lost+t.misreported > 0 || len(t.wrong) > 0 {
		s.failed = fmt.Sprintf("%d twice, %d lost, %d reported wrongly; %v", t.twice, t.lost, t.misreported, t.wrong)
	}
	return s, nil
}

func (c *cycle) run(ctx context.Context, t *tally) (err error) {
	if c.dir, err = os.MkdirTemp(c.lab.dir, "cycle-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(c.dir)) }()
	server, err := sandbox.Listen(ctx, "127.0.0.1:0", sandbox.Config{
		Seed: c.rng.Uint64(), Duplicates: "accept", AnySKU: true, LateCommit: lateCommit, Latency: time.Duration(c.rng.IntN(8)) * time.Millisecond,
		Faults: []sandbox.Fault{
			{Name: "drop_after", P: 0.05, Method: "POST"},
			{Name: "500_after", P: 0.03, Method: "POST"},
			{Name: "drop_before", P: 0.03, Method: "POST"},
			{Name: "late_drop", P: 0.02, Method: "POST"},
			{Name: "truncated", P: 0.02, Method: "POST"},
			{Name: "503_before", P: 0.005},
			{Name: "drop_before", P: 0.02, Method: "GET"},
		},
	}, 0)
	if err != nil {
		return err
	}
	defer server.Close() //nolint:errcheck // nothing is served any more
	c.box, c.base = server.Sandbox, server.BaseURL
	c.file = filepath.Join(c.dir, c.shape.file)
	if err := c.shape.write(c.file); err != nil {
		return err
	}
	if err := c.untilDone(ctx); err != nil {
		t.note("%s: %v", c.name, err)
		return nil
	}
	c.box.Settle()
	return c.judge(ctx, t)
}

// untilDone starts the program again and again until its run is over.
func (c *cycle) untilDone(ctx context.Context) error {
	for range maxStarts {
		command, err := c.next(ctx)
		if err != nil || command == nil {
			return err
		}
		kill := c.kills < maxKills && c.rng.IntN(4) > 0
		if err := c.start(ctx, command, kill); err != nil {
			return err
		}
	}
	return fmt.Errorf("not done after %d starts", maxStarts)
}

// next is the command that a person would give now: import, resume, or none when all is done.
func (c *cycle) next(ctx context.Context) (command []string, err error) {
	send := []string{
		"--ledger", c.ledgerPath(), "--base-url", c.base, "--yes", "--timeout", cycleTimeout, "--settle-wait", cycleSettle, "--workers", "4",
		"--report", filepath.Join(c.dir, "report.xlsx"),
	}
	if _, none := os.Stat(c.ledgerPath()); errors.Is(none, fs.ErrNotExist) {
		return append([]string{"import", c.file}, send...), nil
	}
	err = withLedger(c.ledgerPath(), func(l ledger.Ledger) error {
		runs, err := l.Runs(ctx)
		if err != nil {
			return err
		}
		for _, r := range runs {
			if r.State == ledger.Planned {
				continue
			}
			if states, err := l.CountStates(ctx, r.ID); err != nil || !unfinished(states) {
				return err
			}
			command = append([]string{"resume", strconv.FormatInt(r.ID, 10)}, send...)
			return nil
		}
		command = append([]string{"import", c.file}, send...)
		return nil
	})
	return command, err
}

func unfinished(states map[ledger.State]int64) bool {
	return states[ledger.OrderPlanned]+states[ledger.Claimed]+states[ledger.Unresolved]+states[ledger.Unknown]+states[ledger.NotAttempted] > 0
}

func (c *cycle) ledgerPath() string { return filepath.Join(c.dir, "ledger.db") }

// start runs the program once, killed at a random moment or to its end.
func (c *cycle) start(ctx context.Context, args []string, kill bool) error {
	cmd, stderr := c.command(ctx, args...)
	before := c.box.Stats().Requests
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	if kill {
		after, early := time.Duration(c.rng.IntN(500))*time.Millisecond, c.rng.IntN(4) == 0
		go c.kill(cmd.Process, before, after, early, ended)
	}
	err := cmd.Wait()
	close(ended)
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	if exit.ExitCode() == -1 && kill {
		c.kills++
		if c.box.Stats().Requests > before {
			c.sending++
		}
		return nil
	}
	if code := exit.ExitCode(); code == 69 || code == 75 { // some outcomes are unknown, or the run stopped: both can be resumed
		return nil
	}
	return fmt.Errorf("the program ended with %w: %s", err, stderr)
}

// kill kills a process at a moment after its first request, or after its start.
func (c *cycle) kill(p *os.Process, before int, after time.Duration, early bool, ended <-chan struct{}) {
	for moment := time.Now(); time.Since(moment) < after; {
		select {
		case <-ended:
			return
		case <-time.After(time.Millisecond):
		}
		if !early && c.box.Stats().Requests == before {
			moment = time.Now()
		}
	}
	_ = p.Kill() // it may have ended by itself
}

// judge compares the ledger, the report and the sandbox.
func (c *cycle) judge(ctx context.Context, t *tally) error {
	existing := map[string]sandbox.Order{}
	for _, o := range c.box.Orders(string(c.shape.kind)) {
		existing[o.Numbers[0]] = o
	}
	wrong, run := 0, int64(0)
	err := withLedger(c.ledgerPath(), func(l ledger.Ledger) error {
		runs, err := l.Runs(ctx)
		if err != nil {
			return err
		}
		run = runs[0].ID
		sum, err := importer.ReadSummary(ctx, l, run)
		if err != nil {
			return err
		}
		if !sum.Reconciles() || sum.Run.Orders != int64(c.shape.orders) {
			wrong++
		}
		return l.Orders(ctx, run, ledger.Filter{}, func(o *ledger.Order) error {
			e := existing[o.Number]
			if (o.State != ledger.Created && o.State != ledger.Unchanged) || o.ID != e.ID {
				wrong++
				t.note("%s: order %s is %s as id %d (%s), but exists as id %d", c.name, o.Number, o.State, o.ID, o.Message, e.ID)
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	differ, err := c.checkReport(ctx, run, existing)
	if err != nil {
		return err
	}
	t.add(c, wrong+differ)
	return nil
}

// checkReport makes the report of a run with the program and counts the orders that it has
// otherwise than they exist.
func (c *cycle) checkReport(ctx context.Context, run int64, existing map[string]sandbox.Order) (differ int, err error) {
	_, err = c.runProgram(ctx, "report", strconv.FormatInt(run, 10), "-o", filepath.Join(c.dir, "again.csv"), "--ledger", c.ledgerPath())
	if err != nil {
		return 0, err
	}
	f, err := os.Open(filepath.Join(c.dir, "again.orders.csv"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	var rows []struct {
		Number string `csv:"order_number"`
		Status string `csv:"status"`
		ID     int64  `csv:"id"`
	}
	if err := gocsv.Unmarshal(f, &rows); err != nil {
		return 0, err
	}
	for _, r := range rows {
		if o, ok := existing[r.Number]; !ok || (r.Status != "created" && r.Status != "unchanged") || r.ID != o.ID {
			differ++
		}
	}
	if len(rows) != c.shape.orders {
		differ++
	}
	return differ, nil
}

func (t *tally) add(c *cycle, wrong int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := c.box.Stats()
	t.cycles++
	t.kills += c.kills
	t.sending += c.sending
	t.orders += c.shape.orders
	t.requests += s.Requests
	t.misreported += wrong
	made := c.box.Created(string(c.shape.kind))
	for _, n := range c.shape.numbers() {
		switch {
		case made[n] > 1:
			t.twice++
		case made[n] == 0:
			t.lost++
		}
	}
	for name, n := range s.Faults {
		t.faults[name] += n
	}
}

func (t *tally) note(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wrong = append(t.wrong, fmt.Sprintf(format, args...))
}
