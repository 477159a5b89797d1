package ods

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet/book"
	"ordersheet/internal/sheet/ooxml"
)

// The first formats of every document, for values whose own format doesn't match their type.
const (
	generalFormat uint16 = iota
	dateFormat
	timeFormat
	dateTimeFormat
	percentFormat
	currencyFormat
	firstFormats // how many there are
)

var firstFormatCodes = [firstFormats]string{"General", "yyyy-mm-dd", "hh:mm:ss", "yyyy-mm-dd hh:mm:ss", "0.00%", "[$¤] #,##0.00"}

// styles are the styles of cells and sheets, as far as they say something about values.
type styles struct {
	codes   map[string]string    // format codes, by name of the data style
	cells   map[string]cellStyle // styles of cells
	hidden  map[string]bool      // styles of hidden sheets
	formats []cell.Format
	index   map[string]uint16 // of formats, by the name of the cell style
}

type cellStyle struct{ data, parent string }

func newStyles() styles {
	return styles{codes: map[string]string{}, cells: map[string]cellStyle{}, hidden: map[string]bool{}, index: map[string]uint16{}}
}

// maxStyles limits the styles of each kind; LibreOffice allows 64,000.
const maxStyles = 1 << 16

// read reads the styles in the element opened last. Of two styles with the same name the later one
// counts, since those of content.xml come last and take precedence.
func (o *styles) read(s *ooxml.Scanner) error {
	return s.Each(func() error {
		if len(o.cells) >= maxStyles || len(o.codes) >= maxStyles || len(o.hidden) >= maxStyles {
			return s.Damaged("there are more than %d styles", maxStyles)
		}
		name := s.AttrTextIn(ooxml.StyleSpace, "name")
		switch {
		case s.Space == ooxml.NumberSpace && strings.HasSuffix(string(s.Local), "-style"):
			return o.readCode(s, name)
		case !s.IsIn(ooxml.StyleSpace, "style"):
		case s.AttrTextIn(ooxml.StyleSpace, "family") == "table-cell":
			o.cells[name] = cellStyle{data: s.AttrTextIn(ooxml.StyleSpace, "data-style-name"), parent: s.AttrTextIn(ooxml.StyleSpace, "parent-style-name")}
		case s.AttrTextIn(ooxml.StyleSpace, "family") == "table":
			return s.Each(func() error {
				if s.IsIn(ooxml.StyleSpace, "table-properties") && s.AttrTextIn(ooxml.TableSpace, "display") == "false" {
					o.hidden[name] = true
				}
				return s.SkipElement()
			})
		}
		return s.SkipElement()
	})
}

// readCode converts a data style to a format code. What matters is its class and its leading zeros.
func (o *styles) readCode(s *ooxml.Scanner, name string) error {
	var code strings.Builder
	if string(s.Local) == "time-style" && s.AttrTextIn(ooxml.NumberSpace, "truncate-on-overflow") == "false" {
		code.WriteString("[h]")
	}
	err := s.Each(func() error {
		if s.Space != ooxml.NumberSpace {
			return s.SkipElement()
		}
		if string(s.Local) == "text" || string(s.Local) == "currency-symbol" {
			sign := string(s.Local) == "currency-symbol"
			text, err := s.AppendElement(nil, maxCode)
			code.WriteString(literal(string(text), sign))
			return err
		}
		code.WriteString(codePart(s))
		return s.SkipElement()
	})
	if err == nil && code.Len() > maxCode {
		err = s.Damaged("the style %.40q is longer than %d bytes", name, maxCode)
	}
	o.codes[name] = code.String()
	return err
}

// maxCode limits one format code.
const maxCode = 4096

func literal(text string, currency bool) string {
	switch {
	case currency && text == "":
		return "[$¤]"
	case currency:
		return "[$" + strings.ReplaceAll(text, "]", "") + "]"
	case text == "%" || text == "":
		return text
	}
	return `"` + strings.ReplaceAll(text, `"`, "") + `"`
}

func codePart(s *ooxml.Scanner) string {
	if string(s.Local) == "number" {
		return digits(s)
	}
	part := codeParts[string(s.Local)]
	if part.long != "" && s.AttrTextIn(ooxml.NumberSpace, "style") == "long" {
		return part.long
	}
	return part.code
}

// codeParts are the parts of format codes by element, in their usual and in their long style.
var codeParts = map[string]struct{ code, long string }{
	"scientific-number": {"0.00E+00", ""}, "fraction": {"# ?/?", ""},
	"year": {"yy", "yyyy"}, "month": {"m", "mm"}, "day": {"d", "dd"}, "day-of-week": {"ddd", "dddd"},
	"quarter": {"yyyy", ""}, "week-of-year": {"yyyy", ""}, "era": {"yyyy", ""},
	"hours": {"h", "hh"}, "minutes": {"m", "mm"}, "seconds": {"s", "ss"}, "am-pm": {" AM/PM", ""},
	"text-content": {"@", ""},
}

func digits(s *ooxml.Scanner) string {
	places, fixed := s.AttrIn(ooxml.NumberSpace, "decimal-places")
	least, _ := strconv.Atoi(s.AttrTextIn(ooxml.NumberSpace, "min-integer-digits"))
	grouped := s.AttrTextIn(ooxml.NumberSpace, "grouping") == "true"
	if !fixed && !grouped && least <= 1 {
		return "General"
	}
	code := strings.Repeat("0", min(max(least, 1), 255))
	if grouped {
		code = "#,##" + code
	}
	if n, _ := strconv.Atoi(string(places)); n > 0 {
		code += "." + strings.Repeat("0", min(n, 30))
	}
	return code
}

func (o *styles) resolve() ([]cell.Format, error) {
	o.formats = make([]cell.Format, firstFormats)
	known := map[string]uint16{}
	for i, code := range firstFormatCodes {
		o.formats[i] = cell.ParseFormat(code)
		known[code] = uint16(i)
	}
	for _, name := range slices.Sorted(maps.Keys(o.cells)) {
		code := o.codeOf(name)
		if code == "" {
			continue
		}
		at, ok := known[code]
		if !ok {
			if len(o.formats) > 0xffff {
				return nil, book.Damaged("it has more than %d number formats", 0xffff)
			}
			at = uint16(len(o.formats))
			o.formats = append(o.formats, cell.ParseFormat(code))
			known[code] = at
		}
		o.index[name] = at
	}
	return o.formats, nil
}

// codeOf returns the format code of a cell style or of its parents.
func (o *styles) codeOf(name string) string {
	for range 16 { // a longer chain is a cycle
		st, ok := o.cells[name]
		if !ok {
			return ""
		}
		if st.data != "" {
			return o.codes[st.data]
		}
		name = st.parent
	}
	return ""
}
