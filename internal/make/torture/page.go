package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"ordersheet/internal/sheet/write"
)

// page is where the results are written.
const page = "docs/reliability.md"

// section is what one part ran and found.
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
		b.WriteString(wrap("- "+l, "  "))
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
		b.WriteString("\n" + wrap("**Failed:** "+s.failed, ""))
	}
	fmt.Fprintf(&b, "\nRun on %s at %s, took %s; load average afterwards: %s.\n\n", time.Now().UTC().Format(time.DateOnly), cmp.Or(s.at, commit()),
		s.took.Round(time.Second), load())
	return b.String()
}

const intro = `# Reliability

After this page you know which failures ordersheet survives, how each is tested, and what was
measured. In short: whatever fails, no order is created twice, none is lost, and the report says
what happened to each.

The server in all tests is the simulated Luminous API of this repository. It accepts an order number
twice, so that a duplicate would be noticed. Where speed is measured it runs in its own process.

`

const assumptionsTitle = "What is assumed"

const assumptions = "## " + assumptionsTitle + `

- No request is processed later than the settle wait after its last byte. By default that is twice
  the timeout.
- All runs for an account use the same ledger. Two ledgers don't know of each other; between them
  only the look-up of existing orders before sending prevents duplicates.
`

// promises are what ordersheet promises, and how each is tested at every commit and before a
// release.
const promises = `| promise | at every commit | before a release |
|---|---|---|
| no order is created twice or lost, even if the process is killed at any moment | 100 cycles of kill and resume: TestKill | -cycles 10000 -seeds 50 |
| after any fault at the first, a middle or the last order, each order has one final outcome | 594 cases: TestFaults; 93 runs with faults at ten of 200 orders: TestFaultsAmongHundreds | -faults 100 |
| the same after random sequences of faults; no result is reported at another order's rows | 2,000 sequences: TestRandomFaults | -sequences 100000 |
| nothing is lost if the disk is full, a write or sync fails, or the power is cut | the nth write and the nth sync of the ledger fail, for n = 1, 2, 3 ... until a run succeeds: TestDiskFails | the same |
| a report file is the old report or the new one, never a part | 24 kills while it is written: TestKilledReport | the same |
| in an outage at most 1.1 requests an order are sent, and those in flight | TestStops | the same |

`

// writePage writes the page from the parts that were run now, and keeps the results of the others.
func writePage(path string, sections []section) error {
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var b strings.Builder
	b.WriteString(intro)
	b.WriteString(wrap("Measured on "+machine()+". `go run ./internal/make/torture -write` writes this page; it keeps the results of parts that it isn't told to run.", "") + "\n")
	b.WriteString(promises)
	b.WriteString(faultPage())
	for _, block := range merged(string(old), sections) {
		b.WriteString(block)
	}
	b.WriteString(assumptions)
	return write.ToFile(path, func(out io.Writer) error {
		_, err := io.WriteString(out, b.String())
		return err
	})
}

// merged replaces sections of an older page, in its order; new ones come at the end.
func merged(page string, sections []section) []string {
	var out []string
	written := map[string]bool{}
	_, rest, _ := strings.Cut(page, "\n## ")
	for block := range strings.SplitSeq(rest, "\n## ") {
		title, _, _ := strings.Cut(block, "\n")
		if title == "" || title == assumptionsTitle || title == faultTitle {
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

// countsOf lists counts by name, sorted.
func countsOf(m map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, fmt.Sprintf("%d %s", m[name], name))
	}
	return strings.Join(parts, ", ")
}

// wrap wraps a text at 100 columns. Lines after the first begin with indent.
func wrap(text, indent string) string {
	var b strings.Builder
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > 100 {
			b.WriteString(line + "\n")
			line = indent + word
			continue
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return b.String() + line + "\n"
}
