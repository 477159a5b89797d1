package sheet

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// knownExtra is how many cells we read that neither of the corpus's two readers sees: a cell of
// type inlineStr whose text is in <v>, not in <is>. LibreOffice 4 wrote the saved result of a
// formula so, and Apache POI reads it so (XSSFCell.getRichStringCellValue); the two readers lose
// it.
const knownExtra = 1

// TestCorpus reads a corpus of real workbooks, if ORDERSHEET_CORPUS names its folder, and compares
// each cell with those on which two other readers agree.
func TestCorpus(t *testing.T) {
	corpus := os.Getenv("ORDERSHEET_CORPUS")
	if corpus == "" {
		t.Log("ORDERSHEET_CORPUS names no corpus")
		return
	}
	manifest, err := os.Open(filepath.Join(corpus, "manifest.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer manifest.Close()
	files, cells, extra := 0, 0, 0
	for lines := bufio.NewScanner(manifest); lines.Scan(); files++ {
		var m struct{ Sha, File, From, Expect string }
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		err := DumpCells(filepath.Join(corpus, m.File), Options{}, &out)
		var unreadable *UnreadableError
		switch {
		case err != nil && (!errors.As(err, &unreadable) || unreadable.Hint == "" && unreadable.Limit == ""):
			t.Errorf("%s (%s): got %v, want a *UnreadableError with a hint", m.File, m.From, err)
		case m.Expect == "open" && err != nil:
			t.Errorf("%s (%s): got %v, want no error", m.File, m.From, err)
		case strings.HasPrefix(m.Expect, "refuse") && err == nil:
			t.Errorf("%s (%s): got no error, want one", m.File, m.From)
		case m.Expect == "refuse-password" && !strings.Contains(err.Error(), "password"):
			t.Errorf("%s (%s): the error %q doesn't mention a password", m.File, m.From, err)
		case m.Expect == "open":
			gold, disputed := goldCells(t, filepath.Join(corpus, "gold", m.Sha+".jsonl.gz"))
			got := dumped(t, out.Bytes())
			cells += len(gold)
			for at, want := range gold {
				if !alike(got[at], want) {
					t.Errorf("%s (%s), %s: got %.60q, want %.60q", m.File, m.From, at, got[at], want)
				}
			}
			for at := range got {
				if _, ok := gold[at]; !ok && !disputed[at] {
					extra++
				}
			}
		}
	}
	t.Logf("%d files, %d cells", files, cells)
	if extra > knownExtra {
		t.Errorf("got %d cells that neither of the two readers sees, want %d at most", extra, knownExtra)
	}
}

// goldCells returns the cells of a file on which two readers agree, and the addresses of those on
// which they don't.
func goldCells(t *testing.T, path string) (gold map[string]string, disputed map[string]bool) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	head, lines, _ := bytes.Cut(b, []byte("\n"))
	var h struct{ Disputed [][3]any }
	if err := json.Unmarshal(head, &h); err != nil {
		t.Fatal(err)
	}
	disputed = map[string]bool{}
	for _, d := range h.Disputed {
		disputed[fmt.Sprintf("%s!%s%v", d[0], d[2], d[1])] = true
	}
	return dumped(t, lines), disputed
}

// alike compares two cells: texts except for their line ends, numbers as floats, since one of the
// two readers keeps only that.
func alike(got, want string) bool {
	if strings.HasPrefix(got, "n ") && strings.HasPrefix(want, "n ") {
		a, errA := strconv.ParseFloat(got[2:], 64)
		b, errB := strconv.ParseFloat(want[2:], 64)
		return errA == nil && errB == nil && math.Abs(a-b) <= 1e-14*math.Abs(b)
	}
	lines := strings.NewReplacer("\r\n", "\n", "\r", "\n")
	return lines.Replace(got) == lines.Replace(want)
}
