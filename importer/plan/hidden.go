package plan

import (
	"slices"
	"sync"
)

// HiddenFields are fields that an order's own page was seen to omit. A list that omits them, too,
// hides nothing that the page would show.
type HiddenFields struct{ names sync.Map }

// Add notes that a page omits fields.
func (h *HiddenFields) Add(names []string) {
	for _, n := range names {
		h.names.Store(n, true)
	}
}

// All reports whether all of some fields are hidden.
func (h *HiddenFields) All(names []string) bool {
	return !slices.ContainsFunc(names, func(n string) bool {
		_, hidden := h.names.Load(n)
		return !hidden
	})
}
