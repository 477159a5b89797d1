package sheet

// loadStrings reads the shared strings, once, when the first cell asks for one.
func (w *workbook) loadStrings() error {
	if w.table != nil {
		return nil
	}
	if w.strings == nil {
		return &damage{what: "is damaged: its cells ask for shared strings, and it has none"}
	}
	t := newStringTable(w.limits.Memory)
	r := stringReader{table: t, limits: w.limits}
	counts, err := w.archive.scan(w.strings, r.read)
	if err == nil && (counts.items != t.count+r.elsewhere || counts.texts != r.texts) {
		err = &damage{place: "part " + w.strings.name, what: "is damaged: two counts of its strings differ"}
	}
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

// stringReader fills a table from the part of shared strings.
type stringReader struct {
	*scanner
	table     *stringTable
	limits    Limits
	text, raw []byte
	texts     int // elements t, wherever they stand
	elsewhere int // elements si that are no item of the table
}

func (r *stringReader) read(s *scanner) error {
	r.scanner = s
	s.passed = r.count
	if err := s.root(); err != nil {
		return err
	}
	if !s.is("sst") {
		return s.fault("it is no table of strings")
	}
	return s.each(func() error {
		if !s.is("si") {
			return r.pass()
		}
		if r.table.count == r.limits.SharedStrings {
			return overLimit("SharedStrings", "is refused: it holds more than %d shared strings", r.limits.SharedStrings)
		}
		var err error
		if r.text, err = r.appendRich(r.text[:0]); err != nil {
			return err
		}
		return r.table.add(r.text)
	})
}

// appendRich appends the text of a string item or an inline string: its own text or that of its runs, without phonetic guides.
func (r *stringReader) appendRich(dst []byte) ([]byte, error) {
	start := len(dst)
	err := r.each(func() error {
		switch {
		case r.is("t"):
			return r.one(&dst)
		case r.is("r"):
			return r.each(func() error {
				if r.is("t") {
					return r.one(&dst)
				}
				return r.pass()
			})
		default:
			return r.pass()
		}
	})
	if len(dst)-start > r.limits.CellBytes {
		return dst, tooLong(r.part)
	}
	return dst, err
}

// one appends the text of a t element.
func (r *stringReader) one(dst *[]byte) (err error) {
	r.texts++
	if r.raw, err = r.appendElement(r.raw[:0], r.limits.CellBytes); err != nil {
		return err
	}
	*dst = appendUnescaped(*dst, r.raw)
	return nil
}

// count takes note of an element that is skipped, so that it isn't missed when counts are compared.
func (r *stringReader) count(local []byte) {
	switch string(local) {
	case "si":
		r.elsewhere++
	case "t":
		r.texts++
	}
}
