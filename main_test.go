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

// storiesAtOnce is how many stories run in parallel, on any number of processors: they mostly wait
// for processes and timeouts.
const storiesAtOnce = "6"

func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", storiesAtOnce); err != nil {
		log.Fatal(err)
	}
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
			e.Values["story"] = &story{processes: map[string]*process{}}
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

// TestKilledReport kills the program at random moments while it replaces a report: the file is
// always the whole old report or the whole new one.
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
	_ = run("import", path, "--dry-run", "--report", "new.xlsx").Run() // exits with 65: all orders are invalid
	start := time.Now()
	if out, err := run("report", "1", "-o", "again.xlsx").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	duration := time.Since(start)
	want, err := os.ReadFile(filepath.Join(dir, "again.xlsx"))
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
		kill := time.AfterFunc(duration*time.Duration(i+1)/24, func() { _ = c.Process.Kill() })
		if c.Wait() != nil {
			killed++
		}
		kill.Stop()
		got, err := os.ReadFile(report)
		if err != nil || !bytes.Equal(got, old) && !bytes.Equal(got, want) {
			t.Errorf("after a kill at %d/24 of %v the report has %d bytes (%v), neither the old one's %d nor the new one's %d", i+1, duration, len(got), err, len(old), len(want))
		}
	}
	if killed < 8 {
		t.Errorf("only %d of 24 processes were killed, so nothing was tested", killed)
	}
}

// TestExitCodesInReadme compares the README's table of exit codes with the one that help prints.
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

// mayImport lists which packages of this program each package may import. "mapping/..." means
// mapping and every package below it. A package that isn't listed may import none.
var mayImport = map[string][]string{
	"":                 {"internal/cli"},
	"internal/cell":    {},
	"internal/order":   {},
	"internal/problem": {"internal/cell"},
	"internal/sandbox": {}, // it judges the client, so it shares no type with it
	"internal/diff":    {"internal/order"},

	"internal/sheet":       {"internal/cell", "internal/sheet/..."},
	"internal/sheet/csv":   {"internal/cell", "internal/problem", "internal/sheet/book"},
	"internal/sheet/jsonl": {"internal/cell", "internal/sheet/book"},
	"internal/sheet/xlsx":  {"internal/cell", "internal/problem", "internal/sheet/book", "internal/sheet/ooxml"},
	"internal/sheet/ods":   {"internal/cell", "internal/problem", "internal/sheet/book", "internal/sheet/ooxml"},
	"internal/sheet/ooxml": {"internal/sheet/book"},
	"internal/sheet/book":  {"internal/cell", "internal/problem"},
	"internal/sheet/write": {"internal/cell", "internal/sheet/book"},

	"mapping/catalog":  {"internal/cell", "internal/problem", "internal/order"},
	"mapping/value":    {"internal/cell", "internal/problem", "internal/order", "mapping/catalog"},
	"mapping/profile":  {"internal/cell", "internal/problem", "internal/order", "mapping/catalog", "mapping/value"},
	"mapping/detect":   {"internal/cell", "internal/problem", "internal/order", "mapping/catalog", "mapping/value", "mapping/profile"},
	"mapping/flatten":  {"internal/cell", "internal/problem", "internal/order", "mapping/catalog", "mapping/profile"},
	"mapping/grouping": {},
	"mapping":          {"internal/cell", "internal/problem", "internal/order", "mapping/..."},

	"internal/pace":     {},
	"internal/luminous": {"internal/order", "internal/pace"},
	"internal/lookup":   {"internal/luminous", "internal/order", "internal/cell"},

	"internal/ledger":        {"internal/cell", "internal/problem", "internal/order"},
	"internal/ledger/block":  {"internal/cell", "internal/ledger"},
	"internal/ledger/sqlite": {"internal/cell", "internal/problem", "internal/order", "internal/ledger", "internal/ledger/block"},

	"importer":          append([]string{"importer/..."}, belowEngines...),
	"importer/plan":     belowEngines,
	"importer/compare":  append([]string{"importer/plan"}, belowEngines...),
	"importer/submit":   append([]string{"importer/plan"}, belowEngines...),
	"importer/undo":     append([]string{"importer/plan"}, belowEngines...),
	"importer/report":   append([]string{"importer/plan"}, belowEngines...),
	"importer/inspect":  append([]string{"importer/plan"}, belowEngines...),
	"importer/template": append([]string{"importer/plan"}, belowEngines...),
	"exporter":          belowEngines,
	"internal/deliver":  {"importer", "internal/problem", "internal/sheet/write"},
}

// belowEngines are the packages below importer and exporter.
var belowEngines = []string{
	"internal/cell", "internal/problem", "internal/order", "internal/diff", "internal/sheet/...",
	"internal/luminous", "internal/lookup", "internal/ledger", "mapping/...",
}

// mayNotImport lists packages of others that a package must not import.
var mayNotImport = map[string][]string{
	"mapping/...":  {"net/http", "os", "context"},
	"importer/...": {"github.com/schollz/progressbar/v3"},
	"exporter":     {"github.com/schollz/progressbar/v3"},
}

// onlyImporter names the one package that may import a package of others.
var onlyImporter = map[string]string{
	"github.com/xuri/excelize/v2":       "internal/sheet/write",
	"github.com/schollz/progressbar/v3": "internal/cli",
}

// TestImportTable checks the direct imports of all non-test files against the tables above.
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
	for rooms, names := range mayNotImport {
		if covers(rooms, room) && slices.Contains(names, name) {
			t.Errorf("%s imports %s, which %s must not import", file, name, room)
		}
	}
	if only, ok := onlyImporter[name]; ok && !covers(only, room) {
		t.Errorf("%s imports %s, which only %s may import", file, name, only)
	}
	ours, ok := strings.CutPrefix(name, "ordersheet/")
	if !ok || room == "internal/cli" || strings.HasPrefix(room, "internal/make") {
		return
	}
	allowed, known := mayImport[room]
	if !known {
		t.Errorf("%s: the package %s isn't in the import table", file, room)
	}
	if !slices.ContainsFunc(allowed, func(rooms string) bool { return covers(rooms, ours) }) {
		t.Errorf("%s imports %s, which %s may not import", file, ours, room)
	}
}

// covers reports whether an entry of the import table, such as mapping or mapping/..., means a
// package.
func covers(entry, room string) bool {
	parent, all := strings.CutSuffix(entry, "/...")
	return room == parent || all && strings.HasPrefix(room, parent+"/")
}

// story is the state of one story beyond testscript's own.
type story struct {
	sandbox   *sandbox.Sandbox // started by the command sandbox
	writes    gate             // in front of it
	processes map[string]*process
}

// process is a process of the program that start began and wait-exit waits for.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr bytes.Buffer
}

func storyOf(ts *testscript.TestScript) *story { return ts.Value("story").(*story) }

// storyCommands are the commands of stories beyond testscript's own.
// testdata/script/README.md describes them.
func storyCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"absent":         checkAbsent,
		"await":          await,
		"await-requests": awaitRequests,
		"copy-rows":      copyRows,
		"drop-order":     dropOrder,
		"edit":           edit,
		"exits":          checkExit,
		"field":          checkField,
		"hold-writes":    holdWrites,
		"interrupt":      interrupt,
		"json":           checkJSON,
		"orders":         checkOrders,
		"other-user":     otherUser,
		"problems-match": problemsMatch,
		"release-writes": releaseWrites,
		"replace-text":   replaceText,
		"requests":       checkRequests,
		"rows":           printRows,
		"sandbox":        startSandbox,
		"serve":          serve,
		"signal":         signalTo,
		"sql":            runSQL,
		"start":          start,
		"truncate":       truncate,
		"wait-exit":      waitExit,
		"writes":         checkWrites,
	}
}

// checkExit runs ordersheet and checks its exit code: exits CODE ARGS...
func checkExit(ts *testscript.TestScript, neg bool, args []string) {
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

// startSandbox starts a simulated Luminous API inside the test, so that a story can inspect it, and
// points the program at it: sandbox [FLAG]...
func startSandbox(ts *testscript.TestScript, neg bool, args []string) {
	c := sandbox.Config{AnySKU: true, Seed: 1}
	f := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	f.StringVar(&c.Token, "token", "", "")
	f.StringVar(&c.Duplicates, "duplicates", "", "")
	untrusted := f.Bool("untrusted", false, "")
	f.DurationVar(&c.Latency, "latency", 0, "")
	f.IntVar(&c.RejectAfter, "refuse-after", 0, "")
	f.Func("ignore", "", func(filter string) error {
		c.IgnoreFilters = append(c.IgnoreFilters, filter)
		return nil
	})
	filled := f.Int("orders", 0, "")
	decorated := f.Bool("decorated", false, "")
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
		ts.Fatalf("sandbox: %v", err)
	}
	b, err := sandbox.New(c)
	ts.Check(err)
	ts.Check(b.Fill(sandbox.SalesOrders, *filled))
	ts.Check(b.Fill(sandbox.PurchaseOrders, *filled))
	if *decorated {
		b.Decorate()
	}
	storyOf(ts).writes.open(1 << 30)
	server := httptest.NewUnstartedServer(storyOf(ts).writes.guard(b))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if *untrusted {
		server.StartTLS()
	} else {
		server.Start()
	}
	ts.Defer(func() { storyOf(ts).writes.open(1 << 30); b.Close(); server.Close() }) // Close ends waiting requests
	storyOf(ts).sandbox = b
	ts.Setenv("BASE", server.URL+sandbox.Prefix)
	ts.Setenv("LUMINOUS_BASE_URL", server.URL+sandbox.Prefix)
	ts.Setenv("LUMINOUS_API_KEY", "story-token")
	if c.Token != "" {
		ts.Setenv("LUMINOUS_API_KEY", c.Token)
	}
}

// gate lets a limited number of writes through to the sandbox and blocks the others, so that a
// story can act while a run waits, however slow the machine is.
type gate struct {
	mu      sync.Mutex
	passed  int
	limit   int
	changed chan struct{} // closed when limit changes
}

func (g *gate) open(limit int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.changed != nil {
		close(g.changed)
	}
	g.passed, g.limit, g.changed = 0, limit, make(chan struct{})
}

// guard returns a handler that passes requests through the gate to h.
func (g *gate) guard(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Method != http.MethodGet {
			g.mu.Lock()
			changed, pass := g.changed, g.passed < g.limit
			if pass {
				g.passed++
			}
			g.mu.Unlock()
			if pass {
				break
			}
			select {
			case <-changed:
			case <-r.Context().Done():
				panic(http.ErrAbortHandler)
			}
		}
		h.ServeHTTP(w, r)
	})
}

// holdWrites lets only N writes through to the sandbox until release-writes: hold-writes N.
func holdWrites(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: hold-writes N")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	storyOf(ts).writes.open(n)
}

// releaseWrites lets all writes through again: release-writes.
func releaseWrites(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: release-writes")
	}
	storyOf(ts).writes.open(1 << 30)
}

// checkOrders checks that the sandbox has N orders of a kind, each created exactly once:
// orders KIND N.
func checkOrders(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: orders KIND N")
	}
	storyOf(ts).sandbox.Settle()
	if n := len(storyOf(ts).sandbox.Orders(args[0])); strconv.Itoa(n) != args[1] {
		ts.Fatalf("the sandbox has %d %s, want %s", n, args[0], args[1])
	}
	for number, n := range storyOf(ts).sandbox.Created(args[0]) {
		if n != 1 {
			ts.Fatalf("order %s was created %d times", number, n)
		}
	}
}

// otherUser edits an order in the sandbox as another user of Luminous would:
// other-user KIND NUMBER FIELD=VALUE..., or other-user KIND NUMBER remove. A value that isn't JSON
// is text.
func otherUser(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: other-user KIND NUMBER FIELD=VALUE...")
	}
	o := sandboxOrder(ts, args[0], args[1])
	if args[2] == "remove" {
		ts.Check(storyOf(ts).sandbox.Remove(args[0], o.ID))
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
	ts.Check(storyOf(ts).sandbox.Edit(args[0], o.ID, set))
}

// checkField checks the value of an order's field in the sandbox, as JSON:
// field KIND NUMBER PATH VALUE.
func checkField(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 4 {
		ts.Fatalf("usage: field KIND NUMBER PATH VALUE")
	}
	o := sandboxOrder(ts, args[0], args[1])
	for _, raw := range []json.RawMessage{o.Raw, o.Hidden} {
		if got, ok := valueAt(ts, raw, args[2]); ok && (got == args[3]) == neg {
			ts.Fatalf("%s of %s is %s, want %s", args[2], args[1], got, args[3])
		} else if ok {
			return
		}
	}
	ts.Fatalf("%s has no field %s", args[1], args[2])
}

// sandboxOrder returns the one order in the sandbox with a number.
func sandboxOrder(ts *testscript.TestScript, kind, number string) (found sandbox.Order) {
	for _, o := range storyOf(ts).sandbox.Orders(kind) {
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

// checkRequests checks how many requests the sandbox received: requests N.
func checkRequests(ts *testscript.TestScript, neg bool, args []string) {
	if n := storyOf(ts).sandbox.Stats().Requests; neg || len(args) != 1 || strconv.Itoa(n) != args[0] {
		ts.Fatalf("the sandbox received %d requests, want %v", n, args)
	}
}

// checkWrites checks how many writes the sandbox accepted, other users' included: writes N.
func checkWrites(ts *testscript.TestScript, neg bool, args []string) {
	if n := storyOf(ts).sandbox.Stats().Writes; neg || len(args) != 1 || strconv.Itoa(n) != args[0] {
		ts.Fatalf("the sandbox accepted %d writes, want %v", n, args)
	}
}

// await waits until the sandbox has created at least N orders, or accepted N writes:
// await N [writes].
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 && (len(args) != 2 || args[1] != "writes") {
		ts.Fatalf("usage: await N [writes]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if len(args) == 2 {
		waitFor(ts, want, "writes were accepted", func() int { return storyOf(ts).sandbox.Stats().Writes })
		return
	}
	waitFor(ts, want, "orders were created", func() int { return storyOf(ts).sandbox.Stats().Created })
}

// awaitRequests waits until the sandbox has received at least N requests: await-requests N.
func awaitRequests(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await-requests N")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	waitFor(ts, want, "requests were received", func() int { return storyOf(ts).sandbox.Stats().Requests })
}

// waitFor waits until a count is reached.
func waitFor(ts *testscript.TestScript, want int, what string, count func() int) {
	tick, timeout := time.NewTicker(2*time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for count() < want {
		select {
		case <-tick.C:
		case <-timeout:
			ts.Fatalf("%d %s in 30 s, want %d", count(), what, want)
		}
	}
}

// start starts a process of the program: start NAME ARGS...
func start(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start NAME ARGS...")
	}
	p := &process{cmd: command(ts, args[1:]...)}
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	ts.Check(p.cmd.Start())
	storyOf(ts).processes[args[0]] = p
	ts.Defer(func() {
		if storyOf(ts).processes[args[0]] == p {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
	})
}

// command returns a command of the program with the environment that the story has set.
func command(ts *testscript.TestScript, args ...string) *exec.Cmd {
	self, err := os.Executable()
	ts.Check(err)
	c := exec.Command(self, args...)
	c.Args[0] = "ordersheet" // testscript's binary acts as the program under this name
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
	if neg || len(args) != 2 || signals[args[1]] == nil || storyOf(ts).processes[args[0]] == nil {
		ts.Fatalf("usage: signal NAME INT|TERM|KILL")
	}
	ts.Check(storyOf(ts).processes[args[0]].cmd.Process.Signal(signals[args[1]]))
}

// interrupt sends Ctrl-C again and again until the process ends: interrupt NAME.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 || storyOf(ts).processes[args[0]] == nil {
		ts.Fatalf("usage: interrupt NAME")
	}
	process := storyOf(ts).processes[args[0]].cmd.Process
	go func() {
		for process.Signal(os.Interrupt) == nil {
			time.Sleep(50 * time.Millisecond)
		}
	}()
}

// waitExit waits for a process and checks its exit code, -1 when it was killed. The story sees its
// output afterwards: wait-exit NAME CODE.
func waitExit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 || storyOf(ts).processes[args[0]] == nil {
		ts.Fatalf("usage: wait-exit NAME CODE")
	}
	p := storyOf(ts).processes[args[0]]
	delete(storyOf(ts).processes, args[0])
	err := p.cmd.Wait()
	fmt.Fprint(ts.Stdout(), p.stdout.String())
	fmt.Fprint(ts.Stderr(), p.stderr.String())
	wantExit(ts, args[1], err, p.cmd.Args)
}

// edit edits a workbook as another program would and saves it under a name:
// edit FILE OUT SHEET!CELL=VALUE...; -SHEET removes a sheet, :hide=SHEET hides one.
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
		_, err := f.NewSheet(name) // does nothing if it exists
		ts.Check(err)
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			ts.Check(f.SetCellFloat(name, ref, n, -1, 64))
		} else {
			ts.Check(f.SetCellStr(name, ref, value))
		}
	}
	ts.Check(f.SaveAs(ts.MkAbs(args[1])))
}

// replaceText replaces a text everywhere in a file, as a person would who retypes the cells:
// replace-text FILE OUT OLD NEW.
func replaceText(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: replace-text FILE OUT OLD NEW")
	}
	if path.Ext(args[0]) != ".xlsx" {
		before := ts.ReadFile(args[0])
		if !strings.Contains(before, args[2]) {
			ts.Fatalf("%s doesn't contain %s", args[0], args[2])
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

// copyRows copies the rows below the header of one sheet to another sheet with the same columns:
// copy-rows FILE FROM TO OUT.
func copyRows(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: copy-rows FILE FROM TO OUT")
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

// runSQL runs statements on a ledger that no process has open: sql FILE STATEMENTS.
func runSQL(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sql FILE STATEMENTS")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	_, err = db.Exec(args[1])
	ts.Check(err)
}

// problemsMatch checks that the Problems sheet of a report has exactly the problems of a table:
// problems-match REPORT TRUTH.csv.
func problemsMatch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: problems-match REPORT TRUTH.csv")
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
			ts.Logf("reported, but not expected: %s", what)
		}
		if n == 0 {
			delete(count, what)
		}
	}
	if len(count) > 0 {
		ts.Fatalf("the problems of %s differ from %s", args[0], args[1])
	}
}

// checkJSON reads a file, or stdout, as exactly one JSON object. json FILE keys KEY... checks its
// keys; json FILE PATH VALUE checks the value, as JSON, at a path such as orders.created.
func checkJSON(ts *testscript.TestScript, neg bool, args []string) {
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

// valueAt returns the value at a dotted path of a JSON object, as JSON; ok is false if the object
// lacks the first name of the path.
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

// checkAbsent checks that a text appears in no file of the story's folder, including inside zip
// files and the ledger's compressed blocks: absent TEXT.
func checkAbsent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: absent TEXT")
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
			return fmt.Errorf("%s contains %s", p, text)
		}
		if bytes.HasPrefix(b, []byte("SQLite format 3")) {
			return absentFromLedger(p, text)
		}
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return nil //nolint:nilerr // not a zip file
		}
		for _, part := range z.File {
			if err := absentFromPart(part, text); err != nil {
				return fmt.Errorf("%s: %w", p, err)
			}
		}
		return nil
	})
	ts.Check(err)
	if files == 0 {
		ts.Fatalf("there is no file to search")
	}
}

// absentFromLedger searches every value of every table, compressed blocks and the write-ahead log
// included.
func absentFromLedger(path string, text []byte) error {
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
		n, err := absentFromTable(db, table, text)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		blocks += n
	}
	if blocks == 0 && tables.Err() == nil {
		err = fmt.Errorf("%s: no block could be read, so nothing was searched", path)
	}
	return errors.Join(err, tables.Err())
}

func absentFromTable(db *sql.DB, table string, text []byte) (blocks int, err error) {
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
				return blocks, fmt.Errorf("%s.%s contains %s", table, columns[i], text)
			}
		}
	}
	return blocks, rows.Err()
}

func absentFromPart(part *zip.File, text []byte) error {
	r, err := part.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err == nil && bytes.Contains(b, text) {
		err = fmt.Errorf("%s contains %s", part.Name, text)
	}
	return err
}

// truncate copies the first part of a file: truncate FILE OUT 0.6.
func truncate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: truncate FILE OUT FRACTION")
	}
	part, err := strconv.ParseFloat(args[2], 64)
	ts.Check(err)
	b := ts.ReadFile(args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b[:int(part*float64(len(b)))]), 0o600))
}

// dropOrder deletes one order from a ledger, so that its totals no longer reconcile:
// drop-order LEDGER NUMBER.
func dropOrder(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: drop-order LEDGER NUMBER")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	_, err = db.Exec("DELETE FROM planned_order WHERE number = ?", args[1])
	ts.Check(err)
}

// serve starts "ordersheet sandbox" with the given flags as a process until the story ends, and
// puts its address into BASE. For signal and wait-exit, the process is named serve.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("serve can't be negated")
	}
	c := command(ts, append([]string{"sandbox", "--addr", "127.0.0.1:0"}, args...)...)
	out, err := c.StdoutPipe()
	ts.Check(err)
	p := &process{cmd: c}
	c.Stderr = &p.stderr
	ts.Check(c.Start())
	storyOf(ts).processes["serve"] = p
	ts.Defer(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	ts.Check(err)
	_, base, ok := strings.Cut(strings.TrimSpace(line), "serving at ")
	if !ok {
		ts.Fatalf("the sandbox printed %q", line)
	}
	ts.Setenv("BASE", base)
}

// printRows prints the rows of one sheet of a workbook, cells separated by " | ": rows FILE SHEET.
func printRows(ts *testscript.TestScript, neg bool, args []string) {
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
