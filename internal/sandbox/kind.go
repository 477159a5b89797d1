package sandbox

import (
	"maps"
	"slices"

	"github.com/shopspring/decimal"
)

// Kinds of orders, as in the API's paths.
const (
	SalesOrders    = "sales-orders"
	PurchaseOrders = "purchase-orders"
)

// orderKind is what differs between sales orders and purchase orders.
type orderKind struct {
	name           string
	number         string   // field of the order number or numbers
	total          string   // field of the total
	edited         []string // fields that simulated clients change; the first one is a note
	firstID        int64
	create, change string // schemas of requests
	schema         string // schema of an order in answers
	links          []link

	listed, created, single, changed *view // of lists, and of answers to POST, GET, and PATCH or PUT
	full                             *view // all fields, whatever Config says

	filters map[string]string // filters of the list that aren't fields; see newColumns

	item      func(item doc, i int) // completes an item of a request
	derive    func(order doc)       // sets the fields that follow from others, such as totals
	rederives bool                  // each change derives the fields again, and checks the numbers
}

// link is a reference of an order to another record.
type link struct {
	field string                  // the record's id in requests
	in    string                  // the records
	as    string                  // field with the record
	shown bool                    // answers have the id too
	then  func(order, record doc) // what else the record decides; nil = nothing
}

// salesKind and purchaseKind are read-only.
var (
	salesKind = orderKind{
		name: SalesOrders, number: "order_number", total: "total", firstID: 1001,
		edited: []string{
			"internal_notes", "customer_notes", "ship_by_date", "hold_until_date", "order_status", "requested_shipping_service",
		},
		create: "SalesOrderCreate", change: "SalesOrderPatch", schema: "SalesOrder",
		links: []link{
			{field: "channel_id", in: "channels", as: "channel", shown: true},
			{field: "company_id", in: "companies", as: "company", shown: true, then: fillAddresses},
		},
		listed: salesView, created: salesView, single: salesFullView, changed: salesFullView, full: salesFullView,
		filters: map[string]string{"tag": "tags.name"},
		item:    completeSalesItem, derive: deriveSales,
	}
	purchaseKind = orderKind{
		name: PurchaseOrders, number: "order_numbers", total: "total_cost", firstID: 501,
		edited: []string{"private_note", "public_note", "arrival_due_date", "requested_ship_date"},
		create: "PurchaseOrderCreate", change: "PurchaseOrderUpdate", schema: "PurchaseOrder",
		links: []link{
			{field: "supplier_id", in: "suppliers", as: "supplier", shown: true, then: setTerms},
			{field: "warehouse_id", in: "warehouses", as: "warehouse"},
			{field: "location_id", in: "locations", as: "location"},
		},
		listed: purchaseView, created: purchaseFullView, single: purchaseFullView, changed: purchaseFullView,
		full: purchaseFullView,
		filters: map[string]string{
			"order_numbers": "order_numbers", "tag": "tags.name", "order_quantity": "total_qty_ordered",
			"warehouse_id": "warehouse.id", "location_id": "location.id",
		},
		item: completePurchaseItem, derive: derivePurchase, rederives: true,
	}
)

// hiddenFields are accepted by PATCH but no answer shows them. Read-only.
var hiddenFields = []string{"carrier_code", "service_code", "gift_message", "gift", "international_options"}

// kinds returns the two kinds as Config wants them.
func (c *Config) kinds() (sales, purchases orderKind) {
	sales, purchases = salesKind, purchaseKind
	if c.AnyStatus {
		sales.change = "SalesOrderPatchAnyStatus"
	}
	if c.StrictPut {
		purchases.change = "PurchaseOrderUpdateStrict"
	}
	if c.Sparse {
		sales.created, sales.single = sales.created.without("channel_id"), sales.single.without("earliest_ship_date")
		sparse := purchases.full.without("custom_fields")
		purchases.created, purchases.single, purchases.changed = sparse, sparse, sparse
	}
	return sales, purchases
}

// fillAddresses fills in the addresses that the request left out.
func fillAddresses(order, company doc) {
	for _, field := range []string{"bill_to", "ship_to"} {
		if order[field] == nil {
			order[field] = company["as_address"]
		}
	}
}

func setTerms(order, supplier doc) { order["payment_terms"] = supplier["default_payment_term"] }

func completeSalesItem(item doc, i int) {
	item["line_number"], item["quantity_ordered"] = whole(int64(i+1)), item["quantity"]
	delete(item, "sku")
}

// completePurchaseItem keeps the SKU as it was sent.
func completePurchaseItem(item doc, _ int) {
	if sent, ok := item["sku"]; ok {
		item["source_sku"] = sent
	}
	delete(item, "sku")
}

func itemSum(item doc) decimal.Decimal {
	return decimalOf(item, "quantity").Mul(decimalOf(item, "unit_price"))
}

func deriveSales(order doc) {
	sum, quantity := decimal.Zero, decimal.Zero
	for _, item := range records(order, "items") {
		sum, quantity = sum.Add(itemSum(item)), quantity.Add(decimalOf(item, "quantity"))
	}
	order["product_total"], order["total_order_quantity"] = money(sum), number(quantity)
	order["shipping_revenue"] = order["total_shipping"]
	order["total"] = money(sum.Add(decimalOf(order, "total_tax")).Add(decimalOf(order, "total_shipping")))
	order["order_id"] = string(whole(wholeOf(order, "id")))
}

func derivePurchase(order doc) {
	items := slices.Clone(list(order, "items"))
	cost, ordered, received, paid := decimal.Zero, decimal.Zero, decimal.Zero, decimal.Zero
	for i, item := range records(order, "items") {
		sum := itemSum(item)
		if total := money(sum); item["line_total"] != total {
			item = maps.Clone(item)
			item["line_total"], item["purchase_order_id"] = total, order["id"]
			items[i] = item
		}
		cost, ordered = cost.Add(sum), ordered.Add(decimalOf(item, "quantity"))
		received = received.Add(decimalOf(item, "received_quantity"))
	}
	for _, payment := range records(order, "payments") {
		paid = paid.Add(decimalOf(payment, "paid_amount"))
	}
	total := cost.Add(decimalOf(order, "total_tax")).Add(decimalOf(order, "total_shipping_cost"))
	order["items"], order["item_count"] = items, whole(int64(len(items)))
	order["order_cost"], order["total_cost"] = money(cost), money(total)
	order["total_paid"], order["total_due"] = money(paid), money(total.Sub(paid))
	order["total_qty_ordered"], order["total_qty_received"] = number(ordered), number(received)
	order["total_qty_remaining"] = number(ordered.Sub(received))
}
