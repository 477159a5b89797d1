package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"

	"ordersheet/internal/cell"
	"ordersheet/internal/cli"
	"ordersheet/internal/sandbox"
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
			e.Values["story"] = &story{runs: map[string]*started{}}
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

// TestKilledReport kills the program at random moments while it writes a report over an older one: what stands under the name is the old report
// or the new one, never a part, and the report can be made again.
func TestKilledReport(t *testing.T) {
	dir := t.TempDir()
	var rows strings.Builder
	rows.WriteString("order_number,order_date,order_status,channel_id,bill_to_name,ship_to_name,sku,quantity,unit_price\n")
	for i := range 4000 {
		fmt.Fprintf(&rows, "K-%04d,2025-09-01,pending,1,Ann,Ann,MUG-BLUE,none,4.50\n", i)
	}
	path := filepath.Join(dir, "orders.csv")
	if err := os.WriteFile(path, []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) *exec.Cmd {
		c := exec.Command(self, append(args, "--ledger", filepath.Join(dir, "ledger.db"))...)
		c.Args[0], c.Dir = "ordersheet", dir
		return c
	}
	_ = run("import", path, "--dry-run", "--report", "new.xlsx").Run() // ends with 65: all orders are refused
	began := time.Now()
	if out, err := run("report", "1", "-o", "again.xlsx").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	whole := time.Since(began)
	wanted, err := os.ReadFile(filepath.Join(dir, "again.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	old, killed := []byte("an older report"), 0
	for i := range 24 {
		report := filepath.Join(dir, fmt.Sprintf("report%d.xlsx", i))
		if err := os.WriteFile(report, old, 0o600); err != nil {
			t.Fatal(err)
		}
		c := run("report", "1", "-o", report)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(whole*time.Duration(i+1)/24, func() { _ = c.Process.Kill() })
		if c.Wait() != nil {
			killed++
		}
		kill.Stop()
		got, err := os.ReadFile(report)
		if err != nil || !bytes.Equal(got, old) && !bytes.Equal(got, wanted) {
			t.Errorf("after a kill at %d/24 of %v the report has %d bytes (%v), neither the old one's %d nor the new one's %d", i+1, whole, len(got), err, len(old), len(wanted))
		}
	}
	if killed < 8 {
		t.Errorf("only %d of 24 were killed: nothing was tested", killed)
	}
}

// TestExitCodesInReadme holds the README's table of exit codes against the program's, which help shows.
func TestExitCodesInReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(readme), "| code | meaning |\n|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	var want strings.Builder
	for line := range strings.Lines(cli.ExitTable()) {
		code, text, _ := strings.Cut(strings.TrimSpace(line), "  ")
		fmt.Fprintf(&want, "| %s | %s |\n", code, text)
	}
	if got := table + "\n"; !found || got != want.String() {
		t.Errorf("README.md says\n%s\nand the program\n%s", got, want.String())
	}
}

// mayImport says which rooms of ours a room may import. What isn't listed may import nothing of ours.
var mayImport = map[string][]string{
	"internal/cell":     {},
	"internal/order":    {},
	"internal/problem":  {"internal/cell"},
	"internal/sandbox":  {},
	"internal/sheet":    {"internal/cell", "internal/problem"},
	"mapping":           {"internal/cell", "internal/problem", "internal/order"},
	"internal/luminous": {"internal/order"},
	"internal/ledger":   {"internal/cell", "internal/problem", "internal/order"},
	"importer": {
		"internal/cell", "internal/problem", "internal/order", "mapping", "internal/sheet", "internal/luminous", "internal/ledger",
		"importer/plan", "importer/compare", "importer/submit", "importer/undo", "importer/report", "importer/inspect",
	},
	"importer/inspect": {"internal/cell", "internal/problem", "internal/order", "mapping", "internal/sheet"},
	"importer/plan":    {"internal/cell", "internal/problem", "internal/order", "mapping", "internal/sheet", "internal/luminous", "internal/ledger"},
	"importer/compare": {"internal/cell", "internal/problem", "internal/order", "mapping", "internal/sheet", "internal/luminous", "internal/ledger", "importer/plan"},
	"importer/submit":  {"internal/cell", "internal/problem", "internal/order", "mapping", "internal/sheet", "internal/luminous", "internal/ledger", "importer/plan"},
	"importer/undo":    {"internal/cell", "internal/problem", "internal/order", "mapping", "internal/sheet", "internal/luminous", "internal/ledger", "importer/plan"},
	"importer/report":  {"internal/cell", "internal/problem", "internal/order", "mapping", "internal/sheet", "internal/luminous", "internal/ledger", "importer/plan"},
	"exporter":         {"internal/cell", "internal/problem", "internal/order", "mapping", "internal/sheet", "internal/luminous", "internal/ledger"},
	"internal/web":     {"importer", "exporter", "mapping", "internal/cell", "internal/order", "internal/sheet", "internal/ledger"},
	"":                 {"internal/cli"},
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

// story is what one story holds besides testscript's own state.
type story struct {
	box  *sandbox.Sandbox // the order system that box started
	gate gate             // before it
	runs map[string]*started
}

// started is a process that start began and ends waits for.
type started struct {
	cmd            *exec.Cmd
	stdout, stderr bytes.Buffer
}

func of(ts *testscript.TestScript) *story { return ts.Value("story").(*story) }

// storyCommands are the words that stories have beyond testscript's own.
func storyCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"serve":     serve,
		"rows":      rows,
		"exits":     exits,
		"box":       box,
		"orders":    orders,
		"await":     await,
		"asked":     asked,
		"requests":  requests,
		"writes":    writes,
		"elsewhere": elsewhere,
		"stands":    stands,
		"start":     start,
		"signal":    signalTo,
		"ends":      ends,
		"edit":      edit,
		"fill":      fill,
		"retype":    retype,
		"truth":     truth,
		"sql":       sqlOn,
		"hold":      hold,
		"let":       let,
		"press":     press,
		"json":      jsonAt,
		"nowhere":   nowhere,
		"damage":    damage,
		"forget":    forget,
	}
}

// exits runs ordersheet and wants an exact exit code: exits CODE ARGS...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE ARGS...")
	}
	wantExit(ts, args[0], ts.Exec("ordersheet", args[1:]...), args[1:])
}

func wantExit(ts *testscript.TestScript, want string, err error, args []string) {
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("ordersheet %q: %v", args, err)
	}
	if strconv.Itoa(code) != want {
		ts.Fatalf("ordersheet %q: exit code %d, want %s", args, code, want)
	}
}

// box serves an order system inside the test, so that a story can look into it, and points the program at it: box [-fault NAME=P]
// [-token T] [-latency D] [-duplicates WORD] [-ignore FILTER] [-orders N]
// [-untrusted], which has a certificate that nobody vouches for.
func box(ts *testscript.TestScript, neg bool, args []string) {
	c := sandbox.Config{AnySKU: true, Seed: 1}
	f := flag.NewFlagSet("box", flag.ContinueOnError)
	f.StringVar(&c.Token, "token", "", "")
	f.StringVar(&c.Duplicates, "duplicates", "", "")
	untrusted := f.Bool("untrusted", false, "")
	f.DurationVar(&c.Latency, "latency", 0, "")
	f.IntVar(&c.RefuseAfter, "refuse-after", 0, "")
	f.Func("ignore", "", func(filter string) error {
		c.IgnoreFilters = append(c.IgnoreFilters, filter)
		return nil
	})
	filled := f.Int("orders", 0, "")
	furnished := f.Bool("furnished", false, "")
	f.BoolVar(&c.StrictPut, "strict-put", false, "")
	f.BoolVar(&c.AnyStatus, "any-status", false, "")
	f.BoolVar(&c.AddTags, "add-tags", false, "")
	f.BoolFunc("strict-sku", "", func(string) error { c.AnySKU = false; return nil })
	f.Func("fault", "", func(text string) error {
		fault, err := sandbox.ParseFault(text)
		c.Faults = append(c.Faults, fault)
		return err
	})
	if err := f.Parse(args); neg || err != nil {
		ts.Fatalf("box: %v", err)
	}
	b, err := sandbox.New(c)
	ts.Check(err)
	ts.Check(b.Fill(sandbox.SalesOrders, *filled))
	ts.Check(b.Fill(sandbox.PurchaseOrders, *filled))
	if *furnished {
		b.Furnish()
	}
	of(ts).gate.open(1 << 30)
	server := httptest.NewUnstartedServer(of(ts).gate.before(b))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if *untrusted {
		server.StartTLS()
	} else {
		server.Start()
	}
	ts.Defer(func() { of(ts).gate.open(1 << 30); server.Close(); b.Close() })
	of(ts).box = b
	ts.Setenv("BASE", server.URL+sandbox.Prefix)
	ts.Setenv("LUMINOUS_BASE_URL", server.URL+sandbox.Prefix)
	ts.Setenv("LUMINOUS_API_KEY", "story-token")
	if c.Token != "" {
		ts.Setenv("LUMINOUS_API_KEY", c.Token)
	}
}

// gate lets a number of writes through to the box and holds the others back, so that a story has all the time that it needs.
type gate struct {
	mu   sync.Mutex
	came int
	most int
	more chan struct{} // closed when most has changed
}

func (g *gate) open(most int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.more != nil {
		close(g.more)
	}
	g.came, g.most, g.more = 0, most, make(chan struct{})
}

// before puts the gate before a handler.
func (g *gate) before(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Method != http.MethodGet {
			g.mu.Lock()
			more, through := g.more, g.came < g.most
			if through {
				g.came++
			}
			g.mu.Unlock()
			if through {
				break
			}
			select {
			case <-more:
			case <-r.Context().Done():
				panic(http.ErrAbortHandler)
			}
		}
		h.ServeHTTP(w, r)
	})
}

// hold lets only so many writes through to the box since it was set up, until let: hold N.
func hold(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: hold N")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	of(ts).gate.open(n)
}

// let lets all writes through that hold holds back.
func let(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: let")
	}
	of(ts).gate.open(1 << 30)
}

// orders wants so many orders of a kind to stand in the box, each made exactly once: orders KIND N.
func orders(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: orders KIND N")
	}
	of(ts).box.Settle()
	if n := len(of(ts).box.Orders(args[0])); strconv.Itoa(n) != args[1] {
		ts.Fatalf("%d %s stand, want %s", n, args[0], args[1])
	}
	for number, n := range of(ts).box.Created(args[0]) {
		if n != 1 {
			ts.Fatalf("order %s was created %d times", number, n)
		}
	}
}

// elsewhere changes an order in the box as another user of the order system would: elsewhere KIND NUMBER FIELD=VALUE..., values as JSON or,
// what isn't JSON, as text; remove in place of them takes the order away.
func elsewhere(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: elsewhere KIND NUMBER FIELD=VALUE...")
	}
	o := boxOrder(ts, args[0], args[1])
	if args[2] == "remove" {
		ts.Check(of(ts).box.Remove(args[0], o.ID))
		return
	}
	set := map[string]any{}
	for _, arg := range args[2:] {
		field, text, _ := strings.Cut(arg, "=")
		var value any = text
		if json.Valid([]byte(text)) {
			value = json.RawMessage(text)
		}
		set[field] = value
	}
	ts.Check(of(ts).box.Edit(args[0], o.ID, set))
}

// stands wants an order's field to hold a value in the box, as JSON: stands KIND NUMBER PATH VALUE.
func stands(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 4 {
		ts.Fatalf("usage: stands KIND NUMBER PATH VALUE")
	}
	o := boxOrder(ts, args[0], args[1])
	for _, raw := range []json.RawMessage{o.Raw, o.Hidden} {
		if got, ok := valueAt(ts, raw, args[2]); ok && (got == args[3]) == neg {
			ts.Fatalf("%s of %s is %s, want %s", args[2], args[1], got, args[3])
		} else if ok {
			return
		}
	}
	ts.Fatalf("%s has no field %s", args[1], args[2])
}

// boxOrder is the one order with a number in the box.
func boxOrder(ts *testscript.TestScript, kind, number string) (found sandbox.Order) {
	for _, o := range of(ts).box.Orders(kind) {
		if slices.Contains(o.Numbers, number) {
			if found.ID != 0 {
				ts.Fatalf("several %s have the number %s", kind, number)
			}
			found = o
		}
	}
	if found.ID == 0 {
		ts.Fatalf("no %s has the number %s", kind, number)
	}
	return found
}

// requests wants the box to have seen exactly so many requests: requests N.
func requests(ts *testscript.TestScript, neg bool, args []string) {
	if n := of(ts).box.Stats().Requests; neg || len(args) != 1 || strconv.Itoa(n) != args[0] {
		ts.Fatalf("%d requests arrived, want %v", n, args)
	}
}

// writes wants the box to have taken exactly so many writes, those of others included: writes N.
func writes(ts *testscript.TestScript, neg bool, args []string) {
	if n := of(ts).box.Stats().Writes; neg || len(args) != 1 || strconv.Itoa(n) != args[0] {
		ts.Fatalf("%d writes were taken, want %v", n, args)
	}
}

// await waits until at least so many orders have been created in the box, or so many writes done there: await N [writes].
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 && (len(args) != 2 || args[1] != "writes") {
		ts.Fatalf("usage: await N [writes]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if len(args) == 2 {
		until(ts, want, "writes were done", func() int { return of(ts).box.Stats().Writes })
		return
	}
	until(ts, want, "orders were created", func() int { return of(ts).box.Stats().Created })
}

// asked waits until at least so many requests have arrived at the box: asked N.
func asked(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: asked N")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	until(ts, want, "requests arrived", func() int { return of(ts).box.Stats().Requests })
}

// until waits until a count is reached.
func until(ts *testscript.TestScript, want int, what string, count func() int) {
	tick, late := time.NewTicker(2*time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for count() < want {
		select {
		case <-tick.C:
		case <-late:
			ts.Fatalf("%d %s in 30 s, want %d", count(), what, want)
		}
	}
}

// start begins a process of the program: start NAME ARGS...
func start(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start NAME ARGS...")
	}
	p := &started{cmd: program(ts, args[1:]...)}
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	ts.Check(p.cmd.Start())
	of(ts).runs[args[0]] = p
	ts.Defer(func() {
		if of(ts).runs[args[0]] == p {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
	})
}

// program is a process of the program with what a story has set in its environment.
func program(ts *testscript.TestScript, args ...string) *exec.Cmd {
	self, err := os.Executable()
	ts.Check(err)
	c := exec.Command(self, args...)
	c.Args[0] = "ordersheet" // testscript's binary is the program when it is called by the program's name
	c.Dir = ts.MkAbs(".")
	for _, name := range []string{"HOME", "TMPDIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "LUMINOUS_BASE_URL", "LUMINOUS_API_KEY"} {
		if v := ts.Getenv(name); v != "" {
			c.Env = append(c.Env, name+"="+v)
		}
	}
	return c
}

// signalTo sends INT, TERM or KILL to a process: signal NAME SIGNAL.
func signalTo(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM, "KILL": os.Kill}
	if neg || len(args) != 2 || signals[args[1]] == nil || of(ts).runs[args[0]] == nil {
		ts.Fatalf("usage: signal NAME INT|TERM|KILL")
	}
	ts.Check(of(ts).runs[args[0]].cmd.Process.Signal(signals[args[1]]))
}

// press sends Ctrl-C again and again until the process has ended, which ends waits for: press NAME.
func press(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 || of(ts).runs[args[0]] == nil {
		ts.Fatalf("usage: press NAME")
	}
	process := of(ts).runs[args[0]].cmd.Process
	go func() {
		for process.Signal(os.Interrupt) == nil {
			time.Sleep(50 * time.Millisecond)
		}
	}()
}

// ends waits for a process and wants its exit code, -1 when it was killed; its output is the story's then: ends NAME CODE.
func ends(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 || of(ts).runs[args[0]] == nil {
		ts.Fatalf("usage: ends NAME CODE")
	}
	p := of(ts).runs[args[0]]
	delete(of(ts).runs, args[0])
	err := p.cmd.Wait()
	fmt.Fprint(ts.Stdout(), p.stdout.String())
	fmt.Fprint(ts.Stderr(), p.stderr.String())
	wantExit(ts, args[1], err, p.cmd.Args)
}

// edit changes a workbook as another program would, and saves it under a name: edit FILE OUT SHEET!CELL=VALUE...; -SHEET removes a sheet,
// :hide=SHEET hides one.
func edit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: edit FILE OUT SHEET!CELL=VALUE...")
	}
	f, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	for _, change := range args[2:] {
		if name, ok := strings.CutPrefix(change, ":hide="); ok {
			ts.Check(f.SetSheetVisible(name, false))
			continue
		}
		if name, ok := strings.CutPrefix(change, "-"); ok {
			ts.Check(f.DeleteSheet(name))
			continue
		}
		at, value, _ := strings.Cut(change, "=")
		name, ref, _ := strings.Cut(at, "!")
		_, err := f.NewSheet(name) // the sheet itself when it is there
		ts.Check(err)
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			ts.Check(f.SetCellFloat(name, ref, n, -1, 64))
		} else {
			ts.Check(f.SetCellStr(name, ref, value))
		}
	}
	ts.Check(f.SaveAs(ts.MkAbs(args[1])))
}

// retype changes a text everywhere in a file, as a person would who types another into its cell: retype FILE OUT OLD NEW.
func retype(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: retype FILE OUT OLD NEW")
	}
	if path.Ext(args[0]) != ".xlsx" {
		before := ts.ReadFile(args[0])
		if !strings.Contains(before, args[2]) {
			ts.Fatalf("%s doesn't hold %s", args[0], args[2])
		}
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(strings.ReplaceAll(before, args[2], args[3])), 0o600))
		return
	}
	f, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	for _, name := range f.GetSheetList() {
		cells, err := f.SearchSheet(name, args[2])
		ts.Check(err)
		for _, at := range cells {
			ts.Check(f.SetCellStr(name, at, args[3]))
		}
	}
	ts.Check(f.SaveAs(ts.MkAbs(args[1])))
}

// fill copies the rows below the header of one sheet into another of the same columns: fill FILE FROM TO OUT.
func fill(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: fill FILE FROM TO OUT")
	}
	f, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	rows, err := f.GetRows(args[1], excelize.Options{RawCellValue: true})
	ts.Check(err)
	for i, row := range rows[1:] {
		for j, text := range row {
			at, err := excelize.CoordinatesToCellName(j+1, i+2)
			ts.Check(err)
			if kind, err := f.GetCellType(args[1], at); err == nil && (kind == excelize.CellTypeUnset || kind == excelize.CellTypeNumber) && text != "" {
				n, err := strconv.ParseFloat(text, 64)
				ts.Check(err)
				ts.Check(f.SetCellFloat(args[2], at, n, -1, 64))
				continue
			}
			ts.Check(f.SetCellStr(args[2], at, text))
		}
	}
	ts.Check(f.SaveAs(ts.MkAbs(args[3])))
}

// sqlOn runs statements on a ledger that no process has open, as another program would: sql FILE STATEMENTS.
func sqlOn(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sql FILE STATEMENTS")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	_, err = db.Exec(args[1])
	ts.Check(err)
}

// truth compares the sheet Problems of a report with a table of what is known to be wrong, both ways: truth REPORT TRUTH.csv.
func truth(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: truth REPORT TRUTH.csv")
	}
	read := csv.NewReader(strings.NewReader(ts.ReadFile(args[1])))
	known, err := read.ReadAll()
	ts.Check(err)
	count := map[string]int{}
	for _, k := range known[1:] {
		count[fmt.Sprintf("%s!%s %s %q", k[0], k[1], k[2], k[3])]++
	}
	first := true
	eachRow(ts, args[0], "Problems", func(c []string) {
		if !first { // a problem of the whole file has no cells behind its code
			c = append(c, make([]string, 11)...)
			count[fmt.Sprintf("%s!%s %s %q", c[2], c[3], c[1], c[6])]--
		}
		first = false
	})
	for what, n := range count {
		if n > 0 {
			ts.Logf("not reported: %s", what)
		} else if n < 0 {
			ts.Logf("reported, but not known: %s", what)
		}
		if n == 0 {
			delete(count, what)
		}
	}
	if len(count) > 0 {
		ts.Fatalf("%s doesn't say what %s says", args[0], args[1])
	}
}

// jsonAt reads a file, or stdout, as exactly one JSON object: json FILE keys KEY... wants exactly these keys in it, json FILE PATH VALUE wants
// a value, as JSON, at a path such as orders.created.
func jsonAt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: json FILE keys KEY..., or json FILE PATH VALUE")
	}
	d := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	var all map[string]any
	ts.Check(d.Decode(&all))
	if _, err := d.Token(); err != io.EOF {
		ts.Fatalf("there is more after the object: %v", err)
	}
	if args[1] == "keys" {
		wantKeys(ts, all, args[2:])
		return
	}
	got, _ := valueAt(ts, []byte(ts.ReadFile(args[0])), args[1])
	if got != args[2] {
		ts.Fatalf("%s is %s, want %s", args[1], got, args[2])
	}
}

// valueAt gives the value at a dotted path of a JSON object, as JSON; ok is false when the object hasn't got the path's first name.
func valueAt(ts *testscript.TestScript, object []byte, path string) (text string, ok bool) {
	d := json.NewDecoder(bytes.NewReader(object))
	d.UseNumber()
	var at any
	ts.Check(d.Decode(&at))
	steps := strings.Split(path, ".")
	for i, step := range steps {
		switch v := at.(type) {
		case map[string]any:
			if at, ok = v[step]; !ok && i == 0 {
				return "null", false
			}
		case []any:
			n, err := strconv.Atoi(step)
			ts.Check(err)
			if n >= len(v) {
				ts.Fatalf("%s has %d elements", strings.Join(steps[:i], "."), len(v))
			}
			at = v[n]
		case nil:
			return "null", i > 0
		default:
			ts.Fatalf("%s holds %v", strings.Join(steps[:i], "."), at)
		}
	}
	got, err := json.Marshal(at)
	ts.Check(err)
	return string(got), true
}

func wantKeys(ts *testscript.TestScript, all map[string]any, want []string) {
	got := slices.Sorted(maps.Keys(all))
	slices.Sort(want)
	if !slices.Equal(got, want) {
		ts.Fatalf("keys are %q, want %q", got, want)
	}
}

// nowhere looks for a text in the last outputs and in every file of the story's folder, also inside zip files: nowhere TEXT.
func nowhere(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: nowhere TEXT")
	}
	text, files := []byte(args[0]), 0
	err := filepath.WalkDir(ts.MkAbs("."), func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		files++
		if bytes.Contains(b, text) {
			return fmt.Errorf("%s holds %s", p, text)
		}
		if bytes.HasPrefix(b, []byte("SQLite format 3")) {
			return notInLedger(p, text)
		}
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return nil //nolint:nilerr // not a zip file
		}
		for _, part := range z.File {
			if err := absent(part, text); err != nil {
				return fmt.Errorf("%s: %w", p, err)
			}
		}
		return nil
	})
	ts.Check(err)
	if files == 0 {
		ts.Fatalf("there is no file to look at")
	}
}

// notInLedger looks into each value of each table, also into the compressed blocks and into what only the log holds yet.
func notInLedger(path string, text []byte) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer db.Close()
	tables, err := db.Query("SELECT name FROM sqlite_master WHERE type = 'table'")
	if err != nil {
		return err
	}
	defer tables.Close()
	blocks := 0
	for tables.Next() {
		var table string
		if err := tables.Scan(&table); err != nil {
			return err
		}
		n, err := notInTable(db, table, text)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		blocks += n
	}
	if blocks == 0 && tables.Err() == nil {
		err = fmt.Errorf("%s: no block could be read, so nothing was looked at", path)
	}
	return errors.Join(err, tables.Err())
}

func notInTable(db *sql.DB, table string, text []byte) (blocks int, err error) {
	rows, err := db.Query("SELECT * FROM " + table)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return 0, err
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return blocks, err
		}
		for i, v := range values {
			block, isBlob := v.([]byte)
			if isBlob && len(block) > 4 { // a block begins with its checksum
				if plain, err := s2.Decode(nil, block[4:]); err == nil {
					blocks++
					block = plain
				}
			}
			if bytes.Contains(block, text) || bytes.Contains([]byte(fmt.Sprint(v)), text) {
				return blocks, fmt.Errorf("%s.%s holds %s", table, columns[i], text)
			}
		}
	}
	return blocks, rows.Err()
}

func absent(part *zip.File, text []byte) error {
	r, err := part.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err == nil && bytes.Contains(b, text) {
		err = fmt.Errorf("%s holds %s", part.Name, text)
	}
	return err
}

// damage copies the first bytes of a file, as many as a fraction says: damage FILE OUT 0.6.
func damage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: damage FILE OUT FRACTION")
	}
	part, err := strconv.ParseFloat(args[2], 64)
	ts.Check(err)
	b := ts.ReadFile(args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b[:int(part*float64(len(b)))]), 0o600))
}

// forget takes one order out of a ledger behind the program's back: forget LEDGER NUMBER.
func forget(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: forget LEDGER NUMBER")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	_, err = db.Exec("DELETE FROM planned_order WHERE number = ?", args[1])
	ts.Check(err)
}

// serve starts "ordersheet sandbox" with the given flags as a process of its own until the story ends, and puts its address into BASE. For
// signal and ends its name is serve.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("serve can't fail on purpose")
	}
	c := program(ts, append([]string{"sandbox", "--addr", "127.0.0.1:0"}, args...)...)
	out, err := c.StdoutPipe()
	ts.Check(err)
	p := &started{cmd: c}
	c.Stderr = &p.stderr
	ts.Check(c.Start())
	of(ts).runs["serve"] = p
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
	eachRow(ts, args[0], args[1], func(cells []string) {
		_, err := fmt.Fprintln(ts.Stdout(), strings.Join(cells, " | "))
		ts.Check(err)
	})
}

// eachRow reads the cells of one sheet of a workbook.
func eachRow(ts *testscript.TestScript, file, name string, fn func(cells []string)) {
	b, err := sheet.Open(ts.MkAbs(file), sheet.Options{})
	ts.Check(err)
	defer b.Close()
	for i := range b.Sheets {
		if b.Sheets[i].Name != name {
			continue
		}
		_, err := b.Read(i, func(r *cell.Row) error {
			var cells []string
			for _, c := range r.Cells {
				for len(cells) < c.Col {
					cells = append(cells, "")
				}
				cells = append(cells, string(c.Text))
			}
			fn(cells)
			return nil
		})
		ts.Check(err)
		return
	}
	ts.Fatalf("%s has no sheet %s", file, name)
}
