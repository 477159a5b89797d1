package sheet

import (
	"bytes"
	"errors"
	"io"
)

// Unpacking runs ahead of scanning on a goroutine of its own, by a few blocks of fixed size.
const (
	blockSize   = 128 << 10
	headroom    = 32 << 10 // before each block, for what was left unread of the one before it
	blocksAhead = 3
)

type block struct {
	buf []byte // headroom and data
	n   int    // bytes of data
	err error  // instead of data; io.EOF at the end
}

// stream hands out the text of a part, in UTF-8, block by block.
type stream struct {
	full  chan block
	free  chan []byte
	stop  chan struct{}
	cur   []byte // the block that the reader holds
	tally tally  // complete, and safe to look at, once next has given io.EOF
	wide  bool   // the part was written in another charset than UTF-8
}

// stream opens a part for scanning. The caller closes it.
func (a *archive) stream(p *part) (*stream, error) {
	in, err := a.open(p)
	if err != nil {
		return nil, err
	}
	s := &stream{full: make(chan block, blocksAhead), free: make(chan []byte, blocksAhead+2), stop: make(chan struct{})}
	size := int(min(p.size+lookahead, blockSize)) // small parts need no more
	for range min(blocksAhead+1, int(p.size/blockSize)+2) {
		s.free <- make([]byte, headroom+size)
	}
	go s.run(in, p.name)
	return s, nil
}

// run fills blocks until the part ends or the reader leaves.
func (s *stream) run(r io.Reader, name string) {
	defer close(s.full)
	first := true
	for {
		var buf []byte
		select {
		case <-s.stop:
			return
		case buf = <-s.free:
		}
		n, err := readBlock(r, buf[headroom:])
		if first && n > 0 && err == nil {
			first = false
			if r, err = s.decode(r, buf[headroom:headroom+n]); s.wide && err == nil {
				n, err = readBlock(r, buf[headroom:])
			}
		}
		if err == nil {
			err = s.tally.feed(buf[:headroom+n], headroom, n == 0)
		}
		if err == nil && n == 0 {
			err = io.EOF
		}
		var d *damage
		if errors.As(err, &d) && d.place == "" {
			d.place = "part " + name
		}
		select {
		case <-s.stop:
			return
		case s.full <- block{buf, n, err}:
		}
		if err != nil {
			return
		}
	}
}

// decode puts a decoder before r where the part isn't in UTF-8.
func (s *stream) decode(r io.Reader, first []byte) (io.Reader, error) {
	charset, err := xmlCharset(first)
	if err != nil || charset == utf8Text {
		return r, err
	}
	s.wide = true
	return newDecoder(charset, io.MultiReader(bytes.NewReader(bytes.Clone(first)), r)), nil
}

// readBlock fills b; at the end of r it gives what there was, and no error.
func readBlock(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) {
		m, err := r.Read(b[n:])
		n += m
		if err == io.EOF || errors.Is(err, io.ErrShortBuffer) && n > 0 { // a decoder leaves what a character may need
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// next returns a window that begins with tail, the unread end of the window before it, and goes on with the next block. The window before it is no longer valid.
func (s *stream) next(tail []byte) ([]byte, error) {
	b, ok := <-s.full
	if !ok {
		return nil, io.EOF
	}
	if b.err != nil {
		return nil, b.err
	}
	old := s.cur
	var w []byte
	if len(tail) <= headroom {
		w = b.buf[headroom-len(tail) : headroom+b.n]
		copy(w, tail)
		s.cur = b.buf
	} else {
		w = append(append(make([]byte, 0, len(tail)+b.n), tail...), b.buf[headroom:headroom+b.n]...)
		s.cur = nil
		s.free <- b.buf
	}
	if old != nil {
		s.free <- old
	}
	return w, nil
}

// close ends the goroutine and waits for it.
func (s *stream) close() {
	close(s.stop)
	for range s.full { //nolint:revive // drained until the goroutine has left
	}
}
