package diff

import (
	"encoding/json"
	"strconv"
	"time"

	"ordersheet/internal/order"
)

// EditedSince finds what somebody has changed about an order since it was created: what isn't as
// its payload said, what has been shipped or received, and a total that is no longer what the API
// answered (if that is known). If the order's own times show that it was edited later than grace
// after it was created, it also finds the fields that the payload left out and that an update can
// write; not addresses, since the API fills them in from the company.
func (r Rules) EditedSince(payload, current []byte, total string, grace time.Duration) (out []Difference, edited bool, err error) {
	if out, err = Differences(payload, current); err != nil {
		return nil, false, err
	}
	sent, err := decode(payload)
	if err != nil {
		return nil, false, err
	}
	now, err := decode(current)
	if err != nil {
		return nil, false, err
	}
	if list, ok := now["shipments"].([]any); ok && len(list) > 0 {
		out = append(out, Difference{Path: "shipments", Actual: strconv.Itoa(len(list))})
	}
	for i, line := range objects(now["items"]) {
		if got := received(line); r.Kind == order.PurchaseOrders && got != "" {
			out = append(out, Difference{Path: itemPath(i, "received_quantity"), Actual: got})
		}
	}
	key := r.Kind.TotalField()
	if t, shown := now[key]; total != "" && shown && amount(t).Sub(amount(total)).Abs().GreaterThan(cent) {
		out = append(out, Difference{Path: key, Want: total, Actual: text(t)})
	}
	edited = editedLater(now, grace)
	if len(out) > 0 || !edited {
		return out, edited, nil
	}
	return r.filledIn(sent, now), true, nil
}

// filledIn returns the fields that have a value and that a payload left out.
func (r Rules) filledIn(sent, now map[string]any) (out []Difference) {
	for _, k := range sortedKeys(now) {
		_, wrote := sent[k]
		writable := r.Changeable[k] || k == customFields || k == "tags" || k == "payments"
		if !wrote && writable && !blank(now[k]) && !equal(k, now[k], json.Number("0")) {
			out = append(out, Difference{Path: k, Actual: display(k, r.sendable(k, now[k]))})
		}
	}
	return out
}

// editedLater reports whether an order was changed later than grace after it was created, as far as
// its own times say.
func editedLater(now map[string]any, grace time.Duration) bool {
	created, okCreated := parseTime(now["created_at"])
	last, okLast := parseTime(now["updated_at"])
	return okCreated && okLast && last.Sub(created) > grace
}

// parseTime reads a time as the API writes it: by RFC 3339 or, as its page on filters shows,
// without a zone.
func parseTime(v any) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, time.DateTime} {
		if t, err := time.Parse(layout, text(v)); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
