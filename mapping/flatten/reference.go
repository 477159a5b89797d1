package flatten

import (
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/template"

	"ordersheet/internal/order"
	"ordersheet/mapping/catalog"
)

//go:embed columns.md.tmpl
var columnsTemplate string

// WriteColumns writes docs/columns.md.
func WriteColumns(w io.Writer) error {
	kinds := func() []order.Kind { return catalog.Kinds("") }
	t, err := template.New("columns.md").Funcs(template.FuncMap{"kinds": kinds, "title": catalog.KindTitle, "columns": describedColumns}).Parse(columnsTemplate)
	if err == nil {
		err = t.Execute(w, nil)
	}
	if err != nil {
		return fmt.Errorf("writing the column reference: %w", err)
	}
	return nil
}

// describedColumn is a row of the reference.
type describedColumn struct {
	Path, Header, Content string
	Default, Feed         bool
}

func describedColumns(kind order.Kind) ([]describedColumn, error) {
	standard := DefaultColumns(kind, LineRows)
	var out []describedColumn
	for _, path := range Paths(kind) {
		if strings.HasSuffix(path, catalog.AnyLabel) {
			continue
		}
		c, err := exportColumn(kind, path)
		if err != nil {
			return nil, err
		}
		out = append(out, describedColumn{path, c.header, cellWords(&c), slices.Contains(standard, path), kind == order.SalesOrders && c.inFeed()})
	}
	return out, nil
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
