package problem

import (
	"maps"
	"slices"
)

// entry is what a table says about one code. In the texts {name} is replaced by an argument of New.
type entry struct {
	severity                Severity
	message, expected, hint string
}

// tables hold an entry for each code, by what the codes are about.
var tables = []map[string]entry{aboutFile, aboutHeader, aboutColumn, aboutCell, aboutOrder, aboutExisting}

// Tables returns the codes of each table, sorted: those about a file, its header, a column, a cell,
// an order, and an order and what Luminous has.
func Tables() [][]string {
	out := make([][]string, len(tables))
	for i, t := range tables {
		out[i] = slices.Sorted(maps.Keys(t))
	}
	return out
}

var aboutFile = map[string]entry{
	RowShort: {
		Warning, "{rows} fewer fields than the {usual} that most rows have", "{usual} fields",
		"look for a line break that shouldn't be there, or a missing field separator",
	},
	RowLong: {
		Warning, "{rows} text in more fields than the {usual} that most rows have", "{usual} fields",
		"look for text that contains the field separator and isn't in quotes",
	},
	QuoteInside: {
		Warning, "{rows} text after a closing quote", "a field separator after the quote",
		`write a quote inside quoted text twice ("")`,
	},
	QuoteLong: {
		Warning, "{rows} more than {most} line breaks in quotes", "",
		"look for a quote that isn't closed where it should be",
	},
	DelimiterByName: {
		Warning, `the file was read as tab-separated because of its name, but "{value}" seems to separate its fields`, "",
		"if it does, say so when importing the file, or rename it so that its name ends in .csv",
	},
	CharsetGuessed: {
		Notice, "the text isn't UTF-8, so it was read as Windows-1252", "",
		"check the letters with accents; if they are wrong, say which character set the file has",
	},
	RowsUnordered:     {Notice, "the rows of the file were out of order; they were sorted", "", ""},
	SheetWithoutCells: {Notice, "the workbook lists this sheet but has no cells for it", "", ""},
	StyleMissing: {
		Warning, "this cell, and maybe others, has style {value}, but the workbook has only {count} styles; dates with it are read as plain numbers", "",
		"save the file again in a spreadsheet program",
	},
	HiddenRows: {
		Warning, "some rows of the sheet are hidden ({value}), by hand or by a filter; they were read like all others", "",
		"if they don't belong to the import, delete them, or copy the visible rows to a new sheet",
	},
	BelowTable: {
		Warning, `the row is below the table "{value}", which ends at {last}, so it was not read`, "",
		"if it belongs to an order, extend the table to include it, or convert the table to a range",
	},
	Footer: {Notice, `the row is a total of the rows above it ("{value}"), so it was ignored`, "", ""},
}

var aboutHeader = map[string]entry{
	HeaderAmbiguous: {
		Error, `the header "{header}" could mean {others}`, "a header that means one field",
		`rename the header, or map it under [columns] in the mapping file: "{header}" = "{first}"`,
	},
	HeaderRepeated: {
		Error, `the headers "{header}" ({cell}) and "{other}" ({at}) both mean {field}, which takes one value`, "one column for {field}",
		"remove or rename one of the two columns, or list one of them under ignore in the mapping file",
	},
	HeaderSpare: {
		Notice, `the header "{header}" could mean {field} too, but the column "{other}" already provides it; this column is ignored`, "",
		"to use this column instead, map it under [columns] in the mapping file and list the other one under ignore",
	},
	HeaderUnknown: {
		Notice, `the header "{header}" doesn't match any field; its column is ignored`, "",
		"to import it, map it under [columns] in the mapping file",
	},
	HeaderLikely: {
		Warning, `the header "{header}" may mean {field}, but that isn't certain; its column is ignored`, "",
		`to import it, write "{header}" = "{field}" under [columns] in the mapping file`,
	},
	HeaderNotSent: {Notice, `the column "{header}" ({field}) can't be sent with a new order; it is ignored`, "", ""},
	ColumnAbsent: { // one mapping file serves sheets that differ
		Warning, `the mapping file names a column "{header}", which this sheet doesn't have`, `a header "{header}"`,
		"correct the name in the mapping file, or the header in the sheet",
	},
	ConstantOverride: {Notice, `the column "{header}" is ignored: {field} is set to "{value}" for all orders`, "", ""},
	ConstantBad: {
		Error, `the value "{value}" for {field} is invalid: {why}`, "{want}",
		"correct the value that all orders get",
	},
}
