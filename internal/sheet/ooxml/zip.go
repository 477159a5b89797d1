package ooxml

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"

	"ordersheet/internal/sheet/book"
)

// The zip directory is read strictly (APPNOTE.TXT 6.3.10): one end record, one directory that ends
// where that record begins, entries that neither overlap nor are outside the file, and local
// headers that match the directory. Otherwise two readers could see different parts in one file.

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

// Archive is a zip container whose directory was checked.
type Archive struct {
	r      io.ReaderAt
	size   int64
	limits book.Limits
	small  int64            // bytes of the parts that ScanSmall read
	parts  map[string]*Part // by lower-case name
}

// Part is one entry of an Archive.
type Part struct {
	Name         string
	method       uint16
	flags        uint16
	crc          uint32
	Size, packed int64 // bytes expanded and compressed, from the directory
	header       int64 // offset of the local header
	data         int64 // offset of the compressed bytes
	counted      bool  // in Archive.small
}

// OpenArchive reads and checks the directory of the zip container in r.
func OpenArchive(r io.ReaderAt, size int64, l book.Limits) (*Archive, error) {
	a := &Archive{r: r, size: size, limits: l, parts: map[string]*Part{}}
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

// MaxEntries returns the limit for entries.
func (a *Archive) MaxEntries() int { return a.limits.Entries }

type directory struct {
	offset, size int64
	entries      uint64
}

// findDirectory finds the end record, whose comment must end exactly where the file ends.
func (a *Archive) findDirectory() (d directory, err error) {
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
		return d, book.Damaged("the zip container has no end record, so the file may be incomplete")
	}
	e := tail[at:]
	end := a.size - n + int64(at)
	if disk := binary.LittleEndian.Uint16(e[4:]); disk != 0 && disk != 0xffff {
		return d, &book.UnreadableError{What: "is one part of a zip container that is split over several files"}
	}
	d.entries = uint64(binary.LittleEndian.Uint16(e[10:]))
	d.size = int64(binary.LittleEndian.Uint32(e[12:]))
	d.offset = int64(binary.LittleEndian.Uint32(e[16:]))
	if end, err = a.end64(&d, end); err != nil {
		return d, err
	}
	if d.offset < 0 || d.size < 0 || d.offset+d.size != end {
		return d, book.Damaged("the zip directory (%d bytes at %d) doesn't end at its end record (%d)", d.size, d.offset, end)
	}
	return d, nil
}

// end64 reads the zip64 end record, if there is one, and returns where the directory must end.
func (a *Archive) end64(d *directory, end int64) (int64, error) {
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
		return 0, book.Damaged("its zip64 locator points outside the file")
	}
	if _, err := a.r.ReadAt(b[:], int64(at)); err != nil {
		return 0, fmt.Errorf("reading the zip64 end record: %w", err)
	}
	if binary.LittleEndian.Uint32(b[:]) != sigEnd64 {
		return 0, book.Damaged("its zip64 locator doesn't point at an end record")
	}
	d.entries = binary.LittleEndian.Uint64(b[32:])
	d.size = int64(binary.LittleEndian.Uint64(b[40:]))
	d.offset = int64(binary.LittleEndian.Uint64(b[48:]))
	return int64(at), nil
}

func (a *Archive) readDirectory(d directory) ([]*Part, error) {
	if d.entries > uint64(a.limits.Entries) {
		return nil, book.OverLimit("Entries", "holds %d entries, more than %d", d.entries, a.limits.Entries)
	}
	if d.size > maxDirectory {
		return nil, book.OverLimit("Entries", "has a zip directory of %d bytes, more than %d", d.size, maxDirectory)
	}
	b := make([]byte, d.size)
	if _, err := a.r.ReadAt(b, d.offset); err != nil {
		return nil, fmt.Errorf("reading the zip directory: %w", err)
	}
	parts := make([]*Part, 0, d.entries)
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
		if expanded += p.Size; p.Size > a.limits.Expanded || expanded > a.limits.Expanded {
			return nil, book.OverLimit("Expanded", "expands to more than %d bytes", a.limits.Expanded)
		}
		parts = append(parts, p)
	}
	if expanded > ratioFloor && expanded/int64(a.limits.Ratio) > a.size {
		return nil, book.OverLimit("Ratio", "it expands to more than %d times its size", a.limits.Ratio)
	}
	if uint64(len(parts)) != d.entries {
		return nil, book.Damaged("its zip directory holds %d entries, its end record says %d", len(parts), d.entries)
	}
	return parts, nil
}

func parseCentral(b []byte) (*Part, int, error) {
	if len(b) < lenCentral || binary.LittleEndian.Uint32(b) != sigCentral {
		return nil, 0, book.Damaged("its zip directory has no entry where one should be")
	}
	nameLen, extraLen := int(binary.LittleEndian.Uint16(b[28:])), int(binary.LittleEndian.Uint16(b[30:]))
	total := lenCentral + nameLen + extraLen + int(binary.LittleEndian.Uint16(b[32:]))
	if total > len(b) {
		return nil, 0, book.Damaged("an entry of its zip directory is incomplete")
	}
	p := &Part{
		Name:   string(b[lenCentral : lenCentral+nameLen]),
		flags:  binary.LittleEndian.Uint16(b[8:]),
		method: binary.LittleEndian.Uint16(b[10:]),
		crc:    binary.LittleEndian.Uint32(b[16:]),
		packed: int64(binary.LittleEndian.Uint32(b[20:])),
		Size:   int64(binary.LittleEndian.Uint32(b[24:])),
		header: int64(binary.LittleEndian.Uint32(b[42:])),
	}
	if !p.zip64(b[lenCentral+nameLen:lenCentral+nameLen+extraLen], &p.Size, &p.packed, &p.header) || p.Size < 0 || p.packed < 0 || p.header < 0 {
		return nil, 0, book.Damaged("the sizes of %q in its zip directory can't be read", p.Name)
	}
	return p, total, nil
}

// zip64 replaces, in this order, each saturated field with its value from the zip64 extra field.
func (p *Part) zip64(extra []byte, fields ...*int64) bool {
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

func (a *Archive) add(p *Part) error {
	name := strings.ReplaceAll(p.Name, `\`, "/") // some writers on Windows
	for _, c := range []byte(name) {
		if c < 0x20 {
			return book.Damaged("the name of an entry, %q, holds a control character", p.Name)
		}
	}
	if strings.HasPrefix(name, "/") || len(name) > 1 && name[1] == ':' || slices.Contains(strings.Split(name, "/"), "..") {
		return book.Damaged("its entry %q would be outside the container", p.Name)
	}
	key := strings.ToLower(name)
	if other := a.parts[key]; other != nil {
		return book.Damaged("it has two entries with the same name, %q and %q", other.Name, p.Name)
	}
	a.parts[key] = p
	return nil
}
