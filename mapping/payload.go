package mapping

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf8"

	"ordersheet/mapping/catalog"
)

// get returns the value of a leaf for a line or payment (at is -1 for the order): the constant,
// else the first column with a value, else the default. Lists are combined from all of them.
func (b *orderBuilder) get(n *node, at int) ([]byte, form) {
	if n.field.Many() {
		return b.combine(n, at)
	}
	if n == b.h.number && len(b.generated) > 0 {
		return b.generated, formString
	}
	if n.address > 0 && b.absent[n.address-1] || n.field.UpdateOnly && b.creating {
		return nil, formNone
	}
	if n.constant != nil {
		return n.constant.text, n.constant.form
	}
	for _, c := range n.columns {
		switch v := b.at(c, at); {
		case v.form == formNone:
		case v.form == formNull && b.creating: // a new order has nothing to clear, and gets no default either
			return nil, formNone
		default:
			return b.value(v), v.form
		}
	}
	if n.fallback != nil && b.creating {
		return n.fallback.text, n.fallback.form
	}
	return nil, formNone
}

// at returns the value of a column for a line or payment.
func (b *orderBuilder) at(c *column, at int) converted {
	if c.section == orderSection {
		return b.order[c.index].converted
	}
	return b.records[c.section].values[at*b.h.count[c.section]+c.index]
}

// combine returns a list of all that feeds it, each item once. It is valid until the next call.
func (b *orderBuilder) combine(n *node, at int) ([]byte, form) {
	f := formNone
	b.list = b.list[:0]
	if n == b.h.number && len(b.generated) > 0 {
		b.list = append(append(b.list, b.generated...), 0)
	}
	for _, c := range n.columns {
		switch v := b.at(c, at); v.form {
		case formList:
			b.addItems(b.value(v))
		case formInvalid:
			f = formInvalid
		case formNull:
			if f == formNone {
				f = formNull
			}
		}
	}
	if n.constant != nil {
		b.addItems(n.constant.text)
	}
	if len(b.list) == 0 && n.fallback != nil && f == formNone && b.creating {
		b.addItems(n.fallback.text)
	}
	switch {
	case len(b.list) > 0:
		f = formList
	case f == formNull && b.creating:
		f = formNone
	}
	return b.list, f
}

func (b *orderBuilder) addItems(list []byte) {
	for item := range items(list) {
		if !hasItem(b.list, item) {
			b.list = append(append(b.list, item...), 0)
		}
	}
}

// fingerprintVersion begins every fingerprint. It has to change with the canonical form, so that
// fingerprints of different forms are never equal.
const fingerprintVersion = "1:"

// payload returns the order as JSON, in the order of the catalog, and its fingerprint.
func (b *orderBuilder) payload() (text []byte, fingerprint string) {
	text = bytes.Clone(b.write(false))
	sum := sha256.Sum256(b.write(true))
	return text, string(hex.AppendEncode([]byte(fingerprintVersion), sum[:]))
}

// write returns the payload as JSON, or in the canonical form: with sorted names, a comma after
// each value, and strings as Go quotes them. It is valid until the next call.
func (b *orderBuilder) write(canonical bool) []byte {
	out, ok := b.appendObject(b.out[:0], b.h.root, -1, canonical)
	if !ok {
		out = append(out, "{}"...)
	}
	b.out = out
	return out
}

// appendNode appends a node. ok is false if it has no value; nothing is appended then.
func (b *orderBuilder) appendNode(dst []byte, n *node, at int, canonical bool) (out []byte, ok bool) {
	switch {
	case n.records != orderSection:
		return b.appendRecords(dst, n, canonical)
	case n.field == nil:
		return b.appendObject(dst, n, at, canonical)
	case n != b.h.number && b.deleting:
		return dst, false
	}
	text, f := b.get(n, at)
	switch f {
	case formString:
		return appendString(dst, text, canonical), true
	case formLiteral:
		return append(dst, text...), true
	case formList:
		return appendList(dst, text, canonical, n.field.Type == catalog.TagsType), true
	case formNull:
		if canonical { // which has no blanks
			return dst, false
		}
		if n.field.Many() {
			return append(dst, "[]"...), true
		}
		return append(dst, "null"...), true
	}
	return dst, false
}

// appendString appends a JSON string, or in the canonical form a Go string.
func appendString(dst, text []byte, canonical bool) []byte {
	ascii, plain := true, true
	for _, c := range text {
		if c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			ascii, plain = false, plain && c >= 0x7f
		}
	}
	switch {
	case ascii, plain && !canonical && utf8.Valid(text): // nearly all
		dst = append(append(dst, '"'), text...)
		return append(dst, '"')
	case canonical:
		return strconv.AppendQuote(dst, string([]rune(string(text))))
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(string(text)) // of a string it can't fail
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

// appendObject appends the children of a node that have a value.
func (b *orderBuilder) appendObject(dst []byte, n *node, at int, canonical bool) (out []byte, ok bool) {
	start, children := len(dst), n.children
	if canonical {
		children = n.sorted
	}
	dst = append(dst, '{')
	for _, c := range children {
		mark, key := len(dst), c.key
		if canonical {
			key = c.canonical
		}
		if dst, ok = b.appendNode(append(dst, key...), c, at, canonical); !ok {
			dst = dst[:mark]
			continue
		}
		dst = append(dst, ',')
	}
	if len(dst) == start+1 {
		return dst[:start], false
	}
	return closeWith(dst, '}', canonical), true
}

// closeWith ends an object or a list whose last byte is a comma.
func closeWith(dst []byte, end byte, canonical bool) []byte {
	if canonical {
		return append(dst, end)
	}
	dst[len(dst)-1] = end
	return dst
}

// appendRecords appends the lines or the payments.
func (b *orderBuilder) appendRecords(dst []byte, n *node, canonical bool) (out []byte, ok bool) {
	count := len(b.records[n.records].rows)
	if count == 0 || b.deleting {
		return dst, false
	}
	dst = append(dst, '[')
	for i := range count {
		dst, _ = b.appendObject(dst, n, i, canonical)
		dst = append(dst, ',')
	}
	return closeWith(dst, ']', canonical), true
}

// appendList appends a list of strings. Tags are a set: the canonical form sorts them.
func appendList(dst, list []byte, canonical, set bool) []byte {
	dst = append(dst, '[')
	if canonical && set {
		all := slices.AppendSeq(make([][]byte, 0, bytes.Count(list, []byte{0})), items(list))
		slices.SortFunc(all, bytes.Compare)
		list = append(bytes.Join(all, []byte{0}), 0)
	}
	for len(list) > 0 {
		end := bytes.IndexByte(list, 0)
		dst, list = append(appendString(dst, list[:end], canonical), ','), list[end+1:]
	}
	return closeWith(dst, ']', canonical)
}
