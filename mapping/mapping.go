// Package mapping turns rows of a sheet into payloads of orders, and back. It is pure: no files, no network, no clock. It holds the field
// catalogue, binds headers to fields, gathers evidence of each column, converts values, groups rows into orders, checks them, and says of
// each problem which cell it is about. The importer drives it in two passes: Observe and Key for every row in file order, Settle once, then
// Order for each group of rows.
package mapping

import (
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// Type is the kind of value that a field takes.
type Type string

// The types of fields.
const (
	TextType    Type = "text"
	IDText      Type = "identifier" // text that must keep zeros and digits: order numbers, SKUs, postal codes, phones
	EmailType   Type = "email"
	IntegerType Type = "integer"
	DecimalType Type = "decimal"
	DateType    Type = "date"
	BoolType    Type = "boolean"
	EnumType    Type = "enum"
	TagsType    Type = "tags"   // a list of names; one cell may hold several, several columns may feed it
	ListType    Type = "list"   // a list of identifiers: order_numbers
	CustomType  Type = "custom" // one custom field, named by its label: a number when the cell holds a number, a boolean for a boolean, else text
	JSONType    Type = "json"   // a list of objects, written as JSON text in the cell
)

// Required says when a field must have a value for a create.
type Required string

// The rules of requirement. The API's page on creating a sales order is the source of each.
const (
	Never           Required = ""
	Always          Required = "always"
	UnlessCompany   Required = "unless company_id" // bill_to and ship_to names
	WithAddress     Required = "with the address"  // an address that is sent needs a name
	SKUOrProduct    Required = "sku or product_id" // a line names its product by one of the two
	WithPayment     Required = "with the payment"  // a payment that is sent needs date, type and amount
	ForUpdateNumber Required = "to find the order" // id or number, updates only
)

// Field is one row of the field catalogue: everything that matching, conversion, checks, templates, exports and the reference know of a
// field.
type Field struct {
	Path       string   `json:"path"`                  // in the payload: bill_to.postal_code, items.quantity, tags, custom_fields.*, payments.paid_amount
	Column     string   `json:"column"`                // header in templates and exports: bill_to_postal_code, sku, quantity
	Type       Type     `json:"type"`                  // what a cell must hold
	Required   Required `json:"required,omitempty"`    // when a create must have it
	Line       bool     `json:"line,omitempty"`        // belongs to a line (or a payment), not to the order
	Nullable   bool     `json:"nullable,omitempty"`    // null may be sent
	MaxLength  int      `json:"max_length,omitempty"`  // characters; 0 is no limit
	Minimum    string   `json:"minimum,omitempty"`     // decimal text; empty is none
	Exclusive  bool     `json:"exclusive,omitempty"`   // the value must be above Minimum, not at it
	Enum       []string `json:"enum,omitempty"`        // values a create takes
	UpdateEnum []string `json:"update_enum,omitempty"` // values the update page lists, when they aren't the same
	Update     bool     `json:"update,omitempty"`      // an update may change it
	UpdateOnly bool     `json:"update_only,omitempty"` // the create call doesn't take it: a value is kept back, with a notice
	ReadOnly   bool     `json:"read_only,omitempty"`   // never sent: to compare with (total), to find an order by (id), to say what to do (command), or known and not taken by the API
	Exact      bool     `json:"exact,omitempty"`       // of its own names only this very writing means it; others are only proposed, since ID may be another program's
	Synonyms   []string `json:"synonyms,omitempty"`    // other headers that mean this field
	Weak       []string `json:"weak,omitempty"`        // headers that mean this field when no better column of the sheet does
	Maybe      []string `json:"maybe,omitempty"`       // headers that mean this field in one program and something else in another: only proposed
	Help       string   `json:"help"`                  // one sentence for the template and the reference
	Example    string   `json:"example,omitempty"`     // a cell's text
}

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

	// Payload is JSON, nil when the order is refused. Of a create it is the whole order. Of an update or upsert it is what the sheet says and
	// nothing more: a blank cell isn't in it, a cleared one is null (a cleared list is []), defaults of the mapping file aren't in it, constants are;
	// lines of a purchase order may hold their "id". Of a deletion it is empty of all but the number.
	Payload []byte
	// Created is, of an upsert, the payload if the order has to be created, defaults included; nil when that would be refused.
	Created []byte
	// IfCreated is what would refuse an upsert if the order has to be created.
	IfCreated []problem.Problem

	Fingerprint   string
	ExpectedTotal string // decimal text, of what may be created; empty when it can't be computed
	Items         []int  // for payload line i, the index of its row in the rows given
	Refused       bool
	Problems      []problem.Problem
}

// The actions of a planned order.
const (
	ActionCreate = "create"
	ActionUpdate = "update"
	ActionUpsert = "upsert"
	ActionDelete = "delete" // of a sales order: cancelled
	ActionIgnore = "ignore" // only by a command
)

// Kind is order.Kind, named here so that callers of the catalogue need no second import.
type Kind = order.Kind
