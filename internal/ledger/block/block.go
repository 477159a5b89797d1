// Package block packs many rows, plans or answers into one compressed value with a checksum, as a
// ledger stores them. It knows no database.
package block

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/s2"

	"ordersheet/internal/ledger"
)

// A stored block is the CRC-32C of the rest, little-endian, and the content compressed by s2.
// SQLite has no checksums of its own, and a flipped bit in a payload must not become an order.
const checksumSize = crc32.Size

// Encoder compresses blocks one after the other. The zero value is ready.
type Encoder struct {
	buf []byte
}

// Encode returns the content as a stored block, in memory of its own.
func (e *Encoder) Encode(content []byte) []byte {
	if n := checksumSize + s2.MaxEncodedLen(len(content)); cap(e.buf) < n {
		e.buf = make([]byte, n)
	}
	buf := e.buf[:cap(e.buf)]
	out := buf[:checksumSize+len(s2.Encode(buf[checksumSize:], content))]
	binary.LittleEndian.PutUint32(out, checksum(out[checksumSize:]))
	return append([]byte(nil), out...)
}

// Decode returns the content of a stored block, in buf if that is large enough. A block that was
// altered is ledger.ErrDamaged.
func Decode(buf, stored []byte) ([]byte, error) {
	if len(stored) < checksumSize || binary.LittleEndian.Uint32(stored) != checksum(stored[checksumSize:]) {
		return nil, fmt.Errorf("%w: the checksum of a block is wrong", ledger.ErrDamaged)
	}
	out, err := s2.Decode(buf[:cap(buf)], stored[checksumSize:])
	if err != nil {
		return nil, fmt.Errorf("%w: decompressing a block: %w", ledger.ErrDamaged, err)
	}
	return out, nil
}

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// content is a block that is being read.
type content struct {
	r   reader
	buf []byte
}

// Open starts to read a stored block; the one before is dropped.
func (c *content) Open(stored []byte) (err error) {
	c.buf, err = Decode(c.buf, stored)
	c.r = reader{b: c.buf}
	return err
}

// reader reads the values of a block. After the first malformed value it returns zeros and sets
// bad.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) uint() uint64 {
	if len(r.b) > 0 && r.b[0] < 0x80 { // the common case
		v := uint64(r.b[0])
		r.b = r.b[1:]
		return v
	}
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) int() int64 {
	v := r.uint()
	return int64(v>>1) ^ -int64(v&1)
}

func (r *reader) bytes() []byte {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return nil
	}
	v := r.b[:n:n]
	r.b = r.b[n:]
	return v
}

// count reads the length of a list whose elements take at least one byte each, so that a damaged
// length can't ask for all memory.
func (r *reader) count() int {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return 0
	}
	return int(n)
}

func appendBytes[T string | []byte](b []byte, v T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}
