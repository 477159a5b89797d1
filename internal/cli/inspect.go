package cli

import (
	"encoding/json"
	"time"

	"github.com/spf13/cobra"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet"
	"ordersheet/mapping"
)

func (a *app) inspectCommand() *cobra.Command {
	var kind, file, only string
	var f readFlags
	var set []string
	c := &cobra.Command{
		Use:   "inspect FILE",
		Short: "show what a file holds, what its columns would feed, and what the spreadsheet did to the data",
		Long: `inspect reads a file to its end and needs no account: its sheets, what each column would feed, the types of its cells, what a spreadsheet did to
the data (lost zeros, codes turned into dates, wrong charsets), with the repair that a mapping file can switch on, and what would be refused.`,
		Example: "  ordersheet inspect orders.xlsx\n  ordersheet inspect orders.csv --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fail(Usage, "ordersheet inspect orders.xlsx", "inspect takes one file")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			k, err := kindFlag(kind)
			if err != nil {
				return err
			}
			profile, err := a.profile(file, set)
			if err != nil {
				return err
			}
			options, err := f.options()
			if err != nil {
				return err
			}
			return a.inspect(args[0], options, inspector{kind: k, profile: profile, only: only, today: today()})
		},
	}
	c.Flags().StringVar(&only, "sheet", "", "look at this sheet only, hidden or not")
	c.Flags().StringVar(&file, "mapping", "", "mapping file that says what the columns mean")
	c.Flags().StringArrayVar(&set, "set", nil, "give a field one value for all orders (may be repeated)")
	c.Flags().StringVar(&kind, "kind", "", "sales-orders or purchase-orders (default: told from the headers)")
	f.register(c)
	return c
}

// kindFlag reads --kind; empty is to be told from the headers.
func kindFlag(kind string) (order.Kind, error) {
	if kind == "" {
		return "", nil
	}
	k, ok := order.ParseKind(kind)
	if !ok {
		return "", fail(Usage, "", "--kind takes sales-orders or purchase-orders, not %q", kind)
	}
	return k, nil
}

func today() cell.Civil {
	y, m, d := time.Now().Date()
	return cell.Civil{Year: y, Month: int(m), Day: d}
}

// inspected is what inspect prints as JSON.
type inspected struct {
	File      string            `json:"file"`
	Container string            `json:"container"`
	Date1904  bool              `json:"date1904"`
	Report    bool              `json:"report"` // a report of ours
	Dialect   *dialect          `json:"dialect,omitempty"`
	Notes     []problem.Problem `json:"notes"`
	Sheets    []inspectedSheet  `json:"sheets"`
}

type dialect struct {
	Charset   string   `json:"charset"`
	BOM       bool     `json:"bom"`
	Delimiter string   `json:"delimiter"`
	LineEnds  []string `json:"line_ends"` // CRLF, LF and CR, those that occur, the most frequent first
	Gzip      bool     `json:"gzip"`
}

// inspectedSheet is one sheet; the parts below Rows are empty for a sheet that wasn't read or holds no orders.
type inspectedSheet struct {
	Name       string                `json:"name"`
	State      string                `json:"state"`
	Chart      bool                  `json:"chart"`
	Read       bool                  `json:"read"`
	LeftOut    string                `json:"left_out,omitempty"` // why it isn't read
	Rows       int                   `json:"rows"`               // that hold a value
	LastRow    int                   `json:"last_row"`
	Cells      int                   `json:"cells"`
	HiddenRows int                   `json:"hidden_rows"`
	Merges     []string              `json:"merges"`
	Tables     []inspectedTable      `json:"tables"`
	Kind       order.Kind            `json:"kind,omitempty"`
	AlsoKind   order.Kind            `json:"also_kind,omitempty"` // the headers fit both
	HeaderRow  int                   `json:"header_row,omitempty"`
	Columns    []mapping.Column      `json:"columns"`
	Missing    []string              `json:"missing"`
	Types      []mapping.ColumnTypes `json:"types"`
	Findings   []mapping.Finding     `json:"findings"`
	Orders     orderCounts           `json:"orders"`
	Problems   []problemCount        `json:"problems"` // what an import would say of it
	Notes      []problem.Problem     `json:"notes"`
}

type inspectedTable struct {
	Name  string `json:"name"`
	Range string `json:"range"`
}

// orderCounts is how many orders a sheet holds. Those whose rows stand apart, and all in a sheet with merged cells, are left to an import.
type orderCounts struct {
	Found     int `json:"found"`
	Refused   int `json:"refused"`
	NotJudged int `json:"not_judged"`
}

// problemCount is one kind of problem with its first place.
type problemCount struct {
	problem.Problem
	Count int `json:"count"`
}

func (a *app) inspect(path string, o sheet.Options, in inspector) error {
	b, err := sheet.Open(path, o)
	if err != nil {
		return readingTrouble(path, err)
	}
	defer b.Close() //nolint:errcheck // it was only read
	in.book = b
	out := inspected{File: b.Name, Container: b.Container, Date1904: b.Date1904, Report: b.Report, Notes: orNone(b.Notes), Sheets: []inspectedSheet{}}
	asked := false
	for i := range b.Sheets {
		s, err := in.sheet(i)
		if err != nil {
			return readingTrouble(path, err)
		}
		asked = asked || s.Read
		out.Sheets = append(out.Sheets, s)
	}
	if d := b.Dialect; in.delimited() { // whole only now that the file has been read
		out.Dialect = &dialect{d.Charset, d.BOM, string(d.Delimiter), orNone(d.LineEnds), d.Gzip}
	}
	if in.only != "" && !asked {
		return fail(Usage, "ordersheet inspect "+path+" lists the sheets", "%s has no sheet %q that holds cells", b.Name, in.only)
	}
	if a.global.json {
		return json.NewEncoder(a.Stdout).Encode(out)
	}
	return printInspected(a.Stdout, &out)
}

// orNone makes JSON say [] for nothing.
func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
