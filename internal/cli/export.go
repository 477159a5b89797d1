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

	"ordersheet/exporter"
	"ordersheet/importer"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/sheet"
	"ordersheet/internal/sheet/write"

	"ordersheet/mapping/flatten"
)

// exportFlags say what to export and where to.
type exportFlags struct {
	name, since, ids, rows, columns, format, out, delimiter, notify string
	filters                                                         []string
	details                                                         *bool // nil when it wasn't said
	bom, formulas, sandbox                                          bool
	split, keep, workers                                            int
	rate                                                            float64
}

// sandboxOrders is how many orders of each kind a sandbox has that is exported from.
const sandboxOrders = 200

func (a *app) exportCommand() *cobra.Command {
	var f exportFlags
	var details bool
	c := &cobra.Command{
		Use:   "export sales-orders|purchase-orders",
		Short: "orders out of Luminous into a file that proves itself complete",
		Long: `export finds the orders that changed, reads them, writes them into a file and publishes it in one step, with a manifest beside it that says what the
file holds and how far it is proven to be complete. The columns are those of the import template, so that the file can be edited and imported
as updates. docs/exporting.md says more, docs/nightly.md how to run it every night.`,
		Example: `  ordersheet export sales-orders --sandbox                                try it, no account needed
  ordersheet export sales-orders --since last --out 'orders-{until}.xlsx'  every night: what changed since the last one
  ordersheet export purchase-orders --columns order_numbers,supplier.name,total_cost --out - --format csv
  ordersheet export sales-orders --ids wanted.csv --out wanted.xlsx        exactly these orders`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fail(Usage, "ordersheet export sales-orders", "export takes one word: sales-orders or purchase-orders")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("details") {
				f.details = &details
			}
			err := a.runExport(c.Context(), args[0], f)
			return a.notified(c.Context(), f.notify, a.exportError(err))
		},
	}
	f.register(c)
	c.Flags().BoolVar(&details, "details", false, "read each order by its id (default: when a column needs it)")
	return c
}

func (f *exportFlags) register(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.name, "name", "", "whose last export --since last means (default: the kind, and what columns and filters were chosen)")
	fl.StringVar(&f.since, "since", "all", "orders changed since: a date or time (UTC, or with a zone), last (where the last published export of this name ended), all")
	fl.StringArrayVar(&f.filters, "filter", nil, "only orders that fit, field=value or field[op]=value as the API has it (may be repeated)")
	fl.StringVar(&f.ids, "ids", "", "exactly the orders of this sheet, by a column headed id or order_number")
	fl.StringVar(&f.rows, "rows", string(flatten.LineRows), "lines: a row a line, as import reads them; orders: sheets of orders, lines, shipments, payments")
	fl.StringVar(&f.columns, "columns", "", "columns, parted by commas, or a mapping file whose columns are taken (default: those of the import template)")
	fl.StringVar(&f.format, "format", "", "xlsx, csv, tsv or jsonl (default: the ending of --out, else xlsx)")
	fl.StringVar(&f.out, "out", "", "file; {date}, {since}, {until}, {name} and {kind} are filled in; - is stdout (default: {kind}-{date} here, which replaces no file)")
	fl.IntVar(&f.split, "split-rows", 0, "begin another file after so many rows; an order's rows stay together")
	fl.IntVar(&f.keep, "keep", 0, "keep so many exports of this name in the folder and take older ones away (default: all)")
	fl.StringVar(&f.delimiter, "delimiter", "", "what parts the fields of a CSV file, such as ; (default: a comma)")
	fl.BoolVar(&f.bom, "bom", false, "begin a CSV or TSV file with a byte order mark, by which Excel knows that it is UTF-8")
	fl.BoolVar(&f.formulas, "formulas", false, "leave texts of CSV and TSV files that look like formulas as they are, without an apostrophe")
	fl.IntVar(&f.workers, "workers", 8, "requests in flight at most, 1 to 250")
	fl.Float64Var(&f.rate, "rate", 0, "requests a second at most (default: as many as the server takes)")
	fl.BoolVar(&f.sandbox, "sandbox", false, "export from an order system in a box inside this program, which has some orders")
	fl.StringVar(&f.notify, "notify-command", "", "shell command to run when the export fails; it finds why in ORDERSHEET_EXIT_CODE and ORDERSHEET_MESSAGE")
}

func (a *app) runExport(ctx context.Context, kind string, f exportFlags) error {
	job, err := a.exportJob(kind, f)
	if err != nil {
		return err
	}
	s, err := a.open(ctx, sendFlags{workers: f.workers, rate: f.rate, sandbox: f.sandbox, fill: sandboxOrders}, "", false)
	if err != nil {
		return err
	}
	defer s.end()
	job.Ledger, job.API, job.Account, job.Owner, job.Version = s.ledger, s.client, s.account, owner(), version()
	job.Observe = func(e exporter.Event) {
		if e.Note != "" {
			s.watch.say("%s", e.Note)
			return
		}
		s.watch.observe(importer.Event{Phase: importer.Phase(e.Phase), Done: e.Done, Total: e.Total})
	}
	m, err := job.Do(s.soft)
	s.watch.done()
	if err != nil {
		return s.exportFailed(err, len(f.filters) > 0)
	}
	return s.exported(&m)
}

// exportError prints why an export ended without a file, where --json asks for exactly one object.
func (a *app) exportError(err error) error {
	if err == nil || !a.global.json || a.printed() {
		return err
	}
	code, hint := classify(err)
	return errors.Join(err, json.NewEncoder(a.Stdout).Encode(map[string]any{"exit_code": int(code), "error": err.Error(), "hint": hint}))
}

// exportFailed adds what to do about an export that ended before it published anything.
func (s *session) exportFailed(err error, filtered bool) error {
	code, hint := classify(err)
	var api *luminous.Error
	switch {
	case s.soft.Err() != nil:
		return fail(Stopped, "give the same command again: it goes on where it was", "stopped; nothing was published")
	case filtered && errors.As(err, &api) && (api.Status == 400 || api.Status == 422): // no later try will be taken either
		code, hint = Usage, "the server doesn't take this --filter; docs/exporting.md shows the filters"
	case code == Stopped && hint == "":
		hint = "nothing was published; give the same command again: it goes on where it was"
	}
	return &failure{code, err, hint}
}

// exported says what was published, and gives the exit code.
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
		return fail(SomeInvalid, "the next export begins where this one did", "the export isn't whole: %s", m.Proof.Contradictions[0])
	case len(m.NotFound) > 0:
		return quiet(SomeInvalid)
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

// firstOf names the first few of many.
func firstOf(all []string, most int) string {
	if len(all) <= most {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:most], ", "), len(all)-most)
}

// exportJob checks the flags and makes the job of them.
func (a *app) exportJob(kind string, f exportFlags) (*exporter.Job, error) {
	k, ok := order.ParseKind(kind)
	if !ok {
		return nil, fail(Usage, "ordersheet export sales-orders", "export takes sales-orders or purchase-orders, not %q", kind)
	}
	if err := checkPace(f.workers, f.rate); err != nil {
		return nil, err
	}
	job := &exporter.Job{Kind: k, Name: f.name, Workers: f.workers, Shape: flatten.Shape(f.rows)}
	if f.details != nil {
		job.Details = map[bool]exporter.Details{true: exporter.WithDetails, false: exporter.WithoutDetails}[*f.details]
	}
	var err error
	for _, text := range f.filters {
		filter, err := exporter.ParseFilter(text)
		if err != nil {
			return nil, fail(Usage, "docs/exporting.md shows the filters", "%w", err)
		}
		job.Filters = append(job.Filters, filter)
	}
	if job.Since, err = parseSince(f.since); err != nil {
		return nil, err
	}
	if f.ids != "" {
		if len(f.filters) > 0 || f.since != "all" {
			return nil, fail(Usage, "", "--ids names the orders one by one: --since and --filter have no place beside it")
		}
		if job.Wanted, err = exporter.ReadWanted(f.ids, k, sheet.Options{}); err != nil {
			return nil, err
		}
	}
	if err := a.exportColumns(job, f.columns); err != nil {
		return nil, err
	}
	job.Out, err = a.exportTarget(f)
	return job, err
}

// exportColumns reads which columns are wanted: a list, or a mapping file.
func (a *app) exportColumns(job *exporter.Job, columns string) (err error) {
	switch {
	case columns == "":
	case strings.HasSuffix(columns, ".toml") || fileExists(columns):
		job.Profile, err = a.profile(columns, nil)
	default:
		job.Columns = strings.Split(columns, ",")
	}
	return err
}

// parseSince reads where the window begins.
func parseSince(text string) (exporter.Since, error) {
	switch text {
	case "all":
		return exporter.Since{}, nil
	case "last":
		return exporter.Since{Last: true}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return exporter.Since{At: t}, nil
		}
	}
	return exporter.Since{}, fail(Usage, "", "--since takes all, last, or a time such as 2026-01-31, 2026-01-31T22:00:00Z or 2026-01-31T22:00:00-05:00, not %q", text)
}

// exportTarget settles the file and its form.
func (a *app) exportTarget(f exportFlags) (exporter.Target, error) {
	t := exporter.Target{Path: f.out, Stdout: a.Stdout, SplitRows: f.split, Keep: f.keep, Replace: f.out != ""}
	t.Text.BOM, t.Text.Formulas = f.bom, f.formulas
	var ok bool
	switch {
	case f.format != "":
		if t.Format, ok = write.ParseFormat(f.format); !ok {
			return t, fail(Usage, "", "--format takes xlsx, csv, tsv or jsonl, not %q", f.format)
		}
	case f.out == "":
		t.Format = write.XLSX
	default:
		if t.Format, ok = write.FormatOf(f.out); !ok {
			return t, fail(Usage, "name it .xlsx, .csv, .tsv or .jsonl, or say --format", "the ending of %q says no format", f.out)
		}
	}
	if t.Path == "" {
		t.Path = "{kind}-{date}." + string(t.Format)
	}
	if t.Path == "-" && a.global.json {
		return t, fail(Usage, "name a file with --out", "--json and the export can't both go to stdout")
	}
	if f.split < 0 || f.keep < 0 {
		return t, fail(Usage, "", "--split-rows and --keep take whole numbers from 0")
	}
	if f.delimiter == "" {
		return t, nil
	}
	o, err := (&readFlags{delimiter: f.delimiter}).options()
	if err != nil || o.Delimiter > 127 || o.Delimiter == '"' || t.Format != write.CSV {
		return t, fail(Usage, "", "--delimiter takes one character of a CSV file, such as ;, not %q", f.delimiter)
	}
	t.Text.Delimiter = byte(o.Delimiter)
	return t, nil
}

func (a *app) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "verify FILE",
		Short:   "check an exported file against its manifest",
		Example: "  ordersheet verify orders-2026-01-31.xlsx",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fail(Usage, "ordersheet verify orders.xlsx", "verify takes one file")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.verify(args[0]) },
	}
}

func (a *app) verify(path string) error {
	v, err := exporter.Verify(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fail(FileTrouble, "an export's manifest stands beside it, with .manifest.json at the end of its name", "%w", err)
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
