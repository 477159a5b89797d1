package sandbox

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// column returns a field's value in a row: nil, a text, number or bool, or a list of them.
type column func(row doc) any

// columns are the fields by which a list can be filtered and sorted.
type columns map[string]column

// newColumns returns the fields of a view that hold one value, and more fields, given by paths into
// the row, separated by blanks.
func newColumns(v *view, more map[string]string) columns {
	c := columns{}
	for _, f := range v.fields {
		if f.view == nil && f.none[0] != '[' && f.none[0] != '{' {
			c[f.name] = f.of
		}
	}
	for name, paths := range more {
		c[name] = func(row doc) any {
			var out []any
			for path := range strings.FieldsSeq(paths) {
				out = appendValues(out, row, strings.Split(path, "."))
			}
			return out
		}
	}
	return c
}

// appendValues appends the values at a path, in each element of lists on the way.
func appendValues(out []any, at any, path []string) []any {
	switch x := at.(type) {
	case nil:
		return out
	case []any:
		for _, y := range x {
			out = appendValues(out, y, path)
		}
		return out
	case doc:
		if len(path) > 0 {
			return appendValues(out, x[path[0]], path[1:])
		}
	}
	return append(out, at)
}

// filter is field[op]=value.
type filter struct {
	field, op, value string
	column           column
	partial          bool
	operands         []operand // the parts of the value for in and notin, otherwise the value
}

// operand is a text of a query, read as every type that a field may have.
type operand struct {
	number   float64
	isNumber bool
	text     string // as a timestamp, for fields that hold one
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
	if f.column = fields[f.field]; f.column == nil {
		return f, "unknown filter"
	}
	parts := []string{value}
	if f.op == "in" || f.op == "notin" {
		parts = strings.Split(value, ",")
	}
	for _, x := range parts {
		o := operand{text: x}
		n, err := strconv.ParseFloat(x, 64)
		o.number, o.isNumber = n, err == nil
		if t, ok := parseTime(x); ok && strings.HasSuffix(f.field, "_at") {
			o.text = t.UTC().Format(time.RFC3339)
		}
		f.operands = append(f.operands, o)
	}
	return f, ""
}

// matches reports whether a row passes the filter. As in SQL, only set and notset are true for
// null. neq, notin and notcontains require that no value matches.
func (f filter) matches(row doc) bool {
	value := f.column(row)
	several, isList := value.([]any)
	if !isList && value != nil {
		several = []any{value}
	}
	switch {
	case f.op == "set":
		return len(several) > 0
	case f.op == "notset":
		return len(several) == 0
	case len(several) == 0:
		return false
	}
	some := slices.ContainsFunc(several, f.matchesOne)
	if f.op == "neq" || f.op == "notin" || f.op == "notcontains" {
		return !some
	}
	return some
}

// matchesOne reports whether one value matches. Negative operators exclude the values that match.
func (f filter) matchesOne(v any) bool {
	if f.op == "contains" || f.op == "notcontains" || f.partial {
		return strings.Contains(asText(v), f.value)
	}
	return slices.ContainsFunc(f.operands, func(o operand) bool {
		c := o.compare(v)
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
	})
}

// compare compares a value with the operand, according to the value's type.
func (o operand) compare(v any) int {
	if n, ok := v.(json.Number); ok {
		if !o.isNumber {
			return 1
		}
		x, _ := n.Float64()
		return cmp.Compare(x, o.number)
	}
	return cmp.Compare(asText(v), o.text)
}

// asText returns a value as queries write it.
func asText(v any) string {
	switch x := v.(type) {
	case json.Number:
		return string(x)
	case bool:
		return strconv.FormatBool(x)
	}
	s, _ := v.(string)
	return s
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
