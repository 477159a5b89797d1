package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/sheet"
)

func (a *app) runsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "runs",
		Short: "list the runs that the ledger remembers, newest first",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withLedger(func(l *ledger.Ledger) error { return a.listRuns(c.Context(), l) })
		},
	}
}

// withLedger opens the ledger for one command.
func (a *app) withLedger(do func(*ledger.Ledger) error) (err error) {
	path, err := a.ledgerPath()
	if err != nil {
		return err
	}
	l, err := ledger.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return do(l)
}

// runLine is one run of the list, for a person and as JSON.
type runLine struct {
	Run     int64            `json:"run"`
	Kind    string           `json:"kind"`
	Account string           `json:"account"`
	State   string           `json:"state"`
	Created time.Time        `json:"created"`
	Files   []string         `json:"files"`
	Orders  map[string]int64 `json:"orders"`
}

func (a *app) listRuns(ctx context.Context, l *ledger.Ledger) error {
	runs, err := l.Runs(ctx)
	if err != nil {
		return err
	}
	lines := []runLine{}
	for _, r := range runs {
		b, err := importer.ReadSummary(ctx, l, r.ID)
		if err != nil {
			return err
		}
		lines = append(lines, newRunLine(b))
	}
	if a.global.json {
		return json.NewEncoder(a.Stdout).Encode(map[string]any{"runs": lines})
	}
	if len(lines) == 0 {
		fmt.Fprintln(a.Stderr, "no runs yet")
		return nil
	}
	return a.printRuns(lines)
}

func newRunLine(b importer.Summary) runLine {
	r := b.Run
	line := runLine{r.ID, string(r.Kind), r.Account, string(r.State), r.Created, []string{}, map[string]int64{"found": r.Orders}}
	for _, s := range b.Sources {
		if n := len(line.Files); n == 0 || line.Files[n-1] != s.File {
			line.Files = append(line.Files, s.File)
		}
	}
	for _, w := range importer.Outcomes() {
		if b.Outcomes[w] > 0 {
			line.Orders[string(w)] = b.Outcomes[w]
		}
	}
	return line
}

func (a *app) printRuns(lines []runLine) error {
	w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RUN\tWHEN\tSTATE\tKIND\tORDERS\tSTAND\tGONE\tSKIPPED\tINVALID\tREJECTED\tHELD\tUNKNOWN\tNOT SENT\tFILES")
	for _, r := range lines {
		stand := r.Orders["created"] + r.Orders["updated"] + r.Orders["unchanged"]
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\n", r.Run, r.Created.Local().Format("2006-01-02 15:04"), r.State, r.Kind,
			r.Orders["found"], stand, r.Orders["deleted"], r.Orders["skipped"], r.Orders["invalid"], r.Orders["rejected"], r.Orders["held"], r.Orders["unknown"], r.Orders["not_attempted"], strings.Join(r.Files, ", "))
	}
	return w.Flush()
}

func (a *app) reportCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "report RUN",
		Short: "make the report of a run again, from the ledger",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fail(Usage, "list the runs with: ordersheet runs", "report takes the number of one run")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			run, err := runNumber(args[0])
			if err == nil && out != "" {
				err = checkReportName(out)
			}
			if err != nil {
				return err
			}
			return a.withLedger(func(l *ledger.Ledger) error { return a.makeReport(c.Context(), l, run, out) })
		},
	}
	c.Flags().StringVarP(&out, "out", "o", "", "where it goes: FILE.xlsx, or FILE.csv for three CSV files (default: NAME.report.xlsx here)")
	return c
}

func (a *app) makeReport(ctx context.Context, l *ledger.Ledger, run int64, out string) error {
	started := time.Now()
	b, err := importer.ReadSummary(ctx, l, run)
	if errors.Is(err, ledger.ErrNotFound) {
		return fail(Usage, "list the runs with: ordersheet runs", "there is no run %d in %s", run, l.Path())
	}
	if err != nil {
		return err
	}
	to := reportFile{ledger: l, run: run, path: out, replace: out != ""}
	if out == "" {
		to.path = defaultReport(b.Sources[0].File)
	}
	path, err := to.save(ctx)
	if err != nil {
		return fail(FileTrouble, "", "the report wasn't written: %w", err)
	}
	if to.replace {
		a.sayElsewhere(to.path, path, nil)
	}
	s := &session{app: a, watch: a.newWatcher(), ledger: l, hard: ctx}
	s.summary(b, path, nil)
	if a.global.json {
		if err := s.printJSON(b, path, started); err != nil {
			return err
		}
	}
	if !b.Reconciles() {
		return quiet(Bug)
	}
	return nil
}

// cellsCommand prints every cell of a file as the reader sees it. It is hidden: it serves tests of the reader and questions about a file.
func (a *app) cellsCommand() *cobra.Command {
	var f readFlags
	c := &cobra.Command{
		Use: "cells FILE", Short: "print every cell of a file as JSON lines", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			o, err := f.options()
			if err != nil {
				return err
			}
			if err := sheet.DumpCells(args[0], o, a.Stdout); err != nil {
				return readingTrouble(args[0], err)
			}
			return nil
		},
	}
	f.register(c)
	return c
}
