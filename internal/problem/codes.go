package problem

import (
	"cmp"
	"strings"
	"unicode/utf8"
)

// The codes of every problem that this room can find. They are stable: reports, filters and people's notes keep them. What each says, and how
// bad it is, stands in the table below and nowhere else.
const (
	// about the header row
	HeaderAmbiguous  = "header_ambiguous"
	HeaderRepeated   = "header_repeated"
	HeaderUnknown    = "header_unknown"
	HeaderSpare      = "header_spare"
	HeaderLikely     = "header_likely"
	HeaderIgnored    = "header_ignored"
	HeaderNotSent    = "header_not_sent"
	ColumnAbsent     = "column_absent"
	ColumnMissing    = "column_missing"
	ConstantOverride = "constant_over_column"

	// about a whole column
	DateAmbiguous    = "date_ambiguous"
	DateMixed        = "date_mixed"
	DecimalAmbiguous = "decimal_ambiguous"
	DecimalMixed     = "decimal_mixed"
	CurrencyMixed    = "currency_mixed"
	CurrencyStripped = "currency_stripped"
	TimeCut          = "time_cut"
	YearShort        = "year_two_digits"
	KeyTrimmed       = "key_trimmed"
	ZerosRestored    = "zeros_restored"
	IDFraction       = "identifier_fraction"
	IDExponent       = "identifier_exponent"
	ConstantBad      = "constant_invalid"
	Repaired         = "repaired"
	WidthMissing     = "repair_without_width"
	Damaged          = "spreadsheet_damage"
	WidthUnproven    = "repair_width_unproven"

	// about one cell
	Required        = "required_missing"
	ErrorValue      = "error_value"
	FormulaUncached = "formula_uncached"
	DateInvalid     = "date_invalid"
	DateUnread      = "date_from_number"
	NumberInvalid   = "number_invalid"
	NumberPercent   = "number_percent"
	NumberFromDate  = "number_from_date"
	NumberTooLow    = "number_too_low"
	NumberTooLong   = "number_too_long"
	IntegerInvalid  = "integer_invalid"
	IDTooLong       = "identifier_digits_lost"
	IDFromDate      = "identifier_from_date"
	BoolInvalid     = "boolean_invalid"
	EnumInvalid     = "value_not_allowed"
	EmailInvalid    = "email_invalid"
	TextTooLong     = "text_too_long"
	ListTooLong     = "list_too_long"
	Crosswalk       = "value_not_in_crosswalk"

	// about one order
	Footer               = "total_row_ignored"
	BelowTable           = "row_below_table"
	HiddenRows           = "rows_hidden"
	NumberMissing        = "order_number_missing"
	NumberGenerated      = "order_number_generated"
	Conflict             = "order_cells_differ"
	NoLines              = "order_without_lines"
	SKURepeated          = "sku_repeated"
	TotalDiffers         = "total_differs"
	TotalWarning         = "total_differs_warning"
	TotalConflict        = "total_rows_differ"
	TotalConflictWarning = "total_rows_differ_warning"
	TotalOfLines         = "total_of_lines"
	TotalOfOrderLines    = "total_of_lines_order"
	LineTotal            = "line_total_differs"
	LineTotalWarning     = "line_total_differs_warning"
	IDOnCreate           = "id_of_a_new_order"
	NotCleared           = "field_cannot_be_cleared"
	NotOnCreate          = "not_with_a_new_order"
	ValueElsewhere       = "value_in_another_file"
	ValueKept            = "value_left_as_it_is"
	StatusNotFinal       = "status_not_final"
	LookAlike            = "order_number_lookalike"
	NumberShared         = "order_number_shared"
)

// codeText is what the table says of one code. In the texts {name} stands for an argument of problem.
type codeText struct {
	severity                Severity
	message, expected, hint string
}

// codes is the table of problems.
var codes = map[string]codeText{
	HeaderAmbiguous: {
		Error, `the header "{header}" could mean {others}`, "a header that means one field",
		`rename the header, or say what it means under [columns] in the mapping file: "{header}" = "{first}"`,
	},
	HeaderRepeated: {
		Error, `the headers "{header}" ({cell}) and "{other}" ({at}) both mean {field}, which takes one value`, "one column for {field}",
		"remove or rename one of the two columns, or name one of them under ignore in the mapping file",
	},
	HeaderSpare: {
		Notice, `the header "{header}" could mean {field} too, but that is fed by "{other}" already; its column is left out`, "",
		"if this is the column to use, say so under [columns] in the mapping file, and list the other under ignore",
	},
	HeaderUnknown: {
		Notice, `the header "{header}" means no field that can be sent; its column is left out`, "",
		"if it matters, say what it means under [columns] in the mapping file",
	},
	HeaderLikely: {
		Warning, `the header "{header}" looks like {field}, but that isn't sure; its column is left out`, "",
		`if that is what it means, write "{header}" = "{field}" under [columns] in the mapping file`,
	},
	HeaderIgnored: {Notice, `the column "{header}" is left out, as the mapping file says`, "", ""},
	HeaderNotSent: {Notice, `the column "{header}" ({field}) can't be sent with a new order; it is left out`, "", ""},
	ColumnAbsent: {
		Error, `the mapping file speaks of a column "{header}", which this sheet hasn't got`, `a header "{header}"`,
		"correct the name in the mapping file, or the header in the sheet",
	},
	ColumnMissing: {
		Error, `no column gives "{column}", which every order needs`, `a column "{column}"`,
		`add a column "{column}", or give one value for all orders: --set {field}=VALUE`,
	},
	ConstantOverride: {Notice, `the column "{header}" isn't read: {field} is set to "{value}" for all orders`, "", ""},
	ConstantBad: {
		Error, `the value "{value}" that is set for {field} can't be used: {why}`, "{want}",
		"correct it in the mapping file or in --set",
	},

	DateAmbiguous: {
		Error, `the dates of the column "{header}" can be read in two ways: {value} is {first} or {second}`, "dates that can be read in one way only",
		`write date_order = "{order}" ({orders}) in the mapping file, or give --set date_order={word}; or use date cells, or dates such as 2024-01-31`,
	},
	DateMixed: {
		Error, `the dates of the column "{header}" follow no one order: {value} ({cell}) and {other} ({at}) contradict each other`, "one order of day, month and year in the whole column",
		`correct one of the two cells, or write date_order = "dmy", "mdy" or "ymd" in the mapping file`,
	},
	DecimalAmbiguous: {
		Error, `the numbers of the column "{header}" can be read in two ways: {value} is {first} or {second}`, "numbers that can be read in one way only",
		`write decimal_separator = "." or "," in the mapping file, or give --set decimal_separator=. or =, ; or use number cells`,
	},
	DecimalMixed: {
		Error, `the numbers of the column "{header}" use both a point and a comma for decimals: {value} ({cell}) and {other} ({at})`, "one decimal separator in the whole column",
		`correct one of the two cells, or write decimal_separator = "." or "," in the mapping file`,
	},
	CurrencyMixed: {
		Warning, `the column "{header}" holds several currencies: {value} ({cell}) and {other} ({at})`, "one currency",
		"amounts are sent as they are, without a currency; check that they may stand side by side",
	},
	CurrencyStripped: {Notice, `the column "{header}" holds currency signs, which are left out: in {cells}, first in {cell}`, "", ""},
	TimeCut:          {Notice, `the column "{header}" holds times of day, which are cut off: in {cells}, first in {cell}`, "", ""},
	YearShort: {
		Warning, `the column "{header}" holds years of two digits: in {cells}, first in {cell}, where {value} is taken as {want}`, "years of four digits",
		"check that the century is right",
	},
	KeyTrimmed:    {Notice, `the column "{header}" holds spaces before or after the value, which are left out: in {cells}, first in {cell}`, "", ""},
	ZerosRestored: {Notice, `the column "{header}" holds numbers that get back the leading zeros that their format shows: in {cells}, first in {cell}, which is sent as {want}`, "", ""},
	IDFraction: {
		Warning, `the column "{header}" holds numbers with a fraction, which is odd in an identifier: in {cells}, first in {cell}, which is sent as "{want}"`, "text or a whole number",
		"check that these cells hold what they should; identifiers are safest in cells with the format Text",
	},
	IDExponent: {
		Warning, `the column "{header}" holds texts that look like numbers cut short by a spreadsheet: in {cells}, first in {cell}, {value}`, "an identifier",
		"look up the full number where the data came from",
	},

	Repaired: {Notice, `the column "{header}" is repaired ({repair}), as the mapping file says: in {cells}, first in {cell}, where {value} becomes {want}`, "", ""},
	Damaged:  {Warning, `the column "{header}" looks damaged: {what}, in {cells}, first in {cell}: {value}; {why}`, "", "{do}"},
	WidthMissing: {
		Error, `the column "{header}" is to get its leading zeros back, but the mapping file doesn't say how many digits its numbers have`, "a width",
		`write width = 8, or what it is, under [formats.{field}] in the mapping file`,
	},
	WidthUnproven: {
		Warning, `the identifiers of the column "{header}" have no usual width, so no leading zeros are put back`, "",
		`write width = 8, or what it is, under [formats.{field}] in the mapping file`,
	},

	Required: {Error, `"{name}" is missing`, "{want}", "{do}"},
	ErrorValue: {
		Error, "the cell holds the error {value}", "{want}",
		"correct the formula in the spreadsheet, or write the value in its place",
	},
	FormulaUncached: {
		Error, "the cell holds a formula whose result was never saved: {value}", "{want}",
		"open the file in a spreadsheet program, let it calculate, and save it again",
	},
	DateInvalid: {Error, `"{value}" isn't a date`, "a date cell, or a date such as {want}", "correct the cell"},
	DateUnread: {
		Error, "the cell holds the plain number {value}, not a date", "a date cell, or a date such as 2024-01-31",
		"give the cell a date format, or write the date as text",
	},
	NumberInvalid: {Error, `"{value}" isn't a number`, "a number such as {want}", "correct the cell"},
	NumberPercent: {Error, `"{value}" is a percentage; "{name}" takes an amount`, "an amount", "write the amount itself"},
	NumberFromDate: {
		Error, "the cell is a date ({value}) where a number is expected", "a number such as 12.5",
		"the spreadsheet may have turned a value such as 1-2 or 1.2 into a date; write the number and give the cell a number format",
	},
	NumberTooLow:  {Error, `{value} is too low for "{name}"`, "{want}", "correct the cell"},
	NumberTooLong: {Error, `"{value}" has more digits than an amount can have`, "a number of at most 30 digits", "correct the cell"},
	IntegerInvalid: {
		Error, `"{value}" isn't a whole number`, "a whole number without separators, such as {want}",
		"write the id as the order system shows it; a name can be turned into its id with a value mapping in the mapping file",
	},
	IDTooLong: {
		Error, "the number {value} has more than 15 digits; a spreadsheet that stores it as a number has lost the last ones", "an identifier stored as text",
		"give the column the format Text and enter the full number again",
	},
	IDFromDate: {
		Error, "the cell is a date ({value}) where an identifier is expected", "an identifier stored as text",
		"the spreadsheet has probably turned a value such as MAR1 or 1-2 into a date; give the column the format Text and enter the value again",
	},
	BoolInvalid: {Error, `"{value}" is neither yes nor no`, "yes or no", "write yes or no, true or false, 1 or 0"},
	EnumInvalid: {
		Error, `"{value}" isn't a value that "{name}" takes{near}`, "{want}",
		"write one of the values, or map it with a value mapping in the mapping file",
	},
	EmailInvalid: {Error, `"{value}" isn't an e-mail address`, "an address such as ann@example.com", "correct the cell, or clear it"},
	TextTooLong:  {Error, `the text has {count} characters; "{name}" takes at most {max}`, "at most {max} characters", "shorten the text"},
	ListTooLong:  {Error, `the cell holds more than {max} names; "{name}" can't have been meant so`, "at most {max} names", "correct the cell"},
	Crosswalk: {
		Error, `"{value}" isn't in the value mapping of the column "{header}"`, "a value that the value mapping lists",
		"add it to the value mapping in the mapping file, or correct the cell",
	},

	Footer: {
		Notice, `the row adds up the rows above it ("{value}"), so it is no order; it is ignored`, "", "",
	},
	BelowTable: {
		Warning, `the row stands below the table "{value}", which ends at {last}, so it was not read`, "",
		"if it belongs to an order, stretch the table over it, or turn the table into a plain range",
	},
	HiddenRows: {
		Warning, `{value} of the sheet's rows are hidden, by hand or by a filter; they were read as all others`, "",
		"if they aren't meant, delete them, or copy the visible rows into a sheet of their own",
	},
	NumberMissing: {
		Error, "the row has no order number, so it belongs to no order", "an order number",
		`fill in the cell; if blank means "as above", write fill_down = true in the mapping file{generate}`,
	},
	NumberGenerated: {Notice, "the order has no number of its own; it gets the number {want}", "", ""},
	Conflict: {
		Error, `the rows of this order disagree on "{name}": "{value}" ({cell}) and "{other}" ({at})`, `the same value as in {at}, or a blank cell`,
		"make the two cells agree, or clear one of them",
	},
	NoLines:     {Error, "the order has no lines", "at least one row with {want}", "add the order's lines, or remove the row"},
	SKURepeated: {Notice, "the product {value} stands on two lines of this order, here and in {at}; both are sent", "", ""},
	TotalDiffers: {
		Error, "the lines, tax and shipping of this order add up to {sum}, but the total says {value}", "{sum}",
		`correct the lines or the total; if these are totals of lines, list the column under ignore in the mapping file; or write total_check = "warn" there to send it as it is`,
	},
	TotalWarning: {Warning, "the lines, tax and shipping of this order add up to {sum}, but the total says {value}", "{sum}", ""},
	TotalConflict: {
		Error, `the rows of this order disagree on its total: {value} ({cell}) and {other} ({at})`, "the order's total on each of its rows, or on one of them",
		`correct the two cells; if these are totals of lines, list the column under ignore in the mapping file: ignore = ["{header}"]`,
	},
	TotalConflictWarning: {
		Warning, `the rows of this order disagree on its total: {value} ({cell}) and {other} ({at})`, "the order's total on each of its rows, or on one of them",
		`if these are totals of lines, list the column under ignore in the mapping file: ignore = ["{header}"]`,
	},
	TotalOfLines:      {Notice, `the column "{header}" holds totals of lines, not of orders: each is quantity x unit price, as in {cell}; they are checked line by line`, "", ""},
	TotalOfOrderLines: {Notice, `the column "{header}" holds totals of lines in this order: each is quantity x unit price; there is no order total to compare with`, "", ""},
	LineTotal: {
		Error, "quantity x unit price of this line comes to {sum}, but its total says {value}", "{sum}",
		`correct the line or its total; or write total_check = "warn" in the mapping file to send it as it is`,
	},
	LineTotalWarning: {Warning, "quantity x unit price of this line comes to {sum}, but its total says {value}", "{sum}", ""},
	IDOnCreate: {
		Error, "a new order gets its id in Luminous, but this one has the id {value} already", "a blank cell",
		`if the order exists, say UPDATE in a column "command" or give --mode update; if this is another program's id, list the column under ignore in the mapping file`,
	},
	NotCleared: {
		Error, `"{value}" would empty "{name}", which can't be empty`, "{want}", "write a value, or leave the cell blank to leave the field as it is",
	},
	NotOnCreate: {Notice, `"{name}" can't be sent with a new order; it is left out`, "", "an update can set it once the order exists"},
	ValueElsewhere: {
		Error, "this cell only names the file that holds the value, which is too long for a cell: {value}", "the value itself",
		"write a shorter value; or import a CSV or JSON lines export, which holds the whole one",
	},
	ValueKept: {Notice, `this cell only names the file that holds the value, which is too long for a cell; "{name}" is left as it is`, "", ""},
	StatusNotFinal: {
		Error, `"{name}" is {value}, but orders of the past need a status that is final (profile = "historical" in the mapping file)`, "{want}",
		"give the status that the order has come to; or take the line profile out of the mapping file",
	},
	LookAlike: {
		Error, `the order numbers "{value}" ({cell}) and "{other}" ({at}) look alike; they may be the same order`, "numbers that can't be mistaken for each other",
		"make them equal if they mean one order; if they don't, import the two orders in two files",
	},
	NumberShared: {
		Error, `the number "{value}" belongs to two orders, in {cell} and in {at}`, "numbers that each belong to one order",
		"correct one of the two cells",
	},
}

// New makes the problem of a code. The arguments are pairs of a word and the text that stands for {word} in the table; header, field,
// cell, value and expected also fill the problem's own columns. {name} is what whoever reads the sheet calls the field: where no pair says
// it, the header, or the catalogue's name of a field that has no column.
func New(code string, args ...string) Problem {
	t, known := codes[code]
	if !known {
		panic("problem: no such problem code: " + code)
	}
	p := Problem{Severity: t.severity, Code: code}
	pairs := make([]string, len(args), len(args)+2)
	copy(pairs, args)
	named := false
	for i := 0; i+1 < len(pairs); i += 2 {
		text := pairs[i+1]
		switch pairs[i] {
		case "header":
			p.Header = text
		case "field":
			p.Field = text
		case "cell":
			p.Cell = text
		case "value":
			text = Shorten(text)
			p.Value = text
		case "other":
			text = Shorten(text)
		case "name":
			named = true
		}
		pairs[i], pairs[i+1] = "{"+pairs[i]+"}", text
	}
	if !named {
		pairs = append(pairs, "{name}", cmp.Or(p.Header, p.Field))
	}
	fill := strings.NewReplacer(pairs...)
	p.Message, p.Expected, p.Hint = fill.Replace(t.message), fill.Replace(t.expected), fill.Replace(t.hint)
	return p
}

// Shorten keeps a value short enough for a sentence.
func Shorten(s string) string {
	const most = 120
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
