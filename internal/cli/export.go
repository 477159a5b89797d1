package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ordersheet/exporter"
	"ordersheet/importer"
	"ordersheet/internal/deliver"
	"ordersheet/internal/luminous"
	"ordersheet/mapping/flatten"
)

// exportFlags say what to export and where to.
type exportFlags struct {
	run         importer.Options // its pace alone
	export      exporter.Options
	texts       exporter.Texts
	ids, notify string
	details     bool
	sandbox     bool
}

// sandboxOrders is how many orders of each kind a sandbox has that is exported from.
const sandboxOrders = 200

func (a *app) exportCommand() *cobra.Command {
	f := &exportFlags{run: importer.DefaultOptions()}
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
		Args: takes(1, 1, "one word: sales-orders or purchase-orders", "COMMAND sales-orders", nil),
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("details") {
				f.export.Details = map[bool]exporter.Details{true: exporter.WithDetails, false: exporter.WithoutDetails}[f.details]
			}
			f.texts.Kind = args[0]
			return a.notified(c.Context(), f.notify, a.exportError(a.export(c.Context(), f)))
		},
	}
	f.register(c.Flags())
	return c
}

func (f *exportFlags) register(fl *pflag.FlagSet) {
	fl.StringVar(&f.texts.Path, "out", "", "`FILE` with {date} {since} {until} {name} {kind}, or - (default {kind}-{date})")
	fl.StringVar(&f.texts.Since, "since", "all", "orders changed since `WHEN`: a date or time, last, all")
	fl.StringArrayVar(&f.texts.Filters, "filter", nil, "only orders with `FIELD=VALUE` or FIELD[OP]=VALUE; repeatable")
	fl.StringVar(&f.ids, "ids", "", "only the orders in `FILE`, by its column id or order_number")
	fl.StringVar(&f.texts.Columns, "columns", "", "`COLUMNS`, comma-separated, or a mapping file (default those of the template)")
	fl.StringVar(&f.export.Name, "name", "", "`NAME` that --since last refers to (default the kind, columns and filters)")
	fl.BoolVar(&f.sandbox, "sandbox", false, "export from a simulated Luminous API inside this program")
	group(fl, "Everyday")
	fl.StringVar(&f.texts.Format, "format", "", "`FORMAT`: xlsx, csv, tsv, jsonl (default by the extension of --out, else xlsx)")
	fl.StringVar((*string)(&f.export.Shape), "rows", string(flatten.LineRows), "`SHAPE`: lines (as import reads them), orders (a sheet per record)")
	fl.BoolVar(&f.details, "details", false, "read each order by its id (default when a column needs it)")
	fl.IntVar(&f.export.Out.SplitRows, "split-rows", 0, "start a new file after `N` rows; an order's rows stay together (default one file)")
	fl.StringVar(&f.texts.Delimiter, "delimiter", "", "field separator `CHAR` of a CSV file, such as ; (default a comma)")
	fl.BoolVar(&f.export.Out.Text.BOM, "bom", false, "begin CSV and TSV with a byte order mark, for Excel")
	fl.BoolVar(&f.export.Out.Text.Formulas, "formulas", false, "leave texts that look like formulas as they are in CSV and TSV")
	group(fl, "File")
	bindPace(fl, &f.run, false)
	group(fl, "Sending")
	fl.IntVar(&f.export.Out.Keep, "keep", 0, "delete all but the newest `N` exports of this name (default keep all)")
	fl.StringVar(&f.notify, "notify-command", "", "shell `COMMAND` if the export fails; see docs/nightly.md")
	group(fl, "Output")
}

// exportOptions makes the options of the flags.
func (a *app) exportOptions(f *exportFlags) (o exporter.Options, err error) {
	if err := checkOptions(f.run); err != nil {
		return o, err
	}
	o = f.export
	o.Workers, o.Rate = f.run.Workers, f.run.Rate
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
		if o.Profile, err = profileOf(c, nil); err != nil {
			return o, err
		}
	}
	return o, o.Parse(f.texts)
}

func (a *app) export(ctx context.Context, f *exportFlags) error {
	options, err := a.exportOptions(f)
	if err != nil {
		return err
	}
	account := (*session).given
	if f.sandbox {
		account = simulated(sandboxOrders)
	}
	return a.with(ctx, false, account, func(s *session) error {
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
	})
}

// exportError prints why an export ended without a file, where --json needs exactly one object.
func (a *app) exportError(err error) error {
	if err == nil || !a.global.json || a.shown {
		return err
	}
	code, hint := classify(err)
	return errors.Join(err, a.show(map[string]any{"exit_code": int(code), "error": err.Error(), "hint": hint}, nil))
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

// exportedText is what a person is told of an export.
const exportedText = `orders: {{count .Counts.Orders .Kind.Word}}, {{count .Counts.Lines "line"}}
	{{- with .Window.Since}}, changed {{if $.Window.Until}}from {{.}} to {{$.Window.Until}}{{else}}since {{.}}{{end}}{{end}}
{{range .Notes}}note: {{.}}
{{end}}
	{{- with .NotFound}}not found: {{count (len .) "order"}}: {{first . 10}}
{{end}}proof: {{.Proof.Grade}}
{{range .Proof.Checks}}  {{.What}}: {{.Result}}: {{.Text}}
{{end}}
	{{- range .Proof.Contradictions}}  contradiction: {{.}}
{{end}}`

// exported prints what was published, and returns the exit code.
func (s *session) exported(m *exporter.Manifest) error {
	if err := render(s.Stderr, exportedText, m); err != nil {
		return err
	}
	if m.Path() != "-" {
		var names []string
		for _, f := range m.Files {
			names = append(names, filepath.Join(filepath.Dir(m.Path()), f.Name))
		}
		s.say("published: %s, %s", importer.FirstOf(names, 5), count(m.Counts.Rows, "row"))
	}
	if err := s.show(m, nil); err != nil {
		return err
	}
	switch {
	case m.Suspect():
		return fail(SomeInvalid, "the next export begins where this one did", "the export is incomplete: %s", m.Proof.Contradictions[0])
	case len(m.NotFound) > 0:
		return exitWith(SomeInvalid)
	}
	return nil
}

func (a *app) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use: "verify FILE", GroupID: "export", Args: oneFile,
		Short:   "check an exported file against its manifest",
		Example: "  ordersheet verify orders-2026-01-31.xlsx",
		RunE: func(_ *cobra.Command, args []string) error {
			v, err := exporter.New(exporter.Config{}).Verify(args[0])
			if errors.Is(err, fs.ErrNotExist) {
				return fail(FileTrouble, "the manifest of an export is beside it and ends in .manifest.json", "%w", err)
			}
			if err != nil {
				return fail(FileTrouble, "", "%w", err)
			}
			wrong, grade := append([]string{}, v.Wrong...), v.Manifest.Proof.Grade
			err = a.show(map[string]any{"manifest": v.At, "rows": v.Rows, "grade": grade, "wrong": wrong}, func() error {
				if len(wrong) == 0 {
					fmt.Fprintf(a.Stdout, "%s: %s in %s, as they were published on %s; proof: %s\n", v.At, count(v.Rows, "row"),
						count(len(v.Manifest.Files), "file"), localTime(v.Manifest.Published), grade)
				}
				return nil
			})
			if err == nil && len(wrong) > 0 {
				err = fail(SomeInvalid, "export it again", "%s", strings.Join(wrong, "; "))
			}
			return err
		},
	}
}

// notified passes a failure on to a command, and returns it.
func (a *app) notified(ctx context.Context, command string, failed error) error {
	if failed == nil || command == "" {
		return failed
	}
	code, hint := classify(failed)
	n := deliver.Notice{Code: int(code), Message: cmp.Or(failed.Error(), "some orders were not found"), Hint: hint}
	if err := n.Command(ctx, command, a.Stderr); err != nil {
		a.say("ordersheet: the notify command: %v", err)
	}
	return failed
}
