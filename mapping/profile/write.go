package profile

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"ordersheet/internal/cell"
)

//go:embed mapping.toml.tmpl
var mappingTemplate string

// Encode writes the mapping file. Reading it back gives the same profile.
func (p *Profile) Encode(w io.Writer) error { return execute(w, "file", p) }

// execute writes a mapping file by a template, since an encoder of structs can't write comments.
func execute(w io.Writer, name string, data any) error {
	t, err := template.New("").Funcs(template.FuncMap{
		"version": func() int { return Version },
		"quote":   func(v any) string { return Quote(fmt.Sprint(v)) },
		"join":    func(list []string) string { return strings.Join(list, ", ") },
		"list":    tomlList, "paths": tomlPaths, "constant": Constant.toml, "column": cell.ColName, "headers": (*Profile).headers,
		"values": func(m *ValueMapping) map[string]string { return m.values },
	}).Parse(mappingTemplate)
	if err == nil {
		err = t.ExecuteTemplate(w, name, data)
	}
	if err != nil {
		return fmt.Errorf("writing a mapping file: %w", err)
	}
	return nil
}

// headers returns the headers of Columns in the order of the file, or alphabetically.
func (p *Profile) headers() []string {
	if len(p.HeaderOrder) == len(p.Columns) {
		return p.HeaderOrder
	}
	return slices.Sorted(maps.Keys(p.Columns))
}

// Files writes the contents of the value mapping files that the mapping file names. Encode writes
// only their names, yet the contents decide what orders become.
func (p *Profile) Files(w io.Writer) error {
	var b bytes.Buffer
	for _, field := range slices.Sorted(maps.Keys(p.ValueMappings)) {
		m := p.ValueMappings[field]
		if m.File == "" {
			continue
		}
		fmt.Fprintf(&b, "%q %q\n", field, m.File)
		for _, from := range slices.Sorted(maps.Keys(m.values)) {
			fmt.Fprintf(&b, "%q %q\n", from, m.values[from])
		}
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("writing value mappings: %w", err)
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

func tomlList(list []string) string {
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
	return tomlList(paths)
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
