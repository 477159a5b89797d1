// Package exporter exports orders from Luminous to a file: it finds what changed, reads it, keeps it in
// the ledger, proves as far as the API allows that nothing is missing, writes the file, and publishes
// it in one step with a manifest beside it. Only the ledger passes from one step to the next, so a
// killed export resumes where it was. The package knows no terminal and reports progress through one
// Observe func. mapping/flatten decides about columns, sheet/write about how cells are written.
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

// API is what an export needs of the client. luminous.Client is one.
type API interface {
	lookup.API
	// Stats returns how many requests were made.
	Stats() luminous.Stats
}

// Job is one export as requested.
type Job struct {
	Ledger  ledger.Ledger
	API     API
	Account string // the normalized base URL
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
	Version string        // of the program, for the manifest
	Owner   string        // pid@host, for the ledger
	Now     func() time.Time
	Observe Observe
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

// ParseFilter reads field=value or field[op]=value.
func ParseFilter(text string) (Filter, error) {
	name, value, found := strings.Cut(text, "=")
	name = strings.TrimSpace(name)
	switch field, _, _ := strings.Cut(name, "["); {
	case !found || name == "":
		return Filter{}, fmt.Errorf("parsing the filter %q: expected field=value or field[op]=value, such as order_status=shipped", text)
	case field == "updated_at":
		return Filter{}, fmt.Errorf("parsing the filter %q: use the start time of the export instead", text)
	case field == "page" || field == "per_page" || field == "sort":
		return Filter{}, fmt.Errorf("parsing the filter %q: %s isn't a field of an order", text, field)
	}
	return Filter{name, value}, nil
}

// Target is where the rows go and in which format.
type Target struct {
	Path      string // of the file; {date}, {since}, {until}, {name} and {kind} are filled in. "-" is Stdout
	Stdout    io.Writer
	Format    write.Format        // empty is that of the path's extension
	Text      write.OutputOptions // Delimiter, BOM and Formulas of it
	SplitRows int                 // rows a file, but that an order's rows stay together; 0 puts all into one
	Keep      int                 // published exports of this name that stay in the folder; 0 is all
	Replace   bool                // a file of that name is replaced, even one that somebody else made
}

// DefaultName names an export by its kind, columns and filters.
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

// filters returns the filters as one text.
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

// fromFeed reports whether the orders come from the feed of changed sales orders, which has no
// filters.
func (j *Job) fromFeed() bool {
	return j.Kind == order.SalesOrders && len(j.Filters) == 0 && j.Wanted == nil
}

// Event is the progress of an export.
type Event struct {
	Phase Phase
	Done  int64  // orders
	Total int64  // 0 if unknown
	Note  string // a message for a person; then nothing else is set
}

// Phase names a step of an export.
type Phase string

// The phases.
const (
	Reading  Phase = "reading orders"
	Counting Phase = "counting"
	Writing  Phase = "writing"
)

// Observe is called with the progress. It must not block for long.
type Observe func(Event)

func (o Observe) tell(e Event) {
	if o != nil {
		o(e)
	}
}
