package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/spf13/cobra"

	"ordersheet/internal/sandbox"
)

func (a *app) sandboxCommand() *cobra.Command {
	var c sandbox.Config
	var addr string
	var faults []string
	var orders int
	var clients sandbox.Clients
	cmd := &cobra.Command{
		Use: "sandbox", GroupID: "tools",
		Short: "serve a simulated Luminous API, with faults on demand",
		Long: `sandbox serves the part of the Luminous API that ordersheet uses. It checks requests strictly by the
API's model and keeps its orders in memory until it ends. Point ordersheet, or any other client, at
it with --base-url. With --edit-rate or --create-rate other users write to it at the same time.

A fault is --fault NAME=PROBABILITY, or NAME=#3 for the third request, NAME=#3-5 for the third to
fifth. POST:NAME=... affects only that method, WRITE:NAME=... all but GET. The faults:
` + faultHelp(),
		Example: "  ordersheet sandbox --addr 127.0.0.1:8080 --fault drop_after=0.05 --rate 100\n" +
			"  LUMINOUS_API_KEY=any ordersheet import orders.xlsx --base-url \\\n    http://127.0.0.1:8080" + sandbox.Prefix,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, f := range faults {
				fault, err := sandbox.ParseFault(f)
				if err != nil {
					return fail(Usage, "list the faults with: ordersheet sandbox --help", "%w", err)
				}
				c.Faults = append(c.Faults, fault)
			}
			if clients.Seed = c.Seed; clients.Edits < 0 || clients.Creates < 0 {
				return fail(Usage, "", "--edit-rate and --create-rate take a number of writes a second, not %v", min(clients.Edits, clients.Creates))
			}
			return a.runSandbox(cmd.Context(), addr, c, orders, clients)
		},
	}
	f := cmd.Flags()
	f.StringVar(&addr, "addr", "127.0.0.1:8080", "`ADDRESS` to serve on; port 0 takes a free one")
	f.IntVar(&orders, "orders", 0, "orders of each kind that exist from the beginning")
	f.StringVar(&c.Token, "token", "", "the only `TOKEN` that is accepted (default any)")
	f.BoolVar(&c.AnySKU, "any-sku", false, "accept every SKU and product id, not only those in the catalog")
	group(f, "Everyday")
	f.StringArrayVar(&faults, "fault", nil, "inject a fault, `NAME=PROBABILITY`; repeatable")
	f.Uint64Var(&c.Seed, "seed", 0, "seed of the faults; the same seed gives the same faults")
	f.Float64Var(&c.Rate, "rate", 0, "requests a second that are accepted; more get a 429 (default unlimited)")
	f.DurationVar(&c.Latency, "latency", 0, "time that each request waits")
	f.DurationVar(&c.LateCommit, "late-commit", 0, "how long after its answer a late fault commits (default 2s)")
	f.StringVar(&c.Duplicates, "duplicates", "422", "`ANSWER` to a repeated order number: 422, 409, accept")
	f.StringArrayVar(&c.IgnoreFilters, "ignore-filter", nil, "list filter `NAME` that has no effect; repeatable")
	f.BoolVar(&c.StrictPut, "strict-put", false, "PUT of a purchase order needs date, supplier, items")
	f.Float64Var(&clients.Edits, "edit-rate", 0, "orders a second that other users edit")
	f.Float64Var(&clients.Creates, "create-rate", 0, "orders a second that other users create")
	group(f, "Faults")
	return cmd
}

func faultHelp() string {
	var b strings.Builder
	for _, f := range sandbox.FaultNames() {
		fmt.Fprintf(&b, "  %-14s %s\n", f.Name, f.Help)
	}
	return b.String()
}

// serveSandbox serves a sandbox that has so many orders of each kind.
func serveSandbox(ctx context.Context, addr string, c sandbox.Config, orders int) (*sandbox.Server, error) {
	s, err := sandbox.Listen(ctx, addr, c, orders)
	var network *net.OpError
	if errors.As(err, &network) {
		return nil, fail(FileTrouble, "is another program using that port? try --addr 127.0.0.1:0", "serving the sandbox: %w", err)
	}
	if err != nil {
		return nil, fail(Usage, "", "%w", err)
	}
	return s, nil
}

// runSandbox serves a sandbox until a signal comes.
func (a *app) runSandbox(ctx context.Context, addr string, c sandbox.Config, orders int, clients sandbox.Clients) error {
	s, err := serveSandbox(ctx, addr, c, orders)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.Stdout, "serving at "+s.BaseURL)
	if c.Token == "" {
		a.say("any token works, but there must be one: LUMINOUS_API_KEY=any ordersheet import FILE --base-url %s", s.BaseURL)
	}
	clientsDone := make(chan struct{})
	go func() { defer close(clientsDone); s.SimulateClients(ctx, clients) }()
	select {
	case <-ctx.Done():
	case <-a.Signals:
	case err := <-s.Ended:
		return fail(FileTrouble, "", "serving the sandbox: %w", err)
	}
	err = s.Close()
	<-clientsDone
	st := s.Stats()
	a.say("served %d requests: %d orders were created; other users wrote %d times", st.Requests, st.Created, st.ClientWrites)
	return err
}
