package csv

import (
	"errors"
	"fmt"
	"io"

	"ordersheet/internal/sheet/book"

	"github.com/klauspost/compress/gzip"
)

const gzipMark = "\x1f\x8b"

// sizedReader reads a file of known size. A file that turns out shorter was truncated meanwhile.
type sizedReader struct {
	src  io.Reader
	left int64
}

// Read implements io.Reader.
func (w *sizedReader) Read(p []byte) (int, error) {
	n, err := w.src.Read(p)
	w.left -= int64(n)
	if err == io.EOF && w.left > 0 {
		err = &book.UnreadableError{What: "became shorter while it was being read", Hint: "close the program that writes it, then try again"}
	}
	return n, err
}

// gzipReader reads a gzip file and checks the limits. gzip.Reader checks length and CRC.
type gzipReader struct {
	compressed *sizedReader
	size       int64
	limits     book.Limits
	z          *gzip.Reader
	out        int64
}

// Read implements io.Reader.
func (g *gzipReader) Read(p []byte) (n int, err error) {
	if g.z == nil {
		g.z, err = gzip.NewReader(g.compressed)
	}
	if err == nil {
		n, err = g.z.Read(p)
		g.out += int64(n)
	}
	const ratioFrom = 32 << 20 // see Limits.Ratio
	switch in := g.size - g.compressed.left; {
	case g.out > g.limits.Expanded:
		return n, &book.UnreadableError{What: fmt.Sprintf("expands to more than %d bytes", g.limits.Expanded), Limit: "Expanded", Hint: "decompress it yourself if you trust it"}
	case g.out > ratioFrom && g.out/int64(g.limits.Ratio) > in:
		return n, &book.UnreadableError{What: fmt.Sprintf("expands to more than %d times its size", g.limits.Ratio), Limit: "Ratio", Hint: "decompress it yourself if you trust it"}
	}
	return n, gzipError(err)
}

func gzipError(err error) error {
	var unreadable *book.UnreadableError
	what := "is damaged: its gzip data can't be decompressed"
	switch {
	case err == nil || err == io.EOF || errors.As(err, &unreadable):
		return err
	case errors.Is(err, gzip.ErrChecksum):
		what = "is damaged: its content doesn't match the checksum or the length in its gzip trailer"
	case errors.Is(err, io.ErrUnexpectedEOF):
		what = "is incomplete: its gzip data ends too early"
	}
	return &book.UnreadableError{What: what, Hint: "copy or export the file again"}
}
