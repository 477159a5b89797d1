package catalog

import (
	_ "embed"
	"fmt"
	"io"
	"strings"
	"text/template"
	"unicode/utf8"

	"ordersheet/internal/order"
)

//go:embed reference.md.tmpl
var referenceTemplate string

// WriteReference writes docs/fields.md.
func WriteReference(w io.Writer) error {
	kinds := func() []order.Kind { return Kinds("") }
	t, err := template.New("fields.md").Funcs(template.FuncMap{
		"kinds": kinds, "title": KindTitle, "fields": Fields, "required": required, "updates": updates, "headers": otherHeaders,
	}).Parse(referenceTemplate)
	if err == nil {
		err = t.Execute(w, nil)
	}
	if err != nil {
		return fmt.Errorf("writing the field reference: %w", err)
	}
	return nil
}

// KindTitle names the orders of a kind, as a heading.
func KindTitle(kind order.Kind) string {
	if kind == order.PurchaseOrders {
		return "Purchase orders"
	}
	return "Sales orders"
}

// Limits describes what the field accepts: "text, at most 255 characters".
func (f Field) Limits() string {
	s := map[Type]string{
		TextType: "text", IDText: "text, zeros kept", EmailType: "e-mail address", IntegerType: "whole number", DecimalType: "number", DateType: "date",
		BoolType: "yes or no", TagsType: "names", ListType: "numbers, as text", CustomType: "text, number or yes/no", JSONType: "JSON list",
	}[f.Type]
	if f.Type == EnumType {
		s = "one of " + strings.Join(f.Enum, ", ")
	}
	switch {
	case f.Minimum != "" && f.Exclusive:
		s += ", above " + f.Minimum
	case f.Minimum != "":
		s += ", at least " + f.Minimum
	}
	switch {
	case f.MaxLength > 0 && f.Many():
		s += fmt.Sprintf(", each at most %d characters", f.MaxLength)
	case f.MaxLength > 0 && f.Type != EnumType:
		s += fmt.Sprintf(", at most %d characters", f.MaxLength)
	}
	return s
}

func required(f Field) string {
	switch f.Required {
	case Always:
		return "**always**"
	case SKUOrProduct:
		return "sku or product_id"
	}
	return string(f.Required)
}

func updates(f Field) string {
	switch {
	case f.Path == IDPath, f.Path == "order_number":
		return "finds the order"
	case f.Path == CommandPath:
		return "says what to do"
	case f.ReadOnly:
		return "never sent"
	case f.UpdateOnly:
		return "only"
	case f.Update && len(f.UpdateEnum) > 0:
		return "to " + strings.Join(f.UpdateEnum, ", ")
	case f.Update:
		return "yes"
	}
	return "no"
}

// otherHeaders lists the other headers of a field, or the first few: those of an address combine
// every word for the address with every word for its part.
func otherHeaders(f Field) string {
	const most = 16
	var parts []string
	for _, p := range []struct {
		what  string
		names []string
	}{{"", f.Synonyms}, {"if no other column fits: ", f.Fallbacks}, {"suggested only: ", f.Suggestions}} {
		if len(p.names) == 0 {
			continue
		}
		names, more := p.names, ""
		if len(names) > most {
			names, more = names[:most], fmt.Sprintf(" and %d similar ones", len(names)-most)
		}
		parts = append(parts, p.what+strings.Join(names, ", ")+more)
	}
	if len(parts) == 0 {
		return ""
	}
	return wrap(fmt.Sprintf("- `%s`: %s", f.Column, strings.Join(parts, "; ")))
}

// wrap puts an item of a list into lines of at most 100 characters.
func wrap(text string) string {
	const width = 100
	var b strings.Builder
	column := -1
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word) + 1
		switch {
		case column+n > width:
			b.WriteString("\n  ")
			column = 1
		case column > 0:
			b.WriteByte(' ')
		}
		b.WriteString(word)
		column += n
	}
	return b.String() + "\n"
}
