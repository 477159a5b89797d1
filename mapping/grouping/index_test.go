package grouping_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ordersheet/mapping/grouping"
)

// groupsOf returns the groups of rows with the given order numbers.
func groupsOf(numbers ...string) *grouping.Index {
	var g grouping.Index
	for _, n := range numbers {
		g.Add([]byte(n))
	}
	return &g
}

func TestGroups(t *testing.T) {
	g := groupsOf("A", "A", "", "B", "A", "B", "C")
	var got []int
	for row := range g.Rows() {
		got = append(got, g.Of(row))
	}
	if want := []int{0, 0, grouping.None, 1, 0, 1, 2}; !slices.Equal(got, want) {
		t.Errorf("groups of the rows: %v, want %v", got, want)
	}
	if g.Len() != 3 || g.Rows() != 7 || g.Size(0) != 3 || g.Key(1).Number != "B" {
		t.Errorf("got %d groups, %d rows, size %d, key %q", g.Len(), g.Rows(), g.Size(0), g.Key(1))
	}
	if g.ScatteredCount() != 2 || !g.Scattered(0) || !g.Scattered(1) || g.Scattered(2) {
		t.Errorf("%d scattered groups: %v %v %v", g.ScatteredCount(), g.Scattered(0), g.Scattered(1), g.Scattered(2))
	}
	if n, ok := g.Find(grouping.Key{Number: "C"}); n != 2 || !ok {
		t.Errorf("Find(C) = %d, %v; want 2, true", n, ok)
	}
	if _, ok := g.Find(grouping.Key{Number: "D"}); ok {
		t.Error("Find(D) found a group that was never added")
	}
}

func TestRowsWithoutNumberDontScatter(t *testing.T) {
	if n := groupsOf("A", "", "A", "B").ScatteredCount(); n != 0 {
		t.Errorf("%d groups are scattered, want 0: only a row without a number is in between", n)
	}
}

func TestKeys(t *testing.T) {
	var k grouping.Keys
	keys := []grouping.Key{{Number: "5"}, {ID: 5}, {Number: "id 5"}, {Number: "A"}}
	for i, key := range keys {
		if n := k.Add(key); n != i {
			t.Errorf("Add(%v) = %d, want %d", key, n, i)
		}
	}
	for i, key := range keys {
		if n := k.Add(key); n != i || k.Key(i) != key {
			t.Errorf("Add(%v) = %d and Key(%d) = %v, want %d", key, n, i, k.Key(i), i)
		}
	}
	if n := k.AddNumber([]byte("A")); n != 3 || k.Len() != 4 {
		t.Errorf("AddNumber(A) = %d of %d keys, want 3 of 4", n, k.Len())
	}
}

func TestGroupsHoldEveryKey(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		numbers := rapid.SliceOf(rapid.StringMatching(`[A-C]{0,3}`)).Draw(rt, "numbers")
		g, want, sizes := groupsOf(numbers...), map[string]int{}, map[string]int{}
		for _, k := range numbers {
			if _, seen := want[k]; k != "" && !seen {
				want[k] = len(want)
			}
			sizes[k]++
		}
		for i, k := range numbers {
			n := g.Of(i)
			if k == "" {
				if n != grouping.None {
					rt.Fatalf("row %d without a number has group %d", i, n)
				}
				continue
			}
			if n != want[k] || g.Key(n).Number != k || g.Size(n) != sizes[k] {
				rt.Fatalf("row %d, number %q: group %d with key %q and size %d; want group %d, size %d", i, k, n, g.Key(n), g.Size(n), want[k], sizes[k])
			}
		}
	})
}

func TestLookAlikes(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"00123", "123"}, {"so-1", "SO-1"}, {"SO-1", "SO–1"}, {"SO 1", "SO1"}, {"SO\u00a01", "SO1"}, {"А-7", "A-7"}, {"SO\u200b-9", "SO-9"}, {"ＳＯ1", "SO1"},
	} {
		g := groupsOf("X-1", c.a, "X-2", c.b, "X-10")
		if diff := cmp.Diff([][]int{{1, 3}}, g.LookAlikes()); diff != "" {
			t.Errorf("%q and %q:\n%s", c.a, c.b, diff)
		}
	}
	if got := groupsOf("1", "10", "100", "0", "A-1", "A1", "B-1").LookAlikes(); len(got) != 0 {
		t.Errorf("LookAlikes() = %v, want none", got)
	}
}

func TestGroupsStaySmall(t *testing.T) {
	const orders, perOrder = 400_000, 2
	before := heap()
	var g grouping.Index
	var number []byte
	for i := range orders {
		number = fmt.Appendf(number[:0], "SO-%07d", i)
		for range perOrder {
			g.Add(number)
		}
	}
	used := heap() - before
	if most := uint64(orders*64 + orders*perOrder*8); used > most {
		t.Errorf("the groups of %d orders take %d bytes, want at most %d", orders, used, most)
	}
	runtime.KeepAlive(&g)
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkKeys(b *testing.B) {
	numbers := make([][]byte, 400_000)
	for i := range numbers {
		numbers[i] = fmt.Appendf(nil, "SO-%07d", i)
	}
	b.ReportAllocs()
	for b.Loop() {
		var k grouping.Keys
		for i := range 1_000_000 {
			k.AddNumber(numbers[i*2/5])
		}
	}
}
