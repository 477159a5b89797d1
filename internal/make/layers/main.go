// Layers measures how far the files of each package form layers. A reference is a use of a name
// that another file of the same package declares (function, method, type, variable, constant or
// field). The files are put into the order in which the fewest references run backward, from a file
// to one before it; what is left is printed as a share of all references.
//
//	go run ./internal/make/layers            packages of 1,000 lines and more
//	go run ./internal/make/layers mapping    the order of one package's files
package main

import (
	"fmt"
	"go/token"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// minLines is the size from which a package is measured when none is named.
const minLines = 1000

func main() {
	log.SetFlags(0)
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax}, "./...")
	if err != nil {
		log.Fatal(err)
	}
	if packages.PrintErrors(pkgs) > 0 {
		os.Exit(1)
	}
	for _, p := range pkgs {
		name := strings.TrimPrefix(p.PkgPath, "ordersheet/")
		if len(os.Args) > 1 && !slices.Contains(os.Args[1:], name) {
			continue
		}
		if m := measure(p); len(os.Args) > 1 || m.lines >= minLines {
			m.print(name, len(os.Args) > 1)
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

// print writes the share of references that run backward and, in detail, the files in their order.
func (m *measured) print(name string, detail bool) {
	order := m.order()
	back, all := 0, 0
	var pairs []string
	for i, a := range order {
		for j, b := range order {
			all += m.refs[a][b]
			if j < i && m.refs[a][b] > 0 {
				back += m.refs[a][b]
				pairs = append(pairs, fmt.Sprintf("%6d  %s -> %s", m.refs[a][b], m.files[a], m.files[b]))
			}
		}
	}
	fmt.Printf("%5.1f %%  %s: %d of %d references run backward, %d files, %d lines\n", 100*float64(back)/float64(max(all, 1)), name, back, all, len(m.files), m.lines)
	if detail {
		for _, f := range order {
			fmt.Println("        " + m.files[f])
		}
		fmt.Println(strings.Join(pairs, "\n"))
	}
}
