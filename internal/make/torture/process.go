package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/sandbox"
)

// command returns a run of the program that hasn't been started, and its standard error.
func (l *lab) command(ctx context.Context, args ...string) (*exec.Cmd, *bytes.Buffer) {
	cmd, stderr := exec.CommandContext(ctx, l.program, args...), &bytes.Buffer{}
	cmd.Env = append(os.Environ(), "LUMINOUS_API_KEY=torture")
	cmd.Stderr = stderr
	return cmd, stderr
}

// finished is a run of the program that ended with 0.
type finished struct {
	stdout, stderr string
	took           time.Duration
	state          *os.ProcessState
}

func (l *lab) runProgram(ctx context.Context, args ...string) (finished, error) {
	cmd, stderr := l.command(ctx, args...)
	began := time.Now()
	stdout, err := cmd.Output()
	took := time.Since(began)
	if err != nil {
		err = fmt.Errorf("ordersheet %s ended with %w: %s", args[0], err, stderr)
	}
	return finished{string(stdout), stderr.String(), took, cmd.ProcessState}, err
}

// withLedger opens a ledger for do.
func withLedger(path string, do func(ledger.Ledger) error) error {
	l, err := sqlite.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(do(l), l.Close())
}

func removeLedger(path string) {
	for _, end := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(path + end) // none in memory
	}
}

// truth is what a server in another process says of itself at /truth.
type truth struct {
	sandbox.Stats
	Numbers int // different order numbers that were created
	Twice   int // of them, created more than once
}

// serve is the other process: a server until its standard input ends.
func serve(args []string) error {
	c := sandbox.Config{Duplicates: "accept", AnySKU: true}
	f := flag.NewFlagSet("serve", flag.ContinueOnError)
	f.Float64Var(&c.Rate, "rate", 0, "requests a second")
	f.IntVar(&c.Burst, "burst", 0, "requests at once")
	f.DurationVar(&c.Latency, "latency", 0, "time that each request waits")
	f.Uint64Var(&c.Seed, "seed", 1, "seed of the faults")
	f.Func("fault", "a fault", func(s string) error {
		fault, err := sandbox.ParseFault(s)
		c.Faults = append(c.Faults, fault)
		return err
	})
	bare := f.Bool("bare", false, "read each order and answer, and nothing else")
	fill := f.Int("fill", 0, "orders of each kind that exist")
	if err := f.Parse(args); err != nil {
		return err
	}
	box, err := sandbox.New(c)
	if err != nil {
		return err
	}
	defer box.Close()
	if err := errors.Join(box.Fill(sandbox.SalesOrders, *fill), box.Fill(sandbox.PurchaseOrders, *fill)); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", box)
	mux.HandleFunc("/truth", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(truthOf(box)) // whoever asked has left
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	if *bare {
		server.Handler = bareHandler(c.Latency)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	go func() {
		_, _ = bufio.NewReader(os.Stdin).ReadByte()
		_ = server.Close()
	}()
	_ = server.Serve(listener) // ends with Close
	return nil
}

func truthOf(box *sandbox.Sandbox) truth {
	t := truth{Stats: box.Stats()}
	for _, kind := range []string{sandbox.SalesOrders, sandbox.PurchaseOrders} {
		for _, n := range box.Created(kind) {
			t.Numbers++
			if n > 1 {
				t.Twice++
			}
		}
	}
	return t
}

// bareHandler decodes each order and answers as the API does.
func bareHandler(latency time.Duration) http.Handler {
	var id atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
	})
}

// server is that process as its parent sees it.
type server struct {
	cmd  *exec.Cmd
	addr string
	stop func() error
}

func startServer(ctx context.Context, flags ...string) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &server{cmd: exec.CommandContext(ctx, self, append([]string{"serve"}, flags...)...)}
	s.cmd.Stderr = os.Stderr
	in, err1 := s.cmd.StdinPipe()
	out, err2 := s.cmd.StdoutPipe()
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	s.stop = func() error {
		_ = in.Close()
		return s.cmd.Wait()
	}
	s.addr, err = bufio.NewReader(out).ReadString('\n')
	s.addr = strings.TrimSpace(s.addr)
	return s, err
}

func (s *server) base() string { return "http://" + s.addr + sandbox.Prefix }

func (s *server) truth() (t truth, err error) {
	res, err := http.Get("http://" + s.addr + "/truth")
	if err != nil {
		return t, err
	}
	defer res.Body.Close()
	return t, json.NewDecoder(res.Body).Decode(&t)
}
