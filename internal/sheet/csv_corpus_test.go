package sheet

import (
	"bufio"
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

// csvGoldWrong are the files of the corpus where the gold isn't right, and why.
var csvGoldWrong = map[string]string{
	"e3b0c44298fc1c14": "an empty file is refused, so that nobody takes it for a sheet without orders",
	"489ef1d22829b72e": "the mark of UTF-16 before UTF-32: every other character would be NUL, and NUL is refused",
}

// TestCSVCorpus compares each delimited file of the corpus in ORDERSHEET_CORPUS with how Python's csv module reads it.
func TestCSVCorpus(t *testing.T) {
	dir := os.Getenv("ORDERSHEET_CORPUS")
	if dir == "" {
		t.Log("ORDERSHEET_CORPUS names no corpus")
		return
	}
	manifest, err := os.Open(filepath.Join(dir, "csv-manifest.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer manifest.Close()
	files := 0
	for lines := bufio.NewScanner(manifest); lines.Scan(); {
		var m struct{ SHA, File, Expect string }
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		if csvGoldWrong[m.SHA] != "" {
			continue
		}
		files++
		var out bytes.Buffer
		err := DumpCells(filepath.Join(dir, m.File), Options{}, &out)
		if m.Expect != "" && m.Expect != "open" {
			if m.Expect != "any" && err == nil {
				t.Errorf("%s: read, want it refused", m.File)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", m.File, err)
			continue
		}
		gold, err := os.ReadFile(filepath.Join(dir, "csv-gold", m.SHA+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		_, gold, _ = bytes.Cut(gold, []byte("\n")) // its first line says how it was read
		compareRecords(t, m.File, out.Bytes(), gold)
	}
	t.Logf("%d files", files)
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

// compareRecords compares records in JSON lines.
func compareRecords(t *testing.T, file string, got, want []byte) {
	t.Helper()
	g, w := parseRecords(t, file, got), parseRecords(t, file, want)
	for i := range min(len(g), len(w)) {
		if strings.Join(g[i], "\x00") != strings.Join(w[i], "\x00") {
			t.Errorf("%s: record %d is %q, want %q", file, i+1, g[i], w[i])
			return
		}
	}
	if len(g) != len(w) {
		t.Errorf("%s: %d records, want %d", file, len(g), len(w))
	}
}

// TestCSVCorpusDialects writes each table of the corpus, and its first one, two, three and five records, with each delimiter, with quotes where they are needed and everywhere,
// and checks that the delimiter is found again; the whole ones in each charset too.
func TestCSVCorpusDialects(t *testing.T) {
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
				continue // no delimiter to be found
			}
			for i := range len(csvDelimiters) {
				for _, always := range []bool{false, true} {
					count++
					d := csvDelimiters[i]
					text := writeRecords(part, d, always)
					if got := findDelimiter(text[:min(len(text), csvSample)], len(text) <= csvSample); got != d {
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

// checkCharsets writes text in each charset without a mark and reads it back.
func checkCharsets(t *testing.T, name string, text []byte) {
	t.Helper()
	for charset, enc := range map[string]encoding.Encoding{
		"utf-8": encoding.Nop, "windows-1252": charmap.Windows1252,
		"utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "utf-16be": unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
		"utf-32le": utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), "utf-32be": utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM),
	} {
		raw, err := enc.NewEncoder().Bytes(text)
		if err != nil {
			continue // it has characters that the charset hasn't
		}
		if charset == "windows-1252" && bytes.Equal(raw, text) {
			charset = "utf-8"
		}
		c, err := guessCharset(raw[:min(len(raw), csvSample)], "")
		if err != nil {
			t.Fatal(err)
		}
		r := newCSVText(bytes.NewReader(raw), c)
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, text) || r.name() != charset {
			t.Errorf("%s in %s: read as %s, %v", name, charset, r.name(), err)
		}
	}
}
