package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"ordersheet/internal/sheet"
)

// page is where the findings are written.
const page = "docs/reliability.md"

// section is what one part has run and found.
type section struct {
	name   string
	title  string
	lines  []string
	table  [][]string // the first row is its header
	took   time.Duration
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
	fmt.Fprintf(&b, "\nTook %s.\n\n", s.took.Round(time.Second))
	return b.String()
}

// promises are what is promised and what is run for it, for every commit and before a release.
var promises = [][]string{
	{"promise", "part", "for every commit", "before a release"},
	{"no order twice, none lost, under SIGKILL at any moment", "kill", "100 kill-and-resume cycles", "10,000 cycles over 5 shapes and 50 seeds"},
	{"every fault at the first, a middle and the last order ends in one word", "faults", "594 cases", "with 100 seeds"},
	{"random sequences of faults, with duplicates accepted so that they show", "random", "2,000", "100,000"},
}

// writePage writes the page from what was run just now.
func writePage(o options, sections []section) error {
	f, err := sheet.CreateFile(o.out)
	if err != nil {
		return err
	}
	defer f.Abort()
	var b strings.Builder
	b.WriteString("# What was tried, and what came of it\n\n")
	fmt.Fprintf(&b, "Written by `go run ./internal/make/torture %s` on %s.\n\n", strings.Join(os.Args[1:], " "), time.Now().UTC().Format(time.DateOnly))
	fmt.Fprintf(&b, "Machine: %s; %s; load before the run as printed by the system: %s.\n\n", machine(), commit(), load())
	b.WriteString("Each server is the sandbox of this repository behind real connections. It takes the same order number twice, so that a duplicate would\n" +
		"show. For figures of speed it runs in a process of its own.\n\n")
	for i, row := range promises {
		if i > 0 {
			row = append(slices.Clone(row), ran(o, sections, row[1]))
		} else {
			row = append(slices.Clone(row), "run here")
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintf(&b, "|%s\n", strings.Repeat("---|", len(row)))
		}
	}
	b.WriteString("\n")
	for _, s := range sections {
		b.WriteString(s.text())
	}
	b.WriteString("## What remains an assumption\n\nNo request commits later than the settle wait after its last byte. The guarantee holds for one ledger; between two ledgers only the check\n" +
		"against what stands in the account helps.\n")
	if _, err := f.Write([]byte(b.String())); err != nil {
		return err
	}
	return f.Close()
}

// ran says what was run of a part.
func ran(o options, sections []section, part string) string {
	if !slices.ContainsFunc(sections, func(s section) bool { return s.name == part }) {
		return "not run"
	}
	switch part {
	case "kill":
		return fmt.Sprintf("%d cycles, %d seeds", o.cycles, o.seeds)
	case "faults":
		return fmt.Sprintf("%d times", o.faults)
	}
	return fmt.Sprint(o.sequences)
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
