package mapping

import (
	"slices"
	"testing"
)

// Every name of the catalogue means one field of its kind, at every tier but the merely possible.
func TestNoHeaderMeansTwoFields(t *testing.T) {
	for _, kind := range kindsOf("") {
		for name, claims := range indexOf(kind) {
			best := map[tier][]string{}
			for _, c := range claims {
				best[c.tier] = append(best[c.tier], c.field.Path)
			}
			sure := slices.Concat(best[weakTier], best[synonymTier], best[nameTier])
			if len(sure) > 1 {
				t.Errorf("%s: %q means %v", kind, name, sure)
			}
			if name == "" {
				t.Errorf("%s: an empty header means %v", kind, claims)
			}
		}
	}
}
