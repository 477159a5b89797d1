package main

import (
	"fmt"
	"strconv"
)

// pastHeaders are the columns of the historical orders, in the API's own names.
const pastHeaders = "order_number,order_date,order_status,channel_id,customer_email,bill_to_name,bill_to_city," +
	"bill_to_postal_code,bill_to_country,ship_to_name,ship_to_street1,ship_to_city,ship_to_state," +
	"ship_to_postal_code,ship_to_country,sku,quantity,unit_price,total_tax,total_shipping,total"

// writeHistorical makes 5,000 completed orders of the six years to 2024, as another system would
// have exported them.
func writeHistorical(path string) error {
	t := newTrade(3)
	var rows [][]string
	for i, day := range t.days(5000, date(2019, 1, 1), 6*365) {
		lines := 1
		if t.IntN(4) == 0 {
			lines = 2
		}
		d := t.deal(fmt.Sprintf("H%06d", 100001+i), day, customers[t.IntN(len(customers))], lines)
		const channel = "12" // the sandbox's channel for what was taken over
		for _, l := range d.lines {
			rows = append(rows, []string{
				d.number, d.day.Format("2006-01-02"), "completed", channel, d.email, d.bill.name, d.bill.city, d.bill.zip, d.bill.country,
				d.ship.name, d.ship.street, d.ship.city, d.ship.state, d.ship.zip, d.ship.country,
				l.sku, strconv.Itoa(l.quantity), l.each.String(), d.tax.String(), d.shipping.String(), d.total().String(),
			})
		}
	}
	return writeCSV(path, pastHeaders, rows)
}
