package luminous

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ordersheet/internal/order"
)

// TestUnreadablePages checks that a list without data or meta is an error, not an empty list.
func TestUnreadablePages(t *testing.T) {
	for _, body := range []string{`{}`, `[]`, `{"data":[]}`, `{"meta":{"total":0}}`, `{"data":[{"order_number":"A"}],"meta":{"last_page":1}}`, `{"message":"ok"}`} {
		c, _ := serve(t, answerWith(200, nil, body))
		_, err := c.List(t.Context(), order.SalesOrders, nil)
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
	p, err := c.Export(t.Context(), since, "")
	if err != nil || len(p.Orders) != 1 || p.Orders[0].ID != 501 || p.Orders[0].Total.Decimal.String() != "110.5" || !p.HasMore || p.Cutoff != "2025-03-03T00:00:00Z" {
		t.Fatalf("got %+v, %v", p, err)
	}
	if p, err = c.Export(t.Context(), since, p.Next); err != nil || p.HasMore || p.Next != "" {
		t.Fatalf("got %+v, %v", p, err)
	}
	want := []string{"/external/api/v1/sales-orders/export?since=2025-03-01T00%3A00%3A00Z", "/external/api/v1/sales-orders/export?cursor=abc"}
	if !slices.Equal(queries, want) {
		t.Errorf("asked %v, want %v", queries, want)
	}
	for _, body := range []string{`{}`, `{"data":[],"has_more":true}`, `{"data":[{}],"has_more":false}`} {
		c, _ := serve(t, answerWith(200, nil, body))
		_, err := c.Export(t.Context(), since, "")
		fail(t, err, Unknown)
	}
}

// TestWireExamples parses the example exchanges of the vendor's pages: every answer names its
// order, and Raw is the whole object.
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
