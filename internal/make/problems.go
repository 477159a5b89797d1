package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"ordersheet/internal/problem"
)

const problemsIntro = `# Problems

After reading this page you know what each code in a report means and what to do about it.

An *error* keeps its order from being sent, a *warning* doesn't, a *notice* tells of a harmless
change. The codes are stable: filters and notes that use them keep working. The messages below are
examples. This page is generated from the program; don't edit it.
`

// problemTitles are the headings of problem.Tables.
var problemTitles = []string{
	"The file", "The header row", "A column", "A cell", "An order", "An order and what Luminous has",
}

// writeProblems writes docs/problems.md.
func writeProblems(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprint(b, problemsIntro)
	for i, codes := range problem.Tables() {
		fmt.Fprintf(b, "\n## %s\n\n| code | severity | what it means | what to do |\n|---|---|---|---|\n", problemTitles[i])
		for _, code := range codes {
			p := problem.New(code, exampleArgs(code)...)
			fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", code, p.Severity, tableCell(p.Message), tableCell(p.Hint))
		}
	}
	return b.Flush()
}

func tableCell(s string) string { return strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(s) }

// exampleArgs are the arguments of the example of a code: its own, then those that do for most
// codes.
func exampleArgs(code string) []string {
	args := slices.Clone(problemExamples[code])
	for pair := range slices.Chunk(commonExample, 2) {
		if !slices.Contains(args, pair[0]) {
			args = append(args, pair...)
		}
	}
	return args
}

var commonExample = []string{
	"header", "Qty", "field", "items.quantity", "cell", "D17", "at", "D18", "cells", "3 cells", "value", "1,234", "other", "1.234", "want", "1234.56",
	"id", "1005", "run", "7", "day", "2025-03-01", "since", "2025-03-01", "sum", "9.50", "near", "", "do", "correct the cell", "max", "255", "count", "300",
	"first", "2025-03-04", "second", "2025-04-03", "rows", "row 12 has", "usual", "14", "most", "100",
}

var problemExamples = map[string][]string{
	problem.DelimiterByName: {"value", ";"},
	problem.StyleMissing:    {"value", "40", "count", "12"},
	problem.HiddenRows:      {"value", "3"},
	problem.BelowTable:      {"value", "Orders", "last", "K11"},
	problem.Footer:          {"value", "Grand total"},

	problem.HeaderAmbiguous:  {"header", "Name", "others", "bill_to.name, ship_to.name", "first", "bill_to.name"},
	problem.HeaderRepeated:   {"header", "Qty", "other", "Quantity"},
	problem.HeaderSpare:      {"header", "Qty", "other", "Quantity"},
	problem.HeaderUnknown:    {"header", "Margin"},
	problem.HeaderLikely:     {"header", "Ship Dt", "field", "ship_date"},
	problem.HeaderNotSent:    {"header", "Invoice Date", "field", "invoice_date"},
	problem.ColumnAbsent:     {"header", "Art.Nr"},
	problem.ConstantOverride: {"header", "Channel", "field", "channel_id", "value", "3"},
	problem.ConstantBad:      {"field", "channel_id", "value", "Webshop", "why", `"Webshop" isn't a whole number`},

	problem.DateAmbiguous:    {"header", "Order Date", "value", "03/04/2025", "first", "April 3", "second", "March 4", "order", `dmy" or "mdy`, "orders", "day, month, year; or month, day, year"},
	problem.DateMixed:        {"header", "Order Date", "value", "31/01/2025", "other", "01/31/2025"},
	problem.DecimalAmbiguous: {"header", "Price", "first", "1234", "second", "1.234"},
	problem.DecimalMixed:     {"header", "Price", "value", "12.50", "other", "12,50"},
	problem.CurrencyMixed:    {"header", "Price", "value", "$5", "other", "€5"},
	problem.CurrencyStripped: {"header", "Price"},
	problem.TimeCut:          {"header", "Order Date"},
	problem.YearShort:        {"header", "Order Date", "value", "01/02/25", "want", "2025-02-01"},
	problem.KeyTrimmed:       {"header", "Order Number"},
	problem.ZerosRestored:    {"header", "Zip", "want", "02134"},
	problem.IDFraction:       {"header", "SKU", "want", "100.5"},
	problem.IDExponent:       {"header", "SKU", "value", "1.2E+12"},
	problem.Repaired:         {"header", "SKU", "repair", "spaces", "value", "A 1", "want", "A1"},
	problem.WidthMissing:     {"header", "Zip", "field", "ship_to.postal_code"},
	problem.WidthUnproven:    {"header", "Zip", "field", "ship_to.postal_code"},
	problem.Damaged: {
		"header", "SKU", "what", "leading zeros are missing", "value", "123", "why", "the other identifiers have 6 digits",
		"do", "look at the column where the data came from",
	},

	problem.Required:        {"name", "Qty", "do", "fill in the cell"},
	problem.ErrorValue:      {"value", "#N/A"},
	problem.FormulaUncached: {"value", "=B2*C2"},
	problem.DateInvalid:     {"value", "soon"},
	problem.DateUnread:      {"value", "45306"},
	problem.NumberInvalid:   {"value", "a dozen"},
	problem.NumberPercent:   {"value", "15%"},
	problem.NumberFromDate:  {"value", "2025-02-01"},
	problem.NumberTooLow:    {"value", "-1"},
	problem.NumberTooLong:   {"value", "1234567890123456789012345678901"},
	problem.IntegerInvalid:  {"header", "Channel", "value", "Webshop"},
	problem.IDTooLong:       {"value", "1234567890123450000"},
	problem.IDFromDate:      {"value", "2025-03-01"},
	problem.BoolInvalid:     {"value", "maybe"},
	problem.EnumInvalid:     {"header", "Status", "value", "pendign", "near", "; did you mean pending?"},
	problem.EmailInvalid:    {"value", "ann at example.com"},
	problem.TextTooLong:     {"header", "Ship To"},
	problem.ListTooLong:     {"header", "Tags", "max", "100"},
	problem.ValueNotMapped:  {"header", "Status", "value", "new"},
	problem.NotCleared:      {"header", "Order Date", "value", "<clear>"},
	problem.NotOnCreate:     {"header", "Hold Until"},
	problem.ValueElsewhere:  {"value", "notes-17.txt"},
	problem.ValueKept:       {"header", "Notes"},

	problem.NumberGenerated:      {"want", "ORDERS-17"},
	problem.NumberShared:         {"why", `the number "P2" belongs to order "P3" too`},
	problem.LookAlike:            {"value", "S0-1", "other", "SO-1"},
	problem.Conflict:             {"header", "Ship To", "value", "Ann", "other", "Anna"},
	problem.SKURepeated:          {"value", "A-1"},
	problem.TotalDiffers:         {"value", "9.52"},
	problem.TotalWarning:         {"value", "9.52"},
	problem.TotalConflict:        {"header", "Total", "value", "9.50", "other", "4.75"},
	problem.TotalConflictWarning: {"header", "Total", "value", "9.50", "other", "4.75"},
	problem.TotalOfLines:         {"header", "Total"},
	problem.TotalOfOrderLines:    {"header", "Total"},
	problem.LineTotal:            {"value", "9.52"},
	problem.LineTotalWarning:     {"value", "9.52"},
	problem.NoLines:              {"want", "a product, a quantity and a unit price"},
	problem.IDOnCreate:           {"value", "1005"},
	problem.StatusNotFinal:       {"header", "Status", "value", "pending"},

	problem.ExistingDiffers:    {"why", "ship_to.city is Austin instead of Dallas"},
	problem.SeveralExisting:    {"ids", "1005, 1006"},
	problem.NotFound:           {"why", "no sales order has the number SO-1 in Luminous, so there is nothing to update"},
	problem.IDMismatch:         {"value", "SO-1", "other", "SO-2"},
	problem.SameOrder:          {"other", "SO-2"},
	problem.NotChangeable:      {"field", "order_number", "current", "SO-1", "value", "SO-2"},
	problem.LineReceived:       {"line", "88", "value", "A-1", "received", "3"},
	problem.Stale:              {"why", "somebody changed this order since it was planned: ship_to.city was Austin, now it is Dallas"},
	problem.Rejected:           {"what", "this", "why", "The channel id field is required."},
	problem.OutcomeUnknown:     {"why", "the list of orders can't be searched by number"},
	problem.AnswerOfOtherOrder: {"value", "SO-2", "sent", "SO-1"},
	problem.AnswerTotalDiffers: {"value", "9.52"},
	problem.NotReadBack:        {"why", "the connection was reset"},
	problem.ReadBackDiffers:    {"why", "ship_to.city is Austin instead of Dallas"},
	problem.KeptEdit:           {"why", `somebody changed ship_to.city since: run 7 wrote "Austin", now it is "Dallas"`},
	problem.CannotUndo:         {"why", "order_status can't be reversed: an update may not set it to shipped again"},
}
