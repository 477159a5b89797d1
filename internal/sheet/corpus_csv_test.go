package sheet

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// csvGoldWrong lists the files of the corpus whose gold is wrong, and why.
var csvGoldWrong = map[string]string{
	"e3b0c44298fc1c14": "an empty file is an error, so that nobody takes it for a sheet without orders",
	"489ef1d22829b72e": "the mark of UTF-16 before UTF-32: every other character would be NUL, and NUL is an error",
}

// TestCSVCorpus compares each delimited file of the corpus in ORDERSHEET_CORPUS with what Python's
// csv module reads.
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
				t.Errorf("%s: got no error, want one", m.File)
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
