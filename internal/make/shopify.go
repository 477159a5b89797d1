package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// shopifyHeaders are the columns of a Shopify orders export (help.shopify.com, "Orders CSV file").
const shopifyHeaders = "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency," +
	"Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at," +
	"Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku," +
	"Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,Billing Name," +
	"Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,Billing Zip," +
	"Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,Shipping Address1," +
	"Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province," +
	"Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at,Payment Method," +
	"Payment Reference,Refunded Amount,Vendor,Outstanding Balance,Employee,Location,Device ID,Id," +
	"Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value," +
	"Tax 3 Name,Tax 3 Value,Tax 4 Name,Tax 4 Value,Tax 5 Name,Tax 5 Value,Phone,Receipt Number," +
	"Duties,Billing Province Name,Shipping Province Name,Payment ID,Payment Terms Name," +
	"Next Payment Due At,Payment References"

// writeShopify makes an export of 60 orders with 150 lines. What belongs to an order is on its
// first row only; further lines have only its name, e-mail and time.
func writeShopify(path string) error {
	t := newTrade(4)
	counts := t.lineCounts(60)
	headers := strings.Split(shopifyHeaders, ",")
	var rows [][]string
	for i, day := range t.days(60, date(2025, 9, 1), 90) {
		c := customers[t.IntN(14)] // people, no shops
		at := day.Add(time.Duration(8*3600+t.IntN(12*3600)) * time.Second)
		d := t.deal(fmt.Sprintf("#%d", 1001+i), at, c, counts[i])
		for n, l := range d.lines {
			cells := shopifyLine(&d, l)
			if n == 0 {
				t.addShopifyOrder(cells, &d)
			}
			row := make([]string, len(headers))
			for i, h := range headers {
				row[i] = cells[h]
			}
			rows = append(rows, row)
		}
	}
	return writeCSV(path, shopifyHeaders, rows)
}

const shopifyTime = "2006-01-02 15:04:05 -0700"

// shopifyLine returns the cells of a line by header.
func shopifyLine(d *deal, l line) map[string]string {
	return map[string]string{
		"Name": d.number, "Email": d.email, "Created at": d.day.Format(shopifyTime), "Lineitem quantity": strconv.Itoa(l.quantity),
		"Lineitem name": l.name, "Lineitem price": l.each.String(), "Lineitem sku": l.sku, "Lineitem requires shipping": "true",
		"Lineitem taxable": "true", "Lineitem fulfillment status": "fulfilled", "Vendor": "House of Clay", "Lineitem discount": "0.00",
	}
}

// addShopifyOrder adds the cells that only an order's first row has.
func (t trade) addShopifyOrder(r map[string]string, d *deal) {
	r["Financial Status"], r["Paid at"] = "paid", d.day.Add(time.Minute).Format(shopifyTime)
	if d.day.After(date(2025, 11, 20)) {
		r["Fulfillment Status"] = "unfulfilled"
	} else {
		r["Fulfillment Status"], r["Fulfilled at"] = "fulfilled", d.day.Add(26*time.Hour).Format(shopifyTime)
	}
	if t.IntN(12) == 0 {
		r["Financial Status"], r["Paid at"] = "pending", ""
	}
	r["Accepts Marketing"], r["Currency"] = []string{"no", "yes"}[t.IntN(2)], "USD"
	r["Subtotal"], r["Shipping"], r["Taxes"], r["Total"] = d.sum().String(), d.shipping.String(), d.tax.String(), d.total().String()
	for _, h := range []string{"Discount Amount", "Refunded Amount", "Outstanding Balance"} {
		r[h] = "0.00"
	}
	r["Shipping Method"] = []string{"Standard", "Express"}[t.IntN(2)]
	for side, a := range map[string]address{"Billing": d.bill, "Shipping": d.ship} {
		r[side+" Name"], r[side+" Street"], r[side+" Address1"], r[side+" City"] = a.name, a.street, a.street, a.city
		r[side+" Zip"], r[side+" Province"], r[side+" Country"], r[side+" Phone"] = a.zip, a.state, a.country, a.phone
	}
	r["Payment Method"], r["Payment Reference"] = "Shopify Payments", fmt.Sprintf("r%016x", t.Uint64())
	r["Id"], r["Risk Level"], r["Source"] = fmt.Sprint(5_900_000_000_000+t.Int64N(99_999_999_999)), "Low", "web"
	if d.tax > 0 {
		r["Tax 1 Name"], r["Tax 1 Value"] = "State Tax 8.25%", d.tax.String()
	}
	if t.IntN(6) == 0 {
		r["Notes"] = "Please ring twice"
	}
	if t.IntN(4) == 0 {
		r["Tags"] = "returning, newsletter"
	}
}
