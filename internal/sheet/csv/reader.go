// Package csv reads delimited text: CSV, TSV and their like, in any charset, compressed with gzip
// or not. It detects charset and delimiter from the content. A text that can't be read with
// certainty is an error (book.UnreadableError); what only looks wrong is a note.
package csv

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet/book"
)

// Reader reads a delimited file. Rows are numbered as in Excel: a record with line breaks in quotes
// is one row, a blank line is a row too, and a line `sep=;` at the top isn't.
type Reader struct {
	book   *book.Book
	src    io.ReaderAt
	size   int64
	limits book.Limits
	first  textCharset // as detected from the beginning of the file
}

// Open opens a delimited file and detects its charset and delimiter. A name that ends in .tsv or
// .tab means tabs.
func Open(src io.ReaderAt, size int64, name string, o book.Options) (*book.Book, error) {
	if o.Delimiter != 0 && !canDelimit(o.Delimiter) {
		return nil, fmt.Errorf("the delimiter %q can't be used: it must be one ASCII character other than a quote or a line end", o.Delimiter)
	}
	r := &Reader{src: src, size: size, limits: o.Limits}
	r.book = &book.Book{Container: "csv", Sheets: []book.Sheet{{}}, Formats: []cell.Format{{Code: "General"}}, Rows: r}
	mark := make([]byte, len(gzipMark))
	n, _ := src.ReadAt(mark, 0) // an error comes again below
	r.book.Dialect.Gzip = string(mark[:n]) == gzipMark
	sample := make([]byte, sampleSize)
	n, err := io.ReadFull(r.content(), sample)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, wrap(err)
	}
	if r.first, err = detectCharset(sample[:n], o.Charset); err != nil {
		return nil, err
	}
	if err := r.checkText(sample[:n]); err != nil {
		return nil, err
	}
	r.detectDialect(o.Delimiter, namedForTabs(name))
	return r.book, nil
}

// content returns the bytes of the file from the beginning, decompressed.
func (r *Reader) content() io.Reader {
	whole := &sizedReader{src: io.NewSectionReader(r.src, 0, r.size), left: r.size}
	if r.book.Dialect.Gzip {
		return &gzipReader{compressed: whole, size: r.size, limits: r.limits}
	}
	return whole
}

// checkText returns an error for what isn't text at all. A single NUL byte in a text is left to
// textReader, which knows its place.
func (r *Reader) checkText(sample []byte) error {
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
		what = "is compressed, and its content isn't text"
	}
	return &book.UnreadableError{What: what, Hint: "use a workbook (.xlsx) or a delimited text file (.csv)"}
}

func (r *Reader) detectDialect(delimiter rune, tabs bool) {
	text := newTextReader(r.content(), r.first)
	records := newRecordReader(text, sampleSize, r.limits.CellBytes)
	sample := records.buf[records.pos:records.end]
	d := &r.book.Dialect
	d.BOM, d.Charset = r.first.bom, text.charsetName()
	separator, n := separatorLine(sample)
	switch {
	case delimiter != 0:
		d.Delimiter = delimiter
	case n > 0:
		d.Delimiter = rune(separator)
	default:
		d.Delimiter = rune(detectDelimiter(sample, records.srcErr == io.EOF))
		if tabs && d.Delimiter != '\t' {
			r.useTabs(sample)
		}
	}
}

func namedForTabs(name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ".gz")
	return strings.HasSuffix(name, ".tsv") || strings.HasSuffix(name, ".tab")
}

// useTabs trusts the name of the file over its content, since whoever named it knew. It adds a note
// if the content looks different.
func (r *Reader) useTabs(sample []byte) {
	d := &r.book.Dialect
	if detected := d.Delimiter; bytes.IndexByte(sample, byte(detected)) >= 0 {
		note := problem.New(problem.DelimiterByName, "value", string(detected))
		note.Remedies = []problem.Remedy{{Kind: problem.RunOption, Option: "delimiter", Value: string(detected)}}
		r.book.Notes = append(r.book.Notes, note)
	}
	d.Delimiter = '\t'
}

func (r *Reader) open() (*recordReader, *textReader) {
	text := newTextReader(r.content(), r.first)
	size := int64(bufferSize)
	if !r.book.Dialect.Gzip {
		size = min(size, max(2*r.size, 512)) // UTF-8 may need more bytes than the file; the buffer grows then
	}
	records := newRecordReader(text, int(size), r.limits.CellBytes)
	records.setDelimiter(byte(r.book.Dialect.Delimiter))
	if _, n := separatorLine(records.buf[records.pos:records.end]); n > 0 {
		records.skipLine(n)
	}
	return records, text
}

// ReadRows reads the rows.
func (r *Reader) ReadRows(_ int, fn func(*cell.Row) error) (book.Extent, error) {
	var (
		e             book.Extent
		found         anomalies
		row           cell.Row
		records, text = r.open()
	)
	for {
		more, err := records.next()
		if err != nil {
			return e, wrap(err)
		}
		if !more {
			break
		}
		found.countLineEnd(records)
		found.add(records)
		if len(records.cells) == 0 {
			continue
		}
		row.Num, row.Cells = records.record, records.cells
		e.Count(&row)
		if err := fn(&row); err != nil {
			return e, err
		}
	}
	r.book.Dialect.Charset = text.charsetName()
	r.book.Dialect.LineEnds = found.lineEnds()
	e.Notes = found.notes()
	if text.guessed {
		note := problem.New(problem.CharsetGuessed, "value", text.charsetName())
		note.Remedies = []problem.Remedy{{Kind: problem.RunOption, Option: "charset"}}
		e.Notes = append(e.Notes, note)
	}
	return e, nil
}

// Records calls fn with the fields of each record that isn't a blank line, with blank fields.
func (r *Reader) Records(fn func(fields [][]byte) error) error {
	records, _ := r.open()
	var fields [][]byte
	for {
		more, err := records.next()
		if err != nil {
			return book.Locate(wrap(err), r.book.Name, "")
		}
		if !more {
			return nil
		}
		if records.width == 0 {
			continue
		}
		fields = append(fields[:0], make([][]byte, records.width)...)
		for _, c := range records.cells {
			fields[c.Col] = c.Text
		}
		if err := fn(fields); err != nil {
			return err
		}
	}
}

// wrap says of an error that isn't a book.UnreadableError that it came from reading.
func wrap(err error) error {
	var unreadable *book.UnreadableError
	if errors.As(err, &unreadable) {
		return err
	}
	return fmt.Errorf("reading the text: %w", err)
}

func placed(err error, place string) error {
	var unreadable *book.UnreadableError
	if errors.As(err, &unreadable) {
		return unreadable.At(place)
	}
	return err
}
