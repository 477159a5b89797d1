package exporter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"strings"

	"ordersheet/internal/ledger"
	"ordersheet/internal/sheet/write"

	"ordersheet/mapping/catalog"

	"ordersheet/mapping/flatten"
)

type answer = ledger.Answer

// write writes the files into the stage from the kept answers alone, so the same answers give the
// same bytes.
func (w *exportRun) write(ctx context.Context, m *Manifest) error {
	err := w.kept(ctx, func(raw []byte) error {
		f, err := factsOf(raw)
		if err != nil {
			return fmt.Errorf("reading a kept order: %w", err)
		}
		m.Counts.Orders++
		m.Counts.Lines += max(f.lines, 0)
		m.Sums.Total, m.Sums.Quantity = m.Sums.Total.Add(f.total), m.Sums.Quantity.Add(f.quantity)
		return w.rows.Observe(raw)
	})
	if err != nil {
		return err
	}
	w.target = w.fileName()
	o := &output{exportRun: w, name: filepath.Base(w.target), sheets: w.rows.Sheets()}
	defer o.abort()
	for i := range o.sheets {
		if err := o.sheet(i); err != nil {
			return err
		}
		if err := w.kept(ctx, func(raw []byte) error { return o.order(i, raw) }); err != nil {
			return err
		}
	}
	if err := o.finish(); err != nil {
		return err
	}
	m.Files = o.files
	for _, f := range m.Files {
		m.Counts.Rows += f.Rows
	}
	m.Proof.add("file", true, "read back before publishing: %s", times(m.Counts.Rows, "row", "rows"))
	return nil
}

// output writes the rows into one file or several: parts with a limited number of rows, or one per
// sheet if the format has only one.
type output struct {
	*exportRun
	name   string // of the target
	sheets []flatten.Sheet
	files  []File

	file   *write.OutputFile
	sum    hash.Hash
	at     string // name of the current file
	rows   int    // in it
	blank  int    // of these without any value
	part   int
	width  []write.Column
	group  [][]write.Value
	filled int // used rows of group
}

// sheet starts the i-th sheet.
func (o *output) sheet(i int) error {
	o.width = Columns(&o.sheets[i])
	if o.file == nil || o.Out.Format != write.XLSX {
		return o.open(i)
	}
	return o.file.Sheet(o.sheets[i].Name, o.width)
}

// open starts a file for the i-th sheet.
func (o *output) open(i int) (err error) {
	if err := o.close(); err != nil {
		return err
	}
	ext := filepath.Ext(o.name)
	o.at = o.name
	switch {
	case o.Out.SplitRows > 0:
		o.part++
		o.at = fmt.Sprintf("%s.%03d%s", strings.TrimSuffix(o.name, ext), o.part, ext)
	case len(o.sheets) > 1 && o.Out.Format != write.XLSX:
		o.at = fmt.Sprintf("%s.%s%s", strings.TrimSuffix(o.name, ext), strings.ToLower(o.sheets[i].Name), ext)
	}
	options := o.Out.Text
	o.sum = sha256.New()
	options.Title = o.Name
	if o.file, err = write.CreateOutput(o.stage.file(o.at), o.Out.Format, options, o.sum); err != nil {
		return err
	}
	o.rows, o.blank = 0, 0
	return o.file.Sheet(o.sheets[i].Name, o.width)
}

// order writes the rows of one order to the i-th sheet.
func (o *output) order(i int, raw []byte) error {
	o.filled = 0
	if err := o.exportRun.rows.Rows(i, raw, o.row); err != nil {
		return err
	}
	if o.Out.SplitRows > 0 && o.rows > 0 && o.rows+o.filled > o.Out.SplitRows {
		if err := o.open(i); err != nil {
			return err
		}
	}
	o.rows += o.filled
	return o.file.Rows(o.group[:o.filled]...)
}

// row adds a row of the current order.
func (o *output) row(values []flatten.Value) error {
	if o.filled == len(o.group) {
		o.group = append(o.group, nil)
	}
	row, blank := o.group[o.filled][:0], true
	for _, v := range values {
		row = append(row, write.FromText(v.Kind, v.Text))
		blank = blank && v.Text == ""
	}
	if blank && o.Out.Format != write.JSONL { // whose rows always have keys
		o.blank++
	}
	o.group[o.filled] = row
	o.filled++
	return nil
}

// close completes the current file.
func (o *output) close() error {
	if o.file == nil {
		return nil
	}
	beside := o.file.LongValuesPath()
	if err := o.file.Close(); err != nil {
		return err
	}
	o.file = nil
	f := File{Name: o.at, Rows: o.rows, Blank: o.blank, Format: string(o.Out.Format)}
	if d := o.Out.Text.Delimiter; d != 0 {
		f.Parted = string(rune(d))
	}
	if err := o.done(f, hex.EncodeToString(o.sum.Sum(nil))); err != nil || beside == "" {
		return err
	}
	sum, err := hashFile(beside)
	if err != nil {
		return err
	}
	return o.done(File{Name: filepath.Base(beside), Format: longValues}, sum)
}

// done reads a complete file back and adds it: one that can't be read, or has another number of
// rows, is never published.
func (o *output) done(f File, sum string) error {
	path := o.stage.file(f.Name)
	st, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("checking %s: %w", f.Name, err)
	}
	f.Size, f.SHA256 = st.Size(), sum
	rows, err := f.count(path)
	if err != nil {
		return fmt.Errorf("reading %s back: %w", f.Name, err)
	}
	if rows != f.Rows-f.Blank {
		return fmt.Errorf("reading %s back: it has %d rows, but %d were written", f.Name, rows, f.Rows-f.Blank)
	}
	o.files = append(o.files, f)
	return nil
}

// finish completes the last file.
func (o *output) finish() error {
	if err := o.close(); err != nil {
		return err
	}
	if o.Out.Path == "-" && len(o.files) > 1 {
		return &UsageError{errors.New("stdout takes one file, but this export has several"), "name a file", []string{"out"}}
	}
	return nil
}

func (o *output) abort() {
	if o.file != nil {
		o.file.Abort()
	}
}

// Columns returns the columns of a sheet as the writers take them.
func Columns(s *flatten.Sheet) []write.Column {
	out := make([]write.Column, len(s.Columns))
	for i, c := range s.Columns {
		out[i] = write.Column{Header: c.Header, Kind: columnKind(c.Type)}
	}
	return out
}

// columnKind returns how a column is formatted in a workbook.
func columnKind(t catalog.Type) write.ColumnKind {
	switch t {
	case catalog.DateType:
		return write.DateColumn
	case catalog.DecimalType, catalog.IntegerType:
		return write.NumberColumn
	case catalog.IDText, catalog.TextType, catalog.TagsType, catalog.ListType, catalog.EnumType:
		return write.TextColumn
	}
	return write.General
}
