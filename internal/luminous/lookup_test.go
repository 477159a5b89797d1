package luminous

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ordersheet/internal/order"
)

// shop is a list of orders with filters that work, are ignored, or match parts.
type shop struct {
	numbers []string
	mode    string // "", "ignored", "partial", "no in", "refused"
	perPage int    // 0: as asked
	queries []string
}

func (s *shop) matches(number string, query map[string][]string) bool {
	for k, v := range query {
		field, op, _ := strings.Cut(strings.TrimSuffix(k, "]"), "[")
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
	if s.mode == "refused" && (q.Has("order_number") || q.Has("order_number[in]")) {
		w.WriteHeader(422)
		io.WriteString(w, `{"message":"order_number can't be filtered"}`)
		return
	}
	var rows []map[string]any
	for i, n := range s.numbers {
		if s.matches(n, q) {
			rows = append(rows, map[string]any{"id": i + 1, "order_number": n, "order_numbers": []string{n, "X-" + n}})
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

func open(t *testing.T, s *shop) *Client {
	t.Helper()
	c, _ := serve(t, s.ServeHTTP)
	return c
}

func TestFindByNumber(t *testing.T) {
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
		got, err := open(t, s).FindByNumber(t.Context(), c.kind, c.number)
		var ids []int64
		for _, a := range got {
			ids = append(ids, a.ID)
		}
		if err != nil || !slices.Equal(ids, c.want) {
			t.Errorf("%q with filter %q: got %v, %v; want %v", c.number, c.mode, ids, err, c.want)
		}
	}
}

func TestFilterThatIsIgnoredEndsTheLookUp(t *testing.T) {
	s := &shop{mode: "ignored"}
	for i := range 5000 {
		s.numbers = append(s.numbers, fmt.Sprint("N", i))
	}
	_, err := open(t, s).FindByNumber(t.Context(), order.SalesOrders, "N4999")
	if e := fail(t, err, Unknown); e.Signature != "filter ignored" || len(s.queries) != 1 {
		t.Errorf("got %v after %d requests", err, len(s.queries))
	}
}

func TestFindByNumbers(t *testing.T) {
	s := &shop{}
	var ask []string
	for i := range 250 {
		s.numbers = append(s.numbers, fmt.Sprintf("SO-%04d", i))
		ask = append(ask, fmt.Sprintf("SO-%04d", i*2)) // every second one stands
	}
	s.numbers = append(s.numbers, "with, comma")
	ask = append(ask, "with, comma", "SO-0000")
	got, err := open(t, s).FindByNumbers(t.Context(), order.SalesOrders, ask)
	if err != nil || len(got) != 126 || len(got["SO-0002"]) != 1 || got["SO-0002"][0].ID != 3 || len(got["with, comma"]) != 1 {
		t.Errorf("found %d of 126: %v", len(got), err)
	}
	if len(s.queries) != 4 {
		t.Errorf("%d requests, want 3 lists and 1 by itself", len(s.queries))
	}
	long := make([]string, 100)
	for i := range long {
		long[i] = fmt.Sprintf("%03d %s", i, strings.Repeat("é", 40))
	}
	batches, _ := batch(long)
	for _, b := range batches {
		if n := len(strings.Join(b, ",")); n > maxQuery {
			t.Errorf("a list of %d bytes", n)
		}
	}
	if len(batches) < 4 {
		t.Errorf("%d lists for 100 long numbers", len(batches))
	}
}

func TestProveFilter(t *testing.T) {
	for mode, want := range map[string][2]bool{
		"": {true, true}, "ignored": {false, false}, "partial": {true, true}, "no in": {true, false}, "refused": {false, false},
	} {
		c := open(t, &shop{numbers: []string{"A", "B", "C"}, mode: mode})
		one, err1 := c.ProveFilter(t.Context(), order.SalesOrders, "B")
		many, err2 := c.ProveBatchFilter(t.Context(), order.SalesOrders, "B")
		if err1 != nil || err2 != nil || [2]bool{one, many} != want {
			t.Errorf("filter %q: proven %v and as a list %v, want %v; %v %v", mode, one, many, want, err1, err2)
		}
		if works, _ := c.ProveFilter(t.Context(), order.SalesOrders, "Z"); works {
			t.Errorf("filter %q: proven with an order that doesn't stand", mode)
		}
	}
	c, _ := serve(t, answerWith(404, nil, `{"message":"no"}`))
	if _, err := c.ProveFilter(t.Context(), order.SalesOrders, "B"); err == nil {
		t.Error("a failed look-up must be an error, not a verdict on the filter")
	}
}

func TestPagesThatProveNothing(t *testing.T) {
	for _, body := range []string{`{}`, `[]`, `{"data":[]}`, `{"meta":{"total":0}}`, `{"data":[{"order_number":"A"}],"meta":{"last_page":1}}`, `{"message":"ok"}`} {
		c, _ := serve(t, answerWith(200, nil, body))
		_, err := c.FindByNumber(t.Context(), order.SalesOrders, "A")
		if e := fail(t, err, Unknown); e.Signature != "unreadable answer" {
			t.Errorf("%s: got %+v", body, e)
		}
	}
}

func TestExport(t *testing.T) {
	var queries []string
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		queries = append(queries, r.URL.Path+"?"+r.URL.RawQuery)
		if r.URL.Query().Get("cursor") == "" {
			io.WriteString(w, `{"data":[{"order_id":501,"order_number":"SO-1","total_amount":110.50,"order_status":"pending","updated_at":"2025-03-02T10:15:00Z"}],
				"next_cursor":"abc","has_more":true,"meta":{"rows":1,"cutoff":"2025-03-03T00:00:00Z"}}`)
			return
		}
		io.WriteString(w, `{"data":[],"next_cursor":null,"has_more":false,"meta":{"rows":0,"cutoff":"2025-03-03T00:00:00Z"}}`)
	})
	since := time.Date(2025, 3, 1, 1, 0, 0, 0, time.FixedZone("", 3600))
	p, err := c.Export(t.Context(), since, "", 0)
	if err != nil || len(p.Orders) != 1 || p.Orders[0].ID != 501 || p.Orders[0].Total.Decimal.String() != "110.5" || !p.HasMore || p.Cutoff != "2025-03-03T00:00:00Z" {
		t.Fatalf("got %+v, %v", p, err)
	}
	if p, err = c.Export(t.Context(), since, p.Next, 50); err != nil || p.HasMore || p.Next != "" {
		t.Fatalf("got %+v, %v", p, err)
	}
	want := []string{"/external/api/v1/sales-orders/export?since=2025-03-01T00%3A00%3A00Z", "/external/api/v1/sales-orders/export?cursor=abc&limit=50"}
	if !slices.Equal(queries, want) {
		t.Errorf("asked %v, want %v", queries, want)
	}
	for _, body := range []string{`{}`, `{"data":[],"has_more":true}`, `{"data":[{}],"has_more":false}`} {
		c, _ := serve(t, answerWith(200, nil, body))
		_, err := c.Export(t.Context(), since, "", 0)
		fail(t, err, Unknown)
	}
}

// The example exchanges of the vendor's pages are read without loss: every answer names its order, and Raw holds the whole object.
func TestWireExamples(t *testing.T) {
	files, err := filepath.Glob("../../testdata/wire/*.answer.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := strings.Cut(filepath.Base(file), ".")
		a, err := order.ParseAnswer(order.Kind(kind), body)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		var whole struct {
			Data map[string]any `json:"data"`
		}
		var raw map[string]any
		if json.Unmarshal(body, &whole) != nil || json.Unmarshal(a.Raw, &raw) != nil || len(raw) == 0 || fmt.Sprint(raw) != fmt.Sprint(whole.Data) {
			t.Errorf("%s: Raw isn't the whole order", file)
		}
		if len(a.Numbers) == 0 || a.Numbers[0] == "" || a.Status == "" || !a.Total.Valid || a.UpdatedAt == "" {
			t.Errorf("%s: read as %+v", file, a)
		}
	}
}
