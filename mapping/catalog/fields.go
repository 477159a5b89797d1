package catalog

import (
	"strings"

	"ordersheet/internal/order"
)

// Paths that the rest of the package knows by name.
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
	AnyLabel       = "*" // stands for a custom field's label in the catalogue's paths
)

// Fields is the field catalogue of a kind, in the API's order. The caller must not change it.
func Fields(kind order.Kind) []Field {
	switch kind {
	case order.SalesOrders:
		return salesFields
	case order.PurchaseOrders:
		return purchaseFields
	}
	return nil
}

// FieldByPath finds a field by its path; nil for none. The path of a custom field may hold its label: custom_fields.Priority Level gives
// the field custom_fields.*. The caller must not change it.
func FieldByPath(kind order.Kind, path string) *Field {
	path, _ = SplitCustom(path)
	fields := Fields(kind)
	for i := range fields {
		if fields[i].Path == path {
			return &fields[i]
		}
	}
	return nil
}

// splitCustom parts the path of a custom field into the catalogue's path and the label; other paths stay as they are, without a label.
func SplitCustom(path string) (catalogue, label string) {
	for _, prefix := range []string{CustomPrefix, LineCustom} {
		if rest, ok := strings.CutPrefix(path, prefix); ok && strings.TrimSpace(rest) != "" {
			return prefix + AnyLabel, rest
		}
	}
	return path, ""
}

// isNumber says that the field at path holds an order's own number or numbers.
func IsNumber(path string) bool { return path == "order_number" || path == "order_numbers" }

// Many says that several columns may feed the field.
func (f Field) Many() bool { return f.Type == TagsType || f.Type == ListType }

// AllowedValues are the only values that a cell of the field may hold, as a drop-down list offers them; nil when it isn't a choice.
func (f Field) AllowedValues() []string {
	if f.Type == BoolType {
		return []string{"yes", "no"}
	}
	return f.Enum
}

// Template is what a blank workbook offers of a kind: the fields that every order needs first, then those that some need, then the rest;
// without fields that only an update takes, that are never sent, or whose header holds a label.
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

// ChangeTemplate is what a blank workbook offers for changing orders that stand: what finds an order and says what to do with it, then all that
// an update may change. None of it is needed but the number or the id.
func ChangeTemplate(kind order.Kind) []Field {
	var first, rest []Field
	for _, f := range Fields(kind) {
		switch {
		case IsNumber(f.Path):
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
