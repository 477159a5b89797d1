package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// throughput compares how fast orders are sent, from the first claim to the last outcome with the
// ledger on disk, with what a load generator (wrk, from Debian) gets out of the same bare server
// with the same bodies. Rounds of both alternate, and the median counts, since timings on a shared
// machine are noisy.
func (l *lab) throughput(ctx context.Context) (section, error) {
	s := section{
		title: "Speed of sending",
		table: [][]string{{"round", "ordersheet, orders/s", "wrk, requests/s", "ratio"}},
	}
	flags := []string{"-bare", "-latency", l.latency.String()}
	var ours, theirs []float64
	for i := range l.runs {
		r, err := submitOnce(ctx, filepath.Join(l.dir, "throughput.db"), l.orders, flags...)
		if err != nil {
			return section{}, err
		}
		load, err := l.wrk(ctx, flags...)
		if err != nil {
			return section{}, err
		}
		ours, theirs = append(ours, r.speed), append(theirs, load)
		s.table = append(s.table, []string{fmt.Sprint(i + 1), fmt.Sprintf("%.0f", r.speed), fmt.Sprintf("%.0f", load), fmt.Sprintf("%.2f", r.speed/load)})
	}
	s.lines = []string{fmt.Sprintf("medians with %d orders, a latency of %v and 32 workers: ordersheet %.0f orders/s, wrk %.0f requests/s, ratio %.2f",
		l.orders, l.latency, median(ours), median(theirs), median(ours)/median(theirs))}
	return s, nil
}

// script makes wrk post the bodies one after the other.
const script = `local bodies, i = {}, 0
for line in io.lines(os.getenv("BODIES")) do bodies[#bodies+1] = line end
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json"
wrk.headers["Authorization"] = "Bearer torture"
request = function()
  i = i % #bodies + 1
  return wrk.format(nil, "/sales-orders", nil, bodies[i])
end
done = function(s, l, r) io.write(string.format("RATE %f\n", s.requests / s.duration * 1e6)) end
`

// wrk posts the bodies for five seconds and returns the requests per second.
func (l *lab) wrk(ctx context.Context, serverFlags ...string) (rate float64, err error) {
	var bodies strings.Builder
	for i := range l.orders {
		bodies.WriteString(payload(i) + "\n")
	}
	lua, lines := filepath.Join(l.dir, "post.lua"), filepath.Join(l.dir, "bodies")
	if err := errors.Join(os.WriteFile(lua, []byte(script), 0o600), os.WriteFile(lines, []byte(bodies.String()), 0o600)); err != nil {
		return 0, err
	}
	srv, err := startServer(ctx, serverFlags...)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	cmd := exec.CommandContext(ctx, "wrk", "-t1", "-c32", "-d5s", "-s", lua, "http://"+srv.addr)
	cmd.Env = append(os.Environ(), "BODIES="+lines)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("running wrk (apt-get install wrk): %w: %s", err, out)
	}
	_, tail, _ := strings.Cut(string(out), "RATE ")
	if _, err := fmt.Sscan(tail, &rate); err != nil {
		return 0, fmt.Errorf("wrk printed %s", out)
	}
	return rate, nil
}

// feedColumns are columns that the feed of changed orders has by itself.
const feedColumns = "id,order_number,order_date,order_status,customer_email,sku,items.name,quantity,unit_price,total_tax,total_shipping,total,created_at,updated_at"

// exports measures what exports cost the program, from its start to its end. The duration says
// little on a machine that does other things as well; CPU time does.
func (l *lab) exports(ctx context.Context) (s section, err error) {
	srv, err := startServer(ctx, "-fill", fmt.Sprint(l.orders))
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	s = section{
		title: fmt.Sprintf("Exports of %d orders", l.orders),
		lines: []string{"with 32 workers, against a sandbox without latency in its own process"},
		table: [][]string{{"export", "duration", "CPU s", "orders/s", "memory", "proof"}},
	}
	for _, e := range []struct{ name, kind, file, columns string }{
		{"feed to XLSX", "sales-orders", "feed.xlsx", feedColumns},
		{"feed to CSV", "sales-orders", "feed.csv", feedColumns},
		{"details to XLSX", "sales-orders", "details.xlsx", ""},
		{"purchase orders to XLSX", "purchase-orders", "purchase.xlsx", ""},
	} {
		args := []string{"export", e.kind, "--base-url", srv.base(), "--out", filepath.Join(l.dir, e.file), "--workers", "32", "--ledger", filepath.Join(l.dir, e.file+".db")}
		if e.columns != "" {
			args = append(args, "--columns", e.columns)
		}
		done, err := l.runProgram(ctx, args...)
		if err != nil {
			return s, err
		}
		memory := peakMemory(done.state)
		_, grade, _ := strings.Cut(done.stderr, "proof: ")
		grade, _, _ = strings.Cut(grade, "\n")
		s.table = append(s.table, []string{
			e.name, seconds(done.took), fmt.Sprintf("%.1f", (done.state.UserTime() + done.state.SystemTime()).Seconds()),
			fmt.Sprintf("%.0f", float64(l.orders)/done.took.Seconds()), fmt.Sprintf("%d MB", memory), grade,
		})
	}
	return s, nil
}
