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
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"

	"ordersheet/mapping/catalog"

	"ordersheet/mapping/value"
)

// ProfileVersion is the version of mapping files that this program reads and writes.
const Version = 1

// profileLimit bounds a mapping file; a long crosswalk belongs into a CSV file.
const fileLimit = 8 << 20

// profileFile is a mapping file as TOML has it.
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
	Formats          map[string]formatFile  `toml:"formats"`
	ValueMappings    map[string]valuesTable `toml:"crosswalks"`
}

type formatFile struct {
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

// ParseProfile reads a mapping file. name is what messages call it; files is the folder that crosswalk files are read from, nil for none.
// Whatever the file holds that this program doesn't know is an error with its line and column, a *ProfileError.
func Parse(name string, r io.Reader, files fs.FS) (*Profile, error) {
	data, err := io.ReadAll(io.LimitReader(r, fileLimit+1))
	if err != nil {
		return nil, fmt.Errorf("reading the mapping file %s: %w", name, err)
	}
	if len(data) > fileLimit {
		return nil, &Error{File: name, Reason: "it is too long for a mapping file", Hint: "put a long crosswalk into a CSV file"}
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

// parser turns a decoded file into a profile; it keeps the first error.
type parser struct {
	name  string
	data  []byte
	files fs.FS
	out   *Profile
	err   *Error
}

// fail keeps an error about the value at the keys.
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
	for _, o := range []struct{ key, value string }{
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
	} {
		if o.value != "" {
			if err := out.option(o.key, o.value); err != nil {
				p.fail([]string{o.key}, "", "%v", err)
			}
		}
	}
	out.Repair = p.repairs([]string{"repair"}, in.Repair)
	out.Columns = p.columns("columns", in.Columns)
	out.Order = p.inOrder("columns", out.Columns)
	out.Letters = p.columns("letters", in.Letters)
	out.Constants, out.Defaults = p.constants("constants", in.Constants), p.constants("defaults", in.Defaults)
	p.formats(in.Formats)
	p.valueMappings(in.ValueMappings)
}

// option sets one of the file's plain settings; --set knows them too.
func (p *Profile) option(key, word string) error {
	bad := func(want string) error { return fmt.Errorf("%s is %q; want %s", key, word, want) }
	switch key {
	case "date_order":
		p.DateOrder = value.DateOrder(strings.ToUpper(word))
		if !slices.Contains([]value.DateOrder{value.DMY, value.MDY, value.YMD}, p.DateOrder) {
			return bad(`"dmy", "mdy" or "ymd"`)
		}
	case "decimal_separator":
		if word != "." && word != "," {
			return bad(`"." or ","`)
		}
		p.Decimal = word[0]
	case "tag_separator":
		p.TagSeparator = word
		return ascii(key, word)
	case "number_separator":
		p.NumberSeparator = word
		return ascii(key, word)
	case "number":
		if word != "generate" {
			return bad(`"generate"`)
		}
		p.Generate = true
	case "repair":
		r := parser{}
		if p.Repair = r.repairs(nil, strings.FieldsFunc(word, func(c rune) bool { return c == ',' || c == ' ' })); r.err != nil {
			return errors.New(r.err.Reason)
		}
	case "fill_down":
		if word != "true" && word != "false" {
			return bad("true or false")
		}
		p.FillDown = word == "true"
	case "total_check":
		p.TotalCheck = TotalCheck(word)
		if !slices.Contains([]TotalCheck{TotalRefuse, TotalWarn, TotalOff}, p.TotalCheck) {
			return bad(`"refuse", "warn" or "off"`)
		}
	default:
		return p.changeOption(key, word)
	}
	return nil
}

// changeOption sets what concerns orders that stand, and orders of the past.
func (p *Profile) changeOption(key, value string) error {
	bad := func(want string) error { return fmt.Errorf("%s is %q; want %s", key, value, want) }
	switch key {
	case "mode":
		p.Mode = strings.ToLower(value)
		if !slices.Contains([]string{order.Create, order.Update, order.Upsert, order.Delete}, p.Mode) {
			return bad(`"create", "update", "upsert" or "delete"`)
		}
	case "clear":
		if p.Clear = strings.TrimSpace(value); p.Clear == "" {
			return bad(`a word such as "<clear>"`)
		}
	case "payments":
		if value != "merge" && value != "replace" {
			return bad(`"merge" or "replace"`)
		}
		p.ReplacePayments = value == "replace"
	case "profile":
		if value != "historical" {
			return bad(`"historical"`)
		}
		p.Historical = true
	default:
		return fmt.Errorf("no setting is called %q", key)
	}
	return nil
}

// ascii refuses separators that can't be told from a part of a letter or number.
func ascii(key, value string) error {
	for _, r := range value {
		if r >= utf8.RuneSelf || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return fmt.Errorf("%s is %q; want signs such as \";\" or \"|\"", key, value)
		}
	}
	return nil
}

// columns reads [columns] or [letters]: a field or a list of fields for each key.
func (p *parser) columns(table string, in map[string]any) map[string][]string {
	flat := flatten("", in)
	out := make(map[string][]string, len(flat))
	for _, key := range slices.Sorted(maps.Keys(flat)) {
		var paths []string
		list, isList := flat[key].([]any)
		if !isList {
			list = []any{flat[key]}
		}
		for _, v := range list {
			path, ok := v.(string)
			if !ok || !catalog.KnownField(p.out.Kind, path) {
				p.fail([]string{table, key}, likeField(p.out.Kind, path), "%s: %q is to feed %s, which is no field", table, key, shown(v))
				continue
			}
			paths = append(paths, path)
		}
		if table == "columns" && catalog.Normalize(key) == "" {
			p.fail([]string{table, key}, "name the column by its letters under [letters]", "columns: %q holds no letter or digit", key)
		}
		if table == "letters" {
			if _, col, ok := cell.ParseA1(key + "1"); !ok || cell.ColName(col) != strings.ToUpper(key) {
				p.fail([]string{table, key}, "", "letters: %q isn't a column such as D or AB", key)
			}
			key = strings.ToUpper(key)
		}
		out[key] = paths
	}
	return out
}

// inOrder gives the keys of a table as they stand one after the other in the file.
func (p *parser) inOrder(table string, in map[string][]string) []string {
	keys := slices.Sorted(maps.Keys(in))
	lines := make(map[string]int, len(keys))
	for _, k := range keys {
		lines[k], _ = position(p.data, []string{table, k})
	}
	slices.SortStableFunc(keys, func(a, b string) int { return cmp.Compare(lines[a], lines[b]) })
	return keys
}

func (p *parser) constants(table string, in map[string]any) map[string]Constant {
	flat := flatten("", in)
	out := make(map[string]Constant, len(flat))
	for _, key := range slices.Sorted(maps.Keys(flat)) {
		if !catalog.KnownField(p.out.Kind, key) {
			p.fail([]string{table, key}, likeField(p.out.Kind, key), "%s: no field is called %q", table, key)
			continue
		}
		if path := catalog.Resolve(catalog.Kinds(p.out.Kind)[0], key); path == catalog.CommandPath || path == catalog.IDPath {
			p.fail([]string{table, key}, `mode = "update" does that to all orders`, "%s: %s differs from order to order; it needs a column", table, path)
		}
		c, ok := constant(flat[key])
		if !ok {
			p.fail([]string{table, key}, "", "%s: %s can't be %s; want text, a number, true or false, or a date", table, key, shown(flat[key]))
		}
		out[key] = c
	}
	return out
}

// widest bounds the digits of an identifier that gets its zeros back.
const Widest = 40

// repairs reads a list of repairs. An empty list is one too: it switches off, for a field, what is on for all.
func (p *parser) repairs(keys []string, words []string) (out value.Repairs) {
	if words == nil {
		return 0
	}
	out = value.RepairsGiven
	for _, w := range words {
		r, err := value.RepairByWord(w)
		if err != nil {
			p.fail(keys, "", "%v", err)
		}
		out |= r
	}
	if both := value.RepairPlus1462 | value.RepairMinus1462; out&both == both {
		p.fail(keys, "", "dates can't be moved both later and earlier")
	}
	return out
}

func (p *parser) formats(in map[string]formatFile) {
	p.out.Formats = make(map[string]Reading, len(in))
	for _, key := range slices.Sorted(maps.Keys(in)) {
		if !catalog.KnownField(p.out.Kind, key) {
			p.fail([]string{"formats", key}, likeField(p.out.Kind, key), "formats: no field is called %q", key)
		}
		var r Profile
		for _, o := range []struct{ key, value string }{{"date_order", in[key].DateOrder}, {"decimal_separator", in[key].DecimalSeparator}} {
			if o.value == "" {
				continue
			}
			if err := r.option(o.key, o.value); err != nil {
				p.fail([]string{"formats", key, o.key}, "", "formats.%s: %v", key, err)
			}
		}
		r.Repair = p.repairs([]string{"formats", key, "repair"}, in[key].Repair)
		if r.Width = in[key].Width; r.Width < 0 || r.Width > Widest {
			p.fail([]string{"formats", key, "width"}, "", "formats.%s: width is %d; want a number of digits up to %d", key, r.Width, Widest)
		}
		p.out.Formats[key] = r.Reading
	}
}

func (p *parser) valueMappings(in map[string]valuesTable) {
	p.out.ValueMappings = make(map[string]*ValueMapping, len(in))
	for _, key := range slices.Sorted(maps.Keys(in)) {
		at := []string{"crosswalks", key}
		if !catalog.KnownField(p.out.Kind, key) {
			p.fail(at, likeField(p.out.Kind, key), "crosswalks: no field is called %q", key)
			continue
		}
		c, err := p.valueMapping(in[key])
		if err != nil {
			p.fail(at, "", "crosswalks.%s: %v", key, err)
			continue
		}
		p.out.ValueMappings[key] = c
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
				return nil, fmt.Errorf("%q is translated into %s; want text or a number", from, shown(v))
			}
			values[from] = to.Text
		}
	}
	if in.Unknown != "" && in.Unknown != "keep" && in.Unknown != "refuse" {
		return nil, fmt.Errorf(`unknown is %q; want "keep" or "refuse"`, in.Unknown)
	}
	c, err := NewValueMapping(values)
	if err != nil {
		return nil, err
	}
	c.File, c.Strict = in.File, in.Unknown == "refuse"
	return c, nil
}
