package sandbox

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// columns are the fields by which a list can be filtered and sorted: struct fields by JSON name,
// and computed ones.
type columns struct {
	index    map[string][]int
	computed map[string]func(row any) []scalar
}

// columnsOf returns the fields of a struct type that hold one value or a list of strings.
func columnsOf(sample any, extra map[string]func(row any) []scalar) columns {
	c := columns{map[string][]int{}, extra}
	for _, f := range reflect.VisibleFields(reflect.TypeOf(sample).Elem()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" || f.Anonymous {
			continue
		}
		t := f.Type
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		switch t.Kind() {
		case reflect.String, reflect.Int, reflect.Int64, reflect.Bool:
			c.index[name] = f.Index
		case reflect.Slice:
			if t.Elem().Kind() == reflect.String {
				c.index[name] = f.Index
			}
		}
	}
	return c
}

func (c columns) has(name string) bool { return c.index[name] != nil || c.computed[name] != nil }

// values returns a field's values in a row, none for null.
func (c columns) values(name string, row any) []scalar {
	if fn := c.computed[name]; fn != nil {
		return fn(row)
	}
	v := reflect.ValueOf(row).Elem().FieldByIndex(c.index[name])
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	isTime := strings.HasSuffix(name, "_at")
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		return []scalar{{text: strconv.FormatInt(v.Int(), 10), number: float64(v.Int()), numeric: true}}
	case reflect.Bool:
		return []scalar{{text: strconv.FormatBool(v.Bool())}}
	case reflect.Slice:
		var out []scalar
		for i := range v.Len() {
			out = append(out, scalar{text: v.Index(i).String()})
		}
		return out
	}
	if v.Type() == reflect.TypeFor[number]() {
		return []scalar{numberScalar(number(v.String()))}
	}
	return []scalar{{text: v.String(), isTime: isTime}}
}

func numberScalar(n number) scalar {
	return scalar{text: string(n), number: n.decimal().InexactFloat64(), numeric: true}
}

// first returns the value to sort by.
func (c columns) first(name string, row any) scalar {
	if all := c.values(name, row); len(all) > 0 {
		return all[0]
	}
	return scalar{null: true}
}

// scalar is one value of a row.
type scalar struct {
	text    string
	number  float64
	numeric bool
	isTime  bool
	null    bool
}

// compare orders two values of one field. Null comes first.
func (a scalar) compare(b scalar) int {
	switch {
	case a.null || b.null:
		return cmp.Compare(btoi(!a.null), btoi(!b.null))
	case a.numeric && b.numeric:
		return cmp.Compare(a.number, b.number)
	}
	return cmp.Compare(a.text, b.text) // timestamps have one format and sort as text
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// filter is field[op]=value.
type filter struct {
	field, op, value string
	partial          bool
	any              []string // of in and notin
}

// operators is read-only.
var operators = []string{"eq", "neq", "gt", "gte", "lt", "lte", "set", "notset", "contains", "notcontains", "in", "notin"}

func parseFilter(name, value string, fields columns) (f filter, problem string) {
	f = filter{field: name, op: "eq", value: value}
	if field, rest, ok := strings.Cut(name, "["); ok {
		op, ok := strings.CutSuffix(rest, "]")
		if !ok || !slices.Contains(operators, op) {
			return f, "must be one of " + strings.Join(operators, ", ")
		}
		f.field, f.op = field, op
	}
	if !fields.has(f.field) {
		return f, "unknown filter"
	}
	if f.op == "in" || f.op == "notin" {
		f.any = strings.Split(value, ",")
	}
	return f, ""
}

// matches reports whether a field's values pass the filter. As in SQL, only set and notset are true
// for null. neq, notin and notcontains require that no value matches.
func (f filter) matches(values []scalar) bool {
	switch f.op {
	case "set":
		return len(values) > 0
	case "notset":
		return len(values) == 0
	}
	if len(values) == 0 {
		return false
	}
	some := slices.ContainsFunc(values, f.matchesOne)
	if f.op == "neq" || f.op == "notin" || f.op == "notcontains" {
		return !some
	}
	return some
}

// matchesOne reports whether one value matches. Negative operators exclude the values that match.
func (f filter) matchesOne(v scalar) bool {
	switch f.op {
	case "contains", "notcontains":
		return strings.Contains(v.text, f.value)
	case "in", "notin":
		return slices.ContainsFunc(f.any, func(x string) bool { return v.compareText(x) == 0 })
	}
	if f.partial {
		return strings.Contains(v.text, f.value)
	}
	c := v.compareText(f.value)
	switch f.op {
	case "gt":
		return c > 0
	case "gte":
		return c >= 0
	case "lt":
		return c < 0
	case "lte":
		return c <= 0
	}
	return c == 0
}

// compareText compares a value with a query's text, according to the field's type.
func (a scalar) compareText(x string) int {
	if a.numeric {
		n, err := strconv.ParseFloat(x, 64)
		if err != nil {
			return 1
		}
		return cmp.Compare(a.number, n)
	}
	if a.isTime {
		if t, ok := parseTime(x); ok {
			return cmp.Compare(a.text, t.UTC().Format(time.RFC3339))
		}
	}
	return cmp.Compare(a.text, x)
}

// parseTime reads common date and date-time formats, by default in UTC.
func parseTime(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, time.DateTime, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
