package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ordersheet/importer"
	"ordersheet/internal/order"
	"ordersheet/internal/sheet/write"

	"ordersheet/mapping/catalog"
)

func (a *app) fieldsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "fields KIND", Short: "list every field that a column can feed", GroupID: "import", Args: oneKind,
		RunE: func(_ *cobra.Command, args []string) error {
			kind, _ := order.ParseKind(args[0])
			if a.global.json {
				e := json.NewEncoder(a.Stdout)
				return e.Encode(map[string]any{"kind": kind, "fields": catalog.Fields(kind)})
			}
			w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "COLUMN\tFIELD\tTYPE\tREQUIRED\tMEANING")
			for _, f := range catalog.Fields(kind) {
				help := f.Help
				if len(f.Enum) > 0 {
					help += " One of: " + strings.Join(f.Enum, ", ") + "."
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.Column, f.Path, f.Type, f.Required, help)
			}
			return w.Flush()
		},
	}
}

func (a *app) templateCommand() *cobra.Command {
	var out string
	var changes bool
	c := &cobra.Command{
		Use: "template KIND -o FILE.xlsx", GroupID: "import",
		Short:   "write a blank workbook with the right columns, explained",
		Example: "  ordersheet template sales-orders -o orders.xlsx\n  ordersheet template sales-orders --changes -o changes.xlsx     to change existing orders",
		Args:    oneKind,
		RunE: func(_ *cobra.Command, args []string) error {
			if out == "" {
				return fail(Usage, "ordersheet template "+args[0]+" -o orders.xlsx", "template needs the name of the file to write: -o FILE.xlsx")
			}
			if fileExists(out) {
				return fail(Usage, "give another name, or remove it first", "%s already exists", out)
			}
			kind, _ := order.ParseKind(args[0])
			err := write.ToFile(out, func(w io.Writer) error { return importer.WriteTemplate(w, kind, changes) })
			if err != nil {
				return fail(FileTrouble, "", "writing the template: %w", err)
			}
			fmt.Fprintf(a.Stderr, "wrote %s: fill in the first sheet; the others explain the columns and show examples\n", out)
			return nil
		},
	}
	addFlags(c, "Everyday", func(fl *pflag.FlagSet) {
		fl.StringVarP(&out, "out", "o", "", "`FILE`.xlsx to write (required)")
		fl.BoolVar(&changes, "changes", false, "columns for changing existing orders instead of those for new ones")
	})
	return c
}
