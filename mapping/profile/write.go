package profile

import (
	"bytes"
	"encoding/json"
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

// texts writes a list unless it is empty.
func (w *tomlWriter) texts(key string, list []string) {
	if len(list) > 0 {
		w.line("%s = %s", key, tomlTexts(list))
	}
}

// flag writes key = "value" if the setting is on.
func (w *tomlWriter) flag(key string, on bool, value string) {
	if on {
		w.text(key, value)
	}
}

// number writes a number unless it is 0.
func (w *tomlWriter) number(key string, n int) {
	if n > 0 {
		w.line("%s = %d", key, n)
	}
}

// writeTo writes the finished text.
func (w *tomlWriter) writeTo(out io.Writer, what string) error {
	if _, err := out.Write(w.Bytes()); err != nil {
		return fmt.Errorf("writing %s: %w", what, err)
	}
	return nil
}

// Quote formats a text as a TOML basic string: JSON's escapes are TOML's.
func Quote(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // of a string it can't fail
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\x7f", `\u007F`)
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
	return t.writeTo(w, "a mapping file")
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
	return t.writeTo(w, "value mappings")
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
	t.texts("sheets", p.Sheets)
	t.number("header_row", p.HeaderRow)
	t.texts("ignore", p.Ignore)
	t.reading(p.Reading)
	t.text("tag_separator", p.TagSeparator)
	t.text("number_separator", p.NumberSeparator)
	if p.FillDown {
		t.line("fill_down = true")
	}
	t.flag("number", p.Generate, "generate")
	t.text("total_check", string(p.TotalCheck))
	t.text("mode", p.Mode)
	t.text("clear", p.Clear)
	t.flag("payments", p.ReplacePayments, "replace")
	t.flag("profile", p.Historical, "historical")
}

func (w *tomlWriter) reading(r Reading) {
	w.text("date_order", r.DateOrder.String())
	w.text("decimal_separator", r.Decimal.String())
	if r.Repair != 0 {
		w.line("repair = %s", tomlTexts(r.Repair.Words()))
	}
	w.number("width", r.Width)
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
		t.flag("unknown", c.Strict, "refuse")
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
