package ledger

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/s2"
)

// A sealed block is the CRC-32C of the rest, little-endian, and then the block compressed by s2. SQLite checks no sums of its own, and a
// flipped bit in a payload must not become an order.
const sealSize = crc32.Size

// sealer seals blocks one after the other.
type sealer struct {
	room []byte
}

// seal compresses a block. The result is the caller's and no longer than it must be.
func (s *sealer) seal(block []byte) []byte {
	if n := sealSize + s2.MaxEncodedLen(len(block)); cap(s.room) < n {
		s.room = make([]byte, n)
	}
	room := s.room[:cap(s.room)]
	out := room[:sealSize+len(s2.Encode(room[sealSize:], block))]
	binary.LittleEndian.PutUint32(out, crc32.Checksum(out[sealSize:], crc32.MakeTable(crc32.Castagnoli)))
	return append([]byte(nil), out...)
}

// unseal gives the block back, in buf if it is large enough.
func unseal(buf, sealed []byte) ([]byte, error) {
	if len(sealed) < sealSize ||
		binary.LittleEndian.Uint32(sealed) != crc32.Checksum(sealed[sealSize:], crc32.MakeTable(crc32.Castagnoli)) {
		return nil, fmt.Errorf("%w: a block's checksum is wrong", ErrDamaged)
	}
	out, err := s2.Decode(buf[:cap(buf)], sealed[sealSize:])
	if err != nil {
		return nil, fmt.Errorf("%w: a block: %w", ErrDamaged, err)
	}
	return out, nil
}

// reader takes a block apart. After the first thing that doesn't fit it gives zeros, and bad tells.
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

// count reads how many things of at least one byte follow, so that a damaged number can't ask for all memory.
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
