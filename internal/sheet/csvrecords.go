package sheet

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"
)

const (
	csvColumns = 16384 // columns of the widest sheet there is (Excel specifications and limits)
	csvRecord  = 16    // a record may be this many times as large as one cell may be
	csvBuffer  = 256 << 10
	csvSlack   = 8 // bytes at the end of a buffer too few to read into, see csvText
	utf8BOM    = "\ufeff"
)

// csvRecords reads text record by record. The text comes from src as UTF-8 without NUL (csvText sees to it). A record is scanned where it lies in the buffer; one that isn't
// whole there is scanned once more from its beginning when more has been read.
type csvRecords struct {
	csvScan
	src    io.Reader
	srcErr error  // what src ended with
	buf    []byte // buf[pos:end] is read and not yet given out
	pos    int
	end    int
	limit  int // bytes of one cell
	record int // number of the record at hand, from 1; blank lines count
	line   int // line of the file on which the next record begins, from 1
}

// newCSVRecords reads the first buffer of src and leaves out the byte order marks (some programs write it twice). delimit comes next.
func newCSVRecords(src io.Reader, size, limit int) *csvRecords {
	r := &csvRecords{src: src, buf: make([]byte, size), limit: limit, line: 1}
	r.read()
	for bytes.HasPrefix(r.buf[r.pos:r.end], []byte(utf8BOM)) {
		r.pos += len(utf8BOM)
	}
	return r
}

// delimit sets the delimiter, before the first record is read.
func (r *csvRecords) delimit(delimiter byte) {
	r.marks = newCSVMarks(delimiter)
	r.seek(r.buf[:r.end], r.pos)
}

// next goes to the next record. It gives false at the end of the text, and with an error.
func (r *csvRecords) next() (bool, error) {
	for {
		end := r.cut(r.buf[:r.end], r.pos, r.srcErr == io.EOF)
		if end > 0 {
			if end-r.pos > r.limit || r.width > csvColumns {
				if err := r.outsized(); err != nil {
					return false, err
				}
			}
			r.settle()
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

// more reads on, so that the record at hand becomes whole.
func (r *csvRecords) more() error {
	rest := r.buf[r.pos:r.end]
	switch {
	case r.srcErr == io.EOF:
		return &RefusedError{
			What: "has a quote that is opened and never closed, so that the rest of the file would be one cell", Place: r.placeOf(r.start - r.pos),
			Hint: `close the quote there, or write it twice ("") if it is part of the text`,
		}
	case r.srcErr != nil:
		return faultAt(r.srcErr, r.placeOf(len(rest)))
	case r.end-r.start > r.limit:
		return r.tooLarge(r.start-r.pos, r.open)
	case len(rest) > csvRecord*r.limit:
		return &RefusedError{
			What: fmt.Sprintf("has a record of more than %d bytes", csvRecord*r.limit), Place: r.placeOf(0), Limit: "CellBytes",
			Hint: "check the line ends of the file",
		}
	}
	buf := r.buf
	if len(rest) > len(buf)/2-csvSlack {
		buf = make([]byte, 2*len(buf))
	}
	r.end = copy(buf, rest)
	r.buf, r.pos = buf, 0
	r.read()
	r.seek(r.buf[:r.end], 0)
	return nil
}

// read fills the buffer.
func (r *csvRecords) read() {
	for idle := 0; r.end < len(r.buf)-csvSlack && r.srcErr == nil; idle++ {
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

// skipLine leaves out the line at hand, which isn't a record.
func (r *csvRecords) skipLine(n int) {
	r.pos += n
	r.line++
	r.seek(r.buf[:r.end], r.pos)
}

// outsized looks for a cell over a limit in the record that was just cut.
func (r *csvRecords) outsized() error {
	for _, c := range r.cells {
		if len(c.Text) <= r.limit && c.Col < csvColumns {
			continue
		}
		if c.Col < csvColumns {
			return r.tooLarge(bytes.Index(r.buf[r.pos:], c.Text), false)
		}
		return &RefusedError{
			What: fmt.Sprintf("has a record of %d fields, and a sheet has %d columns", r.width, csvColumns), Place: r.placeOf(0),
			Hint: "check the delimiter and the line ends of the file",
		}
	}
	return nil
}

func (r *csvRecords) tooLarge(start int, quoted bool) error {
	f := &RefusedError{
		What: fmt.Sprintf("has a cell of more than %d bytes", r.limit), Place: r.placeOf(start), Limit: "CellBytes",
		Hint: "a spreadsheet cell holds 32,767 characters; shorten the text",
	}
	if quoted {
		f.What = fmt.Sprintf("has a quote that isn't closed within %d bytes", r.limit)
		f.Hint = `close the quote there, or write it twice ("") if it is part of the text`
	}
	return f
}

// placeOf names the place at an offset of the record at hand: the line, and the byte on it, both from 1. Where the text was decoded it counts characters, for the file's bytes
// are others.
func (r *csvRecords) placeOf(offset int) string {
	before := r.buf[r.pos : r.pos+offset]
	line, from := r.line, 0
	for i, c := range before {
		if c == '\n' || c == '\r' && (i+1 == len(before) || before[i+1] != '\n') {
			line, from = line+1, i+1
		}
	}
	if t, ok := r.src.(*csvText); ok && t.decoded {
		return fmt.Sprintf("line %d, character %d", line, utf8.RuneCount(before[from:])+1)
	}
	return fmt.Sprintf("line %d, byte %d", line, len(before)-from+1)
}
