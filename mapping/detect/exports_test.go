package detect_test

import (
	"fmt"
	"math/rand"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"

	"ordersheet/internal/cell"
	"ordersheet/mapping/detect"
	"ordersheet/mapping/value"
)

// The second corpus: exports of shops and order systems, text by text as those programs write them.
// Nothing is damaged on purpose: a spreadsheet opens each file, by the rules that Excel opens text
// with, and what that changes is the truth. It was made after the detector, by somebody who had not
// made it.

// columnUse is what a column of an export is for.
type columnUse int

const (
	anyColumn columnUse = iota
	idColumn
	numberColumn
	dateColumn
	wordColumn
	proseColumn
)

// exportForm is what happened to an export.
type exportForm int

const (
	asWritten exportForm = iota // nobody opened it: all text, all sound
	asOpened                    // opened and saved as a workbook
	asSaved                     // opened and saved as text again
)

var exportForms = map[string]exportForm{"text as exported": asWritten, "workbook": asOpened, "text saved again": asSaved}

// export is one file on its way.
type export struct {
	*made
	form     exportForm
	dayFirst bool // the spreadsheet's country
	badRead  bool // UTF-8 was opened as Windows-1252
}

var (
	digitsOnly = regexp.MustCompile(`^[0-9]+$`)
	amountOnly = regexp.MustCompile(`^-?[0-9]+\.[0-9]+$`)
	twoNumbers = regexp.MustCompile(`^([0-9]{1,2})[-/]([0-9]{1,2})$`)
	monthCode  = regexp.MustCompile(`^(?i)(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)-?([0-9]{1,2})$`)
	dayCode    = regexp.MustCompile(`^(?i)([0-9]{1,2})-?(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)$`)
	threeParts = regexp.MustCompile(`^([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4})$`)
)

// thisYear is what a spreadsheet takes for a date without a year.
const thisYear = 2026

// opened is what a spreadsheet makes of a text: the cell, and whether it took it for a date.
func (e *export) opened(text string) (v val, date time.Time, isDate bool) {
	at := func(y, m, d int) (val, time.Time, bool) {
		t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
		if m < 1 || m > 12 || t.Day() != d {
			return tx(text), t, false
		}
		return day(t), t, true
	}
	n := func(s string) int { i, _ := strconv.Atoi(s); return i }
	switch {
	case digitsOnly.MatchString(text):
		s := strings.TrimLeft(text, "0")
		if s == "" {
			s = "0"
		}
		if len(s) > 15 {
			s = s[:15] + strings.Repeat("0", len(s)-15)
		}
		return num(s), date, false
	case amountOnly.MatchString(text):
		s := strings.TrimRight(strings.TrimRight(text, "0"), ".")
		return num(s), date, false
	case twoNumbers.MatchString(text), monthCode.MatchString(text), dayCode.MatchString(text):
		v, date, isDate = e.code(text, at)
		if isDate {
			v.format = "d-mmm"
		}
		return v, date, isDate
	case threeParts.MatchString(text):
		p := threeParts.FindStringSubmatch(text)
		if e.dayFirst {
			return at(n(p[3]), n(p[2]), n(p[1]))
		}
		return at(n(p[3]), n(p[1]), n(p[2]))
	case len(text) == 10 && text[4] == '-':
		if t, err := time.Parse(time.DateOnly, text); err == nil {
			return day(t), t, true
		}
	}
	return tx(text), date, false
}

// code is what becomes of a code that looks like a day without a year.
func (e *export) code(text string, at func(y, m, d int) (val, time.Time, bool)) (val, time.Time, bool) {
	n := func(s string) int { i, _ := strconv.Atoi(s); return i }
	switch {
	case twoNumbers.MatchString(text):
		p := twoNumbers.FindStringSubmatch(text)
		a, b := n(p[1]), n(p[2])
		if e.dayFirst {
			a, b = b, a
		}
		if v, t, ok := at(thisYear, a, b); ok {
			return v, t, ok
		}
		if a, b = n(p[1]), n(p[2]); b > 31 { // October 1940
			return at(1900+b, a, 1)
		}
	case monthCode.MatchString(text):
		p := monthCode.FindStringSubmatch(text)
		return at(thisYear, monthOf(p[1]), n(p[2]))
	case dayCode.MatchString(text):
		p := dayCode.FindStringSubmatch(text)
		return at(thisYear, monthOf(p[2]), n(p[1]))
	}
	return tx(text), time.Time{}, false
}

func monthOf(name string) int {
	d, _ := value.ParseDate([]byte("1 " + name + " 2000"))
	return d.Date.Month
}

// saved is what a spreadsheet writes for a cell into a text file.
func (e *export) saved(v val, t time.Time, whole bool) string {
	switch {
	case v.kind == cell.Number && len(v.text) > 11 && !strings.Contains(v.text, "."):
		f, _ := strconv.ParseFloat(v.text, 64)
		m, x, _ := strings.Cut(strconv.FormatFloat(f, 'E', 5, 64), "E")
		return strings.TrimRight(strings.TrimRight(m, "0"), ".") + "E" + x
	case v.kind == cell.Date && whole && e.dayFirst:
		return t.Format("02/01/2006")
	case v.kind == cell.Date && whole:
		return t.Format("1/2/2006")
	case v.kind == cell.Date:
		return t.Format("2-Jan")
	}
	return v.text
}

// tell notes what is true of a cell.
func (e *export) tell(code string, row int) {
	key := cell.ColName(len(e.cols)) + " " + code
	if e.truth[key] == nil {
		e.truth[key] = map[int]bool{}
	}
	e.truth[key][row+2] = true
}

// put adds a column of texts; of says what kind they are.
func (e *export) put(header string, of columnUse, text func(i int) string) {
	vals := e.each(func(i int) val {
		s := text(i)
		if s == "" {
			return tx("")
		}
		if e.badRead {
			if bad := misread(s); bad != s {
				e.tell(detect.FoundMojibake, i)
				s = bad
			}
		}
		if e.form == asWritten {
			return tx(s)
		}
		v, t, isDate := e.opened(s)
		whole := threeParts.MatchString(s) || len(s) == 10
		if of == idColumn {
			e.tellCode(i, s, v, isDate)
		}
		if of == dateColumn && isDate && e.form == asOpened && threeParts.MatchString(s) && e.swaps() {
			e.tell(detect.FoundSwapped, i)
		}
		if e.form == asSaved {
			return tx(e.saved(v, t, whole))
		}
		return v
	})
	e.add(header, vals)
}

// swaps says that the spreadsheet reads day and month the other way round than the exporter wrote
// them: all exporters here write the day first in such dates.
func (e *export) swaps() bool { return !e.dayFirst }

// tellCode notes what became of an identifier.
func (e *export) tellCode(i int, s string, v val, isDate bool) {
	long := e.form == asSaved && len(v.text) > 11
	switch {
	case isDate:
		e.tell(detect.FoundCodeDate, i)
	case v.kind != cell.Number:
	case long:
		e.tell(detect.FoundExponent, i)
	case len(v.text) > 15 && strings.TrimRight(s[15:], "0") != "":
		e.tell(detect.FoundDigits, i)
	case len(s) > len(v.text) && s[0] == '0' && v.text != "0":
		e.tell(detect.FoundZeros, i)
	}
}

func misread(s string) string {
	out, err := charmap.Windows1252.NewDecoder().String(s)
	if err != nil || strings.Contains(out, "\ufffd") {
		return s
	}
	return out
}

// checked ends digits with the check digit of GS1.
func checked(s string) string {
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 0 {
			d *= 3
		}
		sum += d
	}
	return s + strconv.Itoa((10-sum%10)%10)
}

// mixed is a source of random numbers that costs nothing to make: SplitMix64 (Steele, Lea, Flood,
// 2014).
type mixed uint64

// Uint64 implements rand.Source64.
func (m *mixed) Uint64() uint64 {
	*m += 0x9e3779b97f4a7c15
	z := uint64(*m)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Int63 implements rand.Source.
func (m *mixed) Int63() int64 { return int64(m.Uint64() >> 1) }

// Seed implements rand.Source.
func (m *mixed) Seed(seed int64) { *m = mixed(seed) }

func quick(seed int64) rand.Source {
	m := mixed(seed)
	return &m
}

// catalogue makes the identifiers of a shop's products in one of the ways that shops number them.
func (e *export) catalogue() (header string, of func(product int) string) {
	r, seed := e.r, e.r.Int63()
	own := func(p int) *rand.Rand { return rand.New(quick(seed + int64(p))) } // the same for a product in each line
	last := []int{60, 700, 4200, 31_000, 99_400, 380_000, 2_400_000}[r.Intn(7)]
	brand := pick(r, "0", "0", "3", "6", "7", "8")
	switch r.Intn(14) {
	case 0:
		return "Variant Barcode", func(p int) string { return checked(fmt.Sprintf("%s%05d%05d", brand, 12345+p%7, own(p).Intn(99_999))) }
	case 1:
		return "EAN", func(p int) string { return checked(fmt.Sprintf("4006%08d", own(p).Intn(99_999_999))) }
	case 2:
		return "Product ID", func(p int) string { return strconv.Itoa(1 + own(p).Intn(last)) }
	case 3:
		return "SKU", func(p int) string { return fmt.Sprintf("%05d", own(p).Intn(99_999)) }
	case 4:
		return "SKU", func(p int) string {
			return fmt.Sprintf("%s%d", pick(own(p), "MAR", "SEP", "OCT", "DEC", "BLU"), 1+p%28)
		}
	case 5:
		return "Item #", func(p int) string { return fmt.Sprintf("%d-%d", 1+p%40, 1+own(p).Intn(60)) }
	case 6:
		return "Material", func(p int) string { return fmt.Sprintf("%018d", 10_000_000+own(p).Intn(80_000_000)) }
	case 7:
		return "Artikelnummer", func(p int) string { return fmt.Sprintf("%08d", own(p).Intn(99_999_999)) }
	case 8:
		return "SKU", func(p int) string {
			return fmt.Sprintf("%s-%s-%03d", pick(own(p), "TS", "HD", "MG"), pick(own(p), "BLK", "RED", "S", "XL"), p%400)
		}
	case 9:
		return "ISBN", func(p int) string { return checked(fmt.Sprintf("978%09d", own(p).Intn(999_999_999))) }
	case 10:
		return "Part Number", func(p int) string { return fmt.Sprintf("%06d", own(p).Intn(999_999)) }
	case 11: // numbers of two systems, nine and ten digits
		return "SKU", func(p int) string {
			return pick(own(p), fmt.Sprint(100_000_000+own(p).Intn(899_999_999)), fmt.Sprint(1_000_000_000+own(p).Intn(899_999_999)))
		}
	case 12: // a catalogue that grew over a power of ten
		return "Item Code", func(p int) string { return strconv.Itoa(9_000 + own(p).Intn(3_000)) }
	}
	return "Style", func(p int) string { return fmt.Sprintf("%d%s", 100+own(p).Intn(900), pick(own(p), "A", "B", "E")) }
}

// newExport makes one export and lets the spreadsheet do to it what it does.
func newExport(seed int64, form exportForm) *made {
	r := rand.New(quick(seed))
	e := &export{made: &made{name: fmt.Sprintf("export %d", seed), n: 25 + r.Intn(400), text: form != asOpened, truth: map[string]map[int]bool{}, r: r}, form: form}
	e.dayFirst = r.Intn(2) == 0
	e.badRead = form != asWritten && r.Intn(5) == 0
	begin := time.Date(2022+r.Intn(4), time.Month(1+r.Intn(12)), 1+r.Intn(28), 0, 0, 0, 0, time.UTC)
	pace, lines := 1+r.Intn(5), 1+r.Intn(4)
	placed := func(i int) time.Time { return begin.AddDate(0, 0, (e.n-i)/(lines*pace)) } // the newest first, as shops list them
	style := pick(r, time.DateOnly, "02/01/2006", "02.01.2006", "2 January 2006", "2006-01-02 15:04:05 -0700")
	product := func(i int) int { return rand.New(quick(seed*31 + int64(i))).Intn(300) }
	header, code := e.catalogue()
	e.orderNumbers(lines)
	e.put("Order Date", dateColumn, func(i int) string { return placed(i).Format(style) })
	e.put("Fulfilled at", dateColumn, func(i int) string { return placed(i).AddDate(0, 0, i/lines%9).Format(style) })
	e.put(header, idColumn, func(i int) string { return code(product(i)) })
	e.put("Lineitem quantity", numberColumn, func(int) string { return strconv.Itoa(1 + r.Intn(12)) })
	e.put("Lineitem price", numberColumn, func(int) string { return fmt.Sprintf("%d.%02d", r.Intn(250), r.Intn(100)) })
	e.put("Billing Name", proseColumn, func(i int) string {
		return []string{"Ana Souza", "José Álvarez", "Zoë Weiß", "SÃO PAULO TRADING", "ÂNGELA LIMA", "Łucja Nowak", "Renée O’Neil", "Jim Beam", "Ø. Åsen"}[i/lines%9]
	})
	e.addresses(lines)
	e.others(lines, placed, style)
	return e.made
}

// orderNumbers are numbers as shops count them.
func (e *export) orderNumbers(lines int) {
	first := []int{1, 87, 995, 1001, 9_870, 48_211, 99_100, 4_500_012_345, 999_999_900}[e.r.Intn(9)]
	form := pick(e.r, "%d", "%d", "#%d", "%06d", "R%09d")
	gap := 1 + e.r.Intn(3)
	e.put("Order Number", idColumn, func(i int) string { return fmt.Sprintf(form, first+gap*((e.n-i)/lines)) })
}

// addresses are those of customers in one or two countries.
func (e *export) addresses(lines int) {
	seed, r := e.r.Int63(), e.r
	country := pick(r, "US", "DE", "GB", "US CA", "DE CH AT", "FR", "NO")
	own := func(i int) *rand.Rand { return rand.New(quick(seed + int64(i/lines))) }
	of := func(i int) string { all := strings.Fields(country); return all[own(i).Intn(len(all))] }
	e.put("Billing Country", wordColumn, of)
	e.put("Billing Zip", idColumn, func(i int) string {
		q := own(i)
		q.Int63()
		switch of(i) {
		case "US":
			if z := []int{q.Intn(99_950), 1000 + q.Intn(26_000)}[q.Intn(2)]; q.Intn(6) > 0 {
				return fmt.Sprintf("%05d", max(z, 501))
			}
			return fmt.Sprintf("%05d-%04d", 501+q.Intn(99_000), q.Intn(9999))
		case "DE":
			return fmt.Sprintf("%05d", 1067+q.Intn(98_000))
		case "FR":
			return fmt.Sprintf("%05d", 1000+q.Intn(94_000))
		case "NO":
			return fmt.Sprintf("%04d", 10+q.Intn(9900))
		case "CH", "AT":
			return fmt.Sprint(1010 + q.Intn(8900))
		case "CA":
			return fmt.Sprintf("K%dA %dB%d", q.Intn(10), q.Intn(10), q.Intn(10))
		}
		return fmt.Sprintf("SW%d %dAA", 1+q.Intn(19), q.Intn(10))
	})
	national := country == "DE" || country == "GB" || country == "FR"
	e.put("Billing Phone", idColumn, func(i int) string {
		q := own(i)
		if national && q.Intn(3) > 0 {
			return fmt.Sprintf("0%d", 1_500_000_000+q.Intn(299_999_999))
		}
		return pick(q, "", "+49 30 901820", fmt.Sprintf("(%d) 555-01%02d", 201+q.Intn(700), q.Intn(100)), fmt.Sprint(2_010_000_000+q.Intn(900_000_000)))
	})
}

// others are columns that an order system has besides, three of them a file.
func (e *export) others(lines int, placed func(int) time.Time, style string) {
	r := e.r
	last := []int{40, 900, 9_700, 12_000, 96_000, 250_000}[r.Intn(6)]
	all := []func(){
		func() { e.put("Customer ID", idColumn, func(int) string { return strconv.Itoa(1 + r.Intn(last)) }) },
		func() { e.put("Store No.", idColumn, func(int) string { return fmt.Sprintf("%04d", 1+r.Intn(220)) }) },
		func() { e.put("Cost Center", idColumn, func(int) string { return fmt.Sprint(4000 + 100*r.Intn(9)) }) },
		func() {
			e.put("Tracking", idColumn, func(int) string { return fmt.Sprintf("94001%017d", r.Int63n(1e17)) })
		},
		func() {
			e.put("Tracking Number", idColumn, func(int) string { return fmt.Sprintf("7%011d", r.Int63n(1e11)) })
		},
		func() {
			e.put("Waybill No", idColumn, func(int) string { return fmt.Sprintf("1Z%06dA%08d", r.Intn(999_999), r.Intn(99_999_999)) })
		},
		func() {
			e.put("Size", anyColumn, func(int) string { return pick(r, "S", "M", "XL", "38", "40", "One size") })
		},
		func() {
			e.put("Kids Size", idColumn, func(int) string { return pick(r, "2-3", "4-5", "6-7", "10-12", "S") })
		},
		func() {
			e.put("Thread", idColumn, func(int) string { return pick(r, "1/4", "3/8", "1/2", "M8", "M10") })
		},
		func() { e.put("Model Year", anyColumn, func(int) string { return strconv.Itoa(2015 + r.Intn(12)) }) },
		func() { e.put("Tax Rate", numberColumn, func(int) string { return pick(r, "0.19", "0.07", "0.2") }) },
		func() {
			e.put("Warranty until", dateColumn, func(i int) string { return placed(i).AddDate(4, 0, 1).Format(style) })
		},
		func() {
			e.put("Payment due", dateColumn, func(i int) string { return placed(i).AddDate(0, 0, 30).Format(style) })
		},
		func() {
			e.put("Customer since", dateColumn, func(i int) string { return placed(i).AddDate(0, 0, -r.Intn(2600)).Format(style) })
		},
		func() {
			e.put("Notes", proseColumn, func(int) string {
				return pick(r, "", "please call 555–0100", "left at n° 3", "size 3/4 – ok", "n/a")
			})
		},
		func() {
			e.put("Lot", idColumn, func(i int) string { return placed(i).AddDate(0, -1, 0).Format("060102") })
		},
		func() {
			e.put("Invoice No", idColumn, func(i int) string { return fmt.Sprintf("2024%04d", (e.n-i)/lines+1) })
		},
		func() {
			e.put("Discount Code", idColumn, func(int) string { return pick(r, "", "", "SUMMER24", "DEC15", "10OFF") })
		},
		func() {
			e.put("HS Code", idColumn, func(int) string { return pick(r, "610910", "640399", "090111", "852872", "04090000") })
		},
		func() {
			e.put("VAT ID", idColumn, func(int) string { return fmt.Sprintf("DE%09d", r.Intn(999_999_999)) })
		},
	}
	for _, i := range r.Perm(len(all))[:4] {
		all[i]()
	}
}
