package main

import (
	"path/filepath"
	"time"

	"ordersheet/exporter"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
	"ordersheet/internal/sheet/write"

	"ordersheet/mapping/flatten"
)

// exportOrders is how many orders of each kind the samples of exports hold.
const exportOrders = 24

// exportSample is a file as the export command makes it: one for each shape of rows and each form
// of file.
func exportSample(name string, kind order.Kind, shape flatten.Shape) sample {
	return sample{name, func(path string) error { return writeExport(path, kind, shape) }}
}

// writeExport writes the orders of a sandbox as they are read there, with the default columns.
func writeExport(path string, kind order.Kind, shape flatten.Shape) error {
	now := time.Date(2026, 1, 31, 22, 0, 0, 0, time.UTC)
	box, err := sandbox.New(sandbox.Config{AnySKU: true, Now: func() time.Time { return now }})
	if err != nil {
		return err
	}
	defer box.Close()
	if err := box.Fill(string(kind), exportOrders); err != nil {
		return err
	}
	box.Decorate()
	rows, err := flatten.New(kind, shape, nil)
	if err != nil {
		return err
	}
	orders := box.Orders(string(kind))
	for _, o := range orders {
		if err := rows.Observe(o.Raw); err != nil {
			return err
		}
	}
	format, _ := write.FormatOf(filepath.Base(path))
	out, err := write.CreateOutput(path, format, write.OutputOptions{Title: string(kind)})
	if err != nil {
		return err
	}
	defer out.Abort()
	for i, s := range rows.Sheets() {
		if err := writeExportSheet(out, rows, i, s, orders); err != nil {
			return err
		}
	}
	return out.Close()
}

func writeExportSheet(out write.Output, rows *flatten.Flattener, i int, s flatten.Sheet, orders []sandbox.Order) error {
	if err := out.Sheet(s.Name, exporter.Columns(&s)); err != nil {
		return err
	}
	for _, o := range orders {
		err := rows.Rows(i, o.Raw, func(values []flatten.Value) error {
			row := make([]write.Value, len(values))
			for c, v := range values {
				row[c] = write.FromText(v.Kind, v.Text)
			}
			return out.Rows(row)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
