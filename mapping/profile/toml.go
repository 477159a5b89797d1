package profile

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
	"github.com/shopspring/decimal"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/mapping/catalog"
)

// Error says what is wrong with a mapping file, and where.
type Error struct {
	File         string
	Line, Column int // one-based; 0 when the position isn't known
	Reason       string
	Hint         string // what to do; may be empty
}

// Error names the file, the position and the reason, but not the hint.
func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("mapping file %s: %s", e.File, e.Reason)
	}
	return fmt.Sprintf("mapping file %s, line %d, column %d: %s", e.File, e.Line, e.Column, e.Reason)
}

// tomlError turns an error of the TOML decoder into an Error.
func tomlError(name string, err error) error {
	var missing *toml.StrictMissingError
	if errors.As(err, &missing) && len(missing.Errors) > 0 {
		first := &missing.Errors[0]
		key := first.Key()
		e := &Error{File: name, Reason: fmt.Sprintf("unknown key %q", strings.Join(key, "."))}
		e.Line, e.Column = first.Position()
		if len(key) == 1 {
			e.Hint = didYouMean(key[0], keys)
		}
		return e
	}
	e := &Error{File: name, Reason: strings.TrimPrefix(err.Error(), "toml: ")}
	var decode *toml.DecodeError
	if errors.As(err, &decode) {
		e.Line, e.Column = decode.Position()
	}
	return e
}

// fieldHint is the hint for a name that isn't a field; empty when no field looks like it.
func fieldHint(kind order.Kind, name string) string {
	var known []string
	for _, k := range catalog.Kinds(kind) {
		for _, f := range catalog.Fields(k) {
			known = append(known, f.Path, f.Column)
		}
	}
	return didYouMean(name, known)
}

func didYouMean(word string, known []string) string {
	if near := catalog.Nearest(word, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}

// flatten joins nested tables, which is what TOML makes of bill_to.name = "x", back into dotted
// keys.
func flatten(prefix string, in map[string]any) map[string]any {
	out := make(map[string]any, len(in))
	for k, v := range in {
		if sub, ok := v.(map[string]any); ok {
			for kk, vv := range flatten(prefix+k+".", sub) {
				out[kk] = vv
			}
			continue
		}
		out[prefix+k] = v
	}
	return out
}

// constant turns a TOML value into a constant. A list of texts is several tags or numbers in one
// cell.
func constant(v any) (Constant, bool) {
	switch x := v.(type) {
	case string:
		return Constant{Text: x, Kind: cell.Text}, x != ""
	case int64:
		return Constant{Text: strconv.FormatInt(x, 10), Kind: cell.Number}, true
	case float64:
		d, err := decimal.NewFromString(strconv.FormatFloat(x, 'f', -1, 64))
		return Constant{Text: d.String(), Kind: cell.Number}, err == nil
	case bool:
		return Constant{Text: strings.ToUpper(strconv.FormatBool(x)), Kind: cell.Bool}, true
	case toml.LocalDate:
		return Constant{Text: x.String(), Kind: cell.Text}, true
	case []any:
		var parts []string
		for _, y := range x {
			s, ok := y.(string)
			if !ok || s == "" {
				return Constant{}, false
			}
			parts = append(parts, s)
		}
		return Constant{Text: strings.Join(parts, "\n"), Kind: cell.Text}, len(parts) > 0
	}
	return Constant{}, false
}

// quote formats a TOML value for a message.
func quote(v any) string {
	if s, ok := v.(string); ok {
		return strconv.Quote(s)
	}
	return fmt.Sprint(v)
}

// position finds the line and column where a TOML document sets the value at keys, or the nearest
// table above it; 0, 0 for none.
func position(data []byte, keys []string) (line, column int) {
	var p unstable.Parser
	p.Reset(data)
	want, longest := strings.Join(keys, "."), -1
	var table []string
	for p.NextExpression() {
		n := p.Expression()
		var path []string
		var start []byte
		for it := n.Key(); it.Next(); {
			if start == nil {
				start = p.Raw(it.Node().Raw)
			}
			path = append(path, string(it.Node().Data))
		}
		if n.Kind == unstable.Table || n.Kind == unstable.ArrayTable {
			table = path
		} else {
			path = append(append([]string{}, table...), path...)
		}
		at := strings.Join(path, ".")
		if (want == at || strings.HasPrefix(want, at+".")) && len(at) > longest && len(start) > 0 {
			longest = len(at)
			s := p.Shape(p.Range(start)).Start
			line, column = s.Line, s.Column
		}
	}
	return line, column
}
