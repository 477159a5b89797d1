package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"ordersheet/internal/sheet/book"
	"ordersheet/internal/sheet/csv"
	"ordersheet/internal/sheet/jsonl"
	"ordersheet/internal/sheet/ods"
	"ordersheet/internal/sheet/ooxml"
	"ordersheet/internal/sheet/xlsx"
)

// openReader detects the format of r from its first bytes and opens it with the reader of that
// format.
func openReader(r io.ReaderAt, size int64, name string, o Options) (*Book, error) {
	head := make([]byte, 4096)
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	head = head[:n]
	switch {
	case n == 0:
		return nil, &UnreadableError{What: "is empty (0 bytes)", Hint: "get a fresh copy of the file"}
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return openZip(r, size, o.Limits)
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return openOLE(r, size, o)
	}
	if err := otherFormat(head); err != nil {
		return nil, err
	}
	if jsonl.Detect(head) {
		return jsonl.Open(r, size, o.Limits)
	}
	if ext := strings.ToLower(filepath.Ext(name)); slices.Contains(workbookExts, ext) {
		return nil, notWorkbook(ext, head)
	}
	return csv.Open(r, size, name, o)
}

func openZip(r io.ReaderAt, size int64, l Limits) (*Book, error) {
	a, err := ooxml.OpenArchive(r, size, l)
	if err != nil {
		return nil, err
	}
	if ods.IsDocument(a) {
		return ods.Open(a, l)
	}
	for _, k := range []struct{ part, what, hint string }{
		{"xl/workbook.bin", "is a binary workbook (XLSB)", book.SaveAsXLSX},
		{"Index/Document.iwa", "is an Apple Numbers document", "export it from Numbers as Excel (.xlsx)"},
		{"Index.zip", "is an Apple Numbers document", "export it from Numbers as Excel (.xlsx)"},
		{"word/document.xml", "is a Word document, not a workbook", copyTable},
		{"ppt/presentation.xml", "is a PowerPoint presentation, not a workbook", copyTable},
	} {
		if a.Find(k.part) != nil {
			return nil, &UnreadableError{What: k.what, Hint: k.hint}
		}
	}
	return xlsx.Open(a, l)
}

const (
	copyTable   = "copy its table into a workbook and save that as .xlsx"
	useWorkbook = "use the workbook itself"
)

var workbookExts = []string{".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlsb", ".ods", ".numbers"}

func notWorkbook(ext string, head []byte) error {
	if isText(head) {
		return &UnreadableError{What: "is delimited text with the extension of a workbook", Hint: "rename it so that it ends in .csv"}
	}
	return &UnreadableError{What: "is damaged or not a workbook: its content isn't " + ext, Hint: "get a fresh copy of the file"}
}

// isText reports whether head looks like text: it begins with the mark of UTF-16, or has no control
// characters other than those of text.
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

func otherFormat(head []byte) error {
	for _, k := range []struct{ magic, what, hint string }{
		{"%PDF-", "is a PDF document, not a workbook", "get the workbook that it was made from"},
		{"{\\rtf", "is a rich text document, not a workbook", copyTable},
		{"\x89PNG", "is a picture, not a workbook", useWorkbook},
		{"\xff\xd8\xff", "is a picture, not a workbook", useWorkbook},
		{"GIF8", "is a picture, not a workbook", useWorkbook},
		{"Rar!", "is a RAR archive", "extract it and use the workbook in it"},
		{"7z\xbc\xaf", "is a 7-Zip archive", "extract it and use the workbook in it"},
		{"SQLite format 3\x00", "is a database, not a workbook", useWorkbook},
		{"\x09\x00\x04\x00", "is a workbook of Excel 2 (XLS)", book.SaveAsXLSX},
		{"\x09\x02\x06\x00", "is a workbook of Excel 3 (XLS)", book.SaveAsXLSX},
		{"\x09\x04\x06\x00", "is a workbook of Excel 4 (XLS)", book.SaveAsXLSX},
		{"\x09\x08", "is a workbook of Excel 5 or later (XLS)", book.SaveAsXLSX},
		{"ID;P", "is a SYLK file (SLK)", book.SaveAsXLSX},
		{"MIME-Version:", "is a web archive (MHTML), often saved under .xls", book.SaveAsXLSX},
	} {
		if bytes.HasPrefix(head, []byte(k.magic)) {
			return &UnreadableError{What: k.what, Hint: k.hint}
		}
	}
	return otherMarkup(head)
}

// otherMarkup returns an error for HTML and XML files, which many programs save as .xls or .xlsx.
func otherMarkup(head []byte) error {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(text) == 0 || text[0] != '<' {
		return nil
	}
	text = bytes.ToLower(text)
	has := func(s string) bool { return bytes.Contains(text, []byte(s)) }
	switch {
	case has("urn:schemas-microsoft-com:office:spreadsheet"), has(`progid="excel.sheet"`):
		return &UnreadableError{What: "is an Excel 2003 XML spreadsheet", Hint: book.SaveAsXLSX}
	case has("urn:oasis:names:tc:opendocument"):
		return &UnreadableError{What: "is a flat OpenDocument file (FODS)", Hint: book.SaveAsXLSX}
	case has("<html"), has("<!doctype html"), has("<table"), has("<body"), has("<meta"):
		return &UnreadableError{What: "is a web page (HTML), not a workbook", Hint: book.SaveAsXLSX}
	case bytes.HasPrefix(text, []byte("<?xml")):
		return &UnreadableError{What: "is an XML file, not a workbook", Hint: useWorkbook}
	}
	return nil
}
