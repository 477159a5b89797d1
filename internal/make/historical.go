package main

import "fmt"

// pastRow is a row of the historical orders, with the API's own names as headers.
type pastRow struct {
	Number    string `csv:"order_number"`
	Date      string `csv:"order_date"`
	Status    string `csv:"order_status"`
	Channel   int    `csv:"channel_id"`
	Email     string `csv:"customer_email"`
	BillName  string `csv:"bill_to_name"`
	BillTown  string `csv:"bill_to_city"`
	BillZip   string `csv:"bill_to_postal_code"`
	BillLand  string `csv:"bill_to_country"`
	ShipName  string `csv:"ship_to_name"`
	Street    string `csv:"ship_to_street1"`
	Town      string `csv:"ship_to_city"`
	State     string `csv:"ship_to_state"`
	Zip       string `csv:"ship_to_postal_code"`
	Country   string `csv:"ship_to_country"`
	SKU       string `csv:"sku"`
	Quantity  int    `csv:"quantity"`
	UnitPrice string `csv:"unit_price"`
	Tax       string `csv:"total_tax"`
	Shipping  string `csv:"total_shipping"`
	Total     string `csv:"total"`
}

// writeHistorical makes 5,000 completed orders of the six years to 2024, as another system would
// have exported them.
func writeHistorical(path string) error {
	t := newTrade(3)
	var rows []pastRow
	for i, day := range t.days(5000, date(2019, 1, 1), 6*365) {
		lines := 1
		if t.IntN(4) == 0 {
			lines = 2
		}
		d := t.deal(fmt.Sprintf("H%06d", 100001+i), day, customers[t.IntN(len(customers))], lines)
		channel := 12 // the sandbox's channel for what was taken over
		for _, l := range d.lines {
			rows = append(rows, pastRow{
				d.number, d.day.Format("2006-01-02"), "completed", channel, d.email, d.bill.name, d.bill.city, d.bill.zip, d.bill.country,
				d.ship.name, d.ship.street, d.ship.city, d.ship.state, d.ship.zip, d.ship.country,
				l.sku, l.quantity, l.each.String(), d.tax.String(), d.shipping.String(), d.total().String(),
			})
		}
	}
	return writeCSV(path, rows)
}
