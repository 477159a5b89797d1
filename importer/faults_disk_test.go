package importer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// failing is a ledger whose disk fails at one commit and at all after it.
type failing struct {
	*ledger.Ledger
	at      int  // the commit that fails, from 1
	written bool // what failed is on the disk nevertheless, as after a sync that failed

	mu      sync.Mutex
	calls   int
	durable map[string]bool // numbers of claims that were returned
}

// Advance fails where it shall.
func (f *failing) Advance(ctx context.Context, run int64, settled []ledger.Settlement, want int) (ledger.Taken, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.calls++; f.calls >= f.at {
		if f.written && f.calls == f.at {
			if _, err := f.Ledger.Advance(ctx, run, settled, want); err != nil {
				return ledger.Taken{}, err
			}
		}
		return ledger.Taken{}, fmt.Errorf("advancing: %w", ledger.ErrFull)
	}
	taken, err := f.Ledger.Advance(ctx, run, settled, want)
	for _, o := range taken.Claimed {
		f.durable[o.Number] = true
	}
	return taken, err
}

// careful is an API that complains of what is sent without a durable claim.
type careful struct {
	importer.API
	tb testing.TB
	f  *failing
}

// Create looks whether the claim of what it sends is durable.
func (c *careful) Create(ctx context.Context, kind order.Kind, payload []byte) (order.Answer, error) {
	var in struct {
		Number string `json:"order_number"`
	}
	err := json.Unmarshal(payload, &in)
	c.f.mu.Lock()
	if err != nil || !c.f.durable[in.Number] {
		c.tb.Errorf("order %q was sent without a durable claim (%v)", in.Number, err)
	}
	c.f.mu.Unlock()
	return c.API.Create(ctx, kind, payload)
}

// TestDiskFails lets the nth commit fail, for n = 1, 2, 3 ... until the run passes: with and without its being on the disk, and with a ledger
// that is cut back to its last sync and has the torn beginning of another write behind it.
func TestDiskFails(t *testing.T) {
	const n = 16
	for _, mode := range []string{"not written", "written", "cut back"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			passed := false
			for at := 1; !passed && !t.Failed(); at++ {
				t.Run(fmt.Sprint(at), func(t *testing.T) {
					b := newBed(t, order.SalesOrders, numbers(n), sandbox.Config{}, 1)
					s := b.start()
					f := &failing{Ledger: b.ledger, at: at, written: mode == "written", durable: map[string]bool{}}
					s.Journal, s.API = f, &careful{API: s.API, tb: t, f: f}
					err := s.Do(context.Background(), context.Background())
					if passed = err == nil; passed {
						b.verify(numbers(n), nil)
						return
					}
					if !errors.Is(err, ledger.ErrFull) {
						t.Errorf("the run ended with %v, want %v", err, ledger.ErrFull)
					}
					if mode == "cut back" {
						b.cutBack()
					}
					b.finish()
					b.verify(numbers(n), nil)
				})
			}
		})
	}
}

// cutBack goes on with a copy of the ledger as a power cut would leave it.
func (b *bed) cutBack() {
	b.Helper()
	from := b.ledger.Path()
	to := filepath.Join(b.dir, "after-the-cut.db")
	for _, end := range []string{"", "-wal"} {
		in, err := os.Open(from + end)
		b.check(err)
		out, err := os.Create(to + end)
		b.check(err)
		_, err = io.Copy(out, in)
		b.check(err)
		if end == "-wal" {
			_, err = out.Write(make([]byte, 1000)) // of a write that never ended
			b.check(err)
		}
		b.check(errors.Join(in.Close(), out.Close()))
	}
	b.let()
	b.let = nil
	b.check(b.ledger.Close())
	var err error
	b.ledger, err = ledger.Open(to)
	b.check(err)
}
