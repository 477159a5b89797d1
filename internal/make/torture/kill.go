package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
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

// tally is what came of the cycles.
type tally struct {
	mu                    sync.Mutex
	Cycles, Kills, Orders int
	Twice, Lost, Unlike   int
	Faults                map[string]int
	Requests              int
	whileSending          int // kills
	wrong                 []string
}

// cycle is one run of the program that is killed and resumed until it ends.
type cycle struct {
	*lab
	dir     string
	rng     *rand.Rand
	shape   shape
	box     *sandbox.Sandbox
	base    string
	file    string
	kills   int
	sending int // kills after the first request and before the end
}

// kills runs all cycles, some at one time.
func (l *lab) kills(ctx context.Context) (section, error) {
	t := &tally{Faults: map[string]int{}}
	began := time.Now()
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(l.parallel) // each has a process and a server, and waits most of the time
	for i := range l.cycles {
		g.Go(func() error {
			seed := l.seed + uint64(i%max(l.seeds, 1))
			return l.cycle(ctx, i, seed, t)
		})
	}
	if err := g.Wait(); err != nil {
		return section{}, err
	}
	s := section{
		title: "Killed and resumed",
		lines: []string{
			fmt.Sprintf("%d cycles over %d workbook shapes and %d seeds: %d orders, %d kills (%d while requests were in flight), %d requests", t.Cycles,
				len(shapes), l.seeds, t.Orders, t.Kills, t.whileSending, t.Requests),
			fmt.Sprintf("injected faults: %s", countsOf(t.Faults)),
			fmt.Sprintf("**%d orders twice, %d lost, %d reported wrongly**", t.Twice, t.Lost, t.Unlike),
		},
		took: time.Since(began),
	}
	s.lines = append(s.lines, t.wrong...)
	if t.Twice+t.Lost+t.Unlike > 0 || len(t.wrong) > 0 {
		s.failed = fmt.Sprintf("%d twice, %d lost, %d reported wrongly; %v", t.Twice, t.Lost, t.Unlike, t.wrong)
	}
	return s, nil
}

func (l *lab) cycle(ctx context.Context, i int, seed uint64, t *tally) (err error) {
	c := &cycle{lab: l, rng: rand.New(rand.NewPCG(seed, uint64(i))), shape: shapes[i%len(shapes)]}
	if c.dir, err = os.MkdirTemp(l.dir, "cycle-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(c.dir)) }()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	c.box, err = sandbox.New(sandbox.Config{
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
	})
	if err != nil {
		return err
	}
	server := &http.Server{Handler: c.box, ReadHeaderTimeout: time.Minute}
	go server.Serve(listener) //nolint:errcheck // ends with Close
	defer server.Close()
	defer c.box.Close()
	c.base = "http://" + listener.Addr().String() + sandbox.Prefix
	c.file = filepath.Join(c.dir, c.shape.file)
	if err := c.shape.write(c.file, c.shape.numbers()); err != nil {
		return err
	}
	if err := c.untilDone(ctx); err != nil {
		t.complain(i, seed, err)
		return nil
	}
	c.box.Settle()
	return c.judge(ctx, i, seed, t)
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
	err = c.withLedger(func(l ledger.Ledger) error {
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

func (c *cycle) withLedger(do func(ledger.Ledger) error) error {
	l, err := sqlite.Open(c.ledgerPath())
	if err != nil {
		return err
	}
	return errors.Join(do(l), l.Close())
}

// start runs the program once, killed at a random moment or to its end.
func (c *cycle) start(ctx context.Context, args []string, kill bool) error {
	cmd := exec.CommandContext(ctx, c.program, args...)
	cmd.Env = append(os.Environ(), "LUMINOUS_API_KEY=torture")
	var said bytes.Buffer
	cmd.Stderr = &said
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
	switch exit.ExitCode() {
	case 69, 75: // some outcomes are unknown, or the run stopped: both can be resumed
		return nil
	}
	return fmt.Errorf("the program ended with %w: %s", err, said.String())
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
func (c *cycle) judge(ctx context.Context, i int, seed uint64, t *tally) error {
	made := c.box.Created(string(c.shape.kind))
	standing := map[string]sandbox.Order{}
	for _, o := range c.box.Orders(string(c.shape.kind)) {
		standing[o.Numbers[0]] = o
	}
	numbers := c.shape.numbers()
	twice, lost := 0, 0
	for _, n := range numbers {
		switch {
		case made[n] > 1:
			twice++
		case made[n] == 0:
			lost++
		}
	}
	unlike, run := 0, int64(0)
	err := c.withLedger(func(l ledger.Ledger) error {
		runs, err := l.Runs(ctx)
		if err != nil {
			return err
		}
		run = runs[0].ID
		books, err := importer.ReadSummary(ctx, l, run)
		if err != nil {
			return err
		}
		if !books.Reconciles() || books.Run.Orders != int64(len(numbers)) {
			unlike++
		}
		return l.Orders(ctx, run, ledger.Filter{}, func(o *ledger.Order) error {
			s := standing[o.Number]
			if (o.State != ledger.Created && o.State != ledger.Unchanged) || o.ID != s.ID {
				unlike++
				t.note(fmt.Sprintf("cycle %d, seed %d: order %s is %s as id %d (%s), but exists as id %d", i, seed, o.Number, o.State, o.ID, o.Message, s.ID))
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	differ, err := c.readReport(run, standing)
	if err != nil {
		return err
	}
	t.add(c, len(numbers), twice, lost, unlike+differ)
	return nil
}

func (t *tally) add(c *cycle, orders, twice, lost, unlike int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := c.box.Stats()
	t.Cycles++
	t.Kills += c.kills
	t.whileSending += c.sending
	t.Orders += orders
	t.Twice += twice
	t.Lost += lost
	t.Unlike += unlike
	t.Requests += s.Requests
	for name, n := range s.Faults {
		t.Faults[name] += n
	}
}

func (t *tally) complain(i int, seed uint64, err error) {
	t.note(fmt.Sprintf("cycle %d, seed %d: %v", i, seed, err))
}

func (t *tally) note(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wrong = append(t.wrong, what)
}
