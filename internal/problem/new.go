package problem

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// remedies are those of the codes for which the program can do more than to advise. {name} is
// replaced by an argument of New in all their texts.
var remedies = map[string][]Remedy{
	HeaderAmbiguous:      {{Kind: MapColumn, Header: "{header}", Field: "{first}"}},
	HeaderRepeated:       {{Kind: IgnoreColumn, Header: "{header}"}, {Kind: IgnoreColumn, Header: "{other}"}},
	HeaderUnknown:        {{Kind: MapColumn, Header: "{header}"}},
	HeaderSpare:          {{Kind: MapColumn, Header: "{header}", Field: "{field}"}},
	HeaderLikely:         {{Kind: MapColumn, Header: "{header}", Field: "{field}"}},
	DateAmbiguous:        {{Kind: MappingOption, Option: "date_order"}},
	DateMixed:            {{Kind: MappingOption, Option: "date_order"}},
	DecimalAmbiguous:     {{Kind: MappingOption, Option: "decimal_separator"}},
	DecimalMixed:         {{Kind: MappingOption, Option: "decimal_separator"}},
	ConstantBad:          {{Kind: SetConstant, Field: "{field}"}},
	IntegerInvalid:       {{Kind: MapValue, Field: "{field}", Value: "{value}"}},
	EnumInvalid:          {{Kind: MapValue, Field: "{field}", Value: "{value}"}},
	ValueNotMapped:       {{Kind: MapValue, Field: "{field}", Value: "{value}"}},
	TotalDiffers:         {{Kind: MappingOption, Option: "total_check", Value: "warn"}},
	LineTotal:            {{Kind: MappingOption, Option: "total_check", Value: "warn"}},
	TotalConflict:        {{Kind: IgnoreColumn, Header: "{header}"}},
	TotalConflictWarning: {{Kind: IgnoreColumn, Header: "{header}"}},
	IDOnCreate:           {{Kind: MappingOption, Option: "mode", Value: "update"}},
	CreatedThenGone:      {{Kind: RunOption, Option: "recreate"}},
	LineReceived:         {{Kind: RunOption, Option: "allow_line_removal"}},
	DelimiterByName:      {{Kind: RunOption, Option: "delimiter", Value: "{value}"}},
	CharsetGuessed:       {{Kind: RunOption, Option: "charset"}},
}

// New returns the problem of a code. The arguments are pairs of a word and the text that replaces
// {word} in the tables; header, field, cell, value and order_number also fill the problem's fields.
// {name} is what whoever reads the sheet calls the field: unless an argument says it, the header,
// or the catalog's name of a field that has no column.
func New(code string, args ...string) Problem {
	t := lookup(code)
	p := Problem{Severity: t.severity, Code: code}
	pairs := make([]string, len(args), len(args)+2)
	copy(pairs, args)
	fields := map[string]*string{
		"header": &p.Header, "field": &p.Field, "cell": &p.Cell, "order_number": &p.OrderNumber, "value": &p.Value,
	}
	named := false
	for i := 0; i+1 < len(pairs); i += 2 {
		name, text := pairs[i], pairs[i+1]
		if name == "value" || name == "other" {
			text = Shorten(text)
		}
		if f := fields[name]; f != nil {
			*f = text
		}
		named = named || name == "name"
		pairs[i], pairs[i+1] = "{"+name+"}", text
	}
	if !named {
		pairs = append(pairs, "{name}", cmp.Or(p.Header, p.Field))
	}
	fill := strings.NewReplacer(pairs...)
	p.Message, p.Expected, p.Hint = fill.Replace(t.message), fill.Replace(t.expected), fill.Replace(t.hint)
	for _, r := range remedies[code] {
		r.Header, r.Field, r.Value = fill.Replace(r.Header), fill.Replace(r.Field), fill.Replace(r.Value)
		p.Remedies = append(p.Remedies, r)
	}
	return p
}

// With returns p with another hint, unless that is empty, and with more remedies.
func (p Problem) With(hint string, more ...Remedy) Problem {
	if hint != "" {
		p.Hint = hint
	}
	p.Remedies = append(p.Remedies, more...)
	return p
}

// lookup returns the entry of a code. A code without one is a bug.
func lookup(code string) entry {
	for _, t := range tables {
		if e, ok := t[code]; ok {
			return e
		}
	}
	panic("problem: no such problem code: " + code)
}

// Advice returns the hint, followed in parentheses by what command returns for each remedy: a
// command line, say. An empty command is left out, and so are all if command is nil.
func (p *Problem) Advice(command func(Remedy) string) string {
	var commands []string
	if command != nil {
		for _, r := range p.Remedies {
			commands = append(commands, command(r))
		}
	}
	commands = slices.DeleteFunc(commands, func(c string) bool { return c == "" })
	if len(commands) == 0 {
		return p.Hint
	}
	return strings.TrimSpace(p.Hint + " (" + strings.Join(commands, " or ") + ")")
}

// Shorten keeps a value short enough for a sentence.
func Shorten(s string) string {
	const most = 120
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
