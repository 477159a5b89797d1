package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet/write"
)

// cents is an amount of money; samples have no finer one.
type cents int64

func (c cents) String() string { return fmt.Sprintf("%d.%02d", c/100, c%100) }

func (c cents) value() write.Value { return write.Number(c.String()) }

// product is one that the sandbox's catalogue has too.
type product struct {
	sku, name          string
	cost, trade, price cents // what a supplier takes, what a shop pays, what a customer pays
}

// goods is a read-only table.
var goods = []product{
	{"MUG-BLUE", "Blue mug", 300, 750, 900},
	{"MUG-RED", "Red mug", 300, 1250, 1500},
	{"MUG-GREEN", "Green mug", 300, 750, 900},
	{"MUG-WHITE", "White mug", 280, 690, 850},
	{"MUG-XL-BLUE", "Blue mug, large", 420, 980, 1200},
	{"BOWL-S", "Bowl, small", 210, 520, 690},
	{"BOWL-M", "Bowl, medium", 290, 680, 890},
	{"BOWL-L", "Bowl, large", 390, 890, 1190},
	{"PLATE-20", "Plate 20 cm", 240, 590, 790},
	{"PLATE-26", "Plate 26 cm", 320, 740, 990},
	{"TEAPOT-1L", "Teapot 1 l", 980, 2100, 2900},
	{"TEAPOT-05", "Teapot 0.5 l", 760, 1650, 2200},
	{"JUG-15", "Jug 1.5 l", 640, 1420, 1900},
	{"VASE-TALL", "Vase, tall", 810, 1850, 2600},
	{"TRAY-OAK", "Tray, oak", 1120, 2400, 3400},
	{"COASTER-4", "Coasters, set of 4", 220, 550, 800},
	{"SPOON-WOOD", "Wooden spoon", 90, 240, 390},
	{"00123", "Gasket, type 123", 70, 180, 260},
	{"00456", "Gasket, type 456", 75, 195, 280},
	{"W-001", "Widget", 500, 1250, 1800},
	{"TSHIRT-M-BLK", "T-shirt, black, M", 410, 950, 1900},
	{"TSHIRT-L-WHT", "T-shirt, white, L", 390, 900, 1800},
	{"HOODIE-L", "Hoodie, L", 1150, 2600, 4900},
	{"SOCKS-3", "Socks, 3 pairs", 260, 610, 1200},
	{"CANDLE-VAN", "Candle, vanilla", 290, 670, 1100},
	{"SOAP-OLIVE", "Soap, olive", 110, 270, 490},
	{"COFFEE-250", "Coffee beans 250 g", 340, 720, 1050},
	{"TEA-GREEN", "Green tea 100 g", 230, 540, 850},
	{"HONEY-500", "Honey 500 g", 390, 810, 1190},
	{"NOTEBOOK-A5", "Notebook A5", 140, 360, 650},
	{"PEN-BLUE", "Pen, blue", 30, 85, 190},
	{"BAG-COTTON", "Cotton bag", 120, 290, 500},
}

// address is where an order is billed or shipped to.
type address struct{ name, street, city, state, zip, country, phone string }

// customer is one who orders; a shop orders wholesale, and more of each.
type customer struct {
	email string
	shop  bool
	bill  address
	ship  address
}

// customers is a read-only table. Names are made up; the telephone numbers are those set aside for
// stories.
var customers = []customer{
	one("maria.lopez", "Maria Lopez", "14 Alder Way", "Austin", "TX", "78704", "US", "512-555-0101"),
	one("j.okafor", "James Okafor", "702 Beacon St Apt 3", "Boston", "MA", "02115", "US", "617-555-0102"),
	one("lena.vogel", "Lena Vogel", "Kastanienallee 9", "Berlin", "BE", "10435", "DE", "+49 30 5550103"),
	one("tom.ashby", "Tom Ashby", "31 Orchard Lane", "Salem", "OR", "97301", "US", "503-555-0104"),
	one("chloe.tremblay", "Chloé Tremblay", "1180 Rue Sainte-Anne", "Montréal", "QC", "H3B 1C4", "CA", "514-555-0105"),
	one("priya.nair", "Priya Nair", "55 Hudson St", "Jersey City", "NJ", "07302", "US", "201-555-0106"),
	one("sam.whitaker", "Sam Whitaker", "8 Mill Pond Rd", "Concord", "NH", "03301", "US", "603-555-0107"),
	one("ana.ferreira", "Ana Ferreira", "Rua do Almada 220", "Porto", "", "4050-032", "PT", "+351 22 555 0108"),
	one("d.kim", "Daniel Kim", "4410 Wilshire Blvd", "Los Angeles", "CA", "90010", "US", "323-555-0109"),
	one("grace.obrien", "Grace O'Brien", "27 Harbour View", "Portland", "ME", "04101", "US", "207-555-0110"),
	one("noah.berg", "Noah Berg", "Storgata 17", "Oslo", "", "0184", "NO", "+47 22 55 01 11"),
	one("ruth.adeyemi", "Ruth Adeyemi", "3901 Lancaster Ave", "Philadelphia", "PA", "19104", "US", "215-555-0112"),
	sent(one("kate.miller", "Kate Miller", "12 Juniper Ct", "Boulder", "CO", "80302", "US", "303-555-0113"), "Ellen Miller", "90 Shore Rd", "Newport", "RI", "02840"),
	sent(one("paul.dvorak", "Paul Dvořák", "601 Lavaca St", "Austin", "TX", "78701", "US", "512-555-0114"), "Eva Dvořák", "18 Elm St", "Reno", "NV", "89501"),
	shop(one("orders@cornershop", "Corner Shop LLC", "219 Main St", "Asheville", "NC", "28801", "US", "828-555-0115")),
	shop(one("purchasing@bluedoor", "Blue Door Café", "77 Congress St", "Portsmouth", "NH", "03801", "US", "603-555-0116")),
	shop(sent(one("ap@harborhotels", "Harbor Hotels Inc.", "1 Market Plaza", "San Francisco", "CA", "94105", "US", "415-555-0117"), "Harbor Hotels, Pier 9", "9 Embarcadero", "San Francisco", "CA", "94111")),
	shop(one("buyer@greenleaf", "Greenleaf Gifts", "350 Pine St", "Burlington", "VT", "05401", "US", "802-555-0118")),
	shop(one("einkauf@teehaus", "Teehaus Nord GmbH", "Hafenstraße 4", "Hamburg", "HH", "20457", "DE", "+49 40 5550119")),
	shop(sent(one("office@kirkwood", "Kirkwood & Sons", "480 5th Ave", "New York", "NY", "10018", "US", "212-555-0120"), "Kirkwood & Sons, store 2", "15 Broad St", "Newark", "NJ", "07102")),
}

func one(mailbox, name, street, city, state, zip, country, phone string) customer {
	a := address{name, street, city, state, zip, country, phone}
	email := mailbox + "@example.com"
	if slices.Contains([]byte(mailbox), '@') {
		email = mailbox + ".example"
	}
	return customer{email: email, bill: a, ship: a}
}

func sent(c customer, name, street, city, state, zip string) customer {
	c.ship = address{name, street, city, state, zip, c.bill.country, c.bill.phone}
	return c
}

func shop(c customer) customer {
	c.shop = true
	return c
}

// line is one line of an order.
type line struct {
	product
	quantity int
	each     cents
}

// deal is one order.
type deal struct {
	number string
	day    time.Time
	customer
	lines         []line
	tax, shipping cents
}

func (d *deal) sum() (s cents) {
	for _, l := range d.lines {
		s += l.each * cents(l.quantity)
	}
	return s
}

func (d *deal) total() cents { return d.sum() + d.tax + d.shipping }

// trade makes deals, the same ones each time for a seed.
type trade struct{ *rand.Rand }

func newTrade(seed uint64) trade { return trade{rand.New(rand.NewPCG(seed, 2025))} }

// lineCounts gives n orders one to four lines each, as many of each, in random order: two and a
// half on average.
func (t trade) lineCounts(n int) []int {
	counts := make([]int, n)
	for i := range counts {
		counts[i] = i%4 + 1
	}
	t.Shuffle(n, func(i, j int) { counts[i], counts[j] = counts[j], counts[i] })
	return counts
}

// deal makes one order of a customer, each product at most once in it.
func (t trade) deal(number string, day time.Time, c customer, lines int) deal {
	d := deal{number: number, day: day, customer: c}
	for _, i := range t.Perm(len(goods))[:lines] {
		l := line{product: goods[i], quantity: 1 + t.IntN(3), each: goods[i].price}
		if c.shop {
			l.quantity, l.each = 6*(1+t.IntN(8)), goods[i].trade
		}
		d.lines = append(d.lines, l)
	}
	if !c.shop && c.bill.country == "US" {
		d.tax = (d.sum()*825 + 5000) / 10000 // 8.25 %
	}
	if d.sum() < 7500 || c.shop {
		d.shipping = []cents{495, 795, 1295}[t.IntN(3)]
	}
	return d
}

// days are n days of the years from first on, in their order.
func (t trade) days(n int, first time.Time, span int) []time.Time {
	out := make([]time.Time, n)
	for i := range out {
		out[i] = first.AddDate(0, 0, t.IntN(span))
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

func civil(day time.Time) write.Value {
	return write.Date(cell.Civil{Year: day.Year(), Month: int(day.Month()), Day: day.Day()})
}

func date(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}
