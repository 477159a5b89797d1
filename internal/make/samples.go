package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ordersheet/internal/order"
	"ordersheet/internal/sheet/write"

	"ordersheet/mapping/flatten"
)

// sample is one file of the samples and the function that makes it.
type sample struct {
	name  string
	write func(path string) error
}

// samples is every file of the samples folder but shopify.mapping.toml, which is written by hand.
func samples() []sample {
	return []sample{
		{"sales-orders.xlsx", writeSales},
		{"purchase-orders.xlsx", writePurchases},
		{"shopify-orders-export.csv", writeShopify},
		{"historical-orders.csv", writeHistorical},
		{"sales-orders-messy.xlsx", writeMessy},
		{"sales-orders-messy.truth.csv", writeMessyTruth},
		exportSample("export-sales-orders.xlsx", order.SalesOrders, flatten.LineRows),
		exportSample("export-sales-orders.csv", order.SalesOrders, flatten.LineRows),
		exportSample("export-sales-orders.jsonl", order.SalesOrders, flatten.LineRows),
		exportSample("export-sales-orders-sheets.xlsx", order.SalesOrders, flatten.OrderRows),
		exportSample("export-purchase-orders.tsv", order.PurchaseOrders, flatten.LineRows),
		exportSample("export-purchase-orders-sheets.xlsx", order.PurchaseOrders, flatten.OrderRows),
	}
}

func makeSamples(folder string) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return fmt.Errorf("making the folder of the samples: %w", err)
	}
	for _, s := range samples() {
		if err := s.write(filepath.Join(folder, s.name)); err != nil {
			return fmt.Errorf("making %s: %w", s.name, err)
		}
	}
	return nil
}

// writeCSV writes rows below headers that are separated by commas.
func writeCSV(path, headers string, rows [][]string) error {
	return write.ToFile(path, func(out io.Writer) error {
		return csv.NewWriter(out).WriteAll(slices.Insert(rows, 0, strings.Split(headers, ",")))
	})
}

// writeSheet writes a workbook of one sheet.
func writeSheet(path, name string, l write.Layout, rows [][]write.Value) error {
	return write.ToFile(path, func(out io.Writer) error {
		w, err := write.NewWorkbook(out)
		if err != nil {
			return err
		}
		defer w.Abort()
		s, err := w.Sheet(name, l)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := s.Row(r...); err != nil {
				return err
			}
		}
		return w.Close()
	})
}
