package cli

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"

	"ordersheet/importer"
	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
	"ordersheet/mapping"

	"ordersheet/mapping/detect"
)

// printInspected prints for a person what a file holds.
func printInspected(to io.Writer, f *importer.Inspected) error {
	w := bufio.NewWriter(to)
	fmt.Fprintf(w, "%s: %s\n", f.File, containerWords(f))
	printNotes(w, f.Notes)
	for i := range f.Sheets {
		printSheet(w, &f.Sheets[i])
	}
	return w.Flush()
}

func containerWords(f *importer.Inspected) string {
	if f.Container == "jsonl" {
		return "JSON objects, one per line; line 1 is shown as row 2, below the keys"
	}
	if f.Dialect == nil {
		s := "a workbook with " + count(int64(len(f.Sheets)), "sheet")
		if f.Date1904 {
			s += ", dates counted from 1904"
		}
		if f.Report {
			s += ", a report of ordersheet"
		}
		return s
	}
	names := map[string]string{",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
	by, ok := names[f.Dialect.Delimiter]
	if !ok {
		by = f.Dialect.Delimiter
	}
	s := "text, " + f.Dialect.Charset + ", separated by " + by
	if len(f.Dialect.LineEnds) > 0 {
		s += ", lines end with " + strings.Join(f.Dialect.LineEnds, " and ")
	}
	if f.Dialect.BOM {
		s += ", with a byte order mark"
	}
	if f.Dialect.Gzip {
		s += ", compressed with gzip"
	}
	return s
}

func printNotes(w io.Writer, notes []problem.Problem) {
	for _, n := range notes {
		fmt.Fprintf(w, "  %s: %s\n", n.Severity, n.Message)
		printAdvice(w, &n)
	}
}

func printSheet(w io.Writer, s *importer.InspectedSheet) {
	name := "the file"
	if s.Name != "" {
		name = fmt.Sprintf("sheet %q", s.Name)
	}
	if !s.Read {
		fmt.Fprintf(w, "\n%s: left out: %s", name, s.LeftOut)
		if s.LeftOut == s.State {
			fmt.Fprintf(w, "; read it with --sheet %q", s.Name)
		}
		fmt.Fprintln(w)
		return
	}
	fmt.Fprintf(w, "\n%s: %s", name, count(int64(s.Rows), "row"))
	if s.HiddenRows > 0 {
		fmt.Fprintf(w, ", %d of them hidden", s.HiddenRows)
	}
	if s.State != "visible" {
		fmt.Fprintf(w, ", %s", s.State)
	}
	if n := len(s.Merges); n > 0 {
		fmt.Fprintf(w, ", %s (%s)", count(int64(n), "merged area"), importer.FirstOf(s.Merges, 3))
	}
	for _, t := range s.Tables {
		fmt.Fprintf(w, ", table %s in %s", t.Name, t.Range)
	}
	fmt.Fprintln(w)
	printHeader(w, s)
	printColumns(w, s)
	printFindings(w, s.Findings)
	printProblems(w, s)
}

func printHeader(w io.Writer, s *importer.InspectedSheet) {
	switch {
	case s.HeaderRow == 0:
		fmt.Fprintln(w, "  no row looks like a header of orders; the first row names the columns")
	case s.AlsoKind != "":
		fmt.Fprintf(w, "  header in row %d; it fits sales orders and purchase orders: give --kind\n", s.HeaderRow)
	default:
		fmt.Fprintf(w, "  header in row %d, %ss\n", s.HeaderRow, s.Kind.Word())
	}
	for _, m := range s.Missing {
		fmt.Fprintf(w, "  missing: no column feeds %s\n", m)
	}
	printNotes(w, s.Notes)
}

// printColumns prints what each column feeds and what its cells are.
func printColumns(w io.Writer, s *importer.InspectedSheet) {
	feeds := map[string][]string{}
	for _, c := range s.Columns {
		if c.Path != "" && c.How != mapping.ByLikeness {
			feeds[cell.ColName(c.Col)] = append(feeds[cell.ColName(c.Col)], c.Path)
		}
	}
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tab, "  COLUMN\tHEADER\tFEEDS\tHOLDS")
	for _, t := range s.Types {
		to := strings.Join(feeds[t.Column], ", ")
		if to == "" {
			to = "nothing"
		}
		fmt.Fprintf(tab, "  %s\t%s\t%s\t%s\n", t.Column, oneLine(t.Header), to, typeWords(t.Types))
	}
	_ = tab.Flush() // w keeps its error for the end
}

func typeWords(types map[string]int) string {
	var names []string
	for name := range types {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if types[a] != types[b] {
			return types[b] - types[a]
		}
		return strings.Compare(a, b)
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%d %s", types[name], name)
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// printFindings prints what a spreadsheet did to the data.
func printFindings(w io.Writer, findings []detect.Finding) {
	for _, f := range findings {
		fmt.Fprintf(w, "  %s: column %s (%s): %s\n", f.Severity, f.Column, oneLine(f.Header), f.Message)
		fmt.Fprintf(w, "    %d of %d cells: %s\n", f.Count, f.Of, importer.FirstOf(f.Cells, 5))
		fmt.Fprintf(w, "    evidence: %s\n", f.Evidence)
		for _, x := range f.Examples {
			fmt.Fprintf(w, "    for example %s: %s", x.Cell, visible(x.Value))
			if x.Repaired != "" {
				fmt.Fprintf(w, " -> %s", oneLine(x.Repaired))
			}
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "    -> %s\n", f.Advice)
		if f.Write != "" {
			fmt.Fprintf(w, "    -> or repair it, with these lines in the mapping file:\n         %s\n", strings.ReplaceAll(f.Write, "\n", "\n         "))
		}
	}
}

// printProblems prints what an import would find wrong.
func printProblems(w io.Writer, s *importer.InspectedSheet) {
	if s.HeaderRow == 0 || len(s.Missing) > 0 {
		return
	}
	fmt.Fprintf(w, "  %s found, %d of them invalid\n", count(int64(s.Orders.Found), "order"), s.Orders.Invalid)
	if n := s.Orders.NotJudged; n > 0 {
		fmt.Fprintf(w, "  %d of them were not checked, since their rows are scattered or have merged cells; import --dry-run checks them\n", n)
	}
	for _, p := range s.Problems {
		if p.Severity == problem.Notice {
			continue
		}
		fmt.Fprintf(w, "  %s: %s", p.Severity, oneLine(p.Message))
		switch {
		case p.Count > 1:
			fmt.Fprintf(w, " (%d times, first in %s)", p.Count, p.Cell)
		case p.Cell != "":
			fmt.Fprintf(w, " (%s)", p.Cell)
		}
		fmt.Fprintln(w)
		printAdvice(w, &p.Problem)
	}
}

// visible names characters that look like others, or like nothing.
func visible(s string) string {
	var b strings.Builder
	for _, r := range oneLine(s) {
		if r >= 0x80 && !unicode.IsPrint(r) || unicode.Is(unicode.Pd, r) && r != '-' || r == '\u2212' || r == '\u2043' {
			fmt.Fprintf(&b, "[U+%04X]", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// oneLine keeps control characters in a file's text off the terminal.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}
