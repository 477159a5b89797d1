// Torture runs the importer under everything that may go wrong and counts what became of the orders: the real program killed at random moments
// against a server that loses answers, large runs under faults, the pace under a limit, what the journal costs, and how soon a large run goes
// on. With -write it writes what it ran and found into docs/reliability.md. It is run from the repository's top folder:
//
//	go run ./internal/make/torture -cycles 100 -write
//	go run ./internal/make/torture -cycles 10000 -seeds 50 -faults 100 -sequences 100000 -write
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
)

// options say what to run.
type options struct {
	cycles, seeds, parallel int
	faults, sequences       int
	orders, planned, runs   int
	parts                   string
	write                   bool
	seed                    uint64
	out                     string
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		exit(serve(os.Args[2:]))
	}
	var o options
	flag.IntVar(&o.cycles, "cycles", 100, "kill-and-resume cycles")
	flag.IntVar(&o.seeds, "seeds", 5, "seeds over which the cycles are spread")
	flag.IntVar(&o.parallel, "parallel", 4, "cycles at one time")
	flag.IntVar(&o.faults, "faults", 1, "how often the table of faults is run")
	flag.IntVar(&o.sequences, "sequences", 2000, "random sequences of faults")
	flag.IntVar(&o.orders, "orders", 10_000, "orders of the large run under faults")
	flag.IntVar(&o.planned, "planned", 1_000_000, "planned orders of the run that is resumed")
	flag.IntVar(&o.runs, "runs", 5, "runs of each figure of speed; all of them are printed")
	flag.StringVar(&o.parts, "parts", "kill,faults,random,large,pace,journal,resume", "what to run")
	flag.Uint64Var(&o.seed, "seed", 1, "the first seed")
	flag.BoolVar(&o.write, "write", false, "write "+page)
	flag.StringVar(&o.out, "out", page, "the page to write")
	flag.Parse()
	exit(run(context.Background(), o))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// lab is where everything is run.
type lab struct {
	options
	dir     string
	program string // the importer, as a user has it
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
		"resume": l.resume,
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
		s, err := part(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		s.at = at
		fmt.Fprint(l.out, s.text())
		if s.failed != "" {
			failed = append(failed, fmt.Errorf("%s: %s", name, s.failed))
		}
		report = append(report, s)
	}
	if o.write {
		if err := writePage(o, report); err != nil {
			return err
		}
	}
	return errors.Join(failed...)
}
