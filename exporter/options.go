package exporter

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"ordersheet/internal/order"
	"ordersheet/internal/sheet/write"
	"ordersheet/mapping/flatten"
	"ordersheet/mapping/profile"
)

// Options say what is exported, and what its file looks like.
type Options struct {
	Kind    order.Kind
	Name    string // whose watermark this is; empty is DefaultName
	Since   Since
	Filters []Filter
	Wanted  []Wanted // exactly these orders; nil means all that changed
	Details Details
	Shape   flatten.Shape    // empty means flatten.LineRows
	Columns []string         // as flatten.New takes them; none means the default ones
	Profile *profile.Profile // a mapping file whose columns are used instead; nil means none
	Out     Target
	Overlap time.Duration // how far before the last window's end the next one begins; 0 is 5 minutes
	Workers int           // orders read at a time; 0 is 8
	Rate    float64       // requests per second; 0 learns what the server allows
}

// Details says whether each order is read by its id.
type Details int

// AutoDetails reads orders by id if a chosen column needs it.
const (
	AutoDetails Details = iota
	WithDetails
	WithoutDetails
)

// Since is where the window of an export begins. The zero Since means all orders.
type Since struct {
	Last bool      // where the last published export of the same name ended
	At   time.Time // otherwise at this time, included; zero means all orders
}

// Filter is a filter of the API's lists: field or field[op], and a value.
type Filter struct{ Name, Value string }

// Target is where the rows go and in which format.
type Target struct {
	Path      string              // of the file; {date}, {since}, {until}, {name} and {kind} are filled in. "-" is Config.Stdout
	Format    write.Format        // empty is that of the path's extension
	Text      write.OutputOptions // Delimiter, BOM and Formulas of it
	SplitRows int                 // rows a file, but that an order's rows stay together; 0 puts all into one
	Keep      int                 // published exports of this name that stay in the folder; 0 is all
	Replace   bool                // a file of that name is replaced, even one that was made by hand
}

// Texts are options as a person writes them. Empty ones are the defaults.
type Texts struct {
	Kind      string   // required
	Since     string   // all, last, or a time
	Filters   []string // field=value or field[op]=value
	Columns   string   // separated by commas
	Path      string   // of the file; the default is {kind}-{date} and replaces nothing
	Format    string   // the default is that of the path
	Delimiter string   // of a CSV file
}

// Parse sets the options that texts give, and checks the others as far as that takes no request.
func (o *Options) Parse(t Texts) (err error) {
	var ok bool
	if o.Kind, ok = order.ParseKind(t.Kind); !ok {
		return usage("kind", "export takes sales-orders or purchase-orders, not %q", t.Kind)
	}
	for _, text := range t.Filters {
		filter, err := ParseFilter(text)
		if err != nil {
			return err
		}
		o.Filters = append(o.Filters, filter)
	}
	if o.Since, err = ParseSince(t.Since); err != nil {
		return err
	}
	if o.Wanted != nil && (len(o.Filters) > 0 || o.Since != Since{}) {
		return &UsageError{
			errors.New("orders that are named one by one can't be filtered too"), "leave one of these out",
			[]string{"ids", "since", "filter"},
		}
	}
	if t.Columns != "" {
		o.Columns = strings.Split(t.Columns, ",")
	}
	if o.Out.SplitRows < 0 || o.Out.Keep < 0 {
		return &UsageError{
			errors.New("the rows of a file and the exports to keep are whole numbers from 0"), "", []string{"split_rows", "keep"},
		}
	}
	return o.Out.parse(t)
}

// parse sets the file and its format.
func (t *Target) parse(text Texts) error {
	t.Path, t.Format, t.Replace = text.Path, write.XLSX, text.Path != ""
	var ok bool
	switch {
	case text.Format != "":
		if t.Format, ok = write.ParseFormat(text.Format); !ok {
			return usage("format", "the formats are xlsx, csv, tsv and jsonl, not %q", text.Format)
		}
	case t.Path != "":
		if t.Format, ok = write.FormatOf(t.Path); !ok {
			return &UsageError{
				fmt.Errorf("the extension of %q is not that of a format", t.Path),
				"name it .xlsx, .csv, .tsv or .jsonl, or choose a format",
				[]string{"format"},
			}
		}
	}
	t.Path = cmp.Or(t.Path, "{kind}-{date}."+string(t.Format))
	if d := text.Delimiter; d != "" {
		if len(d) != 1 || d[0] > 127 || d[0] == '"' || t.Format != write.CSV {
			return usage("delimiter", "a field separator is one character of a CSV file, such as ;, not %q", d)
		}
		t.Text.Delimiter = d[0]
	}
	return nil
}

func usage(option, format string, args ...any) error {
	return &UsageError{fmt.Errorf(format, args...), "", []string{option}}
}

// ParseFilter reads field=value or field[op]=value.
func ParseFilter(text string) (Filter, error) {
	name, value, found := strings.Cut(text, "=")
	name = strings.TrimSpace(name)
	switch field, _, _ := strings.Cut(name, "["); {
	case !found || name == "":
		return Filter{}, usage("filter", "parsing the filter %q: expected field=value or field[op]=value, such as order_status=shipped", text)
	case field == "updated_at":
		return Filter{}, usage("since", "parsing the filter %q: use the start time of the export instead", text)
	case field == "page" || field == "per_page" || field == "sort":
		return Filter{}, usage("filter", "parsing the filter %q: %s isn't a field of an order", text, field)
	}
	return Filter{name, value}, nil
}

// ParseSince reads all, last, or a time; without a zone it is in UTC. Empty means all.
func ParseSince(text string) (Since, error) {
	switch text {
	case "", "all":
		return Since{}, nil
	case "last":
		return Since{Last: true}, nil
	}
	for _, layout := range []string{
		time.RFC3339, time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly,
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return Since{At: t}, nil
		}
	}
	return Since{}, usage("since", "parsing the start time %q: expected all, last, or a time such as 2026-01-31, "+
		"2026-01-31T22:00:00Z or 2026-01-31T22:00:00-05:00", text)
}

// DefaultName names an export by its kind, columns and filters.
func (o *Options) DefaultName() string {
	name := string(o.Kind)
	if o.Shape == flatten.OrderRows {
		name += " as sheets"
	}
	if len(o.Columns) > 0 {
		name += ": " + strings.Join(o.Columns, ",")
	}
	if o.Profile != nil {
		name += " by " + o.Profile.Name
	}
	if f := o.filters(); f != "" {
		name += " where " + f
	}
	return name
}

// filters returns the filters as one text.
func (o *Options) filters() string { return strings.Join(o.filterList(), " and ") }

func (o *Options) filterList() (all []string) {
	for _, f := range o.Filters {
		all = append(all, f.Name+"="+f.Value)
	}
	return all
}

// overlap is how far before the end of the last window the next one begins by default. What a slow
// transaction wrote appears late with an earlier time; the next file has it, and may repeat orders
// of the last one.
const overlap = 5 * time.Minute

func (o *Options) setDefaults() {
	o.Workers, o.Overlap = cmp.Or(o.Workers, 8), cmp.Or(o.Overlap, overlap)
	o.Shape = cmp.Or(o.Shape, flatten.LineRows)
	o.Name = cmp.Or(o.Name, o.DefaultName())
}

// fromFeed reports whether the orders come from the feed of changed sales orders, which has no
// filters.
func (o *Options) fromFeed() bool {
	return o.Kind == order.SalesOrders && len(o.Filters) == 0 && o.Wanted == nil
}
