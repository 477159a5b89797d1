package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"ordersheet/internal/sheet/write"
)

// page is where the findings are written.
const page = "docs/reliability.md"

// section is what one part has run and found.
type section struct {
	title  string
	lines  []string
	table  [][]string // the first row is its header
	took   time.Duration
	at     string // the commit that was run
	failed string
}

func (s section) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n", s.title)
	for _, l := range s.lines {
		fmt.Fprintf(&b, "- %s\n", l)
	}
	if len(s.table) > 0 {
		b.WriteString("\n")
		for i, row := range s.table {
			fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
			if i == 0 {
				fmt.Fprintf(&b, "|%s\n", strings.Repeat("---|", len(row)))
			}
		}
	}
	if s.failed != "" {
		fmt.Fprintf(&b, "\n**Not as promised:** %s\n", s.failed)
	}
	fmt.Fprintf(&b, "\nRun on %s at %s, took %s; the load of the machine afterwards: %s.\n\n", time.Now().UTC().Format(time.DateOnly), cmp.Or(s.at, commit()),
		s.took.Round(time.Second), load())
	return b.String()
}

// promises are what is promised and what is run for it, for every commit and before a release.
const promises = `| promise | for every commit | before a release |
|---|---|---|
| no order twice, none lost, under SIGKILL at any moment | 100 kill-and-resume cycles: go test ./internal/make/torture | -cycles 10000 -seeds 50 |
| every fault at the first, a middle and the last order ends in one word | 594 cases: TestFaults, and ten of 200 orders struck, 93 runs: TestFaultsAmongHundreds in importer | -faults 100 |
| random sequences of faults, duplicates accepted so that they show; no result at another order's rows | 2,000: TestRandomFaults in importer | -sequences 100000 |
| disk full, failed write, failed sync, lost tail | the nth write and the nth sync of the ledger's files fail for n = 1, 2, 3 ... until the run passes, and power is cut: TestDiskFails in importer | the same |
| a report is the old one or the new one | 24 kills while it is written: TestKilledReport | the same |
| politeness in an outage: at most 1.1 requests an order, and those in flight | TestStops in importer | the same |

`

// writePage writes the page from what was run just now; parts that weren't are kept as they stand.
func writePage(o options, sections []section) error {
	old, err := os.ReadFile(o.out)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var b strings.Builder
	b.WriteString("# What was tried, and what came of it\n\n")
	fmt.Fprintf(&b, "Written by `go run ./internal/make/torture -write` on %s, which keeps the parts that it isn't told to run.\n\n", machine())
	b.WriteString("Each server is the sandbox of this repository. It takes the same order number twice, so that a duplicate would show. For figures of speed\n" +
		"it runs in a process of its own.\n\n")
	b.WriteString(promises)
	b.WriteString(faultPage())
	for _, block := range merged(string(old), sections) {
		b.WriteString(block)
	}
	b.WriteString("## What remains an assumption\n\nNo request commits later than the settle wait after its last byte. The guarantee holds for one ledger; between two ledgers only the check\n" +
		"against what stands in the account helps.\n")
	return write.ToFile(o.out, func(out io.Writer) error {
		_, err := io.WriteString(out, b.String())
		return err
	})
}

// merged lays the sections over those of an older page, in its order; new ones come at the end.
func merged(page string, sections []section) []string {
	var out []string
	written := map[string]bool{}
	_, rest, _ := strings.Cut(page, "\n## ")
	for block := range strings.SplitSeq(rest, "\n## ") {
		title, _, _ := strings.Cut(block, "\n")
		if title == "" || title == "What remains an assumption" || title == faultTitle {
			continue
		}
		text := "## " + strings.TrimRight(block, "\n") + "\n\n"
		for _, s := range sections {
			if s.title == title {
				text, written[title] = s.text(), true
			}
		}
		out = append(out, text)
	}
	for _, s := range sections {
		if !written[s.title] {
			out = append(out, s.text())
		}
	}
	return out
}

func machine() string {
	name := runtime.GOARCH
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.SplitSeq(string(b), "\n") {
			if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == "model name" {
				name = strings.TrimSpace(v)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d processors, %s, %s", name, runtime.NumCPU(), runtime.GOOS, runtime.Version())
}

func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}

func commit() string {
	b, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "commit unknown"
	}
	return "commit " + strings.TrimSpace(string(b))
}

// countsOf writes counts by name, sorted.
func countsOf(m map[string]int) string {
	var parts []string
	for name, n := range m {
		parts = append(parts, fmt.Sprintf("%d %s", n, name))
	}
	slices.SortFunc(parts, func(a, b string) int { return strings.Compare(after(a), after(b)) })
	return strings.Join(parts, ", ")
}

func after(s string) string {
	_, name, _ := strings.Cut(s, " ")
	return name
}
