package sandbox

// Fields that several views share.
const (
	salesFields = `id created_at updated_at status="Active" order_id order_number order_date
		order_status channel_id company_id customer_email customer_username customer_po_number
		bill_to ship_to requested_shipping_service customer_notes internal_notes ship_date
		hold_until_date ship_by_date earliest_ship_date company total=0 total_paid=0 total_tax=0
		total_shipping=0 product_total=0 total_discount=0 shipping_revenue=0
		total_order_quantity=0 source="external_api" externally_fulfilled=false is_posted=false
		items=[] tags=[] shipments=[] custom_fields={} payment_date age=0 customer_id user_id
		externally_fulfilled_by posted_by not_sync=false sales_posted=false split_order=false
		skip_inventory=false skip_sales_report=false total_order_cost order_cost_details={}
		shipstation_order_id type parent_id picking_status starred_description`
	salesItemFields = `id line_number created_at updated_at sku<product.sku name<product.name
		quantity=0 unit_price=0 tax=0 discount=0 upc<product.upc product_id<product.id
		quantity_ordered=0 quantity_shipped=0 quantity_cancelled=0 quantity_invoiced=0 tags=[]
		custom_fields={}`
	purchaseFields = `id order_numbers=[] created_at updated_at order_status="active" order_date
		invoice_date requested_ship_date arrival_due_date public_note private_note ship_to
		order_type incoterm tracking_info payment_terms supplier_id item_count=0
		total_qty_ordered=0 total_qty_received=0 total_qty_remaining=0 order_cost=0 total_tax=0
		total_shipping_cost=0 total_cost=0 total_paid=0 total_due=0 down_payment starred=false
		items=[] supplier payments=[] warehouse location tags=[] custom_fields={}`
	lineProductFields = `id sku name description retail_price wholesale_price
		variant_attributes={} upc created_at updated_at`
	companyFields = `id status="active" name address city state postal_code country="US"`
)

// Views of the records that orders refer to. Read-only.
var (
	idNameView  = newView(`id name`, nil)
	tagView     = newView(`id name description icon color discount_structure={} markup_structure={}`, nil)
	productView = newView(lineProductFields+` type="PRODUCT" unit_cost product_weight=0.35
		product_length product_width product_height sellable=true discontinued=false image_url
		category={"id":1,"name":"General"} subcategory={"id":2,"name":"Standard"} supplier={}
		alternate_skus=[] tags=[] custom_fields={}`,
		nested{"tags": tagView, "alternate_skus": newView(`id sku unit_conversion_rule_id`, nil)})
	shippingAddressView = newView(`id company_id address city state postal_code country="US"
		created_at updated_at company_name address_line_2 full_address full_name first_name
		last_name phone email is_default=true`, nil)
	companyView = newView(companyFields+` created_at updated_at type="Retail" phone address_line_2
		full_address shipping_first_name="Front" shipping_last_name="Desk" shipping_email
		shipping_phone<phone shipping_address<address shipping_city<city shipping_state<state
		shipping_postal_code<postal_code shipping_country="US" shipping_full_address<full_address
		payment_term tax_exempt=false tax_rate=8.25 due_date_days=30 price_level={} notes fein
		tags=[] default_shipping shipping_addresses=[] billing_info={} client_type={}
		parent_company_id invoice_export_template_id custom_fields={}`,
		nested{"tags": tagView, "default_shipping": shippingAddressView, "shipping_addresses": shippingAddressView})
	supplierView = newView(`id status=1 name description street_address city="Porto" state
		zip="4000-001" country="Portugal" contact_name contact_email contact_phone
		default_payment_term created_at updated_at`, nil)
	channelView = newView(`id uuid label channelType="sales_channel" apiLocked=false enabled=true
		status=1 warehouseGroupId=3 autoPushOrderAfterMinutes createdAt=1704096000
		updatedAt=1704096000`, nil)
	siteView        = newView(`id status="active" name parent_id`, nil)
	customFieldView = newView(`id label type object_types options={}`, nil)
)

// Views of orders and their parts. Read-only.
var (
	addressView = newView(`name company street1 street2 street3 city state postal_code country
		phone`, nil)
	salesView = newView(salesFields, nested{
		"bill_to": addressView, "ship_to": addressView, "company": newView(companyFields, nil), "tags": idNameView,
		"items": newView(salesItemFields, nested{"tags": idNameView}),
	})
	salesFullView = newView(salesFields, nested{
		"bill_to": addressView, "ship_to": addressView, "company": companyView, "tags": tagView,
		"items": newView(salesItemFields+` product image_url weight={} shipping=0
			warehouse_location options={} fulfillment_sku adjustment=0 stock_id kit_id
			non_physical_item=false ignore_item=false base_uom_id ordered_uom_id
			total_returned_base_quantity=0 parent_id status estimated_ship_date`, nested{"tags": tagView, "product": productView}),
	})
	salesFeedView = newView(`order_id<id order_number status="Active" order_status
		total_amount<total=0 total_tax=0 total_shipping=0 total_paid=0 customer_id
		customer_username customer_email order_date created_at updated_at items=[] shipments=[]
		fulfillment_orders=[]`, nested{"items": newView(`order_item_id<id sku<product.sku
			name<product.name quantity=0 price<unit_price=0 tax=0 quantity_ordered=0
			quantity_shipped=0 quantity_cancelled=0 created_at updated_at`, nil)})
	purchaseItemView = newView(`id purchase_order_id created_at updated_at quantity=0 unit_price=0
		unit tax=0 discount_amount=0 line_total=0 received_quantity=0 source_sku<product.sku
		product`, nested{"product": newView(lineProductFields, nil)})
	purchaseView     = newView(purchaseFields, purchaseBelow(idNameView))
	purchaseFullView = newView(purchaseFields, purchaseBelow(tagView))
)

func purchaseBelow(tags *view) nested {
	return nested{
		"ship_to": newView(`address_1 address_2 city state zip country default_ship_to_address`, nil), "supplier": supplierView,
		"warehouse": idNameView, "location": idNameView, "tags": tags, "items": purchaseItemView,
		"payments": newView(`id payment_date payment_type paid_amount=0 remarks external_id
			created_by={"id":2,"name":"API"} created_at updated_at`, nil),
	}
}
