package profile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/value"
)

// Version is the version of mapping files that this program reads and writes.
const Version = 1

// fileLimit bounds a mapping file; a long value mapping belongs in a CSV file.
const fileLimit = 8 << 20

// file is a mapping file as it is in TOML.
type file struct {
	Version          int                    `toml:"version"`
	Kind             string                 `toml:"kind"`
	Sheets           []string               `toml:"sheets"`
	HeaderRow        int                    `toml:"header_row"`
	Ignore           []string               `toml:"ignore"`
	DateOrder        string                 `toml:"date_order"`
	DecimalSeparator string                 `toml:"decimal_separator"`
	TagSeparator     string                 `toml:"tag_separator"`
	NumberSeparator  string                 `toml:"number_separator"`
	FillDown         bool                   `toml:"fill_down"`
	Number           string                 `toml:"number"`
	TotalCheck       string                 `toml:"total_check"`
	Mode             string                 `toml:"mode"`
	Clear            string                 `toml:"clear"`
	Payments         string                 `toml:"payments"`
	Profile          string                 `toml:"profile"`
	Repair           []string               `toml:"repair"`
	Columns          map[string]any         `toml:"columns"`
	Letters          map[string]any         `toml:"letters"`
	Constants        map[string]any         `toml:"constants"`
	Defaults         map[string]any         `toml:"defaults"`
	Formats          map[string]formatTable `toml:"formats"`
	Values           map[string]valuesTable `toml:"values"`
	Crosswalks       map[string]valuesTable `toml:"crosswalks"` // the old name of values
}

// keys are the keys at the top of a mapping file.
var keys = append([]string{
	"version", "kind", "sheets", "header_row", "ignore", "columns", "letters", "constants", "defaults", "formats", "values",
}, settings...)

type formatTable struct {
	DateOrder        string   `toml:"date_order"`
	DecimalSeparator string   `toml:"decimal_separator"`
	Repair           []string `toml:"repair"`
	Width            int      `toml:"width"`
}

type valuesTable struct {
	File    string         `toml:"file"`
	Unknown string         `toml:"unknown"`
	Values  map[string]any `toml:"values"`
}

// Parse reads a mapping file. name is what messages call it; files is the folder that the files of
// value mappings are read from, nil for none. Anything unknown in the file is an error with its
// line and column, an *Error.
func Parse(name string, r io.Reader, files fs.FS) (*Profile, error) {
	data, err := io.ReadAll(io.LimitReader(r, fileLimit+1))
	if err != nil {
		return nil, fmt.Errorf("reading the mapping file %s: %w", name, err)
	}
	if len(data) > fileLimit {
		return nil, &Error{File: name, Reason: "it is too long for a mapping file", Hint: "put a long value mapping into a CSV file"}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var in file
	if err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(&in); err != nil {
		return nil, tomlError(name, err)
	}
	p := &parser{name: name, data: data, files: files, out: &Profile{Name: name}}
	p.read(&in)
	if p.err != nil {
		return nil, p.err
	}
	return p.out, nil
}

// parser turns a decoded file into a profile. It keeps the first error.
type parser struct {
	name  string
	data  []byte
	files fs.FS
	out   *Profile
	err   *Error
}

// fail records an error about the value at the keys, unless there is one already.
func (p *parser) fail(keys []string, hint, format string, args ...any) {
	if p.err != nil {
		return
	}
	p.err = &Error{File: p.name, Reason: fmt.Sprintf(format, args...), Hint: hint}
	p.err.Line, p.err.Column = position(p.data, keys)
}

func (p *parser) read(in *file) {
	if in.Version != Version {
		p.fail([]string{"version"}, "begin the file with version = 1", "the file says version %d; this program reads version %d", in.Version, Version)
		return
	}
	out := p.out
	if in.Kind != "" {
		var ok bool
		if out.Kind, ok = order.ParseKind(in.Kind); !ok {
			p.fail([]string{"kind"}, "", "kind is %q; want %q or %q", in.Kind, order.SalesOrders, order.PurchaseOrders)
		}
	}
	if in.HeaderRow < 0 {
		p.fail([]string{"header_row"}, "", "header_row is %d; the first row is 1", in.HeaderRow)
	}
	out.Sheets, out.HeaderRow, out.Ignore, out.FillDown = in.Sheets, in.HeaderRow, in.Ignore, in.FillDown
	p.options(out, nil, [][2]string{
		{"date_order", in.DateOrder},
		{"decimal_separator", in.DecimalSeparator},
		{"tag_separator", in.TagSeparator},
		{"number_separator", in.NumberSeparator},
		{"number", in.Number},
		{"total_check", in.TotalCheck},
		{"mode", in.Mode},
		{"clear", in.Clear},
		{"payments", in.Payments},
		{"profile", in.Profile},
	})
	out.Repair = p.repairs([]string{"repair"}, in.Repair)
	out.Columns, out.HeaderOrder = p.columns(in.Columns)
	out.Letters = p.letters(in.Letters)
	out.Constants, out.Defaults = p.constants("constants", in.Constants), p.constants("defaults", in.Defaults)
	p.formats(in.Formats)
	p.valueMappings(in.Values, in.Crosswalks)
}

// options sets the settings of a table that have a text.
func (p *parser) options(out *Profile, table []string, settings [][2]string) {
	for _, s := range settings {
		if s[1] == "" {
			continue
		}
		if err := out.setOption(s[0], s[1]); err != nil {
			where := strings.TrimPrefix(strings.Join(table, ".")+": ", ": ")
			p.fail(slices.Concat(table, s[:1]), "", "%s%v", where, err)
		}
	}
}

// columns reads [columns], and returns its headers in the order of the file too.
func (p *parser) columns(in map[string]any) (columns map[string][]string, headers []string) {
	flat := flatten("", in)
	columns = make(map[string][]string, len(flat))
	lines := make(map[string]int, len(flat))
	for _, header := range slices.Sorted(maps.Keys(flat)) {
		columns[header] = p.paths("columns", header, flat[header])
		if catalog.Normalize(header) == "" {
			p.fail([]string{"columns", header}, "name the column by its letters under [letters]", "columns: %q has no letter or digit", header)
		}
		headers = append(headers, header)
		lines[header], _ = position(p.data, []string{"columns", header})
	}
	slices.SortStableFunc(headers, func(a, b string) int { return cmp.Compare(lines[a], lines[b]) })
	return columns, headers
}

// letters reads [letters].
func (p *parser) letters(in map[string]any) map[string][]string {
	flat := flatten("", in)
	out := make(map[string][]string, len(flat))
	for _, key := range slices.Sorted(maps.Keys(flat)) {
		letters := strings.ToUpper(key)
		out[letters] = p.paths("letters", key, flat[key])
		if _, col, ok := cell.ParseA1(key + "1"); !ok || cell.ColName(col) != letters {
			p.fail([]string{"letters", key}, "", "letters: %q isn't a column such as D or AB", key)
		}
	}
	return out
}

// paths reads the field, or the list of fields, that a column feeds.
func (p *parser) paths(table, key string, in any) (paths []string) {
	list, isList := in.([]any)
	if !isList {
		list = []any{in}
	}
	for _, v := range list {
		path, ok := v.(string)
		if !ok || !catalog.IsField(p.out.Kind, path) {
			p.fail([]string{table, key}, fieldHint(p.out.Kind, path), "%s: %q feeds %s, which isn't a field", table, key, quote(v))
			continue
		}
		paths = append(paths, path)
	}
	return paths
}

// known reports whether a table's key is a field. It records an error otherwise.
func (p *parser) known(table, key string) bool {
	if catalog.IsField(p.out.Kind, key) {
		return true
	}
	p.fail([]string{table, key}, fieldHint(p.out.Kind, key), "%s: no field is called %q", table, key)
	return false
}

func (p *parser) constants(table string, in map[string]any) map[string]Constant {
	flat := flatten("", in)
	out := make(map[string]Constant, len(flat))
	for _, key := range slices.Sorted(maps.Keys(flat)) {
		if !p.known(table, key) {
			continue
		}
		if path := catalog.Resolve(catalog.Kinds(p.out.Kind)[0], key); path == catalog.CommandPath || path == catalog.IDPath {
			p.fail([]string{table, key}, `mode = "update" does that to all orders`, "%s: %s differs from order to order; it needs a column", table, path)
		}
		c, ok := constant(flat[key])
		if !ok {
			p.fail([]string{table, key}, "", "%s: %s can't be %s; want text, a number, true or false, or a date", table, key, quote(flat[key]))
		}
		out[key] = c
	}
	return out
}

func (p *parser) repairs(keys, words []string) value.Repairs {
	out, err := repairs(words)
	if err != nil {
		p.fail(keys, "", "%v", err)
	}
	return out
}

func (p *parser) formats(in map[string]formatTable) {
	p.out.Formats = make(map[string]Reading, len(in))
	for _, key := range slices.Sorted(maps.Keys(in)) {
		p.known("formats", key)
		var r Profile
		p.options(&r, []string{"formats", key}, [][2]string{{"date_order", in[key].DateOrder}, {"decimal_separator", in[key].DecimalSeparator}})
		r.Repair = p.repairs([]string{"formats", key, "repair"}, in[key].Repair)
		if r.Width = in[key].Width; r.Width < 0 || r.Width > value.MaxWidth {
			p.fail([]string{"formats", key, "width"}, "", "formats.%s: width is %d; want a number of digits up to %d", key, r.Width, value.MaxWidth)
		}
		p.out.Formats[key] = r.Reading
	}
}

// valueMappings reads [values.FIELD], and [crosswalks.FIELD], which is its old name.
func (p *parser) valueMappings(values, crosswalks map[string]valuesTable) {
	p.out.ValueMappings = make(map[string]*ValueMapping, len(values)+len(crosswalks))
	p.valueTables("values", values)
	for _, key := range slices.Sorted(maps.Keys(crosswalks)) {
		for other := range values {
			if key == other || p.out.sameField(key, other) {
				p.fail([]string{"crosswalks", key}, "move its values to [values]; crosswalks is the old name of that table",
					"%s has value mappings under both [values] and [crosswalks]", key)
			}
		}
	}
	p.valueTables("crosswalks", crosswalks)
}

func (p *parser) valueTables(table string, in map[string]valuesTable) {
	for _, key := range slices.Sorted(maps.Keys(in)) {
		if !p.known(table, key) {
			continue
		}
		m, err := p.valueMapping(in[key])
		if err != nil {
			p.fail([]string{table, key}, "", "%s.%s: %v", table, key, err)
			continue
		}
		p.out.ValueMappings[key] = m
	}
}

func (p *parser) valueMapping(in valuesTable) (*ValueMapping, error) {
	values := map[string]string{}
	switch {
	case in.File != "" && in.Values != nil:
		return nil, errors.New("it has both file and values; want one of them")
	case in.File == "" && in.Values == nil:
		return nil, errors.New("it has neither values nor file")
	case in.File != "":
		var err error
		if values, err = readValuesFile(p.files, in.File); err != nil {
			return nil, fmt.Errorf("reading %s: %w", in.File, err)
		}
	default:
		for from, v := range flatten("", in.Values) {
			to, ok := constant(v)
			if !ok {
				return nil, fmt.Errorf("%q is mapped to %s; want text or a number", from, quote(v))
			}
			values[from] = to.Text
		}
	}
	if in.Unknown != "" && in.Unknown != "keep" && in.Unknown != "refuse" {
		return nil, fmt.Errorf(`unknown is %q; want "keep" or "refuse"`, in.Unknown)
	}
	m, err := NewValueMapping(values)
	if err != nil {
		return nil, err
	}
	m.File, m.Strict = in.File, in.Unknown == "refuse"
	return m, nil
}
