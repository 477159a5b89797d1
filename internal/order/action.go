package order

// The actions of a planned order. What the sheet asks for and what is done are the same but for an upsert, of which comparing makes a create or
// an update, and for a create that brings a cancelled order back.
const (
	Create = "create"
	Update = "update"
	Upsert = "upsert"
	Delete = "delete" // a sales order can't be deleted: it is cancelled
	Ignore = "ignore"
)
