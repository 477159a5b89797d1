package flatten

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"ordersheet/internal/order"

	"ordersheet/mapping/catalog"
)

// WriteColumns writes docs/columns.md: every column that an export can have, for people.
func WriteColumns(w io.Writer) error {
	var b bytes.Buffer
	b.WriteString(`<!-- Made from the field catalogue and the documented answers. Change those, not this file. -->

# Columns of exports

What ` + "`ordersheet export --columns`" + ` can name. A column is named by its path or by its header. [exporting.md](exporting.md) says how columns are
chosen and what becomes of them.

* **default**: it is there when no columns are named. (With ` + "`--rows orders`" + ` a few more are.)
* **feed**: the feed of changed sales orders has it, so that an export of such columns alone needs no request for each order.
* Besides these there is a column for each custom field, named by its label: ` + "`custom_fields.Priority Level`, `items.custom_fields.Colour`" + `;
  ` + "`custom_fields` and `items.custom_fields`" + ` alone mean all that are found.
* What an order holds several of (` + "`shipments`, `payments`, `fulfillment_orders`" + `) is explained in [exporting.md](exporting.md#rows).
`)
	for _, kind := range catalog.Kinds("") {
		fmt.Fprintf(&b, "\n## %s\n\n", catalog.KindTitle(kind))
		if err := writeColumns(&b, kind); err != nil {
			return err
		}
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("writing the reference of columns: %w", err)
	}
	return nil
}

func writeColumns(b *bytes.Buffer, kind order.Kind) error {
	standard := map[string]bool{}
	for _, path := range DefaultColumns(kind, LineRows) {
		standard[path] = true
	}
	b.WriteString("| path | header | what a cell holds | default | feed |\n|---|---|---|---|---|\n")
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

// cellWords says what a cell of a column holds.
func cellWords(c *column) string {
	switch {
	case c.widens():
		return "text; each in a column of its own"
	case c.typ == catalog.TagsType:
		return "text, all in one cell"
	}
	return map[catalog.Type]string{
		catalog.TextType: "text", catalog.EnumType: "text", catalog.IDText: "text, zeros kept", catalog.EmailType: "text", catalog.IntegerType: "number", catalog.DecimalType: "number", catalog.DateType: "date",
		catalog.TimeType: "date with time, UTC", catalog.BoolType: "TRUE or FALSE", catalog.JSONType: "JSON",
	}[c.typ]
}
