package plan

import (
	"slices"
	"sync"
)

// HiddenFields are fields that an order's own page was seen to omit. A list that omits them, too, hides
// nothing that the page would show.
type HiddenFields struct {
	mu    sync.Mutex
	names map[string]bool
}

// Add notes that a page omits fields.
func (h *HiddenFields) Add(names []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.names == nil {
		h.names = map[string]bool{}
	}
	for _, n := range names {
		h.names[n] = true
	}
}

// All reports whether all of some fields are hidden.
func (h *HiddenFields) All(names []string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !slices.ContainsFunc(names, func(n string) bool { return !h.names[n] })
}
