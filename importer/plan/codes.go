package plan

// Codes of problems that comparing finds. Refreshing takes them back.
const (
	CodeElsewhere = "order_number_in_another_run"
	CodeDiffers   = "stands_differently"
	CodeSeveral   = "number_stands_several_times"
	CodeGone      = "made_before_and_gone"
	CodeNotFound  = "not_found"
	CodeAnother   = "id_of_another_order"
	CodeSameOrder = "same_order_twice"
	CodeFixed     = "cannot_be_changed"
	CodeReceived  = "line_was_received"
	CodeStale     = "stale"
)

// Codes of problems that look-ups find.
const CodeUnknown = "outcome_unknown"
