package diff

import (
	"maps"
	"slices"
	"strings"

	"ordersheet/internal/order"
)

// Rules say what an update of a kind may change, and how it is meant where the API or the sheet
// leaves that open.
type Rules struct {
	Kind            order.Kind
	Changeable      map[string]bool // by path: what the API's update takes, such as bill_to.name
	Nullable        map[string]bool // by path: what may be sent as null
	Statuses        []string        // what the update's page lists for order_status; nil: whatever the kind has
	Tags            string          // TagsAsSent, TagsReplaced or TagsAdded
	ReplacePayments bool            // the wanted payments replace the existing ones; else they are merged
	replaceNumbers  bool            // order numbers that aren't wanted are removed
	SentBefore      bool            // this very payload was sent before: what answers don't show is taken to be as wanted
}

// What becomes of tags that the sheet doesn't name.
const (
	TagsAsSent   = ""        // tags go with the update; the API's pages don't say whether that replaces them or adds to them
	TagsReplaced = "replace" // they are removed, by the call that replaces the tags of a sales order
	TagsAdded    = "add"     // they are kept, by the call that adds tags to a sales order
)

// takes reports whether an update takes a field, or some part of it.
func (r Rules) takes(key string) bool {
	return r.Changeable[key] || len(r.parts(key)) > 0 || key == customFields && r.Changeable[customFields+".*"]
}

// parts returns the parts of an address that can be sent, sorted.
func (r Rules) parts(key string) []string {
	if key == customFields || key == "items" || key == "payments" {
		return nil
	}
	var out []string
	for path := range r.Changeable {
		if part, ok := strings.CutPrefix(path, key+"."); ok {
			out = append(out, part)
		}
	}
	slices.Sort(out)
	return out
}

// sendable returns a field's current value as it would be sent.
func (r Rules) sendable(key string, there any) any {
	object, isObject := there.(map[string]any)
	switch parts := r.parts(key); {
	case key == customFields && isObject:
		return object
	case key == customFields:
		return map[string]any{} // null, or PHP's empty list
	case len(parts) > 0 && !isObject:
		return nil
	case len(parts) > 0:
		out := map[string]any{}
		for _, p := range parts {
			if !blank(object[p]) {
				out[p] = object[p]
			}
		}
		return out
	case key == "tags":
		return tagNames(there)
	}
	if s, ok := there.(string); ok && strings.HasSuffix(key, "_date") && len(s) > 10 {
		return s[:10]
	}
	return there
}

// withBlanks is sendable, with the parts of an address that are shown and blank: somebody may fill
// them in.
func (r Rules) withBlanks(key string, there any) any {
	out, ok := r.sendable(key, there).(map[string]any)
	object, _ := there.(map[string]any)
	if !ok || object == nil {
		return r.sendable(key, there)
	}
	for _, p := range r.parts(key) {
		if v, shown := object[p]; shown && blank(v) {
			out[p] = nil
		}
	}
	return out
}

// overlay returns what is sent for a field: of an address and of custom fields all of it, with the
// current values of what the sheet doesn't name.
func (r Rules) overlay(key string, want, there any) any {
	w, ok := want.(map[string]any)
	if !ok {
		return want
	}
	out := map[string]any{}
	current, _ := r.sendable(key, there).(map[string]any)
	maps.Copy(out, current)
	maps.Copy(out, w)
	return out
}

// display returns a field's value for people.
func display(key string, v any) string {
	if texts, ok := v.([]string); ok {
		return strings.Join(texts, ", ")
	}
	switch key {
	case "items":
		return displayLines(objects(v))
	case "payments":
		return displayPayments(sendablePayments(v))
	}
	list, ok := v.([]any)
	if !ok {
		return text(v)
	}
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = text(x)
	}
	return strings.Join(out, ", ")
}
