package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// clone copies a row together with its texts.
func clone(r *cell.Row) cell.Row {
	c := *r
	c.Cells = make([]cell.Cell, len(r.Cells))
	for i, x := range r.Cells {
		x.Text = append([]byte(nil), x.Text...)
		c.Cells[i] = x
	}
	return c
}

func drawRows(t *rapid.T) (rows []cell.Row) {
	num := 0
	for range rapid.IntRange(0, 40).Draw(t, "rows") {
		num += 1 + rapid.SampledFrom([]int{0, 0, 1, 900, 1 << 20}).Draw(t, "gap")
		row := cell.Row{Num: num, Hidden: rapid.Bool().Draw(t, "hidden"), Cells: []cell.Cell{}}
		col := -1
		for range rapid.IntRange(0, 12).Draw(t, "cells") {
			col += 1 + rapid.SampledFrom([]int{0, 0, 7, 8, 16000}).Draw(t, "skip")
			row.Cells = append(row.Cells, cell.Cell{
				Col: col, Kind: cell.Kind(rapid.IntRange(1, int(cell.Formula)).Draw(t, "kind")),
				Format: uint16(rapid.SampledFrom([]int{0, 1, 200, 65535}).Draw(t, "format")),
				Text:   rapid.SliceOfN(rapid.Byte(), 1, rapid.SampledFrom([]int{1, 9, 200, 40000}).Draw(t, "length")).Draw(t, "text"),
			})
		}
		rows = append(rows, row)
	}
	return rows
}

func TestSpoolGivesBackWhatItWasGiven(t *testing.T) {
	ctx := context.Background()
	l := open(t)
	run := int64(0)
	rapid.Check(t, func(rt *rapid.T) {
		run++
		rows := drawRows(rt)
		w := l.Spool(run, 2)
		for i := range rows {
			check(t, w.Append(&rows[i]))
		}
		check(t, w.Close(ctx))
		var got []cell.Row
		check(t, l.SpoolRows(ctx, run, 2, func(r *cell.Row) error { got = append(got, clone(r)); return nil }))
		if d := cmp.Diff(rows, got); d != "" {
			rt.Fatalf("rows (-want +got):\n%s", d)
		}
		check(t, l.DropRows(ctx, run, 2))
	})
}

func TestSpoolPick(t *testing.T) {
	ctx := context.Background()
	l := open(t)
	w := l.Spool(1, 0)
	var row cell.Row
	for i := range 10000 {
		spoolRow(&row, i)
		row.Num = 2*i + 2 // every second row is blank
		check(t, w.Append(&row))
	}
	check(t, w.Close(ctx))
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
			if want := fmt.Sprintf("SO-%07d", (r.Num/2-1)/3); string(r.At(0).Text) != want {
				t.Errorf("row %d has %s in A, want %s", r.Num, r.At(0).Text, want)
			}
			return nil
		}))
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("SpoolPick(%v) (-want +got):\n%s", c.ask, d)
		}
	}
	stop := errors.New("stop")
	if err := l.SpoolRows(ctx, 1, 0, func(*cell.Row) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("SpoolRows returned %v, want the error of fn", err)
	}
	check(t, l.DropRows(ctx, 1, -1))
	check(t, l.SpoolRows(ctx, 1, 0, func(r *cell.Row) error { return fmt.Errorf("row %d was kept", r.Num) }))
}

func TestSpoolRefusesRowsOutOfOrder(t *testing.T) {
	l := open(t)
	w := l.Spool(1, 0)
	check(t, w.Append(&cell.Row{Num: 5}))
	if err := w.Append(&cell.Row{Num: 5}); err == nil {
		t.Error("row 5 was taken twice")
	}
	if err := w.Close(context.Background()); err == nil {
		t.Error("Close forgot that a row was refused")
	}
}

func TestSpoolEndsWithItsContext(t *testing.T) {
	l := open(t)
	w := l.Spool(1, 0)
	check(t, w.Append(&cell.Row{Num: 1, Cells: []cell.Cell{{Kind: cell.Text, Text: []byte("x")}}}))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Close = %v, want context.Canceled", err)
	}
	if _, err := l.NewRun(ctx, ledger.Run{}); !errors.Is(err, context.Canceled) {
		t.Errorf("NewRun = %v, want context.Canceled", err)
	}
}

func TestSpoolOfManySources(t *testing.T) {
	ctx := context.Background()
	l := open(t)
	const sources, rows = 40, 300
	writers := make([]ledger.SpoolWriter, sources)
	for s := range writers {
		writers[s] = l.Spool(1, s)
	}
	var row cell.Row
	for i := range rows * sources {
		spoolRow(&row, i)
		check(t, writers[i%sources].Append(&row))
	}
	for _, w := range writers {
		check(t, w.Close(ctx))
	}
	for s := range writers {
		want := s + 1
		check(t, l.SpoolRows(ctx, 1, s, func(r *cell.Row) error {
			if r.Num != want {
				return fmt.Errorf("source %d: row %d, want %d", s, r.Num, want)
			}
			want += sources
			return nil
		}))
		if want != s+1+rows*sources {
			t.Errorf("source %d ends before row %d", s, want)
		}
	}
}
