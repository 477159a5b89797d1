package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const saveAs = "open it in a spreadsheet program and save it as .xlsx"

// openFile tells what f is from its first bytes and hands it to the reader of that container, which closes it.
func openFile(path string, f *os.File, o Options) (*Book, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading: %w", err)
	}
	name := filepath.Base(path)
	if st.IsDir() {
		return nil, &RefusedError{File: name, What: "is a folder", Hint: "give the file itself"}
	}
	head := make([]byte, 4096)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	head = head[:n]
	l := o.Limits.or()
	switch {
	case n == 0:
		return nil, &RefusedError{File: name, What: "is empty (0 bytes)", Hint: "get the file again"}
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return openXLSX(name, f, st.Size(), l, f.Close)
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return openOLE(name, f, st.Size(), o)
	}
	if r := knownForeign(head); r != nil {
		r.File = name
		return nil, r
	}
	if isJSONL(head) {
		return openJSONL(name, f, st.Size(), l)
	}
	if ext := strings.ToLower(filepath.Ext(name)); isWorkbookName(ext) {
		return nil, notWorkbook(name, ext, head)
	}
	return openCSV(path, f, st.Size(), o)
}

func isWorkbookName(ext string) bool {
	switch ext {
	case ".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlsb", ".ods", ".numbers":
		return true
	}
	return false
}

// notWorkbook refuses a file whose name promises a workbook, and whose content is none.
func notWorkbook(name, ext string, head []byte) error {
	r := &RefusedError{File: name, What: "is damaged or no workbook: its content isn't what " + ext + " stands for", Hint: "get a fresh copy of the file"}
	if isText(head) {
		r.What, r.Hint = "is delimited text under the name of a workbook", "rename it so that it ends in .csv"
	}
	return r
}

// isText says whether head reads like text of some charset: no zero bytes (unless UTF-16 says so at the beginning) and hardly any control characters.
func isText(head []byte) bool {
	if bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff}) {
		return true
	}
	for _, c := range head {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' {
			return false
		}
	}
	return true
}

// knownForeign tells files that are neither workbooks nor delimited text by how they begin.
func knownForeign(head []byte) *RefusedError {
	for _, k := range []struct{ magic, what, hint string }{
		{"%PDF-", "is a PDF document, not a workbook", "ask for the workbook that it was printed from"},
		{"{\\rtf", "is a rich text document, not a workbook", "copy its table into a workbook and save that as .xlsx"},
		{"\x89PNG", "is a picture, not a workbook", "ask for the workbook itself"},
		{"\xff\xd8\xff", "is a picture, not a workbook", "ask for the workbook itself"},
		{"GIF8", "is a picture, not a workbook", "ask for the workbook itself"},
		{"Rar!", "is a RAR archive", "unpack it and give the workbook in it"},
		{"7z\xbc\xaf", "is a 7-Zip archive", "unpack it and give the workbook in it"},
		{"SQLite format 3\x00", "is a database, not a workbook", ""},
		{"\x09\x00\x04\x00", "is a workbook of Excel 2 (XLS)", saveAs},
		{"\x09\x02\x06\x00", "is a workbook of Excel 3 (XLS)", saveAs},
		{"\x09\x04\x06\x00", "is a workbook of Excel 4 (XLS)", saveAs},
		{"\x09\x08", "is a workbook of Excel 5 or later (XLS)", saveAs},
		{"ID;P", "is a SYLK file (SLK)", saveAs},
		{"MIME-Version:", "is a web archive (MHTML), often saved under .xls", saveAs},
	} {
		if bytes.HasPrefix(head, []byte(k.magic)) {
			return &RefusedError{What: k.what, Hint: k.hint}
		}
	}
	return foreignMarkup(head)
}

// foreignMarkup tells HTML and XML files, which many programs save under .xls or .xlsx.
func foreignMarkup(head []byte) *RefusedError {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(text) == 0 || text[0] != '<' {
		return nil
	}
	text = bytes.ToLower(text)
	has := func(s string) bool { return bytes.Contains(text, []byte(s)) }
	switch {
	case has("urn:schemas-microsoft-com:office:spreadsheet"), has(`progid="excel.sheet"`):
		return &RefusedError{What: "is an XML spreadsheet of 2003", Hint: saveAs}
	case has("urn:oasis:names:tc:opendocument"):
		return &RefusedError{What: "is a flat OpenDocument file (FODS)", Hint: saveAs}
	case has("<html"), has("<!doctype html"), has("<table"), has("<body"), has("<meta"):
		return &RefusedError{What: "is a web page (HTML), not a workbook", Hint: saveAs}
	case bytes.HasPrefix(text, []byte("<?xml")):
		return &RefusedError{What: "is an XML file, not a workbook", Hint: "give the workbook itself"}
	}
	return nil
}
