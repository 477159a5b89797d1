package diff

import (
	"fmt"
	"slices"
	"strings"

	"ordersheet/internal/order"
)

// lineFields are those of a line that PUT takes (API page "Update a purchase order"), but for its
// id and its product.
var lineFields = []string{"quantity", "unit_price", "tax", "discount_amount"}

// lineUpdate is what an update has to send for the lines of a purchase order to be as wanted.
type lineUpdate struct {
	body        []any
	changes     []order.LineChange
	unsupported []Unsupported
}

// compareLines compares the lines of a purchase order. PUT replaces the whole list: a line that is
// sent with its id is changed, one without is added, one that is left out is removed. So the body
// has all lines that stay.
func compareLines(want, now []map[string]any) lineUpdate {
	m := matchLines(want, now)
	u := lineUpdate{body: make([]any, len(want)), unsupported: m.unsupported}
	for i, line := range want {
		if m.of[i] < 0 {
			u.body[i] = line
			u.add(i, line)
		} else {
			u.body[i] = u.change(i, line, now[m.of[i]])
		}
	}
	for j, line := range now {
		if !slices.Contains(m.of, j) && len(m.unsupported) == 0 {
			u.changes = append(u.changes, order.LineChange{
				What: order.LineRemoved, Line: -1, ID: lineID(line), SKU: lineSKU(line), Received: received(line),
			})
		}
	}
	return u
}

// add notes a new line, and what it lacks.
func (u *lineUpdate) add(i int, line map[string]any) {
	c := order.LineChange{What: order.LineAdded, Line: i, SKU: text(line["sku"])}
	for _, k := range append([]string{"sku", "product_id"}, lineFields...) {
		if v := line[k]; !blank(v) {
			c.Fields = append(c.Fields, order.FieldChange{Path: k, New: text(v)})
		}
	}
	u.changes = append(u.changes, c)
	need := []string{"quantity", "unit_price"}
	if blank(line["product_id"]) {
		need = append(need, "sku")
	}
	for _, k := range need {
		if blank(line[k]) {
			u.unsupported = append(u.unsupported, Unsupported{
				itemPath(i, k), "the order doesn't have this line yet, and a new line needs its " + k,
				"give the " + k + ", or the id of an existing line",
			})
		}
	}
}

// change returns an existing line as it is to be sent, and notes what changes about it.
func (u *lineUpdate) change(i int, want, now map[string]any) any {
	out := sendableLine(now)
	c := order.LineChange{What: order.LineChanged, Line: i, ID: lineID(now), SKU: lineSKU(now), Received: received(now)}
	set := func(k, drop string, current any) {
		c.Fields = append(c.Fields, order.FieldChange{Path: k, Current: text(current), New: text(want[k])})
		out[k] = want[k]
		delete(out, drop)
	}
	if sku, ok := want["sku"]; ok && matchingSKU(sku, now) != sku {
		set("sku", "product_id", lineSKU(now))
	}
	if p, ok := want["product_id"]; ok && !equal("", p, now["product_id"]) {
		set("product_id", "sku", now["product_id"])
	}
	for _, k := range lineFields {
		if v, ok := want[k]; ok && !equal(k, zeroForNone(v), zeroForNone(now[k])) {
			set(k, "", now[k])
		}
	}
	if len(c.Fields) > 0 {
		u.changes = append(u.changes, c)
	}
	return out
}

// lineMatch says which existing line each wanted line is.
type lineMatch struct {
	of          []int // index among the existing lines, -1 for a new line
	unsupported []Unsupported
}

// matchLines finds the existing line of each wanted line: by its id, else by SKU or product, the
// first for the first; a line that names neither is the one in its place if there are as many lines
// as before.
func matchLines(want, now []map[string]any) lineMatch {
	m := lineMatch{of: slices.Repeat([]int{-1}, len(want))}
	for i, line := range want {
		if lineID(line) != 0 {
			m.byID(i, lineID(line), now)
		}
	}
	for i, line := range want {
		if m.of[i] >= 0 || lineID(line) != 0 {
			continue
		}
		sku, product := line["sku"], line["product_id"]
		switch {
		case !blank(sku):
			m.of[i] = firstFree(now, m.of, func(n map[string]any) bool { return lineSKU(n) != "" && matchingSKU(sku, n) == sku })
		case !blank(product):
			m.of[i] = firstFree(now, m.of, func(n map[string]any) bool { return equal("", product, n["product_id"]) })
		case len(want) == len(now) && !slices.Contains(m.of, i):
			m.of[i] = i
		default:
			m.fail(i, "sku", "can't tell which line this row is", "give the line's id or its SKU")
		}
	}
	return m
}

func (m *lineMatch) byID(i int, id int64, now []map[string]any) {
	j := slices.IndexFunc(now, func(n map[string]any) bool { return lineID(n) == id })
	switch {
	case j < 0:
		m.fail(i, "id", fmt.Sprintf("the order has no line with the id %d", id), "leave the id out to add a line")
	case slices.Contains(m.of, j):
		m.fail(i, "id", fmt.Sprintf("two rows have the line id %d", id), "use one row for each line")
	default:
		m.of[i] = j
	}
}

func (m *lineMatch) fail(i int, field, why, hint string) {
	m.unsupported = append(m.unsupported, Unsupported{itemPath(i, field), why, hint})
}

// sameLines reports whether existing lines are as a list that was or would be sent says.
func sameLines(sent, now any) bool {
	u := compareLines(objects(sent), objects(now))
	return len(u.changes) == 0 && len(u.unsupported) == 0
}

// sendableLine returns an existing line as it would be sent.
func sendableLine(line map[string]any) map[string]any {
	out := map[string]any{"id": line["id"]}
	if sku := lineSKU(line); sku != "" {
		out["sku"] = sku
	} else if !blank(line["product_id"]) {
		out["product_id"] = line["product_id"]
	}
	for _, k := range lineFields {
		if v := line[k]; !blank(v) {
			out[k] = v
		}
	}
	return out
}

func sendableLines(list any) []map[string]any {
	lines := objects(list)
	out := make([]map[string]any, len(lines))
	for i, l := range lines {
		out[i] = sendableLine(l)
	}
	return out
}

func displayLines(lines []map[string]any) string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = fmt.Sprintf("%s x %s at %s", text(l["quantity"]), lineSKU(l), text(l["unit_price"]))
	}
	return strings.Join(out, "; ")
}
