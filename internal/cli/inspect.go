package cli

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"ordersheet/importer/inspect"
	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/sheet"
)

func (a *app) inspectCommand() *cobra.Command {
	var kind, file, only string
	var f readFlags
	var set []string
	c := &cobra.Command{
		Use:   "inspect FILE",
		Short: "show what a file holds, what its columns would feed, and what the spreadsheet did to the data",
		Long: `inspect reads a file to its end and needs no account: its sheets, what each column would feed, the types of its cells, what a spreadsheet did to
the data (lost zeros, codes turned into dates, wrong charsets), with the repair that a mapping file can switch on, and which orders would be invalid.`,
		Example: "  ordersheet inspect orders.xlsx\n  ordersheet inspect orders.csv --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fail(Usage, "ordersheet inspect orders.xlsx", "inspect takes one file")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			k, err := kindFlag(kind)
			if err != nil {
				return err
			}
			profile, err := a.profile(file, set)
			if err != nil {
				return err
			}
			options, err := f.options()
			if err != nil {
				return err
			}
			return a.inspect(args[0], options, inspect.Config{Kind: k, Profile: profile, Sheet: only, Today: today()})
		},
	}
	c.Flags().StringVar(&only, "sheet", "", "look at this sheet only, hidden or not")
	c.Flags().StringVar(&file, "mapping", "", "mapping file that says what the columns mean")
	c.Flags().StringArrayVar(&set, "set", nil, "give a field one value for all orders (may be repeated)")
	c.Flags().StringVar(&kind, "kind", "", "sales-orders or purchase-orders (default: told from the headers)")
	f.register(c)
	return c
}

// kindFlag reads --kind; empty is to be told from the headers.
func kindFlag(kind string) (order.Kind, error) {
	if kind == "" {
		return "", nil
	}
	k, ok := order.ParseKind(kind)
	if !ok {
		return "", fail(Usage, "", "--kind takes sales-orders or purchase-orders, not %q", kind)
	}
	return k, nil
}

func today() cell.Civil {
	y, m, d := time.Now().Date()
	return cell.Civil{Year: y, Month: int(m), Day: d}
}

func (a *app) inspect(path string, o sheet.Options, cfg inspect.Config) error {
	b, err := sheet.Open(path, o)
	if err != nil {
		return readingTrouble(path, err)
	}
	defer b.Close() //nolint:errcheck // it was only read
	f, err := inspect.Read(b, cfg)
	if err != nil {
		return readingTrouble(path, err)
	}
	if cfg.Sheet != "" && !slices.ContainsFunc(f.Sheets, func(s inspect.Sheet) bool { return s.Read }) {
		return fail(Usage, "ordersheet inspect "+path+" lists the sheets", "%s has no sheet %q that holds cells", b.Name, cfg.Sheet)
	}
	if a.global.json {
		return json.NewEncoder(a.Stdout).Encode(f)
	}
	return printInspected(a.Stdout, f)
}
