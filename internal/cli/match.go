package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ordersheet/importer"
	"ordersheet/internal/cell"
	"ordersheet/internal/sheet"
	"ordersheet/internal/sheet/write"
	"ordersheet/mapping"
)

func (a *app) matchCommand() *cobra.Command {
	var out string
	var m mappingFlags
	var f readFlags
	c := &cobra.Command{
		Use: "match FILE", GroupID: "import",
		Short:   "show which field each header feeds, how sure that is, and what is missing",
		Example: "  ordersheet match orders.csv -o orders.toml     write it as a mapping file, to be edited",
		Args:    oneArg("one file", "ordersheet match orders.xlsx"),
		RunE: func(_ *cobra.Command, args []string) error {
			b, kind, p, err := a.openBook(args[0], f, m)
			if err != nil {
				return err
			}
			defer b.Close() //nolint:errcheck // it was only read
			sheets, err := importer.New(importer.Config{}).Match(b, kind, p)
			if err != nil {
				return readingError(args[0], err)
			}
			return a.match(args[0], b.Name, sheets, out)
		},
	}
	addFlags(c, "Everyday", func(fl *pflag.FlagSet) {
		fl.StringVarP(&out, "out", "o", "", "write the result as a mapping file, `FILE`.toml")
		m.register(fl)
	})
	addFlags(c, "File", f.register)
	return c
}

func (a *app) match(path, name string, sheets []importer.Match, out string) (err error) {
	switch {
	case len(sheets) == 0:
		return fail(SomeInvalid, "list the known headers with: ordersheet fields sales-orders", "%s has no row that looks like a header of orders", path)
	case a.global.json:
		err = json.NewEncoder(a.Stdout).Encode(map[string]any{"file": name, "sheets": sheets})
	default:
		err = a.printMatch(sheets)
	}
	if err != nil || out == "" {
		return err
	}
	if fileExists(out) {
		return fail(Usage, "give another name, or remove it first", "%s already exists", out)
	}
	if err := write.ToFile(out, sheets[0].Header.WriteMapping); err != nil {
		return fail(FileTrouble, "", "writing the mapping: %w", err)
	}
	fmt.Fprintf(a.Stderr, "wrote %s: check it, then import with --mapping %s\n", out, out)
	return nil
}

// readingError says which file an error is about, unless it says so itself.
func readingError(path string, err error) error {
	var unreadable *sheet.UnreadableError
	var missing *fs.PathError
	if errors.As(err, &unreadable) || errors.As(err, &missing) {
		return err
	}
	return fail(FileTrouble, "", "reading %s: %w", path, err)
}

func (a *app) printMatch(sheets []importer.Match) error {
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
