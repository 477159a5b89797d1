package main

import (
	"bufio"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ordersheet": main})
}

// TestStories runs the whole program as a user would, one story a file.
func TestStories(t *testing.T) {
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("ROOT", root)
			e.Setenv("SAMPLES", filepath.Join(root, "samples"))
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("XDG_STATE_HOME", filepath.Join(e.WorkDir, "state"))
			e.Setenv("XDG_CONFIG_HOME", filepath.Join(e.WorkDir, "config"))
			return nil
		},
		Cmds: storyCommands(),
	})
}

// mayImport says which rooms of ours a room may import. What isn't listed may import nothing of ours.
var mayImport = map[string][]string{
	"internal/cell":     {},
	"internal/order":    {},
	"internal/sandbox":  {},
	"internal/sheet":    {"internal/cell"},
	"mapping":           {"internal/cell", "internal/order"},
	"internal/luminous": {"internal/order"},
	"internal/ledger":   {"internal/cell", "internal/order"},
	"importer":          {"internal/cell", "internal/order", "mapping", "internal/sheet", "internal/luminous", "internal/ledger"},
	"exporter":          {"internal/cell", "internal/order", "mapping", "internal/sheet", "internal/luminous", "internal/ledger"},
	"internal/web":      {"importer", "exporter", "mapping", "internal/cell", "internal/order", "internal/sheet", "internal/ledger"},
	"":                  {"internal/cli"},
}

// mayNotImport says which packages of others a room never imports.
var mayNotImport = map[string][]string{
	"mapping":  {"net/http", "os", "context"},
	"importer": {"github.com/schollz/progressbar/v3"},
	"exporter": {"github.com/schollz/progressbar/v3"},
}

// onlyImporter says which room alone may import a package.
var onlyImporter = map[string]string{
	"github.com/xuri/excelize/v2":       "internal/sheet",
	"github.com/schollz/progressbar/v3": "internal/cli",
}

// TestImportTable holds the house's import table: direct imports of files that aren't tests.
func TestImportTable(t *testing.T) {
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && p != ".") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		room := filepath.ToSlash(filepath.Dir(p))
		if room == "." {
			room = ""
		}
		for _, imp := range f.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			checkImport(t, p, room, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkImport(t *testing.T, file, room, name string) {
	t.Helper()
	if slices.Contains(mayNotImport[room], name) {
		t.Errorf("%s imports %s, which %s never does", file, name, room)
	}
	if only, ok := onlyImporter[name]; ok && room != only {
		t.Errorf("%s imports %s, which only %s does", file, name, only)
	}
	ours, ok := strings.CutPrefix(name, "ordersheet/")
	if !ok || room == "internal/cli" || strings.HasPrefix(room, "internal/make") {
		return
	}
	allowed, known := mayImport[room]
	if !known {
		t.Errorf("%s: the room %s isn't in the import table", file, path.Base(room))
	}
	if !slices.Contains(allowed, ours) {
		t.Errorf("%s imports %s, which %s may not", file, ours, room)
	}
}

// storyCommands are the words that stories have beyond testscript's own.
func storyCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"serve": serve,
		"rows":  rows,
	}
}

// serve starts "ordersheet sandbox" with the given flags as a process of its own until the story ends, and puts its address into BASE.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("serve can't fail on purpose")
	}
	self, err := os.Executable()
	ts.Check(err)
	c := exec.Command(self, append([]string{"sandbox", "--addr", "127.0.0.1:0"}, args...)...)
	c.Args[0] = "ordersheet" // testscript's binary is the program when it is called by the program's name
	c.Env = []string{"HOME=" + ts.Getenv("HOME"), "TESTSCRIPT_COMMAND=ordersheet"}
	out, err := c.StdoutPipe()
	ts.Check(err)
	ts.Check(c.Start())
	ts.Defer(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	ts.Check(err)
	_, base, ok := strings.Cut(strings.TrimSpace(line), "serving at ")
	if !ok {
		ts.Fatalf("the sandbox said %q", line)
	}
	ts.Setenv("BASE", base)
}

// rows prints the rows of one sheet of a workbook, cells separated by " | ", so that a story can look for them: rows FILE SHEET.
func rows(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: rows FILE SHEET")
	}
	b, err := sheet.Open(ts.MkAbs(args[0]), sheet.Options{})
	ts.Check(err)
	defer b.Close()
	for i := range b.Sheets {
		if b.Sheets[i].Name != args[1] {
			continue
		}
		_, err := b.Read(i, func(r *cell.Row) error {
			var parts []string
			for _, c := range r.Cells {
				for len(parts) < c.Col {
					parts = append(parts, "")
				}
				parts = append(parts, string(c.Text))
			}
			_, err := fmt.Fprintln(ts.Stdout(), strings.Join(parts, " | "))
			return err
		})
		ts.Check(err)
		return
	}
	ts.Fatalf("%s has no sheet %s", args[0], args[1])
}
