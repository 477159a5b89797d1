package diff

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"ordersheet/internal/order"
)

// Progress says how an order is now, compared with a change that was planned for it.
type Progress struct {
	Done     []string     // names of Body (and tags) that are as wanted already
	Pending  []string     // names that are as they were when the change was planned
	NotShown []string     // names that answers don't show: they may be either
	Edited   []Difference // fields that are different now: Want is how they were
}

// ThreeWay says how an order is now, compared with what is to be done to it: which of the fields
// that would be sent are as wanted, as before, or neither, since somebody changed them meanwhile.
// Fields that aren't sent don't count, unless the order is to be cancelled or deleted.
func (r Rules) ThreeWay(c *order.Change, answer []byte) (p Progress, err error) {
	now, err := decodeAnswer(answer)
	if err != nil {
		return p, err
	}
	if c.Whole != nil {
		err = p.removal(c, now)
		return p, err
	}
	body, before, err := bodyAndBefore(c)
	if err != nil {
		return p, err
	}
	for _, key := range sortedKeys(body) {
		had, wasShown := before[key]
		there, shown := now[key]
		asWanted, asBefore := asSent(key, body[key], there), r.asBefore(key, had, there)
		switch {
		case !shown && (!wasShown || !blank(had)), asWanted && asBefore:
			p.NotShown = append(p.NotShown, key)
		case asWanted:
			p.Done = append(p.Done, key)
		case asBefore:
			p.Pending = append(p.Pending, key)
		default:
			p.Edited = append(p.Edited, edited(key, had, r.sendable(key, there))...)
		}
	}
	p.tags(c.Tags, now)
	p.received(c, now)
	return p, nil
}

// bodyAndBefore decodes what a change sends, and how that was; empty if it sends nothing.
func bodyAndBefore(c *order.Change) (body, before map[string]any, err error) {
	if c.Body == nil {
		return map[string]any{}, map[string]any{}, nil
	}
	if body, err = decode(c.Body); err == nil {
		before, err = decode(c.Before)
	}
	return body, before, err
}

// asSent reports whether a field is as a value that is or was sent says. Blank is the same as not
// there.
func asSent(key string, sent, there any) bool {
	switch key {
	case "items":
		return sameLines(sent, there)
	case "payments":
		return samePayments(objects(sent), sendablePayments(there))
	case "tags":
		return slices.Equal(tagNames(sent), tagNames(there))
	}
	differences := fieldDifferences(key, sent, there, true)
	_, isObject := sent.(map[string]any)
	return !slices.ContainsFunc(differences, func(d Difference) bool { return !isObject || !d.hidden })
}

// asBefore reports whether a field is as it was, and has nothing that it didn't have.
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

// edited returns the parts of a field that are different from what they were.
func edited(key string, had, there any) (out []Difference) {
	a, isObject := had.(map[string]any)
	b, isObjectNow := there.(map[string]any)
	if !isObject && !isObjectNow {
		return []Difference{{Path: key, Want: display(key, had), Actual: display(key, there)}}
	}
	for _, k := range sortedKeys(a, b) {
		if !equal(k, a[k], b[k]) {
			out = append(out, Difference{Path: key + "." + k, Want: text(a[k]), Actual: text(b[k])})
		}
	}
	return out
}

// tags compares tags that go by their own call. Adding tags overwrites none, so only what would
// be replaced can have been edited.
func (p *Progress) tags(c *order.TagChange, now map[string]any) {
	if c == nil {
		return
	}
	have := tagNames(now["tags"])
	switch {
	case c.Add && len(union(have, c.Names)) == len(have), !c.Add && slices.Equal(have, union(c.Names, nil)):
		p.Done = append(p.Done, "tags")
	case c.Add || slices.Equal(have, union(c.Before, nil)):
		p.Pending = append(p.Pending, "tags")
	default:
		p.Edited = append(p.Edited, Difference{Path: "tags", Want: strings.Join(c.Before, ", "), Actual: strings.Join(have, ", ")})
	}
}

// received finds lines that would be removed and of which more has been received meanwhile.
func (p *Progress) received(c *order.Change, now map[string]any) {
	for _, gone := range c.Lines {
		if gone.What != order.LineRemoved {
			continue
		}
		for i, line := range objects(now["items"]) {
			if got := received(line); lineID(line) == gone.ID && !amount(gone.Received).Equal(amount(got)) {
				p.Edited = append(p.Edited, Difference{Path: itemPath(i, "received_quantity"), Want: cmp.Or(gone.Received, "0"), Actual: got})
			}
		}
	}
}

// removal compares an order that is to be cancelled or deleted: anything that somebody changed
// about it counts.
func (p *Progress) removal(c *order.Change, now map[string]any) error {
	before, err := decodeAnswer(c.Whole)
	if err != nil {
		return err
	}
	if text(now["order_status"]) == c.RemovedStatus() {
		p.Done = []string{"order_status"}
		return nil
	}
	overlap("", before, now, &p.Edited)
	if had, ok := before[customFields].(map[string]any); ok { // wherever they are shown, all that have a value are
		there, _ := now[customFields].(map[string]any)
		for _, label := range sortedKeys(there) {
			if _, known := had[label]; !known && !blank(there[label]) {
				p.Edited = append(p.Edited, Difference{Path: customFields + "." + label, Actual: text(there[label])})
			}
		}
	}
	if len(p.Edited) == 0 {
		p.Pending = []string{"order_status"}
	}
	return nil
}

// overlap compares all that two answers about one order both have. A list's row and an order's own
// page don't show the same, and some of what they show is no content.
func overlap(path string, before, now any, out *[]Difference) {
	switch x := before.(type) {
	case map[string]any:
		if y, ok := now.(map[string]any); ok {
			for _, k := range sortedKeys(x) {
				if v, both := y[k]; both && k != "updated_at" && k != "age" {
					overlap(joinPath(path, k), x[k], v, out)
				}
			}
			return
		}
	case []any:
		if y, ok := now.([]any); ok && len(x) == len(y) {
			for i := range x {
				overlap(joinPath(path, strconv.Itoa(i)), x[i], y[i], out)
			}
			return
		}
	}
	if !equal("", before, now) {
		*out = append(*out, Difference{Path: path, Want: text(before), Actual: text(now)})
	}
}

// MissingFields returns the fields that were read when a change was planned and that this answer
// doesn't show: an order's own page may lack what a list has (earliest_ship_date, by the API's
// samples).
func MissingFields(c *order.Change, answer []byte) (out []string) {
	if c.Before == nil {
		return nil
	}
	before, now, err := decodePair(c.Before, answer)
	if err != nil {
		return nil
	}
	for _, key := range sortedKeys(before) {
		if _, shown := now[key]; !shown && !blank(before[key]) {
			out = append(out, key)
		}
	}
	return out
}

// Merge returns an answer with some fields of another answer about the same order.
func Merge(answer, other []byte, names []string) ([]byte, error) {
	out, more, err := decodePair(answer, other)
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		if v, shown := more[n]; shown {
			out[n] = v
		}
	}
	return json.Marshal(out)
}
