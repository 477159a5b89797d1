package order

import "encoding/json"

// Change is what is to be done to one standing order, and how the fields that it touches stood when that was planned.
type Change struct {
	ID        int64           `json:"id"`
	UpdatedAt string          `json:"updated_at,omitempty"` // as it was read for the plan
	Body      json.RawMessage `json:"body,omitempty"`       // of the PATCH or PUT: only what changes; nil when nothing is sent, as for a deletion
	Before    json.RawMessage `json:"before,omitempty"`     // the keys of Body as they stood; a key that was absent is absent here
	Required  json.RawMessage `json:"required,omitempty"`   // current values of what a strict PUT demands; laid under Body when a 422 names them
	Fields    []FieldChange   `json:"fields,omitempty"`     // for people
	Lines     []LineChange    `json:"lines,omitempty"`      // for people; purchase orders only
	Notes     []string        `json:"notes,omitempty"`      // what can't be taken back, and what is assumed
}

// FieldChange is one field, now and then. Blank is empty.
type FieldChange struct {
	Path string `json:"path"`
	Now  string `json:"now"`
	Then string `json:"then"`
}

// LineChange is one line of a purchase order that is added, changed or removed.
type LineChange struct {
	What     string        `json:"what"` // added, changed, removed
	ID       int64         `json:"id,omitempty"`
	SKU      string        `json:"sku,omitempty"`
	Received string        `json:"received,omitempty"` // received_quantity, where it isn't zero
	Fields   []FieldChange `json:"fields,omitempty"`
}
