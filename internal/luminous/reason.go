package luminous

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxShown   = 300 // characters of an answer that a message shows at most
	maxPattern = 80  // characters of the words in a signature
)

// readReason fills in why the server rejected a request, from the body of its answer.
func (c *Client) readReason(e *Error, a answer) {
	var in struct {
		Message json.RawMessage `json:"message"`
		Error   json.RawMessage `json:"error"`
		Errors  json.RawMessage `json:"errors"`
	}
	standard := http.StatusText(e.Status)
	if json.Unmarshal(a.body, &in) != nil {
		e.Message = standard
		if body := bytes.TrimSpace(a.body); len(body) > 0 && body[0] == '<' {
			// A gateway's page for a server that is down is as good as the API's own 5xx.
			e.Message, e.NotAPI = strings.TrimSpace(standard+" (an HTML page)"), e.Status < 500
		} else if e.Raw != "" {
			e.Message = e.Raw
		}
	} else {
		e.Message = c.clean(firstText(in.Message, in.Error))
		e.Fields = c.fieldErrors(in.Errors)
		if e.Message == "" && len(e.Fields) == 0 && e.Raw != "" && e.Raw != "{}" {
			e.Message = e.Raw
		}
	}
	if e.Message == "" {
		e.Message = standard
	}
	if e.Outcome == Rejected {
		e.Signature = signature(e)
	}
	if e.NotAPI && e.Outcome == Rejected {
		e.Message += "; check the base URL " + c.cfg.BaseURL
	}
}

// firstText returns the first JSON value that is a text, or an object with a message.
func firstText(values ...json.RawMessage) string {
	for _, v := range values {
		var s string
		if json.Unmarshal(v, &s) == nil && strings.TrimSpace(s) != "" {
			return strings.TrimSpace(s)
		}
		var o struct {
			Message string `json:"message"`
		}
		if json.Unmarshal(v, &o) == nil && o.Message != "" {
			return o.Message
		}
	}
	return ""
}

// fieldErrors reads the "errors" of a rejection: an object of paths, each with a text, a list of
// texts or an object of further paths. They are sorted, numbers as numbers, since the order of an
// object's keys means nothing.
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
	c.collectErrors(&out, "", v)
	slices.SortStableFunc(out, func(a, b FieldError) int { return comparePaths(a.Path, b.Path) })
	return out
}

func (c *Client) collectErrors(out *[]FieldError, path string, v any) {
	switch x := v.(type) {
	case nil:
	case map[string]any:
		for k, y := range x {
			c.collectErrors(out, strings.TrimPrefix(path+"."+k, "."), y)
		}
	case []any:
		var texts []string
		for i, y := range x {
			if m, ok := y.(map[string]any); ok {
				c.collectErrors(out, strings.TrimPrefix(path+"."+strconv.Itoa(i), "."), m)
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

// text returns a JSON value as a person would read it.
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

// comparePaths orders paths by their parts: items.2.sku comes before items.10.sku.
func comparePaths(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "."), strings.Split(b, "."), func(x, y string) int {
		i, errX := strconv.Atoi(x)
		j, errY := strconv.Atoi(y)
		if errX == nil && errY == nil {
			return i - j
		}
		return strings.Compare(x, y)
	})
}

// signature is a rejection's kind: its status, the first field without line numbers, and its words
// without numbers and quoted values. It shows that a hundred orders fail for the same reason.
func signature(e *Error) string {
	words := e.Message
	var path []string
	if len(e.Fields) > 0 {
		words = e.Fields[0].Messages[0]
		path = slices.DeleteFunc(strings.Split(e.Fields[0].Path, "."), func(part string) bool {
			_, err := strconv.Atoi(part)
			return err == nil || part == ""
		})
	}
	return strings.Join(strings.Fields(strconv.Itoa(e.Status)+" "+strings.Join(path, ".")+" "+pattern(words)), " ")
}

// varying finds quoted values, also without their closing quote, and numbers.
var varying = regexp.MustCompile("\"[^\"]*\"?|`[^`]*`?|“[^”]*”?|[0-9]+")

// pattern returns the beginning of a text without what changes from order to order.
func pattern(s string) string {
	s = varying.ReplaceAllStringFunc(strings.ToLower(s), func(value string) string {
		if value[0] >= '0' && value[0] <= '9' {
			return "#"
		}
		return "_"
	})
	if r := []rune(s); len(r) > maxPattern {
		s = string(r[:maxPattern])
	}
	return strings.TrimRight(strings.TrimSpace(s), ".")
}

// clean makes the server's text safe for a terminal and a report: without the token, on one line,
// without control characters, shortened.
func (c *Client) clean(s string) string {
	if len(s) > 8*maxShown { // enough of a long page
		s = s[:8*maxShown]
	}
	if t := string(c.token); t != "" {
		s = strings.ReplaceAll(s, t, "***")
		s = strings.ReplaceAll(s, url.QueryEscape(t), "***")
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case r == utf8.RuneError || !unicode.IsPrint(r):
			return '\uFFFD'
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= maxShown {
		return s
	}
	return string([]rune(s)[:maxShown]) + "..."
}
