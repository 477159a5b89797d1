package sheet

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

// FuzzCSV holds the scanner against encoding/csv on what that one reads, and against itself on all else: block by block, byte by byte, and with buffers so small that each
// record is begun several times.
func FuzzCSV(f *testing.F) {
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
		delimiter := csvDelimiters[int(which)%len(csvDelimiters)]
		ways := csvWays(text, delimiter)
		want, wantErr := csvTable(ways["at once"])
		for way, r := range ways {
			got, err := csvTable(r)
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
			return // encoding/csv takes a lone CR for text
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

// FuzzCSVText checks that the text of any bytes is UTF-8 without NUL, is the same however the bytes come, and that no byte of what is UTF-8 already gets lost.
func FuzzCSVText(f *testing.F) {
	for _, seed := range []string{"a,b", "é,ü\xff", "caf\xe9", "\xff\xfea\x00,\x00", "\x00a\x00,\x00\n\xd8\x3d\xde\x00", "\xfe\xff\x00a\x00", "\x00\x00\xfe\xff\x00\x00\x00a", "x\x00y", "é\x81"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 1<<16 {
			return
		}
		read := func(src io.Reader) (string, error) {
			c, err := guessCharset(raw, "")
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(newCSVText(src, c))
			return string(b), err
		}
		whole, err := read(bytes.NewReader(raw))
		if !utf8.ValidString(whole) || strings.IndexByte(whole, 0) >= 0 {
			t.Fatalf("text %q, %v", whole, err)
		}
		if utf8.Valid(raw) && err == nil && len(whole) != len(raw) && bytes.IndexByte(raw, 0) < 0 {
			t.Fatalf("text %q of %q", whole, raw)
		}
		// What is at hand where ASCII ends decides between UTF-8 and Windows-1252, so only text that is UTF-8 must come out the same from smaller pieces.
		half, halfErr := read(iotest.HalfReader(bytes.NewReader(raw)))
		if utf8.Valid(raw) && (half != whole || (halfErr == nil) != (err == nil)) {
			t.Fatalf("halved %q, %v; whole %q, %v", half, halfErr, whole, err)
		}
	})
}
