package catalog

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"ordersheet/internal/order"
)

// WriteReference writes docs/fields.md: the field catalogue of both kinds, for people.
func WriteReference(w io.Writer) error {
	var b bytes.Buffer
	b.WriteString(`<!-- Made from the field catalogue. Change that, not this file. -->

# Fields

Every column that a sheet can have, for each kind of order. A header may be the column's name or its path, in any case and with any signs
between the words (` + "`ORDER_NUMBER`, `Order Number`, `order-number`, `Order #`" + `), or one of the other headers named below it. A column that means
nothing here is left out, and the report says so. [mapping.md](mapping.md) tells how to name columns otherwise.

* **needed**: when an order must have it. *one of sku and product_id*: a line names its product by one of them. *unless company_id*: an order
  of a company gets the company's addresses.
* **update**: whether an existing order can be changed by it.
* Headers *also known* are used at once. Those used *if nothing better is there* give way to a column that is surer. Those *only proposed* mean
  something else in another program, so they are shown and never used without a mapping file.
`)
	for _, kind := range Kinds("") {
		fmt.Fprintf(&b, "\n## %s\n\n", KindTitle(kind))
		b.WriteString("| column | path | type and limits | needed | update | what it is |\n|---|---|---|---|---|---|\n")
		for _, f := range Fields(kind) {
			fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s | %s | %s |\n", f.Column, f.Path, f.Limits(), needed(f), updates(f), f.Help)
		}
		b.WriteString("\n### Other headers\n\n")
		for _, f := range Fields(kind) {
			writeHeaders(&b, f)
		}
	}
	b.WriteString("\n## Custom fields\n\n" +
		"The header names the custom field by its label, whose case is kept: `custom_fields.Priority Level` or `Custom: Priority Level` for the order,\n" +
		"`items.custom_fields.Colour` or `Item custom: Colour` for a line of a sales order. A number in the cell is sent as a number, TRUE and FALSE as a\n" +
		"boolean, anything else as text.\n")
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("writing the reference of fields: %w", err)
	}
	return nil
}

func KindTitle(kind order.Kind) string {
	if kind == order.PurchaseOrders {
		return "Purchase orders"
	}
	return "Sales orders"
}

// Limits says in words what the field takes: "text, at most 255 characters".
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

func needed(f Field) string {
	switch f.Required {
	case Always:
		return "**always**"
	case SKUOrProduct:
		return "one of sku and product_id"
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

// writeHeaders lists the headers of a field. Those of an address are made of every word for the address and every word for its part; a
// few stand for all.
func writeHeaders(b *bytes.Buffer, f Field) {
	const most = 16
	var parts []string
	for _, p := range []struct {
		what  string
		names []string
	}{{"", f.Synonyms}, {"if nothing better is there: ", f.Fallbacks}, {"only proposed: ", f.Suggestions}} {
		if len(p.names) == 0 {
			continue
		}
		names, more := p.names, ""
		if len(names) > most {
			names, more = names[:most], fmt.Sprintf(" and %d like them", len(names)-most)
		}
		parts = append(parts, p.what+strings.Join(names, ", ")+more)
	}
	if len(parts) > 0 {
		fmt.Fprintf(b, "* `%s`: %s\n", f.Column, strings.Join(parts, "; "))
	}
}
