package ooxml

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"

	"ordersheet/internal/sheet/book"

	"github.com/klauspost/compress/flate"
)

// ratioFloor is the expanded size below which any ratio is allowed, since it does no harm.
const ratioFloor = 32 << 20

// checkLocals reads the local header of each entry, finds its data, and checks that no entries
// overlap.
func (a *Archive) checkLocals(parts []*Part, dir int64) error {
	parts = slices.Clone(parts)
	slices.SortFunc(parts, func(x, y *Part) int { return int(min(max(x.header-y.header, -1), 1)) })
	end := int64(0)
	for _, p := range parts {
		if p.header < end {
			return book.Damaged("its entry %q overlaps another", p.Name)
		}
		if err := a.checkLocal(p, dir); err != nil {
			return err
		}
		end = p.data + p.packed
	}
	return nil
}

func (a *Archive) checkLocal(p *Part, dir int64) error {
	var h [lenLocal]byte
	if p.header > dir-lenLocal {
		return book.Damaged("its entry %q is outside the file", p.Name)
	}
	if _, err := a.r.ReadAt(h[:], p.header); err != nil {
		return fmt.Errorf("reading the header of %s: %w", p.Name, err)
	}
	nameLen := int64(binary.LittleEndian.Uint16(h[26:]))
	p.data = p.header + lenLocal + nameLen + int64(binary.LittleEndian.Uint16(h[28:]))
	if binary.LittleEndian.Uint32(h[:]) != sigLocal || p.data > dir || p.packed > dir-p.data {
		return book.Damaged("its entry %q has no header, or is outside the file", p.Name)
	}
	name := make([]byte, nameLen)
	if _, err := a.r.ReadAt(name, p.header+lenLocal); err != nil {
		return fmt.Errorf("reading the header of %s: %w", p.Name, err)
	}
	flags, method := binary.LittleEndian.Uint16(h[6:]), binary.LittleEndian.Uint16(h[8:])
	if string(name) != p.Name || method != p.method || (flags^p.flags)&flagEncrypted != 0 {
		return book.Damaged("the header of its entry %q differs from the zip directory (%q)", p.Name, name)
	}
	if flags&flagDescriptor == 0 {
		crc, packed, size := binary.LittleEndian.Uint32(h[14:]), binary.LittleEndian.Uint32(h[18:]), binary.LittleEndian.Uint32(h[22:])
		unset := crc == 0 && packed == 0 && size == 0 // some writers do so without the flag for it
		if !unset && (crc != p.crc || packed != 0xffffffff && int64(packed) != p.packed || size != 0xffffffff && int64(size) != p.Size) {
			return book.Damaged("the header of its entry %q differs from the zip directory (size or checksum)", p.Name)
		}
	}
	return nil
}

// Find returns the part with that name, ignoring case, or nil.
func (a *Archive) Find(name string) *Part {
	return a.parts[strings.ToLower(strings.TrimPrefix(name, "/"))]
}

// partReader reads a part and checks its size and checksum at the end.
type partReader struct {
	p    *Part
	r    io.Reader
	raw  *bufio.Reader // the compressed bytes, all of which must be used
	left int64
	crc  uint32
}

// Open returns a reader of the part's content, which fails if size or checksum don't match.
func (a *Archive) Open(p *Part) (*partReader, error) {
	switch {
	case p.flags&flagEncrypted != 0:
		return nil, &book.UnreadableError{What: fmt.Sprintf("has the entry %q, which is encrypted with a zip password", p.Name)}
	case p.method != methodStored && p.method != methodDeflate:
		return nil, &book.UnreadableError{What: fmt.Sprintf("has the entry %q, which is compressed by method %d; only deflate can be read", p.Name, p.method)}
	case p.method == methodStored && p.packed != p.Size:
		return nil, book.Damaged("its entry %q isn't compressed, but has two sizes", p.Name)
	case p.Size > ratioFloor && p.Size/int64(a.limits.Ratio) > p.packed:
		return nil, book.OverLimit("Ratio", "its entry %q expands to more than %d times its size", p.Name, a.limits.Ratio)
	}
	in := &partReader{p: p, left: p.Size, raw: bufio.NewReaderSize(io.NewSectionReader(a.r, p.data, p.packed), 64<<10)}
	in.r = in.raw
	if p.method == methodDeflate {
		in.r = flate.NewReader(in.raw)
	}
	return in, nil
}

// Read never returns more bytes than the directory says. It returns io.EOF only if size and
// checksum match and every compressed byte was used.
func (in *partReader) Read(b []byte) (int, error) {
	if in.left == 0 {
		return 0, in.finish()
	}
	n, err := in.r.Read(b[:min(int64(len(b)), in.left)])
	in.left -= int64(n)
	in.crc = crc32.Update(in.crc, crc32.IEEETable, b[:n])
	if err == nil || err == io.EOF && in.left == 0 {
		return n, nil
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return n, in.damaged("ends %d bytes before its size", in.left)
	}
	return n, in.damaged("can't be decompressed: %v", err)
}

func (in *partReader) finish() error {
	var one [1]byte
	if n, err := in.r.Read(one[:]); n != 0 {
		return in.damaged("expands to more than its size of %d bytes", in.p.Size)
	} else if err != io.EOF {
		return in.damaged("can't be decompressed to its end: %v", err)
	}
	if _, err := in.raw.ReadByte(); err != io.EOF {
		return in.damaged("has compressed bytes after its end")
	}
	if in.crc != in.p.crc {
		return in.damaged("has a wrong checksum (%08x, should be %08x)", in.crc, in.p.crc)
	}
	return io.EOF
}

func (in *partReader) damaged(format string, args ...any) error {
	return book.Damaged("it "+format, args...).At("part " + in.p.Name)
}
