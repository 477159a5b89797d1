package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ordersheet/importer"
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
			return a.withService(func(_ *importer.Service, l ledger.Ledger) error { return a.ledgerInfo(c.Context(), l) })
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
			return a.withService(func(_ *importer.Service, l ledger.Ledger) error {
				return a.prune(c.Context(), l, time.Now().Add(-age), yes)
			})
		},
	}
	addFlags(prune, "Everyday", func(fl *pflag.FlagSet) {
		fl.StringVar(&older, "older", "", "`AGE` of the runs to remove, such as 400d or 36h (required)")
		fl.BoolVar(&yes, "yes", false, "don't ask before removing")
	})
	c.AddCommand(info, prune)
	return c
}

// parseAge reads an age in days, such as 400d, or as a duration.
func parseAge(text string) (time.Duration, error) {
	var age time.Duration
	var err error
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		age = time.Duration(n) * 24 * time.Hour
	} else {
		age, err = time.ParseDuration(text)
	}
	if err != nil || age <= 0 {
		return 0, fail(Usage, "ordersheet ledger prune --older 400d", "--older takes an age such as 400d or 36h, not %q", text)
	}
	return age, nil
}

func (a *app) ledgerInfo(ctx context.Context, l ledger.Ledger) error {
	info, err := l.Info(ctx)
	if err != nil {
		return err
	}
	runs := int64(0)
	for _, n := range info.Runs {
		runs += n
	}
	unfinished := runs - info.Runs[ledger.Finished]
	if a.global.json {
		return json.NewEncoder(a.Stdout).Encode(map[string]any{
			"ledger": info.Path, "bytes": info.Bytes, "reclaimable": info.Reclaimable, "runs": runs, "unfinished": unfinished,
			"states": info.Runs, "exports": info.Exports, "orders": info.Orders, "numbers": info.Numbers,
		})
	}
	fmt.Fprintf(a.Stdout, "ledger: %s, %s\nunused: %s\n", info.Path, megabytes(info.Bytes), megabytes(info.Reclaimable))
	fmt.Fprintf(a.Stdout, "runs: %d, %d of them unfinished\nexports: %d\norders: %d\norder numbers: %d\n", runs, unfinished, info.Exports,
		info.Orders, info.Numbers)
	if !info.Oldest.IsZero() {
		fmt.Fprintf(a.Stdout, "oldest run: %s\nnewest run: %s\n", localTime(info.Oldest), localTime(info.Newest))
	}
	return nil
}

// prune removes the finished runs that ended before a time.
func (a *app) prune(ctx context.Context, l ledger.Ledger, before time.Time, yes bool) error {
	runs, err := l.Runs(ctx)
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
	fmt.Fprintf(a.Stderr, "finished before %s: %s with %s\n", localTime(before), count(int64(old), "run"), count(orders, "order"))
	switch {
	case yes:
	case !a.terminal():
		return fail(Usage, "", "nothing was removed: it takes a terminal or --yes to confirm")
	case !a.ask(fmt.Sprintf("Remove finished runs and exports that ended before %s?", localTime(before))):
		return fail(Usage, "", "nothing was removed")
	}
	size, err := l.Info(ctx)
	if err != nil {
		return err
	}
	n, err := l.Prune(ctx, before)
	if err == nil && n > 0 {
		err = l.Vacuum(ctx)
	}
	if err != nil {
		return err
	}
	now, err := l.Info(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.Stderr, "removed %s, imports and exports; %s came back to the disk\n", count(int64(n), "run"), megabytes(max(size.Bytes-now.Bytes, 0)))
	return nil
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
