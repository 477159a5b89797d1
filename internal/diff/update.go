package diff

import (
	"encoding/json"
	"fmt"
	"ordersheet/internal/order"
	"slices"
	"sort"
	"strings"
)

// Rules say what an update of a kind may change, and how it is meant where the API or the sheet leaves that open.
type Rules struct {
	Kind            order.Kind
	Changeable      map[string]bool // by path: what the API's update takes, such as bill_to.name
	Statuses        []string        // what the update's page lists for order_status; nil: whatever the kind has
	Tags            string          // TagsAsSent, TagsReplaced or TagsAdded
	ReplacePayments bool            // the sheet's payments are all that there shall be; else they are merged with those that stand
	SentBefore      bool            // this very payload was sent before: what answers don't show is taken to stand as meant
	Nullable        map[string]bool // by path: what may be sent as null
}

// What is to become of tags that the sheet doesn't name.
const (
	TagsAsSent   = ""        // tags go with the update; the API's pages don't say whether that replaces them or adds to them
	TagsReplaced = "replace" // they go, by the call that replaces the tags of a sales order
	TagsAdded    = "add"     // they stay, by the call that adds tags to a sales order
)

// Unsupported is why an order can't be changed as the sheet wants it.
type Unsupported struct {
	Path string // of the payload: items.2.id
	Why  string
	Hint string
}

// Update is what would have to be done to a standing order to have it as meant.
type Update struct {
	order.Change
	ReadOnly    []Difference // fields that differ and that the API can't change
	Unsupported []Unsupported
	NotShown    []string // names in Body that are there only because the answer doesn't show them
}

// Empty says that nothing needs to be sent.
func (d *Update) Empty() bool { return d.Body == nil && d.Tags == nil }

// diffing is one comparison on its way.
type diffing struct {
	Rules
	Update
	meant, now, body, before map[string]any
}

// Compare finds what has to change about a standing order for it to be as a payload says, and only that: what the payload doesn't name is left
// alone, and so is what is the same as meant, by the tolerances of Differences. A null in the payload empties a field. An address and the custom
// fields are sent whole, with the current values of what doesn't change, since the API doesn't say whether it replaces or merges them.
func (r Rules) Compare(payload, stands []byte) (Update, error) {
	d := diffing{Rules: r, body: map[string]any{}, before: map[string]any{}}
	var err error
	if d.meant, err = decode(payload); err == nil {
		d.now, err = decode(stands)
	}
	if err != nil {
		return Update{}, fmt.Errorf("comparing orders: %w", err)
	}
	inPayloadWords(d.now)
	for _, key := range sortedKeys(d.meant) {
		switch {
		case key == "items" && r.Kind == order.PurchaseOrders:
			d.list(key, "lines", d.lines)
		case key == "payments":
			d.list(key, "payments", d.payments)
		case key == "tags":
			d.tags()
		case key == "order_numbers":
			d.numbers()
		default:
			d.field(key)
		}
	}
	d.Channel = show(d.now["channel_id"])
	if len(d.body) > 0 {
		if d.Body, err = json.Marshal(d.body); err == nil {
			d.Before, err = json.Marshal(d.before)
		}
	}
	return d.Update, err
}

// list compares a list that is replaced as a whole, which can't be done unseen.
func (d *diffing) list(key, word string, compare func()) {
	if _, shown := d.now[key]; !shown {
		d.Unsupported = append(d.Unsupported, Unsupported{key, "the order's " + word + " can't be read, so they can't be changed", "change them in Luminous"})
		return
	}
	compare()
}

// Removal is what cancels a sales order or deletes a purchase order.
func (r Rules) Removal(stands []byte) (order.Change, error) {
	c := order.Change{Whole: stands}
	now, err := decode(stands)
	if err != nil {
		return c, fmt.Errorf("comparing orders: %w", err)
	}
	c.Channel = show(now["channel_id"])
	status := show(now["order_status"])
	if r.Kind == order.PurchaseOrders {
		c.Fields = []order.FieldChange{{Path: "order_status", Current: status, New: "deleted"}}
		c.Notes = []string{"a purchase order that is deleted can't be brought back; it can only be created again, with another id"}
		return c, nil
	}
	c.Fields = []order.FieldChange{{Path: "order_status", Current: status, New: "cancelled"}}
	if note := r.noWayBack(status); note != "" {
		c.Notes = []string{note}
	}
	c.Body = json.RawMessage(`{"order_status":"cancelled"}`)
	c.Before, err = json.Marshal(map[string]string{"order_status": status})
	return c, err
}

// field compares one field of the order itself.
func (d *diffing) field(key string) {
	there, shown := d.now[key]
	if strings.HasPrefix(key, "total_") {
		d.meant[key] = zeroForNone(d.meant[key]) // null is the API's word for the default, which is 0
	}
	if !d.may(key) {
		var c comparison
		if shown {
			c.value("", key, d.meant[key], there)
		}
		d.ReadOnly = append(d.ReadOnly, c...)
		return
	}
	diffs := leaves(key, d.meant[key], there, shown)
	unseen := !slices.ContainsFunc(diffs, func(x Difference) bool { return !x.unseen })
	if len(diffs) == 0 || unseen && d.SentBefore {
		return
	}
	if unseen {
		d.NotShown = append(d.NotShown, key)
	}
	d.body[key] = d.overlaid(key, there)
	if shown {
		d.before[key] = d.withBlanks(key, there)
	}
	for _, x := range diffs {
		d.Fields = append(d.Fields, order.FieldChange{Path: x.Path, Current: x.Actual, New: x.Want})
	}
	if address, ok := d.body[key].(map[string]any); ok && d.Kind == order.SalesOrders && d.Changeable[key+".name"] && blank(address["name"]) {
		d.Unsupported = append(d.Unsupported, Unsupported{key + ".name", "an address needs a name: the sheet gives none, and the order has none", "give the name"})
	}
	d.note(key)
}

// may says that an update takes a field, or some part of it.
func (d *diffing) may(key string) bool {
	if d.Changeable[key] {
		return true
	}
	return len(d.parts(key)) > 0 || key == custom && d.Changeable[custom+".*"]
}

// custom is the name of the custom fields.
const custom = "custom_fields"

// parts are the parts of an address that can be sent, sorted.
func (r Rules) parts(key string) []string {
	if key == custom || key == "items" || key == "payments" {
		return nil
	}
	var out []string
	for path := range r.Changeable {
		if part, ok := strings.CutPrefix(path, key+"."); ok {
			out = append(out, part)
		}
	}
	sort.Strings(out)
	return out
}

// sendable is a field's current value as it would be sent.
func (r Rules) sendable(key string, there any) any {
	if key == custom {
		if m, ok := there.(map[string]any); ok {
			return m
		}
		return map[string]any{} // null, or PHP's empty list
	}
	if parts := r.parts(key); len(parts) > 0 {
		m, ok := there.(map[string]any)
		if !ok {
			return nil
		}
		out := map[string]any{}
		for _, p := range parts {
			if !blank(m[p]) {
				out[p] = m[p]
			}
		}
		return out
	}
	if key == "tags" {
		list, _ := there.([]any)
		return names(list)
	}
	if s, ok := there.(string); ok && strings.HasSuffix(key, "_date") && len(s) > 10 {
		return s[:10]
	}
	return there
}

// withBlanks is sendable, with the parts of an address that are shown and blank: somebody may fill them in.
func (r Rules) withBlanks(key string, there any) any {
	out, ok := r.sendable(key, there).(map[string]any)
	m, _ := there.(map[string]any)
	if !ok || m == nil {
		return r.sendable(key, there)
	}
	for _, p := range r.parts(key) {
		if v, shown := m[p]; shown && blank(v) {
			out[p] = nil
		}
	}
	return out
}

// overlaid is what is sent for a field: of an address and of custom fields all of it, with the current values of what the sheet doesn't name.
func (d *diffing) overlaid(key string, there any) any {
	m, ok := d.meant[key].(map[string]any)
	if !ok {
		return d.meant[key]
	}
	out := map[string]any{}
	if current, ok := d.sendable(key, there).(map[string]any); ok {
		for k, v := range current {
			out[k] = v
		}
	}
	for k, v := range m {
		out[k] = v
	}
	return out
}

// leaves compares a field part by part. What an answer that shows the field says nothing of is blank, but for parts of an address: every part
// may be missing there (API page "Update a sales order").
func leaves(key string, meant, there any, shown bool) (out []Difference) {
	m, ok := meant.(map[string]any)
	if !ok {
		var c comparison
		if !shown {
			return []Difference{{Path: key, Want: show(meant), unseen: true}}
		}
		c.value("", key, meant, there)
		return c
	}
	s, isObject := there.(map[string]any)
	for _, k := range sortedKeys(m) {
		v, has := s[k]
		unseen := !shown || isObject && !has && key != custom
		if sameScalar(k, m[k], v) && shown {
			continue
		}
		out = append(out, Difference{Path: key + "." + k, Want: show(m[k]), Actual: show(v), unseen: unseen})
	}
	return out
}

// numbers adds those of the sheet's order numbers that the order doesn't have. A sheet names an order by one of them, so none is taken away.
func (d *diffing) numbers() {
	list, _ := d.meant["order_numbers"].([]any)
	there, _ := d.now["order_numbers"].([]any)
	all := slices.Clone(there)
	for _, n := range list {
		if !slices.ContainsFunc(there, func(x any) bool { return sameScalar("", n, x) }) {
			all = append(all, n)
		}
	}
	if len(all) == len(there) {
		return
	}
	d.body["order_numbers"], d.before["order_numbers"] = all, there
	if there == nil {
		d.before["order_numbers"] = []any{}
	}
	d.Fields = append(d.Fields, order.FieldChange{Path: "order_numbers", Current: joined(there), New: joined(all)})
}

// tags compares the sheet's tags with the order's.
func (d *diffing) tags() {
	list, _ := d.meant["tags"].([]any)
	there, shown := d.now["tags"].([]any)
	want, have := names(list), names(there)
	then := want
	if d.Tags == TagsAdded {
		then = union(have, want)
	}
	same := slices.Equal(then, have)
	if shown && same || !shown && d.SentBefore {
		return
	}
	if d.Tags != TagsAsSent && d.Kind == order.SalesOrders {
		d.Update.Tags = &order.TagChange{Add: d.Tags == TagsAdded, Names: want, Before: have}
	} else {
		d.body["tags"] = then
		if shown {
			d.before["tags"] = have
		} else {
			d.NotShown = append(d.NotShown, "tags")
		}
		if d.Tags != TagsAdded && shown && len(have) > 0 {
			d.Notes = append(d.Notes, "it is assumed that an update replaces the tags; the first such order is read again to find out")
		}
	}
	d.Fields = append(d.Fields, order.FieldChange{Path: "tags", Current: strings.Join(have, ", "), New: strings.Join(then, ", ")})
}

// note says what can't be taken back about a field, and what is assumed.
func (d *diffing) note(key string) {
	if key != "order_status" || len(d.Statuses) == 0 {
		return
	}
	if s := show(d.meant[key]); !slices.Contains(d.Statuses, s) {
		d.Notes = append(d.Notes, fmt.Sprintf("order_status %s isn't among those that the API's update page lists; it is tried once", s))
	}
	if note := d.noWayBack(show(d.now[key])); note != "" {
		d.Notes = append(d.Notes, note)
	}
}

// noWayBack says that a status can't be set again, as far as is known.
func (r Rules) noWayBack(status string) string {
	if status == "" || len(r.Statuses) == 0 || slices.Contains(r.Statuses, status) {
		return ""
	}
	return fmt.Sprintf("order_status %s can't be taken back: an update may not set it again, by the API's update page", status)
}

func union(a, b []string) []string {
	out := slices.Concat(a, b)
	sort.Strings(out)
	return slices.Compact(out)
}

func joined(list []any) string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = show(v)
	}
	return strings.Join(out, ", ")
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
