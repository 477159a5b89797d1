// Package catalog is the table of every field of both kinds of orders: its path in the payload, its
// column name, type, limits, and the headers that mean it. Everything else is derived from it:
// matching, conversion, checks, templates, the columns of exports and the reference in docs/. The
// table is fields.toml. To add a field, add it there; nothing else has to change.
package catalog

import (
	"cmp"
	"strings"
)

// Type is the kind of value that a field takes.
type Type string

// The types of fields.
const (
	TextType    Type = "text"
	IDText      Type = "identifier" // text that keeps its zeros: order numbers, SKUs, postal codes
	EmailType   Type = "email"
	IntegerType Type = "integer"
	DecimalType Type = "decimal"
	DateType    Type = "date"
	BoolType    Type = "boolean"
	EnumType    Type = "enum"
	TagsType    Type = "tags"      // a list of names: several in one cell, or several columns
	ListType    Type = "list"      // a list of identifiers: order_numbers
	CustomType  Type = "custom"    // a custom field: a number or boolean if the cell is one, otherwise text
	JSONType    Type = "json"      // a list of objects, as JSON text in the cell
	TimeType    Type = "date-time" // a date with a time in UTC; only in answers, so no field has it
)

// Required says when an order must have a value for a field to be created.
type Required string

// The values of Required. The API's page on creating a sales order is the source of each.
const (
	Never           Required = ""
	Always          Required = "always"
	UnlessCompany   Required = "unless company_id" // the names of bill_to and ship_to
	WithAddress     Required = "with the address"  // if any part of the address is sent
	SKUOrProduct    Required = "sku or product_id" // a line names its product by one of the two
	WithPayment     Required = "with the payment"  // if any part of the payment is sent
	ForUpdateNumber Required = "to find the order" // updates only: the number or the id
)

// Field is one row of the field catalog.
type Field struct {
	Path       string   `json:"path"`                                     // in the payload: bill_to.postal_code, custom_fields.*
	Column     string   `json:"column"`                                   // header in templates and exports: bill_to_postal_code
	Type       Type     `json:"type"`                                     // what a cell must hold
	Required   Required `json:"required,omitempty"`                       // when a new order must have it
	Line       bool     `json:"line,omitempty"`                           // belongs to a line or a payment, not to the order
	Nullable   bool     `json:"nullable,omitempty"`                       // null may be sent
	MaxLength  int      `json:"max_length,omitempty" toml:"max_length"`   // in characters; 0 is no limit
	Minimum    string   `json:"minimum,omitempty"`                        // decimal text; empty is none
	Exclusive  bool     `json:"exclusive,omitempty"`                      // the value must be above Minimum
	Enum       []string `json:"enum,omitempty"`                           // the values that a new order may have
	UpdateEnum []string `json:"update_enum,omitempty" toml:"update_enum"` // the values that an update may set, if they differ
	Update     bool     `json:"update,omitempty"`                         // an update may change it
	UpdateOnly bool     `json:"update_only,omitempty" toml:"update_only"` // left out of a new order, with a notice
	ReadOnly   bool     `json:"read_only,omitempty" toml:"read_only"`     // never sent: total, id, command

	// The headers that mean the field, besides Path and Column. Case, spaces and signs don't
	// matter.
	Synonyms    []string `json:"synonyms,omitempty"` // always mean it
	Fallbacks   []string `json:"weak,omitempty"`     // mean it when no other column of the sheet does
	Suggestions []string `json:"maybe,omitempty"`    // mean it in some programs only: shown, never used
	// ExactOnly: Path and Column mean the field only if written exactly so; otherwise they are
	// suggestions. "ID" may be the id of another program.
	ExactOnly bool `json:"exact,omitempty" toml:"exact_only"`

	Help    string `json:"help"`              // one sentence for the template and the reference
	Example string `json:"example,omitempty"` // a cell's text
}

// Many reports whether several columns may feed the field.
func (f Field) Many() bool { return f.Type == TagsType || f.Type == ListType }

// AllowedValues returns the only values that a cell of the field may hold, for a drop-down list;
// nil if anything of its type may be entered.
func (f Field) AllowedValues() []string {
	if f.Type == BoolType {
		return []string{"yes", "no"}
	}
	return f.Enum
}

// takes says in a few words what fields of a type take.
var takes = map[Type]string{
	DecimalType: "a number", IntegerType: "a whole number", DateType: "a date", BoolType: "yes or no",
	EmailType: "an e-mail address", IDText: "an identifier",
}

// Takes says in a few words what the field takes.
func (f *Field) Takes() string {
	switch {
	case f.Type == EnumType:
		return "one of " + strings.Join(f.Enum, ", ")
	case f.Minimum != "" && f.Exclusive:
		return "a number above " + f.Minimum
	case f.Minimum != "":
		return "a number of at least " + f.Minimum
	}
	return cmp.Or(takes[f.Type], "a value")
}
