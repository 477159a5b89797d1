package catalog

// addressPart is one field of an address: the last part of its path, and the words for it that
// follow "Bill To" and the like in a header.
type addressPart struct {
	leaf             string
	typ              Type
	names, fallbacks []string
	help             string
	example          string
}

// Street and Address alone are fallbacks, since Shopify's export has both "Billing Street" (two
// lines joined) and "Billing Address1".
var addressParts = []addressPart{
	{
		leaf: "name", typ: TextType, names: []string{"Name", "Full Name", "Customer Name"}, fallbacks: []string{"Contact", "Contact Name", "Attention", "Attn", "Customer"},
		help: "The person or company", example: "Ann Lee",
	},
	{
		leaf: "company", typ: TextType, names: []string{"Company", "Company Name"}, fallbacks: []string{"Business", "Business Name", "Organization"}, help: "The company",
		example: "Lee & Sons",
	},
	{
		leaf: "street1", typ: TextType, names: []string{"Street 1", "Street Line 1", "Street Address 1", "Address 1", "Address Line 1", "Addr 1", "Line 1"},
		fallbacks: []string{"Street", "Address", "Street Address", "Addr", "Address 1&2"}, help: "Street and number", example: "12 Main Street",
	},
	{
		leaf: "street2", typ: TextType, names: []string{"Street 2", "Street Line 2", "Street Address 2", "Address 2", "Address Line 2", "Addr 2", "Line 2"},
		fallbacks: []string{"Suite", "Apartment", "Unit"}, help: "The second line", example: "Suite 4",
	},
	{
		leaf: "street3", typ: TextType, names: []string{"Street 3", "Street Line 3", "Street Address 3", "Address 3", "Address Line 3", "Addr 3", "Line 3"},
		help: "The third line",
	},
	{leaf: "city", typ: TextType, names: []string{"City", "Town"}, fallbacks: []string{"Suburb", "Locality"}, help: "The city", example: "Austin"},
	{
		leaf: "state", typ: TextType, names: []string{"State", "Province", "State/Province", "State or Region", "Region"},
		fallbacks: []string{"State Code", "Province Code", "County"}, help: "The state or province", example: "TX",
	},
	{
		leaf: "postal_code", typ: IDText, names: []string{"Zip", "Zip Code", "Postcode", "Post Code", "Postal", "Zip/Postal Code", "Postal/Zip Code"},
		help: "The postal code", example: "01234",
	},
	{leaf: "country", typ: TextType, names: []string{"Country"}, fallbacks: []string{"Country Code"}, help: "The country", example: "US"},
	{
		leaf: "phone", typ: IDText, names: []string{"Phone", "Phone Number", "Telephone", "Tel"}, fallbacks: []string{"Mobile"}, help: "The phone number",
		example: "555-0101",
	},
}

// salesAddress returns the fields under bill_to or ship_to of a sales order. Headers name the
// address before the field ("Billing Zip") or after it, as WooCommerce's exports do ("Postcode
// (Billing)").
func salesAddress(prefix, suffix string, words, names, phones []string) []Field {
	fields := make([]Field, 0, len(addressParts))
	for _, p := range addressParts {
		headers := append([]string{p.leaf}, p.names...)
		f := Field{
			Path: prefix + "." + p.leaf, Column: prefix + "_" + p.leaf, Type: p.typ, Nullable: true, Update: true,
			Help: p.help + " of the " + suffix + " address.", Example: p.example,
			Synonyms: addressNames(words, suffix, headers), Fallbacks: addressNames(words, suffix, p.fallbacks), Suggestions: headers,
		}
		switch p.leaf {
		case "name":
			f.Required, f.Nullable = UnlessCompany, false
			f.Help = p.help + " of the " + suffix + " address. Required unless company_id is given, and whenever the order has another part of this address."
			f.Synonyms = append(f.Synonyms, names...)
			f.Suggestions = []string{"Customer", "Customer Name", "Client", "Client Name", "Company", "Name"}
		case "phone":
			f.Synonyms = append(f.Synonyms, phones...)
		}
		fields = append(fields, f)
	}
	return fields
}

// addressNames combines each word for an address with each word for a field: "Bill To Zip", "Zip
// (Billing)".
func addressNames(words []string, suffix string, names []string) []string {
	var out []string
	for _, w := range words {
		for _, n := range names {
			out = append(out, w+" "+n)
		}
	}
	for _, n := range names {
		out = append(out, n+" ("+suffix+")")
	}
	return out
}

// purchaseShipTo returns the address of a purchase order. The API names its fields differently than
// those of a sales order, and it has no name.
func purchaseShipTo() []Field {
	leaves := map[string]string{
		"street1": "address_1", "street2": "address_2", "city": "city", "state": "state", "postal_code": "zip", "country": "country",
	}
	words := []string{"Ship To", "Shipping", "Ship", "Shipping Address", "Ship To Address", "Delivery", "Delivery Address", "Deliver To"}
	var fields []Field
	for _, p := range addressParts {
		leaf, ok := leaves[p.leaf]
		if !ok {
			continue
		}
		names := append([]string{p.leaf}, p.names...)
		fields = append(fields, Field{
			Path: "ship_to." + leaf, Column: "ship_to_" + leaf, Type: p.typ, Nullable: true, Update: true, Help: p.help + " of the address that the goods are shipped to.",
			Example: p.example, Synonyms: addressNames(words, "shipping", names), Fallbacks: addressNames(words, "shipping", p.fallbacks), Suggestions: p.names,
		})
	}
	return append(fields, Field{
		Path: "ship_to.default_ship_to_address", Column: "ship_to_default_ship_to_address", Type: TextType, Nullable: true, Update: true,
		Synonyms: []string{"Default Ship To Address"}, Help: "Which of the addresses in Luminous the goods are shipped to.", Example: "ship_to_address",
	})
}
