package sheet

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/flate"
)

// ratioFloor is the expanded size up to which any ratio is let pass: below it a bomb does no harm.
const ratioFloor = 32 << 20

// checkLocals reads the local header of each entry, finds where its data stands, and checks that no two entries overlap.
func (a *archive) checkLocals(parts []*part, dir int64) error {
	parts = slices.Clone(parts)
	slices.SortFunc(parts, func(x, y *part) int { return int(min(max(x.header-y.header, -1), 1)) })
	end := int64(0)
	for _, p := range parts {
		if p.header < end {
			return damaged("is refused: its entry %q overlaps another", p.name)
		}
		if err := a.checkLocal(p, dir); err != nil {
			return err
		}
		end = p.data + p.packed
	}
	return nil
}

func (a *archive) checkLocal(p *part, dir int64) error {
	var h [lenLocal]byte
	if p.header > dir-lenLocal {
		return damaged("is damaged: its entry %q lies outside the file", p.name)
	}
	if _, err := a.r.ReadAt(h[:], p.header); err != nil {
		return fmt.Errorf("reading the header of %s: %w", p.name, err)
	}
	nameLen := int64(binary.LittleEndian.Uint16(h[26:]))
	p.data = p.header + lenLocal + nameLen + int64(binary.LittleEndian.Uint16(h[28:]))
	if binary.LittleEndian.Uint32(h[:]) != sigLocal || p.data > dir || p.packed > dir-p.data {
		return damaged("is damaged: its entry %q has no header, or lies outside the file", p.name)
	}
	name := make([]byte, nameLen)
	if _, err := a.r.ReadAt(name, p.header+lenLocal); err != nil {
		return fmt.Errorf("reading the header of %s: %w", p.name, err)
	}
	flags, method := binary.LittleEndian.Uint16(h[6:]), binary.LittleEndian.Uint16(h[8:])
	if string(name) != p.name || method != p.method || (flags^p.flags)&flagEncrypted != 0 {
		return damaged("is refused: the header of its entry %q says otherwise than the zip directory (%q)", p.name, name)
	}
	if flags&flagDescriptor == 0 {
		crc, packed, size := binary.LittleEndian.Uint32(h[14:]), binary.LittleEndian.Uint32(h[18:]), binary.LittleEndian.Uint32(h[22:])
		unsaid := crc == 0 && packed == 0 && size == 0 // some writers leave it to the directory without the flag that says so
		if !unsaid && (crc != p.crc || packed != 0xffffffff && int64(packed) != p.packed || size != 0xffffffff && int64(size) != p.size) {
			return damaged("is damaged: the header of its entry %q says otherwise than the zip directory (size or checksum)", p.name)
		}
	}
	return nil
}

// find returns the part of that name, regardless of case, or nil.
func (a *archive) find(name string) *part {
	return a.parts[strings.ToLower(strings.TrimPrefix(name, "/"))]
}

// inflater reads the expanded bytes of one part and checks size and checksum at its end.
type inflater struct {
	p    *part
	r    io.Reader
	raw  *bufio.Reader // over the packed bytes; all of them must be used
	left int64
	crc  uint32
}

func (a *archive) open(p *part) (*inflater, error) {
	switch {
	case p.flags&flagEncrypted != 0:
		return nil, damaged("is refused: its entry %q is encrypted with a zip password", p.name)
	case p.method != methodStored && p.method != methodDeflate:
		return nil, damaged("is refused: its entry %q is packed by method %d, only deflate is read", p.name, p.method)
	case p.method == methodStored && p.packed != p.size:
		return nil, damaged("is damaged: its entry %q isn't packed, yet has two sizes", p.name)
	case p.size > ratioFloor && p.size/int64(a.limits.Ratio) > p.packed:
		return nil, overLimit("Ratio", "is refused: its entry %q expands to more than %d times its size", p.name, a.limits.Ratio)
	}
	in := &inflater{p: p, left: p.size, raw: bufio.NewReaderSize(io.NewSectionReader(a.r, p.data, p.packed), 64<<10)}
	in.r = in.raw
	if p.method == methodDeflate {
		in.r = flate.NewReader(in.raw)
	}
	return in, nil
}

// Read never gives more bytes than the directory promised; io.EOF comes only once size and checksum agree and every packed byte was used.
func (in *inflater) Read(b []byte) (int, error) {
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
		return n, in.fault("ends %d bytes before its size", in.left)
	}
	return n, in.fault("can't be unpacked: %v", err)
}

func (in *inflater) finish() error {
	var one [1]byte
	if n, err := in.r.Read(one[:]); n != 0 {
		return in.fault("expands to more than its size of %d bytes", in.p.size)
	} else if err != io.EOF {
		return in.fault("can't be unpacked to its end: %v", err)
	}
	if _, err := in.raw.ReadByte(); err != io.EOF {
		return in.fault("has packed bytes after its end")
	}
	if in.crc != in.p.crc {
		return in.fault("has a wrong checksum (%08x, should be %08x)", in.crc, in.p.crc)
	}
	return io.EOF
}

func (in *inflater) fault(format string, args ...any) error {
	return &damage{place: "part " + in.p.name, what: "is damaged: it " + fmt.Sprintf(format, args...)}
}
