package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
	"ordersheet/internal/sheet/write"
)

// shape is a kind of workbook.
type shape struct {
	name   string
	file   string
	kind   order.Kind
	orders int
	lines  int
	strewn bool // the lines of an order don't stand together
	number string
}

// shapes is a read-only table.
var shapes = []shape{
	{name: "one line an order", file: "one.csv", kind: order.SalesOrders, orders: 120, lines: 1, number: "A-%04d"},
	{name: "three lines an order", file: "three.xlsx", kind: order.SalesOrders, orders: 60, lines: 3, number: "B-%04d"},
	{name: "lines strewn over the sheet", file: "strewn.csv", kind: order.SalesOrders, orders: 60, lines: 3, strewn: true, number: "C-%04d"},
	{name: "purchase orders", file: "purchases.xlsx", kind: order.PurchaseOrders, orders: 60, lines: 2, number: "PO-%04d"},
	{name: "numbers with commas and spaces", file: "odd.csv", kind: order.SalesOrders, orders: 40, lines: 1, number: "D %04d, é+&"},
}

// numbers are the order numbers of a shape.
func (s shape) numbers() []string {
	out := make([]string, s.orders)
	for i := range out {
		out[i] = fmt.Sprintf(s.number, i)
	}
	return out
}

func (s shape) header() []string {
	if s.kind == order.PurchaseOrders {
		return []string{"PO Number", "PO Date", "Supplier ID", "Warehouse ID", "Item SKU", "Qty", "Unit Cost"}
	}
	return []string{
		"order_number", "order_date", "order_status", "channel_id", "bill_to_name", "bill_to_postal_code", "bill_to_country", "ship_to_name",
		"ship_to_postal_code", "ship_to_country", "sku", "quantity", "unit_price",
	}
}

func (s shape) row(number string, i, line int) []string {
	sku, price := fmt.Sprintf("SKU-%d", line), fmt.Sprintf("%d.25", 10+i)
	if s.kind == order.PurchaseOrders {
		return []string{number, "2025-01-02", "1", "1", sku, "2", price}
	}
	name := fmt.Sprintf("Buyer %d", i)
	return []string{number, "2025-01-02", "pending", "1", name, "05401", "US", name, "05401", "US", sku, "2", price}
}

// rows are all lines of all orders.
func (s shape) rows(numbers []string) [][]string {
	var out [][]string
	if s.strewn {
		for line := range s.lines {
			for i, n := range numbers {
				out = append(out, s.row(n, i, line))
			}
		}
		return out
	}
	for i, n := range numbers {
		for line := range s.lines {
			out = append(out, s.row(n, i, line))
		}
	}
	return out
}

// write makes the workbook.
func (s shape) write(path string, numbers []string) (err error) {
	if filepath.Ext(path) == ".csv" {
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		return errors.Join(csv.NewWriter(f).WriteAll(append([][]string{s.header()}, s.rows(numbers)...)), f.Close())
	}
	return write.ToFile(path, func(out io.Writer) error { return s.writeWorkbook(out, numbers) })
}

func (s shape) writeWorkbook(out io.Writer, numbers []string) error {
	w, err := write.NewWorkbook(out)
	if err != nil {
		return err
	}
	defer w.Abort()
	var layout write.Layout
	for _, h := range s.header() {
		layout.Columns = append(layout.Columns, write.Column{Header: h, Kind: write.TextColumn})
	}
	sw, err := w.Sheet("Orders", layout)
	if err != nil {
		return err
	}
	for _, row := range s.rows(numbers) {
		values := make([]write.Value, len(row))
		for i, v := range row {
			values[i] = write.Text(v)
		}
		if err := sw.Row(values...); err != nil {
			return err
		}
	}
	return w.Close()
}

// readReport makes the report of a run with the program and counts the orders of which it says otherwise than they stand.
func (c *cycle) readReport(run int64, standing map[string]sandbox.Order) (differ int, err error) {
	out := filepath.Join(c.dir, "again.csv")
	cmd := exec.Command(c.program, "report", strconv.FormatInt(run, 10), "-o", out, "--ledger", c.ledgerPath())
	if text, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("making the report: %w: %s", err, text)
	}
	f, err := os.Open(filepath.Join(c.dir, "again.orders.csv"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return 0, err
	}
	col := map[string]int{}
	for i, h := range rows[0] {
		col[h] = i
	}
	seen := 0
	for _, row := range rows[1:] {
		o, ok := standing[row[col["order_number"]]]
		seen++
		if word := row[col["status"]]; !ok || (word != "created" && word != "unchanged") || row[col["id"]] != strconv.FormatInt(o.ID, 10) {
			differ++
		}
	}
	if seen != c.shape.orders {
		differ++
	}
	return differ, nil
}
