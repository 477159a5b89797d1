package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ordersheet/internal/ledger"
)

func (a *app) ledgerCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "ledger", Short: "show how large the ledger is, and remove old runs from it", GroupID: "runs",
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	var older string
	var yes bool
	info := &cobra.Command{
		Use: "info", Short: "show the size of the ledger and the runs in it", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.with(c.Context(), false, nil, (*session).ledgerInfo)
		},
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
		w := s.Stdout
		fmt.Fprintf(w, "ledger: %s, %s\nunused: %s\n", info.Path, megabytes(info.Bytes), megabytes(info.Reclaimable))
		fmt.Fprintf(w, "runs: %d, %d of them unfinished\nexports: %d\n", runs, unfinished, info.Exports)
		fmt.Fprintf(w, "orders: %d\norder numbers: %d\n", info.Orders, info.Numbers)
		if !info.Oldest.IsZero() {
			fmt.Fprintf(w, "oldest run: %s\nnewest run: %s\n", localTime(info.Oldest), localTime(info.Newest))
		}
		return nil
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

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
