package order

import "encoding/json"

// Change is what is to be done to one existing order, and how the fields that it sends were when
// that was planned. Before comparing it has only what the sheet asks for. Its JSON is kept in
// ledgers.
type Change struct {
	Requested string          `json:"asked"`                // the sheet's action; comparing makes an action of the order of it
	ByID      bool            `json:"by_id,omitempty"`      // the sheet names the order by ID
	NoNumber  bool            `json:"no_number,omitempty"`  // and by nothing else: the order's number is a placeholder
	Want      json.RawMessage `json:"meant,omitempty"`      // of an upsert: the sheet's values, where the payload of a new order has more
	ID        int64           `json:"id,omitempty"`         // the order's id in Luminous
	UpdatedAt string          `json:"updated_at,omitempty"` // when it was last changed, as it was read last
	Channel   string          `json:"channel,omitempty"`    // the id of a sales order's channel
	Body      json.RawMessage `json:"body,omitempty"`       // of the PATCH or PUT: only what changes; nil if nothing is sent, as for a deletion
	Before    json.RawMessage `json:"before,omitempty"`     // the fields of Body as they were, in the form in which they would be sent
	Tags      *TagChange      `json:"tags,omitempty"`       // tags that go by their own call, not in Body
	Whole     json.RawMessage `json:"whole,omitempty"`      // all of an order that is cancelled or deleted, as it was read
	Fields    []FieldChange   `json:"fields,omitempty"`     // for people
	Lines     []LineChange    `json:"lines,omitempty"`      // for people; purchase orders only
	Notes     []string        `json:"notes,omitempty"`      // what can't be undone, and what is assumed
}

// RemovedStatus is the status of an order after a change that cancels or deletes it.
func (c *Change) RemovedStatus() string {
	if c.Body == nil {
		return Deleted
	}
	return Payload(c.Body).Status()
}

// TagChange sets or adds tags by the sub-resource of a sales order's tags.
type TagChange struct {
	Add    bool     `json:"add,omitempty"` // POST adds; else PUT replaces
	Names  []string `json:"names"`
	Before []string `json:"before"` // as they were
}

// FieldChange is one field with its current and new value, empty for blank.
type FieldChange struct {
	Path    string `json:"path"`
	Current string `json:"now"`
	New     string `json:"then"`
}

// What becomes of a line.
const (
	LineAdded   = "added"
	LineChanged = "changed"
	LineRemoved = "removed"
)

// LineChange is one line of a purchase order that is added, changed or removed.
type LineChange struct {
	What     string        `json:"what"`
	Line     int           `json:"line"` // its place among the payload's lines, from 0; -1 for a removed one
	ID       int64         `json:"id,omitempty"`
	SKU      string        `json:"sku,omitempty"`
	Received string        `json:"received,omitempty"` // received_quantity, where it isn't zero
	Fields   []FieldChange `json:"fields,omitempty"`
}
