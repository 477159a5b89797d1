package main

import (
	"cmp"
	"fmt"
	"io"
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
	b.WriteString("\n" + wrap(fmt.Sprintf("Run on %s at %s, took %s with %d processors and %s; load average afterwards: %s.", time.Now().UTC().Format(time.DateOnly),
		cmp.Or(s.at, commit()), s.took.Round(time.Second), runtime.NumCPU(), runtime.Version(), load()), "") + "\n")
	return b.String()
}

// writePage replaces the sections of the page that were run now, and adds those that it lacks
// before the last one. Everything else on the page is written by hand.
func writePage(path string, sections []section) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	blocks := strings.SplitAfter(string(old), "\n## ")
	for _, s := range sections {
		text := strings.TrimPrefix(s.text(), "## ") + "## "
		i := slices.IndexFunc(blocks, func(b string) bool { return strings.HasPrefix(b, s.title+"\n") })
		if i < 0 {
			blocks = slices.Insert(blocks, len(blocks)-1, text)
			continue
		}
		blocks[i] = text
	}
	return write.ToFile(path, func(out io.Writer) error {
		_, err := io.WriteString(out, strings.Join(blocks, ""))
		return err
	})
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
