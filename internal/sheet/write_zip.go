package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"slices"
	"sort"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zip"
)

const (
	// anyDimension is the extent that excelize is made to write into the head of each sheet, to be replaced by the true one, which is
	// known only when the last row has been written. As true extent it would be right too, so the replacement is safe in any case.
	anyDimension = "A1:XFD1048576"
	// tailBytes is how much of the end of a sheet's part is held back to put the links in. After the links come only margins, page set-up
	// and the like: some hundred bytes.
	tailBytes = 16 << 10
	// packLevel is the deflate level. In klauspost's compressor level 3 takes two thirds of the time of its default for a file a tenth
	// larger; sheets are read once or twice.
	packLevel = 3
	// packMemory is how many packed bytes of a part are held in memory before they go to a temporary file.
	packMemory = 4 << 20
)

// frame is what the packer puts into a sheet's part as it passes through.
type frame struct {
	dimension string // A1:H200
	links     []byte // the whole hyperlinks element; empty = none
}

// packer takes the parts of a workbook from excelize and writes them as a zip archive. It exists for four reasons: klauspost's compressor is
// much faster than the standard library's; the true dimension and the links have to be put into sheets; excelize gives the parts in the random
// order of a map, and the same input shall give the same bytes; and excelize would hold the whole archive in memory.
type packer struct {
	out    io.Writer
	deep   *flate.Writer
	frames map[string]frame // by name of part
	parts  []*packedPart
	open   *packedPart
}

func newPacker(out io.Writer, frames map[string]frame) (*packer, error) {
	deep, err := flate.NewWriter(nil, packLevel)
	if err != nil {
		return nil, fmt.Errorf("making a compressor: %w", err)
	}
	return &packer{out: out, deep: deep, frames: frames}, nil
}

// Create starts the next part; the writer is valid until the next call.
func (p *packer) Create(name string) (io.Writer, error) {
	if err := p.finish(); err != nil {
		return nil, err
	}
	part := &packedPart{name: name, deep: p.deep, sum: crc32.NewIEEE()}
	part.frame, part.framed = p.frames[name]
	p.deep.Reset(&part.packed)
	p.open, p.parts = part, append(p.parts, part)
	return part, nil
}

// AddFS is in excelize's interface; excelize doesn't call it to save a workbook.
func (p *packer) AddFS(fs.FS) error { return errors.ErrUnsupported }

func (p *packer) finish() error {
	if p.open == nil {
		return nil
	}
	part := p.open
	p.open = nil
	return part.finish()
}

// Close writes all parts in a fixed order, that of the package's own parts first, as other programs have it.
func (p *packer) Close() error {
	defer p.discard()
	if err := p.finish(); err != nil {
		return err
	}
	sort.Slice(p.parts, func(i, j int) bool { return p.parts[i].name < p.parts[j].name }) // [Content_Types].xml and _rels/.rels come first so
	z := zip.NewWriter(p.out)
	for _, part := range p.parts {
		w, err := z.CreateRaw(&zip.FileHeader{
			Name: part.name, Method: zip.Deflate, CRC32: part.sum.Sum32(),
			CompressedSize64: uint64(part.packed.size), UncompressedSize64: part.size,
		})
		if err != nil {
			return fmt.Errorf("writing part %s: %w", part.name, err)
		}
		if err := part.packed.copyTo(w); err != nil {
			return fmt.Errorf("writing part %s: %w", part.name, err)
		}
	}
	return z.Close()
}

func (p *packer) discard() {
	for _, part := range p.parts {
		part.packed.discard()
	}
}

// packedPart is one part, packed as it is written.
type packedPart struct {
	name   string
	deep   *flate.Writer
	sum    hash.Hash32
	size   uint64
	packed spill
	frame  frame
	framed bool   // the head is still to be changed
	tail   []byte // held back, to put the links in
}

func (p *packedPart) Write(b []byte) (int, error) {
	n := len(b)
	if p.framed {
		// excelize writes the head of a part in one piece with what follows: the first piece has it.
		old := []byte(`"` + anyDimension + `"`)
		at := bytes.Index(b, old)
		if at < 0 {
			return 0, fmt.Errorf("part %s has no dimension to set", p.name)
		}
		head := slices.Concat(b[:at+1], []byte(p.frame.dimension))
		if err := p.pass(head); err != nil {
			return 0, err
		}
		b, p.framed = b[at+len(old)-1:], false
	}
	return n, p.pass(b)
}

// pass packs b, or as much of it as surely comes before the links.
func (p *packedPart) pass(b []byte) error {
	if len(p.frame.links) > 0 {
		b = p.holdBack(b)
	}
	return p.pack(b)
}

// holdBack keeps the last bytes seen in p.tail and returns those that can go on. What it returns is valid until its next call.
func (p *packedPart) holdBack(b []byte) []byte {
	all := append(p.tail, b...)
	if len(all) <= tailBytes {
		p.tail = all
		return nil
	}
	cut := len(all) - tailBytes
	p.tail = bytes.Clone(all[cut:])
	return all[:cut]
}

func (p *packedPart) pack(b []byte) error {
	p.size += uint64(len(b))
	_, _ = p.sum.Write(b) // a hash never fails
	if _, err := p.deep.Write(b); err != nil {
		return fmt.Errorf("packing part %s: %w", p.name, err)
	}
	return nil
}

func (p *packedPart) finish() error {
	if len(p.frame.links) > 0 {
		open, end := []byte("<hyperlinks>"), []byte("</hyperlinks>")
		i, j := bytes.Index(p.tail, open), bytes.Index(p.tail, end)
		if i < 0 || j < i {
			return fmt.Errorf("part %s has no place for its links", p.name)
		}
		for _, b := range [][]byte{p.tail[:i], p.frame.links, p.tail[j+len(end):]} {
			if err := p.pack(b); err != nil {
				return err
			}
		}
		p.tail = nil
	}
	if err := p.deep.Close(); err != nil {
		return fmt.Errorf("packing part %s: %w", p.name, err)
	}
	return nil
}

// spill holds bytes in memory up to packMemory, then in a temporary file.
type spill struct {
	mem  bytes.Buffer
	file *os.File
	size int64
}

func (s *spill) Write(b []byte) (int, error) {
	s.size += int64(len(b))
	if s.file == nil && s.mem.Len()+len(b) > packMemory {
		f, err := os.CreateTemp("", "ordersheet-")
		if err != nil {
			return 0, err
		}
		s.file = f
	}
	if s.file == nil {
		return s.mem.Write(b)
	}
	if s.mem.Len() > 0 {
		if _, err := s.mem.WriteTo(s.file); err != nil {
			return 0, err
		}
	}
	return s.file.Write(b)
}

func (s *spill) copyTo(w io.Writer) error {
	if s.file == nil {
		_, err := s.mem.WriteTo(w)
		return err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(w, s.file)
	return err
}

func (s *spill) discard() {
	if s.file != nil {
		_ = s.file.Close() // a scratch file
		_ = os.Remove(s.file.Name())
	}
}
