package profile

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"ordersheet/internal/cell"
)

// tomlWriter writes TOML by hand, since an encoder of structs can't write comments.
type tomlWriter struct{ bytes.Buffer }

func (w *tomlWriter) line(format string, args ...any) {
	fmt.Fprintf(&w.Buffer, format+"\n", args...)
}

// text writes key = "value" unless the value is empty.
func (w *tomlWriter) text(key, value string) {
	if value != "" {
		w.line("%s = %s", key, Quote(value))
	}
}

// Quote formats a text as a TOML basic string.
func Quote(s string) string {
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
		quoted[i] = Quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// tomlPaths formats one field as text, several as a list.
func tomlPaths(paths []string) string {
	if len(paths) == 1 {
		return Quote(paths[0])
	}
	return tomlTexts(paths)
}

// Encode writes the mapping file. Reading it back gives the same profile.
func (p *Profile) Encode(w io.Writer) error {
	var t tomlWriter
	p.writeSettings(&t)
	t.table("columns", p.Columns, p.HeaderOrder)
	t.table("letters", p.Letters, nil)
	p.writeValues(&t)
	if _, err := w.Write(t.Bytes()); err != nil {
		return fmt.Errorf("writing a mapping file: %w", err)
	}
	return nil
}

// Files writes the contents of the value mapping files that the mapping file names. Encode writes
// only their names, yet the contents decide what orders become.
func (p *Profile) Files(w io.Writer) error {
	var t tomlWriter
	for _, field := range slices.Sorted(maps.Keys(p.ValueMappings)) {
		c := p.ValueMappings[field]
		if c.File == "" {
			continue
		}
		t.line("%q %q", field, c.File)
		for _, from := range slices.Sorted(maps.Keys(c.values)) {
			t.line("%q %q", from, c.values[from])
		}
	}
	if _, err := w.Write(t.Bytes()); err != nil {
		return fmt.Errorf("writing value mappings: %w", err)
	}
	return nil
}

// table writes columns in the order given, or alphabetically.
func (w *tomlWriter) table(name string, columns map[string][]string, headers []string) {
	if len(columns) == 0 {
		return
	}
	if len(headers) != len(columns) {
		headers = slices.Sorted(maps.Keys(columns))
	}
	w.line("\n[%s]", name)
	for _, header := range headers {
		w.line("%s = %s", Quote(header), tomlPaths(columns[header]))
	}
}

// writeSettings writes the keys above the tables.
func (p *Profile) writeSettings(t *tomlWriter) {
	t.line("version = %d", Version)
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
	w.text("date_order", r.DateOrder.String())
	w.text("decimal_separator", r.Decimal.String())
	if r.Repair != 0 {
		w.line("repair = %s", tomlTexts(r.Repair.Words()))
	}
	if r.Width > 0 {
		w.line("width = %d", r.Width)
	}
}

// writeValues writes constants, defaults, formats and value mappings.
func (p *Profile) writeValues(t *tomlWriter) {
	for _, part := range []struct {
		name   string
		values map[string]Constant
	}{{"constants", p.Constants}, {"defaults", p.Defaults}} {
		if len(part.values) > 0 {
			t.line("\n[%s]", part.name)
			for _, key := range slices.Sorted(maps.Keys(part.values)) {
				t.line("%s = %s", Quote(key), part.values[key].toml())
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(p.Formats)) {
		t.line("\n[formats.%s]", Quote(key))
		t.reading(p.Formats[key])
	}
	for _, key := range slices.Sorted(maps.Keys(p.ValueMappings)) {
		c := p.ValueMappings[key]
		t.line("\n[values.%s]", Quote(key))
		t.text("file", c.File)
		if c.Strict {
			t.text("unknown", "refuse")
		}
		if c.File == "" {
			t.line("[values.%s.values]", Quote(key))
			for _, from := range slices.Sorted(maps.Keys(c.values)) {
				t.line("%s = %s", Quote(from), Quote(c.values[from]))
			}
		}
	}
}

// toml formats a constant as a TOML value.
func (c Constant) toml() string {
	switch c.Kind {
	case cell.Number:
		if _, err := strconv.ParseInt(c.Text, 10, 64); err == nil || strings.Contains(c.Text, ".") {
			return c.Text
		}
	case cell.Bool:
		return strings.ToLower(c.Text)
	}
	return Quote(c.Text)
}
