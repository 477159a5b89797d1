package csv

import (
	"bytes"
	"encoding/csv"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// FuzzRecords compares the scanner with encoding/csv on what that reads, and with itself: block by
// block, byte by byte, and with buffers so small that each record is split several times.
func FuzzRecords(f *testing.F) {
	for _, seed := range []string{
		"a,b\n1,2\n", "a;b\r\n\"1;2\";\"3\r\n4\"\r\n", "\"a\"\"b\",\"\",\"\"\"\"\n", "5\" x,\"y\"z\n\"", "\n\r\r\n,,\n", "\ufeffa|b\n漢|😀",
		strings.Repeat("x", 62) + "\"\r\n" + strings.Repeat("\"y\"\"\",", 30), strings.Repeat(",", 70) + "\"" + strings.Repeat("\n", 70) + "\",a",
	} {
		f.Add(seed, byte(0))
		f.Add(seed, byte(1))
	}
	f.Fuzz(func(t *testing.T, text string, which byte) {
		if len(text) > 1<<16 || !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
			return
		}
		text = strings.TrimLeft(text, utf8BOM)
		delimiter := delimiters[int(which)%len(delimiters)]
		ways := waysToRead(text, delimiter)
		want, wantErr := readTable(ways["at once"])
		for way, r := range ways {
			got, err := readTable(r)
			if way == "at once" {
				continue
			}
			if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
				t.Fatalf("%s: error %v, at once: %v", way, err, wantErr)
			}
			if !cmp.Equal(got, want) {
				t.Fatalf("%s: %q, at once: %q", way, got, want)
			}
			if once := ways["at once"]; r.record != once.record || r.line != once.line || r.tails != once.tails {
				t.Fatalf("%s: record %d, line %d, tails %d; at once: %d, %d, %d", way, r.record, r.line, r.tails, once.record, once.line, once.tails)
			}
		}
		if strings.Count(text, "\r") != strings.Count(text, "\r\n") {
			return // encoding/csv reads a lone CR as text
		}
		r := csv.NewReader(strings.NewReader(text))
		r.Comma, r.FieldsPerRecord = rune(delimiter), -1
		std, err := r.ReadAll()
		if err != nil {
			return
		}
		if wantErr != nil || !cmp.Equal(want, std) {
			t.Fatalf("got %q, %v; encoding/csv has %q", want, wantErr, std)
		}
	})
}

// FuzzText checks that the text of any bytes is UTF-8 without NUL, doesn't depend on how the bytes
// come, and has all bytes of what was UTF-8.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"a,b", "é,ü\xff", "caf\xe9", "\xff\xfea\x00,\x00", "\x00a\x00,\x00\n\xd8\x3d\xde\x00", "\xfe\xff\x00a\x00", "\x00\x00\xfe\xff\x00\x00\x00a", "x\x00y", "é\x81"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 1<<16 {
			return
		}
		read := func(src io.Reader) (string, error) {
			c, err := detectCharset(raw, "")
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(newTextReader(src, c))
			return string(b), err
		}
		whole, err := read(bytes.NewReader(raw))
		if !utf8.ValidString(whole) || strings.IndexByte(whole, 0) >= 0 {
			t.Fatalf("text %q, %v", whole, err)
		}
		if utf8.Valid(raw) && err == nil && len(whole) != len(raw) && bytes.IndexByte(raw, 0) < 0 {
			t.Fatalf("text %q of %q", whole, raw)
		}
		// The rest of the buffer decides between UTF-8 and Windows-1252 where ASCII ends, so only
		// UTF-8 must give the same text in smaller pieces.
		half, halfErr := read(iotest.HalfReader(bytes.NewReader(raw)))
		if utf8.Valid(raw) && (half != whole || (halfErr == nil) != (err == nil)) {
			t.Fatalf("halved %q, %v; whole %q, %v", half, halfErr, whole, err)
		}
	})
}
