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

// ProfileError is what is wrong with a mapping file, and where.
type Error struct {
	File         string
	Line, Column int // one-based; 0 when the place isn't known
	Reason       string
	Hint         string // what to do; may be empty
}

// Error names the file, the place and the reason; the hint is for a line of its own.
func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("mapping file %s: %s", e.File, e.Reason)
	}
	return fmt.Sprintf("mapping file %s, line %d, column %d: %s", e.File, e.Line, e.Column, e.Reason)
}

// tomlError puts the decoder's errors into a user's words.
func tomlError(name string, err error) error {
	var missing *toml.StrictMissingError
	if errors.As(err, &missing) && len(missing.Errors) > 0 {
		first := &missing.Errors[0]
		e := &Error{File: name, Reason: fmt.Sprintf("unknown key %q", strings.Join(first.Key(), ".")), Hint: "docs/mapping.md lists the keys"}
		e.Line, e.Column = first.Position()
		if key := first.Key(); len(key) == 1 {
			if near := catalog.Nearest(key[0], keys); near != "" {
				e.Hint = fmt.Sprintf("did you mean %q?", near)
			}
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

// profileKeys are the keys at the top of a mapping file.
var keys = []string{
	"version", "kind", "sheets", "header_row", "ignore", "date_order", "decimal_separator", "tag_separator", "number_separator", "fill_down",
	"number", "total_check", "repair", "mode", "clear", "payments", "profile", "columns", "letters", "constants", "defaults", "formats", "crosswalks",
}

// likeField is the hint for a name that is no field.
func likeField(kind order.Kind, name string) string {
	var known []string
	for _, k := range []order.Kind{order.SalesOrders, order.PurchaseOrders} {
		if kind == "" || kind == k {
			for _, f := range catalog.Fields(k) {
				known = append(known, f.Path, f.Column)
			}
		}
	}
	if near := catalog.Nearest(name, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "ordersheet fields lists all fields"
}

// flatten joins nested tables, which is what TOML makes of bill_to.name = "x", back into dotted keys.
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

// constant turns a TOML value into a constant. A list of texts is several tags or numbers in one cell.
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

// shown shows a TOML value in a message.
func shown(v any) string {
	if s, ok := v.(string); ok {
		return strconv.Quote(s)
	}
	return fmt.Sprint(v)
}

// position finds where in a TOML document the value at keys is set, or the nearest table above it; 0, 0 when it is nowhere.
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
