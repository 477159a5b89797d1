package cli

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
)

func (a *app) runsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "runs", Short: "list the runs in the ledger, newest first", GroupID: "runs", Args: noArgs,
		RunE: a.reading(func(s *session, _ []string) error { return s.printRuns() }),
	}
}

func (s *session) printRuns() error {
	sums, err := s.Runs(s.hard)
	if err != nil {
		return err
	}
	lines := []importer.RunLine{}
	for _, sum := range sums {
		lines = append(lines, sum.Line())
	}
	return s.show(map[string]any{"runs": lines}, func() error {
		if len(lines) == 0 {
			s.say("no runs yet")
			return nil
		}
		w := table(s.Stdout)
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
	})
}

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use: "status [RUN|FILE]", GroupID: "runs", Args: takes(0, 1, "one run or one file", listRuns, nil),
		Short: "show how far a run is, and what to do next",
		Long: `status shows how many orders of a run have an outcome, whether a process is working on it, and what
to do next. The run is given by its number, or by a file (the newest run that read a file with the
same content); without either it is the newest run.`,
		Example: `  ordersheet status                 the newest run
  ordersheet status 12              run 12
  ordersheet status orders.xlsx     has this file been imported?`,
		RunE: a.reading(func(s *session, args []string) error {
			id, err := s.findRun(args)
			if err != nil {
				return err
			}
			st, err := s.Status(s.hard, id)
			if err != nil {
				return err
			}
			return a.printStatus(st)
		}),
	}
}

// findRun finds a run by its number, by a file that it read, or the newest.
func (s *session) findRun(args []string) (int64, error) {
	if len(args) == 0 {
		id, err := s.Newest(s.hard)
		if err == nil && id == 0 {
			err = fail(Usage, "", "%s has no run yet", s.path)
		}
		return id, err
	}
	if n := runNumber(args[0]); n != 0 && !fileExists(args[0]) {
		return n, nil
	}
	f, err := os.Open(args[0])
	switch {
	case os.IsNotExist(err):
		return 0, fail(Usage, listRuns, "%q is neither the number of a run nor a file", args[0])
	case err != nil:
		return 0, fail(FileTrouble, "", "reading %s: %w", args[0], err)
	}
	defer f.Close()
	id, err := s.NewestOf(s.hard, f)
	if err == nil && id == 0 {
		err = fail(Usage, listRuns, "no run in %s has read a file with the content of %s", s.path, args[0])
	}
	return id, err
}

// statusText is what a person is told of a run.
const statusText = `run {{.Run.ID}}: {{.Run.State}}, {{.Run.Kind.Word}}s from {{join .Result.Files ", "}}
account: {{.Run.Account}}
planned: {{time .Run.Created}}
{{if .Result.Started}}sending began: {{time .Run.Started}}
{{end}}
	{{- if .Result.Ended}}ended: {{time .Run.Ended}}
{{end}}
	{{- if .Result.Process}}process {{.Run.Owner}} has been working on it since {{time .Run.OwnerSince}}
{{end}}
	{{- .Orders}}
{{.Rows}}
{{with .Result.Problems}}problems: {{count . "error"}}
{{end}}next: {{.Result.Next}}
`

func (a *app) printStatus(st importer.Status) error {
	result := st.Result(a.commandFor)
	return a.show(result, func() error {
		orders, rows := st.Totals()
		return render(a.Stdout, statusText, map[string]any{"Run": st.Run, "Result": result, "Orders": orders, "Rows": rows})
	})
}

func (a *app) reportCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use: "report RUN", Short: "write the report of a run again, from the ledger", GroupID: "runs", Args: oneRun,
		RunE: a.reading(func(s *session, args []string) error { return s.reportAgain(runNumber(args[0]), out) }),
	}
	c.Flags().StringVarP(&out, "out", "o", "", "where it goes, `FILE`.xlsx or FILE.csv (default NAME.report.xlsx)")
	group(c.Flags(), "Everyday")
	return c
}

func (a *app) resumeCommand() *cobra.Command {
	return a.carryOutCommand(&cobra.Command{
		Use: "resume [RUN]", GroupID: "runs", Args: atMostOneRun,
		Short: "continue a run that was stopped or killed; its file isn't needed",
		Long: `resume continues a confirmed run that ended early: it looks up the orders whose outcome is unknown,
then sends the rest. It needs only the ledger, and does as the run was started unless a flag says
otherwise. Without a number it takes the newest run that was stopped or killed, else the newest with
unknown outcomes. A run that was paused from another terminal continues there.`,
	}, (*importer.Service).Resume)
}

// askCommand makes a command that asks the process that works on a run for something.
func (a *app) askCommand(verb, short string, ask func(*importer.Service, context.Context, int64) (string, error)) *cobra.Command {
	return &cobra.Command{
		Use: verb + " RUN", Short: short, GroupID: "runs", Args: oneRun,
		RunE: a.reading(func(s *session, args []string) error {
			id := runNumber(args[0])
			owner, err := ask(s.Service, s.hard, id)
			if err == nil {
				s.say("asked run %d to %s (process %s)", id, verb, owner)
			}
			return err
		}),
	}
}

func (a *app) ledgerCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "ledger", Short: "show how large the ledger is, and remove old runs from it", GroupID: "runs",
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	var older string
	var yes bool
	info := &cobra.Command{
		Use: "info", Short: "show the size of the ledger and the runs in it", Args: noArgs,
		RunE: a.reading(func(s *session, _ []string) error { return s.ledgerInfo() }),
	}
	prune := &cobra.Command{
		Use: "prune --older AGE", Short: "remove finished runs that ended long ago",
		Long: `prune removes finished runs that ended before an age, with their rows, plans and problems, and gives
their space back to the disk. Such a run can't be reported or undone any more. Unfinished runs stay,
and so does what was created under each order number: importing an old file still creates nothing
twice. prune shows what would be removed and asks first.`,
		Example: "  ordersheet ledger prune --older 400d", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			age, err := parseAge(older)
			if err != nil {
				return err
			}
			return a.with(c.Context(), yes, nil, func(s *session) error { return s.prune(time.Now().Add(-age)) })
		},
	}
	prune.Flags().StringVar(&older, "older", "", "`AGE` of the runs to remove, such as 400d or 36h (required)")
	prune.Flags().BoolVar(&yes, "yes", false, "don't ask before removing")
	group(prune.Flags(), "Everyday")
	c.AddCommand(info, prune)
	return c
}

// parseAge reads an age in days, such as 400d, or as a duration.
func parseAge(text string) (time.Duration, error) {
	age, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		age = time.Duration(n) * 24 * time.Hour
	}
	if err != nil || age <= 0 {
		return 0, fail(Usage, "ordersheet ledger prune --older 400d", "--older takes an age such as 400d or 36h, not %q", text)
	}
	return age, nil
}

// infoText is what a person is told of the ledger.
const infoText = `ledger: {{.info.Path}}, {{mb .info.Bytes}}
unused: {{mb .info.Reclaimable}}
runs: {{.runs}}, {{.unfinished}} of them unfinished
exports: {{.info.Exports}}
orders: {{.info.Orders}}
order numbers: {{.info.Numbers}}
{{if not .info.Oldest.IsZero}}oldest run: {{time .info.Oldest}}
newest run: {{time .info.Newest}}
{{end}}`

func (s *session) ledgerInfo() error {
	info, err := s.ledger.Info(s.hard)
	if err != nil {
		return err
	}
	runs := int64(0)
	for _, n := range info.Runs {
		runs += n
	}
	unfinished := runs - info.Runs[ledger.Finished]
	return s.show(map[string]any{
		"ledger": info.Path, "bytes": info.Bytes, "reclaimable": info.Reclaimable, "runs": runs, "unfinished": unfinished,
		"states": info.Runs, "exports": info.Exports, "orders": info.Orders, "numbers": info.Numbers,
	}, func() error {
		return render(s.Stdout, infoText, map[string]any{"info": info, "runs": runs, "unfinished": unfinished})
	})
}

// prune removes the finished runs that ended before a time.
func (s *session) prune(before time.Time) error {
	runs, err := s.ledger.Runs(s.hard)
	if err != nil {
		return err
	}
	old, orders := 0, int64(0)
	for _, r := range runs {
		if r.State == ledger.Finished && r.Ended.Before(before) {
			old++
			orders += r.Orders
		}
	}
	s.say("finished before %s: %s with %s", localTime(before), count(old, "run"), count(orders, "order"))
	switch {
	case s.yes:
	case !s.terminal():
		return fail(Usage, "", "nothing was removed: it takes a terminal or --yes to confirm")
	case !s.ask(fmt.Sprintf("Remove finished runs and exports that ended before %s?", localTime(before))):
		return fail(Usage, "", "nothing was removed")
	}
	size, err := s.ledger.Info(s.hard)
	if err != nil {
		return err
	}
	n, err := s.ledger.Prune(s.hard, before)
	if err == nil && n > 0 {
		err = s.ledger.Vacuum(s.hard)
	}
	if err != nil {
		return err
	}
	now, err := s.ledger.Info(s.hard)
	if err != nil {
		return err
	}
	s.say("removed %s, imports and exports; %s came back to the disk", count(n, "run"), megabytes(max(size.Bytes-now.Bytes, 0)))
	return nil
}
