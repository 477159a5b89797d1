package order

import "strings"

// Kind is one of the two kinds of orders, named as in the API's paths.
type Kind string

// The kinds.
const (
	SalesOrders    Kind = "sales-orders"
	PurchaseOrders Kind = "purchase-orders"
)

// ParseKind reads a kind as a person may write it: sales-orders, sales_orders, sales;
// purchase-orders, purchase.
func ParseKind(s string) (Kind, bool) {
	switch strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), "_", "-") {
	case "sales-orders", "sales-order", "sales":
		return SalesOrders, true
	case "purchase-orders", "purchase-order", "purchase":
		return PurchaseOrders, true
	}
	return "", false
}

// The statuses that end an order: a sales order is cancelled, a purchase order is deleted.
const (
	Cancelled = "cancelled"
	Deleted   = "deleted"
)

// names are what differs between the kinds.
type names struct{ word, number, total, removed string }

func (k Kind) names() names {
	if k == PurchaseOrders {
		return names{"purchase order", "order_numbers", "total_cost", Deleted}
	}
	return names{"sales order", "order_number", "total", Cancelled}
}

// Word names one order of the kind in a sentence.
func (k Kind) Word() string { return k.names().word }

// NumberField is the field with the order number: a text for sales orders, a list of texts for
// purchase orders. The list's filter has the same name.
func (k Kind) NumberField() string { return k.names().number }

// TotalField is the field of an answer with the order's total. It is never sent.
func (k Kind) TotalField() string { return k.names().total }

// RemovedStatus is the status of an order after it was cancelled or deleted.
func (k Kind) RemovedStatus() string { return k.names().removed }
