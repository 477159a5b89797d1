package mapping

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestGroups(t *testing.T) {
	g := NewGroups()
	var got []int
	for _, k := range []string{"A", "A", "", "B", "A", "B", "C"} {
		got = append(got, g.AddBytes([]byte(k)))
	}
	if want := []int{0, 0, NoGroup, 1, 0, 1, 2}; !slices.Equal(got, want) {
		t.Errorf("groups of the rows = %v, want %v", got, want)
	}
	for row, want := range got {
		if g.Of(row) != want {
			t.Errorf("Of(%d) = %d, want %d", row, g.Of(row), want)
		}
	}
	if g.Len() != 3 || g.Rows() != 7 || g.Size(0) != 3 || g.Apart() != 2 || !g.Strewn(0) || !g.Strewn(1) || g.Strewn(2) || g.Key(1) != "B" {
		t.Errorf("got %d groups, %d rows, %d apart, key %q", g.Len(), g.Rows(), g.Apart(), g.Key(1))
	}
	if n, ok := g.Find("C"); n != 2 || !ok {
		t.Errorf("Find(C) = %d, %v; want 2, true", n, ok)
	}
	if _, ok := g.Find("D"); ok {
		t.Error("Find(D) found a group that was never added")
	}
}

func TestRowsWithoutNumberDontStrew(t *testing.T) {
	g := NewGroups()
	for _, k := range []string{"A", "", "A", "B"} {
		g.Add(k)
	}
	if g.Apart() != 0 {
		t.Errorf("Apart() = %d, want 0: only a row without a number stands between", g.Apart())
	}
}

func TestGroupsHoldEveryKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOf(rapid.StringMatching(`[A-C]{0,3}`)).Draw(t, "keys")
		g, want, sizes := NewGroups(), map[string]int{}, map[string]int{}
		for i, k := range keys {
			n := g.Add(k)
			if k == "" {
				if n != NoGroup {
					t.Fatalf("Add(\"\") = %d", n)
				}
				continue
			}
			if _, seen := want[k]; !seen {
				want[k] = len(want)
			}
			sizes[k]++
			if n != want[k] || g.Of(i) != n || g.Key(n) != k || g.Size(n) != sizes[k] {
				t.Fatalf("row %d, key %q: group %d with key %q and size %d; want group %d, size %d", i, k, n, g.Key(n), g.Size(n), want[k], sizes[k])
			}
		}
	})
}

func TestLookAlikes(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"00123", "123"}, {"so-1", "SO-1"}, {"SO-1", "SO–1"}, {"SO 1", "SO1"}, {"SO\u00a01", "SO1"}, {"А-7", "A-7"}, {"SO\u200b-9", "SO-9"}, {"ＳＯ1", "SO1"},
	} {
		g := NewGroups()
		for _, k := range []string{"X-1", c.a, "X-2", c.b, "X-10"} {
			g.Add(k)
		}
		if diff := cmp.Diff([][]int{{1, 3}}, g.LookAlikes()); diff != "" {
			t.Errorf("%q and %q:\n%s", c.a, c.b, diff)
		}
	}
	g := NewGroups()
	for _, k := range []string{"1", "10", "100", "0", "A-1", "A1", "B-1"} {
		g.Add(k)
	}
	if got := g.LookAlikes(); len(got) != 0 {
		t.Errorf("LookAlikes() = %v, want none", got)
	}
}

func TestGroupsStaySmall(t *testing.T) {
	const orders, perOrder = 400_000, 2
	g := NewGroups()
	before := heap()
	key := make([]byte, 0, 16)
	for i := range orders {
		key = fmt.Appendf(key[:0], "SO-%07d", i)
		for range perOrder {
			g.AddBytes(key)
		}
	}
	used := heap() - before
	if most := uint64(orders*64 + orders*perOrder*8); used > most {
		t.Errorf("the index of %d orders takes %d bytes, want at most %d", orders, used, most)
	}
	runtime.KeepAlive(g)
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkGroups(b *testing.B) {
	keys := make([][]byte, 400_000)
	for i := range keys {
		keys[i] = fmt.Appendf(nil, "SO-%07d", i)
	}
	b.ReportAllocs()
	for b.Loop() {
		g := NewGroups()
		for i := range 1_000_000 {
			g.AddBytes(keys[i*2/5])
		}
	}
}
