// Torture runs the program under everything that may go wrong and counts what became of the orders:
// killed at random moments against a server that loses answers, large runs under faults, the pace
// under a limit, the cost of the ledger, and how soon a large run is resumed. With -write it writes
// what it ran and found into docs/reliability.md. The parts throughput and exports, which measure
// speed alone, run only when they are named. It is run from the repository's top folder:
//
//	go run ./internal/make/torture -cycles 100 -write
//	go run ./internal/make/torture -parts throughput -orders 20000
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// options say what to run.
type options struct {
	cycles, seeds, parallel int
	faults, sequences       int
	orders, planned, runs   int
	latency                 time.Duration
	parts                   string
	write                   bool
	seed                    uint64
	out                     string
}

func main() {
	if err := mainErr(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		os.Exit(1)
	}
}

func mainErr(args []string) error {
	if len(args) > 0 && args[0] == "serve" {
		return serve(args[1:])
	}
	var o options
	f := flag.NewFlagSet("torture", flag.ContinueOnError)
	f.IntVar(&o.cycles, "cycles", 100, "kill-and-resume cycles")
	f.IntVar(&o.seeds, "seeds", 5, "seeds over which the cycles are spread")
	f.IntVar(&o.parallel, "parallel", 4, "cycles at one time")
	f.IntVar(&o.faults, "faults", 1, "how often the table of faults is run")
	f.IntVar(&o.sequences, "sequences", 2000, "random sequences of faults")
	f.IntVar(&o.orders, "orders", 10_000, "orders of the large run under faults, of throughput, and of exports")
	f.IntVar(&o.planned, "planned", 1_000_000, "planned orders of the run that is resumed")
	f.IntVar(&o.runs, "runs", 5, "runs of each figure of speed; all of them are printed")
	f.DurationVar(&o.latency, "latency", 0, "of the server of throughput")
	f.StringVar(&o.parts, "parts", "kill,faults,random,large,pace,journal,resume", "what to run")
	f.Uint64Var(&o.seed, "seed", 1, "the first seed")
	f.BoolVar(&o.write, "write", false, "write "+page)
	f.StringVar(&o.out, "out", page, "the page to write")
	if err := f.Parse(args); err != nil {
		return err
	}
	return run(context.Background(), o)
}

// lab is where everything is run.
type lab struct {
	options
	dir     string
	program string // ordersheet, as a user has it
	out     io.Writer
}

// newLab builds the program into a folder of its own.
func newLab(o options, dir string, out io.Writer) (*lab, error) {
	l := &lab{options: o, dir: dir, program: filepath.Join(dir, "ordersheet"), out: out}
	build := exec.Command("go", "build", "-o", l.program, "ordersheet")
	if text, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the program: %w\n%s", err, text)
	}
	return l, nil
}

func run(ctx context.Context, o options) (err error) {
	dir, err := os.MkdirTemp("", "torture-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	l, err := newLab(o, dir, os.Stderr)
	if err != nil {
		return err
	}
	all := map[string]func(context.Context) (section, error){
		"kill": l.kills, "faults": l.faultTable, "random": l.sequencesOfFaults, "large": l.large, "pace": l.pace, "journal": l.journal,
		"resume": l.resume, "throughput": l.throughput, "exports": l.exports,
	}
	at := commit() // what is run is built now
	var report []section
	var failed []error
	for name := range strings.SplitSeq(o.parts, ",") {
		if name == "" {
			continue
		}
		part, ok := all[name]
		if !ok {
			return fmt.Errorf("there is no part %q", name)
		}
		fmt.Fprintf(l.out, "== %s\n", name)
		began := time.Now()
		s, err := part(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		s.at, s.took = at, time.Since(began)
		fmt.Fprint(l.out, s.text())
		if s.failed != "" {
			failed = append(failed, fmt.Errorf("%s: %s", name, s.failed))
		}
		report = append(report, s)
	}
	if o.write {
		failed = append(failed, writePage(o.out, report))
	}
	return errors.Join(failed...)
}
