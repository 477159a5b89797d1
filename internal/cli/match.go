package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/sheet"
	"ordersheet/internal/sheet/write"
	"ordersheet/mapping"

	"ordersheet/mapping/profile"
)

func (a *app) matchCommand() *cobra.Command {
	var out, kind, file string
	var set []string
	var f readFlags
	c := &cobra.Command{
		Use:     "match FILE",
		Short:   "show what each header would feed, how sure that is, and what is left over",
		Example: "  ordersheet match orders.csv -o orders.toml     write it down as a mapping file, to be edited",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fail(Usage, "ordersheet match orders.xlsx", "match takes one file")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			var k order.Kind
			if kind != "" {
				var ok bool
				if k, ok = order.ParseKind(kind); !ok {
					return fail(Usage, "", "--kind takes sales-orders or purchase-orders, not %q", kind)
				}
			}
			profile, err := a.profile(file, set)
			if err != nil {
				return err
			}
			options, err := f.options()
			if err != nil {
				return err
			}
			return a.match(args[0], options, k, profile, out)
		},
	}
	f.register(c)
	c.Flags().StringVarP(&out, "out", "o", "", "mapping file to write")
	c.Flags().StringVar(&file, "mapping", "", "mapping file to start from")
	c.Flags().StringArrayVar(&set, "set", nil, "give a field one value for all orders (may be repeated)")
	c.Flags().StringVar(&kind, "kind", "", "sales-orders or purchase-orders (default: told from the headers)")
	return c
}

// matched is one sheet's header as JSON shows it.
type matched struct {
	Sheet   string           `json:"sheet"`
	Row     int              `json:"header_row"`
	Kind    string           `json:"kind"`
	Columns []mapping.Column `json:"columns"`
	Missing []string         `json:"missing"`
	binding *mapping.Binding
}

func (a *app) match(path string, o sheet.Options, kind order.Kind, profile *profile.Profile, out string) error {
	b, err := sheet.Open(path, o)
	if err != nil {
		return readingTrouble(path, err)
	}
	defer b.Close()
	var sheets []matched
	for i := range b.Sheets {
		if b.Sheets[i].State != sheet.Visible || b.Sheets[i].Chart {
			continue
		}
		m, err := matchSheet(b, i, kind, profile)
		if err != nil {
			return readingTrouble(path, err)
		}
		if m != nil {
			sheets = append(sheets, *m)
		}
	}
	if len(sheets) == 0 {
		return fail(SomeInvalid, "ordersheet fields sales-orders lists the headers that are known", "%s has no row that looks like a header of orders", path)
	}
	if a.global.json {
		err = json.NewEncoder(a.Stdout).Encode(map[string]any{"file": b.Name, "sheets": sheets})
	} else {
		err = a.printMatch(sheets)
	}
	if err != nil || out == "" {
		return err
	}
	return a.writeMapping(sheets[0].binding, out)
}

// readingTrouble says of which file an error is, unless it says so itself.
func readingTrouble(path string, err error) error {
	var refused *sheet.RefusedError
	var missing *fs.PathError
	if errors.As(err, &refused) || errors.As(err, &missing) {
		return err
	}
	return fail(FileTrouble, "", "reading %s: %w", path, err)
}

// errEnough ends the reading of a sheet after its first rows.
var errEnough = errors.New("enough rows")

// matchSheet binds the header among a sheet's first rows; nil when there is none.
func matchSheet(b *sheet.Book, i int, kind order.Kind, profile *profile.Profile) (*matched, error) {
	var rows []cell.Row
	_, err := b.Read(i, func(r *cell.Row) error {
		rows = append(rows, r.Clone())
		if len(rows) == mapping.HeaderRows {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	_, binding := mapping.FindHeaderIn(kind, rows, b.Sheets[i].Tables, profile)
	if binding == nil {
		return nil, nil
	}
	m := &matched{Sheet: b.Sheets[i].Name, Row: binding.HeaderRow, Kind: string(binding.Kind), Columns: binding.Columns, Missing: []string{}, binding: binding}
	for _, f := range binding.Missing() {
		m.Missing = append(m.Missing, f.Column)
	}
	return m, nil
}

func (a *app) printMatch(sheets []matched) error {
	w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	for _, m := range sheets {
		name := m.Sheet
		if name == "" {
			name = "the file"
		}
		fmt.Fprintf(w, "%s: header in row %d, %s\n", name, m.Row, m.Kind)
		fmt.Fprintln(w, "COLUMN\tHEADER\tFEEDS\tHOW\tSURE")
		for _, c := range m.Columns {
			feeds, sure := c.Path, fmt.Sprintf("%.0f%%", 100*c.Score)
			if feeds == "" || c.How == mapping.ByLikeness {
				feeds, sure = "nothing", ""
			}
			how := string(c.How)
			if len(c.Others) > 0 {
				how += fmt.Sprintf(" (could be %s)", strings.Join(c.Others, ", "))
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", cell.ColName(c.Col), c.Header, feeds, how, sure)
		}
		for _, missing := range m.Missing {
			fmt.Fprintf(w, "missing: no column feeds %s\n", missing)
		}
	}
	return w.Flush()
}

func (a *app) writeMapping(b *mapping.Binding, out string) error {
	if fileExists(out) {
		return fail(Usage, "give another name, or remove it first", "%s exists already", out)
	}
	if err := write.ToFile(out, b.WriteMapping); err != nil {
		return fail(FileTrouble, "", "writing the mapping: %w", err)
	}
	fmt.Fprintf(a.Stderr, "wrote %s: check it, then import with --mapping %s\n", out, out)
	return nil
}
