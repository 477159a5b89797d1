package sheet

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// csvCharset says how the bytes of a file stand for characters.
type csvCharset struct {
	name string // utf-8, utf-16le, windows-1252 ...; empty = UTF-8 or Windows-1252, the first byte beyond ASCII decides
	bom  bool
	unit int               // bytes of a code unit of UTF-16 and UTF-32; else 0
	big  bool              // the unit's highest byte comes first
	enc  encoding.Encoding // nil = the bytes are UTF-8 already
}

// csvBOMs are the byte order marks, UTF-32 before UTF-16, whose little-endian mark is the beginning of the other's.
var csvBOMs = []struct{ mark, name string }{
	{"\xff\xfe\x00\x00", "utf-32le"},
	{"\x00\x00\xfe\xff", "utf-32be"},
	{utf8BOM, "utf-8"},
	{"\xff\xfe", "utf-16le"},
	{"\xfe\xff", "utf-16be"},
}

// guessCharset tells the charset from the first bytes of a file:
//
//  1. A byte order mark decides, even against what the user says.
//  2. Then the user decides.
//  3. Without NUL bytes it is UTF-8 or Windows-1252: as long as all is ASCII they are the same, and csvText decides at the first byte that isn't (see settle).
//  4. With NUL bytes it is UTF-32 or UTF-16 if the NULs stand where these have them in Latin text and all units are characters; else the NULs are a fault.
func guessCharset(sample []byte, wanted string) (csvCharset, error) {
	for _, b := range csvBOMs {
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
		return csvCharset{}, nil
	}
	for _, name := range []string{"utf-32le", "utf-32be", "utf-16le", "utf-16be"} {
		c, _ := namedCharset(name) // known names
		if c.plausible(sample) {
			return c, nil
		}
	}
	return csvCharset{}, nil
}

// namedCharset looks a charset up by any of the names that the web or IANA know it by.
func namedCharset(name string) (csvCharset, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	c := csvCharset{name: name, big: strings.HasSuffix(name, "be")}
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
			return c, fmt.Errorf("the charset %q isn't known; try utf-8, utf-16le, windows-1252, iso-8859-15, macintosh, ibm850 or shift_jis", name)
		}
		c.enc = enc
	}
	return c, nil
}

// csvWindows1252 is what text is when it isn't UTF-8. Latin-1 is a part of it but for the bytes 0x80 to 0x9F, control characters that no text has; the web reads
// Latin-1 as Windows-1252 for the same reason (WHATWG Encoding Standard, 4.2).
func csvWindows1252() csvCharset { return csvCharset{name: "windows-1252", enc: charmap.Windows1252} }

// plausible says that the sample reads well in c, which is UTF-16 or UTF-32: no unit is NUL, a control character or no character at all; most are Latin, or
// at least one in twenty is (delimiters and digits are) and the others aren't all two characters of ASCII that would be taken for one.
func (c csvCharset) plausible(sample []byte) bool {
	units, latin, pairs := 0, 0, 0
	check := csvUnits{wide: c.unit, big: c.big}
	for len(sample) >= c.unit {
		u, ok := check.take(sample[:c.unit])
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

// csvUnits looks at UTF-16 and UTF-32 as it passes by and finds what isn't a character; the decoders of x/text would put U+FFFD in its place and say nothing.
type csvUnits struct {
	wide int // bytes of a unit
	big  bool
	high bool // the unit before was the first half of a surrogate pair
	have [4]byte
	n    int // bytes in have
}

// take looks at one unit.
func (u *csvUnits) take(b []byte) (unit uint32, ok bool) {
	for i := range b {
		j := i
		if u.big {
			j = len(b) - 1 - i
		}
		unit |= uint32(b[j]) << (8 * i)
	}
	low := unit >= 0xdc00 && unit <= 0xdfff
	high := unit >= 0xd800 && unit <= 0xdbff
	if u.wide == 4 {
		return unit, unit <= utf8.MaxRune && !low && !high
	}
	ok = low == u.high
	u.high = high
	return unit, ok
}

// see looks at what comes next and says how many of its bytes come before the first unit that isn't a character.
func (u *csvUnits) see(b []byte) (good int, ok bool) {
	from := 0
	for u.wide == 2 && u.n == 0 && !u.high && from+2 <= len(b) && b[from]&0xf8 != 0xd8 && b[from+1]&0xf8 != 0xd8 { // far from surrogates, in either order
		from += 2
	}
	for i := from; i < len(b); i++ {
		u.have[u.n] = b[i]
		if u.n++; u.n < u.wide {
			continue
		}
		u.n = 0
		if _, ok := u.take(u.have[:u.wide]); !ok {
			return max(0, i+1-u.wide), false
		}
	}
	return len(b), true
}

// whole says that the text doesn't end inside a character.
func (u *csvUnits) whole() bool { return u.n == 0 && !u.high }
