package importer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"ordersheet/importer/submit"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// rewriteCreates lets a server change the body of each create before it is stored.
func rewriteCreates(change func(map[string]any)) func(*harness, http.Handler) http.Handler {
	return func(_ *harness, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				var body map[string]any
				dec := json.NewDecoder(r.Body)
				dec.UseNumber()
				if err := dec.Decode(&body); err == nil {
					change(body)
				}
				raw, _ := json.Marshal(body)
				r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
			}
			next.ServeHTTP(w, r)
		})
	}
}

// TestRewrittenNumbers sends orders to a server that changes order numbers, and loses answers. No
// order may exist twice, and none that exists may be called rejected.
func TestRewrittenNumbers(t *testing.T) {
	for name, rewrite := range map[string]func(string) string{
		"case":   strings.ToLower,
		"zeros":  func(s string) string { return strings.Replace(s, "-0", "-", 1) },
		"prefix": func(s string) string { return "SO-" + s },
		"dash":   func(s string) string { return strings.ReplaceAll(s, "-", "") },
		"cut":    func(s string) string { return s[:len(s)-1] + "" },
		"blanks": func(s string) string { return s + " " },
	} {
		for _, duplicates := range []string{"accept", "422"} {
			bubble(t, name+"/"+duplicates, func(t *testing.T) { testRewritten(t, rewrite, duplicates) })
		}
	}
}

func testRewritten(t *testing.T, rewrite func(string) string, duplicates string) {
	const n = 20
	h := newHarness(t, order.SalesOrders, sandbox.Config{
		Duplicates: duplicates, Script: func(c sandbox.Call) string {
			if c.Method == http.MethodPost && c.N%3 == 1 {
				return "drop_after"
			}
			return ""
		},
	}, 7, rewriteCreates(func(body map[string]any) {
		if s, ok := body["order_number"].(string); ok {
			body["order_number"] = rewrite(s)
		}
	}))
	var all []request
	for i := range n {
		all = append(all, request{number: fmt.Sprintf("N-0%02d0", i), action: "create", payload: fmt.Sprintf(
			`{"order_number":"N-0%02d0","channel_id":1,"company_id":1,"order_date":"2026-01-01","order_status":"pending","customer_notes":"mark %d","items":[{"sku":"SKU-1","quantity":1,"unit_price":2}]}`, i, i)})
	}
	h.plan(all...)
	stopped := 0
	for range 4 {
		if h.submit() != nil {
			stopped++
		}
	}
	if stopped == 0 {
		t.Error("no run was stopped")
		for _, o := range h.orders() {
			t.Log(o.Number, o.State, o.Message)
		}
	}
	marks := map[string]int{}
	for _, o := range h.sandbox.Orders(sandbox.SalesOrders) {
		var in struct {
			Mark string `json:"customer_notes"`
		}
		h.check(json.Unmarshal(o.Raw, &in))
		if marks[in.Mark]++; marks[in.Mark] > 1 {
			t.Errorf("the order with %s exists %d times", in.Mark, marks[in.Mark])
		}
	}
	for i, o := range h.orders() {
		exists := marks[fmt.Sprint("mark ", i)] > 0
		if exists && (o.State == ledger.Rejected || o.State == ledger.OrderPlanned) || !exists && o.State == ledger.Created {
			t.Errorf("order %s is %s (%s); it exists: %v", o.Number, o.State, o.Message, exists)
		}
	}
}

// TestDoubtfulIDs lets a server answer creates with an id that another order has, or that none can
// have: the orders are found by their numbers.
func TestDoubtfulIDs(t *testing.T) {
	for name, id := range map[string]string{"repeated": "1001", "negative": "-5", "zero": "0"} {
		bubble(t, name, func(t *testing.T) {
			names := numbers(6)
			h := newPlanned(t, names, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				changeAnswer(w, r, next, func(data map[string]any) { data["id"] = json.Number(id) })
			})
			h.check(h.submit())
			for _, o := range h.orders() {
				if s := h.existing(o.Number); o.State != ledger.Created || o.ID != s.ID {
					t.Errorf("order %s is %s with the id %d (%s), Luminous has it as %d", o.Number, o.State, o.ID, o.Message, s.ID)
				}
			}
		})
	}
}

// TestAnswersOfOtherOrders lets a server answer every create with another order: the run ends with
// the first orders.
func TestAnswersOfOtherOrders(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var n atomic.Int64
		h := newPlanned(t, numbers(40), func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			changeAnswer(w, r, next, func(data map[string]any) {
				data["order_number"] = fmt.Sprint("OTHER-", n.Add(1))
			})
		})
		cfg := h.start()
		cfg.Canary = 3
		if err := submit.Run(context.Background(), context.Background(), cfg); err == nil {
			t.Error("the run wasn't stopped")
		}
		if got := len(h.sandbox.Orders(sandbox.SalesOrders)); got > 3 {
			t.Errorf("%d orders were created, want at most 3", got)
		}
	})
}

// newPlanned plans sales orders for a server whose answers to creates are changed.
func newPlanned(t *testing.T, names []string, answer func(http.ResponseWriter, *http.Request, http.Handler)) *harness {
	h := newHarness(t, order.SalesOrders, sandbox.Config{}, 0, func(_ *harness, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost {
				next.ServeHTTP(w, r)
				return
			}
			answer(w, r, next)
		})
	})
	h.planFile(csvOf(order.SalesOrders, names))
	return h
}

// changeAnswer changes the order in an answer.
func changeAnswer(w http.ResponseWriter, r *http.Request, next http.Handler, change func(map[string]any)) {
	rec := httptest.NewRecorder()
	next.ServeHTTP(rec, r)
	var body map[string]any
	dec := json.NewDecoder(rec.Body)
	dec.UseNumber()
	if dec.Decode(&body) == nil {
		data, ok := body["data"].(map[string]any)
		if !ok {
			data = body
		}
		change(data)
	}
	raw, _ := json.Marshal(body)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(rec.Code)
	_, _ = w.Write(raw)
}

// TestGatewayPages lets a gateway answer several creates in flight with an HTML page of its own: the
// run rides that out, as it does with the API's own 5xx.
func TestGatewayPages(t *testing.T) {
	for _, status := range []int{502, 503, 504} {
		bubble(t, fmt.Sprint(status), func(t *testing.T) {
			var n atomic.Int64
			h := newPlanned(t, numbers(20), func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if i := n.Add(1); i < 4 || i > 7 {
					next.ServeHTTP(w, r)
					return
				}
				w.Header().Set("Content-Type", "text/html")
				w.WriteHeader(status)
				_, _ = io.WriteString(w, "<html><title>gateway</title></html>")
			})
			h.check(h.submit())
			h.verify(numbers(20), nil)
		})
	}
}
