package sheet

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The zip layer reads the directory strictly (APPNOTE.TXT 6.3.10): one end record, one directory that ends where that record begins, entries that neither overlap
// nor lie outside the file, local headers that say what the directory says. Two readers that see different parts in one file are how things get smuggled past checks.

const (
	sigLocal   = 0x04034b50
	sigCentral = 0x02014b50
	sigEnd     = 0x06054b50
	sigEnd64   = 0x06064b50
	sigLocator = 0x07064b50

	lenLocal   = 30
	lenCentral = 46
	lenEnd     = 22
	lenEnd64   = 56
	lenLocator = 20

	flagEncrypted  = 1 << 0
	flagDescriptor = 1 << 3

	methodStored  = 0
	methodDeflate = 8

	maxDirectory = 16 << 20 // bytes; 20,000 entries need about 2 MiB
)

// archive is a zip container whose directory has been checked.
type archive struct {
	r      io.ReaderAt
	size   int64
	limits Limits
	small  int64            // bytes of the small parts that were read
	parts  map[string]*part // by lower-case name: the parts of a workbook differ in more than case
}

// part is one entry of the archive.
type part struct {
	name         string
	method       uint16
	flags        uint16
	crc          uint32
	packed, size int64 // bytes packed and expanded, as the directory says
	header       int64 // offset of the local header
	data         int64 // offset of the packed bytes
	counted      bool  // in archive.small
}

// damage is a fault in the container or in a part; the reader above says in which file.
type damage struct {
	place, what, limit, hint string
}

func (d *damage) Error() string {
	if d.place == "" {
		return d.what
	}
	return d.place + ": " + d.what
}

func damaged(format string, args ...any) error { return &damage{what: fmt.Sprintf(format, args...)} }

func overLimit(limit, format string, args ...any) error {
	return &damage{limit: limit, what: fmt.Sprintf(format, args...)}
}

// openArchive reads and checks the directory of the zip container in r.
func openArchive(r io.ReaderAt, size int64, l Limits) (*archive, error) {
	a := &archive{r: r, size: size, limits: l, parts: map[string]*part{}}
	dir, err := a.findDirectory()
	if err != nil {
		return nil, err
	}
	parts, err := a.readDirectory(dir)
	if err != nil {
		return nil, err
	}
	if err := a.checkLocals(parts, dir.offset); err != nil {
		return nil, err
	}
	return a, nil
}

// directory is where the central directory stands.
type directory struct {
	offset, size int64
	entries      uint64
}

// findDirectory finds the one end record: its comment must end exactly where the file ends.
func (a *archive) findDirectory() (d directory, err error) {
	n := min(a.size, lenEnd+0xffff)
	tail := make([]byte, n)
	if _, err := a.r.ReadAt(tail, a.size-n); err != nil {
		return d, fmt.Errorf("reading the end of the container: %w", err)
	}
	at := -1
	for i := len(tail) - lenEnd; i >= 0; i-- {
		if binary.LittleEndian.Uint32(tail[i:]) == sigEnd && i+lenEnd+int(binary.LittleEndian.Uint16(tail[i+20:])) == len(tail) {
			at = i
			break
		}
	}
	if at < 0 {
		return d, damaged("is cut short or damaged: the zip container has no end record")
	}
	e := tail[at:]
	end := a.size - n + int64(at)
	if disk := binary.LittleEndian.Uint16(e[4:]); disk != 0 && disk != 0xffff {
		return d, damaged("is one part of a container split over several files")
	}
	d.entries = uint64(binary.LittleEndian.Uint16(e[10:]))
	d.size = int64(binary.LittleEndian.Uint32(e[12:]))
	d.offset = int64(binary.LittleEndian.Uint32(e[16:]))
	if end, err = a.end64(&d, end); err != nil {
		return d, err
	}
	if d.offset < 0 || d.size < 0 || d.offset+d.size != end {
		return d, damaged("is damaged: the zip directory (%d bytes at %d) doesn't end at its end record (%d)", d.size, d.offset, end)
	}
	return d, nil
}

// end64 takes the values of the zip64 end record, where there is one, and returns where the directory must end.
func (a *archive) end64(d *directory, end int64) (int64, error) {
	if end < lenLocator+lenEnd64 {
		return end, nil
	}
	var b [lenEnd64]byte
	if _, err := a.r.ReadAt(b[:lenLocator], end-lenLocator); err != nil {
		return 0, fmt.Errorf("reading the zip64 locator: %w", err)
	}
	if binary.LittleEndian.Uint32(b[:]) != sigLocator {
		return end, nil
	}
	at := binary.LittleEndian.Uint64(b[8:])
	if at > uint64(end-lenLocator-lenEnd64) {
		return 0, damaged("is damaged: its zip64 locator points outside the file")
	}
	if _, err := a.r.ReadAt(b[:], int64(at)); err != nil {
		return 0, fmt.Errorf("reading the zip64 end record: %w", err)
	}
	if binary.LittleEndian.Uint32(b[:]) != sigEnd64 {
		return 0, damaged("is damaged: its zip64 locator points at no end record")
	}
	d.entries = binary.LittleEndian.Uint64(b[32:])
	d.size = int64(binary.LittleEndian.Uint64(b[40:]))
	d.offset = int64(binary.LittleEndian.Uint64(b[48:]))
	return int64(at), nil
}

func (a *archive) readDirectory(d directory) ([]*part, error) {
	if d.entries > uint64(a.limits.Entries) {
		return nil, overLimit("Entries", "holds %d entries, more than %d", d.entries, a.limits.Entries)
	}
	if d.size > maxDirectory {
		return nil, overLimit("Entries", "has a zip directory of %d bytes, more than %d", d.size, maxDirectory)
	}
	b := make([]byte, d.size)
	if _, err := a.r.ReadAt(b, d.offset); err != nil {
		return nil, fmt.Errorf("reading the zip directory: %w", err)
	}
	parts := make([]*part, 0, d.entries)
	var expanded int64
	for len(b) > 0 {
		p, n, err := parseCentral(b)
		if err != nil {
			return nil, err
		}
		b = b[n:]
		if err := a.add(p); err != nil {
			return nil, err
		}
		if expanded += p.size; p.size > a.limits.Expanded || expanded > a.limits.Expanded {
			return nil, overLimit("Expanded", "expands to more than %d bytes", a.limits.Expanded)
		}
		parts = append(parts, p)
	}
	if expanded > ratioFloor && expanded/int64(a.limits.Ratio) > a.size {
		return nil, overLimit("Ratio", "is refused: it expands to more than %d times its size", a.limits.Ratio)
	}
	if uint64(len(parts)) != d.entries {
		return nil, damaged("is damaged: its zip directory holds %d entries, its end record says %d", len(parts), d.entries)
	}
	return parts, nil
}

// parseCentral reads one entry of the directory and returns its length.
func parseCentral(b []byte) (*part, int, error) {
	if len(b) < lenCentral || binary.LittleEndian.Uint32(b) != sigCentral {
		return nil, 0, damaged("is damaged: its zip directory has no entry where one should be")
	}
	nameLen, extraLen := int(binary.LittleEndian.Uint16(b[28:])), int(binary.LittleEndian.Uint16(b[30:]))
	total := lenCentral + nameLen + extraLen + int(binary.LittleEndian.Uint16(b[32:]))
	if total > len(b) {
		return nil, 0, damaged("is damaged: an entry of its zip directory is cut")
	}
	p := &part{
		name:   string(b[lenCentral : lenCentral+nameLen]),
		flags:  binary.LittleEndian.Uint16(b[8:]),
		method: binary.LittleEndian.Uint16(b[10:]),
		crc:    binary.LittleEndian.Uint32(b[16:]),
		packed: int64(binary.LittleEndian.Uint32(b[20:])),
		size:   int64(binary.LittleEndian.Uint32(b[24:])),
		header: int64(binary.LittleEndian.Uint32(b[42:])),
	}
	if !p.zip64(b[lenCentral+nameLen:lenCentral+nameLen+extraLen], &p.size, &p.packed, &p.header) || p.size < 0 || p.packed < 0 || p.header < 0 {
		return nil, 0, damaged("is damaged: the sizes of %q in its zip directory can't be read", p.name)
	}
	return p, total, nil
}

// zip64 replaces, in this order, each field that is saturated with its value from the zip64 extra field.
func (p *part) zip64(extra []byte, fields ...*int64) bool {
	var body []byte
	for len(extra) >= 4 {
		n := int(binary.LittleEndian.Uint16(extra[2:]))
		if 4+n > len(extra) {
			break
		}
		if binary.LittleEndian.Uint16(extra) == 1 {
			body = extra[4 : 4+n]
			break
		}
		extra = extra[4+n:]
	}
	for _, f := range fields {
		if *f != 0xffffffff {
			continue
		}
		if len(body) < 8 {
			return false
		}
		*f, body = int64(binary.LittleEndian.Uint64(body)), body[8:]
	}
	return true
}

// add checks an entry's name and puts it into the table of parts.
func (a *archive) add(p *part) error {
	name := strings.ReplaceAll(p.name, `\`, "/") // some writers on Windows
	for _, c := range []byte(name) {
		if c < 0x20 {
			return damaged("is damaged: the name of an entry, %q, holds a control character", p.name)
		}
	}
	if strings.HasPrefix(name, "/") || len(name) > 1 && name[1] == ':' || slices.Contains(strings.Split(name, "/"), "..") {
		return damaged("is refused: its entry %q would lie outside the container", p.name)
	}
	key := strings.ToLower(name)
	if other := a.parts[key]; other != nil {
		return damaged("is refused: it holds two entries of one name, %q and %q, and nothing says which of them counts", other.name, p.name)
	}
	a.parts[key] = p
	return nil
}
