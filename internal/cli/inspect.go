package cli

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ordersheet/importer"
	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/sheet"
	"ordersheet/mapping/profile"
)

func (a *app) inspectCommand() *cobra.Command {
	var only string
	var m mappingFlags
	var f readFlags
	c := &cobra.Command{
		Use: "inspect FILE", GroupID: "import",
		Short: "show what a file holds, what its columns feed, and what looks damaged",
		Long: `inspect reads a file to its end and needs no account. It shows the sheets, the field that each
column feeds, the types of the cells, what a spreadsheet did to the data (lost zeros, codes turned
into dates, wrong charsets) with the repair that a mapping file can switch on, and which orders an
import would find invalid.`,
		Example: "  ordersheet inspect orders.xlsx\n  ordersheet inspect orders.csv --json",
		Args:    oneArg("one file", "ordersheet inspect orders.xlsx"),
		RunE: func(_ *cobra.Command, args []string) error {
			b, kind, p, err := a.openBook(args[0], f, m)
			if err != nil {
				return err
			}
			defer b.Close() //nolint:errcheck // it was only read
			return a.inspect(args[0], b, importer.InspectConfig{Kind: kind, Profile: p, Sheet: only, Today: today()})
		},
	}
	addFlags(c, "Everyday", func(fl *pflag.FlagSet) {
		fl.StringVar(&only, "sheet", "", "read only the sheet `NAME`, hidden or not (default every visible sheet)")
		m.register(fl)
	})
	addFlags(c, "File", f.register)
	return c
}

// openBook opens a file and reads what the flags say about it.
func (a *app) openBook(path string, f readFlags, m mappingFlags) (b *sheet.Book, kind order.Kind, p *profile.Profile, err error) {
	var o sheet.Options
	if kind, err = m.orderKind(); err != nil {
		return nil, "", nil, err
	}
	if p, err = a.profile(m.mapping, m.set); err != nil {
		return nil, "", nil, err
	}
	if o, err = f.options(); err != nil {
		return nil, "", nil, err
	}
	if b, err = sheet.Open(path, o); err != nil {
		return nil, "", nil, readingError(path, err)
	}
	return b, kind, p, nil
}

func today() cell.Civil {
	y, m, d := time.Now().Date()
	return cell.Civil{Year: y, Month: int(m), Day: d}
}

func (a *app) inspect(path string, b *sheet.Book, cfg importer.InspectConfig) error {
	f, err := importer.New(importer.Config{}).Inspect(b, cfg)
	if err != nil {
		return readingError(path, err)
	}
	if cfg.Sheet != "" && !slices.ContainsFunc(f.Sheets, func(s importer.InspectedSheet) bool { return s.Read }) {
		return fail(Usage, "list the sheets with: ordersheet inspect "+path, "%s has no sheet %q with cells", b.Name, cfg.Sheet)
	}
	if a.global.json {
		return json.NewEncoder(a.Stdout).Encode(f)
	}
	return printInspected(a.Stdout, f)
}
