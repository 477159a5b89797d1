package csv

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// TestCorpusDialects writes each table of the corpus, and its first one, two, three and five
// records, with each delimiter, with quotes where needed and everywhere, and checks that the
// delimiter is detected. It also writes complete tables in each charset.
func TestCorpusDialects(t *testing.T) {
	dir := os.Getenv("ORDERSHEET_CORPUS")
	if dir == "" {
		t.Log("ORDERSHEET_CORPUS names no corpus")
		return
	}
	gold, err := filepath.Glob(filepath.Join(dir, "csv-gold", "*.jsonl"))
	if err != nil || len(gold) == 0 {
		t.Fatalf("no gold in %s: %v", dir, err)
	}
	count := 0
	for _, path := range gold {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, text, _ = bytes.Cut(text, []byte("\n"))
		table := parseRecords(t, path, text)
		if strings.Contains(string(text), `\u0000`) {
			continue
		}
		for _, n := range []int{1, 2, 3, 5, len(table)} {
			part := table[:min(n, len(table))]
			if !slices.ContainsFunc(part, func(r []string) bool { return len(r) > 1 }) {
				continue // without a delimiter
			}
			for i := range len(delimiters) {
				for _, always := range []bool{false, true} {
					count++
					d := delimiters[i]
					text := writeRecords(part, d, always)
					if got := detectDelimiter(text[:min(len(text), sampleSize)], len(text) <= sampleSize); got != d {
						t.Errorf("%s, %d records: delimiter %q, want %q", filepath.Base(path), n, got, d)
					}
					if n == len(table) && !always {
						checkCharsets(t, filepath.Base(path), text)
					}
				}
			}
		}
	}
	t.Logf("%d tables", count)
}

func writeRecords(table [][]string, delimiter byte, always bool) []byte {
	var b bytes.Buffer
	for _, record := range table {
		for i, field := range record {
			if i > 0 {
				b.WriteByte(delimiter)
			}
			if always || strings.ContainsAny(field, "\"\r\n"+string(delimiter)) {
				field = `"` + strings.ReplaceAll(field, `"`, `""`) + `"`
			}
			b.WriteString(field)
		}
		b.WriteString("\r\n")
	}
	return b.Bytes()
}

// checkCharsets writes text in each charset without a byte order mark and reads it.
func checkCharsets(t *testing.T, name string, text []byte) {
	t.Helper()
	for charset, enc := range map[string]encoding.Encoding{
		"utf-8": encoding.Nop, "windows-1252": charmap.Windows1252,
		"utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "utf-16be": unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
		"utf-32le": utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), "utf-32be": utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM),
	} {
		raw, err := enc.NewEncoder().Bytes(text)
		if err != nil {
			continue // the charset lacks some characters
		}
		if charset == "windows-1252" && bytes.Equal(raw, text) {
			charset = "utf-8"
		}
		c, err := detectCharset(raw[:min(len(raw), sampleSize)], "")
		if err != nil {
			t.Fatal(err)
		}
		r := newTextReader(bytes.NewReader(raw), c)
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, text) || r.charsetName() != charset {
			t.Errorf("%s in %s: read as %s, %v", name, charset, r.charsetName(), err)
		}
	}
}

// parseRecords reads JSON arrays of texts, one a line, with CRLF as LF.
func parseRecords(t *testing.T, file string, text []byte) (all [][]string) {
	t.Helper()
	for line := range bytes.Lines(text) {
		var record []string
		if err := json.Unmarshal(line, &record); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for i, field := range record {
			record[i] = strings.ReplaceAll(field, "\r\n", "\n")
		}
		all = append(all, record)
	}
	return all
}
