package ooxml

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"ordersheet/internal/sheet/book"
)

// pieces returns a text in blocks of n bytes.
type pieces struct {
	text  []byte
	n     int
	lexer lexer
}

func (p *pieces) next(tail []byte) ([]byte, error) {
	n := min(p.n, len(p.text))
	buf := append(make([]byte, 2*lookahead, 2*lookahead+n), p.text[:n]...)
	p.text = p.text[n:]
	if err := p.lexer.feed(buf, 2*lookahead, n == 0); err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, io.EOF
	}
	return append(bytes.Clone(tail), buf[2*lookahead:]...), nil
}

// tokens scans a part in blocks of n bytes and lists its tokens, with adjacent texts joined.
func tokens(part string, n int) (string, error) {
	src := &pieces{text: []byte(part), n: n}
	s := newScanner(src, "part.xml", book.Limits{}.WithDefaults())
	var out strings.Builder
	for last := EOF; ; {
		tok, err := s.Next()
		if err != nil || tok == EOF {
			if err == nil && src.lexer.tags != s.seen {
				err = fmt.Errorf("counts %+v and %+v", src.lexer.tags, s.seen)
			}
			return out.String(), err
		}
		switch tok {
		case Start:
			fmt.Fprintf(&out, "\n<%s %d", s.Local, s.Space)
			for _, a := range s.Attrs {
				fmt.Fprintf(&out, " %s:%d=%q", a.Local, a.Space, AppendDecoded(nil, a.Value))
			}
		case End:
			fmt.Fprintf(&out, "\n>%d", s.Depth())
		case Text:
			if last != Text {
				out.WriteString("\ntext ")
			}
			out.Write(s.AppendText(nil))
		}
		last = tok
	}
}

// FuzzScanner checks that tokens and counts don't depend on the blocks in which a part comes.
func FuzzScanner(f *testing.F) {
	for _, part := range []string{
		`<a><row r="1"><c r="A1" t="s"><v>1</v></c></row></a>`, "<?xml version='1.0'?>\n<a xmlns='u' xmlns:p=\"q\"><p:c/>x&amp;y\r\nz</a>\n",
		`<a><!-- <row> - --><![CDATA[<c>]]&]]>&#65;&#x1F600;</a>`, `<a b="1" b="2"/>`, `<a><b></a></b>`, "<a>\xc3\xa9\xff</a>", `<a>]]></a>`, `<a><?pi <v> ?></a>x`,
	} {
		f.Add(part)
	}
	f.Fuzz(func(t *testing.T, part string) {
		want, err := tokens(part, 1<<20)
		for _, n := range []int{1, 7} {
			got, gotErr := tokens(part, n)
			if (err == nil) != (gotErr == nil) {
				t.Fatalf("%q in blocks of %d: error %v, in one block %v", part, n, gotErr, err)
			}
			if err == nil && got != want || err != nil && strings.HasPrefix(err.Error(), "counts ") {
				t.Fatalf("%q in blocks of %d: got %s, in one block %s", part, n, got, want)
			}
		}
	})
}
