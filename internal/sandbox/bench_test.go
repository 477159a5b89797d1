package sandbox

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// BenchmarkServe is BenchmarkCreate over real connections, including the client.
func BenchmarkServe(b *testing.B) {
	s, err := New(Config{})
	if err != nil {
		b.Fatal(err)
	}
	srv := httptest.NewServer(s)
	defer srv.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	var n atomic.Int64
	b.SetParallelism(16)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r, _ := http.NewRequest("POST", srv.URL+Prefix+"/sales-orders", strings.NewReader(salesBody(fmt.Sprint("SO-", n.Add(1)))))
			r.Header.Set("Authorization", "Bearer x")
			resp, err := client.Do(r)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body) // so that the connection is reused
			if resp.Body.Close(); resp.StatusCode != http.StatusCreated {
				b.Errorf("got status %d", resp.StatusCode)
			}
		}
	})
}

func BenchmarkCreate(b *testing.B) {
	s, err := New(Config{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := range b.N {
		r := httptest.NewRequest("POST", Prefix+"/sales-orders", bytes.NewReader([]byte(salesBody(fmt.Sprint("SO-", i)))))
		r.Header.Set("Authorization", "Bearer x")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != 201 {
			b.Fatal(w.Body)
		}
	}
}
