package mapping

import (
	"ordersheet/internal/order"
)

// Paths that the rest of the package knows by name.
const (
	actionPath     = "action" // the command column
	idPath         = "id"
	itemsPrefix    = "items."
	paymentsPrefix = "payments."
	customPrefix   = "custom_fields."
	lineCustom     = itemsPrefix + customPrefix
	anyLabel       = "*" // stands for a custom field's label in the catalogue's paths
)

// Fields is the field catalogue of a kind, in the API's order. The caller must not change it.
func Fields(kind Kind) []Field {
	switch kind {
	case order.SalesOrders:
		return salesFields
	case order.PurchaseOrders:
		return purchaseFields
	}
	return nil
}

// FieldByPath finds a field by its path. The path of a custom field may hold its label: custom_fields.Priority Level gives the field
// custom_fields.*.
func FieldByPath(kind Kind, path string) (Field, bool) {
	f := fieldByPath(kind, path)
	if f == nil {
		return Field{}, false
	}
	return *f, true
}
