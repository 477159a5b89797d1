package book

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode"
)

// Limits bound what one file may cost. They are far above what real workbooks need, and stop files
// that were made to exhaust a machine.
type Limits struct {
	Entries       int   // entries of the container; 0 = 20,000
	Expanded      int64 // bytes that all parts of a workbook may expand to; 0 = 8 GiB
	Ratio         int   // how many times its compressed size a part, or the file, may expand to once it exceeds 32 MiB; 0 = 200
	Part          int64 // bytes of all parts but sheets and shared strings (workbook, styles, relationships, tables); 0 = 64 MiB
	SharedStrings int   // strings in the shared table; 0 = 40 million
	Memory        int64 // bytes of shared strings kept in memory, the rest goes to a temporary file; 0 = 32 MiB
	CellBytes     int   // bytes of one cell's text; 0 = 1 MiB (a spreadsheet holds 32,767 characters)
	RowBytes      int   // bytes of the texts of one row; 0 = 32 MiB
	Sheets        int   // sheets of a workbook; 0 = 5,000
	Merges        int   // merged ranges of one sheet; 0 = 1 million
	Repeated      int   // cells of a sheet that an OpenDocument file repeats by a count; 0 = 4 million
	Depth         int   // nesting of XML elements; 0 = 64
}

// WithDefaults returns l with defaults in place of zeros.
func (l Limits) WithDefaults() Limits {
	setDefault(&l.Entries, 20_000)
	setDefault(&l.Expanded, 8<<30)
	setDefault(&l.Ratio, 200)
	setDefault(&l.Part, 64<<20)
	setDefault(&l.SharedStrings, 40_000_000)
	setDefault(&l.Memory, 32<<20)
	setDefault(&l.CellBytes, 1<<20)
	setDefault(&l.RowBytes, 32<<20)
	setDefault(&l.Sheets, 5000)
	setDefault(&l.Merges, 1_000_000)
	setDefault(&l.Repeated, 4_000_000)
	setDefault(&l.Depth, 64)
	return l
}

func setDefault[T int | int64](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}

// limitName returns the name of a field of Limits as users write it: CellBytes is cell-bytes.
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

// LimitNames lists the names of the limits, as Set takes them.
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
			return fmt.Errorf("limit %s must be a whole number above 0, not %q", name, value)
		}
		field.SetInt(n)
		return nil
	}
	return fmt.Errorf("there is no limit %q; the limits are %s", name, strings.Join(LimitNames(), ", "))
}
