package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ordersheet/internal/sandbox"
)

func (a *app) sandboxCommand() *cobra.Command {
	var c sandbox.Config
	var addr string
	var faults []string
	var orders int
	var others sandbox.Others
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "serve an order system in a box, with faults on demand",
		Long: `sandbox serves the part of the API that ordersheet touches, strict by the API's model, with its orders in memory. Point ordersheet, or any other
client, at it with --base-url. It forgets everything when it ends. With --edit-rate or --create-rate others write into it at the same time.

Faults (--fault NAME=PROBABILITY; POST:NAME=... strikes that method only, WRITE: all but GET; NAME=#3 the third request, NAME=#3-5 the third to fifth):
` + faultHelp(),
		Example: "  ordersheet sandbox --addr 127.0.0.1:8080 --fault drop_after=0.05 --rate 100\n  LUMINOUS_API_KEY=any ordersheet import orders.xlsx --base-url http://127.0.0.1:8080" + sandbox.Prefix,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, f := range faults {
				fault, err := sandbox.ParseFault(f)
				if err != nil {
					return fail(Usage, "the faults are listed by ordersheet sandbox --help", "%w", err)
				}
				c.Faults = append(c.Faults, fault)
			}
			if others.Seed = c.Seed; others.Edits < 0 || others.Creates < 0 {
				return fail(Usage, "", "--edit-rate and --create-rate take a number of writes a second, not %v", min(others.Edits, others.Creates))
			}
			return a.serveSandbox(cmd.Context(), addr, c, orders, others)
		},
	}
	f := cmd.Flags()
	f.StringVar(&addr, "addr", "127.0.0.1:8080", "address to serve on; port 0 takes a free one")
	f.StringArrayVar(&faults, "fault", nil, "let something go wrong, NAME=PROBABILITY (may be repeated)")
	f.Float64Var(&c.Rate, "rate", 0, "requests a second that are let through; more are answered 429 (0: no limit)")
	f.DurationVar(&c.Latency, "latency", 0, "time that each request waits")
	f.Uint64Var(&c.Seed, "seed", 0, "seed of the faults: equal seeds throw equal dice")
	f.StringVar(&c.Duplicates, "duplicates", "422", "what a repeated order number gives: 422, 409 or accept")
	f.StringVar(&c.Token, "token", "", "the only token that is taken (default: any)")
	f.StringArrayVar(&c.IgnoreFilters, "ignore-filter", nil, "a list filter that has no effect, such as order_number (may be repeated)")
	f.DurationVar(&c.LateCommit, "late-commit", 0, "how long after its answer a late fault commits (default 2s)")
	f.IntVar(&orders, "orders", 0, "orders of each kind that stand from the beginning")
	f.Float64Var(&others.Edits, "edit-rate", 0, "how many orders a second somebody else edits (0: none)")
	f.Float64Var(&others.Creates, "create-rate", 0, "how many orders a second somebody else creates (0: none)")
	f.BoolVar(&c.StrictPut, "strict-put", false, "PUT of a purchase order wants order_date, supplier_id and items")
	f.BoolVar(&c.AnySKU, "any-sku", false, "take every SKU and product id, not just those of the catalogue")
	return cmd
}

func faultHelp() string {
	var b strings.Builder
	for _, f := range sandbox.FaultNames() {
		fmt.Fprintf(&b, "  %-14s %s\n", f.Name, f.Help)
	}
	return b.String()
}

// newBox is an order system in which so many orders of each kind stand.
func newBox(c sandbox.Config, orders int) (*sandbox.Sandbox, error) {
	box, err := sandbox.New(c)
	if err != nil {
		return nil, fail(Usage, "", "%w", err)
	}
	for _, kind := range []string{sandbox.SalesOrders, sandbox.PurchaseOrders} {
		if err := box.Fill(kind, orders); err != nil {
			return nil, err
		}
	}
	box.Furnish()
	return box, nil
}

func (a *app) serveSandbox(ctx context.Context, addr string, c sandbox.Config, orders int, others sandbox.Others) error {
	box, err := newBox(c, orders)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return fail(FileTrouble, "is another program using that port? try --addr 127.0.0.1:0", "serving the sandbox: %w", err)
	}
	server := &http.Server{Handler: box, ReadHeaderTimeout: 30 * time.Second}
	base := "http://" + listener.Addr().String() + sandbox.Prefix
	fmt.Fprintln(a.Stdout, "serving at "+base)
	if c.Token == "" {
		fmt.Fprintln(a.Stderr, "any token will do, but there must be one: LUMINOUS_API_KEY=any ordersheet import FILE --base-url "+base)
	}
	disturbed := make(chan struct{})
	go func() { defer close(disturbed); box.Disturb(ctx, others) }()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case <-ctx.Done():
	case <-a.Signals:
	case err := <-failed:
		return fail(FileTrouble, "", "serving the sandbox: %w", err)
	}
	err = server.Close()
	box.Close()
	<-disturbed
	st := box.Stats()
	fmt.Fprintf(a.Stderr, "served %d requests: %d orders were created; others wrote %d times\n", st.Requests, st.Created, st.Others)
	if serveErr := <-failed; !errors.Is(serveErr, http.ErrServerClosed) {
		err = errors.Join(err, serveErr)
	}
	return err
}

func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fail(Usage, "see "+c.CommandPath()+" --help", "%s takes no arguments, but got %q", c.CommandPath(), args)
	}
	return nil
}
