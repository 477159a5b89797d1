// Exporting measures what exports cost: a sandbox without latency in a process of its own, filled with orders, and the program in another, from
// its start to its end: time by the clock, processor time, and the most memory that it had. The clock says little on a machine that does other
// things as well; processor time does.
//
//	go run ./internal/make/exporting -orders 200000
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"ordersheet/internal/cli"
	"ordersheet/internal/sandbox"
)

func main() {
	serve := flag.Int("serve", 0, "be the sandbox, with so many orders of each kind (used by the program itself)")
	program := flag.Bool("program", false, "be ordersheet, with the arguments that follow (used by the program itself)")
	orders := flag.Int("orders", 200_000, "orders of each kind")
	workers := flag.Int("workers", 32, "requests in flight")
	only := flag.String("only", "", "measure only the export of this name")
	flag.Parse()
	var err error
	switch {
	case *program:
		os.Exit(cli.Main(context.Background(), cli.Env{
			Args: flag.Args(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Signals: make(chan os.Signal),
		}))
	case *serve > 0:
		err = serveBox(*serve)
	default:
		err = measure(*orders, *workers, *only)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "exporting:", err)
		os.Exit(1)
	}
}

func serveBox(orders int) error {
	box, err := sandbox.New(sandbox.Config{AnySKU: true, Seed: 1})
	if err != nil {
		return err
	}
	for _, kind := range []string{sandbox.SalesOrders, sandbox.PurchaseOrders} {
		if err := box.Fill(kind, orders); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + listener.Addr().String() + sandbox.Prefix)
	return http.Serve(listener, box) //nolint:gosec // a bench's own server, ended with it
}

// feedColumns are columns that the feed of changed orders has by itself.
const feedColumns = "id,order_number,order_date,order_status,customer_email,sku,items.name,quantity,unit_price,total_tax,total_shipping,total,created_at,updated_at"

func measure(orders, workers int, only string) error {
	dir, err := os.MkdirTemp("", "exporting-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	server := exec.Command(self, "-serve", fmt.Sprint(orders))
	out, err := server.StdoutPipe()
	if err != nil {
		return err
	}
	server.Stderr = os.Stderr
	if err := server.Start(); err != nil {
		return err
	}
	defer func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		fmt.Printf("the sandbox, its filling included: %.1f CPU s\n", (server.ProcessState.UserTime() + server.ProcessState.SystemTime()).Seconds())
	}()
	base, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return err
	}
	fmt.Printf("%d orders of each kind, %d workers, %d processors\n", orders, workers, runtime.NumCPU())
	for _, e := range []struct{ name, kind, file, more string }{
		{"feed to XLSX", "sales-orders", "feed.xlsx", "--columns " + feedColumns},
		{"feed to CSV", "sales-orders", "feed.csv", "--columns " + feedColumns},
		{"details to XLSX", "sales-orders", "details.xlsx", ""},
		{"purchase orders to XLSX", "purchase-orders", "purchase.xlsx", ""},
	} {
		if only != "" && only != e.name {
			continue
		}
		args := []string{
			"-program", "--", "export", e.kind, "--base-url", strings.TrimSpace(base), "--out", filepath.Join(dir, e.file), "--workers", fmt.Sprint(workers),
			"--ledger", filepath.Join(dir, strings.ReplaceAll(e.name, " ", "-")+".db"),
		}
		if err := one(self, e.name, orders, append(args, strings.Fields(e.more)...)); err != nil {
			return err
		}
	}
	return nil
}

func one(self, name string, orders int, args []string) error {
	c := exec.Command(self, args...)
	c.Env = append(os.Environ(), "LUMINOUS_API_KEY=bench")
	var said strings.Builder
	c.Stderr = &said
	began := time.Now()
	if err := c.Run(); err != nil {
		return errors.Join(err, errors.New(said.String()))
	}
	took := time.Since(began)
	cpu := c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	memory := "?"
	if u, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		memory = fmt.Sprintf("%d MB", u.Maxrss>>10) // in KiB on Linux
	}
	_, grade, _ := strings.Cut(said.String(), "proof: ")
	grade, _, _ = strings.Cut(grade, "\n")
	fmt.Printf("%-24s %6.1f s, %6.1f CPU s, %5.0f orders/s, at most %s; proof: %s\n", name, took.Seconds(), cpu.Seconds(), float64(orders)/took.Seconds(), memory, grade)
	return nil
}
