package exporter

import (
	"fmt"

	"github.com/shopspring/decimal"

	"ordersheet/internal/order"
)

// examples is how many cases of a kind the manifest lists.
const examples = 10

// readStats are the anomalies and counts of reading all pages.
type readStats struct {
	Pages    int   `json:"pages"`
	Rows     int   `json:"rows"`               // orders on all pages
	Last     int64 `json:"last"`               // when the last order changed
	Repeats  int   `json:"repeats,omitempty"`  // orders of the feed that appeared again without a change
	Moved    int   `json:"moved,omitempty"`    // orders that changed while they were read and came again
	Disorder int   `json:"disorder,omitempty"` // orders of the feed that came before an earlier change
	Gone     int   `json:"gone,omitempty"`     // orders that no longer existed when they were read by id
	Compared int   `json:"compared,omitempty"` // details that were compared with the page
	Later    int   `json:"later,omitempty"`    // of these: changed in between
	Shifts   bool  `json:"shifts,omitempty"`   // a list was read page by page in an order that changes may disturb
	Late     int   `json:"late,omitempty"`     // orders of a list that changed while it was read, and were read at its end

	Missing        []string `json:"missing,omitempty"` // wanted orders that don't exist
	Notes          []string `json:"notes,omitempty"`
	Contradictions []string `json:"contradictions,omitempty"`
	Untold         int      `json:"untold,omitempty"` // contradictions beyond those
}

func (w *readStats) page(b batch) {
	w.Pages++
	w.Rows += len(b.orders)
	w.Shifts = w.Shifts || b.shifts
	w.Notes = append(w.Notes, b.notes...)
	w.Missing = append(w.Missing, b.missing...)
	if b.stated >= 0 && b.stated != len(b.orders) {
		w.contradict("page %d claims %d orders but has %d", w.Pages, b.stated, len(b.orders))
	}
	if b.stated < 0 { // a list; its reader accepts any order
		return
	}
	for _, a := range b.orders {
		at := unixTime(a.UpdatedAt)
		if at < w.Last {
			w.Disorder++
		}
		w.Last = max(w.Last, at)
	}
}

func (w *readStats) contradict(format string, args ...any) {
	if len(w.Contradictions) >= examples {
		w.Untold++
		return
	}
	w.Contradictions = append(w.Contradictions, fmt.Sprintf(format, args...))
}

// compare compares an order's details with what the page said. Times are whole seconds: an order
// that last changed in the second edge or later may have changed again in that second, after the
// page.
func (w *readStats) compare(page, full order.Answer, feed bool, edge int64) error {
	a, err := factsOf(page.Raw)
	if err != nil {
		return fmt.Errorf("reading order %d of a page: %w", page.ID, err)
	}
	b, err := factsOf(full.Raw)
	if err != nil {
		return fmt.Errorf("reading order %d: %w", full.ID, err)
	}
	w.Compared++
	if unixTime(full.UpdatedAt) > unixTime(page.UpdatedAt) || unixTime(page.UpdatedAt) >= edge {
		w.Later++
		return nil
	}
	what := "list"
	if feed {
		what = "feed"
	}
	differ := func(part string, x, y any) {
		w.contradict("order %d (%s): %[4]s: %[5]v in the %[3]s, %[6]v in the order itself, which wasn't changed in between",
			full.ID, firstNumber(full), what, part, x, y)
	}
	switch {
	case firstNumber(page) != firstNumber(full):
		differ("number", firstNumber(page), firstNumber(full))
	case a.lines >= 0 && b.lines >= 0 && a.lines != b.lines:
		differ("lines", a.lines, b.lines)
	case a.lines >= 0 && b.lines >= 0 && !a.quantity.Equal(b.quantity):
		differ("quantity", a.quantity, b.quantity)
	case page.Total.Valid && full.Total.Valid && page.Total.Decimal.Sub(full.Total.Decimal).Abs().GreaterThan(decimal.New(1, -2)):
		differ("total", page.Total.Decimal, full.Total.Decimal)
	}
	return nil
}

func firstNumber(a order.Answer) string {
	if len(a.Numbers) == 0 {
		return ""
	}
	return a.Numbers[0]
}

// facts are the values of an order that are counted and added up.
type facts struct {
	lines    int // -1 when the answer has no list of lines
	quantity decimal.Decimal
	total    decimal.Decimal
}

// factsOf reads the facts of an answer of the feed, a list, or the order itself.
func factsOf(raw []byte) (f facts, err error) {
	f.lines = -1
	err = order.EachField(raw, func(key, value []byte) error {
		switch string(key) {
		case "items":
			f.lines = 0
			return order.EachValue(value, f.line)
		case "total", "total_amount", "total_cost":
			f.total = parseNumber(value)
		}
		return nil
	})
	return f, err
}

func (f *facts) line(raw []byte) error {
	f.lines++
	return order.EachField(raw, func(key, value []byte) error {
		if string(key) == "quantity" {
			f.quantity = f.quantity.Add(parseNumber(value))
		}
		return nil
	})
}

// parseNumber parses a JSON number, or one in quotes; anything else is 0.
func parseNumber(value []byte) decimal.Decimal {
	if len(value) > 1 && value[0] == '"' {
		value = value[1 : len(value)-1]
	}
	d, err := decimal.NewFromString(string(value))
	if err != nil {
		return decimal.Zero
	}
	return d
}
