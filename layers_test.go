package main

import (
	"fmt"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// TestLayers measures how far the files of each package form layers. A reference is a use of a name
// that another file of the same package declares (function, method, type, variable, constant or
// field). The files are put into the order in which the fewest references run backward, from a file
// to one before it. With -v the shares of all large packages are printed.
func TestLayers(t *testing.T) {
	const minLines, maxBackward = 1000, 15.0 // percent
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	if len(pkgs) < 20 {
		t.Fatalf("%d packages were found", len(pkgs))
	}
	for _, p := range pkgs {
		for _, e := range p.Errors {
			t.Error(e)
		}
		m := measure(p)
		if m.lines < minLines {
			continue
		}
		share, pairs := m.backward()
		t.Logf("%5.1f %%  %s, %d files, %d lines", share, p.PkgPath, len(m.files), m.lines)
		if share > maxBackward {
			t.Errorf("%s: %.1f %% of the references between its files run backward, want at most %.0f %%:\n%s",
				p.PkgPath, share, maxBackward, strings.Join(pairs, "\n"))
		}
	}
}

// measured is a package's files with the references between them: refs[i][j] from file i to file j.
type measured struct {
	files []string
	lines int
	refs  [][]int
}

func measure(p *packages.Package) *measured {
	m := &measured{}
	index := map[*token.File]int{}
	for i, f := range p.Syntax {
		file := p.Fset.File(f.Pos())
		index[file] = i
		m.files = append(m.files, filepath.Base(file.Name()))
		m.lines += file.LineCount()
		m.refs = append(m.refs, make([]int, len(p.Syntax)))
	}
	for id, obj := range p.TypesInfo.Uses {
		if obj.Pkg() != p.Types || obj.Parent() != nil && obj.Parent() != p.Types.Scope() {
			continue // of another package, or local to a function
		}
		if from, to := index[p.Fset.File(id.Pos())], index[p.Fset.File(obj.Pos())]; from != to {
			m.refs[from][to]++
		}
	}
	return m
}

// order returns the files so that as few references as possible run backward, found by moving one
// file at a time to its best place until no move helps.
func (m *measured) order() []int {
	order := make([]int, len(m.files))
	for i := range order {
		order[i] = i
	}
	for moved := true; moved; {
		moved = false
		for i := range order {
			best, gain := i, 0
			for step := -1; step <= 1; step += 2 {
				sum := 0
				for j := i + step; j >= 0 && j < len(order); j += step {
					// passing file j turns the references between the two around
					sum += step * (m.refs[order[j]][order[i]] - m.refs[order[i]][order[j]])
					if sum > gain {
						best, gain = j, sum
					}
				}
			}
			if gain > 0 {
				f := order[i]
				order = slices.Insert(slices.Delete(order, i, i+1), best, f)
				moved = true
			}
		}
	}
	return order
}

// backward returns the share of references that run backward, in percent, and from which file to
// which they run.
func (m *measured) backward() (share float64, pairs []string) {
	order := m.order()
	back, all := 0, 0
	for i, a := range order {
		for j, b := range order {
			all += m.refs[a][b]
			if j < i && m.refs[a][b] > 0 {
				back += m.refs[a][b]
				pairs = append(pairs, fmt.Sprintf("%6d  %s -> %s", m.refs[a][b], m.files[a], m.files[b]))
			}
		}
	}
	return 100 * float64(back) / float64(max(all, 1)), pairs
}
