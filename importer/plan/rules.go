package plan

import (
	"ordersheet/internal/diff"
	"ordersheet/internal/order"
	"ordersheet/mapping/catalog"
)

// RulesOf returns what an update of a kind may change, by the field catalog.
func RulesOf(kind order.Kind) diff.Rules {
	r := diff.Rules{Kind: kind, Changeable: map[string]bool{}, Nullable: map[string]bool{}}
	for _, f := range catalog.Fields(kind) {
		if f.Update {
			r.Changeable[f.Path] = true
		}
		if f.Nullable {
			r.Nullable[f.Path] = true
		}
		if f.Path == "order_status" {
			r.Statuses = f.UpdateEnum
		}
	}
	return r
}
