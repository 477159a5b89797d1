package diff

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"ordersheet/internal/order"
)

// Update is what has to be done to an existing order for it to be as wanted.
type Update struct {
	order.Change
	ReadOnly    []Difference // fields that differ and that the API can't change
	Unsupported []Unsupported
	NotShown    []string // names in Body that are there only because the answer doesn't show them
}

// Empty reports whether nothing needs to be sent.
func (u *Update) Empty() bool { return u.Body == nil && u.Tags == nil }

// paymentsRewritten is the note of a change that sends payments.
const paymentsRewritten = "all payments of the order are written again, so each gets another id in Luminous"

// updater is one comparison in progress.
type updater struct {
	Rules
	out                     Update
	want, now, body, before map[string]any
}

// Compare finds what has to change about an existing order for it to be as a payload says, and only
// that: what the payload doesn't name is left alone, and so is what is as wanted by the tolerances
// of Differences. A null in the payload clears a field. An address and the custom fields are sent
// whole, with the current values of what doesn't change, since the API doesn't say whether it
// replaces or merges them.
func (r Rules) Compare(payload, current []byte) (Update, error) {
	u := updater{Rules: r, body: map[string]any{}, before: map[string]any{}}
	var err error
	if u.want, u.now, err = decodePair(payload, current); err != nil {
		return Update{}, err
	}
	for _, key := range sortedKeys(u.want) {
		switch {
		case key == "items" && r.Kind == order.PurchaseOrders:
			u.list(key, "lines", u.lines)
		case key == "payments":
			u.list(key, "payments", u.payments)
		case key == "tags":
			u.tags()
		case key == "order_numbers":
			u.numbers()
		default:
			u.field(key)
		}
	}
	u.out.Channel = text(u.now["channel_id"])
	if len(u.body) > 0 {
		if u.out.Body, err = json.Marshal(u.body); err == nil {
			u.out.Before, err = json.Marshal(u.before)
		}
	}
	return u.out, err
}

// list compares a list that is replaced as a whole, which can't be done unless it is shown.
func (u *updater) list(key, word string, compare func()) {
	if _, shown := u.now[key]; !shown {
		u.out.Unsupported = append(u.out.Unsupported, Unsupported{
			key, "the order's " + word + " can't be read, so they can't be changed", "change them in Luminous",
		})
		return
	}
	compare()
}

func (u *updater) lines() {
	l := compareLines(objects(u.want["items"]), objects(u.now["items"]))
	u.out.Unsupported = append(u.out.Unsupported, l.unsupported...)
	u.out.Lines = l.changes
	if len(l.changes) > 0 {
		u.body["items"], u.before["items"] = l.body, sendableLines(u.now["items"])
	}
}

// payments compares the payments of a purchase order. PUT replaces all of them, so the existing
// ones are sent too, unless the wanted ones replace them.
func (u *updater) payments() {
	want, now := objects(u.want["payments"]), sendablePayments(u.now["payments"])
	then := slices.Clone(want)
	if !u.ReplacePayments {
		then = mergePayments(want, now)
	}
	if samePayments(then, now) {
		return
	}
	u.set("payments", then, now, displayPayments(now), displayPayments(then))
	if len(now) > 0 {
		u.out.Notes = append(u.out.Notes, paymentsRewritten)
	}
}

func (u *updater) set(key string, value, before any, current, then string) {
	u.body[key], u.before[key] = value, before
	u.out.Fields = append(u.out.Fields, order.FieldChange{Path: key, Current: current, New: then})
}

// numbers adds those of the sheet's order numbers that the order doesn't have. A sheet names an
// order by one of them, so none is removed.
func (u *updater) numbers() {
	all, _ := u.want["order_numbers"].([]any)
	there, _ := u.now["order_numbers"].([]any)
	if !u.replaceNumbers {
		added := slices.DeleteFunc(slices.Clone(all), func(n any) bool {
			return slices.ContainsFunc(there, func(x any) bool { return equal("", n, x) })
		})
		all = slices.Concat(there, added)
	}
	if !slices.Equal(tagNames(all), tagNames(there)) {
		u.set("order_numbers", all, append([]any{}, there...), display("", there), display("", all))
	}
}

func (u *updater) tags() {
	there, shown := u.now["tags"].([]any)
	want, have := tagNames(u.want["tags"]), tagNames(there)
	then := want
	if u.Tags == TagsAdded {
		then = union(have, want)
	}
	if shown && slices.Equal(then, have) || !shown && u.SentBefore {
		return
	}
	if u.Tags != TagsAsSent && u.Kind == order.SalesOrders {
		u.out.Tags = &order.TagChange{Add: u.Tags == TagsAdded, Names: want, Before: have}
	} else {
		u.body["tags"] = then
		if shown {
			u.before["tags"] = have
		} else {
			u.out.NotShown = append(u.out.NotShown, "tags")
		}
		if u.Tags != TagsAdded && shown && len(have) > 0 {
			u.out.Notes = append(u.out.Notes, "assumes that an update replaces the tags; the first such order is read again to find out")
		}
	}
	u.out.Fields = append(u.out.Fields, order.FieldChange{Path: "tags", Current: strings.Join(have, ", "), New: strings.Join(then, ", ")})
}

// field compares one field of the order itself.
func (u *updater) field(key string) {
	want := u.want[key]
	there, shown := u.now[key]
	if strings.HasPrefix(key, "total_") {
		want = zeroForNone(want) // null is the API's word for the default, which is 0
	}
	if !u.takes(key) {
		var c comparison
		if shown {
			c.value(key, key, want, there)
		}
		u.out.ReadOnly = append(u.out.ReadOnly, c...)
		return
	}
	diffs := fieldDifferences(key, want, there, shown)
	hidden := !slices.ContainsFunc(diffs, func(d Difference) bool { return !d.hidden })
	if len(diffs) == 0 || hidden && u.SentBefore {
		return
	}
	if hidden {
		u.out.NotShown = append(u.out.NotShown, key)
	}
	u.body[key] = u.overlay(key, want, there)
	if shown {
		u.before[key] = u.withBlanks(key, there)
	}
	for _, d := range diffs {
		u.out.Fields = append(u.out.Fields, order.FieldChange{Path: d.Path, Current: d.Actual, New: d.Want})
	}
	address, ok := u.body[key].(map[string]any)
	if ok && u.Kind == order.SalesOrders && u.Changeable[key+".name"] && blank(address["name"]) {
		u.out.Unsupported = append(u.out.Unsupported, Unsupported{
			key + ".name", "an address needs a name, but neither the sheet nor the order has one", "add the name",
		})
	}
	u.noteStatus(key)
}

// fieldDifferences compares a field part by part. What an answer that shows the field doesn't have
// is blank, except for parts of an address: each of them may be missing (API page "Update a sales
// order").
func fieldDifferences(key string, want, there any, shown bool) (out []Difference) {
	w, ok := want.(map[string]any)
	switch {
	case !ok && !shown:
		return []Difference{{Path: key, Want: text(want), hidden: true}}
	case !ok:
		var c comparison
		c.value(key, key, want, there)
		return c
	}
	current, isObject := there.(map[string]any)
	for _, k := range sortedKeys(w) {
		v, has := current[k]
		if !shown || !equal(k, w[k], v) {
			out = append(out, Difference{
				Path: key + "." + k, Want: text(w[k]), Actual: text(v), hidden: !shown || isObject && !has && key != customFields,
			})
		}
	}
	return out
}

// noteStatus notes what can't be undone about a status, and what is assumed.
func (u *updater) noteStatus(key string) {
	if key != "order_status" || len(u.Statuses) == 0 {
		return
	}
	if s := text(u.want[key]); !slices.Contains(u.Statuses, s) {
		u.out.Notes = append(u.out.Notes, fmt.Sprintf("the API's update page doesn't list order_status %s; it is tried once", s))
	}
	if note := u.finalStatusNote(text(u.now[key])); note != "" {
		u.out.Notes = append(u.out.Notes, note)
	}
}

// finalStatusNote says that a status can't be set again; empty if it can, as far as is known.
func (r Rules) finalStatusNote(status string) string {
	if status == "" || len(r.Statuses) == 0 || slices.Contains(r.Statuses, status) {
		return ""
	}
	return fmt.Sprintf("order_status %s can't be restored: by the API's update page, an update may not set it again", status)
}

// Removal returns the change that cancels a sales order or deletes a purchase order.
func (r Rules) Removal(current []byte) (order.Change, error) {
	c := order.Change{Whole: current}
	now, err := decode(current)
	if err != nil {
		return c, err
	}
	c.Channel = text(now["channel_id"])
	status := text(now["order_status"])
	c.Fields = []order.FieldChange{{Path: "order_status", Current: status, New: r.Kind.RemovedStatus()}}
	if r.Kind == order.PurchaseOrders {
		c.Notes = []string{"a deleted purchase order can't be restored; it can only be created again, with another id"}
		return c, nil
	}
	if note := r.finalStatusNote(status); note != "" {
		c.Notes = []string{note}
	}
	c.Body = json.RawMessage(`{"order_status":"cancelled"}`)
	c.Before, err = json.Marshal(map[string]string{"order_status": status})
	return c, err
}

// RequiredInUpdate are the fields that the page "Update a purchase order" calls required in its
// table, and not in its sample.
var RequiredInUpdate = []string{"order_date", "supplier_id", "items"}

// WithRequired returns the body of a PUT with the order's current values of all that the page's
// table calls required.
func (r Rules) WithRequired(body, current []byte) ([]byte, error) {
	out, now, err := decodePair(body, current)
	if err != nil {
		return nil, err
	}
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
