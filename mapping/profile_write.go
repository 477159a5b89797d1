package mapping

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"ordersheet/internal/cell"

	"ordersheet/mapping/catalog"
)

// tomlWriter writes TOML with comments, which an encoder of structs can't.
type tomlWriter struct{ bytes.Buffer }

func (w *tomlWriter) line(format string, args ...any) {
	fmt.Fprintf(&w.Buffer, format+"\n", args...)
}

// text writes key = "value" unless the value is empty.
func (w *tomlWriter) text(key, value string) {
	if value != "" {
		w.line("%s = %s", key, tomlText(value))
	}
}

// tomlText is a TOML basic string.
func tomlText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func tomlTexts(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = tomlText(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// tomlPaths is one field as a text, several as a list.
func tomlPaths(paths []string) string {
	if len(paths) == 1 {
		return tomlText(paths[0])
	}
	return tomlTexts(paths)
}

// Encode writes the mapping file. Reading it back gives the same profile.
func (p *Profile) Encode(w io.Writer) error {
	var t tomlWriter
	p.writeSettings(&t)
	t.table("columns", p.Columns, p.Order)
	t.table("letters", p.Letters, nil)
	p.writeValues(&t)
	if _, err := w.Write(t.Bytes()); err != nil {
		return fmt.Errorf("writing a mapping file: %w", err)
	}
	return nil
}

// Files writes what the crosswalk files hold that the mapping file names: Encode leaves it where it is, and yet it says what orders become.
func (p *Profile) Files(w io.Writer) error {
	var t tomlWriter
	for _, field := range sortedKeys(p.Crosswalks) {
		c := p.Crosswalks[field]
		if c.File == "" {
			continue
		}
		t.line("%q %q", field, c.File)
		for _, from := range sortedKeys(c.values) {
			t.line("%q %q", from, c.values[from])
		}
	}
	if _, err := w.Write(t.Bytes()); err != nil {
		return fmt.Errorf("writing the crosswalks: %w", err)
	}
	return nil
}

// table writes columns in the order given, or by the alphabet.
func (w *tomlWriter) table(name string, columns map[string][]string, order []string) {
	if len(columns) == 0 {
		return
	}
	if len(order) != len(columns) {
		order = sortedKeys(columns)
	}
	w.line("\n[%s]", name)
	for _, header := range order {
		w.line("%s = %s", tomlText(header), tomlPaths(columns[header]))
	}
}

// writeSettings writes what stands above the tables.
func (p *Profile) writeSettings(t *tomlWriter) {
	t.line("version = %d", ProfileVersion)
	t.text("kind", string(p.Kind))
	if len(p.Sheets) > 0 {
		t.line("sheets = %s", tomlTexts(p.Sheets))
	}
	if p.HeaderRow > 0 {
		t.line("header_row = %d", p.HeaderRow)
	}
	if len(p.Ignore) > 0 {
		t.line("ignore = %s", tomlTexts(p.Ignore))
	}
	t.reading(p.Reading)
	t.text("tag_separator", p.TagSeparator)
	t.text("number_separator", p.NumberSeparator)
	if p.FillDown {
		t.line("fill_down = true")
	}
	if p.Generate {
		t.text("number", "generate")
	}
	t.text("total_check", string(p.TotalCheck))
	t.text("mode", p.Mode)
	t.text("clear", p.Clear)
	if p.ReplacePayments {
		t.text("payments", "replace")
	}
	if p.Historical {
		t.text("profile", "historical")
	}
}

func (w *tomlWriter) reading(r Reading) {
	w.text("date_order", strings.ToLower(string(r.DateOrder)))
	if r.Decimal != 0 {
		w.text("decimal_separator", string(rune(r.Decimal)))
	}
	if r.Repair != 0 {
		w.line("repair = %s", tomlTexts(r.Repair.Words()))
	}
	if r.Width > 0 {
		w.line("width = %d", r.Width)
	}
}

// writeValues writes constants, defaults, formats and crosswalks.
func (p *Profile) writeValues(t *tomlWriter) {
	for _, part := range []struct {
		name   string
		values map[string]Constant
	}{{"constants", p.Constants}, {"defaults", p.Defaults}} {
		if len(part.values) > 0 {
			t.line("\n[%s]", part.name)
			for _, key := range sortedKeys(part.values) {
				t.line("%s = %s", tomlText(key), part.values[key].toml())
			}
		}
	}
	for _, key := range sortedKeys(p.Formats) {
		t.line("\n[formats.%s]", tomlText(key))
		t.reading(p.Formats[key])
	}
	for _, key := range sortedKeys(p.Crosswalks) {
		c := p.Crosswalks[key]
		t.line("\n[crosswalks.%s]", tomlText(key))
		t.text("file", c.File)
		if c.Strict {
			t.text("unknown", "refuse")
		}
		if c.File == "" {
			t.line("[crosswalks.%s.values]", tomlText(key))
			for _, from := range sortedKeys(c.values) {
				t.line("%s = %s", tomlText(from), tomlText(c.values[from]))
			}
		}
	}
}

// toml writes a constant as TOML has it.
func (c Constant) toml() string {
	switch c.Kind {
	case cell.Number:
		if _, err := strconv.ParseInt(c.Text, 10, 64); err == nil || strings.Contains(c.Text, ".") {
			return c.Text
		}
	case cell.Bool:
		return strings.ToLower(c.Text)
	}
	return tomlText(c.Text)
}

// WriteMapping writes a mapping file that says what the binding does: each column with its field, and as comments what each of the others
// might mean and what is still missing. The settings of the binding's own mapping file are kept.
func (b *Binding) WriteMapping(w io.Writer) error {
	p := *b.Profile
	p.Kind = b.Kind
	if b.HeaderRow > 1 {
		p.HeaderRow = b.HeaderRow
	}
	var t tomlWriter
	t.line("# What the columns mean. docs/mapping.md explains each part of this file.")
	p.writeSettings(&t)
	b.writeColumns(&t)
	if missing := b.Missing(); len(missing) > 0 {
		t.line("\n# Still missing: a column for each of these, or one value for all orders under [constants]:")
		for _, f := range missing {
			t.line("#   %s (such as %s)", f.Path, f.Example)
		}
	}
	p.writeValues(&t)
	if _, err := w.Write(t.Bytes()); err != nil {
		return fmt.Errorf("writing a mapping file: %w", err)
	}
	return nil
}

// target is a column and all that it feeds.
type target struct {
	header string
	col    int
	paths  []string
}

// targets lists the columns that feed something, and how many columns share each header.
func (b *Binding) targets() (out []target, shared map[string]int) {
	shared = map[string]int{}
	last := -1
	for _, c := range b.Columns {
		if c.Col != last {
			shared[catalog.Normalize(c.Header)]++
		}
		switch {
		case c.Path == "":
		case len(out) > 0 && out[len(out)-1].col == c.Col:
			out[len(out)-1].paths = append(out[len(out)-1].paths, c.Path)
		default:
			out = append(out, target{c.Header, c.Col, []string{c.Path}})
		}
		last = c.Col
	}
	return out, shared
}

// writeColumns writes [columns], and [letters] for the columns that their header doesn't tell apart.
func (b *Binding) writeColumns(t *tomlWriter) {
	targets, shared := b.targets()
	var letters tomlWriter
	t.line("\n[columns]")
	for _, x := range targets {
		if n := catalog.Normalize(x.header); n == "" || shared[n] > 1 {
			letters.line("%s = %s # %s", cell.ColName(x.col), tomlPaths(x.paths), strconv.Quote(x.header))
			continue
		}
		t.line("%s = %s", tomlText(x.header), tomlPaths(x.paths))
	}
	for _, c := range b.Columns {
		switch {
		case c.Path != "" || c.How == Ignored || c.Header == "":
		case c.How == Overruled:
			t.line("# %s isn't read: %s is set for all orders", strconv.Quote(c.Header), strings.Join(c.Others, ", "))
		case len(c.Others) > 0:
			t.line("# %s = %s # column %s: perhaps; not sure enough to be used", tomlText(c.Header), tomlPaths(c.Others), cell.ColName(c.Col))
		default:
			t.line("# %s = ... # column %s: means no field that is known", tomlText(c.Header), cell.ColName(c.Col))
		}
	}
	if letters.Len() > 0 {
		t.line("\n[letters]")
		t.Write(letters.Bytes())
	}
}
