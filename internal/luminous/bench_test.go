package luminous

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"ordersheet/internal/order"
)

// benchServer answers every request with the example answer of the vendor's page.
func benchServer(b *testing.B) (base string, body []byte) {
	b.Helper()
	answer, err := os.ReadFile("../../testdata/wire/sales-orders.create.answer.json")
	if err != nil {
		b.Fatal(err)
	}
	if body, err = os.ReadFile("../../testdata/wire/sales-orders.create.request.json"); err != nil {
		b.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(201)
		w.Write(answer)
	}))
	b.Cleanup(s.Close)
	return s.URL, body
}

// BenchmarkCreate measures all that the client does for an order, with a server in the same
// process. Compare it with BenchmarkBareLoop.
func BenchmarkCreate(b *testing.B) {
	base, body := benchServer(b)
	c, err := New(Config{BaseURL: base, Token: "t", Workers: 32})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	b.SetParallelism(16)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := c.Create(b.Context(), order.SalesOrders, body); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkBareLoop measures net/http alone doing the same, without parsing the answer.
func BenchmarkBareLoop(b *testing.B) {
	base, body := benchServer(b)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	b.SetParallelism(16)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			res, err := client.Post(base+"/sales-orders", "application/json", bytes.NewReader(body))
			if err != nil {
				b.Error(err)
				return
			}
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
	})
}

func BenchmarkParseAnswer(b *testing.B) {
	answer, err := os.ReadFile("../../testdata/wire/sales-orders.create.answer.json")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := order.ParseAnswer(order.SalesOrders, answer); err != nil {
			b.Fatal(err)
		}
	}
}
