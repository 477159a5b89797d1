package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"ordersheet/importer"
	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
)

// inspectedText is what a person is shown of a file.
const inspectedText = `{{.File}}: {{if eq .Container "jsonl" -}}
	JSON objects, one per line; line 1 is shown as row 2, below the keys
{{- else if .Dialect}}{{with .Dialect}}text, {{.Charset}}, separated by {{separator .Delimiter}}
	{{- with .LineEnds}}, lines end with {{join . " and "}}{{end}}
	{{- if .BOM}}, with a byte order mark{{end}}
	{{- if .Gzip}}, compressed with gzip{{end}}{{end}}
{{- else}}a workbook with {{count (len .Sheets) "sheet"}}
	{{- if .Date1904}}, dates counted from 1904{{end}}
	{{- if .Report}}, a report of ordersheet{{end}}
{{- end}}
{{range .Notes}}{{note .}}{{end}}
{{- range .Sheets}}
{{if .Name}}sheet {{printf "%q" .Name}}{{else}}the file{{end}}: {{if not .Read -}}
	left out: {{.LeftOut}}{{if eq .LeftOut .State}}; read it with --sheet {{printf "%q" .Name}}{{end}}
{{else -}}
	{{count .Rows "row"}}{{with .HiddenRows}}, {{.}} of them hidden{{end}}
	{{- if ne .State "visible"}}, {{.State}}{{end}}
	{{- with .Merges}}, {{count (len .) "merged area"}} ({{first . 3}}){{end}}
	{{- range .Tables}}, table {{.Name}} in {{.Range}}{{end}}
{{if not .HeaderRow}}  no row looks like a header of orders; the first row names the columns
{{else if .AlsoKind}}  header in row {{.HeaderRow}}; it fits sales orders and purchase orders: give --kind
{{else}}  header in row {{.HeaderRow}}, {{.Kind.Word}}s
{{end}}
	{{- range .Missing}}  missing: no column feeds {{.}}
{{end}}
	{{- range .Notes}}{{note .}}{{end}}
	{{- columns .}}
	{{- range .Findings}}  {{.Severity}}: column {{.Column}} ({{line .Header}}): {{.Message}}
    {{.Count}} of {{.Of}} cells: {{first .Cells 5}}
    evidence: {{.Evidence}}
{{range .Examples}}    for example {{.Cell}}: {{visible .Value}}{{with .Repaired}} -> {{line .}}{{end}}
{{end}}    -> {{.Advice}}
{{with .Write}}    -> or repair it, with these lines in the mapping file:
         {{indent .}}
{{end}}{{end}}
	{{- if and .HeaderRow (not .Missing)}}  {{count .Orders.Found "order"}} found, {{.Orders.Invalid}} of them invalid
{{with .Orders.NotJudged}}  {{.}} of them were not checked, since their rows are scattered or have merged cells; import --dry-run checks them
{{end}}
	{{- range .Problems}}{{if ne .Severity "notice"}}  {{.Severity}}: {{line .Message}}
	{{- if gt .Count 1}} ({{.Count}} times, first in {{.Cell}}){{else if .Cell}} ({{.Cell}}){{end}}
{{advice .Problem}}{{end}}{{end}}{{end}}{{end}}{{end}}`

// columnTable says what each column feeds and what its cells are.
func columnTable(s importer.InspectedSheet) string {
	paths := map[string][]string{}
	for _, c := range s.Columns {
		if feeds(c) {
			paths[cell.ColName(c.Col)] = append(paths[cell.ColName(c.Col)], c.Path)
		}
	}
	var b strings.Builder
	tab := table(&b)
	fmt.Fprintln(tab, "  COLUMN\tHEADER\tFEEDS\tHOLDS")
	for _, t := range s.Types {
		names := slices.SortedFunc(maps.Keys(t.Types), func(x, y string) int {
			return cmp.Or(cmp.Compare(t.Types[y], t.Types[x]), strings.Compare(x, y))
		})
		for i, name := range names {
			names[i] = fmt.Sprintf("%d %s", t.Types[name], name)
		}
		to, holds := strings.Join(paths[t.Column], ", "), strings.Join(names, ", ")
		fmt.Fprintf(tab, "  %s\t%s\t%s\t%s\n", t.Column, oneLine(t.Header), cmp.Or(to, "nothing"), cmp.Or(holds, "nothing"))
	}
	_ = tab.Flush() // a Builder takes everything
	return b.String()
}

// adviceLines say what to do about a problem, one way a line.
func adviceLines(p problem.Problem) (lines string) {
	ways := []string{p.Advice(remedyCommand)}
	for _, r := range p.Remedies {
		ways = append(ways, mappingLine(r))
	}
	for _, way := range ways {
		if way != "" {
			lines += "    -> " + oneLine(way) + "\n"
		}
	}
	return lines
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
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}
