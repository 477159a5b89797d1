package mapping

import (
	"hash/maphash"
	"slices"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"ordersheet/mapping/value"
)

// LookAlikes finds the groups whose keys differ but can be mistaken for one another (00123 and 123, a Cyrillic А, another case, a space or
// a look-alike dash within): sets of at least two groups, each in rising order. They are the same order misspelt, or two orders that
// someone will mix up; either way a person has to say.
func (g *Groups) LookAlikes() [][]int {
	type entry struct {
		hash  uint64
		group uint32
	}
	entries, buf := make([]entry, g.Len()), []byte(nil)
	for n := range entries {
		buf = appendFolded(buf[:0], g.key(n))
		entries[n] = entry{maphash.Bytes(g.seed, buf), uint32(n)}
	}
	slices.SortFunc(entries, func(a, b entry) int {
		switch {
		case a.hash != b.hash && a.hash < b.hash, a.hash == b.hash && a.group < b.group:
			return -1
		}
		return 1
	})
	var sets [][]int
	for i := 0; i < len(entries); {
		j := i + 1
		for j < len(entries) && entries[j].hash == entries[i].hash {
			j++
		}
		if j > i+1 {
			set := make([]int, 0, j-i)
			for _, e := range entries[i:j] {
				set = append(set, int(e.group))
			}
			sets = append(sets, g.same(set)...)
		}
		i = j
	}
	slices.SortFunc(sets, func(a, b []int) int { return a[0] - b[0] })
	return sets
}

// same splits groups of one hash by what their keys really fold to.
func (g *Groups) same(groups []int) [][]int {
	by := map[string][]int{}
	for _, n := range groups {
		f := string(appendFolded(nil, g.key(n)))
		by[f] = append(by[f], n)
	}
	var sets [][]int
	for _, set := range by {
		if len(set) > 1 {
			sets = append(sets, set)
		}
	}
	return sets
}

// Folded gives the form in which look-alike numbers are equal, for callers that compare numbers across sheets.
func Folded(number string) string { return string(appendFolded(nil, []byte(number))) }

// appendFolded writes a key as the eye may take it: compatible forms as one (NFKC), no case, no spaces or invisible signs, one kind of dash,
// Latin letters for the Cyrillic and Greek ones that look the same, no leading zeros.
func appendFolded(dst, key []byte) []byte {
	start := len(dst)
	if dst, ok := foldPlain(dst, key); ok {
		return noZeros(dst, start)
	}
	for _, r := range string(norm.NFKC.Bytes(key)) {
		if value.IsInvisible(r) || unicode.Is(unicode.Cf, r) {
			continue
		}
		if twin, ok := twins[r]; ok {
			r = twin
		} else if unicode.Is(unicode.Pd, r) || r == '\u2212' || r == '\u00ad' {
			r = '-'
		}
		dst = append(dst, string(unicode.ToLower(r))...)
	}
	return noZeros(dst, start)
}

// foldPlain folds printable ASCII, which most keys are.
func foldPlain(dst, key []byte) ([]byte, bool) {
	start := len(dst)
	for _, c := range key {
		switch {
		case c >= 0x7f || c < ' ':
			return dst[:start], false
		case c == ' ':
			continue
		case c >= 'A' && c <= 'Z':
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst, true
}

func noZeros(dst []byte, start int) []byte {
	n := start
	for n+1 < len(dst) && dst[n] == '0' {
		n++
	}
	return append(dst[:start], dst[n:]...)
}

// twins are the letters of other alphabets that look like a Latin one in most type faces (Unicode TR 39, confusables), as far as they stand
// on keyboards that people switch between.
var twins = map[rune]rune{
	'А': 'a', 'В': 'b', 'Е': 'e', 'К': 'k', 'М': 'm', 'Н': 'h', 'О': 'o', 'Р': 'p', 'С': 'c', 'Т': 't', 'У': 'y', 'Х': 'x', 'І': 'i', 'Ј': 'j', 'Ѕ': 's',
	'а': 'a', 'е': 'e', 'о': 'o', 'р': 'p', 'с': 'c', 'у': 'y', 'х': 'x', 'і': 'i', 'ј': 'j', 'ѕ': 's', 'к': 'k', 'м': 'm', 'т': 't', 'в': 'b', 'н': 'h',
	'Α': 'a', 'Β': 'b', 'Ε': 'e', 'Ζ': 'z', 'Η': 'h', 'Ι': 'i', 'Κ': 'k', 'Μ': 'm', 'Ν': 'n', 'Ο': 'o', 'Ρ': 'p', 'Τ': 't', 'Υ': 'y', 'Χ': 'x',
	'ο': 'o', 'ν': 'v', 'ι': 'i', 'ρ': 'p',
}
