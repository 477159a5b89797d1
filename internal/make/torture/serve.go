package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"ordersheet/internal/sandbox"
)

// truth is what a server in another process says of itself at /truth.
type truth struct {
	sandbox.Stats
	Numbers int // different order numbers that were created
	Twice   int // of them, created more than once
}

// serve is the other process: a sandbox until its standard input ends.
func serve(args []string) error {
	var c sandbox.Config
	var faults string
	f := flag.NewFlagSet("serve", flag.ContinueOnError)
	f.Float64Var(&c.Rate, "rate", 0, "requests a second")
	f.IntVar(&c.Burst, "burst", 0, "requests at once")
	f.DurationVar(&c.Latency, "latency", 0, "time that each request waits")
	f.Uint64Var(&c.Seed, "seed", 1, "seed of the faults")
	f.StringVar(&faults, "faults", "", "faults, parted by commas")
	if err := f.Parse(args); err != nil {
		return err
	}
	for s := range strings.SplitSeq(faults, ",") {
		if s == "" {
			continue
		}
		fault, err := sandbox.ParseFault(s)
		if err != nil {
			return err
		}
		c.Faults = append(c.Faults, fault)
	}
	c.Duplicates, c.AnySKU = "accept", true
	box, err := sandbox.New(c)
	if err != nil {
		return err
	}
	defer box.Close()
	mux := http.NewServeMux()
	mux.Handle("/", box)
	mux.HandleFunc("/truth", func(w http.ResponseWriter, _ *http.Request) {
		t := truth{Stats: box.Stats()}
		for _, kind := range []string{sandbox.SalesOrders, sandbox.PurchaseOrders} {
			for _, n := range box.Created(kind) {
				t.Numbers++
				if n > 1 {
					t.Twice++
				}
			}
		}
		_ = json.NewEncoder(w).Encode(t) // whoever asked has left
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() {
		_, _ = bufio.NewReader(os.Stdin).ReadByte()
		_ = server.Close()
	}()
	_ = server.Serve(listener) // ends with Close
	return nil
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
	in, err := s.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
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
