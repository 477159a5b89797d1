package catalog

import "ordersheet/internal/order"

// createStatuses are the values of order_status on the API's page "Create a new sales order",
// patchStatuses those on "Update a sales order".
var (
	createStatuses = []string{
		"pending", "shipped", "fulfilled", "cancelled", "awaiting_shipment", "partially_shipped", "on_hold", "backorder", "partially_refunded",
		"committed", "processing", "completed",
	}
	patchStatuses = createStatuses[:8]
)

// FinalStatuses returns the statuses that an order of the past may have: nothing further happens to
// it.
func FinalStatuses(kind order.Kind) []string {
	if kind == order.PurchaseOrders {
		return []string{"completed"}
	}
	return []string{"shipped", "fulfilled", "cancelled", "partially_refunded", "completed"}
}

// salesFields are the fields of sales orders: every field of POST and PATCH /sales-orders, and the
// columns that are read but not sent.
var salesFields = newSalesFields()

func newSalesFields() []Field {
	fields := []Field{
		{
			Path: "channel_id", Column: "channel_id", Type: IntegerType, Required: Always,
			Synonyms: []string{"Sales Channel ID", "Store ID"}, Fallbacks: []string{"Channel", "Sales Channel"}, Suggestions: []string{"Store", "Marketplace"},
			Help: "The sales channel of the order, by its id in Luminous.", Example: "1",
		},
		{
			Path: "order_number", Column: "order_number", Type: IDText, Required: Always, MaxLength: 255,
			Synonyms: []string{
				"Order #", "Order No.", "Order Number", "Sales Order Number", "Sales Order #", "SO Number", "SO #", "Web Order Number",
				"Customer Order Number", "amazon-order-id", "Increment ID",
			},
			Fallbacks:   []string{"Order ID", "Order", "Order Reference", "Order Ref", "Order Name", "Sales Order", "Document Number", "Sales Record Number"},
			Suggestions: []string{"Name", "Reference", "Ref", "Number", "Num", "No.", "Invoice Number", "Transaction Number"},
			Help:        "The order's number. All rows with the same number are one order, even if other rows are between them.", Example: "SO-10001",
		},
		{
			Path: "order_date", Column: "order_date", Type: DateType, Required: Always,
			Synonyms:  []string{"Order Date", "Date Ordered", "Ordered At", "Ordered On", "Purchase Date", "Date of Order", "Sale Date", "Sales Order Date"},
			Fallbacks: []string{"Date", "Created At", "Order Created", "Date Created", "Order Placed", "Transaction Date", "Trans Date"},
			Help:      "The day on which the order was placed.", Example: "2026-01-15",
		},
		{
			Path: "order_status", Column: "order_status", Type: EnumType, Required: Always, MaxLength: 255, Enum: createStatuses, UpdateEnum: patchStatuses,
			Update: true, Synonyms: []string{"Status", "Order State", "Sales Order Status"}, Fallbacks: []string{"State of Order"},
			Suggestions: []string{"Fulfillment Status", "Financial Status"},
			Help:        "The status of the order.", Example: "pending",
		},
	}
	fields = append(fields, salesLines()...)
	fields = append(fields, salesCustomer()...)
	fields = append(fields, salesAddress("bill_to", "billing", []string{"Bill To", "Billing", "Bill", "Billing Address", "Bill To Address"},
		[]string{"Buyer Name"}, []string{"Buyer Phone Number", "Buyer Phone"})...)
	fields = append(fields, salesAddress("ship_to", "shipping", []string{
		"Ship To", "Shipping", "Ship", "Shipping Address", "Ship To Address", "Delivery", "Delivery Address", "Deliver To", "Recipient",
	}, nil, nil)...)
	fields = append(fields, salesDates()...)
	fields = append(fields, salesTexts()...)
	return append(fields, salesReadOnly()...)
}

func salesLines() []Field {
	return []Field{
		{
			Path: "items.product_id", Column: "product_id", Type: IntegerType, Required: SKUOrProduct, Line: true,
			Synonyms: []string{"Item Product ID", "Luminous Product ID"}, Suggestions: []string{"Item ID"},
			Help: "The line's product, by its id in Luminous.", Example: "123",
		},
		{
			Path: "items.sku", Column: "sku", Type: IDText, Required: SKUOrProduct, Line: true, Synonyms: skuNames, Fallbacks: skuFallbacks, Suggestions: skuSuggestions,
			Help: "The line's product, by its SKU or one of its alternate SKUs.", Example: "MUG-BLUE",
		},
		{
			Path: "items.quantity", Column: "quantity", Type: DecimalType, Required: Always, Line: true, Minimum: "0", Exclusive: true,
			Synonyms: quantityNames, Fallbacks: quantityFallbacks, Help: "The quantity ordered.", Example: "2",
		},
		{
			Path: "items.unit_price", Column: "unit_price", Type: DecimalType, Required: Always, Line: true, Minimum: "0",
			Synonyms: append([]string{"Lineitem Price", "Sales Price", "Sale Price", "Selling Price"}, priceNames...), Fallbacks: priceFallbacks, Suggestions: priceSuggestions,
			Help: "The price per unit, without tax.", Example: "49.99",
		},
		{
			Path: "items.tags", Column: "item_tags", Type: TagsType, Line: true, Nullable: true, MaxLength: 255,
			Synonyms: []string{"Line Tags", "Item Tag", "Line Tag"}, Help: "Tags of the line, by name; several in one cell, or several columns.", Example: "fragile",
		},
		{
			Path: LineCustom + AnyLabel, Column: LineCustom + AnyLabel, Type: CustomType, Line: true, Nullable: true,
			Help: "A custom field of the line: the header is items.custom_fields. (or Item custom:) followed by its label.", Example: "Gold",
		},
		{
			Path: "items.tax", Column: "item_tax", Type: DecimalType, Line: true, Minimum: "0", ReadOnly: true, Synonyms: []string{"Line Tax", "Lineitem Tax"},
			Help: "Not supported by the API: put the order's tax into total_tax.",
		},
		{
			Path: "items.discount", Column: "item_discount", Type: DecimalType, Line: true, Minimum: "0", ReadOnly: true,
			Synonyms: []string{"Line Discount", "Lineitem Discount"}, Help: "Not supported by the API: put the price after discount into unit_price.",
		},
	}
}

func salesCustomer() []Field {
	return []Field{
		{
			Path: "company_id", Column: "company_id", Type: IntegerType, Nullable: true,
			Synonyms: []string{"B2B Client ID", "Business Account ID"}, Suggestions: []string{"Customer ID", "Client ID", "Account ID"},
			Help: "The company (business account) that ordered, by its id in Luminous; its addresses are used when the order has none.", Example: "123",
		},
		{
			Path: "customer_email", Column: "customer_email", Type: EmailType, Nullable: true, MaxLength: 255, Update: true,
			Synonyms:  []string{"Email", "E-mail", "Email Address", "Customer E-mail", "Buyer Email", "Contact Email"},
			Fallbacks: []string{"Billing Email", "Email (Billing)", "Bill To Email"}, Help: "The customer's e-mail address.", Example: "ann@example.com",
		},
		{
			Path: "customer_username", Column: "customer_username", Type: TextType, Nullable: true, MaxLength: 255, Update: true,
			Synonyms: []string{"Username", "Customer User Name", "Buyer Username", "Buyer User ID"}, Help: "The customer's user name.", Example: "ann.lee",
		},
		{
			Path: "customer_po_number", Column: "customer_po_number", Type: IDText, Nullable: true, MaxLength: 255, Update: true,
			Synonyms: []string{
				"PO Number", "PO #", "P.O. Number", "Customer PO", "Customer Purchase Order", "Purchase Order Number", "Cust PO Number",
				"Cust PO", "Client PO Number", "Buyer PO Number",
			},
			Fallbacks: []string{"PO", "P.O.", "Purchase Order"}, Suggestions: []string{"Other Ref", "Customer Reference"},
			Help: "The customer's own purchase order number.", Example: "PO-7781",
		},
	}
}

func salesDates() []Field {
	return []Field{
		{
			Path: "ship_date", Column: "ship_date", Type: DateType, Nullable: true, Update: true,
			Synonyms: []string{"Shipped Date", "Date Shipped", "Shipped At", "Shipped On", "Actual Ship Date"}, Fallbacks: []string{"Shipping Date", "Fulfilled At"},
			Help: "The day on which the order was or will be shipped.", Example: "2026-01-20",
		},
		{
			Path: "hold_until_date", Column: "hold_until_date", Type: DateType, Nullable: true, Update: true, Synonyms: []string{"Hold Until", "Hold Date"},
			Help: "The day until which the order is held.", Example: "2026-01-18",
		},
		{
			Path: "ship_by_date", Column: "ship_by_date", Type: DateType, Nullable: true, Update: true,
			Synonyms: []string{"Ship By", "Must Ship By", "Latest Ship Date", "Required Ship Date", "Ship No Later Than"}, Fallbacks: []string{"Ship Before"},
			Suggestions: []string{"Due Date", "Required Date", "Cancel Date", "Requested Ship Date"}, Help: "The day by which the order must be shipped.", Example: "2026-01-25",
		},
		{
			Path: "earliest_ship_date", Column: "earliest_ship_date", Type: DateType, Nullable: true, Update: true,
			Synonyms: []string{"Ship Not Before", "Do Not Ship Before", "Ship After"}, Help: "The first day on which the order can be shipped.", Example: "2026-01-18",
		},
	}
}

func salesTexts() []Field {
	return []Field{
		{
			Path: "total_tax", Column: "total_tax", Type: DecimalType, Nullable: true, Minimum: "0",
			Synonyms: []string{"Tax", "Taxes", "Tax Total", "Tax Amount", "Order Tax", "Sales Tax", "Order Total Tax Amount", "Order Tax Amount"},
			Help:     "The total tax of the order.", Example: "15.75",
		},
		{
			Path: "total_shipping", Column: "total_shipping", Type: DecimalType, Nullable: true, Minimum: "0", Synonyms: shippingNames, Fallbacks: shippingFallbacks,
			Help: "The shipping cost that the customer pays.", Example: "12.50",
		},
		{
			Path: "requested_shipping_service", Column: "requested_shipping_service", Type: TextType, Nullable: true, MaxLength: 255, Update: true,
			Synonyms:  []string{"Shipping Service", "Shipping Method", "Shipping Method Title", "Ship Method", "Ship Via", "Ship Service Level", "Requested Service"},
			Fallbacks: []string{"Delivery Method", "Service Level"}, Suggestions: []string{"Carrier"}, Help: "The shipping service or carrier that the customer asked for.", Example: "FedEx Ground",
		},
		{Path: "carrier_code", Column: "carrier_code", Type: TextType, Nullable: true, Update: true, UpdateOnly: true, Help: "The carrier's code.", Example: "fedex"},
		{
			Path: "service_code", Column: "service_code", Type: TextType, Nullable: true, Update: true, UpdateOnly: true, Help: "The code of the carrier's service.",
			Example: "fedex_ground",
		},
		{
			Path: "customer_notes", Column: "customer_notes", Type: TextType, Nullable: true, Update: true,
			Synonyms:  []string{"Notes", "Note", "Customer Note", "Customer Comments", "Customer Message", "Buyer Notes", "Notes From Buyer"},
			Fallbacks: []string{"Order Notes", "Order Note", "Comments", "Comment", "Order Comments", "Special Instructions", "Customer Memo"}, Suggestions: []string{"Memo"},
			Help: "Notes that the customer sees.", Example: "Please leave at the door",
		},
		{
			Path: "internal_notes", Column: "internal_notes", Type: TextType, Nullable: true, Update: true,
			Synonyms: []string{"Internal Note", "Internal Comments", "Private Notes", "Private Note", "Staff Notes", "Notes To Self"}, Suggestions: []string{"Memo"},
			Help: "Notes that only your staff sees.", Example: "Checked by phone",
		},
		{
			Path: "gift_message", Column: "gift_message", Type: TextType, Nullable: true, Update: true, UpdateOnly: true,
			Synonyms: []string{"Gift Note", "Gift Message Text"}, Help: "The message that goes with a gift.", Example: "Happy birthday",
		},
		{
			Path: "gift", Column: "gift", Type: BoolType, Update: true, UpdateOnly: true, Synonyms: []string{"Is Gift", "Gift Order"}, Help: "Whether the order is a gift.",
			Example: "yes",
		},
		{
			Path: "international_options", Column: "international_options", Type: JSONType, Nullable: true, Update: true, UpdateOnly: true,
			Help: "Options of international shipping, as a JSON list of objects.", Example: `[{"contents":"merchandise"}]`,
		},
		tagsField("urgent, wholesale"),
		customField(),
	}
}

func salesReadOnly() []Field {
	return []Field{
		{
			Path: "total", Column: "total", Type: DecimalType, ReadOnly: true,
			Synonyms: totalNames, Fallbacks: totalFallbacks, Help: "The order's total. It is compared with the sum of lines, tax and shipping, and never sent.", Example: "128.23",
		},
		idField("sales order"),
		commandField("cancelled"),
	}
}
