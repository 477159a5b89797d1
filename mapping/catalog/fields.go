package catalog

import (
	"strings"

	"ordersheet/internal/order"
)

// Paths that other packages know by name.
const (
	CommandPath    = "command"
	IDPath         = "id"
	LineIDPath     = "items.id"
	StatusPath     = "order_status"
	CompanyPath    = "company_id"
	SKUPath        = "items.sku"
	ProductPath    = "items.product_id"
	ItemsPrefix    = "items."
	PaymentsPrefix = "payments."
	CustomPrefix   = "custom_fields."
	LineCustom     = ItemsPrefix + CustomPrefix
	AnyLabel       = "*" // in place of a custom field's label in the catalog's paths
)

// Kinds returns the kind alone, or both kinds when it is empty.
func Kinds(kind order.Kind) []order.Kind {
	if kind == "" {
		return []order.Kind{order.SalesOrders, order.PurchaseOrders}
	}
	return []order.Kind{kind}
}

// Fields returns the fields of a kind, in the API's order. The caller must not change them.
func Fields(kind order.Kind) []Field { return tables()[kind].fields }

// FieldByPath finds a field by its path; nil for none. custom_fields.Priority Level finds the field
// custom_fields.*. The caller must not change the field.
func FieldByPath(kind order.Kind, path string) *Field {
	path, _ = SplitCustomLabel(path)
	fields := Fields(kind)
	for i := range fields {
		if fields[i].Path == path {
			return &fields[i]
		}
	}
	return nil
}

// SplitCustomLabel splits custom_fields.Priority Level into the path of the field, custom_fields.*,
// and the label. Other paths are returned unchanged, without a label.
func SplitCustomLabel(path string) (field, label string) {
	for _, prefix := range []string{CustomPrefix, LineCustom} {
		if rest, ok := strings.CutPrefix(path, prefix); ok && strings.TrimSpace(rest) != "" {
			return prefix + AnyLabel, rest
		}
	}
	return path, ""
}

// IsOrderNumber reports whether the field at path holds an order's number or numbers.
func IsOrderNumber(path string) bool {
	return path == order.SalesOrders.NumberField() || path == order.PurchaseOrders.NumberField()
}

// Template returns the fields of a template for new orders: those that every order needs, then
// those that some need, then the rest. Fields that can't be sent with a new order and custom fields
// are left out.
func Template(kind order.Kind) []Field {
	var always, sometimes, rest []Field
	for _, f := range Fields(kind) {
		switch {
		case f.UpdateOnly, f.ReadOnly, f.Type == CustomType:
		case f.Required == Always:
			always = append(always, f)
		case f.Required == SKUOrProduct && f.Type == IDText, f.Required == UnlessCompany:
			sometimes = append(sometimes, f)
		default:
			rest = append(rest, f)
		}
	}
	return append(append(always, sometimes...), rest...)
}

// ChangeTemplate returns the fields of a template for changing existing orders: those that find an
// order or say what to do with it, then all that an update may change. Only the number or the id is
// required.
func ChangeTemplate(kind order.Kind) []Field {
	var first, rest []Field
	for _, f := range Fields(kind) {
		switch {
		case f.Path == kind.NumberField():
			f.Required = ForUpdateNumber
			first = append(first, f)
		case f.Path == IDPath || f.Path == CommandPath:
			first = append(first, f)
		case f.Update && f.Type != CustomType:
			if f.Required != WithPayment {
				f.Required = Never
			}
			rest = append(rest, f)
		}
	}
	return append(first, rest...)
}
