package catalog

// purchaseFields are the fields of purchase orders: every field of POST and PUT /purchase-orders,
// and the columns that are read but not sent. The API's page "Update a purchase order" is the
// source; creating one takes the same fields.
var purchaseFields = newPurchaseFields()

func newPurchaseFields() []Field {
	fields := []Field{
		{
			Path: "order_numbers", Column: "order_numbers", Type: ListType, Required: Always, Nullable: true, MaxLength: 255, Update: true,
			Synonyms: []string{
				"Order Number", "Order #", "Order No.", "PO Number", "PO #", "P.O. Number", "PO Numbers", "Purchase Order Number", "Purchase Order #",
				"Purchase Order Numbers",
			},
			Fallbacks:   []string{"PO", "P.O.", "PO ID", "Purchase Order", "Order ID", "Order", "Order Reference", "Order Ref", "Document Number"},
			Suggestions: []string{"Reference", "Ref", "Number", "Num", "No.", "Supplier Order Number", "Supplier Reference", "Vendor Order Number"},
			Help: "The order's number, or several in one cell; all rows with the same first number are one order. The API accepts an order without a number; " +
				"ordersheet doesn't, since it couldn't find the order again.", Example: "PO-2001",
		},
		{
			Path: "order_date", Column: "order_date", Type: DateType, Required: Always, Update: true,
			Synonyms:  []string{"PO Date", "Purchase Order Date", "Date Ordered", "Ordered At", "Ordered On", "Date of Order"},
			Fallbacks: []string{"Date", "Created At", "Date Created", "Transaction Date", "Trans Date"},
			Help:      "The date of the purchase order.", Example: "2026-01-15",
		},
		{
			Path: "supplier_id", Column: "supplier_id", Type: IntegerType, Required: Always, Update: true,
			Synonyms: []string{"Vendor ID"}, Fallbacks: []string{"Supplier", "Vendor", "Supplier Number", "Vendor Number"},
			Suggestions: []string{"Supplier Name", "Vendor Name"}, Help: "The supplier, by its id in Luminous.", Example: "5",
		},
	}
	fields = append(fields, purchaseLines()...)
	fields = append(fields, purchaseHeader()...)
	fields = append(fields, purchaseTexts()...)
	fields = append(fields, purchaseShipTo()...)
	fields = append(fields, purchasePayments()...)
	return append(fields, tagsField("urgent, priority"), customField(),
		Field{
			Path: "total_cost", Column: "total_cost", Type: DecimalType, ReadOnly: true, Synonyms: append([]string{"PO Total", "Purchase Order Total"}, totalNames...),
			Fallbacks: append([]string{"Total"}, totalFallbacks...), Help: "The order's total. It is compared with the sum of lines, tax and shipping, and never sent.", Example: "250.00",
		},
		idField("purchase order"), commandField("deleted"))
}

func purchaseLines() []Field {
	return []Field{
		{
			Path: LineIDPath, Column: "line_id", Type: IntegerType, Line: true, Update: true, UpdateOnly: true, Synonyms: []string{"Line Item ID", "Order Line ID"},
			Help: "The id in Luminous of the line to change. Without it, the existing line with the same product is changed, or a new line is added.", Example: "880",
		},
		{
			Path: "items.product_id", Column: "product_id", Type: IntegerType, Required: SKUOrProduct, Line: true, Update: true,
			Synonyms: []string{"Item Product ID", "Luminous Product ID"}, Suggestions: []string{"Item ID"},
			Help: "The line's product, by its id in Luminous.", Example: "31",
		},
		{
			Path: "items.sku", Column: "sku", Type: IDText, Required: SKUOrProduct, Line: true, Update: true, Synonyms: skuNames, Fallbacks: skuFallbacks, Suggestions: skuSuggestions,
			Help: "The line's product, by its SKU or one of its alternate SKUs.", Example: "MUG-BLUE",
		},
		{
			Path: "items.quantity", Column: "quantity", Type: DecimalType, Required: Always, Line: true, Minimum: "0", Exclusive: true, Update: true,
			Synonyms: quantityNames, Fallbacks: quantityFallbacks, Help: "The quantity ordered.", Example: "24",
		},
		{
			Path: "items.unit_price", Column: "unit_price", Type: DecimalType, Required: Always, Line: true, Minimum: "0", Update: true,
			Synonyms: append([]string{"Unit Cost", "Cost Each", "Cost Per Unit", "Purchase Price", "Item Cost"}, priceNames...), Fallbacks: append([]string{"Cost"}, priceFallbacks...),
			Suggestions: priceSuggestions, Help: "The price per unit, without tax.", Example: "15.00",
		},
		{
			Path: "items.tax", Column: "item_tax", Type: DecimalType, Line: true, Nullable: true, Minimum: "0", Update: true, Synonyms: []string{"Line Tax"},
			Help: "The tax of the line.", Example: "1.20",
		},
		{
			Path: "items.discount_amount", Column: "item_discount_amount", Type: DecimalType, Line: true, Nullable: true, Minimum: "0", Update: true,
			Synonyms: []string{"Line Discount", "Item Discount", "Line Discount Amount"}, Fallbacks: []string{"Discount Amount"}, Suggestions: []string{"Discount"},
			Help: "The discount of the line, as an amount.", Example: "2.50",
		},
	}
}

func purchaseHeader() []Field {
	return []Field{
		{
			Path: "warehouse_id", Column: "warehouse_id", Type: IntegerType, Nullable: true, Update: true, Fallbacks: []string{"Warehouse"}, Suggestions: []string{"Warehouse Name"},
			Help: "The warehouse that receives the goods, by its id in Luminous.", Example: "1",
		},
		{
			Path: "location_id", Column: "location_id", Type: IntegerType, Nullable: true, Update: true, Fallbacks: []string{"Location"}, Suggestions: []string{"Location Name"},
			Help: "The location in the warehouse, by its id in Luminous.", Example: "1",
		},
		{
			Path: "order_status", Column: "order_status", Type: EnumType, Nullable: true, Enum: []string{"active", "completed", "deleted"}, Update: true,
			Synonyms: []string{"Status", "PO Status", "Purchase Order Status"}, Help: "The status of the purchase order; active if left out.", Example: "active",
		},
		{
			Path: "invoice_date", Column: "invoice_date", Type: DateType, Nullable: true, Update: true,
			Synonyms: []string{"Date Invoiced", "Supplier Invoice Date", "Vendor Invoice Date"}, Fallbacks: []string{"Bill Date"},
			Help: "The date of the supplier's invoice.", Example: "2026-01-16",
		},
		{
			Path: "total_shipping_cost", Column: "total_shipping_cost", Type: DecimalType, Nullable: true, Minimum: "0", Update: true,
			Synonyms: append([]string{"Total Shipping"}, shippingNames...), Fallbacks: shippingFallbacks, Help: "The shipping cost of the order.", Example: "50.00",
		},
		{
			Path: "total_tax", Column: "total_tax", Type: DecimalType, Nullable: true, Minimum: "0", Update: true,
			Synonyms: []string{"Tax", "Taxes", "Tax Total", "Tax Amount", "Order Tax", "Sales Tax"}, Help: "The total tax of the order.", Example: "80.00",
		},
		{
			Path: "requested_ship_date", Column: "requested_ship_date", Type: DateType, Nullable: true, Update: true,
			Synonyms: []string{"Request Ship Date", "Ship By", "Ship By Date", "Required Ship Date"}, Fallbacks: []string{"Ship Date"},
			Help: "The day on which the supplier is asked to ship.", Example: "2026-01-20",
		},
		{
			Path: "arrival_due_date", Column: "arrival_due_date", Type: DateType, Nullable: true, Update: true,
			Synonyms: []string{
				"Arrival Date", "Arrival Due", "Expected Arrival", "Expected Arrival Date", "ETA", "Expected Date", "Expected Delivery Date", "Expected Receipt Date", "Receive By",
			},
			Fallbacks: []string{"Delivery Date", "Expected Delivery", "Expected"}, Suggestions: []string{"Due Date"},
			Help: "The day on which the goods should arrive.", Example: "2026-02-02",
		},
	}
}

func purchaseTexts() []Field {
	return []Field{
		{
			Path: "public_note", Column: "public_note", Type: TextType, Nullable: true, Update: true,
			Synonyms:    []string{"Public Notes", "Vendor Notes", "Supplier Notes", "Note to Supplier", "Note to Vendor", "Vendor Message", "Message to Vendor"},
			Suggestions: []string{"Notes", "Note", "Comments", "Memo"}, Help: "A note that the supplier can see.", Example: "Please ship by express",
		},
		{
			Path: "private_note", Column: "private_note", Type: TextType, Nullable: true, Update: true,
			Synonyms: []string{"Private Notes", "Internal Notes", "Internal Note", "Staff Notes"}, Suggestions: []string{"Notes", "Note", "Comments", "Memo"},
			Help: "A note that only your staff sees.", Example: "Agreed by phone",
		},
	}
}

func purchasePayments() []Field {
	payment := func(f Field) Field {
		f.Line, f.Update = true, true
		return f
	}
	return []Field{
		payment(Field{
			Path: "payments.payment_date", Column: "payment_date", Type: DateType, Required: WithPayment, Synonyms: []string{"Paid Date", "Date Paid", "Paid On", "Paid At"},
			Help: "The date of a payment. Each row of an order with payment cells is one payment; a row may be a line, a payment, or both.", Example: "2026-02-10",
		}),
		payment(Field{
			Path: "payments.payment_type", Column: "payment_type", Type: EnumType, Required: WithPayment,
			Enum: []string{"cash", "credit_card", "debit_card", "check", "bank_transfer"}, Synonyms: []string{"Payment Method", "Paid By"}, Help: "How the payment was made.",
			Example: "bank_transfer",
		}),
		payment(Field{
			Path: "payments.paid_amount", Column: "paid_amount", Type: DecimalType, Required: WithPayment, Minimum: "0.01",
			Synonyms: []string{"Amount Paid", "Payment Amount", "Payment"}, Fallbacks: []string{"Paid"}, Help: "The amount paid.", Example: "60.00",
		}),
		payment(Field{
			Path: "payments.remarks", Column: "payment_remarks", Type: TextType, Nullable: true, MaxLength: 1000,
			Synonyms: []string{"Payment Note", "Payment Notes", "Payment Remark"}, Fallbacks: []string{"Remarks"}, Help: "A remark about the payment.", Example: "First half",
		}),
		payment(Field{
			Path: "payments.external_id", Column: "payment_external_id", Type: IDText, Nullable: true, MaxLength: 255,
			Synonyms: []string{"Payment ID", "Payment Reference", "Payment Number"}, Fallbacks: []string{"External ID"},
			Help: "The payment's id in another system.", Example: "PAY-1",
		}),
	}
}
