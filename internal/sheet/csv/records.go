package csv

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"

	"ordersheet/internal/sheet/book"
)

const (
	maxRecordCells = 16 // a record may be this many times as large as one cell
	bufferSize     = 256 << 10
	bufferSlack    = 8 // bytes at the end of a buffer that are too few for textReader
	utf8BOM        = "\ufeff"
)

// recordReader reads text record by record. The text comes from a textReader, as UTF-8 without NUL.
// A record is split in place in the buffer; an incomplete one is split again from its beginning
// when more was read.
type recordReader struct {
	scanner
	src    io.Reader
	srcErr error  // what src ended with
	buf    []byte // buf[pos:end] was read but not yet returned
	pos    int
	end    int
	limit  int // bytes of one cell
	record int // number of the current record, from 1, with blank lines
	line   int // line on which the next record begins, from 1
}

// newRecordReader reads the first buffer of src and skips the byte order mark (some programs write
// it twice). setDelimiter comes next.
func newRecordReader(src io.Reader, size, limit int) *recordReader {
	r := &recordReader{src: src, buf: make([]byte, size), limit: limit, line: 1}
	r.read()
	for bytes.HasPrefix(r.buf[r.pos:r.end], []byte(utf8BOM)) {
		r.pos += len(utf8BOM)
	}
	return r
}

func (r *recordReader) setDelimiter(delimiter byte) {
	r.marks = newMarks(delimiter)
	r.seek(r.buf[:r.end], r.pos)
}

// next goes to the next record. It returns false at the end of the text, and with an error.
func (r *recordReader) next() (bool, error) {
	for {
		end := r.split(r.buf[:r.end], r.pos, r.srcErr == io.EOF)
		if end > 0 {
			if end-r.pos > r.limit || r.width > book.MaxColumns {
				if err := r.checkSizes(); err != nil {
					return false, err
				}
			}
			r.unquoteCells()
			r.record++
			r.line += r.breaks + 1
			r.pos = end
			return true, nil
		}
		if r.srcErr == io.EOF && r.pos == r.end {
			return false, nil
		}
		if err := r.more(); err != nil {
			return false, err
		}
	}
}

func (r *recordReader) more() error {
	rest := r.buf[r.pos:r.end]
	switch {
	case r.srcErr == io.EOF:
		return &book.UnreadableError{
			What: "has a quote that is never closed, so the rest of the file would be one cell", Place: r.placeOf(r.start - r.pos),
			Hint: `close the quote there, or write it twice ("") if it is part of the text`,
		}
	case r.srcErr != nil:
		return placed(r.srcErr, r.placeOf(len(rest)))
	case r.end-r.start > r.limit:
		return r.tooLarge(r.start-r.pos, r.open)
	case len(rest) > maxRecordCells*r.limit:
		return &book.UnreadableError{
			What: fmt.Sprintf("has a record of more than %d bytes", maxRecordCells*r.limit), Place: r.placeOf(0), Limit: "CellBytes",
			Hint: "check the line ends of the file",
		}
	}
	buf := r.buf
	if len(rest) > len(buf)/2-bufferSlack {
		buf = make([]byte, 2*len(buf))
	}
	r.end = copy(buf, rest)
	r.buf, r.pos = buf, 0
	r.read()
	r.seek(r.buf[:r.end], 0)
	return nil
}

func (r *recordReader) read() {
	for idle := 0; r.end < len(r.buf)-bufferSlack && r.srcErr == nil; idle++ {
		n, err := r.src.Read(r.buf[r.end:])
		if n > 0 {
			idle = 0
		}
		if idle > 100 && err == nil {
			err = io.ErrNoProgress
		}
		r.end, r.srcErr = r.end+n, err
	}
}

func (r *recordReader) skipLine(n int) {
	r.pos += n
	r.line++
	r.seek(r.buf[:r.end], r.pos)
}

// checkSizes looks for a cell over a limit in the current record.
func (r *recordReader) checkSizes() error {
	for _, c := range r.cells {
		if len(c.Text) <= r.limit && c.Col < book.MaxColumns {
			continue
		}
		if c.Col < book.MaxColumns {
			return r.tooLarge(bytes.Index(r.buf[r.pos:], c.Text), false)
		}
		return &book.UnreadableError{
			What: fmt.Sprintf("has a record of %d fields, and a sheet has %d columns", r.width, book.MaxColumns), Place: r.placeOf(0),
			Hint: "check the delimiter and the line ends of the file",
		}
	}
	return nil
}

func (r *recordReader) tooLarge(start int, quoted bool) error {
	f := &book.UnreadableError{
		What: fmt.Sprintf("has a cell of more than %d bytes", r.limit), Place: r.placeOf(start), Limit: "CellBytes",
		Hint: "a spreadsheet cell holds 32,767 characters; shorten the text",
	}
	if quoted {
		f.What = fmt.Sprintf("has a quote that isn't closed within %d bytes", r.limit)
		f.Hint = `close the quote there, or write it twice ("") if it is part of the text`
	}
	return f
}

// placeOf describes an offset in the current record: the line, and the byte in the line, from 1. In
// a decoded text it counts characters, since the bytes of the file are different.
func (r *recordReader) placeOf(offset int) string {
	before := r.buf[r.pos : r.pos+offset]
	line, from := r.line, 0
	for i, c := range before {
		if c == '\n' || c == '\r' && (i+1 == len(before) || before[i+1] != '\n') {
			line, from = line+1, i+1
		}
	}
	if t, ok := r.src.(*textReader); ok && t.decoded {
		return fmt.Sprintf("line %d, character %d", line, utf8.RuneCount(before[from:])+1)
	}
	return fmt.Sprintf("line %d, byte %d", line, len(before)-from+1)
}
