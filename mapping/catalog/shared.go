package catalog

// Headers that mean the same for both kinds. A header that means a line's price in one program and
// a line's amount in another (Amazon's item-price, QuickBooks' rate) is only a suggestion.
var (
	skuNames = []string{
		"Item SKU", "Line SKU", "Lineitem SKU", "Product SKU", "Variant SKU", "SKU Code", "SKU Number", "Master SKU", "Item Code", "Product Code", "Seller SKU",
		"Merchant SKU", "Custom Label", "Custom Label (SKU)",
	}
	skuFallbacks   = []string{"Item Number", "Item #", "Part Number", "Part #", "Stock Code", "Article Number", "Alternate SKU"}
	skuSuggestions = []string{"Item", "Product", "Style", "Model", "Item ID", "Product Name", "Supplier SKU", "Vendor SKU"}
	quantityNames  = []string{
		"Qty", "Qty.", "Order Qty", "Order Quantity", "Ordered Quantity", "Qty Ordered", "Quantity Ordered", "Item Quantity", "Item Qty", "Line Quantity",
		"Lineitem Quantity", "Quantity Purchased", "Quantity (- Refund)",
	}
	quantityFallbacks = []string{"Units", "Pieces", "Pcs"}
	priceNames        = []string{"Price Each", "Price Per Unit", "Price/Unit", "Item Unit Price", "Line Unit Price", "Item Rate", "Net Unit Price"}
	priceFallbacks    = []string{"Price"}
	priceSuggestions  = []string{"Item Price", "Line Price", "Rate", "Amount", "List Price", "Retail Price", "Wholesale Price"}
	shippingNames     = []string{
		"Shipping", "Shipping Cost", "Shipping Total", "Shipping Amount", "Order Shipping", "Order Shipping Amount", "Shipping Charge", "Shipping Charges", "Shipping Fee",
	}
	shippingFallbacks = []string{"Freight", "Freight Charge", "Postage", "Delivery Charge", "Handling"}
	totalNames        = []string{"Order Total", "Grand Total", "Order Total Amount", "Total Amount"}
	totalFallbacks    = []string{"Order Amount", "Total Price"}
)

func tagsField(example string) Field {
	return Field{
		Path: "tags", Column: "tags", Type: TagsType, Nullable: true, MaxLength: 255, Update: true, Synonyms: []string{"Tag", "Order Tags", "Order Tag", "Labels"},
		Help: "Tags of the order, by name: several in one cell, separated by comma, semicolon or pipe, or several columns.", Example: example,
	}
}

func customField() Field {
	return Field{
		Path: CustomPrefix + AnyLabel, Column: CustomPrefix + AnyLabel, Type: CustomType, Nullable: true, Update: true,
		Help: "A custom field: the header is custom_fields. (or Custom:) followed by its label, such as custom_fields.Priority Level.", Example: "High",
	}
}

func idField(word string) Field {
	return Field{
		Path: IDPath, Column: IDPath, Type: IntegerType, ReadOnly: true, ExactOnly: true, Synonyms: []string{"Luminous ID", "Luminous Order ID"},
		Help:    "The " + word + "'s id in Luminous, to find the " + word + " to change. It is never sent, and a new order has none yet.",
		Example: "1005",
	}
}

func commandField(deleted string) Field {
	return Field{
		Path: CommandPath, Column: CommandPath, Type: EnumType, ReadOnly: true, Enum: []string{"NEW", "UPDATE", "UPSERT", "DELETE", "CANCEL", "IGNORE"},
		Synonyms: []string{"Row Command", "Order Command"}, Suggestions: []string{"Action"},
		Help: "What to do with the order; blank uses the mode of the import. NEW: it must not exist yet. UPDATE: it must exist. UPSERT (or MERGE): " +
			"it is updated if it exists, otherwise created. DELETE or CANCEL: it is " + deleted + ". IGNORE: it is skipped. Never sent.", Example: "UPDATE",
	}
}
