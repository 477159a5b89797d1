package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

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
			fields := catalog.Fields(kind)
			return a.show(map[string]any{"kind": kind, "fields": fields}, func() error {
				w := table(a.Stdout)
				fmt.Fprintln(w, "COLUMN\tFIELD\tTYPE\tREQUIRED\tMEANING")
				for _, f := range fields {
					help := f.Help
					if len(f.Enum) > 0 {
						help += " One of: " + strings.Join(f.Enum, ", ") + "."
					}
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.Column, f.Path, f.Type, f.Required, help)
				}
				return w.Flush()
			})
		},
	}
}

func (a *app) templateCommand() *cobra.Command {
	var out string
	var changes bool
	c := &cobra.Command{
		Use: "template KIND -o FILE.xlsx", GroupID: "import", Args: oneKind,
		Short:   "write a blank workbook with the right columns, explained",
		Example: "  ordersheet template sales-orders -o orders.xlsx\n  ordersheet template sales-orders --changes -o changes.xlsx     to change existing orders",
		RunE: func(_ *cobra.Command, args []string) error {
			if out == "" {
				return fail(Usage, "ordersheet template "+args[0]+" -o orders.xlsx", "template needs the name of the file to write: -o FILE.xlsx")
			}
			kind, _ := order.ParseKind(args[0])
			err := a.writeNew(out, "template", func(w io.Writer) error { return importer.WriteTemplate(w, kind, changes) })
			if err == nil {
				a.say("wrote %s: fill in the first sheet; the others explain the columns and show examples", out)
			}
			return err
		},
	}
	fl := c.Flags()
	fl.StringVarP(&out, "out", "o", "", "`FILE`.xlsx to write (required)")
	fl.BoolVar(&changes, "changes", false, "columns for changing existing orders instead of those for new ones")
	group(fl, "Everyday")
	return c
}

// writeNew writes a file that doesn't exist yet.
func (a *app) writeNew(path, what string, fill func(io.Writer) error) error {
	if fileExists(path) {
		return fail(Usage, "give another name, or remove it first", "%s already exists", path)
	}
	if err := write.ToFile(path, fill); err != nil {
		return fail(FileTrouble, "", "writing the %s: %w", what, err)
	}
	return nil
}
