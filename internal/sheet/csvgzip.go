package sheet

import (
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

const gzipMark = "\x1f\x8b"

// csvWhole reads a file of a known size; a file that turns out shorter was cut while it was read.
type csvWhole struct {
	src  io.Reader
	left int64
}

// Read implements io.Reader.
func (w *csvWhole) Read(p []byte) (int, error) {
	n, err := w.src.Read(p)
	w.left -= int64(n)
	if err == io.EOF && w.left > 0 {
		err = &RefusedError{What: "became shorter while it was read", Hint: "close the program that writes it and try again"}
	}
	return n, err
}

// csvInflate reads a gzip file. Its reader checks length and CRC of each member; this one holds the limits and says what is wrong in plain words.
type csvInflate struct {
	packed *csvWhole
	size   int64
	limits Limits
	z      *gzip.Reader
	out    int64
}

// Read implements io.Reader.
func (g *csvInflate) Read(p []byte) (n int, err error) {
	if g.z == nil {
		g.z, err = gzip.NewReader(g.packed)
	}
	if err == nil {
		n, err = g.z.Read(p)
		g.out += int64(n)
	}
	const ratioFrom = 32 << 20 // as Limits.Ratio says
	switch in := g.size - g.packed.left; {
	case g.out > g.limits.Expanded:
		return n, &RefusedError{What: fmt.Sprintf("expands to more than %d bytes", g.limits.Expanded), Limit: "Expanded", Hint: "unpack it yourself if you trust it"}
	case g.out > ratioFrom && g.out/int64(g.limits.Ratio) > in:
		return n, &RefusedError{What: fmt.Sprintf("expands to more than %d times its size", g.limits.Ratio), Limit: "Ratio", Hint: "unpack it yourself if you trust it"}
	}
	return n, gzipFault(err)
}

func gzipFault(err error) error {
	var refused *RefusedError
	what := "is damaged: its gzip data can't be unpacked"
	switch {
	case err == nil || err == io.EOF || errors.As(err, &refused):
		return err
	case errors.Is(err, gzip.ErrChecksum):
		what = "is damaged: its content doesn't have the checksum or the length that its gzip trailer gives"
	case errors.Is(err, io.ErrUnexpectedEOF):
		what = "is cut off: its gzip data ends too early"
	}
	return &RefusedError{What: what, Hint: "copy or export the file again"}
}
