package flatten

import (
	"strings"

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

// salesAnswers and purchaseAnswers are what the documented answers hold beyond the field catalog: a
// line per object and type. What isn't an object of known parts is JSON. Sources are the API's
// pages "Single sales order", "Update a sales order", "Export sales orders incremental", "Purchase
// orders" and "Update a purchase order". A supplier's bank details aren't offered.
var (
	salesAnswers = readAnswers(`
		. identifier order_id customer_id shipstation_order_id
		. text       status externally_fulfilled_by posted_by source type picking_status starred_description
		. date       payment_date
		. date-time  created_at updated_at
		. integer    age user_id parent_id
		. decimal    total_paid product_total total_discount shipping_revenue total_order_cost total_order_quantity
		. boolean    externally_fulfilled is_posted not_sync sales_posted split_order skip_inventory skip_sales_report
		. json       order_cost_details
		` + companyAnswers + `
		items integer    id line_number stock_id kit_id parent_id base_uom_id ordered_uom_id
		items identifier fulfillment_sku upc
		items text       name image_url warehouse_location status
		items decimal    shipping adjustment quantity_ordered quantity_shipped quantity_cancelled quantity_invoiced total_returned_base_quantity
		items boolean    non_physical_item ignore_item
		items date       estimated_ship_date
		items date-time  created_at updated_at
		items json       weight options
		` + productAnswers + `
		shipments integer    id sales_order_id warehouse_id warehouse_group_id status
		shipments identifier tracking_number bol_number pro_number partner_reference_number
		shipments text       carrier_code service_code package_code
		shipments date       ship_date
		shipments date-time  created_at updated_at
		shipments decimal    shipment_cost insurance_cost
		shipments boolean    is_return
		shipments json       weight dimensions
		shipments.ship_to text       name company street1 street2 street3 city state country
		shipments.ship_to identifier postalCode phone
		shipments.ship_to boolean    residential
		shipments.items integer   id shipment_id product_id order_item_id
		shipments.items decimal   quantity unit_price
		shipments.items date-time created_at updated_at
		shipments.items json      weight
		fulfillment_orders integer    fulfillment_order_id warehouse_group_id
		fulfillment_orders identifier order_number
		fulfillment_orders text       status
		fulfillment_orders date-time  created_at updated_at`)

	purchaseAnswers = readAnswers(`
		. date-time created_at updated_at
		. integer   order_type item_count
		. text      incoterm tracking_info payment_terms
		. decimal   total_qty_ordered total_qty_received total_qty_remaining order_cost total_paid total_due down_payment
		. boolean   starred
		supplier integer    id status
		supplier text       name description street_address city state country contact_name default_payment_term
		supplier identifier zip contact_phone
		supplier e-mail     contact_email
		supplier date-time  created_at updated_at
		warehouse integer id
		warehouse text    name
		location integer id
		location text    name
		items integer    purchase_order_id
		items identifier source_sku
		items text       unit
		items decimal    line_total received_quantity
		items date-time  created_at updated_at
		items json       base_unit_of_measure ordered_unit_of_measure lot
		` + productAnswers + `
		payments integer   id
		payments date-time created_at updated_at
		payments.created_by integer id
		payments.created_by text    name`)
)

const (
	companyAnswers = `
		company integer    id due_date_days parent_company_id invoice_export_template_id
		company identifier phone postal_code shipping_postal_code shipping_phone fein
		company e-mail     shipping_email
		company text       status name type address address_line_2 city state country full_address payment_term notes
		company text       shipping_first_name shipping_last_name shipping_address shipping_city shipping_state shipping_country shipping_full_address
		company boolean    tax_exempt
		company decimal    tax_rate
		company date-time  created_at updated_at
		company names      tags
		company json       shipping_addresses billing_info client_type custom_fields
		company.price_level integer   id
		company.price_level text      status name type
		company.price_level decimal   percent_increase
		company.price_level date-time created_at updated_at
		company.default_shipping integer    id company_id
		company.default_shipping text       company_name address address_line_2 city state country full_address full_name first_name last_name
		company.default_shipping identifier postal_code phone
		company.default_shipping e-mail     email
		company.default_shipping boolean    is_default
		company.default_shipping date-time  created_at updated_at`

	productAnswers = `
		items.product integer    id
		items.product identifier sku upc
		items.product text       name description type image_url
		items.product decimal    retail_price wholesale_price unit_cost product_length product_width product_height
		items.product boolean    sellable discontinued
		items.product date-time  created_at updated_at
		items.product names      tags
		items.product json       alternate_skus product_weight supplier variant_attributes variants kit_items custom_fields
		items.product.category integer id
		items.product.category text    name
		items.product.subcategory integer id
		items.product.subcategory text    name`
)

// answerTypes are the types that the tables above name.
var answerTypes = map[string]catalog.Type{
	"text": catalog.TextType, "identifier": catalog.IDText, "e-mail": catalog.EmailType, "integer": catalog.IntegerType, "decimal": catalog.DecimalType, "date": catalog.DateType,
	"date-time": catalog.TimeType, "boolean": catalog.BoolType, "names": catalog.TagsType, "json": catalog.JSONType,
}

func readAnswers(table string) []answerField {
	var out []answerField
	for _, row := range strings.Split(table, "\n") {
		words := strings.Fields(row)
		if len(words) < 3 {
			continue
		}
		prefix := words[0] + "."
		if words[0] == "." {
			prefix = ""
		}
		for _, name := range words[2:] {
			out = append(out, answerField{prefix + name, answerTypes[words[1]]})
		}
	}
	return out
}

func answersOf(kind order.Kind) []answerField {
	if kind == order.PurchaseOrders {
		return purchaseAnswers
	}
	return salesAnswers
}

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
