package detect_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/mapping"
	"ordersheet/mapping/detect"
)

// The made corpus: sheets of orders as people have them, most columns sound, one of them damaged in
// a known way. It is made from seeds, so it is the same on every machine.

// val is one value on its way into a sheet: what a workbook holds.
type val struct {
	kind   cell.Kind
	text   string
	format string
}

func tx(s string) val  { return val{kind: cell.Text, text: s} }
func num(s string) val { return val{kind: cell.Number, text: s} }
func day(t time.Time) val {
	return val{kind: cell.Date, text: fmt.Sprint(int(t.Unix()/86400) + 25569), format: "yyyy-mm-dd"}
}

// made is one sheet with its truth.
type made struct {
	name  string
	n     int
	text  bool // a delimited file
	style int  // of dates in text
	cols  []madeCol
	truth map[string]map[int]bool // by "column code": the rows

	findings []detect.Finding // of found, kept
	byHeader bool             // the scores are kept by header, not by form
	r        *rand.Rand
}

type madeCol struct {
	header string
	vals   []val
}

var corpusToday = cell.Civil{Year: 2026, Month: 6, Day: 1}

func (m *made) date(from time.Time, within int) time.Time {
	return from.AddDate(0, 0, m.r.Intn(within))
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.Intn(len(of))] }

// numbersOf makes order numbers: lettered, counted, or counted over a power of ten; in order,
// newest first, or shuffled.
func (m *made) numbersOf() []val {
	prefix, start := pick(m.r, "SO-", "", "", "WEB"), pick(m.r, 1001, 9990, 99950, 100200, 995)
	lines := 1 + m.r.Intn(3)
	out := make([]val, m.n)
	for i := range out {
		s := fmt.Sprintf("%s%d", prefix, start+i/lines)
		if out[i] = tx(s); prefix == "" {
			out[i] = num(s)
		}
	}
	switch m.r.Intn(3) {
	case 0:
		slices.Reverse(out)
	case 1:
		m.r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	}
	return out
}

func (m *made) each(fn func(i int) val) []val {
	out := make([]val, m.n)
	for i := range out {
		out[i] = fn(i)
	}
	return out
}

// skus makes sound product codes of one of many manners.
func (m *made) skus() []val {
	switch m.r.Intn(11) {
	case 0:
		return m.each(func(int) val { return num(fmt.Sprint(10_000_000 + m.r.Intn(89_999_999))) })
	case 1:
		return m.each(func(int) val { return tx(fmt.Sprintf("%05d", m.r.Intn(99_999))) })
	case 2:
		return m.each(func(int) val { return val{cell.Number, fmt.Sprint(m.r.Intn(99_999)), "00000"} })
	case 3:
		return m.each(func(int) val { return tx(fmt.Sprintf("%c%c-%d", 'A'+m.r.Intn(26), 'A'+m.r.Intn(26), m.r.Intn(9999))) })
	case 4:
		return m.each(func(int) val { return tx(fmt.Sprintf("%dE%d", m.r.Intn(99), m.r.Intn(9))) })
	case 5:
		return m.each(func(int) val { return tx(fmt.Sprintf("%s-%02d", pick(m.r, "MAR", "OCT", "DEC", "ABC"), m.r.Intn(31))) })
	case 6:
		return m.each(func(int) val { return num(fmt.Sprintf("40063813%05d", m.r.Intn(99_999))) })
	case 7:
		return m.each(func(int) val { return tx(fmt.Sprintf("%d.%d", 1+m.r.Intn(9), 1+m.r.Intn(9))) })
	case 8:
		last := pick(m.r, 350, 2800, 9000, 35_000, 60_000) // ids of all lengths
		return m.each(func(int) val { return num(fmt.Sprint(1 + m.r.Intn(last))) })
	case 9:
		return m.each(func(int) val { return tx(fmt.Sprintf("%d-%d-%d", m.r.Intn(99), m.r.Intn(999), m.r.Intn(99))) })
	}
	return m.each(func(int) val {
		return tx(fmt.Sprintf("SKU %04d/%s", m.r.Intn(9999), pick(m.r, "red", "blau", "grün")))
	})
}

// shippedAs makes the text that a delimited file has of a date.
func (m *made) dateText(t time.Time) string {
	return t.Format([]string{"2006-01-02", "02/01/2006", "01/02/2006", "2 Jan 2006", "02.01.2006"}[m.style])
}

var firstNames = []string{"Ann Lee", "João São", "Müller & Söhne", "Zoë Ångström", "Øystein Dahl", "O’Brien – Kelly", "Łukasz Żak", "AÇÃO Ltda", "Peña", "Βασίλης", "山田 太郎"}

// newMade makes a sound sheet.
func newMade(name string, seed int64, text bool) *made {
	r := rand.New(rand.NewSource(seed))
	m := &made{name: name, n: 40 + r.Intn(260), text: text, style: r.Intn(5), truth: map[string]map[int]bool{}, r: r}
	from := time.Date(2024, time.Month(1+r.Intn(12)), 1, 0, 0, 0, 0, time.UTC)
	span := pick(r, 60, 200, 500)
	ordered := make([]time.Time, m.n)
	for i := range ordered {
		ordered[i] = m.date(from, span)
		if i%97 == 0 {
			ordered[i] = time.Date(2024, 5, 13+r.Intn(15), 0, 0, 0, 0, time.UTC) // so that the order of day and month shows
		}
	}
	countries := m.each(func(int) val { return tx(pick(r, "US", "US", "DE", "CH")) })
	m.add("Order Number", m.numbersOf())
	m.add("Order Date", m.each(func(i int) val { return day(ordered[i]) }))
	m.add("Ship Date", m.each(func(i int) val { return day(ordered[i].AddDate(0, 0, r.Intn(20))) }))
	m.add("SKU", m.skus())
	m.add("Quantity", m.each(func(int) val { return num(fmt.Sprint(1 + r.Intn(30))) }))
	m.add("Unit Price", m.each(func(int) val { return num(fmt.Sprintf("%d.%02d", r.Intn(300), 1+r.Intn(98))) }))
	m.add("Bill To Name", m.each(func(int) val { return tx(pick(r, firstNames...)) }))
	m.add("Bill To Country", countries)
	m.add("Bill To Postal Code", m.each(func(i int) val {
		if countries[i].text == "CH" {
			return num(fmt.Sprint(1000 + r.Intn(8999)))
		}
		return tx(fmt.Sprintf("%05d", r.Intn(99_999)))
	}))
	m.add("Bill To Phone", m.each(func(int) val {
		return pick(r, num(fmt.Sprint(2_000_000_000+r.Intn(999_999_999))), num(fmt.Sprint(200_000_000+r.Intn(99_999_999))), tx("+49 30 1234567"))
	}))
	m.add("Order Status", m.each(func(int) val { return tx(pick(r, "pending", "shipped")) }))
	m.add("Customer Notes", m.each(func(i int) val {
		return tx(pick(r, "Please ring\u00a0twice", "gift – no price", "#1 priority", "until 3/4/24", strings.Repeat("long ", 50), "ok"))
	}))
	m.add("Weight", m.each(func(int) val { return num(fmt.Sprintf("%d.%d", r.Intn(30), r.Intn(9))) }))
	m.add("Expiry Date", m.each(func(i int) val { return day(ordered[i].AddDate(4, 0, 0)) }))
	m.add("Warehouse Bin", m.each(func(int) val { return tx(fmt.Sprintf("%d-%d", 1+r.Intn(40), 1+r.Intn(60))) }))
	m.add("Picker", m.each(func(int) val { return tx(pick(r, "Kim", "Lea", "asap")) }))
	m.add("Slot", m.each(func(int) val { return pick(r, tx("asap"), tx("later"), day(m.date(from, span))) }))
	return m
}

func (m *made) add(header string, vals []val) { m.cols = append(m.cols, madeCol{header, vals}) }

// at is a column by its header.
func (m *made) at(header string) (int, []val) {
	i := slices.IndexFunc(m.cols, func(c madeCol) bool { return c.header == header })
	return i, m.cols[i].vals
}

// damage changes the share of a column's values that fn says something of, and keeps the truth.
func (m *made) damage(header, code string, share float64, fn func(v val, i int) (val, bool)) {
	col, vals := m.at(header)
	key := cell.ColName(col) + " " + code
	for i := range vals {
		if i%37 == 5 || m.r.Float64() < share { // some in each sheet
			if v, ok := fn(vals[i], i); ok {
				if m.truth[key] == nil {
					m.truth[key] = map[int]bool{}
				}
				vals[i], m.truth[key][i+2] = v, true
			}
		}
	}
}

// rows makes the sheet.
func (m *made) rows(src *cell.Source) (header cell.Row, out []cell.Row) {
	header.Num = 1
	for c, col := range m.cols {
		header.Cells = append(header.Cells, cell.Cell{Col: c, Kind: cell.Text, Text: []byte(col.header)})
	}
	for i := range m.n {
		r := cell.Row{Num: i + 2}
		for c, col := range m.cols {
			v := col.vals[i]
			x := cell.Cell{Col: c, Kind: v.kind, Text: []byte(v.text)}
			if m.text {
				x.Kind, x.Text = cell.Text, []byte(m.exported(v))
			} else if n := slices.IndexFunc(src.Formats, func(f cell.Format) bool { return f.Code == v.format }); n > 0 {
				x.Format = uint16(n)
			}
			if len(x.Text) > 0 {
				r.Cells = append(r.Cells, x)
			}
		}
		out = append(out, r)
	}
	return header, out
}

// exported is what a delimited file holds of a value.
func (m *made) exported(v val) string {
	switch {
	case v.kind == cell.Date:
		d, _ := cell.FromSerial([]byte(v.text), false)
		return m.dateText(time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC))
	case v.format == "00000":
		return fmt.Sprintf("%05s", v.text)
	}
	return v.text
}

// found runs the detector over a sheet.
func (m *made) found(tb testing.TB) []detect.Finding {
	src := &cell.Source{File: "made.xlsx", Sheet: "Orders", Formats: []cell.Format{
		{},
		{Code: "00000", Class: cell.Decimal, Zeros: 5},
		{Code: "yyyy-mm-dd", Class: cell.DateOnly},
		{Code: "d-mmm", Class: cell.DateOnly},
	}}
	header, rows := m.rows(src)
	h, err := mapping.NewHeader(order.SalesOrders, header, nil)
	if err != nil {
		tb.Fatal(err)
	}
	d := detect.New(src, h.Kind, header, h.Columns.Mapped(), detect.Options{Delimited: m.text, Today: corpusToday})
	for i := range rows {
		d.Row(&rows[i])
	}
	return d.Findings()
}

// damages is what is done to the corpus's sheets: each makes one kind of damage.
var damages = []struct {
	code, name string
	native     bool // it can only be in a workbook
	textOnly   bool // or only in a delimited file
	do         func(m *made)
}{
	{detect.FoundZeros, "codes of 8 digits", false, false, func(m *made) {
		_, v := m.at("SKU")
		for i := range v {
			v[i] = tx(fmt.Sprintf("%08d", m.r.Intn(99_999_999)))
		}
		m.damage("SKU", detect.FoundZeros, 1, func(x val, _ int) (val, bool) { s := strings.TrimLeft(x.text, "0"); return num(s), len(s) < 8 })
		for i := range v {
			v[i].kind = cell.Number
		}
	}},
	{detect.FoundZeros, "postal codes", false, false, func(m *made) {
		_, c := m.at("Bill To Country")
		m.damage("Bill To Postal Code", detect.FoundZeros, 1, func(x val, i int) (val, bool) {
			s := strings.TrimLeft(x.text, "0")
			return num(s), c[i].text != "CH" && len(s) < len(x.text)
		})
	}},
	{detect.FoundZeros, "some of them", false, false, func(m *made) {
		_, v := m.at("SKU")
		for i := range v {
			v[i] = tx(fmt.Sprintf("%06d", m.r.Intn(399_999)))
		}
		m.damage("SKU", detect.FoundZeros, 0.3, func(x val, _ int) (val, bool) { s := strings.TrimLeft(x.text, "0"); return num(s), len(s) < 6 })
	}},
	{detect.FoundZeros, "an unmapped column", false, false, func(m *made) {
		m.add("Supplier Code", m.each(func(int) val { return num(fmt.Sprintf("%07d", m.r.Intn(9_999_999))) }))
		m.damage("Supplier Code", detect.FoundZeros, 1, func(x val, _ int) (val, bool) { s := strings.TrimLeft(x.text, "0"); return num(s), len(s) < 7 })
	}},
	{detect.FoundDigits, "numbers of 18 digits", false, false, func(m *made) {
		m.damage("SKU", detect.FoundDigits, 0.4, func(val, int) (val, bool) {
			return num(fmt.Sprintf("%d000", 100_000_000_000_000+m.r.Int63n(899_999_999_999_999))), true
		})
	}},
	{detect.FoundExponent, "text", false, false, func(m *made) {
		m.damage("SKU", detect.FoundExponent, 0.5, func(val, int) (val, bool) {
			return tx(fmt.Sprintf("%d.%05dE+%d", 1+m.r.Intn(9), 1+m.r.Intn(99_998), 11+m.r.Intn(4))), true
		})
	}},
	{detect.FoundExponent, "text, in a column that feeds nothing", false, false, func(m *made) {
		m.damage("Warehouse Bin", detect.FoundExponent, 0.1, func(val, int) (val, bool) {
			return tx(fmt.Sprintf("%d.%02dE+%d", 1+m.r.Intn(9), 1+m.r.Intn(98), 11+m.r.Intn(4))), true
		})
	}},
	{detect.FoundExponent, "read again as numbers", false, false, func(m *made) {
		m.damage("SKU", detect.FoundExponent, 1, func(val, int) (val, bool) { return num(fmt.Sprintf("%d000000", 100_000+10*m.r.Intn(89_999)+1)), true })
	}},
	{detect.FoundDotZero, "all", false, false, func(m *made) {
		m.damage("SKU", detect.FoundDotZero, 1, func(val, int) (val, bool) { return tx(fmt.Sprintf("%d.0", 100_000+m.r.Intn(899_999))), true })
	}},
	{detect.FoundDotZero, "a few", false, false, func(m *made) {
		_, v := m.at("SKU")
		for i := range v {
			v[i] = tx(fmt.Sprintf("A%d", m.r.Intn(9999)))
		}
		m.damage("SKU", detect.FoundDotZero, 0.1, func(val, int) (val, bool) { return tx(fmt.Sprintf("%d.00", 100_000+m.r.Intn(899_999))), true })
	}},
	{detect.FoundCodeDate, "codes", true, false, func(m *made) {
		m.damage("SKU", detect.FoundCodeDate, 0.1, func(val, int) (val, bool) { return day(m.date(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), 300)), true })
	}},
	{detect.FoundCodeDate, "fractions in amounts", true, false, func(m *made) {
		m.damage("Quantity", detect.FoundCodeDate, 0.05, func(val, int) (val, bool) {
			return day(time.Date(2026, time.Month(1+m.r.Intn(12)), 1+m.r.Intn(12), 0, 0, 0, 0, time.UTC)), true
		})
	}},
	{detect.FoundCodeDate, "fractions in bins", true, false, func(m *made) {
		m.damage("Warehouse Bin", detect.FoundCodeDate, 0.1, func(val, int) (val, bool) {
			return day(time.Date(2026, time.Month(1+m.r.Intn(12)), 1+m.r.Intn(12), 0, 0, 0, 0, time.UTC)), true
		})
	}},
	{detect.FoundCodeDate, "exported again", false, true, func(m *made) {
		m.damage("SKU", detect.FoundCodeDate, 0.1, func(val, int) (val, bool) {
			return tx(fmt.Sprintf("%d-%s", 1+m.r.Intn(28), pick(m.r, "Mar", "Sep", "Oct", "Dec"))), true
		})
	}},
	{detect.FoundCodeDate, "exported again in full", false, true, func(m *made) {
		m.damage("SKU", detect.FoundCodeDate, 0.1, func(val, int) (val, bool) {
			return tx(m.date(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), 300).Format(pick(m.r, "2006-01-02", "1/2/2006"))), true
		})
	}},
	{detect.FoundShortYear, "text", false, false, func(m *made) {
		m.damage("Order Date", detect.FoundShortYear, 1, func(x val, _ int) (val, bool) {
			d, _ := cell.FromSerial([]byte(x.text), false)
			return tx(time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC).Format("02/01/06")), true
		})
	}},
	{detect.FoundShortYear, "1930 for 2030", false, false, func(m *made) {
		m.damage("Ship Date", detect.FoundShortYear, 0.05, func(val, int) (val, bool) { return day(m.date(time.Date(1930, 1, 1, 0, 0, 0, 0, time.UTC), 700)), true })
	}},
	{detect.Found1462, "a whole column, earlier", false, false, func(m *made) { moveDays(m, "Order Date", 1, -1462) }},
	{detect.Found1462, "a whole column, later", false, false, func(m *made) { moveDays(m, "Ship Date", 1, 1462) }},
	{detect.Found1462, "some rows", false, false, func(m *made) { moveDays(m, "Ship Date", 0.25, -1462) }},
	{detect.Found1462, "a sheet with one date, some rows", false, false, func(m *made) {
		m.cols[2].vals = m.each(func(int) val { return tx("") })
		moveDays(m, "Order Date", 0.25, -1462)
	}},
	{detect.Found1462, "a sheet with one date, later", false, false, func(m *made) {
		m.cols[2].vals = m.each(func(int) val { return tx("") })
		_, v := m.at("Order Date")
		for i := range v {
			v[i] = day(m.date(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), 400))
		}
		moveDays(m, "Order Date", 1, 1462)
	}},
	{detect.Found1462, "a sheet with one date, earlier", false, false, func(m *made) {
		m.cols[2].vals = m.each(func(int) val { return tx("") })
		moveDays(m, "Order Date", 1, -1462)
	}},
	{detect.FoundSwapped, "a text file opened in the wrong country", true, false, func(m *made) {
		m.damage("Order Date", detect.FoundSwapped, 1, func(x val, _ int) (val, bool) {
			d, _ := cell.FromSerial([]byte(x.text), false)
			if d.Day > 12 {
				return tx(fmt.Sprintf("%02d/%02d/%d", d.Day, d.Month, d.Year)), false
			}
			return day(time.Date(d.Year, time.Month(d.Day), d.Month, 0, 0, 0, 0, time.UTC)), true
		})
		_, v := m.at("Order Date")
		for i := range v {
			d, _ := cell.FromSerial([]byte(v[i].text), false)
			if v[i].kind == cell.Date && !m.truth["B "+detect.FoundSwapped][i+2] {
				v[i] = tx(fmt.Sprintf("%02d/%02d/%d", d.Day, d.Month, d.Year))
			}
		}
	}},
	{detect.FoundMixed, "two orders", false, false, func(m *made) {
		_, v := m.at("Ship Date")
		for i := range v {
			v[i] = tx(m.date(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), 300).Format("02/01/2006"))
		}
		m.damage("Ship Date", detect.FoundMixed, 0.1, func(val, int) (val, bool) {
			return tx(time.Date(2024, time.Month(1+m.r.Intn(12)), 13+m.r.Intn(15), 0, 0, 0, 0, time.UTC).Format("01/02/2006")), true
		})
		v[1], v[2] = tx("25/03/2024"), tx("26/03/2024")
		delete(m.truth["C "+detect.FoundMixed], 3)
		delete(m.truth["C "+detect.FoundMixed], 4)
	}},
	{detect.FoundNumText, "prices", true, false, func(m *made) {
		m.damage("Unit Price", detect.FoundNumText, pick(m.r, 0.1, 0.5, 1), func(x val, _ int) (val, bool) { return tx(pick(m.r, "", "$ ") + x.text), true })
	}},
	{detect.FoundNumText, "an unmapped column", true, false, func(m *made) {
		m.add("Pallets", m.each(func(int) val { return num(fmt.Sprint(m.r.Intn(50))) }))
		m.damage("Pallets", detect.FoundNumText, 0.3, func(x val, _ int) (val, bool) { return tx(x.text), true })
	}},
	{detect.FoundSpaces, "order numbers", false, false, func(m *made) {
		m.damage("Order Number", detect.FoundSpaces, 0.1, func(x val, _ int) (val, bool) { return tx(x.text + pick(m.r, "\u00a0", "\u200b", "\u202f")), true })
	}},
	{detect.FoundSpaces, "codes", false, false, func(m *made) {
		m.damage("SKU", detect.FoundSpaces, 0.2, func(x val, _ int) (val, bool) {
			s := m.exported(x)
			return tx(s[:1] + pick(m.r, "\u00a0", "\u200b", "\ufeff") + s[1:]), true
		})
	}},
	{detect.FoundDashes, "codes", false, false, func(m *made) {
		m.damage("SKU", detect.FoundDashes, 0.2, func(val, int) (val, bool) {
			return tx(fmt.Sprintf("AB%s%d", pick(m.r, "–", "—", "‑", "−"), m.r.Intn(999))), true
		})
	}},
	{detect.FoundDashes, "bins", false, false, func(m *made) {
		m.damage("Warehouse Bin", detect.FoundDashes, 0.2, func(val, int) (val, bool) {
			return tx(fmt.Sprintf("%d%s%d", m.r.Intn(99), pick(m.r, "–", "−"), m.r.Intn(999))), true
		})
	}},
	{detect.FoundMojibake, "names", false, false, func(m *made) {
		m.damage("Bill To Name", detect.FoundMojibake, 0.3, func(val, int) (val, bool) {
			return tx(pick(m.r, "JosÃ© Ruiz", "MÃ¼ller GmbH", "Oâ€™Brien", "Ã…ngstrÃ¶m", "SÃ£o JoÃ£o", "Zoë Ã‰mile")), true
		})
	}},
	{detect.FoundMojibake, "notes", false, false, func(m *made) {
		m.damage("Customer Notes", detect.FoundMojibake, 0.1, func(val, int) (val, bool) {
			return tx(strings.Repeat("very long ", 9) + "fÃ¼r Â£5 â€“ ok"), true
		})
	}},
	{detect.FoundLost, "names", false, false, func(m *made) {
		m.damage("Bill To Name", detect.FoundLost, 0.1, func(val, int) (val, bool) { return tx("Caf\ufffd Noir"), true })
	}},
	{detect.FoundCut, "notes", false, false, func(m *made) {
		m.damage("Customer Notes", detect.FoundCut, 0, func(val, int) (val, bool) { return tx(strings.Repeat("é", 32767)), true })
	}},
	{detect.FoundFormula, "prices", true, false, func(m *made) {
		m.damage("Unit Price", detect.FoundFormula, 0.2, func(_ val, i int) (val, bool) { return val{kind: cell.Formula, text: fmt.Sprintf("B%d*2", i)}, true })
	}},
	{detect.FoundError, "prices", false, false, func(m *made) {
		m.damage("Unit Price", detect.FoundError, 0.1, func(val, int) (val, bool) {
			return val{kind: cell.Error, text: pick(m.r, "#REF!", "#N/A", "#DIV/0!")}, true
		})
	}},
	{detect.FoundError, "a column too narrow", false, true, func(m *made) {
		m.damage("Order Date", detect.FoundError, 0.1, func(val, int) (val, bool) { return tx("########"), true })
	}},
}

func moveDays(m *made, header string, share float64, by int) {
	m.damage(header, detect.Found1462, share, func(x val, _ int) (val, bool) {
		var n int
		fmt.Sscan(x.text, &n)
		return val{cell.Date, fmt.Sprint(n + by), x.format}, true
	})
}
