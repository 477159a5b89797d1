package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ordersheet/exporter"
	"ordersheet/importer"
	"ordersheet/internal/luminous"

	"ordersheet/mapping/flatten"
)

// exportFlags say what to export and where to.
type exportFlags struct {
	sendFlags   // its pace alone
	export      exporter.Options
	texts       exporter.Texts
	ids, notify string
	sandbox     bool
}

// sandboxOrders is how many orders of each kind a sandbox has that is exported from.
const sandboxOrders = 200

func (a *app) exportCommand() *cobra.Command {
	var f exportFlags
	var details bool
	c := &cobra.Command{
		Use: "export sales-orders|purchase-orders", GroupID: "export",
		Short: "export orders from Luminous into a file that is proven complete",
		Long: `export finds the orders that changed, reads them, writes them to a file and publishes it in one
step, with a manifest beside it that says what the file holds and how its completeness was proven.
The columns are those of the import template, so the file can be edited and imported as updates.
docs/exporting.md says more, docs/nightly.md how to run it every night.`,
		Example: `  ordersheet export sales-orders --sandbox                      try it, no account needed
  ordersheet export sales-orders --since last --out 'orders-{until}.xlsx'     every night
  ordersheet export purchase-orders --columns order_numbers,supplier.name,total_cost --out a.csv
  ordersheet export sales-orders --ids wanted.csv --out wanted.xlsx           exactly these orders`,
		Args: oneArg("one word: sales-orders or purchase-orders", "ordersheet export sales-orders"),
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("details") {
				f.export.Details = map[bool]exporter.Details{true: exporter.WithDetails, false: exporter.WithoutDetails}[details]
			}
			f.texts.Kind = args[0]
			err := a.runExport(c.Context(), f)
			return a.notified(c.Context(), f.notify, a.exportError(err))
		},
	}
	addFlags(c, "Everyday", func(fl *pflag.FlagSet) {
		fl.StringVar(&f.texts.Path, "out", "", "`FILE` with {date} {since} {until} {name} {kind}, or - (default {kind}-{date})")
		fl.StringVar(&f.texts.Since, "since", "all", "orders changed since `WHEN`: a date or time, last, all")
		fl.StringArrayVar(&f.texts.Filters, "filter", nil, "only orders with `FIELD=VALUE` or FIELD[OP]=VALUE; repeatable")
		fl.StringVar(&f.ids, "ids", "", "only the orders in `FILE`, by its column id or order_number")
		fl.StringVar(&f.texts.Columns, "columns", "", "`COLUMNS`, comma-separated, or a mapping file (default those of the template)")
		fl.StringVar(&f.export.Name, "name", "", "`NAME` that --since last refers to (default the kind, columns and filters)")
		fl.BoolVar(&f.sandbox, "sandbox", false, "export from a simulated Luminous API inside this program")
	})
	addFlags(c, "File", func(fl *pflag.FlagSet) { f.registerFile(fl, &details) })
	addFlags(c, "Sending", func(fl *pflag.FlagSet) { f.registerPace(fl, false) })
	addFlags(c, "Output", func(fl *pflag.FlagSet) {
		fl.IntVar(&f.export.Out.Keep, "keep", 0, "delete all but the newest `N` exports of this name (default keep all)")
		fl.StringVar(&f.notify, "notify-command", "", "shell `COMMAND` if the export fails; see docs/nightly.md")
	})
	return c
}

// registerFile defines the flags that say what the file looks like.
func (f *exportFlags) registerFile(fl *pflag.FlagSet, details *bool) {
	fl.StringVar(&f.texts.Format, "format", "", "`FORMAT`: xlsx, csv, tsv, jsonl (default by the extension of --out, else xlsx)")
	fl.StringVar((*string)(&f.export.Shape), "rows", string(flatten.LineRows), "`SHAPE`: lines (as import reads them), orders (a sheet per record)")
	fl.BoolVar(details, "details", false, "read each order by its id (default when a column needs it)")
	fl.IntVar(&f.export.Out.SplitRows, "split-rows", 0, "start a new file after `N` rows; an order's rows stay together (default one file)")
	fl.StringVar(&f.texts.Delimiter, "delimiter", "", "field separator `CHAR` of a CSV file, such as ; (default a comma)")
	fl.BoolVar(&f.export.Out.Text.BOM, "bom", false, "begin CSV and TSV with a byte order mark, for Excel")
	fl.BoolVar(&f.export.Out.Text.Formulas, "formulas", false, "leave texts that look like formulas as they are in CSV and TSV")
}

func (a *app) runExport(ctx context.Context, f exportFlags) error {
	options, err := a.exportOptions(f)
	if err != nil {
		return err
	}
	s, err := a.openNew(ctx, false, f.sandbox, sandboxOrders)
	if err != nil {
		return err
	}
	defer s.end()
	service := exporter.New(exporter.Config{
		Ledger: s.ledger, Owner: owner(), Version: version(), Stdout: a.Stdout,
		Connect: func(o exporter.Options) (exporter.API, error) { return s.newClient(o.Workers, o.Rate) },
		Observe: func(e exporter.Event) {
			s.progress.observe(importer.Event{Phase: importer.Phase(e.Phase), Note: e.Note, Done: e.Done, Total: e.Total})
		},
	})
	m, err := service.Export(s.soft, options)
	s.progress.done()
	if err != nil {
		return s.exportFailed(err, len(options.Filters) > 0)
	}
	return s.exported(&m)
}

// exportError prints why an export ended without a file, where --json needs exactly one object.
func (a *app) exportError(err error) error {
	if err == nil || !a.global.json || a.printed() {
		return err
	}
	code, hint := classify(err)
	return errors.Join(err, json.NewEncoder(a.Stdout).Encode(map[string]any{"exit_code": int(code), "error": err.Error(), "hint": hint}))
}

// exportFailed adds the hint for an export that ended before it published anything.
func (s *session) exportFailed(err error, filtered bool) error {
	code, hint := classify(err)
	var api *luminous.Error
	switch {
	case s.soft.Err() != nil:
		return fail(Stopped, "give the same command again: it continues where it was", "stopped; nothing was published")
	case filtered && errors.As(err, &api) && (api.Status == 400 || api.Status == 422): // a retry would fail too
		code, hint = Usage, "the server rejects this --filter; docs/exporting.md lists the filters"
	case code == Stopped && hint == "":
		hint = "nothing was published; give the same command again: it continues where it was"
	}
	return &failure{code, err, hint}
}

// exported prints what was published, and returns the exit code.
func (s *session) exported(m *exporter.Manifest) error {
	w := s.Stderr
	fmt.Fprintf(w, "orders: %s, %s%s\n", count(int64(m.Counts.Orders), m.Kind.Word()), count(int64(m.Counts.Lines), "line"), windowText(m))
	for _, n := range m.Notes {
		fmt.Fprintln(w, "note:", n)
	}
	if n := len(m.NotFound); n > 0 {
		fmt.Fprintf(w, "not found: %s: %s\n", count(int64(n), "order"), firstOf(m.NotFound, 10))
	}
	fmt.Fprintf(w, "proof: %s\n", m.Proof.Grade)
	for _, c := range m.Proof.Checks {
		fmt.Fprintf(w, "  %s: %s: %s\n", c.What, c.Result, c.Text)
	}
	for _, c := range m.Proof.Contradictions {
		fmt.Fprintf(w, "  contradiction: %s\n", c)
	}
	if m.Path() != "-" {
		fmt.Fprintf(w, "published: %s, %s\n", fileNames(m), count(int64(m.Counts.Rows), "row"))
	}
	if s.global.json {
		if err := json.NewEncoder(s.Stdout).Encode(m); err != nil {
			return err
		}
	}
	switch {
	case m.Suspect():
		return fail(SomeInvalid, "the next export begins where this one did", "the export is incomplete: %s", m.Proof.Contradictions[0])
	case len(m.NotFound) > 0:
		return exitWith(SomeInvalid)
	}
	return nil
}

func windowText(m *exporter.Manifest) string {
	switch {
	case m.Window.Since == "":
		return ""
	case m.Window.Until == "":
		return ", changed since " + m.Window.Since
	}
	return ", changed from " + m.Window.Since + " to " + m.Window.Until
}

// fileNames names the files of an export.
func fileNames(m *exporter.Manifest) string {
	names := make([]string, len(m.Files))
	for i, f := range m.Files {
		names[i] = filepath.Join(filepath.Dir(m.Path()), f.Name)
	}
	return firstOf(names, 5)
}

// exportOptions makes the options of the flags.
func (a *app) exportOptions(f exportFlags) (o exporter.Options, err error) {
	if err := f.check(); err != nil {
		return o, err
	}
	o = f.export
	o.Workers, o.Rate = f.Workers, f.Rate
	if f.texts.Path == "-" && a.global.json {
		return o, fail(Usage, "name a file with --out", "--json and the export can't both go to stdout")
	}
	if f.ids != "" {
		if o.Wanted, err = exporter.ReadWanted(f.ids); err != nil {
			return o, err
		}
	}
	if c := f.texts.Columns; strings.HasSuffix(c, ".toml") || c != "" && fileExists(c) {
		f.texts.Columns = ""
		if o.Profile, err = a.profile(c, nil); err != nil {
			return o, err
		}
	}
	return o, o.Parse(f.texts)
}

func (a *app) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use: "verify FILE", GroupID: "export",
		Short:   "check an exported file against its manifest",
		Example: "  ordersheet verify orders-2026-01-31.xlsx",
		Args:    oneArg("one file", "ordersheet verify orders.xlsx"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.verify(args[0]) },
	}
}

func (a *app) verify(path string) error {
	v, err := exporter.New(exporter.Config{}).Verify(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fail(FileTrouble, "the manifest of an export is beside it and ends in .manifest.json", "%w", err)
	}
	if err != nil {
		return fail(FileTrouble, "", "%w", err)
	}
	if a.global.json {
		wrong := append([]string{}, v.Wrong...)
		if err := json.NewEncoder(a.Stdout).Encode(map[string]any{"manifest": v.At, "rows": v.Rows, "grade": v.Manifest.Proof.Grade, "wrong": wrong}); err != nil {
			return err
		}
	} else if len(v.Wrong) == 0 {
		fmt.Fprintf(a.Stdout, "%s: %s in %s, as they were published on %s; proof: %s\n", v.At, count(int64(v.Rows), "row"),
			count(int64(len(v.Manifest.Files)), "file"), v.Manifest.Published.Local().Format(time.DateTime), v.Manifest.Proof.Grade)
	}
	if len(v.Wrong) > 0 {
		return fail(SomeInvalid, "export it again", "%s", strings.Join(v.Wrong, "; "))
	}
	return nil
}
