package catalog

import (
	"slices"
	"testing"
)

// Every name of the catalogue means one field of its kind, at every tier but the merely possible.
func TestNoHeaderMeansTwoFields(t *testing.T) {
	for _, kind := range Kinds("") {
		for name, claims := range indexOf(kind) {
			best := map[Strength][]string{}
			for _, c := range claims {
				best[c.Strength] = append(best[c.Strength], c.Field.Path)
			}
			sure := slices.Concat(best[Fallback], best[Synonym], best[OwnName])
			if len(sure) > 1 {
				t.Errorf("%s: %q means %v", kind, name, sure)
			}
			if name == "" {
				t.Errorf("%s: an empty header means %v", kind, claims)
			}
		}
	}
}
