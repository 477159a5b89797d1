package sheet

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"
	"unicode/utf8"
)

// dump writes one JSON array of texts for each record that isn't a blank line, its blank fields too. All but ASCII is escaped, so that a line is a line to anyone.
func (r *csvReader) dump(w io.Writer) error {
	out := bufio.NewWriter(w)
	records, _ := r.open()
	var line []byte
	for {
		more, err := records.next()
		if err != nil {
			_ = out.Flush() // what was read before may help to find the place
			return r.named(err)
		}
		if !more {
			return out.Flush()
		}
		if records.width == 0 {
			continue
		}
		line = append(line[:0], '[')
		for col, i := 0, 0; col < records.width; col++ {
			if col > 0 {
				line = append(line, ',')
			}
			var text []byte
			if i < len(records.cells) && records.cells[i].Col == col {
				text = records.cells[i].Text
				i++
			}
			line = appendASCII(line, text)
		}
		if _, err := out.Write(append(line, ']', '\n')); err != nil {
			return err
		}
	}
}

// appendASCII appends text as a JSON string of ASCII characters.
func appendASCII(dst, text []byte) []byte {
	quoted, _ := json.Marshal(string(text)) // a string always can be
	for len(quoted) > 0 {
		c, n := utf8.DecodeRune(quoted)
		quoted = quoted[n:]
		switch {
		case c < utf8.RuneSelf:
			dst = append(dst, byte(c))
		case c > 0xffff:
			c -= 0x10000
			dst = appendEscape(appendEscape(dst, 0xd800+c>>10), 0xdc00+c&0x3ff)
		default:
			dst = appendEscape(dst, c)
		}
	}
	return dst
}

func appendEscape(dst []byte, c rune) []byte {
	dst = append(dst, `\u`...)
	for i := 12; i >= 0; i -= 4 {
		dst = strconv.AppendInt(dst, int64(c>>i)&0xf, 16)
	}
	return dst
}
