package xlsx

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestStringTable reads strings in order and at random, from memory and from the temporary file.
func TestStringTable(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for _, bound := range []int64{1 << 30, 5000} {
		table := newStringTable(bound)
		defer table.close()
		want := make([]string, 20_000)
		for i := range want {
			want[i] = strings.Repeat(fmt.Sprint(i), i%40)
			if i == 777 {
				want[i] = strings.Repeat("long", 50_000)
			}
			if err := table.add([]byte(want[i])); err != nil {
				t.Fatal(err)
			}
		}
		if err := table.done(); err != nil {
			t.Fatal(err)
		}
		if spilled := table.file != nil; spilled != (bound < 1<<20) {
			t.Errorf("bound %d: spilled %v", bound, spilled)
		}
		check := func(i int) {
			got, _, err := table.get(i, nil)
			if err != nil || string(got) != want[i] {
				t.Fatalf("bound %d, string %d: got %.40q, %v, want %.40q", bound, i, got, err, want[i])
			}
		}
		for i := range want {
			check(i)
		}
		r := rand.New(rand.NewPCG(1, 2))
		for range 20_000 {
			check(r.IntN(len(want)))
		}
	}
}
