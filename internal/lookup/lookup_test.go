package lookup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
)

// shop lists orders, with filters that work in different ways.
type shop struct {
	numbers []string
	mode    string // of filters: "" works, "ignored", "partial" matches, "no in", "rejected"
	perPage int    // 0 is as requested
	updated []time.Time
	zone    time.Duration // how much later filters read a time that has no zone
	queries []string
}

func (s *shop) order(i int) map[string]any {
	o := map[string]any{"id": i + 1, "order_number": s.numbers[i], "order_numbers": []string{s.numbers[i], "X-" + s.numbers[i]}}
	if s.updated != nil {
		o["updated_at"] = s.updated[i].Format(time.RFC3339)
	}
	return o
}

// inTime reports whether an order changed at a time that a filter asks for.
func (s *shop) inTime(i int, op, value string) bool {
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		t, _ = time.Parse(time.DateTime, value)
		t = t.Add(s.zone)
	}
	return op == "gte" && !s.updated[i].Before(t) || op == "lte" && !s.updated[i].After(t)
}

func (s *shop) serveOrder(w http.ResponseWriter, id string) {
	if i, err := strconv.Atoi(id); err == nil && i <= len(s.numbers) {
		json.NewEncoder(w).Encode(map[string]any{"data": s.order(i - 1)})
		return
	}
	w.WriteHeader(http.StatusNotFound)
}

func (s *shop) serveFeed(w http.ResponseWriter) {
	rows := []map[string]any{}
	for i, n := range s.numbers {
		rows = append(rows, map[string]any{"order_id": i + 1, "order_number": n})
	}
	json.NewEncoder(w).Encode(map[string]any{"data": rows, "has_more": false})
}

func (s *shop) matches(i int, number string, query map[string][]string) bool {
	for k, v := range query {
		field, op, _ := strings.Cut(strings.TrimSuffix(k, "]"), "[")
		if field == "updated_at" && s.mode != "ignored" && !s.inTime(i, op, v[0]) {
			return false
		}
		if field == "id" && s.mode != "ignored" {
			return slices.Contains(strings.Split(v[0], ","), strconv.Itoa(i+1))
		}
		if !strings.HasPrefix(field, "order_number") || s.mode == "ignored" || s.mode == "no in" && op == "in" {
			continue
		}
		switch {
		case op == "in":
			return slices.Contains(strings.Split(v[0], ","), number)
		case s.mode == "partial":
			return strings.Contains(number, v[0])
		default:
			return number == v[0]
		}
	}
	return true
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.queries = append(s.queries, r.URL.RawQuery)
	q := r.URL.Query()
	if s.mode == "rejected" && (q.Has("order_number") || q.Has("order_number[in]")) {
		w.WriteHeader(422)
		io.WriteString(w, `{"message":"order_number can't be filtered"}`)
		return
	}
	switch at := path.Base(r.URL.Path); at {
	case "sales-orders", "purchase-orders":
	case "export":
		s.serveFeed(w)
		return
	default:
		s.serveOrder(w, at)
		return
	}
	var rows []map[string]any
	for i, n := range s.numbers {
		if s.matches(i, n, q) {
			rows = append(rows, s.order(i))
		}
	}
	page, per := 1, 10
	if v, err := strconv.Atoi(q.Get("page")); err == nil {
		page = v
	}
	if v, err := strconv.Atoi(q.Get("per_page")); err == nil {
		per = v
	}
	if s.perPage > 0 {
		per = s.perPage
	}
	last := max(1, (len(rows)+per-1)/per)
	from, to := min((page-1)*per, len(rows)), min(page*per, len(rows))
	out := rows[from:to]
	if out == nil {
		out = []map[string]any{}
	}
	json.NewEncoder(w).Encode(map[string]any{"data": out, "meta": map[string]any{
		"current_page": page, "last_page": last, "per_page": per, "total": len(rows),
	}})
}

// newFinder returns a Finder for a server.
func newFinder(t *testing.T, h http.Handler, kind order.Kind) *Finder {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c, err := luminous.New(luminous.Config{BaseURL: s.URL, Token: "t"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return New(Config{API: c, Kind: kind})
}

func TestByNumber(t *testing.T) {
	for _, c := range []struct {
		mode   string
		number string
		kind   order.Kind
		want   []int64
	}{
		{"", "A-1", order.SalesOrders, []int64{1}},
		{"", "A", order.SalesOrders, nil},
		{"", "A,2", order.SalesOrders, []int64{3}},
		{"partial", "A-1", order.SalesOrders, []int64{1, 5}},
		{"ignored", "B", order.PurchaseOrders, []int64{4}},
		{"ignored", "X-B", order.PurchaseOrders, []int64{4}},
	} {
		s := &shop{numbers: []string{"A-1", "A-10", "A,2", "B", "A-1"}, mode: c.mode, perPage: 2}
		if c.mode == "" {
			s.numbers = s.numbers[:4]
		}
		got, err := newFinder(t, s, c.kind).ByNumber(t.Context(), c.number)
		var ids []int64
		for _, a := range got {
			ids = append(ids, a.ID)
		}
		if err != nil || !slices.Equal(ids, c.want) {
			t.Errorf("%q with filter %q: got %v, %v; want %v", c.number, c.mode, ids, err, c.want)
		}
	}
}

// TestIgnoredFilter checks that a look-up ends when the server lists thousands of orders.
func TestIgnoredFilter(t *testing.T) {
	s := &shop{mode: "ignored"}
	for i := range 5000 {
		s.numbers = append(s.numbers, fmt.Sprint("N", i))
	}
	_, err := newFinder(t, s, order.SalesOrders).ByNumber(t.Context(), "N4999")
	var e *luminous.Error
	if !errors.Is(err, ErrFilterIgnored) || !errors.As(err, &e) || e.Outcome != luminous.Unknown || len(s.queries) != 1 {
		t.Errorf("got %v after %d requests", err, len(s.queries))
	}
}

func TestByNumbers(t *testing.T) {
	s := &shop{}
	var numbers []string
	for i := range 250 {
		s.numbers = append(s.numbers, fmt.Sprintf("SO-%04d", i))
		numbers = append(numbers, fmt.Sprintf("SO-%04d", i*2)) // half of them exist
	}
	s.numbers = append(s.numbers, "with, comma")
	numbers = append(numbers, "with, comma", "SO-0000")
	f := newFinder(t, s, order.SalesOrders)
	if method, err := f.Prove(t.Context()); err != nil || method != Batch {
		t.Fatalf("method %v, %v; want Batch", method, err)
	}
	before := len(s.queries)
	got, err := f.ByNumbers(t.Context(), numbers)
	if err != nil || len(got) != 126 || len(got["SO-0002"]) != 1 || got["SO-0002"][0].ID != 3 || len(got["with, comma"]) != 1 {
		t.Errorf("found %d of 126: %v", len(got), err)
	}
	if n := len(s.queries) - before; n != 4 {
		t.Errorf("%d requests, want 3 batches and 1 single", n)
	}
	long := make([]string, 100)
	for i := range long {
		long[i] = fmt.Sprintf("%03d %s", i, strings.Repeat("é", 40))
	}
	batches, _ := batch(long)
	for _, b := range batches {
		if n := len(strings.Join(b, ",")); n > maxQuery {
			t.Errorf("a batch of %d bytes", n)
		}
	}
	if len(batches) < 4 {
		t.Errorf("%d batches for 100 long numbers", len(batches))
	}
}

func TestProve(t *testing.T) {
	for mode, want := range map[string]Method{"": Batch, "ignored": Changes, "partial": Batch, "no in": Single, "rejected": Changes} {
		s := &shop{numbers: []string{"A", "B", "C"}, mode: mode}
		f := newFinder(t, s, order.SalesOrders)
		if got, err := f.Prove(t.Context()); err != nil || got != want {
			t.Errorf("filter %q: method %v, %v; want %v", mode, got, err, want)
		}
		before := len(s.queries)
		if got, err := f.Prove(t.Context()); err != nil || got != want || len(s.queries) != before {
			t.Errorf("filter %q: the second time method %v, %v after %d requests; want none", mode, got, err, len(s.queries)-before)
		}
		if ok, _ := f.proveNumber(t.Context(), "Z", "order_number", "none"); ok {
			t.Errorf("filter %q: proven with an order that doesn't exist", mode)
		}
	}
	empty := newFinder(t, &shop{}, order.SalesOrders)
	if got, err := empty.Prove(t.Context()); err != nil || got != Unproven {
		t.Errorf("without orders: method %v, %v; want Unproven", got, err)
	}
	if got, err := newFinder(t, &shop{numbers: []string{"A,1"}}, order.SalesOrders).Prove(t.Context()); err != nil || got != Changes {
		t.Errorf("with unfilterable numbers only: method %v, %v; want Changes", got, err)
	}
	if _, err := newFinder(t, http.NotFoundHandler(), order.SalesOrders).Prove(t.Context()); err == nil {
		t.Error("a failed look-up must be an error: it says nothing about the filter")
	}
}

func TestByIDs(t *testing.T) {
	for _, ignored := range []bool{false, true} {
		s := &shop{numbers: []string{"A", "B", "C"}}
		if ignored {
			s.mode = "ignored"
		}
		f := newFinder(t, s, order.SalesOrders)
		if _, err := f.Prove(t.Context()); err != nil {
			t.Fatal(err)
		}
		before := len(s.queries)
		got, err := f.ByIDs(t.Context(), []int64{1, 3, 9})
		if err != nil || len(got) != 2 || got[3].Numbers[0] != "C" {
			t.Errorf("ignored %v: got %v, %v; want orders 1 and 3", ignored, got, err)
		}
		if n, want := len(s.queries)-before, map[bool]int{false: 3, true: 6}[ignored]; n != want {
			t.Errorf("ignored %v: %d requests, want %d", ignored, n, want)
		}
	}
}

// TestFind checks when an order that isn't found is known not to exist.
func TestFind(t *testing.T) {
	early, late := time.Unix(1000, 0), time.Unix(2000, 0)
	for _, c := range []struct {
		name   string
		method Method
		shop   []string
		known  []knownOrder
		want   string // part of Inconclusive
	}{
		{"nothing listed", Unproven, nil, nil, "no list shows any order"},
		{"a known order is found", Batch, []string{"K"}, []knownOrder{{"K", late}}, ""},
		{"no order is known", Batch, []string{"A"}, nil, "no order is known to exist"},
		{"a known order isn't found", Single, []string{"A"}, []knownOrder{{"K", late}}, "don't show order K"},
		{"only the older known order is found", Single, []string{"OLD"}, []knownOrder{{"OLD", early}, {"K", late}}, "don't show order K"},
		{"an unfilterable order isn't asked for", Single, []string{"A"}, []knownOrder{{"K,1", late}}, "no order is known to exist"},
		{"the feed without a known order", Changes, nil, nil, "no order is known to exist"},
		{"the feed with a known order", Changes, []string{"K,1"}, []knownOrder{{"K,1", late}}, ""},
		{"the feed without the known order", Changes, []string{"A"}, []knownOrder{{"K,1", late}}, "don't show order K,1"},
	} {
		f := newFinder(t, &shop{numbers: c.shop}, order.SalesOrders)
		f.method = c.method
		for _, k := range c.known {
			f.Remember(k.number, k.at)
		}
		got, err := f.Find(t.Context(), c.method, []string{"X"}, time.Unix(1500, 0))
		if err != nil || len(got.Orders["X"]) != 0 || (got.Inconclusive == "") != (c.want == "") || !strings.Contains(got.Inconclusive, c.want) {
			t.Errorf("%s: got %+v, %v; want %q", c.name, got, err, c.want)
		}
		if got.ActiveOnly != (c.method == Changes) {
			t.Errorf("%s: active orders only: %v", c.name, got.ActiveOnly)
		}
	}
}

// TestChangesInAnotherZone lists an order that changed six hours before the known one, on a server
// whose filters read a time without a zone as one six hours later, or ignore it: the order is
// found.
func TestChangesInAnotherZone(t *testing.T) {
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, mode := range []string{"no in", "ignored"} {
		s := &shop{
			numbers: []string{"A", "B"}, updated: []time.Time{noon, noon.Add(6 * time.Hour)}, mode: mode, zone: 6 * time.Hour,
		}
		f := newFinder(t, s, order.PurchaseOrders)
		f.Since = noon.Add(-time.Minute)
		f.Remember("B", noon.Add(6*time.Hour))
		got, err := f.Find(t.Context(), Changes, []string{"A"}, noon.Add(time.Minute))
		if err != nil || len(got.Orders["A"]) != 1 || got.Inconclusive != "" {
			t.Errorf("filters %q: got %+v, %v; want order A", mode, got, err)
		}
	}
}
