package diff

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ordersheet/internal/order"
)

// Undo is what undoes what a run did to one order. Each field that the run wrote is in one of four
// places: the change, or one of these.
type Undo struct {
	order.Change               // sets fields back to what they were; Body and Tags are empty if nothing is to be sent
	Conflicts    []Difference  // somebody changed it since: Want is what the run wrote
	Irreversible []Unsupported // it can't be set back, and why
	Restored     []string      // it is as before already
}

// Sends reports whether something is to be sent.
func (u *Undo) Sends() bool { return u.Body != nil || u.Tags != nil }

// reverter is one Undo in progress.
type reverter struct {
	rules Rules
	out   Undo
	now   map[string]any
	back  map[string]any // what is to be set back, as a payload says it
}

// Undo finds out how the fields that a change wrote are set back to what they were before it. A
// field is set back only if it is as it was written, by the tolerances of Differences; of an
// address and of the custom fields each part counts for itself; the lines and the payments of a
// purchase order count as one field each, since an update replaces them as a whole. What wasn't
// there before is sent as null.
func (r Rules) Undo(done *order.Change, current []byte) (Undo, error) {
	u := reverter{rules: r, back: map[string]any{}}
	wrote, had, err := bodyAndBefore(done)
	if err == nil {
		u.now, err = decodeAnswer(current)
	}
	if err != nil {
		return Undo{}, err
	}
	for _, key := range sortedKeys(wrote) {
		u.field(key, wrote[key], had[key])
	}
	if done.Tags != nil {
		u.tags(done.Tags)
	}
	err = u.plan(current)
	return u.out, err
}

// field decides about one field that was written.
func (u *reverter) field(key string, wrote, had any) {
	there, shown := u.now[key]
	if key == "items" {
		had = withoutRemovedIDs(had, there)
	}
	_, isObject := wrote.(map[string]any)
	_, wasObject := had.(map[string]any)
	switch {
	case !shown:
		u.irreversible(key, "Luminous doesn't show this field, so ordersheet can't tell whether somebody changed it since")
	case isObject || wasObject:
		u.parts(key, wrote, had)
	case u.rules.asBefore(key, had, there):
		u.out.Restored = append(u.out.Restored, key)
	case !asWritten(key, wrote, had, there):
		u.conflict(key, display(key, wrote), display(key, u.rules.sendable(key, there)))
	default:
		u.setBack(key, had, there)
	}
}

func (u *reverter) irreversible(path, why string) {
	u.out.Irreversible = append(u.out.Irreversible, Unsupported{Path: path, Why: why})
}

func (u *reverter) conflict(path, wrote, actual string) {
	u.out.Conflicts = append(u.out.Conflicts, Difference{Path: path, Want: wrote, Actual: actual})
}

// asWritten reports whether a field is as it was written. Whether an update replaced tags or added
// to them isn't known: either is as written.
func asWritten(key string, wrote, had, there any) bool {
	return asSent(key, wrote, there) ||
		key == "tags" && slices.Equal(union(tagNames(had), tagNames(wrote)), tagNames(there))
}

// setBack plans to give a field the value that it had, where the API takes that.
func (u *reverter) setBack(key string, had, there any) {
	statuses := u.rules.Statuses
	switch {
	case key == "order_status" && (blank(had) || len(statuses) > 0 && !slices.Contains(statuses, text(had))):
		u.irreversible(key, fmt.Sprintf("it was %s, and by the API's update page, an update may not set it again", quoteBlank(text(had))))
	case key == "items":
		u.lines(had, there)
	case key == "tags" || key == "payments" || key == "order_numbers":
		if had == nil {
			had = []any{}
		}
		u.back[key] = had
	case blank(had) && !u.rules.Nullable[key]:
		u.irreversible(key, "it was blank, and the API doesn't allow clearing it")
	case blank(had):
		u.back[key] = nil
	default:
		u.back[key] = had
	}
}

// parts decides about each part of an address or of the custom fields.
func (u *reverter) parts(key string, wrote, had any) {
	w, _ := wrote.(map[string]any)
	h, _ := had.(map[string]any)
	now, _ := u.rules.sendable(key, u.now[key]).(map[string]any)
	back := map[string]any{}
	for _, part := range sortedKeys(w, h) {
		path := key + "." + part
		switch {
		case equal(part, w[part], h[part]): // it was sent along unchanged
		case equal(part, h[part], now[part]):
			u.out.Restored = append(u.out.Restored, path)
		case !equal(part, w[part], now[part]):
			u.conflict(path, text(w[part]), text(now[part]))
		case blank(h[part]) && key != customFields && !u.rules.Nullable[path]:
			u.irreversible(path, "it was blank, and the API doesn't allow clearing it")
		case blank(h[part]):
			back[part] = nil
		default:
			back[part] = h[part]
		}
	}
	if len(back) > 0 {
		u.back[key] = back
	}
}

// lines plans to set the lines of a purchase order back, unless goods were received that this would
// remove.
func (u *reverter) lines(had, there any) {
	lines := objects(had)
	if len(lines) == 0 {
		u.irreversible("items", "the order had no lines, and the API needs at least one")
		return
	}
	m := matchLines(lines, objects(there))
	for j, line := range objects(there) {
		got, want := amount(received(line)), amount(nil)
		if i := slices.Index(m.of, j); i >= 0 {
			want = amount(lines[i]["quantity"])
		}
		if got.GreaterThan(want) && want.LessThan(amount(line["quantity"])) {
			u.out.Conflicts = append(u.out.Conflicts, Difference{
				Path: "items", Actual: display("items", there),
				Why: fmt.Sprintf("%s of line %d (%s) was received", received(line), lineID(line), lineSKU(line)),
			})
			return
		}
	}
	u.back["items"] = withZeros(lines)
	if slices.Contains(m.of, -1) {
		u.out.Notes = append(u.out.Notes, "a removed line is restored as a new line, with another id")
	}
}

// withoutRemovedIDs returns a list of lines without the ids that no longer exist: such a line has
// to be added again.
func withoutRemovedIDs(had, there any) any {
	var out []any
	for _, line := range objects(had) {
		if !slices.ContainsFunc(objects(there), func(n map[string]any) bool { return lineID(n) == lineID(line) }) {
			line = maps.Clone(line)
			delete(line, "id")
		}
		out = append(out, line)
	}
	return out
}

// withZeros also says of lines that they had no tax and no discount.
func withZeros(lines []map[string]any) []any {
	out := make([]any, len(lines))
	for i, l := range lines {
		one := map[string]any{"tax": json.Number("0"), "discount_amount": json.Number("0")}
		maps.Copy(one, l)
		out[i] = one
	}
	return out
}

// tags decides about tags that went by their own call.
func (u *reverter) tags(c *order.TagChange) {
	_, shown := u.now["tags"].([]any)
	have, had, wrote := tagNames(u.now["tags"]), union(c.Before, nil), union(c.Names, nil)
	if c.Add {
		wrote = union(had, wrote)
	}
	var added []string // tags that are there because the run added them
	for _, n := range have {
		if slices.Contains(wrote, n) && !slices.Contains(had, n) {
			added = append(added, n)
		}
	}
	switch {
	case !shown:
		u.irreversible("tags", "Luminous doesn't show the order's tags")
	case slices.Equal(have, had), c.Add && len(added) == 0:
		u.out.Restored = append(u.out.Restored, "tags")
	case c.Add: // tags that somebody added or removed meanwhile are left as they are
		u.back["tags"] = slices.DeleteFunc(have, func(n string) bool { return slices.Contains(added, n) })
	case slices.Equal(have, wrote):
		u.back["tags"] = had
	default:
		u.conflict("tags", strings.Join(wrote, ", "), strings.Join(have, ", "))
	}
}

// plan makes a change of what is to be set back. What that can't be is irreversible.
func (u *reverter) plan(current []byte) error {
	r := u.rules
	r.ReplacePayments, r.replaceNumbers, r.Tags = true, true, TagsReplaced // it is known what the call that replaces tags does
	for {
		payload, err := json.Marshal(u.back)
		if err != nil {
			return err
		}
		d, err := r.Compare(payload, current)
		if err != nil {
			return err
		}
		for _, s := range d.ReadOnly {
			d.Unsupported = append(d.Unsupported, Unsupported{Path: s.Path, Why: "an update can't change it"})
		}
		if len(d.Unsupported) == 0 {
			d.Notes = u.out.Notes
			if list, ok := u.back["payments"].([]any); ok && len(list) > 0 {
				d.Notes = append(d.Notes, paymentsRewritten)
			}
			u.out.Change = d.Change
			return nil
		}
		for _, t := range d.Unsupported {
			key, _, _ := strings.Cut(t.Path, ".")
			if _, there := u.back[key]; there {
				u.irreversible(key, t.Why)
			}
			delete(u.back, key)
		}
	}
}
