package diff

import (
	"encoding/json"
	"fmt"
	"maps"
	"ordersheet/internal/order"
	"slices"
	"strconv"
)

// Progress says how an order stands to a change that was planned for it.
type Progress struct {
	Done     []string     // names of Body (and tags) that are as meant already
	Pending  []string     // names that stand as they did when the change was planned
	NotShown []string     // names that answers don't show: they may be one or the other
	Edited   []Difference // fields that stand otherwise now: Meant is how they stood
}

// ThreeWay says how an order stands now to what is to be done to it: which of the fields that would be sent are as meant, as before, or neither,
// since somebody changed them meanwhile. Fields that aren't sent count for nothing, unless the order is to be cancelled or deleted.
func (r Rules) ThreeWay(c *order.Change, answer []byte) (s Progress, err error) {
	now, err := decode(answer)
	if err != nil {
		return s, fmt.Errorf("comparing orders: %w", err)
	}
	inPayloadWords(now)
	if c.Whole != nil {
		err = r.wholly(c, now, &s)
		return s, err
	}
	body, before := map[string]any{}, map[string]any{}
	if c.Body != nil {
		if body, err = decode(c.Body); err == nil {
			before, err = decode(c.Before)
		}
		if err != nil {
			return s, fmt.Errorf("comparing orders: %w", err)
		}
	}
	for _, key := range sortedKeys(body) {
		had, wasShown := before[key]
		there, shown := now[key]
		asMeant, asBefore := asSent(key, body[key], there), r.asBefore(key, had, there)
		switch {
		case !shown && (!wasShown || !blank(had)), asMeant && asBefore:
			s.NotShown = append(s.NotShown, key)
		case asMeant:
			s.Done = append(s.Done, key)
		case asBefore:
			s.Pending = append(s.Pending, key)
		default:
			s.Edited = append(s.Edited, moved(key, had, r.sendable(key, there))...)
		}
	}
	s.tags(c.Tags, now)
	r.receivedSince(c, now, &s)
	return s, nil
}

// MissingFields are the fields that were read when a change was planned and that this answer doesn't show: an order's own page may leave out what a list
// has (earliest_ship_date, by the API's samples).
func MissingFields(c *order.Change, answer []byte) (out []string) {
	if c.Before == nil {
		return nil
	}
	before, err := decode(c.Before)
	now, errNow := decode(answer)
	if err != nil || errNow != nil {
		return nil
	}
	inPayloadWords(now)
	for _, key := range sortedKeys(before) {
		if _, shown := now[key]; !shown && !blank(before[key]) {
			out = append(out, key)
		}
	}
	return out
}

// Merge is an answer with some fields of another answer about the same order.
func Merge(answer, by []byte, names []string) ([]byte, error) {
	out, err := decode(answer)
	if err != nil {
		return nil, fmt.Errorf("reading an order: %w", err)
	}
	more, err := decode(by)
	if err != nil {
		return nil, fmt.Errorf("reading an order: %w", err)
	}
	inPayloadWords(more)
	for _, n := range names {
		if v, shown := more[n]; shown {
			out[n] = v
		}
	}
	return json.Marshal(out)
}

// asSent says that a field stands as a value that is or was sent says. Blank is the same as not there.
func asSent(key string, sent, there any) bool {
	switch key {
	case "items":
		return sameLines(sent, there)
	case "payments":
		return samePayments(objects(sent), sendablePayments(there))
	case "tags":
		a, _ := sent.([]any)
		b, _ := there.([]any)
		return slices.Equal(names(a), names(b))
	}
	m, ok := sent.(map[string]any)
	if !ok {
		return len(leaves(key, sent, there, true)) == 0
	}
	for _, x := range leaves(key, m, there, true) {
		if !x.unseen {
			return false
		}
	}
	return true
}

// asBefore says that a field stands as it did, and has nothing that it didn't have.
func (r Rules) asBefore(key string, had, there any) bool {
	switch key {
	case "items":
		now := sendableLines(there)
		return sameLines(had, now) && sameLines(now, had)
	case "payments", "tags":
		return asSent(key, had, there)
	}
	return asSent(key, had, there) && asSent(key, r.sendable(key, there), had)
}

// moved are the parts of a field that stand otherwise than they did.
func moved(key string, had, there any) []Difference {
	a, isObject := had.(map[string]any)
	b, isObjectNow := there.(map[string]any)
	if !isObject && !isObjectNow {
		return []Difference{{Path: key, Want: shown(key, had), Actual: shown(key, there)}}
	}
	both := maps.Clone(a)
	if both == nil {
		both = map[string]any{}
	}
	maps.Copy(both, b)
	var out []Difference
	for _, k := range sortedKeys(both) {
		if !sameScalar(k, a[k], b[k]) {
			out = append(out, Difference{Path: key + "." + k, Want: show(a[k]), Actual: show(b[k])})
		}
	}
	return out
}

// shown is a field's value for people.
func shown(key string, v any) string {
	switch key {
	case "items":
		return showLines(objects(v))
	case "payments":
		return showPayments(sendablePayments(v))
	}
	if list, ok := v.([]any); ok {
		return joined(list)
	}
	return show(v)
}

func showLines(lines []map[string]any) string {
	text := ""
	for i, l := range lines {
		if i > 0 {
			text += "; "
		}
		text += fmt.Sprintf("%s x %s at %s", show(l["quantity"]), skuIn(l), show(l["unit_price"]))
	}
	return text
}

// tags says how tags stand that go by their own call. Adding tags overwrites nobody's, so only what would be replaced can have moved.
func (s *Progress) tags(c *order.TagChange, now map[string]any) {
	if c == nil {
		return
	}
	list, _ := now["tags"].([]any)
	have := names(list)
	switch {
	case c.Add && len(union(have, c.Names)) == len(have), !c.Add && slices.Equal(have, union(c.Names, nil)):
		s.Done = append(s.Done, "tags")
	case c.Add || slices.Equal(have, union(c.Before, nil)):
		s.Pending = append(s.Pending, "tags")
	default:
		s.Edited = append(s.Edited, Difference{Path: "tags", Want: fmt.Sprint(c.Before), Actual: fmt.Sprint(have)})
	}
}

// receivedSince finds lines that would be removed and of which more has been received meanwhile.
func (r Rules) receivedSince(c *order.Change, now map[string]any, s *Progress) {
	for _, gone := range c.Lines {
		if gone.What != order.LineRemoved {
			continue
		}
		for i, line := range objects(now["items"]) {
			if idIn(line) == gone.ID && !sameScalar("", json.Number(orZero(gone.Received)), json.Number(orZero(received(line)))) {
				s.Edited = append(s.Edited, Difference{Path: "items." + strconv.Itoa(i) + ".received_quantity", Want: orZero(gone.Received), Actual: received(line)})
			}
		}
	}
}

func orZero(s string) string {
	if s == "" {
		return "0"
	}
	return s
}

// wholly is Against for an order that is to go: anything that somebody changed about it counts.
func (r Rules) wholly(c *order.Change, now map[string]any, s *Progress) error {
	before, err := decode(c.Whole)
	if err != nil {
		return fmt.Errorf("comparing orders: %w", err)
	}
	inPayloadWords(before)
	if show(now["order_status"]) == c.RemovedStatus() {
		s.Done = []string{"order_status"}
		return nil
	}
	overlap("", before, now, &s.Edited)
	if had, ok := before[custom].(map[string]any); ok { // wherever they are shown, all that have a value are
		there, _ := now[custom].(map[string]any)
		for _, label := range sortedKeys(there) {
			if _, known := had[label]; !known && !blank(there[label]) {
				s.Edited = append(s.Edited, Difference{Path: custom + "." + label, Actual: show(there[label])})
			}
		}
	}
	if len(s.Edited) == 0 {
		s.Pending = []string{"order_status"}
	}
	return nil
}

// overlap compares all that two answers about one order both hold. A list's row and an order's own page don't show the same, and some of what
// they show is no content.
func overlap(path string, a, b any, out *[]Difference) {
	switch x := a.(type) {
	case map[string]any:
		if y, ok := b.(map[string]any); ok {
			for _, k := range sortedKeys(x) {
				if v, both := y[k]; both && k != "updated_at" && k != "age" {
					overlap(below(path, k), x[k], v, out)
				}
			}
			return
		}
	case []any:
		if y, ok := b.([]any); ok && len(x) == len(y) {
			for i := range x {
				overlap(below(path, strconv.Itoa(i)), x[i], y[i], out)
			}
			return
		}
	}
	if blank(a) && blank(b) || show(a) == show(b) || sameScalar("", a, b) {
		return
	}
	*out = append(*out, Difference{Path: path, Want: show(a), Actual: show(b)})
}

func below(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// RequiredInUpdate are the fields that the page "Update a purchase order" calls required in its table, and not in its sample. A read-only table.
var RequiredInUpdate = []string{"order_date", "supplier_id", "items"}

// WithRequired is the body of a PUT with the order's current values of all that the page's table calls required.
func (r Rules) WithRequired(body, stands []byte) ([]byte, error) {
	out, err := decode(body)
	if err != nil {
		return nil, fmt.Errorf("filling in an update: %w", err)
	}
	now, err := decode(stands)
	if err != nil {
		return nil, fmt.Errorf("filling in an update: %w", err)
	}
	inPayloadWords(now)
	for _, k := range RequiredInUpdate {
		if _, ok := out[k]; ok {
			continue
		}
		out[k] = r.sendable(k, now[k])
		if k == "items" {
			out[k] = sendableLines(now[k])
		}
	}
	return json.Marshal(out)
}
