package ledgertest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
)

// model is what a ledger should hold of two runs over some of the same numbers, each with a process
// of its own.
type model struct {
	t       *rapid.T
	ctx     context.Context
	open    opener
	account string
	runs    []*process
	exists  map[string]bool   // numbers that were created
	owner   map[string][2]int // number -> the run and the index of the order that has it
}

// process is one process with its run.
type process struct {
	run    int64
	ledger ledger.Ledger
	orders []ledger.Order
	state  []ledger.State
}

// TestModel runs two processes over the same numbers through random claims, settlements and kills:
// no number ever has two owners.
func TestModel(t *testing.T) { each(t, testModel) }

func testModel(t *testing.T, open opener) {
	open() // stays open, so that closing another is no more than a kill
	tries := 0
	rapid.Check(t, func(rt *rapid.T) {
		tries++
		m := newModel(rt, t.Context(), open, fmt.Sprint("account ", tries))
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			p := m.runs[rapid.IntRange(0, 1).Draw(rt, "run")]
			if rapid.IntRange(0, 3).Draw(rt, "kill") == 0 {
				m.kill(p)
			} else {
				m.advance(p)
			}
			m.compare()
		}
		for _, p := range m.runs {
			check(rt, p.ledger.Close())
		}
	})
}

func newModel(t *rapid.T, ctx context.Context, open opener, account string) *model {
	m := &model{t: t, ctx: ctx, open: open, account: account, exists: map[string]bool{}, owner: map[string][2]int{}}
	for r := range 2 {
		p := &process{ledger: open()}
		var err error
		p.run, err = p.ledger.NewRun(ctx, ledger.Run{Kind: order.SalesOrders, Account: account, State: ledger.Confirmed})
		check(t, err)
		out := p.ledger.PutOrders(p.run)
		for i := range rapid.IntRange(1, 12).Draw(t, "orders") {
			o := planned(i)
			o.Number = fmt.Sprint("N", i+4*r)
			o.Action = rapid.SampledFrom([]string{"create", "create", "update"}).Draw(t, "action")
			o.Recreate = rapid.IntRange(0, 5).Draw(t, "recreate") == 0
			_, err := out.Add(o, nil)
			check(t, err)
			p.orders, p.state = append(p.orders, o), append(p.state, ledger.OrderPlanned)
		}
		check(t, out.Close(ctx))
		_, err = p.ledger.Acquire(ctx, p.run, "1@elsewhere")
		check(t, err)
		m.runs = append(m.runs, p)
	}
	return m
}

// kill ends a process and starts the next one, which finds what the first had claimed.
func (m *model) kill(p *process) {
	check(m.t, p.ledger.Close())
	p.ledger = m.open()
	_, err := p.ledger.Acquire(m.ctx, p.run, "1@elsewhere")
	check(m.t, err)
	want := int64(0)
	for i, s := range p.state {
		if s == ledger.Claimed {
			p.state[i] = ledger.Unresolved
			want++
		}
	}
	got, err := p.ledger.Recover(m.ctx, p.run, time.Minute)
	check(m.t, err)
	if got != want {
		m.t.Fatalf("Recover() = %d, want %d", got, want)
	}
}

// advance settles some orders at random and claims some, in the ledger and in the model.
func (m *model) advance(p *process) {
	var settled []ledger.Settlement
	ends := []ledger.State{
		ledger.Created, ledger.Created, ledger.Unchanged, ledger.Rejected, ledger.Unresolved, ledger.Unknown,
		ledger.OrderPlanned, ledger.NotAttempted,
	}
	for i, s := range p.state {
		open := s == ledger.Claimed || s == ledger.Unresolved || s == ledger.NotAttempted
		if open && rapid.Bool().Draw(m.t, "settle") {
			end := rapid.SampledFrom(ends).Draw(m.t, "as")
			settled = append(settled, ledger.Settlement{Seq: int64(i) + 1, State: end, ID: int64(i)})
			m.settle(p, i, end)
		}
	}
	want := rapid.IntRange(0, 5).Draw(m.t, "want")
	got, err := p.ledger.Advance(m.ctx, p.run, settled, want)
	check(m.t, err)
	m.claim(p, want, got)
}

func (m *model) settle(p *process, i int, end ledger.State) {
	number := p.orders[i].Number
	p.state[i] = end
	if m.owner[number] != [2]int{int(p.run), i} || end == ledger.Unresolved || end == ledger.Unknown {
		return
	}
	delete(m.owner, number)
	if end == ledger.Created || end == ledger.Unchanged {
		m.exists[number] = true
	}
}

// claim compares what was claimed and held with what the model allows.
func (m *model) claim(p *process, want int, got ledger.Claims) {
	var claimed, held []int64
	for i, s := range p.state {
		if s != ledger.OrderPlanned || len(claimed) == want {
			continue
		}
		o := p.orders[i]
		if _, owned := m.owner[o.Number]; owned || m.exists[o.Number] && o.Action == "create" && !o.Recreate {
			p.state[i] = ledger.Held
			held = append(held, int64(i)+1)
			continue
		}
		p.state[i], m.owner[o.Number] = ledger.Claimed, [2]int{int(p.run), i}
		claimed = append(claimed, int64(i)+1)
	}
	if d := cmp.Diff([][]int64{claimed, held}, [][]int64{seqs(got.Claimed), seqs(got.Conflicts)}); d != "" {
		m.t.Fatalf("claimed and held (-want +got):\n%s", d)
	}
}

func seqs(orders []ledger.Order) (all []int64) {
	for _, o := range orders {
		all = append(all, o.Seq)
	}
	slices.Sort(all)
	return all
}

// compare compares the whole ledger with the model.
func (m *model) compare() {
	for _, p := range m.runs {
		var got []ledger.State
		check(m.t, p.ledger.Orders(m.ctx, p.run, ledger.Filter{}, func(o *ledger.Order) error {
			got = append(got, o.State)
			return nil
		}))
		if !slices.Equal(p.state, got) {
			m.t.Fatalf("states of run %d are %v, want %v", p.run, got, p.state)
		}
		for _, o := range p.orders {
			keys, err := p.ledger.KeyInfo(m.ctx, m.account, order.SalesOrders, []string{o.Number})
			check(m.t, err)
			owner, owned := m.owner[o.Number]
			if k := keys[o.Number]; k.Exists() != m.exists[o.Number] || (k.ClaimRun != 0) != owned || owned && k.ClaimRun != int64(owner[0]) {
				m.t.Fatalf("the ledger knows of %s: %+v; want exists %v, owner %v", o.Number, k, m.exists[o.Number], owner)
			}
		}
	}
}
