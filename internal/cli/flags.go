package cli

import (
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ordersheet/importer"
	"ordersheet/internal/diff"
	"ordersheet/internal/order"
	"ordersheet/internal/sheet"
	"ordersheet/mapping/profile"
)

// mappingFlags say what the columns of a file mean; all commands that read orders share them.
type mappingFlags struct {
	kind, mapping string
	set           []string
}

func (f *mappingFlags) register(fl *pflag.FlagSet) {
	fl.StringVar(&f.mapping, "mapping", "", "mapping `FILE`, or the name of one in the user's mapping folder (default none)")
	fl.StringArrayVar(&f.set, "set", nil, "one value for all orders, as `FIELD=VALUE`; repeatable")
	fl.StringVar(&f.kind, "kind", "", "`KIND` of orders: sales-orders, purchase-orders (default inferred)")
}

func (f *mappingFlags) orderKind() (order.Kind, error) {
	if f.kind == "" {
		return "", nil
	}
	k, ok := order.ParseKind(f.kind)
	if !ok {
		return "", fail(Usage, "", "--kind takes sales-orders or purchase-orders, not %q", f.kind)
	}
	return k, nil
}

// readFlags say how a file is read; all commands that read one share them.
type readFlags struct {
	passwordFile, charset, delimiter string
	limits                           []string
}

func (f *readFlags) register(fl *pflag.FlagSet) {
	fl.StringVar(&f.delimiter, "delimiter", "", "field separator `CHAR` of a text file, such as ; or tab (default inferred)")
	fl.StringVar(&f.charset, "charset", "", "charset `NAME` of a text file, such as windows-1252 (default inferred)")
	fl.StringVar(&f.passwordFile, "password-file", "", "`FILE` with the password of an encrypted workbook")
	fl.StringArrayVar(&f.limits, "limit", nil, "raise a limit of docs/files.md, `NAME=N`; repeatable")
}

// options returns the reader's options, with the password from its file.
func (f *readFlags) options() (sheet.Options, error) {
	o := sheet.Options{Charset: f.charset}
	for _, l := range f.limits {
		if err := o.Limits.Set(l); err != nil {
			return o, fail(Usage, "", "--limit: %w", err)
		}
	}
	switch {
	case f.delimiter == "":
	case f.delimiter == "tab" || f.delimiter == `\t`:
		o.Delimiter = '\t'
	case utf8.RuneCountInString(f.delimiter) == 1:
		o.Delimiter, _ = utf8.DecodeRuneInString(f.delimiter)
	default:
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

// planFlags say what to read and how to compare it; import and plan share them.
type planFlags struct {
	readFlags
	mappingFlags
	changeFlags
	existing, mode string
	sheets         []string
	headerRow      int
	recreate       bool
}

func (f *planFlags) register(c *cobra.Command) {
	addFlags(c, "Everyday", func(fl *pflag.FlagSet) {
		fl.StringVar(&f.mode, "mode", "", "`ACTION` of rows that say none: create, update, upsert, delete (default create)")
		f.mappingFlags.register(fl)
		fl.StringArrayVar(&f.sheets, "sheet", nil, "read only the sheet `NAME`; repeatable (default every visible sheet of orders)")
	})
	addFlags(c, "File", func(fl *pflag.FlagSet) {
		fl.IntVar(&f.headerRow, "header-row", 0, "`ROW` number of the header (default inferred)")
		f.readFlags.register(fl)
	})
	addFlags(c, "Existing orders", func(fl *pflag.FlagSet) {
		fl.StringVar(&f.existing, "check-existing", "auto", "look up all orders first, `WHEN`: on, off, auto (if cheap)")
		fl.BoolVar(&f.recreate, "recreate", false, "send orders again that were created and then deleted")
		f.changeFlags.register(fl)
	})
}

// changeFlags say how existing orders are changed.
type changeFlags struct {
	tags        string
	lineRemoval bool
}

func (f *changeFlags) register(fl *pflag.FlagSet) {
	fl.StringVar(&f.tags, "tags", "", "send tags in their own request, `HOW`: replace, add (default with the update)")
	fl.BoolVar(&f.lineRemoval, "allow-line-removal", false, "let an update remove lines that were partly received")
}

func (f *changeFlags) check() error {
	switch f.tags {
	case diff.TagsAsSent, diff.TagsReplaced, diff.TagsAdded:
		return nil
	}
	return fail(Usage, "", "--tags takes replace or add, not %q", f.tags)
}

// change returns how the flags change the options of a run; nil when none was given.
func (f changeFlags) change() func(*importer.Options) {
	if f == (changeFlags{}) {
		return nil
	}
	return func(o *importer.Options) {
		if f.tags != "" {
			o.Tags = f.tags
		}
		o.LineRemoval = o.LineRemoval || f.lineRemoval
	}
}

// job checks the flags and makes a job of them.
func (a *app) job(files []string, f planFlags) (importer.Job, error) {
	job := importer.Job{Files: files, Sheets: f.sheets, HeaderRow: f.headerRow, Recreate: f.recreate}
	switch importer.CheckExisting(f.existing) {
	case importer.CheckAuto, importer.CheckOn, importer.CheckOff:
	default:
		return job, fail(Usage, "", "--check-existing takes auto, on or off, not %q", f.existing)
	}
	err := f.check()
	if err == nil {
		job.Kind, err = f.orderKind()
	}
	if err == nil {
		job.Reader, err = f.readFlags.options()
	}
	if err == nil {
		job.Profile, err = a.profile(f.mapping, f.set)
	}
	if err != nil {
		return job, err
	}
	if f.mode != "" {
		if err := job.Profile.Set("mode=" + f.mode); err != nil {
			return job, fail(Usage, "", "--mode takes create, update, upsert or delete, not %q", f.mode)
		}
	}
	job.Options = importer.DefaultOptions()
	o := &job.Options
	o.Kind, o.Mapping, o.Set, o.Sheets, o.HeaderRow = f.kind, f.mapping, f.set, f.sheets, f.headerRow
	o.Existing, o.Recreate = f.existing, f.recreate
	o.Tags, o.LineRemoval, o.ReplacePayments = f.tags, f.lineRemoval, job.Profile.ReplacePayments
	return job, nil
}

// sendFlags say how orders are sent; import, apply, resume and undo share them.
type sendFlags struct {
	importer.Options
	yes   bool
	flags *pflag.FlagSet
}

func (f *sendFlags) register(c *cobra.Command) {
	kept := c.Name() == "resume" || c.Name() == "apply"
	addFlags(c, "Everyday", func(fl *pflag.FlagSet) {
		fl.BoolVar(&f.yes, "yes", false, "don't ask before sending")
		fl.StringVar(&f.Report, "report", "", "where the report goes, `FILE`.xlsx or FILE.csv (default NAME.report.xlsx)")
	})
	addFlags(c, "Sending", func(fl *pflag.FlagSet) {
		f.registerPace(fl, kept)
		fl.IntVar(&f.Canary, "canary", f.Canary, "orders to send one by one before the rest"+defaultOr(kept, "3"))
		fl.StringVar(&f.Verify, "verify", f.Verify, "orders to read back, `WHICH`: all, sample, none"+defaultOr(kept, "sample"))
		fl.DurationVar(&f.SettleWait, "settle-wait", 0, "how late an order may appear after a lost answer"+defaultOr(kept, "twice --timeout"))
		fl.BoolVar(&f.NoBreaker, "no-breaker", false, "go on when most orders fail for one reason"+defaultOr(kept, "no"))
	})
}

// registerPace defines the flags that say how fast requests are sent.
func (f *sendFlags) registerPace(fl *pflag.FlagSet, kept bool) {
	f.flags, f.Options = fl, importer.DefaultOptions()
	fl.IntVar(&f.Workers, "workers", f.Workers, "requests in flight at most, 1 to 250"+defaultOr(kept, "8"))
	fl.Float64Var(&f.Rate, "rate", 0, "requests a second at most"+defaultOr(kept, "what the server takes"))
}

// defaultOr is the default of a flag: what the run keeps, else usual.
func defaultOr(kept bool, usual string) string {
	if kept {
		usual = "as it was started"
	}
	return " (default " + usual + ")"
}

// change returns how the flags that were given change the options of a run; the others leave them.
func (f *sendFlags) change(a *app) func(*importer.Options) {
	return func(o *importer.Options) {
		o.Timeout = a.global.timeout
		f.flags.Visit(func(given *pflag.Flag) {
			switch given.Name {
			case "workers":
				o.Workers = f.Workers
			case "rate":
				o.Rate = f.Rate
			case "settle-wait":
				o.SettleWait = f.SettleWait
			case "canary":
				o.Canary = f.Canary
			case "verify":
				o.Verify = f.Verify
			case "no-breaker":
				o.NoBreaker = f.NoBreaker
			case "report":
				if o.Report = f.Report; o.Report != "" {
					o.Report = absolute(o.Report)
				}
			}
		})
	}
}

// check refuses values that make no sense.
func (f *sendFlags) check() error {
	switch v := importer.Verify(f.Verify); {
	case f.Workers < 1 || f.Workers > 250:
		return fail(Usage, "", "--workers takes 1 to 250, not %d", f.Workers)
	case f.Rate < 0:
		return fail(Usage, "", "--rate takes a number of requests a second, not %v", f.Rate)
	case f.SettleWait < 0:
		return fail(Usage, "", "--settle-wait takes a time such as 60s, not %v", f.SettleWait)
	case f.Canary < 0:
		return fail(Usage, "", "--canary takes a number of orders, not %d", f.Canary)
	case v != "" && v != importer.VerifyAll && v != importer.VerifySample && v != importer.VerifyNone:
		return fail(Usage, "", "--verify takes all, sample or none, not %q", f.Verify)
	case f.Report != "":
		return checkReportName(f.Report)
	}
	return nil
}

// absolute returns a path that means the same in any folder.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// profile reads the mapping file, if there is one, and adds --set.
func (a *app) profile(name string, set []string) (*profile.Profile, error) {
	p := &profile.Profile{}
	if name != "" {
		var err error
		if p, err = readMapping(name); err != nil {
			return nil, err
		}
	}
	for _, assignment := range set {
		if err := p.Set(assignment); err != nil {
			return nil, fail(Usage, "--set takes FIELD=VALUE; the fields are listed by: ordersheet fields", "--set %s: %w", assignment, err)
		}
	}
	return p, nil
}
