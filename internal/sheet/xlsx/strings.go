package xlsx

import (
	"ordersheet/internal/sheet/book"
	"ordersheet/internal/sheet/ooxml"
)

func (w *workbook) loadStrings() error {
	if w.table != nil {
		return nil
	}
	if w.strings == nil {
		return book.Damaged("its cells refer to shared strings, and it has none")
	}
	t := newStringTable(w.limits.Memory)
	r := stringReader{table: t, limits: w.limits}
	err := w.archive.Scan(w.strings, r.read)
	if err == nil {
		err = t.done()
	}
	if err != nil {
		t.close()
		return err
	}
	w.table = t
	return nil
}

type stringReader struct {
	*ooxml.Scanner
	table     *stringTable
	limits    book.Limits
	text, raw []byte
}

func (r *stringReader) read(s *ooxml.Scanner) error {
	r.Scanner = s
	if err := s.Root(); err != nil {
		return err
	}
	if !s.Is("sst") {
		return s.Damaged("it isn't a table of strings")
	}
	return s.Each(func() error {
		if !s.Is("si") {
			return r.SkipElement()
		}
		if r.table.count == r.limits.SharedStrings {
			return book.OverLimit("SharedStrings", "has more than %d shared strings", r.limits.SharedStrings)
		}
		var err error
		if r.text, err = r.appendRich(r.text[:0]); err != nil {
			return err
		}
		return r.table.add(r.text)
	})
}

// appendRich appends the text of a string item or an inline string: its own text or that of its
// runs, without phonetic guides.
func (r *stringReader) appendRich(dst []byte) ([]byte, error) {
	start := len(dst)
	err := r.Each(func() error {
		switch {
		case r.Is("t"):
			return r.appendT(&dst)
		case r.Is("r"):
			return r.Each(func() error {
				if r.Is("t") {
					return r.appendT(&dst)
				}
				return r.SkipElement()
			})
		default:
			return r.SkipElement()
		}
	})
	if len(dst)-start > r.limits.CellBytes {
		return dst, r.TooLong()
	}
	return dst, err
}

func (r *stringReader) appendT(dst *[]byte) (err error) {
	if r.raw, err = r.AppendElement(r.raw[:0], r.limits.CellBytes); err != nil {
		return err
	}
	*dst = ooxml.AppendUnescaped(*dst, r.raw)
	return nil
}
