package flatten

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"ordersheet/internal/order"
	"ordersheet/mapping/catalog"
)

const columnsIntro = `<!-- Generated from the field catalog by "go run ./internal/make docs". Do not edit. -->

# Columns of exports

After reading this page you know every column that ` + "`ordersheet export --columns`" + ` can name, by
its path or by its header. [exporting.md](exporting.md) says how to choose columns.

- **default**: the column is included when no columns are named. (` + "`--rows orders`" + ` includes a
  few more.)
- **feed**: the column is in the feed of changed sales orders. An export of such columns alone needs
  no request per order.
- Each custom field has a column too, named by its label: ` + "`custom_fields.Priority Level`" + `,
  ` + "`items.custom_fields.Color`. `custom_fields` and `items.custom_fields`" + ` alone mean all custom
  fields that the orders have.
- [exporting.md](exporting.md#rows) explains the lists of an order: ` + "`shipments`, `payments`" + ` and
  ` + "`fulfillment_orders`" + `.
`

// WriteColumns writes docs/columns.md.
func WriteColumns(w io.Writer) error {
	var b bytes.Buffer
	b.WriteString(columnsIntro)
	for _, kind := range catalog.Kinds("") {
		fmt.Fprintf(&b, "\n## %s\n\n", catalog.KindTitle(kind))
		if err := writeColumns(&b, kind); err != nil {
			return err
		}
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("writing the column reference: %w", err)
	}
	return nil
}

func writeColumns(b *bytes.Buffer, kind order.Kind) error {
	standard := map[string]bool{}
	for _, path := range DefaultColumns(kind, LineRows) {
		standard[path] = true
	}
	b.WriteString("| path | header | content | default | feed |\n|---|---|---|---|---|\n")
	for _, path := range Paths(kind) {
		if strings.HasSuffix(path, catalog.AnyLabel) {
			continue
		}
		c, err := exportColumn(kind, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "| `%s` | `%s` | %s | %s | %s |\n", path, c.header, cellWords(&c), yes(standard[path]), yes(kind == order.SalesOrders && c.inFeed()))
	}
	return nil
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

// cellWords describes what a cell of a column holds.
func cellWords(c *column) string {
	switch {
	case c.widens():
		return "text; one column for each"
	case c.typ == catalog.TagsType:
		return "text, all in one cell"
	}
	return map[catalog.Type]string{
		catalog.TextType: "text", catalog.EnumType: "text", catalog.IDText: "text, zeros kept", catalog.EmailType: "text", catalog.IntegerType: "number", catalog.DecimalType: "number", catalog.DateType: "date",
		catalog.TimeType: "date with time, UTC", catalog.BoolType: "TRUE or FALSE", catalog.JSONType: "JSON",
	}[c.typ]
}
