package cli

import (
	"github.com/spf13/cobra"

	"ordersheet/importer"
	"ordersheet/internal/diff"
	"ordersheet/internal/order"
)

// planFlags say what to read and what to make of it; import and plan share them.
type planFlags struct {
	readFlags
	kind, mapping, existing string
	set, sheets             []string
	headerRow               int
	recreate                bool
	mode                    string
	changeFlags
}

// changeFlags say how orders that stand are changed.
type changeFlags struct {
	tags        string
	lineRemoval bool
}

func (f *planFlags) register(c *cobra.Command) {
	f.readFlags.register(c)
	fl := c.Flags()
	fl.StringVar(&f.kind, "kind", "", "sales-orders or purchase-orders (default: told from the headers)")
	fl.StringVar(&f.mapping, "mapping", "", "mapping file: a path, or the name of one kept in the user's mapping folder")
	fl.StringArrayVar(&f.set, "set", nil, "give a field one value for all orders, such as channel_id=4 (may be repeated; wins over the mapping file)")
	fl.StringArrayVar(&f.sheets, "sheet", nil, "read this sheet only (may be repeated)")
	fl.IntVar(&f.headerRow, "header-row", 0, "row number of the header (default: found)")
	fl.StringVar(&f.existing, "check-existing", "auto", "look up all orders before sending any: auto, on, off (auto: when it takes at most one request for 20 orders)")
	fl.BoolVar(&f.recreate, "recreate", false, "send again orders that this ledger made and that no longer stand")
	fl.StringVar(&f.mode, "mode", "", "what to do with orders whose row has no command: create, update, upsert, delete (default: what the mapping file says, else create)")
	f.changeFlags.register(c)
}

func (f *changeFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.tags, "tags", "", "by their own call, replace the tags of sales orders that are updated, or add to them: replace, add (default: they go with the update)")
	c.Flags().BoolVar(&f.lineRemoval, "allow-line-removal", false, "let an update remove lines of a purchase order of which something was received")
}

func (f *changeFlags) check() error {
	switch f.tags {
	case diff.TagsAsSent, diff.TagsReplaced, diff.TagsAdded:
		return nil
	}
	return fail(Usage, "", "--tags takes replace or add, not %q", f.tags)
}

// job checks the flags that say what to read.
func (a *app) job(files []string, f planFlags) (importer.Job, error) {
	job := importer.Job{Files: files, Sheets: f.sheets, HeaderRow: f.headerRow, Recreate: f.recreate}
	switch importer.CheckExisting(f.existing) {
	case importer.CheckAuto, importer.CheckOn, importer.CheckOff:
	default:
		return job, fail(Usage, "", "--check-existing takes auto, on or off, not %q", f.existing)
	}
	if err := f.check(); err != nil {
		return job, err
	}
	if f.kind != "" {
		k, ok := order.ParseKind(f.kind)
		if !ok {
			return job, fail(Usage, "", "--kind takes sales-orders or purchase-orders, not %q", f.kind)
		}
		job.Kind = k
	}
	var err error
	if job.Reader, err = f.options(); err != nil {
		return job, err
	}
	if job.Profile, err = a.profile(f.mapping, f.set); err != nil {
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
	o.Tags, o.LineRemoval, o.ReplacePayments = f.tags, f.lineRemoval, job.Profile.ReplacePayments
	return job, nil
}
