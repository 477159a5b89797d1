// Package mapping turns rows of a sheet into payloads of orders, and back. It is pure: no files, no network, no clock. It holds the field
// catalogue, binds headers to fields, gathers evidence of each column, converts values, groups rows into orders, checks them, and says of
// each problem which cell it is about. The importer drives it in two passes: Observe and Key for every row in file order, Settle once, then
// Order for each group of rows.
package mapping

import (
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// Column is one column of a sheet and the field it feeds.
type Column struct {
	Col    int      `json:"col"` // zero-based
	Header string   `json:"header"`
	Path   string   `json:"path,omitempty"`   // field path; custom_fields.LABEL for a custom field; empty when the column feeds nothing
	How    How      `json:"how,omitempty"`    // how the match was found
	Score  float64  `json:"score,omitempty"`  // 1 is certain
	Others []string `json:"others,omitempty"` // the paths it could also mean, when that kept it from being mapped
}

// How says how a header found its field.
type How string

// The ways, surest first. A likeness is only proposed, never used.
const (
	ByFile       How = "mapping file"
	ByName       How = "exact"
	ByNormal     How = "normalised"
	BySynonym    How = "synonym"
	ByLikeness   How = "likeness"
	Ignored      How = "ignored"
	NotMapped    How = ""
	AmbiguousHow How = "ambiguous"
	Overruled    How = "constant" // a constant or --set gives the field; Others names it
	Spare        How = "spare"    // a better column gives the field; Others names it
)

// Planned is what the rows of one order mean.
type Planned struct {
	Number  string   // the order number that the report shows; it says which order is meant. Empty when the sheet names the order by ID alone
	Numbers []string // all numbers of a purchase order
	ID      int64    // the order's id in Luminous, 0 when the sheet has none: then it is found by its number. An order found by it must bear Number
	Action  string   // one of the actions

	// Payload is JSON, nil when the order is invalid. Of a create it is the whole order. Of an update or upsert it is what the sheet says and
	// nothing more: a blank cell isn't in it, a cleared one is null (a cleared list is []), defaults of the mapping file aren't in it, constants are;
	// lines of a purchase order may hold their "id". Of a deletion it is empty of all but the number.
	Payload []byte
	// Created is, of an upsert, the payload if the order has to be created, defaults included; nil when that would be invalid.
	Created []byte
	// IfCreated is what makes an upsert invalid if the order has to be created.
	IfCreated []problem.Problem

	Fingerprint   string
	ExpectedTotal string // decimal text, of what may be created; empty when it can't be computed
	Items         []int  // for payload line i, the index of its row in the rows given
	Invalid       bool
	Problems      []problem.Problem
}

// Kind is order.Kind, named here so that callers of the catalogue need no second import.
type Kind = order.Kind
