package diff

import (
	"encoding/json"
	"fmt"
	"ordersheet/internal/order"
	"slices"
	"strconv"
)

// lineFields are those of a line that PUT takes (API page "Update a purchase order"), but for its id and its product. A read-only table.
var lineFields = []string{"quantity", "unit_price", "tax", "discount_amount"}

// lines compares the lines of a purchase order. PUT replaces the whole list: a line that is sent with its id is changed, one without is added,
// one that is left out is removed. So when any line changes, every surviving line is sent with its id.
func (d *diffing) lines() {
	meant, now := objects(d.meant["items"]), objects(d.now["items"])
	m := matchLines(meant, now)
	d.Unsupported = append(d.Unsupported, m.wrong...)
	body := make([]any, len(meant))
	for i, line := range meant {
		if m.of[i] < 0 {
			body[i] = line
			d.added(i, line)
			continue
		}
		body[i] = d.changed(i, line, now[m.of[i]])
	}
	for j, line := range now {
		if !slices.Contains(m.of, j) && len(m.wrong) == 0 {
			d.Change.Lines = append(d.Change.Lines, order.LineChange{What: order.LineRemoved, Line: -1, ID: idIn(line), SKU: skuIn(line), Received: received(line)})
		}
	}
	if len(d.Change.Lines) == 0 {
		return
	}
	d.body["items"], d.before["items"] = body, sendableLines(d.now["items"])
}

// added says that a line is new, and what it lacks.
func (d *diffing) added(i int, line map[string]any) {
	c := order.LineChange{What: order.LineAdded, Line: i, SKU: show(line["sku"])}
	for _, k := range append([]string{"sku", "product_id"}, lineFields...) {
		if v, ok := line[k]; ok && !blank(v) {
			c.Fields = append(c.Fields, order.FieldChange{Path: k, New: show(v)})
		}
	}
	d.Change.Lines = append(d.Change.Lines, c)
	need := []string{"quantity", "unit_price"}
	if blank(line["product_id"]) {
		need = append(need, "sku")
	}
	for _, k := range need {
		if blank(line[k]) {
			d.Unsupported = append(d.Unsupported, Unsupported{
				fmt.Sprintf("items.%d.%s", i, k), "the order has no such line yet, and a new line needs its " + k, "give the " + k + ", or the id of the line that is meant",
			})
		}
	}
}

// changed is a standing line as it is to be sent, and notes what changes about it.
func (d *diffing) changed(i int, meant, now map[string]any) any {
	out := sendableLine(now)
	c := order.LineChange{What: order.LineChanged, Line: i, ID: idIn(now), SKU: skuIn(now), Received: received(now)}
	set := func(k, drop string, now any) {
		c.Fields = append(c.Fields, order.FieldChange{Path: k, Current: show(now), New: show(meant[k])})
		out[k] = meant[k]
		delete(out, drop)
	}
	if sku, ok := meant["sku"]; ok && anySKU(sku, now) != sku {
		set("sku", "product_id", skuIn(now))
	}
	if p, ok := meant["product_id"]; ok && !sameScalar("", p, now["product_id"]) {
		set("product_id", "sku", now["product_id"])
	}
	for _, k := range lineFields {
		if v, ok := meant[k]; ok && !sameScalar(k, zeroForNone(v), zeroForNone(now[k])) {
			set(k, "", now[k])
		}
	}
	if len(c.Fields) > 0 {
		d.Change.Lines = append(d.Change.Lines, c)
	}
	return out
}

// zeroForNone reads a missing amount as 0: the API answers so.
func zeroForNone(v any) any {
	if v == nil {
		return json.Number("0")
	}
	return v
}

// lineMatch says which standing line each line of a payload is.
type lineMatch struct {
	of    []int // index among the standing lines, -1 for a new line
	wrong []Unsupported
}

// matchLines finds the standing line of each line of a payload: by its id, else by SKU or product, the first for the first; a line that names
// neither stands for the one in its place when there are as many lines as before.
func matchLines(meant, now []map[string]any) lineMatch {
	m := lineMatch{of: make([]int, len(meant))}
	for i, line := range meant {
		m.of[i] = -1
		id := idIn(line)
		if id == 0 {
			continue
		}
		j := slices.IndexFunc(now, func(n map[string]any) bool { return idIn(n) == id })
		switch {
		case j < 0:
			m.wrong = append(m.wrong, Unsupported{fmt.Sprintf("items.%d.id", i), fmt.Sprintf("the order has no line with the id %d", id), "leave the id out to add a line"})
		case slices.Contains(m.of[:i], j):
			m.wrong = append(m.wrong, Unsupported{fmt.Sprintf("items.%d.id", i), fmt.Sprintf("two rows name the line with the id %d", id), "each row is one line"})
		default:
			m.of[i] = j
		}
	}
	for i, line := range meant {
		if m.of[i] >= 0 || idIn(line) != 0 {
			continue
		}
		sku, product := line["sku"], line["product_id"]
		switch {
		case !blank(sku):
			m.take(i, now, func(n map[string]any) bool { return hasSKU(sku, n) })
		case !blank(product):
			m.take(i, now, func(n map[string]any) bool { return sameScalar("", product, n["product_id"]) })
		case len(meant) == len(now) && !slices.Contains(m.of, i):
			m.of[i] = i
		default:
			m.wrong = append(m.wrong, Unsupported{fmt.Sprintf("items.%d.sku", i), "it can't be told which line this row is", "give the line's id or its SKU"})
		}
	}
	return m
}

// take gives a line the first standing line that fits and that no other has.
func (m *lineMatch) take(i int, now []map[string]any, fits func(map[string]any) bool) {
	for j, n := range now {
		if fits(n) && !slices.Contains(m.of, j) {
			m.of[i] = j
			return
		}
	}
}

// sameLines says that standing lines are as a list that was or would be sent says.
func sameLines(sent, now any) bool {
	d := diffing{meant: map[string]any{"items": sent}, now: map[string]any{"items": now}, body: map[string]any{}, before: map[string]any{}}
	d.lines()
	return len(d.Change.Lines) == 0 && len(d.Unsupported) == 0
}

// sendableLine is a standing line as it would be sent.
func sendableLine(line map[string]any) map[string]any {
	out := map[string]any{"id": line["id"]}
	if sku := skuIn(line); sku != "" {
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

// sendableLines are standing lines as they would be sent.
func sendableLines(list any) []map[string]any {
	lines := objects(list)
	out := make([]map[string]any, len(lines))
	for i, l := range lines {
		out[i] = sendableLine(l)
	}
	return out
}

// hasSKU says that a line is one of a SKU, by whatever name.
func hasSKU(sku any, line map[string]any) bool { return skuIn(line) != "" && anySKU(sku, line) == sku }

// skuIn is the SKU by which a line is shown: the one it was sent with, else its product's.
func skuIn(line map[string]any) string {
	product, _ := line["product"].(map[string]any)
	for _, v := range []any{line["source_sku"], line["sku"], product["sku"]} {
		if s := show(v); s != "" {
			return s
		}
	}
	return ""
}

func idIn(line map[string]any) int64 {
	id, err := strconv.ParseInt(show(line["id"]), 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// received is what has been received of a line; empty for none.
func received(line map[string]any) string {
	if v := line["received_quantity"]; !blank(v) && !sameScalar("", v, json.Number("0")) {
		return show(v)
	}
	return ""
}

// objects are the objects of a list.
func objects(list any) []map[string]any {
	if maps, ok := list.([]map[string]any); ok {
		return maps
	}
	all, _ := list.([]any)
	out := make([]map[string]any, 0, len(all))
	for _, v := range all {
		if o, ok := v.(map[string]any); ok {
			out = append(out, o)
		}
	}
	return out
}
