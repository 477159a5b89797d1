package xlsx

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
)

// stringTable is the table of shared strings: an arena of bytes, with each string after its length,
// and the offset of every eighth string. Past a bound the arena moves to a temporary file, which is
// read in blocks.
type stringTable struct {
	arena []byte  // not yet written to file; all of it if file is nil
	marks []int64 // offsets of every markEvery-th string
	count int
	end   int64 // length of the whole arena

	file    *os.File // nil if everything is in memory
	written int64
	bound   int64
	cache   map[int64][]byte // blocks of file, by number
	order   []int64          // of cache, oldest first

	lastIndex int   // of the last string read; most are read in order
	lastEnd   int64 // where that string ends
}

const (
	markEvery   = 8
	spillBlock  = 64 << 10
	cacheBlocks = 128
)

func newStringTable(bound int64) *stringTable { return &stringTable{bound: bound, lastIndex: -1} }

func (t *stringTable) add(s []byte) error {
	if t.count%markEvery == 0 {
		t.marks = append(t.marks, t.end)
	}
	before := len(t.arena)
	t.arena = append(binary.AppendUvarint(t.arena, uint64(len(s))), s...)
	t.end += int64(len(t.arena) - before)
	t.count++
	if int64(len(t.arena)) >= t.bound {
		return t.spill()
	}
	return nil
}

func (t *stringTable) spill() error {
	if t.file == nil {
		f, err := os.CreateTemp("", "ordersheet-strings-*")
		if err != nil {
			return fmt.Errorf("writing shared strings to a temporary file: %w", err)
		}
		_ = os.Remove(f.Name()) // if the system allows that for an open file; else close does it
		t.file, t.cache = f, map[int64][]byte{}
		t.bound = min(t.bound, 1<<20)
	}
	if _, err := t.file.Write(t.arena); err != nil {
		return fmt.Errorf("writing shared strings to a temporary file: %w", err)
	}
	t.written += int64(len(t.arena))
	t.arena = t.arena[:0]
	return nil
}

// done is called after the last add.
func (t *stringTable) done() error {
	if t.file == nil {
		return nil
	}
	err := t.spill()
	t.arena = nil
	return err
}

func (t *stringTable) close() {
	if t.file != nil {
		_ = t.file.Close()
		_ = os.Remove(t.file.Name())
		t.file = nil
	}
}

// get returns string i, which must be in range, and dst. It is a piece of the arena, or is appended
// to dst if it comes from the file.
func (t *stringTable) get(i int, dst []byte) (s, out []byte, err error) {
	at := t.lastEnd
	if i != t.lastIndex+1 {
		at = t.marks[i/markEvery]
		for range i % markEvery {
			n, size, err := t.readLength(at)
			if err != nil {
				return nil, dst, err
			}
			at += int64(size) + n
		}
	}
	n, size, err := t.readLength(at)
	if err != nil {
		return nil, dst, err
	}
	at += int64(size)
	t.lastIndex, t.lastEnd = i, at+n
	if t.file == nil {
		return t.arena[at : at+n : at+n], dst, nil
	}
	start := len(dst)
	for n > 0 {
		b, err := t.blockAt(at)
		if err != nil {
			return nil, dst, err
		}
		b = b[:min(int64(len(b)), n)]
		dst = append(dst, b...)
		at, n = at+int64(len(b)), n-int64(len(b))
	}
	return dst[start:], dst, nil
}

// readLength reads a length at an offset and returns it with its own size.
func (t *stringTable) readLength(at int64) (n int64, size int, err error) {
	if t.file == nil {
		if b := t.arena[at]; b < 0x80 {
			return int64(b), 1, nil
		}
		v, size := binary.Uvarint(t.arena[at:])
		return int64(v), size, nil
	}
	var v uint64
	for shift := 0; ; shift += 7 {
		b, err := t.blockAt(at + int64(size))
		if err != nil {
			return 0, 0, err
		}
		v |= uint64(b[0]&0x7f) << shift
		if size++; b[0] < 0x80 {
			return int64(v), size, nil
		}
	}
}

// blockAt returns the bytes of the file from an offset to the end of its block.
func (t *stringTable) blockAt(at int64) ([]byte, error) {
	number := at / spillBlock
	b, ok := t.cache[number]
	if !ok {
		if len(t.order) == cacheBlocks {
			b = t.cache[t.order[0]][:spillBlock]
			delete(t.cache, t.order[0])
			t.order = t.order[1:]
		} else {
			b = make([]byte, spillBlock)
		}
		n, err := t.file.ReadAt(b, number*spillBlock)
		if err != nil && err != io.EOF {
			return nil, fmt.Errorf("reading shared strings from the temporary file: %w", err)
		}
		b = b[:n]
		t.cache[number] = b
		t.order = append(t.order, number)
	}
	if at%spillBlock >= int64(len(b)) {
		return nil, fmt.Errorf("reading shared strings from the temporary file: %w", io.ErrUnexpectedEOF)
	}
	return b[at%spillBlock:], nil
}
