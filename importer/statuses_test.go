package importer_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"sync/atomic"
	"testing"

	"ordersheet/importer/compare"
	"ordersheet/importer/plan"
	"ordersheet/importer/undo"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// statuses are what a server or a gateway may answer instead of success.
var statuses = []int{
	400, 401, 403, 404, 405, 408, 409, 410, 412, 413, 415, 422, 423, 425, 428, 429, 451, 500, 501, 502, 503, 504, 507, 511, 520,
}

// calls are the kinds of requests that such a status may answer.
var calls = map[string]func(*http.Request) bool{
	"write": func(r *http.Request) bool { return r.Method != http.MethodGet },
	"page": func(r *http.Request) bool {
		_, err := strconv.Atoi(path.Base(r.URL.Path))
		return err == nil && r.Method == http.MethodGet
	},
	"list": func(r *http.Request) bool {
		base := path.Base(r.URL.Path)
		return r.Method == http.MethodGet && (base == string(order.SalesOrders) || base == string(order.PurchaseOrders))
	},
}

// TestStatuses answers all calls of one sort with one status from some moment on, as JSON and as a
// gateway's HTML page, while orders are created, updated, deleted and undone. Whatever the run says
// of an order must be so.
func TestStatuses(t *testing.T) {
	for _, status := range statuses {
		for call, matches := range calls {
			for _, action := range []string{"create", "update", "delete", "undo"} {
				for _, kind := range []order.Kind{order.SalesOrders, order.PurchaseOrders} {
					for _, html := range []bool{false, true} {
						if html && status != 404 && status != 502 && status != 503 {
							continue
						}
						name := fmt.Sprintf("%d/%s/%s/%s/html=%v", status, call, action, kind, html)
						bubble(t, name, func(t *testing.T) { testStatus(t, status, matches, action, kind, html) })
					}
				}
			}
		}
	}
}

func testStatus(t *testing.T, status int, matches func(*http.Request) bool, action string, kind order.Kind, html bool) {
	const n = 4
	var striking atomic.Bool
	h := newHarness(t, kind, sandbox.Config{}, 0, func(_ *harness, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !striking.Load() || !matches(r) {
				next.ServeHTTP(w, r)
				return
			}
			_, _ = io.Copy(io.Discard, r.Body)
			body := `{"message":"not here"}`
			w.Header().Set("Content-Type", "application/json")
			if html {
				body = "<html><title>gateway</title></html>"
				w.Header().Set("Content-Type", "text/html")
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
	})
	h.impatient()
	h.check(h.sandbox.Fill(string(kind), 2*n)) // the first n are never touched
	if planStatus(h, action, n, &striking) {
		_ = h.submit()
	}
	striking.Store(false)
	for _, o := range h.orders() {
		h.checkTruth(action, o)
	}
}

// planStatus plans the run whose calls are struck. It reports whether there is one.
func planStatus(h *harness, action string, n int, striking *atomic.Bool) bool {
	ctx := context.Background()
	var all []request
	for i := range n {
		r := request{number: fmt.Sprintf("N-%d", i), action: "create", payload: newPayload(h.kind, i)}
		if action == "update" || action == "delete" {
			r = request{number: h.sandbox.Orders(string(h.kind))[n+i].Numbers[0], action: action, payload: `{}`}
			if action == "update" {
				r.payload = map[order.Kind]string{order.SalesOrders: `{"internal_notes":"new"}`, order.PurchaseOrders: `{"private_note":"new"}`}[h.kind]
			}
		}
		all = append(all, r)
	}
	h.plan(all...)
	if action != "undo" {
		h.compare(func(c *compare.Config) { c.Existing = compare.CheckOn })
		striking.Store(true)
		return true
	}
	h.check(h.submit())
	h.expect("created", "created", "created", "created")
	striking.Store(true)
	h.release()
	h.release = nil
	done, err := h.ledger.GetRun(ctx, h.run.ID)
	h.check(err)
	run, err := undo.Plan(ctx, undo.Config{Ledger: h.ledger, API: h.client, Run: done, Options: plan.Options{}})
	if err != nil { // it says so, and nothing is undone
		return false
	}
	h.run = run
	return true
}

func newPayload(kind order.Kind, i int) string {
	if kind == order.PurchaseOrders {
		return fmt.Sprintf(`{"order_numbers":["N-%d"],"supplier_id":1,"warehouse_id":1,"order_date":"2026-01-01","items":[{"sku":"SKU-1","quantity":1,"unit_price":2}]}`, i)
	}
	return fmt.Sprintf(`{"order_number":"N-%d","channel_id":1,"company_id":1,"order_date":"2026-01-01","order_status":"pending","items":[{"sku":"SKU-1","quantity":1,"unit_price":2}]}`, i)
}

// checkTruth compares what the ledger says of an order with the sandbox.
func (h *harness) checkTruth(action string, o ledger.Order) {
	h.Helper()
	s := h.existing(o.Number)
	gone := s.ID == 0 || s.OrderStatus == "cancelled"
	removes := o.Action == order.Delete
	isNew := s.InternalNotes == "new" || s.PrivateNote == "new"
	wrong := false
	switch o.State {
	case ledger.Created:
		wrong = gone
	case ledger.Updated:
		wrong = !isNew
	case ledger.Deleted:
		wrong = !gone
	case ledger.Unchanged:
		wrong = removes && !gone || action == "update" && !isNew || action == "create" && gone
	case ledger.Rejected:
		wrong = removes && gone || action == "update" && isNew || action == "create" && s.ID != 0
	}
	if wrong {
		h.Errorf("order %s is %s (%s), and Luminous has %+v", o.Number, o.State, o.Message, s)
	}
}
