package mapping

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"ordersheet/internal/cell"
)

// The codes of every problem that this room can find. They are stable: reports, filters and people's notes keep them. What each says, and how
// bad it is, stands in the table below and nowhere else.
const (
	// about the header row
	CodeHeaderAmbiguous  = "header_ambiguous"
	CodeHeaderRepeated   = "header_repeated"
	CodeHeaderUnknown    = "header_unknown"
	CodeHeaderSpare      = "header_spare"
	CodeHeaderLikely     = "header_likely"
	CodeHeaderIgnored    = "header_ignored"
	CodeHeaderNotSent    = "header_not_sent"
	CodeColumnAbsent     = "column_absent"
	CodeColumnMissing    = "column_missing"
	CodeConstantOverride = "constant_over_column"

	// about a whole column
	CodeDateAmbiguous    = "date_ambiguous"
	CodeDateMixed        = "date_mixed"
	CodeDecimalAmbiguous = "decimal_ambiguous"
	CodeDecimalMixed     = "decimal_mixed"
	CodeCurrencyMixed    = "currency_mixed"
	CodeCurrencyStripped = "currency_stripped"
	CodeTimeCut          = "time_cut"
	CodeYearShort        = "year_two_digits"
	CodeKeyTrimmed       = "key_trimmed"
	CodeZerosRestored    = "zeros_restored"
	CodeIDFraction       = "identifier_fraction"
	CodeIDExponent       = "identifier_exponent"
	CodeConstantBad      = "constant_invalid"
	CodeRepaired         = "repaired"
	CodeWidthMissing     = "repair_without_width"
	CodeDamaged          = "spreadsheet_damage"
	CodeWidthUnproven    = "repair_width_unproven"

	// about one cell
	CodeRequired        = "required_missing"
	CodeErrorValue      = "error_value"
	CodeFormulaUncached = "formula_uncached"
	CodeDateInvalid     = "date_invalid"
	CodeDateUnread      = "date_from_number"
	CodeNumberInvalid   = "number_invalid"
	CodeNumberPercent   = "number_percent"
	CodeNumberFromDate  = "number_from_date"
	CodeNumberTooLow    = "number_too_low"
	CodeNumberTooLong   = "number_too_long"
	CodeIntegerInvalid  = "integer_invalid"
	CodeIDTooLong       = "identifier_digits_lost"
	CodeIDFromDate      = "identifier_from_date"
	CodeBoolInvalid     = "boolean_invalid"
	CodeEnumInvalid     = "value_not_allowed"
	CodeEmailInvalid    = "email_invalid"
	CodeTextTooLong     = "text_too_long"
	CodeListTooLong     = "list_too_long"
	CodeCrosswalk       = "value_not_in_crosswalk"

	// about one order
	CodeFooter               = "total_row_ignored"
	CodeBelowTable           = "row_below_table"
	CodeHiddenRows           = "rows_hidden"
	CodeNumberMissing        = "order_number_missing"
	CodeNumberGenerated      = "order_number_generated"
	CodeConflict             = "order_cells_differ"
	CodeNoLines              = "order_without_lines"
	CodeSKURepeated          = "sku_repeated"
	CodeTotalDiffers         = "total_differs"
	CodeTotalWarning         = "total_differs_warning"
	CodeTotalConflict        = "total_rows_differ"
	CodeTotalConflictWarning = "total_rows_differ_warning"
	CodeTotalOfLines         = "total_of_lines"
	CodeTotalOfOrderLines    = "total_of_lines_order"
	CodeLineTotal            = "line_total_differs"
	CodeLineTotalWarning     = "line_total_differs_warning"
	CodeIDOnCreate           = "id_of_a_new_order"
	CodeNotCleared           = "field_cannot_be_cleared"
	CodeNotOnCreate          = "not_with_a_new_order"
	CodeValueElsewhere       = "value_in_another_file"
	CodeValueKept            = "value_left_as_it_is"
	CodeStatusNotFinal       = "status_not_final"
	CodeLookAlike            = "order_number_lookalike"
	CodeNumberShared         = "order_number_shared"
)

// codeText is what the table says of one code. In the texts {name} stands for an argument of problem.
type codeText struct {
	severity                cell.Severity
	message, expected, hint string
}

// codes is the table of problems.
var codes = map[string]codeText{
	CodeHeaderAmbiguous: {
		cell.Err, `the header "{header}" could mean {others}`, "a header that means one field",
		`rename the header, or say what it means under [columns] in the mapping file: "{header}" = "{first}"`,
	},
	CodeHeaderRepeated: {
		cell.Err, `the headers "{header}" ({cell}) and "{other}" ({at}) both mean {field}, which takes one value`, "one column for {field}",
		"remove or rename one of the two columns, or name one of them under ignore in the mapping file",
	},
	CodeHeaderSpare: {
		cell.Notice, `the header "{header}" could mean {field} too, but that is fed by "{other}" already; its column is left out`, "",
		"if this is the column to use, say so under [columns] in the mapping file, and list the other under ignore",
	},
	CodeHeaderUnknown: {
		cell.Notice, `the header "{header}" means no field that can be sent; its column is left out`, "",
		"if it matters, say what it means under [columns] in the mapping file",
	},
	CodeHeaderLikely: {
		cell.Warn, `the header "{header}" looks like {field}, but that isn't sure; its column is left out`, "",
		`if that is what it means, write "{header}" = "{field}" under [columns] in the mapping file`,
	},
	CodeHeaderIgnored: {cell.Notice, `the column "{header}" is left out, as the mapping file says`, "", ""},
	CodeHeaderNotSent: {cell.Notice, `the column "{header}" ({field}) can't be sent with a new order; it is left out`, "", ""},
	CodeColumnAbsent: {
		cell.Err, `the mapping file speaks of a column "{header}", which this sheet hasn't got`, `a header "{header}"`,
		"correct the name in the mapping file, or the header in the sheet",
	},
	CodeColumnMissing: {
		cell.Err, `no column gives "{column}", which every order needs`, `a column "{column}"`,
		`add a column "{column}", or give one value for all orders: --set {field}=VALUE`,
	},
	CodeConstantOverride: {cell.Notice, `the column "{header}" isn't read: {field} is set to "{value}" for all orders`, "", ""},
	CodeConstantBad: {
		cell.Err, `the value "{value}" that is set for {field} can't be used: {why}`, "{want}",
		"correct it in the mapping file or in --set",
	},

	CodeDateAmbiguous: {
		cell.Err, `the dates of the column "{header}" can be read in two ways: {value} is {first} or {second}`, "dates that can be read in one way only",
		`write date_order = "{order}" ({orders}) in the mapping file, or give --set date_order={word}; or use date cells, or dates such as 2024-01-31`,
	},
	CodeDateMixed: {
		cell.Err, `the dates of the column "{header}" follow no one order: {value} ({cell}) and {other} ({at}) contradict each other`, "one order of day, month and year in the whole column",
		`correct one of the two cells, or write date_order = "dmy", "mdy" or "ymd" in the mapping file`,
	},
	CodeDecimalAmbiguous: {
		cell.Err, `the numbers of the column "{header}" can be read in two ways: {value} is {first} or {second}`, "numbers that can be read in one way only",
		`write decimal_separator = "." or "," in the mapping file, or give --set decimal_separator=. or =, ; or use number cells`,
	},
	CodeDecimalMixed: {
		cell.Err, `the numbers of the column "{header}" use both a point and a comma for decimals: {value} ({cell}) and {other} ({at})`, "one decimal separator in the whole column",
		`correct one of the two cells, or write decimal_separator = "." or "," in the mapping file`,
	},
	CodeCurrencyMixed: {
		cell.Warn, `the column "{header}" holds several currencies: {value} ({cell}) and {other} ({at})`, "one currency",
		"amounts are sent as they are, without a currency; check that they may stand side by side",
	},
	CodeCurrencyStripped: {cell.Notice, `the column "{header}" holds currency signs, which are left out: in {cells}, first in {cell}`, "", ""},
	CodeTimeCut:          {cell.Notice, `the column "{header}" holds times of day, which are cut off: in {cells}, first in {cell}`, "", ""},
	CodeYearShort: {
		cell.Warn, `the column "{header}" holds years of two digits: in {cells}, first in {cell}, where {value} is taken as {want}`, "years of four digits",
		"check that the century is right",
	},
	CodeKeyTrimmed:    {cell.Notice, `the column "{header}" holds spaces before or after the value, which are left out: in {cells}, first in {cell}`, "", ""},
	CodeZerosRestored: {cell.Notice, `the column "{header}" holds numbers that get back the leading zeros that their format shows: in {cells}, first in {cell}, which is sent as {want}`, "", ""},
	CodeIDFraction: {
		cell.Warn, `the column "{header}" holds numbers with a fraction, which is odd in an identifier: in {cells}, first in {cell}, which is sent as "{want}"`, "text or a whole number",
		"check that these cells hold what they should; identifiers are safest in cells with the format Text",
	},
	CodeIDExponent: {
		cell.Warn, `the column "{header}" holds texts that look like numbers cut short by a spreadsheet: in {cells}, first in {cell}, {value}`, "an identifier",
		"look up the full number where the data came from",
	},

	CodeRepaired: {cell.Notice, `the column "{header}" is repaired ({repair}), as the mapping file says: in {cells}, first in {cell}, where {value} becomes {want}`, "", ""},
	CodeDamaged:  {cell.Warn, `the column "{header}" looks damaged: {what}, in {cells}, first in {cell}: {value}; {why}`, "", "{do}"},
	CodeWidthMissing: {
		cell.Err, `the column "{header}" is to get its leading zeros back, but the mapping file doesn't say how many digits its numbers have`, "a width",
		`write width = 8, or what it is, under [formats.{field}] in the mapping file`,
	},
	CodeWidthUnproven: {
		cell.Warn, `the identifiers of the column "{header}" have no usual width, so no leading zeros are put back`, "",
		`write width = 8, or what it is, under [formats.{field}] in the mapping file`,
	},

	CodeRequired: {cell.Err, `"{name}" is missing`, "{want}", "{do}"},
	CodeErrorValue: {
		cell.Err, "the cell holds the error {value}", "{want}",
		"correct the formula in the spreadsheet, or write the value in its place",
	},
	CodeFormulaUncached: {
		cell.Err, "the cell holds a formula whose result was never saved: {value}", "{want}",
		"open the file in a spreadsheet program, let it calculate, and save it again",
	},
	CodeDateInvalid: {cell.Err, `"{value}" isn't a date`, "a date cell, or a date such as {want}", "correct the cell"},
	CodeDateUnread: {
		cell.Err, "the cell holds the plain number {value}, not a date", "a date cell, or a date such as 2024-01-31",
		"give the cell a date format, or write the date as text",
	},
	CodeNumberInvalid: {cell.Err, `"{value}" isn't a number`, "a number such as {want}", "correct the cell"},
	CodeNumberPercent: {cell.Err, `"{value}" is a percentage; "{name}" takes an amount`, "an amount", "write the amount itself"},
	CodeNumberFromDate: {
		cell.Err, "the cell is a date ({value}) where a number is expected", "a number such as 12.5",
		"the spreadsheet may have turned a value such as 1-2 or 1.2 into a date; write the number and give the cell a number format",
	},
	CodeNumberTooLow:  {cell.Err, `{value} is too low for "{name}"`, "{want}", "correct the cell"},
	CodeNumberTooLong: {cell.Err, `"{value}" has more digits than an amount can have`, "a number of at most 30 digits", "correct the cell"},
	CodeIntegerInvalid: {
		cell.Err, `"{value}" isn't a whole number`, "a whole number without separators, such as {want}",
		"write the id as the order system shows it; a name can be turned into its id with a crosswalk in the mapping file",
	},
	CodeIDTooLong: {
		cell.Err, "the number {value} has more than 15 digits; a spreadsheet that stores it as a number has lost the last ones", "an identifier stored as text",
		"give the column the format Text and enter the full number again",
	},
	CodeIDFromDate: {
		cell.Err, "the cell is a date ({value}) where an identifier is expected", "an identifier stored as text",
		"the spreadsheet has probably turned a value such as MAR1 or 1-2 into a date; give the column the format Text and enter the value again",
	},
	CodeBoolInvalid: {cell.Err, `"{value}" is neither yes nor no`, "yes or no", "write yes or no, true or false, 1 or 0"},
	CodeEnumInvalid: {
		cell.Err, `"{value}" isn't a value that "{name}" takes{near}`, "{want}",
		"write one of the values, or map it with a crosswalk in the mapping file",
	},
	CodeEmailInvalid: {cell.Err, `"{value}" isn't an e-mail address`, "an address such as ann@example.com", "correct the cell, or clear it"},
	CodeTextTooLong:  {cell.Err, `the text has {count} characters; "{name}" takes at most {max}`, "at most {max} characters", "shorten the text"},
	CodeListTooLong:  {cell.Err, `the cell holds more than {max} names; "{name}" can't have been meant so`, "at most {max} names", "correct the cell"},
	CodeCrosswalk: {
		cell.Err, `"{value}" isn't in the crosswalk of the column "{header}"`, "a value that the crosswalk lists",
		"add it to the crosswalk in the mapping file, or correct the cell",
	},

	CodeFooter: {
		cell.Notice, `the row adds up the rows above it ("{value}"), so it is no order; it is ignored`, "", "",
	},
	CodeBelowTable: {
		cell.Warn, `the row stands below the table "{value}", which ends at {last}, so it was not read`, "",
		"if it belongs to an order, stretch the table over it, or turn the table into a plain range",
	},
	CodeHiddenRows: {
		cell.Warn, `{value} of the sheet's rows are hidden, by hand or by a filter; they were read as all others`, "",
		"if they aren't meant, delete them, or copy the visible rows into a sheet of their own",
	},
	CodeNumberMissing: {
		cell.Err, "the row has no order number, so it belongs to no order", "an order number",
		`fill in the cell; if blank means "as above", write fill_down = true in the mapping file{generate}`,
	},
	CodeNumberGenerated: {cell.Notice, "the order has no number of its own; it gets the number {want}", "", ""},
	CodeConflict: {
		cell.Err, `the rows of this order disagree on "{name}": "{value}" ({cell}) and "{other}" ({at})`, `the same value as in {at}, or a blank cell`,
		"make the two cells agree, or clear one of them",
	},
	CodeNoLines:     {cell.Err, "the order has no lines", "at least one row with {want}", "add the order's lines, or remove the row"},
	CodeSKURepeated: {cell.Notice, "the product {value} stands on two lines of this order, here and in {at}; both are sent", "", ""},
	CodeTotalDiffers: {
		cell.Err, "the lines, tax and shipping of this order add up to {sum}, but the total says {value}", "{sum}",
		`correct the lines or the total; if these are totals of lines, list the column under ignore in the mapping file; or write total_check = "warn" there to send it as it is`,
	},
	CodeTotalWarning: {cell.Warn, "the lines, tax and shipping of this order add up to {sum}, but the total says {value}", "{sum}", ""},
	CodeTotalConflict: {
		cell.Err, `the rows of this order disagree on its total: {value} ({cell}) and {other} ({at})`, "the order's total on each of its rows, or on one of them",
		`correct the two cells; if these are totals of lines, list the column under ignore in the mapping file: ignore = ["{header}"]`,
	},
	CodeTotalConflictWarning: {
		cell.Warn, `the rows of this order disagree on its total: {value} ({cell}) and {other} ({at})`, "the order's total on each of its rows, or on one of them",
		`if these are totals of lines, list the column under ignore in the mapping file: ignore = ["{header}"]`,
	},
	CodeTotalOfLines:      {cell.Notice, `the column "{header}" holds totals of lines, not of orders: each is quantity x unit price, as in {cell}; they are checked line by line`, "", ""},
	CodeTotalOfOrderLines: {cell.Notice, `the column "{header}" holds totals of lines in this order: each is quantity x unit price; there is no order total to compare with`, "", ""},
	CodeLineTotal: {
		cell.Err, "quantity x unit price of this line comes to {sum}, but its total says {value}", "{sum}",
		`correct the line or its total; or write total_check = "warn" in the mapping file to send it as it is`,
	},
	CodeLineTotalWarning: {cell.Warn, "quantity x unit price of this line comes to {sum}, but its total says {value}", "{sum}", ""},
	CodeIDOnCreate: {
		cell.Err, "a new order gets its id in Luminous, but this one has the id {value} already", "a blank cell",
		`if the order exists, say UPDATE in a column "command" or give --mode update; if this is another program's id, list the column under ignore in the mapping file`,
	},
	CodeNotCleared: {
		cell.Err, `"{value}" would empty "{name}", which can't be empty`, "{want}", "write a value, or leave the cell blank to leave the field as it is",
	},
	CodeNotOnCreate: {cell.Notice, `"{name}" can't be sent with a new order; it is left out`, "", "an update can set it once the order exists"},
	CodeValueElsewhere: {
		cell.Err, "this cell only names the file that holds the value, which is too long for a cell: {value}", "the value itself",
		"write a shorter value; or import a CSV or JSON lines export, which holds the whole one",
	},
	CodeValueKept: {cell.Notice, `this cell only names the file that holds the value, which is too long for a cell; "{name}" is left as it is`, "", ""},
	CodeStatusNotFinal: {
		cell.Err, `"{name}" is {value}, but orders of the past need a status that is final (profile = "historical" in the mapping file)`, "{want}",
		"give the status that the order has come to; or take the line profile out of the mapping file",
	},
	CodeLookAlike: {
		cell.Err, `the order numbers "{value}" ({cell}) and "{other}" ({at}) look alike; they may be the same order`, "numbers that can't be mistaken for each other",
		"make them equal if they mean one order; if they don't, import the two orders in two files",
	},
	CodeNumberShared: {
		cell.Err, `the number "{value}" belongs to two orders, in {cell} and in {at}`, "numbers that each belong to one order",
		"correct one of the two cells",
	},
}

// problem makes the problem of a code. The arguments are pairs of a word and the text that stands for {word} in the table; header, field,
// cell, value and expected also fill the problem's own columns. {name} is what whoever reads the sheet calls the field: where no pair says
// it, the header, or the catalogue's name of a field that has no column.
func problem(code string, args ...string) cell.Problem {
	t, known := codes[code]
	if !known {
		panic("mapping: no such problem code: " + code)
	}
	p := cell.Problem{Severity: t.severity, Code: code}
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
			text = shorten(text)
			p.Value = text
		case "other":
			text = shorten(text)
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

// Problem makes a problem of one of the codes above for a caller that finds it outside this room: pairs of a name and a text, as in the
// table.
func Problem(code string, args ...string) cell.Problem { return problem(code, args...) }

// shorten keeps a value short enough for a sentence.
func shorten(s string) string {
	const most = 120
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
