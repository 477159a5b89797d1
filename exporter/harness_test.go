package exporter_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ordersheet/exporter"
	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
	"ordersheet/internal/sheet"
	"ordersheet/internal/sheet/write"
)

// harness is a simulated API, a ledger on the disk, and a folder for files.
type harness struct {
	testing.TB
	box    *sandbox.Sandbox
	ledger ledger.Ledger
	client *luminous.Client
	base   string
	dir    string
	dial   dialer
	notes  []string
}

// newHarness fills a simulated API with orders of each kind and serves it on a real socket. through
// lets a test change what the server answers; nil changes nothing.
func newHarness(t testing.TB, orders int, cfg sandbox.Config, through func(http.Handler) http.Handler) *harness {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return newBedOn(t, listener, nil, orders, cfg, through)
}

// dialer makes connections; nil is TCP.
type dialer func(ctx context.Context, network, addr string) (net.Conn, error)

func newBedOn(
	t testing.TB, listener net.Listener, dial dialer, orders int, cfg sandbox.Config, through func(http.Handler) http.Handler,
) *harness {
	t.Helper()
	b := &harness{TB: t, dir: t.TempDir(), dial: dial}
	cfg.AnySKU, cfg.Seed = true, 1
	var err error
	b.box, err = sandbox.New(cfg)
	b.check(err)
	for _, kind := range []string{sandbox.SalesOrders, sandbox.PurchaseOrders} {
		b.check(b.box.Fill(kind, orders))
	}
	handler := http.Handler(b.box)
	if through != nil {
		handler = through(handler)
	}
	server := &http.Server{Handler: handler}
	go server.Serve(listener)
	b.base = "http://" + listener.Addr().String() + sandbox.Prefix
	b.ledger, err = sqlite.Open(filepath.Join(b.dir, "ledger.db"))
	b.check(err)
	b.connect()
	t.Cleanup(func() {
		b.client.Close()
		b.box.Close()
		_ = server.Close()
		b.check(b.ledger.Close())
	})
	return b
}

func (b *harness) check(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// feedColumns need no details.
var feedColumns = []string{"id", "order_number", "updated_at", "sku", "quantity", "total"}

// job is an export, and the Service that makes it.
type job struct {
	exporter.Config
	exporter.Options
}

func (j *job) run(ctx context.Context) (exporter.Manifest, error) {
	return exporter.New(j.Config).Export(ctx, j.Options)
}

// job is an export of a kind into a file of the harness' folder.
func (b *harness) job(kind order.Kind, file string, columns ...string) *job {
	format, _ := write.FormatOf(file)
	return &job{
		Config: exporter.Config{
			Ledger: b.ledger, Version: "test", Owner: "1@elsewhere", Connect: connected(b.client),
			Observe: func(e exporter.Event) { b.note(e.Note) },
		},
		Options: exporter.Options{
			Kind: kind, Columns: columns, Out: exporter.Target{Path: filepath.Join(b.dir, file), Format: format, Replace: true},
		},
	}
}

// connected always returns the same client.
func connected(api exporter.API) func(exporter.Options) (exporter.API, error) {
	return func(exporter.Options) (exporter.API, error) { return api, nil }
}

func (b *harness) note(text string) {
	if text != "" {
		b.notes = append(b.notes, text)
	}
}

func (b *harness) do(j *job) exporter.Manifest {
	b.Helper()
	m, err := j.run(context.Background())
	b.check(err)
	return m
}

// table is a file's rows, the header first.
func (b *harness) table(path string) [][]string {
	b.Helper()
	book, err := sheet.Open(path, sheet.Options{})
	b.check(err)
	defer book.Close()
	var out [][]string
	for i := range book.Sheets {
		_, err = book.Read(i, func(r *cell.Row) error {
			var row []string
			for _, c := range r.Cells {
				for len(row) < c.Col {
					row = append(row, "")
				}
				row = append(row, string(c.Text))
			}
			out = append(out, row)
			return nil
		})
		b.check(err)
	}
	return out
}

// column is one column of a table, without its header.
func column(t testing.TB, table [][]string, header string) []string {
	t.Helper()
	i := slices.Index(table[0], header)
	if i < 0 {
		t.Fatalf("there is no column %s in %q", header, table[0])
	}
	out := make([]string, 0, len(table)-1)
	for _, row := range table[1:] {
		if i < len(row) {
			out = append(out, row[i])
		} else {
			out = append(out, "")
		}
	}
	return out
}

// files are the names in the harness's folder that aren't the ledger's.
func (b *harness) files() (names []string) {
	b.Helper()
	all, err := os.ReadDir(b.dir)
	b.check(err)
	for _, e := range all {
		if !strings.HasPrefix(e.Name(), "ledger.db") {
			names = append(names, e.Name())
		}
	}
	return names
}

// spoiled lets a test change the JSON of the answers to GET requests whose path ends so.
func spoiled(path string, change func(n int, answer map[string]any)) func(http.Handler) http.Handler {
	n := 0
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, path) || r.Method != http.MethodGet {
				h.ServeHTTP(w, r)
				return
			}
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, r)
			d := json.NewDecoder(rec.Body)
			d.UseNumber()
			var answer map[string]any
			if rec.Code != http.StatusOK || d.Decode(&answer) != nil {
				w.WriteHeader(rec.Code)
				return
			}
			n++
			change(n, answer)
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(answer)
		})
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// reconnect makes the client of a new process.
func (b *harness) reconnect() {
	b.Helper()
	b.client.Close()
	b.connect()
}

func (b *harness) connect() {
	b.Helper()
	var err error
	b.client, err = luminous.New(luminous.Config{BaseURL: b.base, Token: "token", Workers: 8, Dial: b.dial})
	b.check(err)
}
