package order

// The actions of a planned order. Comparing makes a create or an update of an upsert, and an update
// of a create that restores a cancelled order.
const (
	Create = "create"
	Update = "update"
	Upsert = "upsert"
	Delete = "delete" // a sales order can't be deleted: it is cancelled
	Ignore = "ignore"
)
