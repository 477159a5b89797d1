package problem

// The codes of all problems. They are stable: reports, filters and people's notes keep them. The
// tables in this package say what each one means; docs/problems.md is made from them.

// About a file.
const (
	RowShort          = "row_short"
	RowLong           = "row_long"
	QuoteInside       = "quote_inside"
	QuoteLong         = "quote_long"
	DelimiterByName   = "delimiter_by_name"
	CharsetGuessed    = "charset_guessed"
	RowsUnordered     = "rows_out_of_order"
	SheetWithoutCells = "sheet_without_cells"
	StyleMissing      = "style_missing"
	HiddenRows        = "rows_hidden"
	BelowTable        = "row_below_table"
	Footer            = "total_row_ignored"
)

// About the header row.
const (
	HeaderAmbiguous  = "header_ambiguous"
	HeaderRepeated   = "header_repeated"
	HeaderUnknown    = "header_unknown"
	HeaderSpare      = "header_spare"
	HeaderLikely     = "header_likely"
	HeaderNotSent    = "header_not_sent"
	ColumnAbsent     = "column_absent"
	ConstantOverride = "constant_over_column"
	ConstantBad      = "constant_invalid"
)

// About a whole column.
const (
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
	Repaired         = "repaired"
	WidthMissing     = "repair_without_width"
	WidthUnproven    = "repair_width_unproven"
	Damaged          = "spreadsheet_damage"
)

// About one cell.
const (
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
	ValueNotMapped  = "value_not_in_crosswalk"
	NotCleared      = "field_cannot_be_cleared"
	NotOnCreate     = "not_with_a_new_order"
	ValueElsewhere  = "value_in_another_file"
	ValueKept       = "value_left_as_it_is"
)

// About one order.
const (
	NumberMissing        = "order_number_missing"
	NumberGenerated      = "order_number_generated"
	NumberShared         = "order_number_shared"
	LookAlike            = "order_number_lookalike"
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
	StatusNotFinal       = "status_not_final"
)

// About an order and what Luminous has.
const (
	NumberInOtherRun   = "order_number_in_another_run"
	ExistingDiffers    = "stands_differently"
	SeveralExisting    = "number_stands_several_times"
	CreatedThenGone    = "made_before_and_gone"
	NotFound           = "not_found"
	IDMismatch         = "id_of_another_order"
	SameOrder          = "same_order_twice"
	NotChangeable      = "cannot_be_changed"
	LineReceived       = "line_was_received"
	Stale              = "stale"
	Rejected           = "rejected"
	OutcomeUnknown     = "outcome_unknown"
	AnswerOfOtherOrder = "answer_of_another_order"
	AnswerTotalDiffers = "total_of_answer_differs"
	NotReadBack        = "not_read_back"
	ReadBackDiffers    = "read_back_differs"
	KeptEdit           = "kept"
	CannotUndo         = "cannot_be_undone"
)
