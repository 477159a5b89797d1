package ooxml

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"ordersheet/internal/sheet/book"
)

// FuzzZip checks that whatever is read from a container is what archive/zip reads.
func FuzzZip(f *testing.F) {
	paths, err := filepath.Glob("../../../testdata/sheets/*/input.xlsx")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		file, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if len(file) < 7000 {
			f.Add(file)
		}
	}
	var stored bytes.Buffer
	w := zip.NewWriter(&stored)
	if p, err := w.CreateHeader(&zip.FileHeader{Name: "a.xml"}); err != nil {
		f.Fatal(err)
	} else if _, err := p.Write([]byte("<a/>")); err != nil {
		f.Fatal(err)
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(stored.Bytes())
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) < lenEnd {
			return
		}
		l := book.Limits{Expanded: 4 << 20, Entries: 100}.WithDefaults()
		a, err := OpenArchive(bytes.NewReader(file), int64(len(file)), l)
		if err != nil {
			return
		}
		theirs, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		for _, z := range theirs.File {
			p := a.Find(z.Name)
			if p == nil {
				continue
			}
			in, err := a.Open(p)
			if err != nil {
				continue
			}
			got, err := io.ReadAll(in)
			if err != nil {
				continue
			}
			r, err := z.Open()
			if err != nil {
				continue
			}
			want, err := io.ReadAll(r)
			if err == nil && !bytes.Equal(got, want) {
				t.Fatalf("part %q: got %q, archive/zip reads %q", z.Name, got, want)
			}
		}
	})
}
