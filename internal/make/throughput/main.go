// Throughput measures how fast orders are submitted, against what a load generator (wrk, from Debian) gets out of the same bare server with the
// same bodies: from the first claim to the last settle, the plan left out, the ledger on disk. The server runs in a process of its own; it
// decodes each order and answers. Rounds of both alternate, and the median of each counts, since timings on a shared machine are noisy.
//
//	go run ./internal/make/throughput -orders 20000 -rounds 5
//	go run ./internal/make/throughput -orders 5000 -latency 50ms
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/luminous"

	"ordersheet/mapping/profile"
)

func main() {
	serve := flag.Bool("serve", false, "be the bare server (used by the program itself)")
	orders := flag.Int("orders", 20_000, "orders a round")
	rounds := flag.Int("rounds", 5, "rounds of each")
	workers := flag.Int("workers", 32, "requests in flight")
	latency := flag.Duration("latency", 0, "time that the server waits before each answer")
	memory := flag.Bool("memory", false, "keep the ledger in memory, to see what the disk costs")
	flag.Parse()
	err := error(nil)
	if *serve {
		err = serveBare(*latency)
	} else {
		err = measure(*orders, *rounds, *workers, *latency, *memory)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "throughput:", err)
		os.Exit(1)
	}
}

// serveBare decodes each order and answers as the API does.
func serveBare(latency time.Duration) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + listener.Addr().String())
	var id atomic.Int64
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { //nolint:gosec // a bench's own server, ended with it
		var in struct {
			OrderNumber string            `json:"order_number"`
			Items       []json.RawMessage `json:"items"`
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, `{"message":"bad"}`, http.StatusUnprocessableEntity)
			return
		}
		time.Sleep(latency)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"data":{"id":%d,"order_number":%q,"order_status":"pending","updated_at":"2025-01-01T00:00:00Z"}}`, id.Add(1), in.OrderNumber)
	}))
}

func measure(orders, rounds, workers int, latency time.Duration, memory bool) error {
	dir, err := os.MkdirTemp("", "throughput-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	base, stop, err := startServer(latency)
	if err != nil {
		return err
	}
	defer stop()
	file := filepath.Join(dir, "orders.csv")
	if err := writeOrders(file, orders); err != nil {
		return err
	}
	var ours, theirs []float64
	for round := range rounds {
		path := filepath.Join(dir, fmt.Sprintf("ledger-%d.db", round))
		if memory {
			path = ":memory:"
		}
		rate, bodies, err := submit(path, file, base, workers)
		if err != nil {
			return err
		}
		ours = append(ours, rate)
		load, err := wrk(dir, base, bodies, workers)
		if err != nil {
			return err
		}
		bare, err := loop(base, bodies, workers)
		if err != nil {
			return err
		}
		theirs = append(theirs, load)
		fmt.Printf("round %d: ordersheet %.0f orders/s, wrk %.0f requests/s, ratio %.2f; a bare net/http loop %.0f, ratio %.2f\n",
			round+1, rate, load, rate/load, bare, bare/load)
	}
	fmt.Printf("median of %d rounds, %d workers, latency %v, %d orders: ordersheet %.0f orders/s, wrk %.0f requests/s, ratio %.2f\n",
		rounds, workers, latency, orders, median(ours), median(theirs), median(ours)/median(theirs))
	return nil
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

func startServer(latency time.Duration) (base string, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	c := exec.Command(self, "-serve", "-latency", latency.String())
	out, err := c.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		return "", nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	return strings.TrimSpace(line), func() { _ = c.Process.Kill(); _ = c.Wait() }, err
}

// writeOrders writes orders of two lines.
func writeOrders(path string, orders int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "order_number,order_date,order_status,channel_id,bill_to_name,bill_to_street1,bill_to_city,ship_to_name,ship_to_street1,ship_to_city,sku,quantity,unit_price")
	for i := range orders {
		for line := range 2 {
			fmt.Fprintf(w, "T-%06d,2025-03-02,pending,4,Corner Shop,1 Main St,Austin,Corner Shop,1 Main St,Austin,MUG-%d,%d,7.50\n", i, line, line+1)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// submit plans the file and sends it; the rate is that of the sending alone.
func submit(path, file, base string, workers int) (rate float64, bodies []byte, err error) {
	ctx := context.Background()
	l, err := sqlite.Open(path)
	if err != nil {
		return 0, nil, err
	}
	defer l.Close()
	run, err := importer.Plan(ctx, l, importer.Job{Files: []string{file}, Account: base, Profile: &profile.Profile{}})
	if err != nil {
		return 0, nil, err
	}
	err = l.Orders(ctx, run.ID, ledger.Filter{Full: true}, func(o *ledger.Order) error {
		bodies = append(append(bodies, o.Payload...), '\n')
		return nil
	})
	if err != nil {
		return 0, nil, err
	}
	release, err := l.Acquire(ctx, run.ID, "throughput")
	if err != nil {
		return 0, nil, err
	}
	defer release()
	if err := l.UpdateRun(ctx, run.ID, func(r *ledger.Run) { r.State = ledger.Running }); err != nil {
		return 0, nil, err
	}
	client, err := luminous.New(luminous.Config{BaseURL: base, Token: "bench", Workers: workers})
	if err != nil {
		return 0, nil, err
	}
	defer client.Close()
	cfg := importer.SubmitConfig{Journal: l, API: client, Run: run, Workers: workers, NoBreaker: true}
	start := time.Now()
	if err := importer.Submit(ctx, ctx, cfg); err != nil {
		return 0, nil, err
	}
	took := time.Since(start)
	states, err := l.CountStates(ctx, run.ID)
	if err != nil || states[ledger.Created] != run.Orders {
		return 0, nil, fmt.Errorf("of %d orders stand %v (%w)", run.Orders, states, err)
	}
	return float64(run.Orders) / took.Seconds(), bodies, nil
}

// script makes wrk post the bodies one after the other.
const script = `local bodies, i = {}, 0
for line in io.lines(os.getenv("BODIES")) do bodies[#bodies+1] = line end
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json"
wrk.headers["Authorization"] = "Bearer bench"
request = function()
  i = i % #bodies + 1
  return wrk.format(nil, "/sales-orders", nil, bodies[i])
end
done = function(s, l, r) io.write(string.format("RATE %f\n", s.requests / s.duration * 1e6)) end
`

func wrk(dir, base string, bodies []byte, workers int) (float64, error) {
	lua, lines := filepath.Join(dir, "post.lua"), filepath.Join(dir, "bodies")
	if err := os.WriteFile(lua, []byte(script), 0o600); err != nil {
		return 0, err
	}
	if err := os.WriteFile(lines, bodies, 0o600); err != nil {
		return 0, err
	}
	c := exec.Command("wrk", "-t1", fmt.Sprintf("-c%d", workers), "-d5s", "-s", lua, base)
	c.Env = append(os.Environ(), "BODIES="+lines)
	out, err := c.StdoutPipe()
	if err != nil {
		return 0, err
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		return 0, fmt.Errorf("starting wrk (apt-get install wrk): %w", err)
	}
	all, err := io.ReadAll(out)
	if err != nil {
		return 0, err
	}
	if err := c.Wait(); err != nil {
		return 0, err
	}
	var rate float64
	_, tail, _ := strings.Cut(string(all), "RATE ")
	if _, err := fmt.Sscan(tail, &rate); err != nil {
		return 0, fmt.Errorf("wrk said %s", all)
	}
	return rate, nil
}
