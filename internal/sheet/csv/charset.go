package csv

import (
	"bytes"
	"fmt"
	"strings"

	"ordersheet/internal/sheet/book"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

type textCharset struct {
	name string // utf-8, utf-16le, windows-1252 ...; empty = UTF-8 or Windows-1252, decided by the first bytes beyond ASCII
	bom  bool
	unit int               // bytes of a code unit of UTF-16 and UTF-32; else 0
	big  bool              // big-endian
	enc  encoding.Encoding // nil = UTF-8
}

// byteOrderMarks has UTF-32 before UTF-16, whose little-endian mark is a prefix of the other's.
var byteOrderMarks = []struct{ mark, name string }{
	{"\xff\xfe\x00\x00", "utf-32le"},
	{"\x00\x00\xfe\xff", "utf-32be"},
	{utf8BOM, "utf-8"},
	{"\xff\xfe", "utf-16le"},
	{"\xfe\xff", "utf-16be"},
}

// detectCharset detects the charset from the first bytes of a file:
//
//  1. A byte order mark decides, even against the user.
//  2. Then the user decides.
//  3. Without NUL bytes it is UTF-8 or Windows-1252. ASCII is the same in both; textReader decides at
//     the first other byte (see decide).
//  4. With NUL bytes it is UTF-32 or UTF-16 if the NULs are where these have them in Latin text and
//     all units are characters. Otherwise the NULs are an error.
func detectCharset(sample []byte, wanted string) (textCharset, error) {
	for _, b := range byteOrderMarks {
		if bytes.HasPrefix(sample, []byte(b.mark)) {
			c, err := namedCharset(b.name)
			c.bom = true
			return c, err
		}
	}
	if wanted != "" {
		return namedCharset(wanted)
	}
	if bytes.IndexByte(sample, 0) < 0 {
		return textCharset{}, nil
	}
	for _, name := range []string{"utf-32le", "utf-32be", "utf-16le", "utf-16be"} {
		c, _ := namedCharset(name) // known names
		if c.plausible(sample) {
			return c, nil
		}
	}
	return textCharset{}, nil
}

// namedCharset looks up a charset by any of its names on the web or at IANA.
func namedCharset(name string) (textCharset, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	c := textCharset{name: name, big: strings.HasSuffix(name, "be")}
	endian := map[bool]unicode.Endianness{false: unicode.LittleEndian, true: unicode.BigEndian}[c.big]
	endian32 := map[bool]utf32.Endianness{false: utf32.LittleEndian, true: utf32.BigEndian}[c.big]
	switch strings.ReplaceAll(name, "-", "") {
	case "utf8":
		c.name = "utf-8"
	case "utf16", "utf16le", "utf16be":
		c.unit, c.enc = 2, unicode.UTF16(endian, unicode.IgnoreBOM)
	case "utf32", "utf32le", "utf32be":
		c.unit, c.enc = 4, utf32.UTF32(endian32, utf32.IgnoreBOM)
	default:
		enc, err := htmlindex.Get(name)
		if err != nil {
			enc, err = ianaindex.IANA.Encoding(name)
		}
		if err != nil || enc == nil {
			return c, fmt.Errorf("the charset %q is unknown; try utf-8, utf-16le, windows-1252, iso-8859-15, macintosh, ibm850 or shift_jis", name)
		}
		c.enc = enc
	}
	return c, nil
}

// windows1252 is the charset of text that isn't UTF-8. It contains Latin-1 except for the control
// characters 0x80 to 0x9F, which texts don't have; browsers do the same (WHATWG Encoding Standard,
// 4.2).
func windows1252() textCharset { return textCharset{name: "windows-1252", enc: charmap.Windows1252} }

// plausible reports whether the sample could be in c, which is UTF-16 or UTF-32: each unit is a
// character, and not a control character; most are Latin, or at least one in twenty is (such as
// delimiters and digits) and the others aren't just pairs of ASCII characters.
func (c textCharset) plausible(sample []byte) bool {
	units, latin, pairs := 0, 0, 0
	check := book.UnitReader{Wide: c.unit, BigEndian: c.big}
	for len(sample) >= c.unit {
		u, ok := check.Next(sample[:c.unit])
		if !ok || u < ' ' && u != '\t' && u != '\n' && u != '\r' {
			return false
		}
		units++
		if u < 0x250 {
			latin++
		}
		if hi, lo := u>>8, u&0xff; hi >= '\t' && hi <= '~' && lo >= '\t' && lo <= '~' {
			pairs++
		}
		sample = sample[c.unit:]
	}
	return latin*2 > units || latin*20 > units && pairs*10 <= 9*(units-latin)
}
