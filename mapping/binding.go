package mapping

import (
	"ordersheet/internal/cell"
)

// Binding is one sheet's header bound to the fields of a kind: which column feeds which field, what is constant, what is left over. FindHeader
// and Bind make it.
type Binding struct {
	Kind      Kind
	Also      Kind // the other kind, when FindHeader had to infer the kind and both fit equally: the user must be asked
	Source    *cell.Source
	HeaderRow int      // one-based, as cell.Row.Num
	Columns   Columns  // every column with a header, in rising columns; one that feeds two fields stands twice
	Profile   *Profile // never nil

	bound    []boundCol // what is read of a row, in rising columns
	consts   []boundConst
	defaults []boundConst // for blank cells, and for fields without a column
	keys     []int        // indexes into bound: the columns of the order number, leftmost first; keys[0] holds the grouping key
	total    int          // index into bound of the order's total to compare with, or -1
	problems []cell.Problem

	work *work // conversion, evidence and payload; order_work.go
}

// boundCol is a column that feeds a field, with all that converting its cells needs.
type boundCol struct {
	col       int
	header    string
	path      string      // full: custom_fields.Priority Level, items.sku
	label     string      // of a custom field
	field     *Field      // in the catalogue
	crosswalk *Crosswalk  // nil for none
	dateOrder DateOrder   // "" is to be proven from the column
	decimal   byte        // '.' or ','; 0 is to be proven from the column
	fallback  *boundConst // default for a blank cell; nil for none
}

// boundConst is a value that every order (or every line) gets without a column. A constant of tags joins the tags of the columns; a
// constant of any other field has no column beside it.
type boundConst struct {
	path  string
	label string
	field *Field
	value Constant
}
