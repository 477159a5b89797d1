package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
)

// Dialect is how a delimited file writes its records.
type Dialect struct {
	Charset   string // such as utf-8 or windows-1252; plain ASCII is utf-8
	BOM       bool   // it begins with a byte order mark
	Delimiter rune
	LineEnds  []string // CRLF, LF and CR, those that occur, the most frequent first; known once the file has been read
	Gzip      bool     // it is packed
}

// csvReader reads a delimited file. Rows are numbered as Excel does: a record with line breaks in quotes is one row, a blank line is a row too, and the line `sep=;` on top
// isn't.
type csvReader struct {
	book   *Book
	name   string
	f      *os.File
	size   int64
	limits Limits
	first  csvCharset // as the beginning of the file tells it
	tabs   bool       // its name says that tabs part its fields
}

// openCSV opens a delimited file, packed with gzip or not, and finds its charset and delimiter from its beginning. The file is closed with the Book only.
func openCSV(path string, f *os.File, size int64, o Options) (*Book, error) {
	b := &Book{Name: filepath.Base(path), Container: "csv", Sheets: []Sheet{{}}, Formats: []cell.Format{{Code: "General"}}}
	r := &csvReader{book: b, name: b.Name, f: f, size: size, limits: o.Limits.or(), tabs: namedForTabs(b.Name)}
	b.reader = r
	if o.Delimiter != 0 && !canDelimit(o.Delimiter) {
		return nil, fmt.Errorf("the delimiter %q can't be used: it must be one ASCII character other than a quote and a line end", o.Delimiter)
	}
	mark := make([]byte, len(gzipMark))
	n, _ := f.ReadAt(mark, 0) // a file that can't be read shows below
	b.Dialect.Gzip = string(mark[:n]) == gzipMark
	sample := make([]byte, csvSample)
	n, err := io.ReadFull(r.raw(), sample)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, r.named(faultAt(err, ""))
	}
	if r.first, err = guessCharset(sample[:n], o.Charset); err != nil {
		return nil, err
	}
	if err := r.refuseBinary(sample[:n]); err != nil {
		return nil, err
	}
	r.dialect(o.Delimiter)
	return b, nil
}

// raw gives the bytes of the file from the beginning, unpacked.
func (r *csvReader) raw() io.Reader {
	whole := &csvWhole{src: io.NewSectionReader(r.f, 0, r.size), left: r.size}
	if r.book.Dialect.Gzip {
		return &csvInflate{packed: whole, size: r.size, limits: r.limits}
	}
	return whole
}

// refuseBinary refuses what isn't text at all. A single NUL byte in a text is left to csvText, which knows its place.
func (r *csvReader) refuseBinary(sample []byte) error {
	nuls, controls := 0, 0
	for _, c := range sample {
		switch {
		case c == 0:
			nuls++
		case c < ' ' && bytes.IndexByte([]byte("\t\n\v\f\r\x1a\x1b"), c) < 0:
			controls++
		}
	}
	if r.first.unit > 0 || controls*50 <= len(sample) && nuls*4 <= len(sample) {
		return nil
	}
	what := "isn't text: it looks like binary data"
	if r.book.Dialect.Gzip {
		what = "is packed, and what is inside isn't text"
	}
	return &RefusedError{File: r.name, What: what, Hint: "give a workbook (.xlsx) or a delimited text file (.csv)"}
}

// dialect looks at the beginning of the text.
func (r *csvReader) dialect(delimiter rune) {
	text := newCSVText(r.raw(), r.first)
	records := newCSVRecords(text, csvSample, r.limits.CellBytes)
	sample := records.buf[records.pos:records.end]
	d := &r.book.Dialect
	d.BOM, d.Charset = r.first.bom, text.name()
	separator, n := separatorLine(sample)
	switch {
	case delimiter != 0:
		d.Delimiter = delimiter
	case n > 0:
		d.Delimiter = rune(separator)
	default:
		d.Delimiter = rune(findDelimiter(sample, records.srcErr == io.EOF))
		if r.tabs && d.Delimiter != '\t' {
			r.byName(sample)
		}
	}
}

// namedForTabs says that the name of a file promises tabs between its fields.
func namedForTabs(name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ".gz")
	return strings.HasSuffix(name, ".tsv") || strings.HasSuffix(name, ".tab")
}

// byName takes the tabs that the name promises, and says so where the content looks otherwise: who named the file knew, the content is only guessed at.
func (r *csvReader) byName(sample []byte) {
	d := &r.book.Dialect
	if seems := d.Delimiter; bytes.IndexByte(sample, byte(seems)) >= 0 {
		r.book.Notes = append(r.book.Notes, problem.Problem{
			Severity: problem.Warning, Code: "delimiter_by_name", File: r.name, Value: string(seems),
			Message: fmt.Sprintf("the name of the file says that tabs part its fields, and so it was read, but the content looks like %q", seems),
			Hint:    fmt.Sprintf("if it does, give --delimiter %q, or let the name end in .csv", string(seems)),
		})
	}
	d.Delimiter = '\t'
}

// open goes to the first record.
func (r *csvReader) open() (*csvRecords, *csvText) {
	text := newCSVText(r.raw(), r.first)
	size := int64(csvBuffer)
	if !r.book.Dialect.Gzip {
		size = min(size, max(2*r.size, 512)) // UTF-8 takes up to three bytes for one of another charset; the buffer grows if it must
	}
	records := newCSVRecords(text, int(size), r.limits.CellBytes)
	records.delimit(byte(r.book.Dialect.Delimiter))
	if _, n := separatorLine(records.buf[records.pos:records.end]); n > 0 {
		records.skipLine(n)
	}
	return records, text
}

func (r *csvReader) read(_ int, fn func(*cell.Row) error) (Extent, error) {
	var (
		e             Extent
		odd           csvOddities
		row           cell.Row
		records, text = r.open()
	)
	for {
		more, err := records.next()
		if err != nil {
			return e, r.named(err)
		}
		if !more {
			break
		}
		odd.end(records)
		odd.see(records)
		if len(records.cells) == 0 {
			continue
		}
		row.Num, row.Cells = records.record, records.cells
		e.Rows, e.Cells, e.LastRow = e.Rows+1, e.Cells+len(row.Cells), row.Num
		if err := fn(&row); err != nil {
			return e, err
		}
	}
	r.book.Dialect.Charset = text.name()
	r.book.Dialect.LineEnds = odd.lineEnds()
	e.Notes = odd.notes(r.name)
	if text.guessed {
		e.Notes = append(e.Notes, problem.Problem{
			Severity: problem.Notice, Code: "charset_guessed", File: r.name, Value: text.name(),
			Message: "the text isn't UTF-8 and was read as Windows-1252", Hint: "check the letters with accents; if they are wrong, name the charset",
		})
	}
	return e, nil
}

func (r *csvReader) close() error { return r.f.Close() }

// named puts the file's name into what went wrong with it.
func (r *csvReader) named(err error) error {
	var refused *RefusedError
	if errors.As(err, &refused) {
		refused.File = r.name
		return refused
	}
	return fmt.Errorf("reading %s: %w", r.name, err)
}

// faultAt puts the place into a refusal that doesn't know it.
func faultAt(err error, place string) error {
	var refused *RefusedError
	if errors.As(err, &refused) && refused.Place == "" {
		refused.Place = place
	}
	return err
}
