package write

import (
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"strconv"
	"unicode/utf8"

	"github.com/klauspost/compress/flate"

	"ordersheet/internal/cell"
)

// rowPacker encodes the rows of one sheet and compresses them at once. Excelize writes the rest of
// the sheet (columns, rules, filter) and of the workbook, but its SetRow alone takes longer than
// all of this writer, half of it in a regular expression and in allocations for each cell, and it
// converts numbers to float64.
type rowPacker struct {
	compressor *flate.Writer
	packed     spill
	sum        uint32 // CRC-32 of the uncompressed rows
	size       int64  // of the uncompressed rows
	buf        []byte
	names      []string // of columns
}

const rowBuffer = 64 << 10 // bytes of rows that are compressed together

func newRowPacker(compressor *flate.Writer) *rowPacker {
	p := &rowPacker{compressor: compressor}
	compressor.Reset(&p.packed)
	return p
}

func (p *rowPacker) startRow(row, cols int) {
	for len(p.names) < cols {
		p.names = append(p.names, cell.ColName(len(p.names)))
	}
	p.buf = append(p.buf, `<row r="`...)
	p.buf = strconv.AppendInt(p.buf, int64(row), 10)
	p.buf = append(p.buf, `">`...)
}

func (p *rowPacker) endRow() error {
	p.buf = append(p.buf, `</row>`...)
	if len(p.buf) < rowBuffer {
		return nil
	}
	return p.pack()
}

// cell adds one cell. A text is an inline string, since shared ones would stay in memory.
func (p *rowPacker) cell(row, col, style int, v *Value) {
	b := append(p.buf, `<c r="`...)
	b = append(b, p.names[col]...)
	b = strconv.AppendInt(b, int64(row), 10)
	if style != 0 {
		b = append(b, `" s="`...)
		b = strconv.AppendInt(b, int64(style), 10)
	}
	switch v.typ {
	case textValue:
		if keepsSpace(v.text) {
			b = append(b, `" t="inlineStr"><is><t xml:space="preserve">`...)
		} else {
			b = append(b, `" t="inlineStr"><is><t>`...)
		}
		b = append(appendEscaped(b, v.text), `</t></is></c>`...)
	case numberValue:
		b = append(b, `"><v>`...)
		b, _ = cell.AppendDecimal(b, []byte(v.text)) // Number has checked it
		b = append(b, `</v></c>`...)
	case dateValue, stampValue:
		var digits [32]byte
		b = append(b, `"><v>`...)
		b, _ = cell.AppendDecimal(b, strconv.AppendFloat(digits[:0], v.serial, 'f', -1, 64)) // rounded to 15 digits
		b = append(b, `</v></c>`...)
	case boolValue:
		b = append(b, `" t="b"><v>`...)
		b = append(b, "01"[len(v.text)&1^1]) // TRUE has four letters, FALSE five
		b = append(b, `</v></c>`...)
	case errorValue:
		b = append(b, `" t="e"><v>`...)
		b = append(appendEscaped(b, v.text), `</v></c>`...)
	case formulaValue:
		b = append(b, `"><f>`...)
		b = append(appendEscaped(b, v.text), `</f></c>`...)
	default:
		b = append(b, `"/>`...)
	}
	p.buf = b
}

func (p *rowPacker) pack() error {
	p.sum = crc32.Update(p.sum, crc32.IEEETable, p.buf)
	p.size += int64(len(p.buf))
	_, err := p.compressor.Write(p.buf)
	p.buf = p.buf[:0]
	return err
}

// finish compresses what is left and ends on a byte boundary, so that more compressed data can
// follow.
func (p *rowPacker) finish() error {
	if err := p.pack(); err != nil {
		return err
	}
	return p.compressor.Flush()
}

// keepsSpace reports whether a text has white space at an end, which an XML reader might drop.
func keepsSpace(s string) bool {
	return s[0] <= ' ' || s[len(s)-1] <= ' '
}

// appendEscaped appends a text as XML. Characters that XML can't hold are written as _x0007_, and
// so is the underscore of a text that looks like such an escape (ECMA-376 part 1, 22.9.2.19,
// ST_Xstring). Invalid UTF-8 becomes U+FFFD.
func appendEscaped(dst []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf && !special[s[i]] {
			i++
			continue
		}
		repl, size := escapeFirst(s[i:])
		if repl != "" {
			dst = append(append(dst, s[start:i]...), repl...)
			start = i + size
		}
		i += size
	}
	return append(dst, s[start:]...)
}

// escapeFirst returns the escape for the first character of s, empty if it needs none, and the
// character's size.
func escapeFirst(s string) (repl string, size int) {
	switch c := s[0]; {
	case c == '&':
		return "&amp;", 1
	case c == '<':
		return "&lt;", 1
	case c == '>':
		return "&gt;", 1
	case c == '_' && looksEscaped(s):
		return "_x005F_", 1
	case c == '_':
		return "", 1
	case c < ' ':
		return hexEscape(rune(c)), 1
	}
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case r == utf8.RuneError && size == 1:
		return "\uFFFD", 1
	case r == 0xFFFE || r == 0xFFFF:
		return hexEscape(r), size
	default:
		return "", size
	}
}

// special marks the bytes that appendEscaped must look at.
var special = func() (t [utf8.RuneSelf]bool) {
	for c := range t {
		t[c] = c < ' ' && c != '\t' && c != '\n' || c == '&' || c == '<' || c == '>' || c == '_'
	}
	return t
}()

func hexEscape(r rune) string { return fmt.Sprintf("_x%04X_", r) }

func looksEscaped(s string) bool {
	if len(s) < 7 || s[1] != 'x' || s[6] != '_' {
		return false
	}
	_, err := hex.DecodeString(s[2:6])
	return err == nil
}

// combineCRC returns the CRC-32 of two concatenated texts from the CRC of each and the length of
// the second: the first is multiplied by x to the power of the second's length in bits, modulo the
// CRC's polynomial, in reflected bit order.
func combineCRC(a, b uint32, lenB int64) uint32 {
	power, square := uint32(1)<<31, uint32(1)<<23 // x^0 and x^8
	for n := lenB; n > 0; n >>= 1 {
		if n&1 == 1 {
			power = multiplyModP(square, power)
		}
		square = multiplyModP(square, square)
	}
	return multiplyModP(power, a) ^ b
}

func multiplyModP(a, b uint32) (product uint32) {
	for bit := uint32(1) << 31; bit != 0; bit >>= 1 {
		if a&bit != 0 {
			product ^= b
		}
		carry := b & 1
		b >>= 1
		if carry != 0 {
			b ^= crc32.IEEE
		}
	}
	return product
}
