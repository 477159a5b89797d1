package catalog

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"ordersheet/internal/order"
)

const referenceIntro = `<!-- Generated from the field catalog by "go run ./internal/make docs". Do not edit. -->

# Fields

After reading this page you know every column that a sheet may have, what its cells may hold, and
which headers ordersheet recognizes.

A header may be the column's name, its path, or one of the other headers listed under the tables.
Case and punctuation don't matter: ` + "`ORDER_NUMBER`, `Order Number`, `order-number`" + ` and
` + "`Order #`" + ` are the same. The report lists the columns that ordersheet didn't recognize. A
[mapping file](mapping.md) can map any other header.

- **required**: when a new order must have a value. *sku or product_id*: a line needs one of them.
  *unless company_id*: an order of a company gets the company's addresses.
- **update**: whether the field of an existing order can be changed.
- **Other headers** are used like the column's name. Those marked *if no other column fits* are used
  only when no other column means the field. Those marked *suggested only* mean something else in
  some programs: ordersheet suggests them and uses them only if a mapping file says so.
`

const referenceEnd = `
## Custom fields

The header names the custom field by its label, in the same case as in Luminous:
` + "`custom_fields.Priority Level` or `Custom: Priority Level`" + ` for the order,
` + "`items.custom_fields.Color` or `Item custom: Color`" + ` for a line of a sales order. A number in the
cell is sent as a number, TRUE and FALSE as a boolean, everything else as text.
`

// WriteReference writes docs/fields.md.
func WriteReference(w io.Writer) error {
	var b bytes.Buffer
	b.WriteString(referenceIntro)
	for _, kind := range Kinds("") {
		fmt.Fprintf(&b, "\n## %s\n\n", KindTitle(kind))
		b.WriteString("| column | path | type and limits | required | update | description |\n|---|---|---|---|---|---|\n")
		for _, f := range Fields(kind) {
			fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s | %s | %s |\n", f.Column, f.Path, f.Limits(), required(f), updates(f), f.Help)
		}
		b.WriteString("\n### Other headers\n\n")
		for _, f := range Fields(kind) {
			writeHeaders(&b, f)
		}
	}
	b.WriteString(referenceEnd)
	if _, err := w.Write(b.Bytes()); err != nil {
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

// writeHeaders lists the other headers of a field, or the first few: those of an address combine
// every word for the address with every word for its part.
func writeHeaders(b *bytes.Buffer, f Field) {
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
	if len(parts) > 0 {
		wrap(b, fmt.Sprintf("- `%s`: %s", f.Column, strings.Join(parts, "; ")))
	}
}

// wrap writes an item of a list in lines of at most 100 characters.
func wrap(b *bytes.Buffer, text string) {
	const width = 100
	column := 0
	for i, word := range strings.Fields(text) {
		switch n := utf8.RuneCountInString(word) + 1; {
		case i == 0:
			column = n - 1
		case column+n > width:
			b.WriteString("\n  ")
			column = n + 1
		default:
			b.WriteByte(' ')
			column += n
		}
		b.WriteString(word)
	}
	b.WriteByte('\n')
}
