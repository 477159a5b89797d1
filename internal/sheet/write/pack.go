package write

import (
	"bytes"
	"errors"
	"fmt"
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
	// maxDimension is the extent that excelize writes at the beginning of each sheet. The true one,
	// known after the last row, replaces it.
	maxDimension = "A1:XFD1048576"
	// packLevel is the deflate level. The default level takes twice the time for a file that is a
	// tenth smaller, and a report is read once or twice.
	packLevel = 3
	// packMemory is how many compressed bytes of a part stay in memory before they go to a
	// temporary file.
	packMemory = 4 << 20
)

type frame struct {
	dimension string // A1:H200
	links     []byte // the whole hyperlinks element; empty = none
	rows      *rowPacker
}

// packer takes the parts of a workbook from excelize and writes them as a zip archive. It adds the
// rows, dimensions and links that excelize doesn't have. It also writes the parts in a fixed order
// (excelize's is that of a map), so that the same input gives the same bytes, and writes them to
// the output, where excelize would keep the archive in memory.
type packer struct {
	out        io.Writer
	compressor *flate.Writer
	frames     map[string]frame // by name of part
	parts      []*packedPart
}

// Create starts the next part.
func (p *packer) Create(name string) (io.Writer, error) {
	part := &packedPart{name: name}
	p.parts = append(p.parts, part)
	return &part.text, nil
}

// AddFS is part of excelize's interface, but isn't called to save a workbook.
func (p *packer) AddFS(fs.FS) error { return errors.ErrUnsupported }

// Close writes all parts in the order of their names, so that the lists of types and relations
// come first, as readers expect.
func (p *packer) Close() error {
	sort.Slice(p.parts, func(i, j int) bool { return p.parts[i].name < p.parts[j].name })
	z := zip.NewWriter(p.out)
	for _, part := range p.parts {
		if err := p.write(z, part); err != nil {
			return fmt.Errorf("packing part %s: %w", part.name, err)
		}
	}
	return z.Close()
}

func (p *packer) write(z *zip.Writer, part *packedPart) error {
	head, tail := part.text.Bytes(), []byte(nil)
	fr, framed := p.frames[part.name]
	if framed {
		var err error
		if head, tail, err = fr.fill(head); err != nil {
			return err
		}
	}
	if err := part.pack(p.compressor, head, framed); err != nil {
		return err
	}
	if framed {
		part.add(&fr.rows.packed, fr.rows.sum, fr.rows.size)
		if err := part.pack(p.compressor, tail, false); err != nil {
			return err
		}
	}
	w, err := z.CreateRaw(&zip.FileHeader{
		Name: part.name, Method: zip.Deflate, CRC32: part.sum, CompressedSize64: uint64(part.packed), UncompressedSize64: uint64(part.size),
	})
	if err != nil {
		return err
	}
	for _, s := range part.spills {
		if err := s.copyTo(w); err != nil {
			return err
		}
	}
	return nil
}

// fill puts dimension and links into a sheet's part, and splits it where its rows belong. The part
// has no texts of cells, and attributes are escaped, so the tags can't occur elsewhere.
func (f frame) fill(text []byte) (head, tail []byte, err error) {
	head, tail, ok := bytes.Cut(text, []byte("<sheetData></sheetData>"))
	if !ok {
		return nil, nil, errors.New("the sheet has no element for its rows")
	}
	before, after, ok := bytes.Cut(head, []byte(maxDimension))
	if !ok {
		return nil, nil, errors.New("the sheet has no dimension")
	}
	head = slices.Concat(before, []byte(f.dimension), after, []byte("<sheetData>"))
	if len(f.links) > 0 {
		i, j := bytes.Index(tail, []byte("<hyperlinks>")), bytes.Index(tail, []byte("</hyperlinks>"))
		if i < 0 || j < i {
			return nil, nil, errors.New("the sheet has no element for its links")
		}
		tail = slices.Concat(tail[:i], f.links, tail[j+len("</hyperlinks>"):])
	}
	return head, slices.Concat([]byte("</sheetData>"), tail), nil
}

// packedPart is one part, as excelize wrote it and compressed in one or more pieces.
type packedPart struct {
	name   string
	text   bytes.Buffer
	spills []*spill
	packed int64 // bytes of all spills
	sum    uint32
	size   int64 // uncompressed
}

func (p *packedPart) pack(compressor *flate.Writer, text []byte, more bool) error {
	s := &spill{}
	compressor.Reset(s)
	if _, err := compressor.Write(text); err != nil {
		return err
	}
	end := compressor.Close
	if more {
		end = compressor.Flush
	}
	if err := end(); err != nil {
		return err
	}
	p.add(s, crc32.ChecksumIEEE(text), int64(len(text)))
	return nil
}

func (p *packedPart) add(s *spill, sum uint32, size int64) {
	p.spills = append(p.spills, s)
	p.packed += s.size
	p.sum = combineCRC(p.sum, sum, size)
	p.size += size
}

// spill holds bytes in memory up to packMemory, then in a temporary file.
type spill struct {
	mem  bytes.Buffer // what isn't in the file yet
	file *os.File
	size int64
}

func (s *spill) Write(b []byte) (int, error) {
	s.size += int64(len(b))
	_, _ = s.mem.Write(b) // a buffer never fails
	if s.mem.Len() < packMemory {
		return len(b), nil
	}
	if s.file == nil {
		f, err := os.CreateTemp("", "ordersheet-")
		if err != nil {
			return 0, err
		}
		s.file = f
	}
	if _, err := s.mem.WriteTo(s.file); err != nil {
		return 0, err
	}
	return len(b), nil
}

func (s *spill) copyTo(w io.Writer) error {
	if s.file != nil {
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if _, err := io.Copy(w, s.file); err != nil {
			return err
		}
	}
	_, err := s.mem.WriteTo(w)
	return err
}

func (s *spill) discard() {
	if s.file != nil {
		_ = s.file.Close() // it is removed
		_ = os.Remove(s.file.Name())
	}
}
