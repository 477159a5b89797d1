// Package catalog is the table of every field of both kinds of orders: its path in the payload, its column name, type, limits, and the
// headers that mean it. Everything else is derived from it: matching, conversion, checks, templates, the columns of exports and the
// reference in docs/. A field is added here and nowhere else.
package catalog

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

// TimeType is the kind of value that only answers hold: a date with a time, in UTC.
const TimeType Type = "date-time"
