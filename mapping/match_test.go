package mapping_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/mapping"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/profile"
)

func TestMatch(t *testing.T) {
	sales, purchase := order.SalesOrders, order.PurchaseOrders
	for _, c := range []struct {
		kind         order.Kind
		header, want string
		how          mapping.How
	}{
		{sales, "order_number", "order_number", mapping.ByName},
		{sales, "Order Number", "order_number", mapping.ByNormalized},
		{sales, "ORDER_NUMBER", "order_number", mapping.ByNormalized},
		{sales, "Order #", "order_number", mapping.ByNormalized},
		{sales, "Order No.", "order_number", mapping.ByNormalized},
		{sales, "OrderNo", "order_number", mapping.ByNormalized},
		{sales, " order-number* ", "order_number", mapping.ByNormalized},
		{sales, "Ｏｒｄｅｒ＃", "order_number", mapping.ByNormalized},
		{sales, "Order ID", "order_number", mapping.BySynonym},
		{sales, "amazon-order-id", "order_number", mapping.BySynonym},
		{sales, "Status", "order_status", mapping.BySynonym},
		{sales, "Channel ID", "channel_id", mapping.ByNormalized},
		{sales, "PO Number", "customer_po_number", mapping.BySynonym},
		{sales, "PO #", "customer_po_number", mapping.BySynonym},
		{purchase, "PO Number", "order_numbers", mapping.BySynonym},
		{purchase, "order_number", "order_numbers", mapping.BySynonym},
		{sales, "Notes", "customer_notes", mapping.BySynonym},
		{sales, "Tax", "total_tax", mapping.BySynonym},
		{sales, "Shipping", "total_shipping", mapping.BySynonym},
		{purchase, "Freight", "total_shipping_cost", mapping.BySynonym},
		{sales, "Bill To Name", "bill_to.name", mapping.ByNormalized},
		{sales, "Ship To Name", "ship_to.name", mapping.ByNormalized},
		{sales, "Bill To Street", "bill_to.street1", mapping.BySynonym},
		{sales, "Ship To Street", "ship_to.street1", mapping.BySynonym},
		{sales, "Bill To Zip", "bill_to.postal_code", mapping.BySynonym},
		{sales, "Ship To Zip", "ship_to.postal_code", mapping.BySynonym},
		{sales, "bill_to.name", "bill_to.name", mapping.ByName},
		{sales, "bill_to_name", "bill_to.name", mapping.ByName},
		{sales, "items.sku", "items.sku", mapping.ByName},
		{sales, "sku", "items.sku", mapping.ByName},
		{sales, "Item SKU", "items.sku", mapping.BySynonym},
		{sales, "SKU", "items.sku", mapping.ByNormalized},
		{sales, "Item Code", "items.sku", mapping.BySynonym},
		{sales, "Qty", "items.quantity", mapping.BySynonym},
		{sales, "Unit Price", "items.unit_price", mapping.ByNormalized},
		{sales, "Price", "items.unit_price", mapping.BySynonym},
		{sales, "Price ($)", "items.unit_price", mapping.BySynonym},
		{sales, "MASTER_SKU", "items.sku", mapping.BySynonym},
		{sales, "Total", "total", mapping.ByNormalized},
		{purchase, "Grand Total", "total_cost", mapping.BySynonym},
		{sales, "Order Total", "total", mapping.BySynonym},
		{sales, "id", "id", mapping.ByName},
		{sales, "Luminous ID", "id", mapping.BySynonym},
		{sales, "Command", "command", mapping.ByNormalized},
		{sales, "custom_fields.Priority Level", "custom_fields.Priority Level", mapping.ByName},
		{sales, "Custom: Priority Level", "custom_fields.Priority Level", mapping.ByName},
		{sales, "custom:  gift wrap ", "custom_fields.gift wrap", mapping.ByName},
		{sales, "items.custom_fields.Colour", "items.custom_fields.Colour", mapping.ByName},
		{sales, "Tag 2", "tags", mapping.BySynonym},
		{sales, "tags1", "tags", mapping.BySynonym},
		{purchase, "PO Number 2", "order_numbers", mapping.BySynonym},
		{sales, "Lineitem sku", "items.sku", mapping.BySynonym},
		{sales, "Lineitem quantity", "items.quantity", mapping.BySynonym},
		{sales, "Lineitem price", "items.unit_price", mapping.BySynonym},
		{sales, "Billing Name", "bill_to.name", mapping.BySynonym},
		{sales, "Billing Street", "bill_to.street1", mapping.BySynonym},
		{sales, "Shipping Zip", "ship_to.postal_code", mapping.BySynonym},
		{sales, "Shipping Province", "ship_to.state", mapping.BySynonym},
		{sales, "Postcode (Billing)", "bill_to.postal_code", mapping.BySynonym},
		{sales, "Country Code (Shipping)", "ship_to.country", mapping.BySynonym},
		{sales, "quantity-purchased", "items.quantity", mapping.BySynonym},
		{sales, "recipient-name", "ship_to.name", mapping.BySynonym},
		{sales, "ship-address-1", "ship_to.street1", mapping.BySynonym},
		{sales, "ship-postal-code", "ship_to.postal_code", mapping.BySynonym},
		{sales, "buyer-email", "customer_email", mapping.BySynonym},
		{purchase, "Vendor ID", "supplier_id", mapping.BySynonym},
		{purchase, "Ship To Zip", "ship_to.zip", mapping.ByNormalized},
		{purchase, "Expected Delivery Date", "arrival_due_date", mapping.BySynonym},
		{purchase, "payment_date", "payments.payment_date", mapping.ByName},
		{purchase, "Amount Paid", "payments.paid_amount", mapping.BySynonym},
		{sales, "item-price", "", mapping.ByLikeness},
		{sales, "Name", "", mapping.ByLikeness},
		{sales, "Rate", "", mapping.ByLikeness},
		{purchase, "Notes", "", mapping.ByLikeness},
		{sales, "Discount %", "", mapping.NotMapped},
		{sales, "Weather", "", mapping.NotMapped},
		{sales, "Quantity (pieces)", "", mapping.ByLikeness},
		{sales, "Oder Number", "", mapping.ByLikeness},
		{sales, "ordersheet: problem", "", mapping.Ignored},
		{sales, "custom_fields.", "", mapping.NotMapped},
	} {
		b := newHeader(t, c.kind, nil, c.header)
		got := b.Columns[0]
		if got.Path != c.want || got.How != c.how {
			t.Errorf("%s: %q gives %q (%s), want %q (%s)", c.kind, c.header, got.Path, got.How, c.want, c.how)
		}
	}
}

func TestHeadersOfCommonExports(t *testing.T) {
	for _, c := range []struct {
		name    string
		kind    order.Kind
		headers string
		want    string // mapped paths in the order of the columns, - for none
		missing string
	}{
		{
			"Shopify", order.SalesOrders,
			"Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at," +
				"Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Billing Street,Billing Address1,Billing Zip,Shipping Name,Shipping Street," +
				"Shipping Address1,Shipping Zip,Notes,Tags,Id,Tax 1 Name,Phone,Vendor,Lineitem discount",
			"-,customer_email,-,-,-,-,-,total_shipping,total_tax,total,-,-,requested_shipping_service,order_date,items.quantity,-,items.unit_price,items.sku,bill_to.name,-," +
				"bill_to.street1,bill_to.postal_code,ship_to.name,-,ship_to.street1,ship_to.postal_code,customer_notes,tags,-,-,-,-,items.discount",
			"channel_id,order_number,order_status",
		},
		{
			"WooCommerce", order.SalesOrders,
			"Order Number,Order Status,Order Date,Customer Note,Address 1&2 (Billing),City (Billing),Postcode (Billing),Email (Billing),Order Shipping Amount," +
				"Order Total Amount,Order Total Tax Amount,SKU,Item #,Quantity (- Refund),Item Cost,Order ID",
			"order_number,order_status,order_date,customer_notes,bill_to.street1,bill_to.city,bill_to.postal_code,customer_email,total_shipping,total,total_tax,items.sku,-," +
				"items.quantity,-,-",
			"channel_id,items.unit_price,bill_to.name,ship_to.name",
		},
		{
			"Amazon", order.SalesOrders,
			"order-id,order-item-id,purchase-date,buyer-email,buyer-name,sku,quantity-purchased,item-price,item-tax,recipient-name,ship-address-1,ship-city,ship-service-level",
			"order_number,-,order_date,customer_email,bill_to.name,items.sku,items.quantity,-,items.tax,ship_to.name,ship_to.street1,ship_to.city,requested_shipping_service",
			"channel_id,order_status,items.unit_price",
		},
		{
			"eBay", order.SalesOrders,
			"Sales Record Number,Order Number,Buyer Username,Buyer Name,Buyer Email,Buyer Note,Ship To Name,Ship To Phone,Ship To Address 1,Ship To City,Ship To State," +
				"Ship To Zip,Ship To Country,Item Number,Item Title,Custom Label,Quantity,Sold For,Shipping And Handling,Total Price,Sale Date,Shipping Service",
			"-,order_number,customer_username,bill_to.name,customer_email,-,ship_to.name,ship_to.phone,ship_to.street1,ship_to.city,ship_to.state,ship_to.postal_code," +
				"ship_to.country,-,-,items.sku,items.quantity,-,-,total,order_date,requested_shipping_service",
			"channel_id,order_status,items.unit_price",
		},
		{
			"ShipStation", order.SalesOrders,
			"Order - Number,Order - Date,Order - Status,Ship To - Name,Ship To - Postal Code,Item - SKU,Item - Qty,Item - Price,Order - Total",
			"order_number,order_date,order_status,ship_to.name,ship_to.postal_code,items.sku,items.quantity,-,total",
			"channel_id,items.unit_price,bill_to.name",
		},
		{
			"NetSuite", order.SalesOrders,
			"External ID,Customer,Date,PO #,Memo,Status,Ship Via,Item,Quantity,Item Rate,Amount,Location,Ship Date,Shipping Address Line 1,Document Number",
			"-,-,order_date,customer_po_number,-,order_status,requested_shipping_service,-,items.quantity,items.unit_price,-,-,ship_date,ship_to.street1,order_number",
			"channel_id,items.sku,bill_to.name,ship_to.name",
		},
		{
			"QuickBooks", order.PurchaseOrders,
			"PO No.,Vendor,Date,Memo,Item,Description,Qty,Rate,Amount,Ship To City,Due Date,Total",
			"order_numbers,supplier_id,order_date,-,-,-,items.quantity,-,-,ship_to.city,-,total_cost",
			"items.sku,items.unit_price",
		},
		{
			"BigCommerce", order.SalesOrders,
			"Order ID,Order Date,Order Status,Customer Name,Customer Email,Ship Method,Tax Total,Shipping Cost (ex tax),Order Total (inc tax),Shipping Street 1,Shipping Suburb," +
				"Shipping Zip,Order Notes,Customer Message,Subtotal (inc tax)",
			"order_number,order_date,order_status,-,customer_email,requested_shipping_service,total_tax,-,-,ship_to.street1,ship_to.city,ship_to.postal_code,-,customer_notes,-",
			"channel_id,items.sku,items.quantity,items.unit_price,bill_to.name,ship_to.name",
		},
		{
			"Etsy", order.SalesOrders,
			"Sale Date,Order ID,Buyer User ID,Full Name,Number of Items,Date Shipped,Street 1,Ship Name,Ship Address1,Ship City,Ship Zipcode,Ship Country,Currency,SKU,Quantity,Price",
			"order_date,order_number,customer_username,-,-,ship_date,-,ship_to.name,ship_to.street1,ship_to.city,ship_to.postal_code,ship_to.country,-,items.sku,items.quantity," +
				"items.unit_price",
			"channel_id,order_status,bill_to.name",
		},
		{
			"our template", order.PurchaseOrders,
			"order_numbers,order_date,supplier_id,sku,quantity,unit_price,tags,tags,custom_fields.Buyer,payment_date,payment_type,paid_amount",
			"order_numbers,order_date,supplier_id,items.sku,items.quantity,items.unit_price,tags,tags,custom_fields.Buyer,payments.payment_date,payments.payment_type," +
				"payments.paid_amount",
			"",
		},
	} {
		b := newHeader(t, c.kind, nil, strings.Split(c.headers, ",")...)
		var got, missing []string
		for _, col := range b.Columns {
			path := col.Path
			if path == "" {
				path = "-"
			}
			got = append(got, path)
		}
		for _, f := range b.Missing() {
			missing = append(missing, f.Path)
		}
		if strings.Join(got, ",") != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, strings.Join(got, ","), c.want)
		}
		if strings.Join(missing, ",") != c.missing {
			t.Errorf("%s: missing %v, want %s", c.name, missing, c.missing)
		}
		for _, p := range b.Problems() {
			if p.Severity == problem.Error {
				t.Errorf("%s: %s at %s: %s", c.name, p.Code, p.Cell, p.Message)
			}
		}
	}
}

func TestRepeatedHeaders(t *testing.T) {
	for _, c := range []struct {
		headers, want string
		codes         []string
	}{
		{"sku,sku", "-,-", []string{"B1 header_repeated"}},
		{"SKU,sku", "-,items.sku", []string{"A1 header_repeated"}},
		{"Item Code,Product Code", "-,-", []string{"B1 header_repeated"}},
		{"sku,Item Code", "items.sku,-", []string{"B1 header_spare"}},
		{"Order ID,Order Number", "-,order_number", []string{"A1 header_spare"}},
		{"Tags,tag,Tag 2", "tags,tags,tags", nil},
		{"Custom: A,custom_fields.A", "custom_fields.A,-", []string{"B1 header_repeated"}},
		{"Custom: A,Custom: a", "custom_fields.A,custom_fields.a", nil},
		{"Comments,Order Notes", "-,-", []string{"A1 header_likely", "B1 header_likely"}},
		{"Comments,Comments", "-,-", []string{"B1 header_repeated"}},
		{"City", "-", []string{"A1 header_likely"}},
	} {
		b := newHeader(t, order.SalesOrders, nil, strings.Split(c.headers, ",")...)
		var got, codes []string
		for _, col := range b.Columns {
			if col.Path == "" {
				col.Path = "-"
			}
			got = append(got, col.Path)
		}
		for _, p := range b.Problems() {
			codes = append(codes, p.Cell+" "+p.Code)
		}
		if strings.Join(got, ",") != c.want || !slices.Equal(codes, c.codes) {
			t.Errorf("%s: got %v %v, want %s %v", c.headers, got, codes, c.want, c.codes)
		}
	}
}

func TestFindHeader(t *testing.T) {
	sales := []string{"Order #", "Channel ID", "Order Date", "Status", "SKU", "Qty", "Unit Price", "Company ID"}
	purchase := []string{"PO Number", "Supplier ID", "Order Date", "SKU", "Qty", "Unit Price"}
	title := headerRow(1, "ACME Ltd.", "", "Orders of January")
	note := headerRow(3, "Order Date", "from 1 to 31 January")
	for _, c := range []struct {
		name    string
		kind    order.Kind
		rows    []cell.Row
		profile *profile.Profile
		index   int
		want    order.Kind
		also    order.Kind
		missing int
	}{
		{"below a title", "", []cell.Row{title, note, headerRow(5, sales...), headerRow(6, "1", "2")}, nil, 2, order.SalesOrders, "", 0},
		{"purchase orders", "", []cell.Row{headerRow(1, purchase...)}, nil, 0, order.PurchaseOrders, "", 0},
		{"the wrong kind", order.SalesOrders, []cell.Row{headerRow(1, purchase...)}, nil, 0, order.SalesOrders, "", 5},
		{"both kinds", "", []cell.Row{headerRow(1, append([]string{"Supplier ID", "order_numbers"}, sales...)...)}, nil, 0, order.SalesOrders, order.PurchaseOrders, 0},
		{"none", "", []cell.Row{title, headerRow(2, "a", "b")}, nil, -1, "", "", 0},
		{"header row told", "", []cell.Row{headerRow(1, sales...), headerRow(2, purchase...)}, &profile.Profile{HeaderRow: 2}, 1, order.PurchaseOrders, "", 0},
		{"repeated header further down", "", []cell.Row{headerRow(4, sales...), headerRow(9, sales...)}, nil, 0, order.SalesOrders, "", 0},
		{"kind of the mapping file", "", []cell.Row{headerRow(1, sales...)}, &profile.Profile{Kind: order.PurchaseOrders}, 0, order.PurchaseOrders, "", 1},
	} {
		b := mapping.FindHeader(c.kind, c.rows, nil, c.profile)
		if (b == nil) != (c.index < 0) {
			t.Errorf("%s: header %v, want row %d", c.name, b, c.index)
			continue
		}
		if b != nil && (b.Kind != c.want || b.Also != c.also || len(b.Missing()) != c.missing || b.Row.Num != c.rows[c.index].Num) {
			t.Errorf("%s: %s, also %q, missing %v, row %d; want %s, %q, %d", c.name, b.Kind, b.Also, b.Missing(), b.Row.Num, c.want, c.also, c.missing)
		}
	}
}

func TestMissingIsGivenByConstants(t *testing.T) {
	p := new(profile.Profile)
	for _, a := range []string{"channel_id=3", "order_status=pending", "company_id=7", "sku=X", "number=generate"} {
		if err := p.Set(a); err != nil {
			t.Fatal(err)
		}
	}
	b := newHeader(t, order.SalesOrders, p, "Date", "Qty", "Price")
	if m := b.Missing(); len(m) != 0 {
		t.Errorf("missing %v, want none", m)
	}
	if _, err := mapping.NewHeader(order.SalesOrders, cell.Row{Num: 1}, p); err == nil {
		t.Error("a row without headers was bound")
	}
}

func TestConstantsOverrule(t *testing.T) {
	p := new(profile.Profile)
	for _, a := range []string{"Status=pending", "tags=import"} {
		if err := p.Set(a); err != nil {
			t.Fatal(err)
		}
	}
	b := newHeader(t, order.SalesOrders, p, "order_status", "Tags")
	if c := b.Columns[0]; c.How != mapping.Overruled || c.Path != "" || !slices.Equal(c.Others, []string{"order_status"}) {
		t.Errorf("column under a constant: %+v", c)
	}
	if c := b.Columns[1]; c.Path != "tags" {
		t.Errorf("tags beside a constant: %+v, want it mapped: constants of tags join", c)
	}
}

func TestColumnsFeeding(t *testing.T) {
	b := newHeader(t, order.SalesOrders, nil, "Order #", "SKU", "Qty", "Bill To Name", "Custom: v.2 of 3")
	for path, want := range map[string]string{
		"items.0.product": "1 SKU items.sku", "items.12.sku": "1 SKU items.sku", "items.3.quantity": "2 Qty items.quantity", "bill_to.name": "3 Bill To Name bill_to.name",
		"bill_to": "3 Bill To Name bill_to.name", "order_number": "0 Order # order_number", "order_numbers.0": "0 Order # order_number",
		"custom_fields.v.2 of 3": "4 Custom: v.2 of 3 custom_fields.v.2 of 3", "items": "1 SKU items.sku", "items.0.product_id": "1 SKU items.sku",
		"ship_to.name": "none ship_to.name", "items.0.unit_price": "none items.unit_price", "": "none ",
	} {
		c, field, ok := b.Columns.Feeding(path)
		got := "none " + field
		if ok {
			got = fmt.Sprint(c.Col, " ", c.Header, " ", field)
		}
		if got != want {
			t.Errorf("Feeding(%q) = %s, want %s", path, got, want)
		}
	}
}

// No header, however odd, breaks binding; each gets one column, and what is mapped is a field.
func FuzzHeader(f *testing.F) {
	for _, s := range []string{"Order #|SKU|Qty", "tags1|tags2|custom: A", "\ufeffOrder\u00a0No.|%|#", "items.custom_fields.x|bill_to.name|Ship To", "sku|sku|sku"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		texts := strings.Split(s, "|")
		for _, kind := range bothKinds {
			b, err := mapping.NewHeader(kind, headerRow(1, texts...), nil)
			if err != nil {
				continue
			}
			seen := map[int]bool{}
			once := map[string]bool{}
			for _, c := range b.Columns {
				if seen[c.Col] {
					t.Fatalf("column %d is there twice for %q", c.Col, texts)
				}
				seen[c.Col] = true
				if c.Path == "" {
					continue
				}
				fd := catalog.FieldByPath(kind, c.Path)
				if fd == nil {
					t.Fatalf("%q is mapped to %q, which is no field", c.Header, c.Path)
				}
				if once[c.Path] && !fd.Many() {
					t.Fatalf("%q is fed twice by %q", c.Path, texts)
				}
				once[c.Path] = true
			}
			b.Missing()
		}
	})
}

func BenchmarkFindHeader(b *testing.B) {
	rows := []cell.Row{headerRow(1, "ACME")}
	for i := range mapping.HeaderRows - 2 {
		texts := make([]string, 30)
		for j := range texts {
			texts[j] = fmt.Sprintf("some value %d of %d", j, i)
		}
		rows = append(rows, headerRow(i+2, texts...))
	}
	rows = append(rows, headerRow(mapping.HeaderRows, "Order #", "Channel ID", "Order Date", "Status", "SKU", "Qty", "Unit Price", "Company ID", "Shipping remarks"))
	b.ReportAllocs()
	for b.Loop() {
		if h := mapping.FindHeader("", rows, nil, nil); h == nil || h.Row.Num != mapping.HeaderRows {
			b.Fatalf("header %v, want the last row", h)
		}
	}
}
