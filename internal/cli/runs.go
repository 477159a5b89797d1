package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

func (a *app) runsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "runs", Short: "list the runs in the ledger, newest first", GroupID: "runs", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withService(func(s *importer.Service, _ ledger.Ledger) error {
				sums, err := s.Runs(c.Context())
				if err != nil {
					return err
				}
				return a.printRuns(sums)
			})
		},
	}
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

func newRunLine(sum importer.Summary) runLine {
	r := sum.Run
	line := runLine{r.ID, string(r.Kind), r.Account, string(r.State), r.Created, []string{}, map[string]int64{"found": r.Orders}}
	for _, s := range sum.Sources {
		if n := len(line.Files); n == 0 || line.Files[n-1] != s.File {
			line.Files = append(line.Files, s.File)
		}
	}
	for _, w := range importer.Outcomes() {
		if sum.Outcomes[w] > 0 {
			line.Orders[string(w)] = sum.Outcomes[w]
		}
	}
	return line
}

func (a *app) printRuns(sums []importer.Summary) error {
	lines := []runLine{}
	for _, sum := range sums {
		lines = append(lines, newRunLine(sum))
	}
	if a.global.json {
		return json.NewEncoder(a.Stdout).Encode(map[string]any{"runs": lines})
	}
	if len(lines) == 0 {
		fmt.Fprintln(a.Stderr, "no runs yet")
		return nil
	}
	w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RUN\tWHEN\tSTATE\tKIND\tORDERS\tEXIST\tDELETED\tSKIPPED\tINVALID\tREJECTED\tHELD\tUNKNOWN\tNOT SENT\tFILES")
	for i, r := range lines {
		n := sums[i].Outcomes
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%d", r.Run, r.Created.Local().Format("2006-01-02 15:04"), r.State, r.Kind, r.Orders["found"])
		for _, n := range []int64{
			n[ledger.Created] + n[ledger.Updated] + n[ledger.Unchanged], n[ledger.Deleted], n[ledger.Skipped],
			n[ledger.Invalid], n[ledger.Rejected], n[ledger.Held], n[ledger.Unknown], n[ledger.NotAttempted],
		} {
			fmt.Fprintf(w, "\t%d", n)
		}
		fmt.Fprintf(w, "\t%s\n", strings.Join(r.Files, ", "))
	}
	return w.Flush()
}

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use: "status [RUN|FILE]", GroupID: "runs",
		Short: "show how far a run is, and what to do next",
		Long: `status shows how many orders of a run have an outcome, whether a process is working on it, and what
to do next. The run is given by its number, or by a file (the newest run that read a file with the
same content); without either it is the newest run.`,
		Example: `  ordersheet status                 the newest run
  ordersheet status 12              run 12
  ordersheet status orders.xlsx     has this file been imported?`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fail(Usage, listRuns, "status takes one run or one file, not %d", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			return a.withService(func(s *importer.Service, l ledger.Ledger) error {
				id, err := findRun(c.Context(), s, l.Path(), args)
				if err != nil {
					return err
				}
				st, err := s.Status(c.Context(), id)
				if err != nil {
					return err
				}
				return a.printStatus(st)
			})
		},
	}
}

// findRun finds a run by its number, by a file that it read, or the newest.
func findRun(ctx context.Context, s *importer.Service, ledgerPath string, args []string) (int64, error) {
	if len(args) == 0 {
		id, err := s.Newest(ctx)
		if err == nil && id == 0 {
			err = fail(Usage, "", "%s has no run yet", ledgerPath)
		}
		return id, err
	}
	if n, err := strconv.ParseInt(args[0], 10, 64); err == nil && !fileExists(args[0]) {
		return n, nil
	}
	sum, err := fileHash(args[0])
	switch {
	case os.IsNotExist(err):
		return 0, fail(Usage, listRuns, "%q is neither the number of a run nor a file", args[0])
	case err != nil:
		return 0, fail(FileTrouble, "", "reading %s: %w", args[0], err)
	}
	id, err := s.NewestOf(ctx, sum)
	if err == nil && id == 0 {
		err = fail(Usage, listRuns, "no run in %s has read a file with the content of %s", ledgerPath, args[0])
	}
	return id, err
}

// runStatus is how far a run is, as JSON.
type runStatus struct {
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

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (a *app) printStatus(st importer.Status) error {
	run := st.Run
	out := runStatus{
		runLine: newRunLine(st.Summary), Started: timeOrNil(run.Started), Ended: timeOrNil(run.Ended),
		Problems: st.Problems[problem.Error], Balanced: st.Reconciles(), Next: importer.JoinSteps(st.Next, a.commandFor),
	}
	if st.Busy {
		out.Process, out.Since, out.Asked = run.Owner, timeOrNil(run.OwnerSince), run.Asked
	}
	if a.global.json {
		return json.NewEncoder(a.Stdout).Encode(out)
	}
	lines := []string{
		fmt.Sprintf("run %d: %s, %s from %s", run.ID, run.State, run.Kind.Word()+"s", strings.Join(out.Files, ", ")),
		"account: " + run.Account, "planned: " + localTime(run.Created),
	}
	if out.Started != nil {
		lines = append(lines, "sending began: "+localTime(run.Started))
	}
	if out.Ended != nil {
		lines = append(lines, "ended: "+localTime(run.Ended))
	}
	if st.Busy {
		lines = append(lines, fmt.Sprintf("process %s has been working on it since %s", run.Owner, localTime(run.OwnerSince)))
	}
	orders, rows := st.Totals()
	lines = append(lines, orders, rows)
	if out.Problems > 0 {
		lines = append(lines, "problems: "+count(out.Problems, "error"))
	}
	_, err := fmt.Fprintln(a.Stdout, strings.Join(append(lines, "next: "+out.Next), "\n"))
	return err
}

func localTime(t time.Time) string { return t.Local().Format(time.DateTime) }

func (a *app) reportCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use: "report RUN", Short: "write the report of a run again, from the ledger", GroupID: "runs", Args: oneRun,
		RunE: func(c *cobra.Command, args []string) error {
			id, err := runNumber(args[0])
			if err == nil && out != "" {
				err = checkReportName(out)
			}
			if err != nil {
				return err
			}
			return a.withService(func(s *importer.Service, l ledger.Ledger) error {
				started := time.Now()
				sum, err := s.Summary(c.Context(), id)
				if err != nil {
					return err
				}
				return (&session{app: a, Service: s, ledger: l, hard: c.Context()}).reportAgain(sum, out, started)
			})
		},
	}
	addFlags(c, "Everyday", func(fl *pflag.FlagSet) {
		fl.StringVarP(&out, "out", "o", "", "where it goes, `FILE`.xlsx or FILE.csv (default NAME.report.xlsx)")
	})
	return c
}
