package exporter_test

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ordersheet/exporter"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// The grades that a proof can have, from a server that does what it promises and from some that
// don't.
func TestProof(t *testing.T) {
	feed := func(fault string) sandbox.Config {
		return sandbox.Config{Script: func(c sandbox.Call) string {
			if strings.HasSuffix(c.Path, "/export") {
				return fault
			}
			return ""
		}}
	}
	nth := func(fault string, first, last int) sandbox.Config {
		return sandbox.Config{Faults: []sandbox.Fault{{Name: fault, Method: http.MethodGet, First: first, Last: last}}}
	}
	uncounted := feed("repeated_row")
	uncounted.IgnoreFilters = []string{"updated_at[gte]"}
	for name, c := range map[string]struct {
		kind    order.Kind
		orders  int
		cfg     sandbox.Config
		spoil   func(http.Handler) http.Handler
		details bool
		filter  string
		grade   exporter.Grade
		says    string
	}{
		"honest feed":      {grade: exporter.Counted},
		"honest details":   {details: true, grade: exporter.Counted},
		"honest purchases": {kind: order.PurchaseOrders, grade: exporter.Counted},
		"no time filter":   {cfg: sandbox.Config{IgnoreFilters: []string{"updated_at[gte]"}}, grade: exporter.Complete, says: "can't be filtered by the time of change"},
		"no status filter": {cfg: sandbox.Config{IgnoreFilters: []string{"status"}}, grade: exporter.Complete, says: "ignores the filter status"},
		"honest filter":    {filter: "order_status=pending", grade: exporter.Counted},
		"ignores the filter": {
			filter: "order_status[in]=pending,shipped", cfg: sandbox.Config{IgnoreFilters: []string{"order_status[in]"}},
			grade: exporter.Contradicted, says: "the server ignores the filter order_status[in]",
		},
		"hides an order":          {cfg: feed("hidden_row"), grade: exporter.Contradicted, says: "order 1016 (S-000016"},
		"shows an order late":     {orders: 4, cfg: feed("hidden_row"), grade: exporter.Complete, says: "the next export begins before that"},
		"loses an order":          {cfg: feed("lost_row"), grade: exporter.Contradicted, says: "claims 30 orders but has 29"},
		"hides all":               {cfg: feed("no_rows"), grade: exporter.Contradicted, says: "wasn't read"},
		"ends early":              {orders: 1500, cfg: feed("early_end"), grade: exporter.Contradicted, says: "order 2001"},
		"miscounts":               {cfg: feed("wrong_count"), grade: exporter.Contradicted, says: "claims 31 orders but has 30"},
		"repeats":                 {cfg: feed("repeated_row"), grade: exporter.Contradicted, says: "claims 30 orders but has 31"},
		"reorders":                {cfg: feed("reordered"), grade: exporter.Counted, says: "29 orders are out of order"},
		"repeats and can't count": {cfg: uncounted, grade: exporter.Contradicted, says: "1 order appeared twice"},
		"never ends":              {kind: order.PurchaseOrders, cfg: nth("no_end", 1, 1<<30), grade: exporter.Counted},
		"shifts its pages":        {orders: 300, kind: order.PurchaseOrders, cfg: nth("shifted", 1, 1<<30), grade: exporter.Counted},
		"no time filter at all":   {orders: 300, kind: order.PurchaseOrders, cfg: sandbox.Config{IgnoreFilters: []string{"updated_at[gte]"}}, grade: exporter.Complete, says: "4 pages with 300 orders"},
		"times of another zone":   {orders: 300, kind: order.PurchaseOrders, spoil: zoned(false), grade: exporter.Counted},
		"times of no known zone":  {orders: 300, kind: order.PurchaseOrders, spoil: zoned(true), grade: exporter.Complete, says: "can't be filtered by the time of change"},
		"loses from a list":       {orders: 300, kind: order.PurchaseOrders, cfg: nth("lost_row", 5, 5), grade: exporter.Contradicted, says: "wasn't read"},
		"ends a list early":       {orders: 300, kind: order.PurchaseOrders, cfg: nth("early_end", 4, 4), grade: exporter.Counted, says: "counts 299 orders"},
		"repeats in a list":       {orders: 300, kind: order.PurchaseOrders, cfg: nth("repeated_row", 1, 1<<30), grade: exporter.Counted},
		"reorders a list":         {orders: 300, kind: order.PurchaseOrders, cfg: nth("reordered", 1, 1<<30), grade: exporter.Counted},
		"reorders a list that can't count": {
			orders: 300, kind: order.PurchaseOrders, grade: exporter.NotComparable, says: "can't be filtered by the time of change",
			cfg: sandbox.Config{IgnoreFilters: []string{"updated_at[gte]"}, Faults: nth("reordered", 1, 1<<30).Faults},
		},
		"details disagree": {
			details: true,
			spoil:   spoiled("/sales-orders/1005", func(_ int, a map[string]any) { a["data"].(map[string]any)["total"] = 1 }),
			grade:   exporter.Contradicted, says: "order 1005 (S-000005): total: ",
		},
		"details lack a line": {
			details: true,
			spoil:   spoiled("/sales-orders/1005", func(_ int, a map[string]any) { a["data"].(map[string]any)["items"] = []any{} }),
			grade:   exporter.Contradicted, says: "lines: 3 in the feed",
		},
		"loses the same orders always": {
			kind: order.PurchaseOrders, cfg: nth("lost_row", 1, 1<<30), grade: exporter.Contradicted, says: "wasn't read",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newHarness(t, cmp.Or(c.orders, 30), c.cfg, c.spoil)
			columns := feedColumns
			if c.kind == "" {
				c.kind = order.SalesOrders
			} else {
				columns = nil
			}
			j := b.job(c.kind, "orders.csv", columns...)
			if c.details {
				j.Details = exporter.WithDetails
			}
			if c.filter != "" {
				f, err := exporter.ParseFilter(c.filter)
				b.check(err)
				j.Filters = append(j.Filters, f)
			}
			m := b.do(j)
			said := strings.Join(m.Proof.Contradictions, "; ")
			for _, check := range m.Proof.Checks {
				said += "; " + check.Text
			}
			if m.Proof.Grade != c.grade || !strings.Contains(said, c.says) {
				t.Errorf("graded %s: %s\nwant %s with %q", m.Proof.Grade, said, c.grade, c.says)
			}
			wantPublished(t, b, m)
		})
	}
}

// zoned reads times in filters as if they were of a zone six hours behind: those without a zone, or
// all.
func zoned(all bool) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			q := r.URL.Query()
			for name, values := range q {
				if t, err := time.Parse(time.DateTime, strings.NewReplacer("T", " ", "Z", "").Replace(values[0])); err == nil && (all || !strings.Contains(values[0], "Z")) {
					q.Set(name, t.Add(6*time.Hour).Format(time.DateTime))
				}
			}
			r.URL.RawQuery = q.Encode()
			h.ServeHTTP(w, r)
		})
	}
}

// wantPublished wants the file under its name, or under .suspect without a watermark, and just as
// its manifest says.
func wantPublished(t *testing.T, b *harness, m exporter.Manifest) {
	t.Helper()
	name := "orders.csv"
	if m.Suspect() {
		name += ".suspect"
	}
	if want := []string{name, name + ".manifest.json"}; !slices.Equal(b.files(), want) {
		t.Errorf("the folder holds %q, want %q", b.files(), want)
	}
	v, err := exporter.New(exporter.Config{}).Verify(filepath.Join(b.dir, name))
	if err != nil || len(v.Wrong) > 0 {
		t.Errorf("verifying: %v, %v", v.Wrong, err)
	}
	mark, err := b.ledger.Watermark(context.Background(), m.Account, m.Kind, m.Name)
	b.check(err)
	if m.Suspect() != (mark.At == "") || mark.At != m.Watermark {
		t.Errorf("the watermark is %q, the manifest says %q, suspect is %v", mark.At, m.Watermark, m.Suspect())
	}
	ids := column(t, b.table(filepath.Join(b.dir, name)), "id")
	if n := len(slices.Compact(ids)); n != m.Counts.Orders {
		t.Errorf("the file holds %d runs of one id each, want one for each of %d orders", n, m.Counts.Orders)
	}
}

// A server that goes round in a circle ends the export, and nothing is published.
func TestCircle(t *testing.T) {
	t.Parallel()
	b := newHarness(t, 30, sandbox.Config{Faults: []sandbox.Fault{{Name: "no_end", P: 1}}}, nil)
	j := b.job(order.SalesOrders, "orders.csv", feedColumns...)
	if _, err := j.run(context.Background()); !errors.Is(err, exporter.ErrServer) {
		t.Errorf("got %v, want a server that contradicts itself", err)
	}
	if len(b.files()) > 0 {
		t.Errorf("the folder holds %q", b.files())
	}
}

// Verify finds each kind of change.
func TestVerify(t *testing.T) {
	t.Parallel()
	b := newHarness(t, 10, sandbox.Config{}, nil)
	j := b.job(order.SalesOrders, "orders.xlsx", feedColumns...)
	b.do(j)
	path := filepath.Join(b.dir, "orders.xlsx")
	whole, err := os.ReadFile(path)
	b.check(err)
	for what, c := range map[string]struct {
		content []byte
		says    string
	}{
		"untouched": {whole, ""},
		"cut":       {whole[:len(whole)-1], "bytes, but was published with"},
		"changed":   {append(slices.Clone(whole[:len(whole)-1]), 1), "was changed"},
	} {
		b.check(os.WriteFile(path, c.content, 0o600))
		v, err := exporter.New(exporter.Config{}).Verify(path)
		if said := strings.Join(v.Wrong, "; "); err != nil || (said == "") != (c.says == "") || !strings.Contains(said, c.says) {
			t.Errorf("%s: %q, %v; want %q", what, said, err, c.says)
		}
	}
	b.check(os.Remove(path))
	if v, err := exporter.New(exporter.Config{}).Verify(path); err != nil || len(v.Wrong) != 1 || !strings.Contains(v.Wrong[0], "is missing") {
		t.Errorf("a file that is gone: %q, %v", v.Wrong, err)
	}
}
