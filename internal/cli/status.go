package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status [RUN|FILE]",
		Short: "say where a run stands, and what to do next",
		Long: `status says where a run stands: how many orders have got their final word, whether a process works on it now, and what to do next. It names the run
by its number, or by a file (the newest run that read a file with the same content); without either it takes the newest run.`,
		Example: "  ordersheet status                 the newest run\n  ordersheet status 12              run 12\n  ordersheet status orders.xlsx     has this file been imported?",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fail(Usage, "list the runs with: ordersheet runs", "status takes one run or one file, not %d", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			return a.withLedger(func(l *ledger.Ledger) error {
				run, err := a.namedRun(c.Context(), l, args)
				if err != nil {
					return err
				}
				return a.status(c.Context(), l, run)
			})
		},
	}
}

// namedRun finds a run by its number, by a file that it read, or the newest.
func (a *app) namedRun(ctx context.Context, l *ledger.Ledger, args []string) (int64, error) {
	if len(args) == 1 {
		if n, err := strconv.ParseInt(args[0], 10, 64); err == nil && !fileExists(args[0]) {
			return n, nil
		}
		return runOfFile(ctx, l, args[0])
	}
	runs, err := l.Runs(ctx)
	if err == nil && len(runs) == 0 {
		err = fail(Usage, "", "%s remembers no run yet", l.Path())
	}
	if err != nil {
		return 0, err
	}
	return runs[0].ID, nil
}

// runOfFile finds the newest run that read a file with the same content; its name doesn't matter.
func runOfFile(ctx context.Context, l *ledger.Ledger, path string) (int64, error) {
	sum, err := contentHash(path)
	if err != nil {
		return 0, err
	}
	runs, err := l.Runs(ctx)
	if err != nil {
		return 0, err
	}
	for _, r := range runs {
		sources, err := l.Sources(ctx, r.ID)
		if err != nil {
			return 0, err
		}
		for _, s := range sources {
			if s.Hash == sum {
				return r.ID, nil
			}
		}
	}
	return 0, fail(Usage, "list the runs with: ordersheet runs", "no run in %s has read a file with the content of %s", l.Path(), path)
}

func contentHash(path string) (string, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return "", fail(Usage, "list the runs with: ordersheet runs", "%q is neither the number of a run nor a file", path)
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fail(FileTrouble, "", "reading %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// standing is where a run stands, for a person and as JSON.
type standing struct {
	runLine
	Started  *time.Time `json:"started"`
	Ended    *time.Time `json:"ended"`
	Process  string     `json:"process,omitempty"` // pid@host that works on it now
	Since    *time.Time `json:"since,omitempty"`
	Asked    string     `json:"asked,omitempty"`
	Problems int64      `json:"errors"`
	Balanced bool       `json:"balanced"`
	Next     string     `json:"next"`
}

func (a *app) status(ctx context.Context, l *ledger.Ledger, run int64) error {
	b, err := importer.ReadSummary(ctx, l, run)
	if errors.Is(err, ledger.ErrNotFound) {
		return fail(Usage, "list the runs with: ordersheet runs", "there is no run %d in %s", run, l.Path())
	}
	if err != nil {
		return err
	}
	busy := l.Busy(b.Run)
	st := standing{
		runLine: newRunLine(b), Started: momentOrNil(b.Run.Started), Ended: momentOrNil(b.Run.Ended), Problems: b.Problems[problem.Error],
		Balanced: b.Reconciles(), Next: a.nextStep(b, busy),
	}
	if busy {
		st.Process, st.Since, st.Asked = b.Run.Owner, momentOrNil(b.Run.OwnerSince), b.Run.Asked
	}
	if a.global.json {
		return json.NewEncoder(a.Stdout).Encode(st)
	}
	return a.printStatus(b, st)
}

func momentOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (a *app) printStatus(b importer.Summary, st standing) error {
	orders, rows := b.Totals()
	lines := []string{
		fmt.Sprintf("run %d: %s, %s from %s", st.Run, st.State, b.Run.Kind.Word()+"s", strings.Join(st.Files, ", ")),
		"account: " + st.Account, "planned: " + localTime(b.Run.Created),
	}
	if st.Started != nil {
		lines = append(lines, "sent from: "+localTime(b.Run.Started))
	}
	if st.Ended != nil {
		lines = append(lines, "ended: "+localTime(b.Run.Ended))
	}
	if st.Process != "" {
		lines = append(lines, fmt.Sprintf("process %s works on it since %s", st.Process, localTime(b.Run.OwnerSince)))
	}
	lines = append(lines, orders, rows)
	if st.Problems > 0 {
		lines = append(lines, "problems: "+count(st.Problems, "error"))
	}
	_, err := fmt.Fprintln(a.Stdout, strings.Join(append(lines, "next: "+st.Next), "\n"))
	return err
}

func localTime(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }

// nextStep is what a person can do about a run now.
func (a *app) nextStep(b importer.Summary, busy bool) string {
	id, left := b.Run.ID, b.Outcomes[ledger.NotAttempted]+b.Outcomes[ledger.Unknown]
	switch {
	case busy && b.Run.Asked == importer.AskPause:
		return "it is paused; let it go on with: " + a.onward("resume", id)
	case busy:
		return "wait, or end it with: " + a.onward("stop", id)
	case b.Run.State == ledger.Planning:
		return "nothing was sent: reading the file didn't come to its end; import it again"
	case b.Run.State == ledger.Planned && b.Run.Sealed != "" && left > 0:
		return "nothing was sent; do the plan with: " + a.onward("apply", id)
	case b.Run.State == ledger.Planned:
		return "nothing was sent: it was a dry run, or nobody said yes; import the file again to send it"
	case left > 0:
		return "go on with: " + a.onward("resume", id)
	case undoNext(b) != "":
		return undoNext(b)
	case b.Outcomes[ledger.Invalid]+b.Outcomes[ledger.Rejected]+b.Outcomes[ledger.Held] > 0 || b.Run.Rows.Invalid > 0:
		return "correct the sheet To fix of the report and import it; the report again: " + a.onward("report", id)
	}
	return "nothing: all is done"
}

// undoNext says what to do about what an undo left as it was; empty when there is nothing.
func undoNext(b importer.Summary) string {
	step, ok := b.UndoNextStep()
	if !ok {
		return ""
	}
	return importer.JoinSteps([]importer.NextStep{step}, remedyCommand)
}
