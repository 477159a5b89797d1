package sqlite_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/order"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// world is a ledger with two runs over some of the same numbers, each worked on by a process of its own, and what should stand in it.
type world struct {
	t       *rapid.T
	path    string
	account string
	runs    []*process
	stands  map[string]bool   // numbers that were created
	owner   map[string][2]int // number -> run and Seq that have it
}

// process is one process with its run.
type process struct {
	run     int64
	ledger  *sqlite.Ledger
	release func()
	orders  []ledger.Order
	state   []ledger.State
}

func newWorld(t *rapid.T, path, account string) *world {
	w := &world{t: t, path: path, account: account, stands: map[string]bool{}, owner: map[string][2]int{}}
	for r := range 2 {
		p := &process{}
		var err error
		p.ledger, err = sqlite.Open(w.path)
		check(t, err)
		p.run, err = p.ledger.NewRun(context.Background(), ledger.Run{Kind: order.SalesOrders, Account: w.account, State: ledger.Confirmed})
		check(t, err)
		out := p.ledger.PutOrders(p.run)
		for i := range rapid.IntRange(1, 12).Draw(t, "orders") {
			o := planned(i)
			o.Number = fmt.Sprint("N", i+4*r)
			o.Action = rapid.SampledFrom([]string{"create", "create", "update"}).Draw(t, "action")
			o.Recreate = rapid.IntRange(0, 5).Draw(t, "again") == 0
			_, err := out.Add(o, nil)
			check(t, err)
			p.orders, p.state = append(p.orders, o), append(p.state, ledger.OrderPlanned)
		}
		check(t, out.Close(context.Background()))
		w.runs = append(w.runs, p)
		w.start(p)
	}
	return w
}

func (w *world) start(p *process) {
	var err error
	p.release, err = p.ledger.Acquire(context.Background(), p.run, "1@elsewhere")
	check(w.t, err)
}

// kill ends a process and starts the next one, which finds what the first had claimed.
func (w *world) kill(p *process) {
	check(w.t, p.ledger.Close())
	var err error
	p.ledger, err = sqlite.Open(w.path)
	check(w.t, err)
	w.start(p)
	want := int64(0)
	for i, s := range p.state {
		if s == ledger.Claimed {
			p.state[i] = ledger.Unresolved
			want++
		}
	}
	got, err := p.ledger.Recover(context.Background(), p.run, time.Minute)
	check(w.t, err)
	if got != want {
		w.t.Fatalf("Recover() = %d, want %d", got, want)
	}
}

// advance settles some orders at random and claims some, and does the same to the model.
func (w *world) advance(p *process) {
	var settled []ledger.Settlement
	ends := []ledger.State{ledger.Created, ledger.Created, ledger.Unchanged, ledger.Rejected, ledger.Unresolved, ledger.Unknown, ledger.OrderPlanned, ledger.NotAttempted}
	for i, s := range p.state {
		open := s == ledger.Claimed || s == ledger.Unresolved || s == ledger.NotAttempted
		if open && rapid.Bool().Draw(w.t, "settle") {
			end := rapid.SampledFrom(ends).Draw(w.t, "as")
			settled = append(settled, ledger.Settlement{Seq: int64(i) + 1, State: end, ID: int64(i)})
			w.settle(p, i, end)
		}
	}
	want := rapid.IntRange(0, 5).Draw(w.t, "want")
	got, err := p.ledger.Advance(context.Background(), p.run, settled, want)
	check(w.t, err)
	w.claim(p, want, got)
}

func (w *world) settle(p *process, i int, end ledger.State) {
	number := p.orders[i].Number
	p.state[i] = end
	if w.owner[number] != [2]int{int(p.run), i} || end == ledger.Unresolved || end == ledger.Unknown {
		return
	}
	delete(w.owner, number)
	if end == ledger.Created || end == ledger.Unchanged {
		w.stands[number] = true
	}
}

// claim checks what was claimed and held against what the model allows.
func (w *world) claim(p *process, want int, got ledger.Claims) {
	var claimed, held []int64
	for i, s := range p.state {
		if s != ledger.OrderPlanned || len(claimed) == want {
			continue
		}
		o := p.orders[i]
		_, owned := w.owner[o.Number]
		if owned || w.stands[o.Number] && o.Action == "create" && !o.Recreate {
			p.state[i] = ledger.Held
			held = append(held, int64(i)+1)
			continue
		}
		p.state[i], w.owner[o.Number] = ledger.Claimed, [2]int{int(p.run), i}
		claimed = append(claimed, int64(i)+1)
	}
	if d := cmp.Diff([][]int64{claimed, held}, [][]int64{seqs(got.Claimed), seqs(got.Conflicts)}); d != "" {
		w.t.Fatalf("claimed and held (-want +got):\n%s", d)
	}
}

func seqs(orders []ledger.Order) (all []int64) {
	for _, o := range orders {
		all = append(all, o.Seq)
	}
	slices.Sort(all)
	return all
}

// agree compares the whole ledger with the model.
func (w *world) agree() {
	for _, p := range w.runs {
		var got []ledger.State
		check(w.t, p.ledger.Orders(context.Background(), p.run, ledger.Filter{}, func(o *ledger.Order) error {
			got = append(got, o.State)
			return nil
		}))
		if d := cmp.Diff(p.state, got); d != "" {
			w.t.Fatalf("states of run %d (-want +got):\n%s", p.run, d)
		}
		for _, o := range p.orders {
			keys, err := p.ledger.KeyInfo(context.Background(), w.account, order.SalesOrders, []string{o.Number})
			check(w.t, err)
			owner, owned := w.owner[o.Number]
			if k := keys[o.Number]; k.Exists() != w.stands[o.Number] || (k.ClaimRun != 0) != owned || owned && k.ClaimRun != int64(owner[0]) {
				w.t.Fatalf("the ledger knows of %s: %+v; want stands %v, owner %v", o.Number, k, w.stands[o.Number], owner)
			}
		}
	}
}

// TestNoNumberHasTwoOwners runs two processes over the same numbers through random claims, settlements and kills.
func TestNoNumberHasTwoOwners(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	reopen(t, path) // stays open, so that the log isn't folded into the file at each kill
	worlds := 0
	rapid.Check(t, func(rt *rapid.T) {
		worlds++
		w := newWorld(rt, path, fmt.Sprint("world", worlds))
		pick := func() *process { return w.runs[rapid.IntRange(0, 1).Draw(rt, "run")] }
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			if p := pick(); rapid.IntRange(0, 3).Draw(rt, "kill") == 0 {
				w.kill(p)
			} else {
				w.advance(p)
			}
			w.agree()
		}
		for _, p := range w.runs {
			check(rt, p.ledger.Close())
		}
	})
}
