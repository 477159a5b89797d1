package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ordersheet/importer"
	"ordersheet/internal/order"
	"ordersheet/internal/sheet"
)

// runFlags are the flags of the commands that read, plan or send orders. Each command registers
// those that it has.
type runFlags struct {
	importer.Options
	readFlags
	mode string
	yes  bool
}

func newRunFlags() *runFlags { return &runFlags{Options: importer.DefaultOptions()} }

// registerMapping defines the flags that say what the columns of a file mean.
func (f *runFlags) registerMapping(fl *pflag.FlagSet) {
	fl.StringVar(&f.Mapping, "mapping", "", "mapping `FILE`, or the name of one in the user's mapping folder (default none)")
	fl.StringArrayVar(&f.Set, "set", nil, "one value for all orders, as `FIELD=VALUE`; repeatable")
	fl.StringVar(&f.Kind, "kind", "", "`KIND` of orders: sales-orders, purchase-orders (default inferred)")
}

// registerPlan defines the flags that say what to read and how to compare it with existing orders.
func (f *runFlags) registerPlan(fl *pflag.FlagSet) {
	fl.StringVar(&f.mode, "mode", "", "`ACTION` of rows that say none: create, update, upsert, delete (default create)")
	f.registerMapping(fl)
	fl.StringArrayVar(&f.Sheets, "sheet", nil, "read only the sheet `NAME`; repeatable (default every visible sheet of orders)")
	group(fl, "Everyday")
	fl.IntVar(&f.HeaderRow, "header-row", 0, "`ROW` number of the header (default inferred)")
	f.readFlags.register(fl)
	fl.StringVar(&f.Existing, "check-existing", "auto", "look up all orders first, `WHEN`: on, off, auto (if cheap)")
	fl.BoolVar(&f.Recreate, "recreate", false, "send orders again that were created and then deleted")
	bindChange(fl, &f.Options)
	group(fl, "Existing orders")
}

// registerSend defines the flags that say how orders are sent. kept says that the run keeps its
// own.
func (f *runFlags) registerSend(fl *pflag.FlagSet, kept bool) {
	fl.BoolVar(&f.yes, "yes", false, "don't ask before sending")
	fl.StringVar(&f.Report, "report", "", "where the report goes, `FILE`.xlsx or FILE.csv (default NAME.report.xlsx)")
	group(fl, "Everyday")
	bindPace(fl, &f.Options, kept)
	bindSend(fl, &f.Options, kept)
	group(fl, "Sending")
}

func bindChange(fl *pflag.FlagSet, o *importer.Options) {
	fl.StringVar(&o.Tags, "tags", o.Tags, "send tags in their own request, `HOW`: replace, add (default with the update)")
	fl.BoolVar(&o.LineRemoval, "allow-line-removal", o.LineRemoval, "let an update remove lines that were partly received")
}

func bindPace(fl *pflag.FlagSet, o *importer.Options, kept bool) {
	fl.IntVar(&o.Workers, "workers", o.Workers, "requests in flight at most, 1 to 250"+defaultOr(kept, "8"))
	fl.Float64Var(&o.Rate, "rate", o.Rate, "requests a second at most"+defaultOr(kept, "what the server takes"))
}

func bindSend(fl *pflag.FlagSet, o *importer.Options, kept bool) {
	fl.IntVar(&o.Canary, "canary", o.Canary, "orders to send one by one before the rest"+defaultOr(kept, "3"))
	fl.StringVar(&o.Verify, "verify", o.Verify, "orders to read back, `WHICH`: all, sample, none"+defaultOr(kept, "sample"))
	fl.DurationVar(&o.SettleWait, "settle-wait", o.SettleWait,
		"how late an order may appear after a lost answer"+defaultOr(kept, "twice --timeout"))
	fl.BoolVar(&o.NoBreaker, "no-breaker", o.NoBreaker, "go on when most orders fail for one reason"+defaultOr(kept, "no"))
}

// defaultOr is the default of a flag: what the run keeps, else usual.
func defaultOr(kept bool, usual string) string {
	if kept {
		usual = "as it was started"
	}
	return " (default " + usual + ")"
}

// change returns how the flags that were given change the options that a run keeps: how its orders
// are compared and sent. The others leave them.
func (a *app) change(given *pflag.FlagSet) func(*importer.Options) {
	return func(o *importer.Options) {
		again := pflag.NewFlagSet("", pflag.ContinueOnError)
		bindChange(again, o)
		bindPace(again, o, true)
		bindSend(again, o, true)
		again.StringVar(&o.Report, "report", o.Report, "")
		given.Visit(func(f *pflag.Flag) {
			if again.Lookup(f.Name) != nil {
				_ = again.Set(f.Name, f.Value.String()) // it was parsed before
			}
		})
		o.Timeout, o.Report = a.global.timeout, absolute(o.Report)
	}
}

// checkOptions refuses values that make no sense.
func checkOptions(o importer.Options) error {
	var wrong *importer.OptionError
	if errors.As(o.Check(), &wrong) {
		wrong.Option = flagOf(wrong.Option)
		return fail(Usage, "", "%w", wrong)
	}
	return checkReportName(o.Report)
}

// flagOf returns the flag that sets an option.
func flagOf(option string) string { return "--" + strings.ReplaceAll(option, "_", "-") }

// job checks the flags and makes the job of an import or a plan of them.
func (a *app) job(files []string, f *runFlags) (job importer.Job, err error) {
	if err := checkOptions(f.Options); err != nil {
		return job, err
	}
	if job.Reader, err = f.readFlags.options(); err != nil {
		return job, err
	}
	if job.Profile, err = profileOf(f.Mapping, f.Set); err != nil {
		return job, err
	}
	if f.mode != "" {
		if err := job.Profile.Set("mode=" + f.mode); err != nil {
			return job, fail(Usage, "", "--mode takes create, update, upsert or delete, not %q", f.mode)
		}
	}
	o := f.Options
	o.Timeout, o.Report, o.ReplacePayments = a.global.timeout, absolute(o.Report), job.Profile.ReplacePayments
	job.Files, job.Options = files, o
	job.Kind, _ = order.ParseKind(o.Kind)
	job.Sheets, job.HeaderRow = o.Sheets, o.HeaderRow
	return job, nil
}

// absolute returns a path that means the same in any folder; empty stays empty.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil && path != "" {
		return abs
	}
	return path
}

// readFlags say how a file is read.
type readFlags struct {
	passwordFile, charset, delimiter string
	limits                           []string
}

func (f *readFlags) register(fl *pflag.FlagSet) {
	fl.StringVar(&f.delimiter, "delimiter", "", "field separator `CHAR` of a text file, such as ; or tab (default inferred)")
	fl.StringVar(&f.charset, "charset", "", "charset `NAME` of a text file, such as windows-1252 (default inferred)")
	fl.StringVar(&f.passwordFile, "password-file", "", "`FILE` with the password of an encrypted workbook")
	fl.StringArrayVar(&f.limits, "limit", nil, "raise a limit of docs/files.md, `NAME=N`; repeatable")
	group(fl, "File")
}

// options returns the reader's options, with the password from its file.
func (f *readFlags) options() (o sheet.Options, err error) {
	o.Charset = f.charset
	for _, l := range f.limits {
		if err := o.Limits.Set(l); err != nil {
			return o, fail(Usage, "", "--limit: %w", err)
		}
	}
	switch d := []rune(f.delimiter); {
	case f.delimiter == "tab" || f.delimiter == `\t`:
		o.Delimiter = '\t'
	case len(d) == 1:
		o.Delimiter = d[0]
	case len(d) > 1:
		return o, fail(Usage, "", "--delimiter takes one character, or tab, not %q", f.delimiter)
	}
	if f.passwordFile == "" {
		return o, nil
	}
	b, err := os.ReadFile(f.passwordFile)
	if err != nil {
		return o, fail(FileTrouble, "", "reading the password: %w", err)
	}
	o.Password = strings.TrimRight(string(b), "\r\n")
	return o, nil
}

// listRuns is the hint for a command that got no run that exists.
const listRuns = "list the runs with: ordersheet runs"

// takes checks the arguments of a command: from least to most, and each of them with check, unless
// that is nil. what names them; hint shows them, with COMMAND for the command.
func takes(least, most int, what, hint string, check func(arg string) error) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		hint := strings.ReplaceAll(hint, "COMMAND", c.CommandPath())
		if len(args) < least || len(args) > most {
			return fail(Usage, hint, "%s takes %s", strings.TrimPrefix(c.CommandPath(), "ordersheet "), what)
		}
		for _, arg := range args {
			if check != nil {
				if err := check(arg); err != nil {
					return fail(Usage, hint, "%w", err)
				}
			}
		}
		return nil
	}
}

var (
	noArgs       = takes(0, 0, "no arguments", "see COMMAND --help", nil)
	oneFile      = takes(1, 1, "one file", "COMMAND orders.xlsx", nil)
	oneRun       = takes(1, 1, "the number of one run", listRuns, isRun)
	atMostOneRun = takes(0, 1, "at most one run", listRuns, isRun)
	oneKind      = takes(1, 1, "one kind: sales-orders or purchase-orders", "COMMAND sales-orders", isKind)
)

// someFiles takes one file or more.
func someFiles(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fail(Usage, c.CommandPath()+" orders.xlsx", "no file was given")
	}
	return nil
}

func isRun(arg string) error {
	if runNumber(arg) == 0 {
		return fmt.Errorf("%q is not the number of a run", arg)
	}
	return nil
}

// runNumber reads the number of a run; 0 is none.
func runNumber(arg string) int64 {
	if n, err := strconv.ParseInt(arg, 10, 64); err == nil && n > 0 {
		return n
	}
	return 0
}

func isKind(arg string) error {
	if _, ok := order.ParseKind(arg); !ok {
		return fmt.Errorf("%q is neither sales-orders nor purchase-orders", arg)
	}
	return nil
}
