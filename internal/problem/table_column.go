package problem

var aboutColumn = map[string]entry{
	DateAmbiguous: {
		Error, `the dates in the column "{header}" can be read in two ways: {value} is {first} or {second}`, "dates that can be read in one way only",
		`write date_order = "{order}" ({orders}) in the mapping file, or use date cells or dates such as 2024-01-31`,
	},
	DateMixed: {
		Error, `the dates in the column "{header}" have different orders: {value} ({cell}) and {other} ({at}) contradict each other`, "one order of day, month and year in the whole column",
		`correct one of the two cells, or write date_order = "dmy", "mdy" or "ymd" in the mapping file`,
	},
	DecimalAmbiguous: {
		Error, `the numbers in the column "{header}" can be read in two ways: {value} is {first} or {second}`, "numbers that can be read in one way only",
		`write decimal_separator = "." or "," in the mapping file, or use number cells`,
	},
	DecimalMixed: {
		Error, `the numbers in the column "{header}" use both a period and a comma for decimals: {value} ({cell}) and {other} ({at})`, "one decimal separator in the whole column",
		`correct one of the two cells, or write decimal_separator = "." or "," in the mapping file`,
	},
	CurrencyMixed: {
		Warning, `the column "{header}" has several currencies: {value} ({cell}) and {other} ({at})`, "one currency",
		"amounts are sent without a currency; check that these belong in one column",
	},
	CurrencyStripped: {Notice, `currency symbols in the column "{header}" are removed: in {cells}, first in {cell}`, "", ""},
	TimeCut:          {Notice, `times of day in the column "{header}" are removed: in {cells}, first in {cell}`, "", ""},
	YearShort: {
		Warning, `the column "{header}" has two-digit years: in {cells}, first in {cell}, where {value} is read as {want}`, "four-digit years",
		"check that the century is right",
	},
	KeyTrimmed:    {Notice, `leading and trailing spaces in the column "{header}" are removed: in {cells}, first in {cell}`, "", ""},
	ZerosRestored: {Notice, `numbers in the column "{header}" get back the leading zeros that their format shows: in {cells}, first in {cell}, which is sent as {want}`, "", ""},
	IDFraction: {
		Warning, `the column "{header}" has numbers with decimals, which is unusual for an identifier: in {cells}, first in {cell}, which is sent as "{want}"`, "text or a whole number",
		"check these cells; identifiers are safest in cells with the format Text",
	},
	IDExponent: {
		Warning, `the column "{header}" has text that looks like a number shortened by a spreadsheet: in {cells}, first in {cell}, {value}`, "an identifier",
		"look up the full number where the data came from",
	},
	Repaired: {Notice, `the column "{header}" is repaired ({repair}), as the mapping file says: in {cells}, first in {cell}, where {value} becomes {want}`, "", ""},
	WidthMissing: {
		Error, `the mapping file asks to restore leading zeros in the column "{header}", but doesn't say how many digits its numbers have`, "a width",
		`write width = 8, or the right number, under [formats.{field}] in the mapping file`,
	},
	WidthUnproven: {
		Warning, `the identifiers in the column "{header}" have no common width, so no leading zeros are restored`, "",
		`write width = 8, or the right number, under [formats.{field}] in the mapping file`,
	},
	Damaged: {Warning, `the column "{header}" looks damaged: {what}, in {cells}, first in {cell}: {value}; {why}`, "", "{do}"},
}

var aboutCell = map[string]entry{
	Required: {Error, `"{name}" is missing`, "{want}", "{do}"},
	ErrorValue: {
		Error, "the cell has the error {value}", "{want}",
		"correct the formula in the spreadsheet, or replace it with the value",
	},
	FormulaUncached: {
		Error, "the cell has a formula whose result was never saved: {value}", "{want}",
		"open the file in a spreadsheet program, let it calculate, and save it again",
	},
	DateInvalid: {Error, `"{value}" isn't a date`, "a date cell, or a date such as {want}", "correct the cell"},
	DateUnread: {
		Error, "the cell has the plain number {value}, not a date", "a date cell, or a date such as 2024-01-31",
		"give the cell a date format, or write the date as text",
	},
	NumberInvalid: {Error, `"{value}" isn't a number`, "a number such as {want}", "correct the cell"},
	NumberPercent: {Error, `"{value}" is a percentage, but "{name}" takes an amount`, "an amount", "write the amount"},
	NumberFromDate: {
		Error, "the cell is a date ({value}), but a number is expected", "a number such as 12.5",
		"the spreadsheet may have changed a value such as 1-2 or 1.2 to a date; write the number and give the cell a number format",
	},
	NumberTooLow:  {Error, `{value} is too low for "{name}"`, "{want}", "correct the cell"},
	NumberTooLong: {Error, `"{value}" has more digits than an amount can have`, "a number of at most 30 digits", "correct the cell"},
	IntegerInvalid: {
		Error, `"{value}" isn't a whole number`, "a whole number without separators, such as {want}",
		"write the id that Luminous shows; a value mapping in the mapping file can turn a name into its id",
	},
	IDTooLong: {
		Error, "the number {value} has more than 15 digits; a spreadsheet that stores it as a number has lost the last ones", "an identifier stored as text",
		"give the column the format Text and enter the full number again",
	},
	IDFromDate: {
		Error, "the cell is a date ({value}), but an identifier is expected", "an identifier stored as text",
		"the spreadsheet has probably changed a value such as MAR1 or 1-2 to a date; give the column the format Text and enter the value again",
	},
	BoolInvalid: {Error, `"{value}" is neither yes nor no`, "yes or no", "write yes or no, true or false, 1 or 0"},
	EnumInvalid: {
		Error, `"{value}" isn't an allowed value for "{name}"{near}`, "{want}",
		"use one of the allowed values, or add a value mapping to the mapping file",
	},
	EmailInvalid: {Error, `"{value}" isn't an email address`, "an address such as ann@example.com", "correct the cell, or clear it"},
	TextTooLong:  {Error, `the text has {count} characters; "{name}" takes at most {max}`, "at most {max} characters", "shorten the text"},
	ListTooLong:  {Error, `the cell has more than {max} names, which is unlikely to be right for "{name}"`, "at most {max} names", "correct the cell"},
	ValueNotMapped: {
		Error, `"{value}" isn't in the value mapping of the column "{header}"`, "a value in the value mapping",
		"add it to the value mapping in the mapping file, or correct the cell",
	},
	NotCleared: {
		Error, `"{value}" would clear "{name}", which can't be empty`, "{want}",
		"write a value, or leave the cell blank to keep the current one",
	},
	NotOnCreate: {Notice, `"{name}" can't be sent with a new order; it is ignored`, "", "an update can set it once the order exists"},
	ValueElsewhere: {
		Error, "the value is too long for a cell, so the cell only names the file that has it: {value}", "the value itself",
		"write a shorter value, or import a CSV or JSON Lines export, which has all of it",
	},
	ValueKept: {Notice, `the value is too long for a cell, so the cell only names the file that has it; "{name}" is left unchanged`, "", ""},
}
