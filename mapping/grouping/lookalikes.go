package grouping

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// LookAlikes returns the groups whose order numbers differ but may be taken for one another: 00123
// and 123, a Cyrillic А for a Latin A, upper and lower case, a space or another dash. Each set has
// at least two groups. A person must say whether they are one order misspelled, or two.
func (g *Index) LookAlikes() [][]int {
	type entry struct {
		hash  uint64
		group uint32
	}
	entries, buf, seed := make([]entry, 0, g.Len()), []byte(nil), maphash.MakeSeed()
	for n := range g.Len() {
		if number := g.keys.at(n); number[0] != IDMark {
			buf = appendFolded(buf[:0], number)
			entries = append(entries, entry{maphash.Bytes(seed, buf), uint32(n)})
		}
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.group, b.group))
	})
	var sets [][]int
	for i, j := 0, 0; i < len(entries); i = j {
		for j = i; j < len(entries) && entries[j].hash == entries[i].hash; j++ {
		}
		if j == i+1 {
			continue
		}
		byText := map[string][]int{} // different texts may have one hash
		for _, e := range entries[i:j] {
			text := string(appendFolded(nil, g.keys.at(int(e.group))))
			byText[text] = append(byText[text], int(e.group))
		}
		for _, set := range byText {
			if len(set) > 1 {
				sets = append(sets, set)
			}
		}
	}
	slices.SortFunc(sets, func(a, b []int) int { return a[0] - b[0] })
	return sets
}

// appendFolded appends the form of an order number in which look-alikes are equal: compatible
// characters as one (NFKC), lower case, without spaces and invisible characters, one kind of dash,
// Latin letters for Cyrillic and Greek ones that look the same, without leading zeros.
func appendFolded(dst, number []byte) []byte {
	start := len(dst)
	for _, r := range string(norm.NFKC.Bytes(number)) {
		if r > ' ' && r < utf8.RuneSelf { // most are
			dst = append(dst, byte(unicode.ToLower(r)))
			continue
		}
		switch latin, alike := confusables[r]; {
		case r <= ' ', unicode.IsSpace(r), unicode.Is(unicode.Cf, r):
			continue
		case alike:
			r = latin
		case unicode.Is(unicode.Pd, r), r == '\u2212':
			r = '-'
		}
		dst = utf8.AppendRune(dst, unicode.ToLower(r))
	}
	zeros := len(dst[start:]) - len(bytes.TrimLeft(dst[start:], "0"))
	if zeros > 0 && start+zeros == len(dst) { // 0 itself
		zeros--
	}
	return slices.Delete(dst, start, start+zeros)
}

// confusables are the Cyrillic and Greek letters that look like a Latin one in most typefaces
// (Unicode TR 39), as far as keyboards have them that people switch between.
var confusables = map[rune]rune{
	'А': 'a', 'В': 'b', 'Е': 'e', 'К': 'k', 'М': 'm', 'Н': 'h', 'О': 'o', 'Р': 'p', 'С': 'c', 'Т': 't', 'У': 'y', 'Х': 'x', 'І': 'i', 'Ј': 'j', 'Ѕ': 's',
	'а': 'a', 'е': 'e', 'о': 'o', 'р': 'p', 'с': 'c', 'у': 'y', 'х': 'x', 'і': 'i', 'ј': 'j', 'ѕ': 's', 'к': 'k', 'м': 'm', 'т': 't', 'в': 'b', 'н': 'h',
	'Α': 'a', 'Β': 'b', 'Ε': 'e', 'Ζ': 'z', 'Η': 'h', 'Ι': 'i', 'Κ': 'k', 'Μ': 'm', 'Ν': 'n', 'Ο': 'o', 'Ρ': 'p', 'Τ': 't', 'Υ': 'y', 'Χ': 'x',
	'ο': 'o', 'ν': 'v', 'ι': 'i', 'ρ': 'p',
}
