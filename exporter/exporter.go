// Package exporter gets orders out of the order system into a file: it finds what changed, reads it, keeps it in the ledger, proves as far as
// the API allows that nothing is missing, writes the file, and publishes it in one step, a manifest beside it. The ledger alone passes from one
// step to the next, so that an export that was killed goes on where it was. It knows no terminal: what happens is told through one Observe
// func. It decides nothing about columns (mapping does) or about how cells are written (sheet does).
package exporter

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/lookup"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/sheet/write"

	"ordersheet/mapping/profile"

	"ordersheet/mapping/flatten"
)

// API is what an export needs of the order system. luminous.Client is one.
type API interface {
	lookup.API
	// Stats says how many requests were made.
	Stats() luminous.Stats
}

// Job is one export, as it was asked for.
type Job struct {
	Ledger  *ledger.Ledger
	API     API
	Account string // the normalised base URL
	Kind    order.Kind
	Name    string // whose watermark this is; empty is DefaultName
	Since   Since
	Filters []Filter
	Wanted  []Wanted // exactly these orders; nil is all that changed
	Details Details
	Shape   flatten.Shape    // empty is mapping.LineRows
	Columns []string         // as mapping.NewFlattener takes them; none are the default ones
	Profile *profile.Profile // a mapping file whose columns are taken instead; nil = none
	Out     Target
	Overlap time.Duration // how far before the last window's end the next one begins; 0 is 5 minutes
	Workers int           // orders read at a time; 0 is 8
	Version string        // of the program, for the manifest
	Owner   string        // pid@host, for the ledger
	Now     func() time.Time
	Observe Observe
}

// Details says whether each order is read by its id.
type Details int

// Whether orders are read by id: AutoDetails when a chosen column needs it.
const (
	AutoDetails Details = iota
	WithDetails
	WithoutDetails
)

// Since says where the window of an export begins. The zero Since is the beginning of time.
type Since struct {
	Last bool      // where the last published export of the same name ended
	At   time.Time // else at this time, included; zero is all there is
}

// Filter is one condition of the API's own on a list: field, or field[op], and a value.
type Filter struct{ Name, Value string }

// ParseFilter reads field=value or field[op]=value.
func ParseFilter(text string) (Filter, error) {
	name, value, found := strings.Cut(text, "=")
	name = strings.TrimSpace(name)
	switch field, _, _ := strings.Cut(name, "["); {
	case !found || name == "":
		return Filter{}, fmt.Errorf("reading the filter %q: expected field=value or field[op]=value, such as order_status=shipped", text)
	case field == "updated_at":
		return Filter{}, fmt.Errorf("reading the filter %q: what changed since when is said by --since", text)
	case field == "page" || field == "per_page" || field == "sort":
		return Filter{}, fmt.Errorf("reading the filter %q: %s isn't a field of an order", text, field)
	}
	return Filter{name, value}, nil
}

// Target says where the rows go and in which form.
type Target struct {
	Path      string // of the file; {date}, {since}, {until}, {name} and {kind} are filled in. "-" is Stdout
	Stdout    io.Writer
	Format    write.Format        // empty is that of the path's extension
	Text      write.OutputOptions // Delimiter, BOM and Formulas of it
	SplitRows int                 // rows a file, but that an order's rows stay together; 0 puts all into one
	Keep      int                 // published exports of this name that stay in the folder; 0 is all
	Replace   bool                // a file of that name is replaced, even one that somebody else made
}

// DefaultName names an export by what it holds: its kind, and columns and filters that were chosen.
func (j *Job) DefaultName() string {
	name := string(j.Kind)
	if j.Shape == flatten.OrderRows {
		name += " as sheets"
	}
	if len(j.Columns) > 0 {
		name += ": " + strings.Join(j.Columns, ",")
	}
	if j.Profile != nil {
		name += " by " + j.Profile.Name
	}
	if f := j.filters(); f != "" {
		name += " where " + f
	}
	return name
}

// filters are the filters as one text.
func (j *Job) filters() string {
	all := make([]string, len(j.Filters))
	for i, f := range j.Filters {
		all[i] = f.Name + "=" + f.Value
	}
	return strings.Join(all, " and ")
}

func (j *Job) setDefaults() {
	j.Workers, j.Overlap = cmp.Or(j.Workers, 8), cmp.Or(j.Overlap, overlap)
	j.Shape = cmp.Or(j.Shape, flatten.LineRows)
	j.Name = cmp.Or(j.Name, j.DefaultName())
	if j.Now == nil {
		j.Now = time.Now
	}
}

// fromFeed says that the orders are found, and perhaps read, in the feed of changed sales orders: the feed knows no filters.
func (j *Job) fromFeed() bool {
	return j.Kind == order.SalesOrders && len(j.Filters) == 0 && j.Wanted == nil
}

// Event says how far an export is.
type Event struct {
	Phase Phase
	Done  int64  // orders
	Total int64  // 0 when it isn't known
	Note  string // something that a person should know; then nothing else is set
}

// Phase names a step of an export.
type Phase string

// The phases.
const (
	Reading  Phase = "reading orders"
	Counting Phase = "counting"
	Writing  Phase = "writing"
)

// Observe is told what happens. It must not block for long.
type Observe func(Event)

func (o Observe) tell(e Event) {
	if o != nil {
		o(e)
	}
}
