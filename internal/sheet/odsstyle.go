package sheet

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"ordersheet/internal/cell"
)

// The formats that every OpenDocument book has: for values whose own style doesn't show what their type says.
const (
	odsGeneral uint16 = iota
	odsDate
	odsTime
	odsDateTime
	odsPercent
	odsCurrency
	odsFormats // how many
)

// odsFormatCodes are their codes.
var odsFormatCodes = [odsFormats]string{"General", "yyyy-mm-dd", "hh:mm:ss", "yyyy-mm-dd hh:mm:ss", "0.00%", "[$¤] #,##0.00"}

// odsStyles are the styles of cells and sheets, as far as they say something about values.
type odsStyles struct {
	codes   map[string]string   // data styles, by name, as a workbook would have them
	cells   map[string]odsStyle // styles of cells
	hidden  map[string]bool     // styles of sheets that aren't shown
	formats []cell.Format
	index   map[string]uint16 // of formats, by the name of the cell style
}

// odsStyle is a style of cells.
type odsStyle struct{ data, parent string }

func newODSStyles() odsStyles {
	return odsStyles{codes: map[string]string{}, cells: map[string]odsStyle{}, hidden: map[string]bool{}, index: map[string]uint16{}}
}

// maxStyles bounds the styles of each sort; a book has 64,000 at most.
const maxStyles = 1 << 16

// read reads the styles within the element opened last. A later style of a name counts, since those of content.xml come last and go first.
func (o *odsStyles) read(s *scanner) error {
	return s.each(func() error {
		if len(o.cells) >= maxStyles || len(o.codes) >= maxStyles || len(o.hidden) >= maxStyles {
			return s.fault("there are more than %d styles", maxStyles)
		}
		name := s.attrText(styleSpace, "name")
		switch {
		case s.space == numberSpace && strings.HasSuffix(string(s.local), "-style"):
			return o.readCode(s, name)
		case !s.isIn(styleSpace, "style"):
		case s.attrText(styleSpace, "family") == "table-cell":
			o.cells[name] = odsStyle{data: s.attrText(styleSpace, "data-style-name"), parent: s.attrText(styleSpace, "parent-style-name")}
		case s.attrText(styleSpace, "family") == "table":
			return s.each(func() error {
				if s.isIn(styleSpace, "table-properties") && s.attrText(tableSpace, "display") == "false" {
					o.hidden[name] = true
				}
				return s.pass()
			})
		}
		return s.pass()
	})
}

// readCode reads one data style and writes it down as a workbook's format code: what matters is its class, and its leading zeros.
func (o *odsStyles) readCode(s *scanner, name string) error {
	var code strings.Builder
	if string(s.local) == "time-style" && s.attrText(numberSpace, "truncate-on-overflow") == "false" {
		code.WriteString("[h]")
	}
	err := s.each(func() error {
		if s.space != numberSpace {
			return s.pass()
		}
		if string(s.local) == "text" || string(s.local) == "currency-symbol" {
			sign := string(s.local) == "currency-symbol"
			text, err := s.appendElement(nil, maxCode)
			code.WriteString(literal(string(text), sign))
			return err
		}
		code.WriteString(s.codePart())
		return s.pass()
	})
	if err == nil && code.Len() > maxCode {
		err = s.fault("the style %.40q is longer than %d bytes", name, maxCode)
	}
	o.codes[name] = code.String()
	return err
}

// maxCode bounds one format code.
const maxCode = 4096

// literal is text in a format code.
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

// codePart is the part of a format code that the element opened last stands for.
func (s *scanner) codePart() string {
	long := s.attrText(numberSpace, "style") == "long"
	pick := func(short, full string) string {
		if long {
			return full
		}
		return short
	}
	switch string(s.local) {
	case "number":
		return s.digits()
	case "scientific-number":
		return "0.00E+00"
	case "fraction":
		return "# ?/?"
	case "year":
		return pick("yy", "yyyy")
	case "month":
		return pick("m", "mm")
	case "day":
		return pick("d", "dd")
	case "day-of-week":
		return pick("ddd", "dddd")
	case "quarter", "week-of-year", "era":
		return "yyyy"
	case "hours":
		return pick("h", "hh")
	case "minutes":
		return pick("m", "mm")
	case "seconds":
		return pick("s", "ss")
	case "am-pm":
		return " AM/PM"
	case "text-content":
		return "@"
	}
	return ""
}

// digits is the format code of a number element.
func (s *scanner) digits() string {
	places, fixed := s.attrIn(numberSpace, "decimal-places")
	least, _ := strconv.Atoi(s.attrText(numberSpace, "min-integer-digits"))
	grouped := s.attrText(numberSpace, "grouping") == "true"
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

// settle finds the format of each cell style, and lists the formats.
func (o *odsStyles) settle() ([]cell.Format, error) {
	o.formats = make([]cell.Format, odsFormats)
	known := map[string]uint16{}
	for i, code := range odsFormatCodes {
		o.formats[i] = parseFormat(code)
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
				return nil, damaged("is damaged: it has more than %d number formats", 0xffff)
			}
			at = uint16(len(o.formats))
			o.formats = append(o.formats, parseFormat(code))
			known[code] = at
		}
		o.index[name] = at
	}
	return o.formats, nil
}

// codeOf follows a cell style to its data style, through its parents.
func (o *odsStyles) codeOf(name string) string {
	for range 16 { // a chain that is longer goes round in a circle
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
