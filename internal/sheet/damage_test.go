package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// damages are the kinds of damage. Each returns the damaged copy, nil if there is nothing to
// damage, and whether the copy must be an error: one flipped bit may not matter.
var damages = map[string]func(r *rand.Rand, file []byte) (damaged []byte, mustFail bool){
	"one bit flipped": func(r *rand.Rand, file []byte) ([]byte, bool) {
		c := bytes.Clone(file)
		c[r.IntN(len(c))] ^= 1 << r.IntN(8)
		return c, false
	},
	"wrong checksum": func(r *rand.Rand, file []byte) ([]byte, bool) {
		c := bytes.Clone(file)
		at := bytes.LastIndex(c, []byte("xl/worksheets/sheet1.xml"))
		if at < centralHeader || binary.LittleEndian.Uint32(c[at-centralHeader:]) != 0x02014b50 {
			return nil, true
		}
		c[at-centralHeader+16+r.IntN(4)] ^= 0x55
		return c, true
	},
	"XML cut in a row": inSheet(func(r *rand.Rand, xml string) string {
		from := strings.Index(xml, "<c ")
		to := strings.LastIndex(xml, "</row>")
		if from < 0 || to < from {
			return ""
		}
		return xml[:from+r.IntN(to-from)]
	}),
	"control byte": inSheet(func(r *rand.Rand, xml string) string {
		at, i := 60+r.IntN(len(xml)-60), r.IntN(5)
		return xml[:at] + "\x01\x08\x00\x1f\xff"[i:i+1] + xml[at:]
	}),
	"unknown entity":      replaced(`<v>`, `<v>&nbsp;`),
	"bad cell reference":  replaced(`<c r="[A-Z]+[0-9]+"`, `<c r="A0"`),
	"cell of another row": replaced(`<c r="([A-Z]+[0-9]+)"`, `<c r="${1}0"`),
	"string index -1":     replaced(`t="s"><v>[0-9]+`, `t="s"><v>-1`),
	"string index 1e9":    replaced(`t="s"><v>[0-9]+`, `t="s"><v>1000000000`),
	"row twice":           replaced(`(?s)<row .*?</row>`, `$0$0`),
	"cell twice":          replaced(`<c [^>]*[^/]><v>.*?</v></c>`, `$0$0`),
	"missing end tag":     replaced(`</c>`, ``),
	"invalid number":      replaced(`(<c r="[A-Z0-9]+"(?: s="[0-9]+")?(?: t="n")?><v>)`, `${1}1x`),
	"unknown type":        replaced(` s="[0-9]+"( t="[a-z]+")?>`, ` s="1" t="zz">`),
	"missing part": func(r *rand.Rand, file []byte) ([]byte, bool) {
		missing := []string{"xl/styles.xml", "xl/worksheets/sheet1.xml"}[r.IntN(2)]
		if !bytes.Contains(file, []byte(missing)) {
			return nil, true
		}
		return bytes.ReplaceAll(file, []byte(missing), []byte(strings.ToUpper(missing[:len(missing)-5])+"Q.xml")), true
	},
	"tail of zeros": func(r *rand.Rand, file []byte) ([]byte, bool) {
		c := bytes.Clone(file)
		clear(c[len(c)-1-r.IntN(len(c)/2):])
		return c, true
	},
	"cut": func(r *rand.Rand, file []byte) ([]byte, bool) { return bytes.Clone(file[:5+r.IntN(len(file)-5)]), true },
}

// replaced damages the sheet by replacing one match of a pattern.
func replaced(pattern, by string) func(*rand.Rand, []byte) ([]byte, bool) {
	re := regexp.MustCompile(pattern)
	by = strings.ReplaceAll(by, "$0", "${0}")
	return inSheet(func(r *rand.Rand, xml string) string {
		all := re.FindAllStringSubmatchIndex(xml, 200)
		if len(all) == 0 {
			return ""
		}
		m := all[r.IntN(len(all))]
		return xml[:m[0]] + string(re.ExpandString(nil, by, xml, m)) + xml[m[1]:]
	})
}

// inSheet damages the text of the first sheet and compresses it again, with correct checksums.
func inSheet(damage func(r *rand.Rand, xml string) string) func(*rand.Rand, []byte) ([]byte, bool) {
	return func(r *rand.Rand, file []byte) ([]byte, bool) {
		touched := false
		c := repack(file, func(name string, b []byte) []byte {
			if name != "xl/worksheets/sheet1.xml" {
				return b
			}
			bad := damage(r, string(b))
			touched = bad != ""
			return []byte(bad)
		})
		if !touched {
			return nil, true
		}
		return c, true
	}
}

// repack copies a zip file with its parts changed by edit; nil if the file isn't a zip file.
func repack(file []byte, edit func(name string, b []byte) []byte) []byte {
	in, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil
	}
	var buf bytes.Buffer
	out := zip.NewWriter(&buf)
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			return nil
		}
		b, err := io.ReadAll(r)
		if err != nil {
			return nil
		}
		w, err := out.Create(f.Name)
		if err != nil {
			return nil
		}
		if _, err := w.Write(edit(f.Name, b)); err != nil {
			return nil
		}
	}
	if out.Close() != nil {
		return nil
	}
	return buf.Bytes()
}

// healthy lists workbooks to damage, from the corpus if there is one, else from testdata.
func healthy(t *testing.T) (paths []string) {
	corpus := os.Getenv("ORDERSHEET_CORPUS")
	if corpus == "" {
		paths, _ = filepath.Glob(workbooks + "/*/input.xlsx")
		return paths
	}
	manifest, err := os.ReadFile(filepath.Join(corpus, "manifest.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSpace(string(manifest)), "\n") {
		var m struct {
			File, Expect string
			Size, Gold   int
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		if m.Expect == "open" && m.Gold > 3 && m.Size < 100_000 && i%9 == 0 {
			paths = append(paths, filepath.Join(corpus, m.File))
		}
	}
	return paths
}

// TestNeverReadShort damages workbooks in many ways. Each copy must be an error or have exactly the
// cells of the original.
func TestNeverReadShort(t *testing.T) {
	dir := t.TempDir()
	read := func(file []byte) (string, error) {
		path := filepath.Join(dir, "copy.xlsx")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		err := DumpCells(path, Options{}, &out)
		return out.String(), err
	}
	paths := healthy(t)
	times := 1 + 1000/(len(paths)*len(damages))
	copies, failed, kinds := 0, 0, map[string]int{}
	for n, path := range paths {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := read(file)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for kind, damage := range damages {
			for i := range times {
				c, must := damage(rand.New(rand.NewPCG(uint64(n), uint64(i))), file)
				if c == nil {
					continue
				}
				copies++
				kinds[kind]++
				got, err := read(c)
				var r *UnreadableError
				switch {
				case err == nil && got != whole:
					t.Errorf("%s, %s, copy %d: read short or changed without an error", path, kind, i)
				case err == nil && must:
					t.Errorf("%s, %s, copy %d: got no error, want one", path, kind, i)
				case err != nil && !errors.As(err, &r):
					t.Errorf("%s, %s, copy %d: got %v, want a *UnreadableError", path, kind, i, err)
				case err != nil && (r.File == "" || strings.ContainsAny(err.Error(), "\n")):
					t.Errorf("%s, %s, copy %d: the error %q doesn't name the file on one line", path, kind, i, err)
				case err != nil:
					failed++
				}
			}
		}
	}
	t.Logf("%d copies of %d workbooks, %d errors, the rest like the original: %s", copies, len(paths), failed, fmt.Sprint(kinds))
	if copies < 700 || len(kinds) < 10 {
		t.Errorf("made %d copies in %d kinds, want at least 700 in 10", copies, len(kinds))
	}
}
