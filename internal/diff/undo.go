package diff

import (
	"encoding/json"
	"fmt"
	"ordersheet/internal/order"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Undo is what takes back what a run did to one order. Each field that the run wrote is in one of four places.
type Undo struct {
	order.Change               // what is to be sent, to have fields as they were; Body and Tags are empty when nothing is
	Conflicts    []Difference  // somebody changed it since: Meant is what the run wrote, Stands what stands now
	Irreversible []Unsupported // it can't be set back, and why
	Restored     []string      // it stands as before already
}

// Sends says that something is to be sent.
func (u *Undo) Sends() bool { return u.Body != nil || u.Tags != nil }

// undoing is one Undo on its way.
type undoing struct {
	Rules
	Undo
	now  map[string]any
	back map[string]any // what is to stand again, as a payload says it
}

// Undo finds out how the fields that a change wrote are set back to what they were before it. A field is set back only when it stands as it was
// written, by the tolerances of Differences; of an address and of the custom fields each part counts for itself; the lines and the payments of a
// purchase order count as one field each, since an update replaces them as a whole. What wasn't there before is sent as null.
func (r Rules) Undo(done *order.Change, stands []byte) (Undo, error) {
	u := undoing{Rules: r, back: map[string]any{}}
	wrote, had := map[string]any{}, map[string]any{}
	var err error
	if u.now, err = decode(stands); err == nil && done.Body != nil {
		if wrote, err = decode(done.Body); err == nil {
			had, err = decode(done.Before)
		}
	}
	if err != nil {
		return Undo{}, fmt.Errorf("comparing orders: %w", err)
	}
	inPayloadWords(u.now)
	for _, key := range sortedKeys(wrote) {
		u.field(key, wrote[key], had[key])
	}
	if done.Tags != nil {
		u.taggedBack(done.Tags)
	}
	err = u.plan(stands)
	return u.Undo, err
}

// field finds out what becomes of one field that was written.
func (u *undoing) field(key string, wrote, had any) {
	there, shown := u.now[key]
	if key == "items" {
		had = withoutLost(had, there)
	}
	_, isObject := wrote.(map[string]any)
	_, wasObject := had.(map[string]any)
	switch {
	case !shown:
		u.lose(key, "Luminous doesn't show this field, so it can't be told what it was or whether somebody changed it since")
	case isObject || wasObject:
		u.partsOf(key, wrote, had)
	case u.asBefore(key, had, there):
		u.Restored = append(u.Restored, key)
	case !u.stands(key, wrote, had, there):
		u.Conflicts = append(u.Conflicts, Difference{Path: key, Want: shownAs(key, wrote), Actual: shownAs(key, u.sendable(key, there))})
	default:
		u.setBack(key, had, there)
	}
}

// stands says that a field stands as it was written. Of tags nobody knows whether an update replaced or added to them: either is as written.
func (u *undoing) stands(key string, wrote, had, there any) bool {
	if asSent(key, wrote, there) {
		return true
	}
	if key != "tags" {
		return false
	}
	sent, _ := wrote.([]any)
	before, _ := had.([]any)
	now, _ := there.([]any)
	return slices.Equal(union(names(before), names(sent)), names(now))
}

// setBack plans that a field gets its value of before, where the API takes that.
func (u *undoing) setBack(key string, had, there any) {
	switch {
	case key == "order_status" && (blank(had) || len(u.Statuses) > 0 && !slices.Contains(u.Statuses, show(had))):
		u.lose(key, fmt.Sprintf("it was %s, which an update may not set again, by the API's update page", quoteBlank(show(had))))
	case key == "items":
		u.linesBack(had, there)
	case key == "tags" || key == "payments" || key == "order_numbers":
		if had == nil {
			had = []any{}
		}
		u.back[key] = had
	case blank(had) && !u.Nullable[key]:
		u.lose(key, "it was blank, and the API takes no blank here")
	case blank(had):
		u.back[key] = nil
	default:
		u.back[key] = had
	}
}

// partsOf finds out what becomes of each part of an address or of the custom fields.
func (u *undoing) partsOf(key string, wrote, had any) {
	w, _ := wrote.(map[string]any)
	h, _ := had.(map[string]any)
	now, _ := u.sendable(key, u.now[key]).(map[string]any)
	all := map[string]any{}
	for _, m := range []map[string]any{w, h} {
		for k := range m {
			all[k] = nil
		}
	}
	back := map[string]any{}
	for _, part := range sortedKeys(all) {
		path := key + "." + part
		switch {
		case sameScalar(part, w[part], h[part]): // it went along, as it was
		case sameScalar(part, h[part], now[part]):
			u.Restored = append(u.Restored, path)
		case !sameScalar(part, w[part], now[part]):
			u.Conflicts = append(u.Conflicts, Difference{Path: path, Want: show(w[part]), Actual: show(now[part])})
		case blank(h[part]) && key != custom && !u.Nullable[path]:
			u.lose(path, "it was blank, and the API takes no blank here")
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

// linesBack plans that the lines of a purchase order become what they were, unless goods were received that this would take away.
func (u *undoing) linesBack(had, there any) {
	lines := objects(had)
	if len(lines) == 0 {
		u.lose("items", "there was no line, and the API wants at least one")
		return
	}
	m := matchLines(lines, objects(there))
	for j, line := range objects(there) {
		got := received(line)
		if got == "" {
			continue
		}
		want := decimal.Zero
		if i := slices.Index(m.of, j); i >= 0 {
			want = amount(lines[i]["quantity"])
		}
		if amount(got).GreaterThan(want) && want.LessThan(amount(line["quantity"])) {
			u.Conflicts = append(u.Conflicts, Difference{Path: "items", Want: shownAs("items", there), Actual: fmt.Sprintf("of line %d (%s) %s received", idIn(line), skuIn(line), got)})
			return
		}
	}
	u.back["items"] = explicit(lines)
	if n := slices.Index(m.of, -1); n >= 0 {
		u.Notes = append(u.Notes, "a line that was removed comes back as a new line, with another id")
	}
}

// withoutLost is a list of lines without the ids that no longer stand: such a line has to be added anew.
func withoutLost(had, there any) any {
	var out []any
	for _, line := range objects(had) {
		if slices.ContainsFunc(objects(there), func(n map[string]any) bool { return idIn(n) == idIn(line) }) {
			out = append(out, line)
			continue
		}
		anew := map[string]any{}
		for k, v := range line {
			if k != "id" {
				anew[k] = v
			}
		}
		out = append(out, anew)
	}
	return out
}

// explicit says of lines also that they had no tax and no discount.
func explicit(lines []map[string]any) []any {
	out := make([]any, len(lines))
	for i, l := range lines {
		one := map[string]any{"tax": json.Number("0"), "discount_amount": json.Number("0")}
		for k, v := range l {
			one[k] = v
		}
		out[i] = one
	}
	return out
}

func amount(v any) decimal.Decimal {
	d, err := decimal.NewFromString(show(v))
	if err != nil {
		return decimal.Zero
	}
	return d
}

// taggedBack finds out what becomes of tags that went by their own call.
func (u *undoing) taggedBack(c *order.TagChange) {
	list, shown := u.now["tags"].([]any)
	have, had, wrote := names(list), union(c.Before, nil), union(c.Names, nil)
	if c.Add {
		wrote = union(had, wrote)
	}
	var ours []string // tags that stand because they were added
	for _, n := range have {
		if slices.Contains(wrote, n) && !slices.Contains(had, n) {
			ours = append(ours, n)
		}
	}
	switch {
	case !shown:
		u.lose("tags", "Luminous doesn't show the order's tags")
	case slices.Equal(have, had), c.Add && len(ours) == 0:
		u.Restored = append(u.Restored, "tags")
	case c.Add: // whatever tags somebody added or removed meanwhile stay so
		u.back["tags"] = slices.DeleteFunc(have, func(n string) bool { return slices.Contains(ours, n) })
	case slices.Equal(have, wrote):
		u.back["tags"] = had
	default:
		u.Conflicts = append(u.Conflicts, Difference{Path: "tags", Want: strings.Join(wrote, ", "), Actual: strings.Join(have, ", ")})
	}
}

func (u *undoing) lose(path, why string) {
	u.Irreversible = append(u.Irreversible, Unsupported{Path: path, Why: why})
}

// plan makes a change of what is to stand again. What that can't be is lost.
func (u *undoing) plan(stands []byte) error {
	numbers, renumber := u.back["order_numbers"]
	delete(u.back, "order_numbers") // comparing only ever adds numbers
	r := u.Rules
	r.ReplacePayments, r.Tags = true, TagsReplaced // the call that replaces tags is the one of which it is known what it does
	for {
		payload, err := json.Marshal(u.back)
		if err != nil {
			return err
		}
		d, err := r.Compare(payload, stands)
		if err != nil {
			return err
		}
		for _, s := range d.ReadOnly {
			d.Unsupported = append(d.Unsupported, Unsupported{Path: s.Path, Why: "an update can't change it"})
		}
		if len(d.Unsupported) == 0 {
			d.Change.Notes = u.notes()
			u.Change = d.Change
			break
		}
		for _, t := range d.Unsupported {
			key, _, _ := strings.Cut(t.Path, ".")
			if _, there := u.back[key]; there {
				u.lose(key, t.Why)
			}
			delete(u.back, key)
		}
	}
	if renumber {
		return u.renumber(numbers)
	}
	return nil
}

// notes are what is worth knowing about setting back.
func (u *undoing) notes() []string {
	if list, ok := u.back["payments"].([]any); ok && len(list) > 0 {
		return append(u.Notes, "all payments of the order are written again, so each gets another id in Luminous")
	}
	return u.Notes
}

// renumber adds the order numbers of a purchase order to what is to be sent.
func (u *undoing) renumber(numbers any) error {
	body, before := map[string]any{}, map[string]any{}
	var err error
	if u.Body != nil {
		if body, err = decode(u.Body); err == nil {
			before, err = decode(u.Before)
		}
		if err != nil {
			return err
		}
	}
	body["order_numbers"], before["order_numbers"] = numbers, u.now["order_numbers"]
	u.Fields = append(u.Fields, order.FieldChange{Path: "order_numbers", Current: shownAs("order_numbers", u.now["order_numbers"]), New: shownAs("order_numbers", numbers)})
	if u.Body, err = json.Marshal(body); err == nil {
		u.Before, err = json.Marshal(before)
	}
	return err
}

// shownAs is a field's value for people.
func shownAs(key string, v any) string {
	if list, ok := v.([]string); ok {
		return strings.Join(list, ", ")
	}
	return shown(key, v)
}

// EditedSince finds what somebody has changed about an order since it was made: what doesn't stand as its payload said, what has been shipped or
// received, and a total that is no longer what the API said it came to (where that is known). Where the order's own times show that it was edited
// later than grace after it was made, it finds the fields too that the payload left out and that an update can write; addresses not, since the API
// fills them in from the company.
func (r Rules) EditedSince(payload, stands []byte, total string, grace time.Duration) (out []Difference, edited bool, err error) {
	if out, err = Differences(payload, stands); err != nil {
		return nil, false, err
	}
	sent, err := decode(payload)
	if err != nil {
		return nil, false, fmt.Errorf("comparing orders: %w", err)
	}
	now, err := decode(stands)
	if err != nil {
		return nil, false, fmt.Errorf("comparing orders: %w", err)
	}
	if list, ok := now["shipments"].([]any); ok && len(list) > 0 {
		out = append(out, Difference{Path: "shipments", Actual: fmt.Sprintf("%d", len(list))})
	}
	for i, line := range objects(now["items"]) {
		if got := received(line); r.Kind == order.PurchaseOrders && got != "" {
			out = append(out, Difference{Path: fmt.Sprintf("items.%d.received_quantity", i), Actual: got})
		}
	}
	key := "total"
	if r.Kind == order.PurchaseOrders {
		key = "total_cost"
	}
	if t, shown := now[key]; total != "" && shown && amount(t).Sub(amount(total)).Abs().GreaterThan(cent) {
		out = append(out, Difference{Path: key, Want: total, Actual: show(t)})
	}
	edited = editedLater(now, grace)
	if len(out) > 0 || !edited {
		return out, edited, nil
	}
	return r.filledIn(sent, now), true, nil
}

// filledIn are the fields that hold something and that a payload left out.
func (r Rules) filledIn(sent, now map[string]any) (out []Difference) {
	for _, k := range sortedKeys(now) {
		if _, wrote := sent[k]; !wrote && (r.Changeable[k] || k == custom || k == "tags" || k == "payments") && !blank(now[k]) && !sameScalar(k, now[k], json.Number("0")) {
			out = append(out, Difference{Path: k, Actual: shownAs(k, r.sendable(k, now[k]))})
		}
	}
	return out
}

// editedLater says that an order was changed later than grace after it was made, as far as its own times say.
func editedLater(now map[string]any, grace time.Duration) bool {
	made, okMade := moment(now["created_at"])
	last, okLast := moment(now["updated_at"])
	return okMade && okLast && last.Sub(made) > grace
}

// moment reads a time as the API writes it: by RFC 3339 or, as its page on filters shows, without a zone.
func moment(v any) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, time.DateTime} {
		if t, err := time.Parse(layout, show(v)); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
