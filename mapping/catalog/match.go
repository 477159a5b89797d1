package catalog

import (
	"cmp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"ordersheet/internal/order"
)

// Strength says how clearly a header means a field.
type Strength uint8

// The strengths, weakest first.
const (
	Suggested Strength = iota + 1 // one of Field.Suggestions: never used without a person's consent
	Fallback                      // one of Field.Fallbacks
	Synonym                       // one of Field.Synonyms
	OwnName                       // the field's path or column name, after normalizing
	ExactName                     // the path or column name exactly
)

// Candidate is a field that a header could mean.
type Candidate struct {
	Field    *Field
	Strength Strength
}

// index holds every header that the catalog knows for one kind, normalized.
type index map[string][]Candidate

func newIndex(fields []Field) index {
	ix := index{}
	for i := range fields {
		f := &fields[i]
		if f.Type == CustomType {
			continue
		}
		own := OwnName
		if f.ExactOnly {
			own = Suggested
		}
		ix.add(f, own, f.Path, f.Column)
		ix.add(f, Synonym, f.Synonyms...)
		ix.add(f, Fallback, f.Fallbacks...)
		ix.add(f, Suggested, f.Suggestions...)
	}
	return ix
}

// add adds names of a field. A name that ends in "number" is also known with No, Nr and Num.
func (ix index) add(f *Field, strength Strength, names ...string) {
	for _, n := range names {
		n = Normalize(n)
		ix.put(n, f, strength)
		if stem, ok := strings.CutSuffix(n, "number"); ok && stem != "" {
			for _, short := range []string{"no", "nr", "num"} {
				ix.put(stem+short, f, strength)
			}
		}
	}
}

func (ix index) put(name string, f *Field, strength Strength) {
	for i, c := range ix[name] {
		if c.Field == f {
			ix[name][i].Strength = max(c.Strength, strength)
			return
		}
	}
	ix[name] = append(ix[name], Candidate{f, strength})
}

// MatchHeader returns the fields that a header means: its strongest candidates. If they are no more
// than suggestions, they are returned as suggested.
func MatchHeader(kind order.Kind, header string) (sure, suggested []Candidate) {
	ix := tables()[kind].index
	name := Normalize(header)
	all := ix.candidates(header, name)
	if len(all) == 0 {
		return ix.numbered(name), nil
	}
	best := slices.MaxFunc(all, func(a, b Candidate) int { return cmp.Compare(a.Strength, b.Strength) }).Strength
	all = slices.DeleteFunc(all, func(c Candidate) bool { return c.Strength < best })
	if best == Suggested {
		return nil, all
	}
	return all, nil
}

// candidates returns all that a header could mean.
func (ix index) candidates(header, name string) []Candidate {
	out := slices.Clone(ix[name])
	for i, c := range out {
		if header == c.Field.Path || header == c.Field.Column {
			out[i].Strength = ExactName
		}
	}
	return out
}

// numbered returns the fields of a header such as tag2: one of several columns for the same field.
func (ix index) numbered(name string) (out []Candidate) {
	stem := strings.TrimRight(name, "0123456789")
	if stem == name || stem == "" {
		return nil
	}
	for _, c := range ix[stem] {
		if c.Field.Many() && c.Strength > Fallback {
			out = append(out, Candidate{c.Field, Synonym})
		}
	}
	return out
}

// Suggestion is a field that an unknown header looks like.
type Suggestion struct {
	Path  string
	Score float64
}

const (
	minSimilarity  = 0.75 // below it a similarity is noise: "city" and "qty" have 0.5
	maxSuggestions = 3
)

// Suggest finds fields that an unknown header might mean: by the text before its brackets, or by
// similarity to a known header. A person has to confirm them.
func Suggest(kind order.Kind, header string) []Suggestion {
	if plain := withoutBrackets(header); plain != strings.TrimSpace(header) {
		if sure, _ := MatchHeader(kind, plain); len(sure) > 0 {
			return []Suggestion{{sure[0].Field.Path, 0.9}}
		}
	}
	name := Normalize(header)
	if len(name) < 4 {
		return nil
	}
	best := map[string]float64{}
	for known, candidates := range tables()[kind].index {
		s := similarity(name, known)
		if s < minSimilarity {
			continue
		}
		for _, c := range candidates {
			if c.Strength > Suggested {
				best[c.Field.Path] = max(best[c.Field.Path], s)
			}
		}
	}
	out := make([]Suggestion, 0, len(best))
	for path, s := range best {
		out = append(out, Suggestion{path, s})
	}
	slices.SortFunc(out, func(a, b Suggestion) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.Path, b.Path))
	})
	return out[:min(len(out), maxSuggestions)]
}

// similarity is 1 for equal names and 0 for names that share nothing: 1 minus the share of letters
// that have to change.
func similarity(a, b string) float64 {
	la, lb := len([]rune(a)), len([]rune(b))
	longest := max(la, lb)
	if longest == 0 || float64(min(la, lb)) < minSimilarity*float64(longest) {
		return 0
	}
	return 1 - float64(levenshtein.ComputeDistance(a, b))/float64(longest)
}

// Resolve returns the path of the field that a person names by its path, its column name or a
// synonym; empty if the kind has no such field.
func Resolve(kind order.Kind, name string) string {
	name = strings.TrimSpace(name)
	if path, ok := CustomHeader(name); ok && FieldByPath(kind, path) != nil {
		return path
	}
	for _, c := range tables()[kind].index.candidates(name, Normalize(name)) {
		if c.Strength > Fallback {
			return c.Field.Path
		}
	}
	return ""
}

// IsField reports whether the name means a field of the kind, or of either kind if it is empty.
func IsField(kind order.Kind, name string) bool {
	return slices.ContainsFunc(Kinds(kind), func(k order.Kind) bool { return Resolve(k, name) != "" })
}

// Nearest returns the known word that a misspelled one is most similar to; empty for none.
func Nearest(word string, known []string) string {
	best, at := "", minSimilarity
	for _, k := range known {
		if s := similarity(Normalize(word), Normalize(k)); s > at {
			best, at = k, s
		}
	}
	return best
}
