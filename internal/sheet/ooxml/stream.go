package ooxml

import (
	"bytes"
	"errors"
	"io"

	"ordersheet/internal/sheet/book"
)

// A goroutine decompresses a few blocks of fixed size ahead of the scanner.
const (
	blockSize   = 128 << 10
	headroom    = 32 << 10 // before each block, for what is unread of the previous one
	blocksAhead = 3
)

type block struct {
	buf []byte // headroom and data
	n   int    // bytes of data
	err error  // instead of data; io.EOF at the end
}

// stream returns the text of a part in UTF-8, block by block.
type stream struct {
	full    chan block
	free    chan []byte
	stop    chan struct{}
	current []byte // the block that the reader has
	lexer   lexer  // complete, and safe to read, once next has returned io.EOF
	decoded bool   // the part isn't in UTF-8
}

// stream opens a part for scanning. The caller must close it.
func (a *Archive) stream(p *Part) (*stream, error) {
	in, err := a.Open(p)
	if err != nil {
		return nil, err
	}
	s := &stream{full: make(chan block, blocksAhead), free: make(chan []byte, blocksAhead+2), stop: make(chan struct{})}
	size := int(min(p.Size+lookahead, blockSize)) // small parts need less
	for range min(blocksAhead+1, int(p.Size/blockSize)+2) {
		s.free <- make([]byte, headroom+size)
	}
	go s.run(in, p.Name)
	return s, nil
}

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
			if r, err = s.decode(r, buf[headroom:headroom+n]); s.decoded && err == nil {
				n, err = readBlock(r, buf[headroom:])
			}
		}
		if err == nil {
			err = s.lexer.feed(buf[:headroom+n], headroom, n == 0)
		}
		if err == nil && n == 0 {
			err = io.EOF
		}
		var unreadable *book.UnreadableError
		if errors.As(err, &unreadable) {
			_ = unreadable.At("part " + name)
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

func (s *stream) decode(r io.Reader, first []byte) (io.Reader, error) {
	charset, err := detectCharset(first)
	if err != nil || charset == utf8Text {
		return r, err
	}
	s.decoded = true
	return newDecoder(charset, io.MultiReader(bytes.NewReader(bytes.Clone(first)), r)), nil
}

// readBlock fills b; at the end of r it returns what there is, without an error.
func readBlock(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	if err == io.EOF {
		err = nil
	}
	return n, err
}

// next returns tail, which is unread text of the last call, and the next block. What the last call
// returned becomes invalid.
func (s *stream) next(tail []byte) ([]byte, error) {
	b, ok := <-s.full
	if !ok {
		return nil, io.EOF
	}
	if b.err != nil {
		return nil, b.err
	}
	old := s.current
	var w []byte
	if len(tail) <= headroom {
		w = b.buf[headroom-len(tail) : headroom+b.n]
		copy(w, tail)
		s.current = b.buf
	} else {
		w = append(append(make([]byte, 0, len(tail)+b.n), tail...), b.buf[headroom:headroom+b.n]...)
		s.current = nil
		s.free <- b.buf
	}
	if old != nil {
		s.free <- old
	}
	return w, nil
}

func (s *stream) close() {
	close(s.stop)
	for range s.full { //nolint:revive // drained until the goroutine has ended
	}
}
