package ledger_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
)

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

// TestKilledWhileWriting kills a process that claims and settles, at random moments, again and again. What Advance had returned must stand
// in the ledger, and the next process gets the run at once.
func TestKilledWhileWriting(t *testing.T) {
	const cycles = 8
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l, err := ledger.Open(path)
	check(t, err)
	run, err := l.NewRun(ctx, ledger.Run{Kind: order.SalesOrders, Account: account, State: ledger.Confirmed})
	check(t, err)
	w := l.PutOrders(run)
	for i := range 20000 {
		_, err := w.Add(planned(i), nil)
		check(t, err)
	}
	check(t, w.Close(ctx))
	check(t, l.Close())
	calls, settled := 0, map[int64]bool{}
	for cycle := range cycles {
		said := runVictim(t, path, time.Duration(rand.IntN(60))*time.Millisecond)
		l := reopen(t, path)
		claimed := map[int64]bool{}
		for _, line := range said {
			var word string
			var seq int64
			if n, _ := fmt.Sscan(line, &word, &seq); n != 2 {
				calls++
				continue
			}
			if word == "settled" {
				settled[seq] = true
			} else {
				if settled[seq] || claimed[seq] {
					t.Fatalf("cycle %d: order %d was claimed twice", cycle, seq)
				}
				claimed[seq] = true
			}
		}
		check(t, l.Orders(ctx, run, ledger.Filter{}, func(o *ledger.Order) error {
			switch {
			case settled[o.Seq] && o.State != ledger.Created:
				t.Errorf("cycle %d: order %d is %s, but was settled", cycle, o.Seq, o.State)
			case claimed[o.Seq] && o.State != ledger.Claimed && o.State != ledger.Created:
				t.Errorf("cycle %d: order %d is %s, but was claimed", cycle, o.Seq, o.State)
			}
			return nil
		}))
		check(t, l.Close())
	}
	if calls < cycles || len(settled) == 0 {
		t.Errorf("in %d cycles there were %d calls and %d settled orders: nothing was tested", cycles, calls, len(settled))
	}
	t.Logf("%d kills, %d calls, %d settled orders", cycles, calls, len(settled))
}

// runVictim runs the process, kills it some time after its first call, and returns what it said.
func runVictim(t *testing.T, path string, after time.Duration) (said []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LEDGER_TEST_VICTIM="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	lines := bufio.NewReader(out)
	var kill *time.Timer
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF || err != nil {
			break // a line that was cut says nothing
		}
		if strings.HasPrefix(line, "error") {
			t.Fatal(line)
		}
		if kill == nil {
			kill = time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		}
		said = append(said, line)
	}
	_ = cmd.Wait() // it was killed
	return said
}
