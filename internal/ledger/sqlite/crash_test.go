package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/order"
)

// TestMain lets the test program be the process that is killed.
func TestMain(m *testing.M) {
	if path := os.Getenv("LEDGER_TEST_OPEN"); path != "" {
		l, err := sqlite.Open(path)
		if err == nil {
			err = l.Close()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "opening a new ledger:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if path := os.Getenv("LEDGER_TEST_VICTIM"); path != "" {
		if err := victim(path); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// victim claims and settles until it is killed, and says so after each call.
func victim(path string) error {
	ctx := context.Background()
	l, err := sqlite.Open(path)
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	if _, err := l.Acquire(ctx, 1, fmt.Sprintf("%d@%s", os.Getpid(), host)); err != nil {
		return err
	}
	if _, err := l.Recover(ctx, 1, 0); err != nil {
		return err
	}
	if err := limitFiles(path); err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	var settled []ledger.Settlement
	for {
		fmt.Fprintln(out, "call")
		if err := out.Flush(); err != nil {
			return err
		}
		got, err := l.Advance(ctx, 1, settled, 16)
		if err != nil {
			return err
		}
		for _, s := range settled {
			fmt.Fprintln(out, "settled", s.Seq)
		}
		settled = settled[:0]
		for i, o := range got.Claimed {
			fmt.Fprintln(out, "claimed", o.Seq)
			if i%4 != 0 { // some stay on their way
				settled = append(settled, ledger.Settlement{Seq: o.Seq, State: ledger.Created, ID: o.Seq, HTTPStatus: 201, Sent: 1})
			}
		}
		if len(got.Claimed) == 0 && len(settled) == 0 {
			return out.Flush()
		}
	}
}

// setOwner leaves another process's name in a run.
func setOwner(tb testing.TB, path string, run int64, owner string, beat time.Time) {
	tb.Helper()
	db, err := sql.Open("sqlite", path)
	check(tb, err)
	_, err = db.Exec(`UPDATE run SET owner = ?, owner_token = 'x', owner_since = ?, owner_beat = ? WHERE id = ?`,
		owner, beat.UnixMilli(), beat.UnixMilli(), run)
	check(tb, err)
	check(tb, db.Close())
}

// TestKilledWhileWriting kills a process that claims and settles, at random moments, again and
// again. What Advance had returned must be in the ledger, and the next process gets the run at
// once.
func TestKilledWhileWriting(t *testing.T) {
	const cycles = 6
	path := confirmed(t, 4000)
	told := told{settled: map[int64]bool{}}
	for cycle := range cycles {
		said, _ := runVictim(t, path, "", 2+rand.IntN(30))
		told.hear(t, fmt.Sprint("cycle ", cycle), said)
		told.compare(t, fmt.Sprint("cycle ", cycle), path)
	}
	if told.calls < cycles || len(told.settled) == 0 {
		t.Errorf("in %d cycles there were %d calls and %d settled orders: nothing was tested", cycles, told.calls, len(told.settled))
	}
	t.Logf("%d kills, %d calls, %d settled orders", cycles, told.calls, len(told.settled))
}

// TestBrokenDisk lets writes fail in the middle of one claim after another. The call says so, and
// the ledger holds what was returned before and nothing else.
func TestBrokenDisk(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // has no such limit
	}
	failed := 0
	for limit := 0; limit < 150_000; limit += 11_113 {
		path := confirmed(t, 300)
		said, last := runVictim(t, path, strconv.Itoa(limit), 1_000_000)
		if strings.HasPrefix(last, "error") {
			if failed++; !strings.Contains(last, ledger.ErrNotWritable.Error()) {
				t.Errorf("with %d bytes more: %s", limit, last)
			}
		}
		told := told{settled: map[int64]bool{}}
		told.hear(t, fmt.Sprint(limit, " bytes more"), said)
		told.compare(t, fmt.Sprint(limit, " bytes more"), path)
	}
	if failed < 5 {
		t.Errorf("only %d of the limits were met: nothing was tested", failed)
	}
}

// confirmed makes a ledger with one confirmed run of n orders.
func confirmed(t *testing.T, n int) (path string) {
	t.Helper()
	ctx := context.Background()
	path = filepath.Join(t.TempDir(), "ledger.db")
	l, err := sqlite.Open(path)
	check(t, err)
	run, err := l.NewRun(ctx, ledger.Run{Kind: order.SalesOrders, Account: account, State: ledger.Confirmed})
	check(t, err)
	w := l.PutOrders(run)
	for i := range n {
		_, err := w.Add(planned(i), nil)
		check(t, err)
	}
	check(t, w.Close(ctx))
	check(t, l.Close())
	return path
}

// told is what victims have said of what was returned to them.
type told struct {
	calls   int
	settled map[int64]bool
	claimed map[int64]bool // by the last one
}

// hear notes what one victim said.
func (d *told) hear(t *testing.T, when string, said []string) {
	t.Helper()
	d.claimed = map[int64]bool{}
	for _, line := range said {
		var word string
		var seq int64
		if n, _ := fmt.Sscan(line, &word, &seq); n != 2 {
			d.calls++
			continue
		}
		switch {
		case word == "settled":
			d.settled[seq] = true
		case d.settled[seq] || d.claimed[seq]:
			t.Fatalf("%s: order %d was claimed twice", when, seq)
		default:
			d.claimed[seq] = true
		}
	}
}

// compare looks whether all of it is in the ledger.
func (d *told) compare(t *testing.T, when, path string) {
	t.Helper()
	l, err := sqlite.Open(path)
	check(t, err)
	check(t, l.Orders(context.Background(), 1, ledger.Filter{}, func(o *ledger.Order) error {
		switch {
		case d.settled[o.Seq] && o.State != ledger.Created:
			t.Errorf("%s: order %d is %s, but was settled", when, o.Seq, o.State)
		case d.claimed[o.Seq] && o.State != ledger.Claimed && o.State != ledger.Created:
			t.Errorf("%s: order %d is %s, but was claimed", when, o.Seq, o.State)
		}
		return nil
	}))
	check(t, l.Close())
}

// runVictim runs the process, kills it a moment after it has begun so many calls, and returns what
// it said, and the error with which it ended by itself.
func runVictim(t *testing.T, path, limit string, calls int) (said []string, failure string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LEDGER_TEST_VICTIM="+path, "LEDGER_TEST_LIMIT="+limit)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	lines := bufio.NewReader(out)
	var kill *time.Timer
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // a line that was cut says nothing
		}
		if strings.HasPrefix(line, "error") {
			failure = line
			break
		}
		if strings.HasPrefix(line, "call") {
			if calls--; calls == 0 {
				moment := time.Duration(rand.IntN(3000)) * time.Microsecond
				kill = time.AfterFunc(moment, func() { _ = cmd.Process.Kill() })
			}
		}
		said = append(said, line)
	}
	if kill != nil {
		kill.Stop()
	}
	_ = cmd.Wait() // it was killed
	if failure != "" && limit == "" {
		t.Fatal(failure)
	}
	return said, failure
}
