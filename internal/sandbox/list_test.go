package sandbox

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// newFilledSandbox returns a sandbox with 25 sales orders SO-01 to SO-25, created an hour apart.
// SO-05 was edited last.
func newFilledSandbox(t *testing.T, c Config) *testSandbox {
	t.Helper()
	now := time.Date(2025, 3, 2, 0, 0, 0, 0, time.UTC)
	c.Now = func() time.Time { return now }
	b := newTestSandbox(t, c)
	for i := 1; i <= 25; i++ {
		body := strings.Replace(salesBody(fmt.Sprintf("SO-%02d", i)), "10,", fmt.Sprint(i, ","), 1)
		if i%5 == 0 {
			body = strings.Replace(body, `"channel_id":1`, `"customer_po_number":"Po-`+fmt.Sprint(i)+`","channel_id":2`, 1)
		}
		if _, err := b.Create(SalesOrders, []byte(body)); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Hour)
	}
	if err := b.Edit(SalesOrders, 1005, map[string]any{"order_status": "shipped"}); err != nil {
		t.Fatal(err)
	}
	return b
}

// pageNumbers returns a page's order numbers.
func pageNumbers(r reply) string {
	rows, _ := r.value("data").([]any)
	var out []string
	for _, row := range rows {
		out = append(out, fmt.Sprint(row.(map[string]any)["order_number"]))
	}
	return strings.Join(out, " ")
}

func TestFilters(t *testing.T) {
	b := newFilledSandbox(t, Config{})
	for query, want := range map[string]string{
		"order_number=SO-07":                                      "SO-07",
		"order_number[eq]=SO-07":                                  "SO-07",
		"order_number[in]=SO-07,SO-03,NO":                         "SO-03 SO-07",
		"order_number=so-07":                                      "",
		"order_number[contains]=-2":                               "SO-20 SO-21 SO-22 SO-23 SO-24 SO-25",
		"order_number[notcontains]=SO-0&order_number[lt]=SO-12":   "SO-10 SO-11",
		"order_number[notin]=SO-01&order_number[lte]=SO-02":       "SO-02",
		"order_status=shipped":                                    "SO-05",
		"order_status[neq]=pending":                               "SO-05",
		"customer_po_number[set]":                                 "SO-05 SO-10 SO-15 SO-20 SO-25",
		"customer_po_number[notset]=&order_number[gte]=SO-23":     "SO-23 SO-24",
		"customer_po_number[neq]=Po-5&order_number[gt]=SO-16":     "SO-20 SO-25",
		"channel_id=2&order_number[in]=SO-05,SO-06":               "SO-05",
		"total[gt]=200&total[lte]=215.5":                          "SO-22 SO-23 SO-24",
		"order_date[gte]=2025-03-02&order_number=SO-01":           "SO-01",
		"order_date[gt]=2025-03-02":                               "",
		"created_at[gte]=2025-03-03":                              "SO-25",
		"created_at[lt]=2025-03-02 02:00:00":                      "SO-01 SO-02",
		"created_at[lt]=2025-03-02T02:00:00Z":                     "SO-01 SO-02",
		"updated_at[gte]=2025-03-03 00:00:00":                     "SO-05 SO-25",
		"updated_at[gte]=2025-03-02 23:00:00&sort=updated_at:asc": "SO-24 SO-25 SO-05",
		"order_number[lt]=SO-04&sort=total:desc":                  "SO-03 SO-02 SO-01",
		"order_number[gt]=SO-18&sort=channel_id:desc":             "SO-20 SO-25 SO-19 SO-21 SO-22 SO-23 SO-24",
		"sort=customer_po_number:desc&per_page=3":                 "SO-05 SO-25 SO-20",
		"tag=none": "",
	} {
		if got := pageNumbers(b.do("GET", "/sales-orders?"+strings.ReplaceAll(query, " ", "+"), "", 200)); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	for query, at := range map[string]string{
		"color=red": "color", "order_number[like]=x": "order_number[like]", "page=0": "page", "per_page=101": "per_page",
		"per_page=x": "per_page", "sort=total": "sort", "sort=nothing:asc": "sort", "items=1": "items",
	} {
		if got := errorsOf(b.do("GET", "/sales-orders?"+query, "", 422)); got[at] == nil {
			t.Errorf("%s: got %v, want an error at %s", query, got, at)
		}
	}
}

func TestPaging(t *testing.T) {
	b := newFilledSandbox(t, Config{})
	b.checkFields(b.do("GET", "/sales-orders", "", 200), "meta.current_page", "1", "meta.from", "1", "meta.last_page", "3", "meta.per_page", "10", "meta.to", "10", "meta.total", "25", "data.9.order_number", "SO-10")
	b.checkFields(b.do("GET", "/sales-orders?page=3", "", 200), "meta.from", "21", "meta.to", "25", "data.4.order_number", "SO-25", "data.5", "<nil>")
	b.checkFields(b.do("GET", "/sales-orders?page=4", "", 200), "meta.from", "<nil>", "meta.to", "<nil>", "meta.last_page", "3", "data", "[]")
	b.checkFields(b.do("GET", "/sales-orders?order_number=X", "", 200), "meta.from", "<nil>", "meta.last_page", "1", "meta.total", "0", "data", "[]")
	if _, err := b.Create(SalesOrders, []byte(salesBody("SO-26"))); err != nil {
		t.Fatal(err)
	}
	b.checkFields(b.do("GET", "/sales-orders?page=3", "", 200), "meta.total", "26", "data.5.order_number", "SO-26")
}

func TestIgnoredFilters(t *testing.T) {
	b := newFilledSandbox(t, Config{IgnoreFilters: []string{"order_number", "order_number[in]", "order_numbers"}})
	b.checkFields(b.do("GET", "/sales-orders?order_number=SO-07", "", 200), "meta.total", "25")
	b.checkFields(b.do("GET", "/sales-orders?order_number[in]=SO-07", "", 200), "meta.total", "25")
	b.checkFields(b.do("GET", "/sales-orders?order_number[eq]=SO-07", "", 200), "meta.total", "1")
	b.do("POST", "/purchase-orders", purchaseBody("PO-1"), 201)
	b.checkFields(b.do("GET", "/purchase-orders?order_numbers=X", "", 200), "meta.total", "1")
}

func TestPurchaseFilters(t *testing.T) {
	for _, partial := range []bool{false, true} {
		b := newTestSandbox(t, Config{PartialNumbers: partial})
		for _, n := range [][]string{{"PO-1", "SUP-1"}, {"PO-11"}, {"PO-2"}, nil} {
			b.do("POST", "/purchase-orders", purchaseBody(n...), 201)
		}
		want := map[string]string{
			"order_numbers=SUP-1": "1", "order_numbers=PO-1": "1", "order_numbers[in]=PO-2,PO-11": "2", "order_numbers[contains]=PO-1": "2",
			"order_numbers[notset]": "1", "supplier_id=5": "4", "tag=import": "4", "total_qty_remaining[gt]=4": "4", "order_quantity[gt]=5": "0",
			"order_status[in]=active,completed": "4", "warehouse_id[set]": "0", "starred=false": "4",
		}
		if partial {
			want["order_numbers=PO-1"] = "2"
		}
		for query, total := range want {
			b.checkFields(b.do("GET", "/purchase-orders?"+query, "", 200), "meta.total", total)
		}
		b.checkFields(b.do("GET", "/purchase-orders/items?purchase_order_id=502", "", 200), "meta.total", "2", "data.0.purchase_order_id", "502")
	}
}

func TestListLag(t *testing.T) {
	now := time.Date(2025, 3, 2, 0, 0, 0, 0, time.UTC)
	b := newTestSandbox(t, Config{Now: func() time.Time { return now }, ListLag: time.Minute})
	r := b.do("POST", "/sales-orders", salesBody("SO-1"), 201)
	b.checkFields(b.do("GET", "/sales-orders?order_number=SO-1", "", 200), "meta.total", "0")
	b.checkFields(b.do("GET", "/sales-orders/export?since=2025-01-01", "", 200), "data", "[]")
	b.do("GET", fmt.Sprint("/sales-orders/", r.value("data.id")), "", 200)
	now = now.Add(time.Minute)
	b.checkFields(b.do("GET", "/sales-orders?order_number=SO-1", "", 200), "meta.total", "1")
	b.checkFields(b.do("GET", "/sales-orders/export?since=2025-01-01", "", 200), "data.0.order_number", "SO-1")
}

// readFeed reads a feed to its end and returns the order numbers and the first cutoff.
func readFeed(b *testSandbox, since string, limit int, between func()) (got []string, cutoff string) {
	b.Helper()
	q := url.Values{"since": {since}, "limit": {fmt.Sprint(limit)}}
	for {
		r := b.do("GET", "/sales-orders/export?"+q.Encode(), "", 200)
		rows := r.value("data").([]any)
		for _, row := range rows {
			got = append(got, row.(map[string]any)["order_number"].(string))
		}
		if cutoff == "" {
			cutoff = r.value("meta.cutoff").(string)
		}
		b.checkFields(r, "meta.rows", fmt.Sprint(len(rows)), "meta.cutoff", cutoff, "has_more", fmt.Sprint(len(rows) == limit))
		next, more := r.value("next_cursor").(string)
		if !more {
			return got, cutoff
		}
		if between != nil {
			between()
		}
		q = url.Values{"cursor": {next}, "limit": {fmt.Sprint(limit)}}
	}
}

func TestFeed(t *testing.T) {
	b := newFilledSandbox(t, Config{})
	got, cutoff := readFeed(b, "2025-03-02T22:00:00Z", 2, nil)
	if want := "SO-23 SO-24 SO-25 SO-05"; strings.Join(got, " ") != want || cutoff != "2025-03-03T01:00:00Z" {
		t.Errorf("feed: got %v to %s, want %s", got, cutoff, want)
	}
	got, _ = readFeed(b, "1970-01-01", 5, nil)
	if len(got) != 25 || got[24] != "SO-05" || got[3] != "SO-04" || got[4] != "SO-06" {
		t.Errorf("feed from the beginning: got %v, want all 25, SO-05 last", got)
	}
	r := b.do("GET", "/sales-orders/export?since=2025-03-03T01:00:00Z", "", 200)
	b.checkFields(r, "data.0.order_id", "1005", "data.0.total_amount", "73", "data.0.items.0.price", "7.5", "data.0.order_status", "shipped", "data.0.channel_id", "<nil>", "has_more", "false", "next_cursor", "<nil>")
	if err := b.Edit(SalesOrders, 1024, map[string]any{"status": "Archived"}); err != nil {
		t.Fatal(err)
	}
	if got, _ = readFeed(b, "2025-03-02T22:00:00Z", 100, nil); strings.Join(got, " ") != "SO-23 SO-25 SO-05" {
		t.Errorf("feed after archiving SO-24: got %v", got)
	}
	for _, q := range []string{"", "since=2025-01-01&cursor=x", "cursor=x", "cursor=" + strings.Repeat("A", 32) + "." + strings.Repeat("A", 22), "since=soon", "since=2025-01-01&page=1", "since=2025-01-01&limit=1001", "since=2025-01-01&limit=0"} {
		if errs := errorsOf(b.do("GET", "/sales-orders/export?"+q, "", 422)); len(errs) == 0 {
			t.Errorf("feed %q: got no field errors", q)
		}
	}
}

// TestFeedWindow checks that an export shows nothing changed after its cutoff, and that the next
// export, from that cutoff, does.
func TestFeedWindow(t *testing.T) {
	now := time.Date(2025, 3, 2, 0, 0, 0, 0, time.UTC)
	b := newTestSandbox(t, Config{Now: func() time.Time { return now }})
	for i := range 30 {
		if _, err := b.Create(SalesOrders, []byte(salesBody(fmt.Sprintf("A-%02d", i)))); err != nil {
			t.Fatal(err)
		}
	}
	page := 0
	seen := map[string]int{}
	first, cutoff := readFeed(b, "1970-01-01", 4, func() {
		page++
		now = now.Add(time.Second)
		if err := b.Edit(SalesOrders, 1001+int64(page*7%30), map[string]any{"order_status": "shipped"}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Create(SalesOrders, []byte(salesBody(fmt.Sprintf("B-%02d", page)))); err != nil {
			t.Fatal(err)
		}
	})
	for _, n := range first {
		if seen[n]++; seen[n] > 1 || n[0] == 'B' {
			t.Errorf("first export: %s shown %d times", n, seen[n])
		}
	}
	second, _ := readFeed(b, cutoff, 100, nil)
	for _, n := range second {
		seen[n]++
	}
	if len(seen) != 30+page {
		t.Errorf("got %d orders in two exports, want %d", len(seen), 30+page)
	}
}

// TestManyChanges changes each order many times and compares the feed with the existing orders.
func TestManyChanges(t *testing.T) {
	now := time.Date(2025, 3, 2, 0, 0, 0, 0, time.UTC)
	b := newTestSandbox(t, Config{Now: func() time.Time { return now }})
	for i := range 50 {
		if _, err := b.Create(SalesOrders, []byte(salesBody(fmt.Sprintf("A-%02d", i)))); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 1500 {
		if i%3 == 0 {
			now = now.Add(time.Second)
		}
		if err := b.Edit(SalesOrders, 1001+int64(i*17%50), map[string]any{"internal_notes": fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	got, _ := readFeed(b, "1970-01-01", 7, nil)
	want := b.Orders(SalesOrders)
	byTime := map[string]string{}
	for _, o := range want {
		byTime[o.Numbers[0]] = o.UpdatedAt
	}
	if len(got) != 50 {
		t.Fatalf("got %d orders in the feed, want 50", len(got))
	}
	for i := 1; i < len(got); i++ {
		if byTime[got[i-1]] > byTime[got[i]] {
			t.Errorf("feed: %s before %s", got[i-1], got[i])
		}
	}
}
