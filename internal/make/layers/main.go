// Program layers measures how far the files of each package form layers. A reference is a use of a
// name that another file of the same package declares (function, method, type, variable, constant
// or field). The files are put into the order in which the fewest references run backward, from a
// file to one before it; what is left is printed as a share of all references.
//
//	go run ./internal/make/layers            packages of 1,000 lines and more
//	go run ./internal/make/layers mapping    the order of one package's files
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// minLines is the size from which a package is measured when none is named.
const minLines = 1000

// listed is what `go list` says of a package.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	Standard                bool
}

func main() {
	log.SetFlags(0)
	pkgs, err := list()
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range pkgs {
		if p.Standard || !strings.HasPrefix(p.ImportPath, "ordersheet") {
			continue
		}
		name := strings.TrimPrefix(p.ImportPath, "ordersheet/")
		if len(os.Args) > 1 && !slices.Contains(os.Args[1:], name) {
			continue
		}
		m, err := measure(p, pkgs)
		if err != nil {
			log.Fatal(err)
		}
		if len(os.Args) > 1 || m.lines >= minLines {
			m.print(name, len(os.Args) > 1)
		}
	}
}

// list returns all packages of the program and what they import, with their compiled exports.
func list() ([]listed, error) {
	out, err := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,Standard", "./...").Output()
	if err != nil {
		return nil, fmt.Errorf("listing packages: %w", err)
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
}

// measured is a package's files with the references between them: refs[i][j] from file i to file j.
type measured struct {
	files []string
	lines int
	refs  [][]int
}

func measure(p listed, pkgs []listed) (*measured, error) {
	fset := token.NewFileSet()
	m := &measured{files: p.GoFiles}
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, 0)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
		m.lines += fset.File(f.Pos()).LineCount()
		m.refs = append(m.refs, make([]int, len(p.GoFiles)))
	}
	exports := func(path string) (io.ReadCloser, error) {
		for _, q := range pkgs {
			if q.ImportPath == path {
				return os.Open(q.Export)
			}
		}
		return nil, fmt.Errorf("no package %s", path)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", exports)}
	pkg, err := config.Check(p.ImportPath, fset, files, info)
	if err != nil {
		return nil, err
	}
	at := func(pos token.Pos) int {
		return slices.Index(p.GoFiles, filepath.Base(fset.Position(pos).Filename))
	}
	for id, obj := range info.Uses {
		if obj.Pkg() != pkg || obj.Parent() != nil && obj.Parent() != pkg.Scope() {
			continue // of another package, or local to a function
		}
		if from, to := at(id.Pos()), at(obj.Pos()); from != to {
			m.refs[from][to]++
		}
	}
	return m, nil
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
