package catalog

import (
	"slices"
	"sort"
	"strings"

	"github.com/agnivade/levenshtein"

	"ordersheet/internal/order"
)

// tier says how firmly a header means a field.
type Tier uint8

const (
	MaybeTier Tier = iota + 1
	WeakTier
	SynonymTier
	NameTier  // the field's path or column name, after normalising
	ExactTier // the path or column name, as it stands
)

// claim says that a header could mean a field.
type Claim struct {
	Field *Field
	Tier  Tier
}

// index is every header that the catalogue of one kind knows, after normalising.
type index map[string][]Claim

// The indexes, made once from the catalogue and never changed.
var (
	salesIndex    = newIndex(salesFields)
	purchaseIndex = newIndex(purchaseFields)
)

func indexOf(kind order.Kind) index {
	if kind == order.PurchaseOrders {
		return purchaseIndex
	}
	return salesIndex
}

func newIndex(fields []Field) index {
	ix := index{}
	for i := range fields {
		f := &fields[i]
		if f.Type == CustomType {
			continue
		}
		own := NameTier
		if f.Exact {
			own = MaybeTier
		}
		ix.add(f, own, f.Path, f.Column)
		ix.add(f, SynonymTier, f.Synonyms...)
		ix.add(f, WeakTier, f.Weak...)
		ix.add(f, MaybeTier, f.Maybe...)
	}
	return ix
}

// add enters names of a field. A name that ends in "number" is known with No., Nr and Num too.
func (ix index) add(f *Field, t Tier, names ...string) {
	for _, n := range names {
		n = Normalize(n)
		ix.put(n, f, t)
		if stem, ok := strings.CutSuffix(n, "number"); ok && stem != "" {
			for _, short := range []string{"no", "nr", "num"} {
				ix.put(stem+short, f, t)
			}
		}
	}
}

func (ix index) put(name string, f *Field, t Tier) {
	for i, c := range ix[name] {
		if c.Field == f {
			ix[name][i].Tier = max(c.Tier, t)
			return
		}
	}
	ix[name] = append(ix[name], Claim{f, t})
}

// match is what one header means by the catalogue: the claims of the firmest tier, and the merely possible ones.
func Match(kind order.Kind, header string) (sure []Claim, possible []Claim) {
	ix := indexOf(kind)
	name := Normalize(header)
	claims := ix.claims(header, name)
	if len(claims) == 0 {
		if stem := trimDigits(name); stem != name && stem != "" {
			for _, c := range ix[stem] {
				if c.Field.Many() && c.Tier > WeakTier {
					sure = append(sure, Claim{c.Field, SynonymTier})
				}
			}
		}
		return sure, nil
	}
	best := claims[0].Tier
	for _, c := range claims {
		best = max(best, c.Tier)
	}
	for _, c := range claims {
		if c.Tier < best {
			continue
		}
		if best == MaybeTier {
			possible = append(possible, c)
			continue
		}
		sure = append(sure, c)
	}
	return sure, possible
}

// claims is what a header could mean. A field's own name, as it stands, is the firmest claim.
func (ix index) claims(header, name string) []Claim {
	claims := slices.Clone(ix[name])
	for i, c := range claims {
		if header == c.Field.Path || header == c.Field.Column {
			claims[i].Tier = ExactTier
		}
	}
	return claims
}

// proposal is a field that an unknown header looks like.
type proposal struct {
	Path  string
	Score float64
}

const (
	leastLikeness = 0.75 // below it a likeness is noise: "city" and "qty" come to 0.5
	mostProposals = 3
)

// propose finds what an unknown header might mean: by what stands before its brackets, else by likeness to a known header. Nothing of it is
// ever used without a person's word.
func Propose(kind order.Kind, header string) []proposal {
	if plain := withoutBrackets(header); plain != strings.TrimSpace(header) {
		if sure, _ := Match(kind, plain); len(sure) > 0 {
			return []proposal{{sure[0].Field.Path, 0.9}}
		}
	}
	name := Normalize(header)
	if len(name) < 4 {
		return nil
	}
	best := map[string]float64{}
	for known, claims := range indexOf(kind) {
		s := likeness(name, known)
		if s < leastLikeness {
			continue
		}
		for _, c := range claims {
			if c.Tier > MaybeTier {
				best[c.Field.Path] = max(best[c.Field.Path], s)
			}
		}
	}
	out := make([]proposal, 0, len(best))
	for path, s := range best {
		out = append(out, proposal{path, s})
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Score != out[j].Score {
			return out[i].Score > out[j].Score
		}
		return out[i].Path < out[j].Path
	})
	return out[:min(len(out), mostProposals)]
}

// likeness is 1 for equal names and 0 for names that share nothing: one less the share of letters that have to change.
func likeness(a, b string) float64 {
	la, lb := len([]rune(a)), len([]rune(b))
	longest := max(la, lb)
	if longest == 0 || float64(min(la, lb)) < leastLikeness*float64(longest) {
		return 0
	}
	return 1 - float64(levenshtein.ComputeDistance(a, b))/float64(longest)
}

// resolve gives the path of the field that a mapping file or --set names by its path, its column name or a firm synonym; empty when
// the kind has no such field.
func Resolve(kind order.Kind, name string) string {
	name = strings.TrimSpace(name)
	if path, ok := CustomHeader(name); ok && FieldByPath(kind, path) != nil {
		return path
	}
	for _, c := range indexOf(kind).claims(name, Normalize(name)) {
		if c.Tier > WeakTier {
			return c.Field.Path
		}
	}
	return ""
}

// knownField says that the name means a field of the kind; with kind "", of either.
func KnownField(kind order.Kind, name string) bool {
	if kind != "" {
		return Resolve(kind, name) != ""
	}
	return Resolve(order.SalesOrders, name) != "" || Resolve(order.PurchaseOrders, name) != ""
}

// kindsOf is the kind alone, or both when it is empty.
func Kinds(kind order.Kind) []order.Kind {
	if kind == "" {
		return []order.Kind{order.SalesOrders, order.PurchaseOrders}
	}
	return []order.Kind{kind}
}

// nearest is the known word that a mistaken one looks most like; empty when none does.
func Nearest(word string, known []string) string {
	best, at := "", leastLikeness
	for _, k := range known {
		if s := likeness(Normalize(word), Normalize(k)); s > at {
			best, at = k, s
		}
	}
	return best
}
