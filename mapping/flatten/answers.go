package flatten

import (
	_ "embed"
	"strings"
	"sync"

	"ordersheet/internal/order"
	"ordersheet/mapping/catalog"
)

// The lists of an order that can have rows of their own.
const (
	noList          = "" // the order itself: a row per order
	itemsList       = "items"
	shipmentsList   = "shipments"
	packedList      = "shipments.items"
	paymentsList    = "payments"
	fulfillmentList = "fulfillment_orders"
)

// listOf returns the list that a path leads into.
func listOf(path string) string {
	for _, l := range []string{packedList, itemsList, shipmentsList, paymentsList, fulfillmentList} {
		if strings.HasPrefix(path, l+".") {
			return l
		}
	}
	return noList
}

// answerField is a field of an answer that no request takes, so the field catalog doesn't have it.
// It can be a column of an export.
type answerField struct {
	path string
	typ  catalog.Type
}

//go:embed answers.txt
var answersText string

// answers are read when they are first needed, and never changed.
var answers = sync.OnceValue(func() map[order.Kind][]answerField {
	out := map[order.Kind][]answerField{}
	var kinds []order.Kind
	for line := range strings.Lines(answersText) {
		words := strings.Fields(line)
		switch {
		case len(words) == 1 && words[0] == "[both]":
			kinds = catalog.Kinds("")
		case len(words) == 1:
			kinds = []order.Kind{order.Kind(strings.Trim(words[0], "[]"))}
		case len(words) > 2 && words[0] != "#":
			for _, name := range words[2:] {
				path := strings.TrimPrefix(words[0]+"."+name, "..")
				for _, k := range kinds {
					out[k] = append(out[k], answerField{path, catalog.Type(words[1])})
				}
			}
		}
	}
	return out
})

// feedNames maps the path of a field in an order's details to its path in the feed of changed
// orders, for the fields that the feed has.
var feedNames = map[string]string{
	"id": "order_id", "order_id": "order_id", "order_number": "order_number", "status": "status", "order_status": "order_status",
	"total": "total_amount", "total_tax": "total_tax", "total_shipping": "total_shipping", "total_paid": "total_paid",
	"customer_id": "customer_id", "customer_username": "customer_username", "customer_email": "customer_email", "order_date": "order_date",
	"created_at": "created_at", "updated_at": "updated_at",
	"items.id": "items.order_item_id", "items.sku": "items.sku", "items.name": "items.name", "items.quantity": "items.quantity",
	"items.unit_price": "items.price", "items.tax": "items.tax", "items.quantity_ordered": "items.quantity_ordered",
	"items.quantity_shipped": "items.quantity_shipped", "items.quantity_cancelled": "items.quantity_cancelled",
	"items.created_at": "items.created_at", "items.updated_at": "items.updated_at",
}

// feedOnly reports whether a field is in the feed but not in an order's details.
func feedOnly(path string) bool { return strings.HasPrefix(path, fulfillmentList+".") }

// unanswered are the fields of the catalog that no answer has, or that mean nothing in an export.
var unanswered = map[string]bool{
	"carrier_code": true, "service_code": true, "gift_message": true, "gift": true, "international_options": true, catalog.CommandPath: true,
}

// answeredAs lists where an answer has a field, if that isn't (only) at its own path: the first
// that has a value counts.
var answeredAs = map[order.Kind]map[string][]string{
	order.PurchaseOrders: {
		"warehouse_id": {"warehouse_id", "warehouse.id"}, "location_id": {"location_id", "location.id"},
		"items.sku": {"items.sku", "items.source_sku", "items.product.sku"}, "items.product_id": {"items.product_id", "items.product.id"},
	},
	order.SalesOrders: {
		"items.sku": {"items.sku", "items.product.sku"}, "items.product_id": {"items.product_id", "items.product.id"},
		"company_id": {"company_id", "company.id"},
	},
}
