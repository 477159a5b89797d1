package main

import (
	"fmt"
	"time"
)

// shopifyRow is a row of a Shopify orders export (help.shopify.com, "Orders CSV file"): what
// belongs to the order stands on its first row only, further lines have only its name, e-mail and
// time.
type shopifyRow struct {
	Name              string `csv:"Name"`
	Email             string `csv:"Email"`
	FinancialStatus   string `csv:"Financial Status"`
	PaidAt            string `csv:"Paid at"`
	FulfillmentStatus string `csv:"Fulfillment Status"`
	FulfilledAt       string `csv:"Fulfilled at"`
	AcceptsMarketing  string `csv:"Accepts Marketing"`
	Currency          string `csv:"Currency"`
	Subtotal          string `csv:"Subtotal"`
	Shipping          string `csv:"Shipping"`
	Taxes             string `csv:"Taxes"`
	Total             string `csv:"Total"`
	DiscountCode      string `csv:"Discount Code"`
	DiscountAmount    string `csv:"Discount Amount"`
	ShippingMethod    string `csv:"Shipping Method"`
	CreatedAt         string `csv:"Created at"`
	LineQuantity      int    `csv:"Lineitem quantity"`
	LineName          string `csv:"Lineitem name"`
	LinePrice         string `csv:"Lineitem price"`
	LineComparePrice  string `csv:"Lineitem compare at price"`
	LineSKU           string `csv:"Lineitem sku"`
	LineShips         string `csv:"Lineitem requires shipping"`
	LineTaxable       string `csv:"Lineitem taxable"`
	LineStatus        string `csv:"Lineitem fulfillment status"`
	BillingName       string `csv:"Billing Name"`
	BillingStreet     string `csv:"Billing Street"`
	BillingAddress1   string `csv:"Billing Address1"`
	BillingAddress2   string `csv:"Billing Address2"`
	BillingCompany    string `csv:"Billing Company"`
	BillingCity       string `csv:"Billing City"`
	BillingZip        string `csv:"Billing Zip"`
	BillingProvince   string `csv:"Billing Province"`
	BillingCountry    string `csv:"Billing Country"`
	BillingPhone      string `csv:"Billing Phone"`
	ShippingName      string `csv:"Shipping Name"`
	ShippingStreet    string `csv:"Shipping Street"`
	ShippingAddress1  string `csv:"Shipping Address1"`
	ShippingAddress2  string `csv:"Shipping Address2"`
	ShippingCompany   string `csv:"Shipping Company"`
	ShippingCity      string `csv:"Shipping City"`
	ShippingZip       string `csv:"Shipping Zip"`
	ShippingProvince  string `csv:"Shipping Province"`
	ShippingCountry   string `csv:"Shipping Country"`
	ShippingPhone     string `csv:"Shipping Phone"`
	Notes             string `csv:"Notes"`
	NoteAttributes    string `csv:"Note Attributes"`
	CancelledAt       string `csv:"Cancelled at"`
	PaymentMethod     string `csv:"Payment Method"`
	PaymentReference  string `csv:"Payment Reference"`
	RefundedAmount    string `csv:"Refunded Amount"`
	Vendor            string `csv:"Vendor"`
	Outstanding       string `csv:"Outstanding Balance"`
	Employee          string `csv:"Employee"`
	Location          string `csv:"Location"`
	DeviceID          string `csv:"Device ID"`
	ID                string `csv:"Id"`
	Tags              string `csv:"Tags"`
	RiskLevel         string `csv:"Risk Level"`
	Source            string `csv:"Source"`
	LineDiscount      string `csv:"Lineitem discount"`
	Tax1Name          string `csv:"Tax 1 Name"`
	Tax1Value         string `csv:"Tax 1 Value"`
	Tax2Name          string `csv:"Tax 2 Name"`
	Tax2Value         string `csv:"Tax 2 Value"`
	Tax3Name          string `csv:"Tax 3 Name"`
	Tax3Value         string `csv:"Tax 3 Value"`
	Tax4Name          string `csv:"Tax 4 Name"`
	Tax4Value         string `csv:"Tax 4 Value"`
	Tax5Name          string `csv:"Tax 5 Name"`
	Tax5Value         string `csv:"Tax 5 Value"`
	Phone             string `csv:"Phone"`
	ReceiptNumber     string `csv:"Receipt Number"`
	Duties            string `csv:"Duties"`
	BillingState      string `csv:"Billing Province Name"`
	ShippingState     string `csv:"Shipping Province Name"`
	PaymentID         string `csv:"Payment ID"`
	PaymentTerms      string `csv:"Payment Terms Name"`
	NextPaymentDue    string `csv:"Next Payment Due At"`
	PaymentReferences string `csv:"Payment References"`
}

// writeShopify makes an export of 60 orders with 150 lines.
func writeShopify(path string) error {
	t := newTrade(4)
	counts := t.lineCounts(60)
	var rows []shopifyRow
	for i, day := range t.days(60, date(2025, 9, 1), 90) {
		c := customers[t.IntN(14)] // people, no shops
		at := day.Add(time.Duration(8*3600+t.IntN(12*3600)) * time.Second)
		d := t.deal(fmt.Sprintf("#%d", 1001+i), at, c, counts[i])
		for n, l := range d.lines {
			row := shopifyLine(&d, l)
			if n == 0 {
				t.shopifyOrder(&row, &d)
			}
			rows = append(rows, row)
		}
	}
	return writeCSV(path, rows)
}

const shopifyTime = "2006-01-02 15:04:05 -0700"

func shopifyLine(d *deal, l line) shopifyRow {
	return shopifyRow{
		Name: d.number, Email: d.email, CreatedAt: d.day.Format(shopifyTime), LineQuantity: l.quantity, LineName: l.name, LinePrice: l.each.String(),
		LineSKU: l.sku, LineShips: "true", LineTaxable: "true", LineStatus: "fulfilled", Vendor: "House of Clay", LineDiscount: "0.00",
	}
}

// shopifyOrder fills in what stands on an order's first row only.
func (t trade) shopifyOrder(r *shopifyRow, d *deal) {
	r.FinancialStatus, r.FulfillmentStatus = "paid", "fulfilled"
	r.PaidAt, r.FulfilledAt = d.day.Add(time.Minute).Format(shopifyTime), d.day.Add(26*time.Hour).Format(shopifyTime)
	if d.day.After(date(2025, 11, 20)) {
		r.FulfillmentStatus, r.FulfilledAt = "unfulfilled", ""
	}
	if t.IntN(12) == 0 {
		r.FinancialStatus, r.PaidAt = "pending", ""
	}
	r.AcceptsMarketing, r.Currency = []string{"no", "yes"}[t.IntN(2)], "USD"
	r.Subtotal, r.Shipping, r.Taxes, r.Total = d.sum().String(), d.shipping.String(), d.tax.String(), d.total().String()
	r.DiscountAmount, r.RefundedAmount, r.Outstanding = "0.00", "0.00", "0.00"
	r.ShippingMethod = []string{"Standard", "Express"}[t.IntN(2)]
	b, s := d.bill, d.ship
	r.BillingName, r.BillingStreet, r.BillingAddress1, r.BillingCity, r.BillingZip = b.name, b.street, b.street, b.city, b.zip
	r.BillingProvince, r.BillingCountry, r.BillingPhone = b.state, b.country, b.phone
	r.ShippingName, r.ShippingStreet, r.ShippingAddress1, r.ShippingCity, r.ShippingZip = s.name, s.street, s.street, s.city, s.zip
	r.ShippingProvince, r.ShippingCountry, r.ShippingPhone = s.state, s.country, s.phone
	r.PaymentMethod, r.PaymentReference = "Shopify Payments", fmt.Sprintf("r%016x", t.Uint64())
	r.ID, r.RiskLevel, r.Source = fmt.Sprint(5_900_000_000_000+t.Int64N(99_999_999_999)), "Low", "web"
	if d.tax > 0 {
		r.Tax1Name, r.Tax1Value = "State Tax 8.25%", d.tax.String()
	}
	if t.IntN(6) == 0 {
		r.Notes = "Please ring twice"
	}
	if t.IntN(4) == 0 {
		r.Tags = "returning, newsletter"
	}
}

func writeShopifyMapping(path string) error { return writeText(path, shopifyMapping) }

// shopifyMapping is the mapping file for the export.
const shopifyMapping = `# How a Shopify orders export becomes sales orders. Headers that aren't named here are matched by themselves.
version = 1
kind = "sales-orders"

# columns that have no place in an order
ignore = [
  "Paid at", "Fulfillment Status", "Fulfilled at", "Accepts Marketing", "Currency", "Subtotal", "Discount Code", "Discount Amount",
  "Lineitem name", "Lineitem compare at price", "Lineitem requires shipping", "Lineitem taxable", "Lineitem fulfillment status", "Lineitem discount",
  "Billing Street", "Shipping Street", "Note Attributes", "Cancelled at", "Payment Method", "Payment Reference", "Refunded Amount", "Vendor",
  "Outstanding Balance", "Employee", "Location", "Device ID", "Id", "Risk Level", "Source", "Phone", "Receipt Number", "Duties",
  "Tax 1 Name", "Tax 1 Value", "Tax 2 Name", "Tax 2 Value", "Tax 3 Name", "Tax 3 Value", "Tax 4 Name", "Tax 4 Value", "Tax 5 Name", "Tax 5 Value",
  "Billing Province Name", "Shipping Province Name", "Payment ID", "Payment Terms Name", "Next Payment Due At", "Payment References",
]

[columns]
"Name" = "order_number"
"Created at" = "order_date"
"Financial Status" = "order_status"
"Shipping" = "total_shipping"
"Taxes" = "total_tax"
"Total" = "total"
"Shipping Method" = "requested_shipping_service"
"Lineitem quantity" = "quantity"
"Lineitem price" = "unit_price"
"Lineitem sku" = "sku"
"Billing Address1" = "bill_to.street1"
"Billing Address2" = "bill_to.street2"
"Shipping Address1" = "ship_to.street1"
"Shipping Address2" = "ship_to.street2"
"Billing Province" = "bill_to.state"
"Shipping Province" = "ship_to.state"
"Notes" = "customer_notes"

[constants]
channel_id = 1

[values.order_status]
unknown = "refuse"
values = { "paid" = "processing", "pending" = "pending", "authorized" = "pending", "voided" = "cancelled" }
`
