package luminous

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// fieldErrors reads the "errors" of a refusal: an object of paths, each with a text, a list of texts or an object of further paths. The order
// of an object's keys says nothing, so the paths are sorted, numbers as numbers.
func (c *Client) fieldErrors(raw json.RawMessage) []FieldError {
	if len(raw) == 0 {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return nil
	}
	var out []FieldError
	c.collect(&out, "", v)
	slices.SortStableFunc(out, func(a, b FieldError) int { return comparePaths(a.Path, b.Path) })
	return out
}

// collect walks through the errors' value and gathers texts by path.
func (c *Client) collect(out *[]FieldError, path string, v any) {
	switch x := v.(type) {
	case nil:
	case map[string]any:
		for k, y := range x {
			sub := k
			if path != "" {
				sub = path + "." + k
			}
			c.collect(out, sub, y)
		}
	case []any:
		var texts []string
		for i, y := range x {
			if m, ok := y.(map[string]any); ok {
				c.collect(out, strings.TrimPrefix(path+"."+strconv.Itoa(i), "."), m)
				continue
			}
			texts = append(texts, c.text(y))
		}
		if len(texts) > 0 {
			*out = append(*out, FieldError{Path: c.clean(path), Messages: texts})
		}
	default:
		*out = append(*out, FieldError{Path: c.clean(path), Messages: []string{c.text(v)}})
	}
}

// text is a JSON value as a person would read it.
func (c *Client) text(v any) string {
	if s, ok := v.(string); ok {
		return c.clean(s)
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	return c.clean(string(raw))
}

// comparePaths orders paths by their parts: items.2.sku stands before items.10.sku.
func comparePaths(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		x, errX := strconv.Atoi(as[i])
		y, errY := strconv.Atoi(bs[i])
		if errX == nil && errY == nil && x != y {
			return x - y
		}
		if d := strings.Compare(as[i], bs[i]); d != 0 && (errX != nil || errY != nil) {
			return d
		}
	}
	return len(as) - len(bs)
}

// signature is a refusal's kind: its status, the first field without line numbers, and its words without numbers and quoted values, so that
// a breaker sees that a hundred orders fail for one and the same reason.
func signature(e *Error) string {
	s := strconv.Itoa(e.Status)
	if len(e.Fields) == 0 {
		return s + " " + pattern(e.Message)
	}
	f := e.Fields[0]
	for part := range strings.SplitSeq(f.Path, ".") {
		if _, err := strconv.Atoi(part); err == nil || part == "" {
			continue
		}
		if strings.HasSuffix(s, " "+part) {
			continue
		}
		if strings.Contains(s, " ") {
			s += "." + part
		} else {
			s += " " + part
		}
	}
	if len(f.Messages) > 0 {
		s += " " + pattern(f.Messages[0])
	}
	return strings.TrimSpace(s)
}

// pattern is a text without what changes from order to order.
func pattern(s string) string {
	var b strings.Builder
	quote, number := rune(0), false
	for _, r := range strings.ToLower(s) {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
			continue
		case r == '"' || r == '`' || r == '“':
			quote = map[rune]rune{'"': '"', '`': '`', '“': '”'}[r]
			b.WriteRune('_')
			continue
		case r >= '0' && r <= '9':
			if !number {
				b.WriteByte('#')
			}
			number = true
			continue
		}
		number = false
		b.WriteRune(r)
		if b.Len() > 80 {
			break
		}
	}
	return strings.TrimRight(strings.TrimSpace(b.String()), ".")
}
