package sandbox

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// view is how answers show a record: its fields in order. One record has several views, since a
// list, a new order, a single order and the feed show different fields.
type view struct{ fields []shownField }

type shownField struct {
	name   string
	source string // field of the record
	via    string // field with another record, whose field source is shown if the record has none
	key    []byte // the name as JSON, with a colon
	none   []byte // JSON of a field that is missing or null
	value  any    // the same as a value
	view   *view  // of a record, or of each record of a list
}

type nested map[string]*view

// newView reads fields, separated by blanks. Each is NAME, NAME=DEFAULT, NAME<SOURCE if it has
// another name in the record, or NAME<RECORD.SOURCE if a record in the record may have it. Records
// in below are shown by views of their own.
func newView(fields string, below nested) *view {
	v := new(view)
	for word := range strings.FieldsSeq(fields) {
		name, none, _ := strings.Cut(word, "=")
		name, source, renamed := strings.Cut(name, "<")
		if !renamed {
			source = name
		}
		via, field, ofRecord := strings.Cut(source, ".")
		if ofRecord {
			source = field
		} else {
			via = ""
		}
		f := shownField{name: name, source: source, via: via, none: []byte("null"), view: below[name]}
		f.key = []byte(`"` + name + `":`)
		if none != "" {
			f.none, f.value = []byte(none), mustDecode(none)
		}
		v.fields = append(v.fields, f)
	}
	return v
}

// without returns the view without a field. "" is no field.
func (v *view) without(name string) *view {
	return &view{slices.DeleteFunc(slices.Clone(v.fields), func(f shownField) bool { return f.name == name })}
}

// field returns the field with a name, or nil.
func (v *view) field(name string) *shownField {
	i := slices.IndexFunc(v.fields, func(f shownField) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return &v.fields[i]
}

// get returns the field's value in a record, or nil.
func (f *shownField) get(record doc) any {
	if f.via == "" {
		return record[f.source]
	}
	if v := record[f.name]; v != nil {
		return v
	}
	other, _ := record[f.via].(doc)
	return other[f.source]
}

// of returns the field's value in a record, or its default.
func (f *shownField) of(record doc) any {
	if v := f.get(record); v != nil {
		return v
	}
	return f.value
}

// appendRecord appends a record as JSON.
func (v *view) appendRecord(b []byte, d doc) []byte {
	b = append(b, '{')
	for i := range v.fields {
		f := &v.fields[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, f.key...)
		if x := f.get(d); x != nil {
			b = appendJSON(b, x, f.view)
		} else {
			b = append(b, f.none...)
		}
	}
	return append(b, '}')
}

// appendJSON appends a value as JSON. v is the view of a record, or of each record of a list; nil
// shows all their fields, sorted.
func appendJSON(b []byte, value any, v *view) []byte {
	switch x := value.(type) {
	case nil:
		return append(b, "null"...)
	case shown:
		return appendJSON(b, x.value, x.view)
	case int:
		return strconv.AppendInt(b, int64(x), 10)
	case string:
		return appendString(b, x)
	case json.Number:
		return append(b, x...)
	case bool:
		return strconv.AppendBool(b, x)
	case []any:
		b = append(b, '[')
		for i, y := range x {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, y, v)
		}
		return append(b, ']')
	case doc:
		if v != nil {
			return v.appendRecord(b, x)
		}
		b = append(b, '{')
		for i, name := range slices.Sorted(maps.Keys(x)) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, name), ':')
			b = appendJSON(b, x[name], nil)
		}
		return append(b, '}')
	}
	return appendEncoded(b, value)
}

func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return appendEncoded(b, s)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

func appendEncoded(b []byte, v any) []byte {
	encoded, err := json.Marshal(v)
	if err != nil {
		panic(err) // only values of this package are encoded
	}
	return append(b, encoded...)
}

// mustDecode reads JSON of this package.
func mustDecode(text string) any {
	v, err := readJSON([]byte(text))
	if err != nil {
		panic(err)
	}
	return v
}
