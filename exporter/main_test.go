package exporter_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ordersheet/exporter"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/sheet/write"
)

// TestMain lets the test program be the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("EXPORTER_TEST_VICTIM"); dir != "" {
		if err := victim(dir, os.Getenv("EXPORTER_TEST_BASE")); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// victim exports again and again, what changed since the last time, until it is killed.
func victim(dir, base string) error {
	l, err := sqlite.Open(filepath.Join(dir, "ledger.db"))
	if err != nil {
		return err
	}
	client, err := luminous.New(luminous.Config{BaseURL: base, Token: "token", Workers: 8})
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	service := exporter.New(exporter.Config{
		Ledger: l, Owner: fmt.Sprintf("%d@%s", os.Getpid(), host), Connect: connected(client),
	})
	for {
		m, err := service.Export(context.Background(), exporter.Options{
			Kind: order.SalesOrders, Since: exporter.Since{Last: true}, Overlap: time.Second, Details: exporter.WithDetails, Columns: feedColumns,
			Out: exporter.Target{Path: filepath.Join(dir, "orders.xlsx"), Format: write.XLSX, Replace: true},
		})
		if err != nil {
			return err
		}
		fmt.Println("published", m.Watermark)
	}
}
