package sheet

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode"
)

// Limits bound what one file may cost. They are far above what honest workbooks need, and stop files that were made to exhaust a machine.
type Limits struct {
	Entries       int   // entries of the container; 0 = 20,000
	Expanded      int64 // bytes that all parts read of a workbook may expand to; 0 = 8 GiB
	Ratio         int   // how many times its packed size a part may expand to, and the file as a whole, once it is over 32 MiB; 0 = 200
	Part          int64 // bytes of all parts but sheets and shared strings (workbook, styles, relations, tables); 0 = 64 MiB
	SharedStrings int   // strings in the shared table; 0 = 40 million
	Memory        int64 // bytes of shared strings kept in memory, the rest goes to a temporary file; 0 = 32 MiB
	CellBytes     int   // bytes of one cell's text; 0 = 1 MiB (a spreadsheet holds 32,767 characters)
	RowBytes      int   // bytes of the texts of one row; 0 = 32 MiB
	Sheets        int   // sheets of a workbook; 0 = 5,000
	Merges        int   // merged ranges of one sheet; 0 = 1 million
	Repeated      int   // cells of a sheet that an OpenDocument file doesn't write but repeats by a count; 0 = 4 million
	Depth         int   // nesting of XML elements; 0 = 64
}

// or returns l with the defaults in place of zeros.
func (l Limits) or() Limits {
	def(&l.Entries, 20_000)
	def(&l.Expanded, 8<<30)
	def(&l.Ratio, 200)
	def(&l.Part, 64<<20)
	def(&l.SharedStrings, 40_000_000)
	def(&l.Memory, 32<<20)
	def(&l.CellBytes, 1<<20)
	def(&l.RowBytes, 32<<20)
	def(&l.Sheets, 5000)
	def(&l.Merges, 1_000_000)
	def(&l.Repeated, 4_000_000)
	def(&l.Depth, 64)
	return l
}

func def[T int | int64](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}

// limitName is how users write the name of a field of Limits: CellBytes is cell-bytes.
func limitName(field string) string {
	var b strings.Builder
	for i, r := range field {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// LimitNames lists the limits by the names that Set takes.
func LimitNames() (names []string) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Limits]()) {
		names = append(names, limitName(f.Name))
	}
	return names
}

// Set sets one limit from text such as cell-bytes=2000000.
func (l *Limits) Set(text string) error {
	name, value, _ := strings.Cut(text, "=")
	n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Limits]()) {
		if limitName(f.Name) != strings.TrimSpace(name) {
			continue
		}
		field := reflect.ValueOf(l).Elem().FieldByIndex(f.Index)
		if err != nil || n < 1 || field.OverflowInt(n) {
			return fmt.Errorf("the limit %s takes a whole number above 0, not %q", name, value)
		}
		field.SetInt(n)
		return nil
	}
	return fmt.Errorf("there is no limit %q, only %s", name, strings.Join(LimitNames(), ", "))
}
