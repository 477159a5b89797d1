package xlsx

import (
	"strconv"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet/ooxml"
)

// readStyles reads which number format each cell style has. A workbook without styles has General
// only.
func (w *workbook) readStyles(p *ooxml.Part) error {
	w.formats = []cell.Format{{Code: "General"}}
	if p == nil {
		return nil
	}
	codes := map[int]string{}
	index := map[int]uint16{0: 0}
	return w.archive.ScanSmall(p, func(s *ooxml.Scanner) error {
		if err := s.Root(); err != nil {
			return err
		}
		return s.Each(func() error {
			switch {
			case s.Is("numFmts"):
				return s.Each(func() error {
					if id, err := strconv.Atoi(s.AttrText("numFmtId")); err == nil && s.Is("numFmt") {
						codes[id] = s.AttrText("formatCode")
					}
					return nil
				})
			case s.Is("cellXfs"):
				return s.Each(func() error { return w.readStyle(s, codes, index) })
			}
			return nil
		})
	})
}

func (w *workbook) readStyle(s *ooxml.Scanner, codes map[int]string, index map[int]uint16) error {
	if !s.Is("xf") {
		return nil
	}
	id, _ := strconv.Atoi(s.AttrText("numFmtId")) // absent means 0, General
	at, ok := index[id]
	if !ok {
		if len(w.formats) > 0xffff {
			return s.Damaged("there are more than %d number formats", 0xffff)
		}
		code, own := codes[id]
		if !own {
			code = builtinFormat(id)
		}
		at = uint16(len(w.formats))
		w.formats = append(w.formats, cell.ParseFormat(code))
		index[id] = at
	}
	w.styles = append(w.styles, cellStyle{at, w.formats[at].Class.IsDate()})
	return nil
}

type cellStyle struct {
	format uint16 // index into Book.Formats
	date   bool   // its numbers are dates or times
}

// builtinFormats are the codes of the formats that a workbook doesn't have to define (ECMA-376 part
// 1, 18.8.30). Those from 27 on depend on the language: in Chinese, Japanese and Korean 27-36 and
// 50-58 are dates, in Thai 59-81 repeat the western ones with Thai digits.
var builtinFormats = map[int]string{
	0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: `"$"#,##0_);\("$"#,##0\)`, 6: `"$"#,##0_);[Red]\("$"#,##0\)`, 7: `"$"#,##0.00_);\("$"#,##0.00\)`,
	8: `"$"#,##0.00_);[Red]\("$"#,##0.00\)`, 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy",
	18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm", 37: "#,##0_);(#,##0)", 38: "#,##0_);[Red](#,##0)", 39: "#,##0.00_);(#,##0.00)",
	40: "#,##0.00_);[Red](#,##0.00)", 41: `_(* #,##0_);_(* \(#,##0\);_(* "-"_);_(@_)`, 42: `_("$"* #,##0_);_("$"* \(#,##0\);_("$"* "-"_);_(@_)`,
	43: `_(* #,##0.00_);_(* \(#,##0.00\);_(* "-"??_);_(@_)`, 44: `_("$"* #,##0.00_);_("$"* \(#,##0.00\);_("$"* "-"??_);_(@_)`, 45: "mm:ss", 46: "[h]:mm:ss", 47: "mmss.0",
	48: "##0.0E+0", 49: "@", 59: "t0", 60: "t0.00", 61: "t#,##0", 62: "t#,##0.00", 67: "t0%", 68: "t0.00%", 69: "t# ?/?", 70: "t# ??/??", 71: "d/m/yy", 72: "d-mmm-yy",
	73: "d-mmm", 74: "mmm-yy", 75: "h:mm", 76: "h:mm:ss", 77: "d/m/yy h:mm", 78: "mm:ss", 79: "[h]:mm:ss", 80: "mm:ss.0", 81: "d/m/yy",
}

// builtinFormat returns the code of a format that the workbook doesn't define.
func builtinFormat(id int) string {
	if code, ok := builtinFormats[id]; ok {
		return code
	}
	switch {
	case id == 32 || id == 33:
		return "h:mm:ss"
	case id >= 27 && id <= 36, id >= 50 && id <= 58:
		return "yyyy/m/d"
	}
	return "General"
}
