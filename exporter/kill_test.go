package exporter_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ordersheet/exporter"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// A process that exports is killed at 50 random moments, while others write. Whatever is under the
// file's name can be read to its end, what the manifest says of it was true when the manifest was
// written, and the watermark is never ahead of the manifest.
func TestKilledAtRandomMoments(t *testing.T) {
	t.Parallel()
	const kills = 50
	once := newHarness(t, 400, sandbox.Config{}, nil).firstExport()
	b := newHarness(t, 400, sandbox.Config{}, nil)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go b.box.SimulateClients(ctx, sandbox.Clients{Edits: 20, Kind: sandbox.SalesOrders, Seed: 1})
	path, seen := filepath.Join(b.dir, "orders.xlsx"), map[string]int{}
	for range kills {
		said := b.killed(rand.N(2 * once))
		seen["published"] += strings.Count(said, "published")
		seen[b.wantWhole(path)]++
	}
	t.Logf("what was met after %d kills: %v", kills, seen)
	if seen["published"] == 0 {
		t.Error("no process lived long enough to publish anything")
	}
	stop()
	j := b.job(order.SalesOrders, "orders.xlsx", feedColumns...)
	j.Since, j.Details, j.Overlap = exporter.Since{Last: true}, exporter.WithDetails, time.Second
	m := b.do(j)
	if v, err := exporter.New(exporter.Config{}).Verify(path); err != nil || len(v.Wrong) > 0 || m.Proof.Grade != exporter.Counted {
		t.Errorf("the next export is %s, and verifies with %q, %v", m.Proof.Grade, v.Wrong, err)
	}
	if names := b.files(); !slices.Equal(names, []string{"orders.xlsx", "orders.xlsx.manifest.json"}) {
		t.Errorf("the kills left behind %q", names)
	}
}

// firstExport is how long a process takes from its start to its first published export: what the
// machine and the race detector make of it.
func (b *harness) firstExport() time.Duration {
	b.Helper()
	began := time.Now()
	c := b.victim()
	out, err := c.StdoutPipe()
	b.check(err)
	b.check(c.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	took := time.Since(began)
	_ = c.Process.Kill()
	_ = c.Wait()
	if err != nil || !strings.HasPrefix(line, "published") {
		b.Fatalf("the first export said %q, %v", line, err)
	}
	return took
}

// victim is a process of its own that exports until it is killed.
func (b *harness) victim() *exec.Cmd {
	b.Helper()
	self, err := os.Executable()
	b.check(err)
	c := exec.Command(self)
	c.Env = append(os.Environ(), "EXPORTER_TEST_VICTIM="+b.dir, "EXPORTER_TEST_BASE="+b.base)
	return c
}

// killed lets a process of its own export for a while, kills it, and returns what it said.
func (b *harness) killed(after time.Duration) string {
	b.Helper()
	c := b.victim()
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	b.check(c.Start())
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	select {
	case <-time.After(after):
	case err := <-ended:
		b.Fatalf("it ended by itself: %v: %s", err, out.String())
	}
	b.check(c.Process.Kill())
	<-ended
	if strings.Contains(out.String(), "error") {
		b.Fatal(out.String())
	}
	return out.String()
}

// wantWhole looks at what a killed export left, and says what it met.
func (b *harness) wantWhole(path string) string {
	b.Helper()
	_, err := os.Stat(path)
	mark, err2 := b.ledger.Watermark(context.Background(), b.client.BaseURL(), order.SalesOrders, "sales-orders: "+strings.Join(feedColumns, ","))
	b.check(err2)
	if os.IsNotExist(err) {
		if mark.At != "" {
			b.Errorf("nothing is published, and the watermark is %s", mark.At)
		}
		return "nothing"
	}
	b.check(err)
	if rows := b.table(path); len(rows) < 1 {
		b.Errorf("the published file has no header")
	}
	m, _, err := exporter.ReadManifest(path)
	if errors.Is(err, os.ErrNotExist) {
		if mark.At != "" {
			b.Errorf("there is no manifest, and the watermark is %s", mark.At)
		}
		return "a first file before its manifest"
	}
	b.check(err)
	if mark.At > m.Watermark {
		b.Errorf("the watermark %s is ahead of the file, which goes to %s", mark.At, m.Watermark)
	}
	v, err := exporter.New(exporter.Config{}).Verify(path)
	b.check(err)
	switch {
	case len(v.Wrong) > 0 && mark.At < m.Watermark:
		b.Errorf("the file isn't its manifest's, and neither is the watermark: %q", v.Wrong)
	case len(v.Wrong) > 0:
		return "a newer file before its manifest"
	case mark.At < m.Watermark:
		return "a manifest before its watermark"
	}
	return "file, manifest and watermark"
}

// An export that was broken off goes on where it was: no page and no order is read twice, and the
// file is the one that it would have been.
func TestGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	for _, kind := range []order.Kind{order.SalesOrders, order.PurchaseOrders} {
		var requests, limit atomic.Int64
		limit.Store(1 << 40)
		b := newHarness(t, 2500, sandbox.Config{}, func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if requests.Add(1) > limit.Load() {
					http.Error(w, `{"message":"Unauthenticated."}`, http.StatusUnauthorized)
					return
				}
				h.ServeHTTP(w, r)
			})
		})
		j := b.job(kind, "whole.csv", "id", "sku", "quantity")
		j.Name = "whole"
		want := b.do(j)
		all := requests.Swap(0)
		limit.Store(all / 2)
		j = b.job(kind, "parts.csv", "id", "sku", "quantity")
		j.Name = "parts"
		if _, err := j.run(context.Background()); err == nil {
			t.Fatalf("%s: half of the requests were enough", kind)
		}
		if names := b.files(); !slices.Equal(names, []string{"whole.csv", "whole.csv.manifest.json"}) {
			t.Errorf("%s: a broken export left %q", kind, names)
		}
		limit.Store(1 << 40)
		requests.Store(0)
		b.reconnect()
		j.Connect = connected(b.client)
		got := b.do(j)
		if got.Files[0].SHA256 != want.Files[0].SHA256 || got.Sums != want.Sums && !got.Sums.Total.Equal(want.Sums.Total) {
			t.Errorf("%s: the file that was made in two goes isn't the other: %+v, %+v", kind, got.Files, want.Files)
		}
		if n := requests.Load(); n > all/2+4 { // a page that was on its way is read again
			t.Errorf("%s: going on took %d requests of %d", kind, n, all)
		}
	}
}

// The cursor of an interrupted export that the server no longer takes begins it anew.
func TestCursorThatExpired(t *testing.T) {
	t.Parallel()
	var gone, broken atomic.Bool
	b := newHarness(t, 2500, sandbox.Config{}, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Query().Has("cursor") && broken.Load():
				w.WriteHeader(http.StatusForbidden)
			case r.URL.Query().Has("cursor") && gone.CompareAndSwap(true, false):
				http.Error(w, `{"message":"The given data was invalid.","errors":{"cursor":["is not valid"]}}`, http.StatusUnprocessableEntity)
			default:
				h.ServeHTTP(w, r)
			}
		})
	})
	broken.Store(true)
	j := b.job(order.SalesOrders, "orders.csv", feedColumns...)
	if _, err := j.run(context.Background()); err == nil {
		t.Fatal("the export went through without its second page")
	}
	broken.Store(false)
	gone.Store(true)
	if m := b.do(j); m.Counts.Orders != 2500 || m.Proof.Grade != exporter.Counted {
		t.Errorf("%d orders, %s; want 2500, counted", m.Counts.Orders, m.Proof.Grade)
	}
	if !slices.ContainsFunc(b.notes, func(n string) bool { return strings.Contains(n, "restarts") }) {
		t.Errorf("nobody was told: %q", b.notes)
	}
}

// 50 exports one after the other while others create and change 50 orders a second: each order's
// last change is in the newest file that has the order, none is lost at a window's edge, and none
// is twice in one file. The clock is simulated; each request takes a while, so that others write
// during exports.
func TestNothingIsLostWhileOthersWrite(t *testing.T) {
	for _, kind := range []order.Kind{order.SalesOrders, order.PurchaseOrders} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { exportWhileOthersWrite(t, kind) })
		})
	}
}

func exportWhileOthersWrite(t *testing.T, kind order.Kind) {
	const exports = 50
	p := newPipes()
	b := newBedOn(t, p, p.dial, 300, sandbox.Config{Latency: 15 * time.Millisecond}, nil)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.box.SimulateClients(ctx, sandbox.Clients{Edits: 25, Creates: 25, Kind: string(kind), Seed: 7})
	}()
	newest, tick := map[string]string{}, time.NewTicker(120*time.Millisecond)
	defer tick.Stop()
	during := 0 // writes of others while an export ran
	for n := range exports {
		if n == exports-1 {
			stop()
			<-done
		}
		<-tick.C // several windows end in each second, and some in the middle of one
		j := b.job(kind, "orders.csv", "id", "updated_at")
		j.Since, j.Overlap = exporter.Since{Last: true}, time.Second
		before := b.box.Stats().ClientWrites
		if m := b.do(j); m.Suspect() {
			t.Fatalf("export %d is suspect: %q", n, m.Proof.Contradictions)
		}
		during += b.box.Stats().ClientWrites - before
		rows := b.table(j.Out.Path)
		once := map[string]bool{}
		for _, row := range rows[1:] {
			newest[row[0]] = row[1]
		}
		for _, id := range slices.Compact(column(t, rows, "id")) {
			if once[id] {
				t.Errorf("export %d holds order %s twice", n, id)
			}
			once[id] = true
		}
	}
	if during < exports {
		t.Errorf("others wrote %d times while exports ran, want at least %d", during, exports)
	}
	b.wantNewest(kind, newest)
}

// wantNewest wants the files to have shown each order as it is.
func (b *harness) wantNewest(kind order.Kind, newest map[string]string) {
	b.Helper()
	all := b.box.Orders(string(kind))
	if len(all) <= 300 {
		b.Errorf("others created nothing")
	}
	wrong := 0
	for _, o := range all {
		if got := newest[itoa(o.ID)]; got != o.UpdatedAt {
			wrong++
			if wrong < 5 {
				b.Errorf("order %d was last changed %s, the files say %q", o.ID, o.UpdatedAt, got)
			}
		}
	}
	if wrong > 0 {
		b.Errorf("%d of %d orders are wrong", wrong, len(all))
	}
}
