package cell

import (
	"regexp"
	"strings"
)

// formatToken finds the parts of a number format: literals in quotes or after a backslash, padding,
// brackets, words, and single characters.
var formatToken = regexp.MustCompile(`(?is)"[^"]*(?:"|$)|\\.?|[_*].?|\[[^\]]*(?:\]|$)|general|am/pm|a/p|e[+-]|.`)

// trait is something that a number format shows.
type trait uint16

const (
	hasDate trait = 1 << iota
	hasTime
	hasMonth // an m, which means minutes next to a time
	hasElapsed
	hasDigit
	hasPercent
	hasCurrency
	hasExponent
	hasFraction
	hasText
	hasGeneral
)

// classOf lists the classes by the traits that make them; the first that fits counts.
var classOf = []struct {
	traits trait
	class  Class
}{
	{hasElapsed, Elapsed},
	{hasTime | hasDate, DateAndTime},
	{hasTime, TimeOnly},
	{hasDate, DateOnly},
	{hasMonth, DateOnly},
	{hasGeneral, General},
	{hasPercent, Percent},
	{hasExponent, Scientific},
	{hasFraction | hasDigit, Fraction},
	{hasCurrency, Currency},
	{hasDigit, Decimal},
	{hasText, AsText},
}

// ParseFormat finds out what a number format says about the values it shows. Its first section
// counts, which is the one for positive numbers.
func ParseFormat(code string) Format {
	f := Format{Code: code}
	var all trait
	for _, token := range formatToken.FindAllString(code, -1) {
		if token == ";" {
			break
		}
		all |= traitOf(strings.ToLower(token))
	}
	for _, c := range classOf {
		if all&c.traits == c.traits {
			f.Class = c.class
			break
		}
	}
	if f.Class == Decimal && strings.Trim(code, "0") == "" {
		f.Zeros = len(code)
	}
	return f
}

// traitOf returns what a part of a format shows. Colors, conditions and locales say nothing about
// the kind of value, but padding of the width of a currency sign does.
func traitOf(token string) trait {
	switch token {
	case "y", "d", "e", "b", "g":
		return hasDate
	case "m":
		return hasMonth
	case "h", "s", "am/pm", "a/p":
		return hasTime
	case "0", "?", "#":
		return hasDigit
	case "%":
		return hasPercent
	case "/":
		return hasFraction
	case "@":
		return hasText
	case "general":
		return hasGeneral
	case "e+", "e-":
		return hasExponent
	}
	if token[0] == '[' { // an elapsed time, or a currency with its locale
		inner, closed := strings.CutSuffix(token[1:], "]")
		name, _, _ := strings.Cut(inner, "-")
		switch {
		case !closed || inner == "":
		case strings.Trim(inner, inner[:1]) == "" && strings.Contains("hms", inner[:1]):
			return hasElapsed
		case len(name) > 1 && name[0] == '$':
			return hasCurrency
		}
		return 0
	}
	if strings.ContainsAny(token, "$€£¥₹₽₩₺₪฿₫₴₦") {
		return hasCurrency
	}
	return 0
}
