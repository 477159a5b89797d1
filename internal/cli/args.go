package cli

import (
	"strconv"

	"github.com/spf13/cobra"

	"ordersheet/internal/order"
)

// listRuns is the hint for a command that got no run that exists.
const listRuns = "list the runs with: ordersheet runs"

// someArgs takes one argument or more.
func someArgs(none, hint string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return fail(Usage, hint, "%s", none)
		}
		return nil
	}
}

// oneArg takes one argument; what names it, and hint shows it.
func oneArg(what, hint string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fail(Usage, hint, "%s takes %s", c.Name(), what)
		}
		return nil
	}
}

// oneRun takes the number of a run.
func oneRun(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fail(Usage, listRuns, "%s takes the number of one run", c.Name())
	}
	_, err := runNumber(args[0])
	return err
}

func atMostOneRun(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return fail(Usage, listRuns, "%s takes one run, not %d", c.CommandPath(), len(args))
	}
	if len(args) == 1 {
		_, err := runNumber(args[0])
		return err
	}
	return nil
}

func runNumber(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return 0, fail(Usage, listRuns, "%q is not the number of a run", s)
	}
	return n, nil
}

// oneKind takes a kind of orders.
func oneKind(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fail(Usage, c.CommandPath()+" sales-orders", "%s takes one kind: sales-orders or purchase-orders", c.CommandPath())
	}
	if _, ok := order.ParseKind(args[0]); !ok {
		return fail(Usage, c.CommandPath()+" sales-orders", "%q is neither sales-orders nor purchase-orders", args[0])
	}
	return nil
}

func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fail(Usage, "see "+c.CommandPath()+" --help", "%s takes no arguments, but got %q", c.CommandPath(), args)
	}
	return nil
}
