package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ordersheet/importer"
	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/sheet"
	"ordersheet/internal/sheet/write"
	"ordersheet/mapping"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/profile"
)

func (a *app) inspectCommand() *cobra.Command {
	f := newRunFlags()
	var only string
	c := &cobra.Command{
		Use: "inspect FILE", GroupID: "import", Args: oneFile,
		Short: "show what a file holds, what its columns feed, and what looks damaged",
		Long: `inspect reads a file to its end and needs no account. It shows the sheets, the field that each
column feeds, the types of the cells, what a spreadsheet did to the data (lost zeros, codes turned
into dates, wrong charsets) with the repair that a mapping file can switch on, and which orders an
import would find invalid.`,
		Example: "  ordersheet inspect orders.xlsx\n  ordersheet inspect orders.csv --json",
		RunE: func(_ *cobra.Command, args []string) error {
			return f.read(args[0], func(b *sheet.Book, kind order.Kind, p *profile.Profile) error {
				y, m, d := time.Now().Date()
				cfg := importer.InspectConfig{Kind: kind, Profile: p, Sheet: only, Today: cell.Civil{Year: y, Month: int(m), Day: d}}
				seen, err := importer.New(importer.Config{}).Inspect(b, cfg)
				if err != nil {
					return err
				}
				if only != "" && !slices.ContainsFunc(seen.Sheets, func(s importer.InspectedSheet) bool { return s.Read }) {
					return fail(Usage, "list the sheets with: ordersheet inspect "+args[0], "%s has no sheet %q with cells", b.Name, only)
				}
				return a.show(seen, func() error { return render(a.Stdout, inspectedText, seen) })
			})
		},
	}
	fl := c.Flags()
	fl.StringVar(&only, "sheet", "", "read only the sheet `NAME`, hidden or not (default every visible sheet)")
	f.registerMapping(fl)
	group(fl, "Everyday")
	f.readFlags.register(fl)
	return c
}

func (a *app) matchCommand() *cobra.Command {
	f := newRunFlags()
	var out string
	c := &cobra.Command{
		Use: "match FILE", GroupID: "import", Args: oneFile,
		Short:   "show which field each header feeds, how sure that is, and what is missing",
		Example: "  ordersheet match orders.csv -o orders.toml     write it as a mapping file, to be edited",
		RunE: func(_ *cobra.Command, args []string) error {
			return f.read(args[0], func(b *sheet.Book, kind order.Kind, p *profile.Profile) error {
				sheets, err := importer.New(importer.Config{}).Match(b, kind, p)
				switch {
				case err != nil:
					return err
				case len(sheets) == 0:
					return fail(SomeInvalid, "list the known headers with: ordersheet fields sales-orders",
						"%s has no row that looks like a header of orders", args[0])
				}
				err = a.show(map[string]any{"file": b.Name, "sheets": sheets}, func() error {
					w := table(a.Stdout)
					return cmp.Or(render(w, matchText, sheets), w.Flush())
				})
				if err != nil || out == "" {
					return err
				}
				if err := a.writeNew(out, "mapping", sheets[0].Header.WriteMapping); err != nil {
					return err
				}
				a.say("wrote %s: check it, then import with --mapping %s", out, out)
				return nil
			})
		},
	}
	fl := c.Flags()
	fl.StringVarP(&out, "out", "o", "", "write the result as a mapping file, `FILE`.toml")
	f.registerMapping(fl)
	group(fl, "Everyday")
	f.readFlags.register(fl)
	return c
}

// cellsCommand prints every cell of a file as the reader sees it. It is hidden: it is for tests of
// the reader and for questions about a file.
func (a *app) cellsCommand() *cobra.Command {
	var f readFlags
	c := &cobra.Command{
		Use: "cells FILE", Short: "print every cell of a file as JSON lines", Hidden: true, Args: oneFile,
		RunE: func(_ *cobra.Command, args []string) error {
			o, err := f.options()
			if err != nil {
				return err
			}
			return readingError(args[0], sheet.DumpCells(args[0], o, a.Stdout))
		},
	}
	f.register(c.Flags())
	return c
}

// read opens a file, and hands it on with what the flags say about it.
func (f *runFlags) read(path string, do func(*sheet.Book, order.Kind, *profile.Profile) error) error {
	if err := checkOptions(f.Options); err != nil {
		return err
	}
	kind, _ := order.ParseKind(f.Kind)
	p, err := profileOf(f.Mapping, f.Set)
	if err != nil {
		return err
	}
	o, err := f.readFlags.options()
	if err != nil {
		return err
	}
	b, err := sheet.Open(path, o)
	if err != nil {
		return readingError(path, err)
	}
	defer b.Close() //nolint:errcheck // it was only read
	return readingError(path, do(b, kind, p))
}

// readingError says which file an error is about, unless it says so itself.
func readingError(path string, err error) error {
	var unreadable *sheet.UnreadableError
	var missing *fs.PathError
	var said *failure
	if err == nil || errors.As(err, &unreadable) || errors.As(err, &missing) || errors.As(err, &said) {
		return err
	}
	return fail(FileTrouble, "", "reading %s: %w", path, err)
}

// matchText is what a person is shown of headers; its columns are aligned.
const matchText = `{{range .}}{{or .Sheet "the file"}}: header in row {{.Row}}, {{.Kind}}
COLUMN	HEADER	FEEDS	HOW	SURE
{{range .Columns}}{{column .Col}}	{{.Header}}	{{if feeds .}}{{.Path}}{{else}}nothing{{end}}	{{.How}}
	{{- with .Others}} (could be {{join . ", "}}){{end}}	{{if feeds .}}{{percent .Score}}{{end}}
{{end}}
	{{- range .Missing}}missing: no column feeds {{.}}
{{end}}{{end}}`

// feeds reports whether a column feeds a field.
func feeds(c mapping.Column) bool { return c.Path != "" && c.How != mapping.ByLikeness }

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
