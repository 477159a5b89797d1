package problem

var aboutOrder = map[string]entry{
	NumberMissing: {
		Error, "the row has no order number, so it belongs to no order", "an order number",
		`fill in the cell; if blank means "same as above", write fill_down = true in the mapping file; number = "generate" makes each such row an order with a generated number`,
	},
	NumberGenerated: {Notice, "the order has no number, so it gets the number {want}", "", ""},
	NumberShared: {
		Error, `{why}`, "a number that belongs to one order",
		"keep the one that is right, or give the other its own number",
	},
	LookAlike: {
		Error, `the order number "{value}" is easily mistaken for "{other}", which is in this file too; they may be the same order`, "numbers that can't be mistaken for each other",
		"if they mean one order, make them equal; if they don't, import the two orders in separate files",
	},
	Conflict: {
		Error, `the rows of this order disagree on "{name}": "{value}" ({cell}) and "{other}" ({at})`, `the same value as in {at}, or a blank cell`,
		"make the two cells agree, or clear one of them",
	},
	NoLines:     {Error, "the order has no lines", "at least one row with {want}", "add the order's lines, or remove the row"},
	SKURepeated: {Notice, "the product {value} is on two lines of this order, here and in {at}; both are sent", "", ""},
	TotalDiffers: {
		Error, "the lines, tax and shipping of this order add up to {sum}, but its total is {value}", "{sum}",
		`correct the lines or the total; if these are totals of lines, list the column under ignore in the mapping file; or write total_check = "warn" there to send the order as it is`,
	},
	TotalWarning: {Warning, "the lines, tax and shipping of this order add up to {sum}, but its total is {value}", "{sum}", ""},
	TotalConflict: {
		Error, `the rows of this order disagree on its total: {value} ({cell}) and {other} ({at})`, "the order's total on each of its rows, or on one of them",
		`correct the two cells; if these are totals of lines, list the column under ignore in the mapping file: ignore = ["{header}"]`,
	},
	TotalConflictWarning: {
		Warning, `the rows of this order disagree on its total: {value} ({cell}) and {other} ({at})`, "the order's total on each of its rows, or on one of them",
		`if these are totals of lines, list the column under ignore in the mapping file: ignore = ["{header}"]`,
	},
	TotalOfLines:      {Notice, `the column "{header}" has totals of lines, not of orders: each is quantity x unit price, as in {cell}; they are checked line by line`, "", ""},
	TotalOfOrderLines: {Notice, `the column "{header}" has totals of lines in this order: each is quantity x unit price; there is no order total to check`, "", ""},
	LineTotal: {
		Error, "quantity x unit price of this line is {sum}, but its total is {value}", "{sum}",
		`correct the line or its total; or write total_check = "warn" in the mapping file to send it as it is`,
	},
	LineTotalWarning: {Warning, "quantity x unit price of this line is {sum}, but its total is {value}", "{sum}", ""},
	IDOnCreate: {
		Error, "a new order gets its id from Luminous, but this one already has the id {value}", "a blank cell",
		`if the order exists, write UPDATE in a column "command", or mode = "update" in the mapping file; if the id is another program's, list the column under ignore there`,
	},
	StatusNotFinal: {
		Error, `"{name}" is {value}, but past orders need a final status (profile = "historical" in the mapping file)`, "{want}",
		"write the status that the order ended with, or remove the line profile from the mapping file",
	},
}

// The comparing, sending and undoing of orders finds these; {why} is a sentence of its own.
var aboutExisting = map[string]entry{
	NumberInOtherRun: {
		Error, "run {run} has this order number and its outcome isn't known yet (since {since})", "",
		"finish that run first",
	},
	ExistingDiffers: {
		Error, "the order exists in Luminous (id {id}), but there {why}", "",
		"compare the order in Luminous with your sheet; nothing was overwritten",
	},
	SeveralExisting: {
		Error, "several orders have this number: ids {ids}", "one order",
		"look at them in Luminous and cancel the extra ones",
	},
	CreatedThenGone: {
		Error, "run {run} created it on {day} as id {id}, and it no longer exists", "",
		"to create it again, allow that when importing the file",
	},
	NotFound: {Error, "{why}", "", "correct the number or the id; to create a new order, import it as NEW"},
	IDMismatch: {
		Error, "the id {id} is order {other} in Luminous, but order {value} in the sheet", "",
		"correct the id or the number; the number may be left blank",
	},
	SameOrder: {
		Error, "order {other} of this sheet is the same order in Luminous (id {id})", "",
		"put all rows of one order under one number or id",
	},
	NotChangeable: {
		Error, "an update can't change {field}: in Luminous it is {current}, in the sheet {value}", "",
		"remove it from the sheet, or change it in Luminous",
	},
	LineReceived: {
		Error, "the sheet doesn't have line {line} ({value}), so the update would remove it, but {received} of it was already received", "",
		"list all lines of the order, or allow removing lines when importing the file",
	},
	Stale:    {Error, "{why}", "", "nothing was overwritten; look at the order in Luminous, then compare it again"},
	Rejected: {Error, "Luminous rejected {what}: {why}", "", `correct it and import the order again from the sheet "To fix"`},
	OutcomeUnknown: {
		Error, "outcome unknown: {why}", "",
		"search for this order number in Luminous, or resume the run to look it up again",
	},
	AnswerOfOtherOrder: {
		Error, "Luminous answered with order {value} (id {id}) when {sent} was sent", "{sent}",
		"look at both orders in Luminous",
	},
	AnswerTotalDiffers: {
		Warning, "Luminous calculated a total of {value}, but the rows add up to {sum}", "{sum}",
		"the order exists; check its lines, tax and shipping in Luminous",
	},
	NotReadBack: {
		Warning, "the order was written, but reading it back failed: {why}", "",
		"look at it in Luminous",
	},
	ReadBackDiffers: {
		Warning, "the order was written, but when read back {why}", "",
		"the order exists; check this field in Luminous",
	},
	KeptEdit:   {Error, "{why}", "", "it is kept; look at it in Luminous"},
	CannotUndo: {Error, "{why}", "", "if it matters, change it in Luminous"},
}
