package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
)

// manyRows returns rows of 26 cells such as order lines have, numbered from 1.
func manyRows(n int) []cell.Row {
	all := make([]cell.Row, n)
	for i := range all {
		texts := [5]string{fmt.Sprintf("SO-%07d", i/3), fmt.Sprintf("%d.%02d", i%500, i%97), fmt.Sprint("Buyer ", i*7%40000), fmt.Sprint(i % 12), fmt.Sprint(i%900, " High Street")}
		all[i].Num = i + 1
		for c := range 26 {
			kind := cell.Text
			if c%5 == 1 || c%5 == 3 {
				kind = cell.Number
			}
			all[i].Cells = append(all[i].Cells, cell.Cell{Col: c, Kind: kind, Text: []byte(texts[c%5])})
		}
	}
	return all
}

func spoolRows(t *testing.T, l ledger.Ledger, run int64, source int, rows []cell.Row) {
	t.Helper()
	w := l.Spool(run, source)
	for i := range rows {
		check(t, w.Append(&rows[i]))
	}
	check(t, w.Close(t.Context()))
}

func TestSources(t *testing.T) { each(t, testSources) }

func testSources(t *testing.T, open opener) {
	ctx, l := t.Context(), open()
	want := []ledger.Source{{
		Source: cell.Source{
			File: "a.xlsx", Sheet: "Orders", Date1904: true,
			Formats: []cell.Format{{Code: "00000", Class: cell.Decimal, Zeros: 5}},
			Merges:  []cell.Range{{Row1: 1, Col1: 0, Row2: 2, Col2: 3}},
		},
		Path: "/x/a.xlsx", Hash: "h", Size: 1 << 40, Container: "xlsx", HeaderRow: 3,
		Header:  []ledger.HeaderCell{{Col: 0, Text: "Order #"}, {Col: 16383, Text: "Zip"}},
		Columns: []byte(`[{"col":0}]`), Rows: 12,
	}, {Source: cell.Source{File: "b.csv"}, LeftOut: "hidden"}}
	for i := range want {
		n, err := l.AddSource(ctx, 7, want[i])
		check(t, err)
		if want[i].N = n; n != i {
			t.Errorf("source %d got number %d", i, n)
		}
	}
	want[1].Rows, want[1].LeftOut = 5, ""
	check(t, l.UpdateSource(ctx, 7, want[1]))
	got, err := l.Sources(ctx, 7)
	check(t, err)
	equal(t, "sources", want, got)
	wantErr(t, "updating a source that isn't there", l.UpdateSource(ctx, 7, ledger.Source{N: 9}), ledger.ErrNotFound)
	if none, err := l.Sources(ctx, 8); len(none) != 0 || err != nil {
		t.Errorf("run 8 has sources %v, %v", none, err)
	}
}

func TestSpoolRows(t *testing.T) { each(t, testSpoolRows) }

func testSpoolRows(t *testing.T, open opener) {
	ctx, l, run := t.Context(), open(), int64(0)
	rapid.Check(t, func(rt *rapid.T) {
		run++
		rows := drawRows(rt)
		spoolRows(t, l, run, 2, rows)
		got := []cell.Row{}
		check(t, l.SpoolRows(ctx, run, 2, func(r *cell.Row) error { got = append(got, r.Clone()); return nil }))
		equal(t, "rows", rows, got)
		check(t, l.DropRows(ctx, run, 2))
	})
}

func drawRows(t *rapid.T) []cell.Row {
	rows, num := []cell.Row{}, 0
	for range rapid.IntRange(0, 40).Draw(t, "rows") {
		num += 1 + rapid.SampledFrom([]int{0, 0, 1, 900, 1 << 20}).Draw(t, "gap")
		row := cell.Row{Num: num, Hidden: rapid.Bool().Draw(t, "hidden"), Cells: []cell.Cell{}}
		col := -1
		for range rapid.IntRange(0, 12).Draw(t, "cells") {
			col += 1 + rapid.SampledFrom([]int{0, 0, 7, 8, 16000}).Draw(t, "skip")
			length := rapid.SampledFrom([]int{1, 9, 200, 40000}).Draw(t, "length")
			row.Cells = append(row.Cells, cell.Cell{
				Col: col, Kind: cell.Kind(rapid.IntRange(1, int(cell.Formula)).Draw(t, "kind")),
				Format: uint16(rapid.SampledFrom([]int{0, 1, 200, 65535}).Draw(t, "format")),
				Text:   rapid.SliceOfN(rapid.Byte(), 1, length).Draw(t, "text"),
			})
		}
		rows = append(rows, row)
	}
	return rows
}

func TestSpoolPick(t *testing.T) { each(t, testSpoolPick) }

func testSpoolPick(t *testing.T, open opener) {
	ctx, l := t.Context(), open()
	rows := manyRows(10000)
	for i := range rows {
		rows[i].Num = 2*i + 2 // every second row is blank
	}
	spoolRows(t, l, 1, 0, rows)
	for _, c := range []struct{ ask, want []int }{
		{[]int{2}, []int{2}},
		{[]int{1, 3, 5}, nil},
		{[]int{2, 3, 4, 9998, 9999, 10000, 19999, 20000, 20002}, []int{2, 4, 9998, 10000, 20000}},
		{[]int{20000}, []int{20000}},
		{nil, nil},
		{[]int{30000}, nil},
	} {
		var got []int
		check(t, l.SpoolPick(ctx, 1, 0, c.ask, func(r *cell.Row) error {
			got = append(got, r.Num)
			equal(t, "a row", rows[r.Num/2-1], r.Clone())
			return nil
		}))
		equal(t, fmt.Sprintf("SpoolPick(%v)", c.ask), c.want, got)
	}
	stop := errors.New("stop")
	wantErr(t, "SpoolRows", l.SpoolRows(ctx, 1, 0, func(*cell.Row) error { return stop }), stop)
	check(t, l.DropRows(ctx, 1, -1))
	check(t, l.SpoolRows(ctx, 1, 0, func(r *cell.Row) error { return fmt.Errorf("row %d was kept", r.Num) }))
}

func TestSpoolErrors(t *testing.T) { each(t, testSpoolErrors) }

func testSpoolErrors(t *testing.T, open opener) {
	l := open()
	w := l.Spool(1, 0)
	check(t, w.Append(&cell.Row{Num: 5}))
	if err := w.Append(&cell.Row{Num: 5}); err == nil {
		t.Error("row 5 was accepted twice")
	}
	if err := w.Close(t.Context()); err == nil {
		t.Error("Close forgot an error of Append")
	}
	w = l.Spool(2, 0)
	check(t, w.Append(&cell.Row{Num: 1, Cells: []cell.Cell{{Kind: cell.Text, Text: []byte("x")}}}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantErr(t, "Close", w.Close(ctx), context.Canceled)
	_, err := l.NewRun(ctx, ledger.Run{})
	wantErr(t, "NewRun", err, context.Canceled)
}

// TestManySources writes many sources at once, row by row in turn.
func TestManySources(t *testing.T) { each(t, testManySources) }

func testManySources(t *testing.T, open opener) {
	l := open()
	const sources = 40
	writers := make([]ledger.SpoolWriter, sources)
	for s := range writers {
		writers[s] = l.Spool(1, s)
	}
	for i, r := range manyRows(300 * sources) {
		check(t, writers[i%sources].Append(&r))
	}
	for s, w := range writers {
		check(t, w.Close(t.Context()))
		want := s + 1
		check(t, l.SpoolRows(t.Context(), 1, s, func(r *cell.Row) error {
			if r.Num != want {
				return fmt.Errorf("source %d: row %d, want %d", s, r.Num, want)
			}
			want += sources
			return nil
		}))
		if want != s+1+300*sources {
			t.Errorf("source %d ends before row %d", s, want)
		}
	}
}
