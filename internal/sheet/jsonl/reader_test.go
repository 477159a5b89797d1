package jsonl_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet"
)

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "orders.jsonl")
	text := "\ufeff" + `{"order_number":"00123","total":7.500,"gift":true,"note":null,"tags":["a", "b"]}` + "\r\n\n" + `{"total":-1e2,"order_number":"=\u0041\n","city":"","late":"new"}` + "\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	want := "1: A text order_number, B text total, C text gift, D text note, E text tags, F text city, G text late\n" +
		"2: A text 00123, B number 7.500, C boolean TRUE, E text [\"a\", \"b\"]\n" +
		"4: A text =A\n, B number -1e2, G text new\n"
	if got := dumpSheet(t, path, 0); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestReadBadLines(t *testing.T) {
	for text, want := range map[string]string{
		"{\"a\":1}\n[2]\n":                           "line 2: isn't a JSON object",
		"{\"a\":1}\n{\"a\":\n":                       "line 2: isn't a complete JSON object",
		"{\"a\":1} {\"a\":2}\n":                      "line 1: has something after",
		"{\"a\":1}\n{\"a\":1,\"a\":2}\n":             `line 2: has the key "a" twice`,
		"{\"a\":1}\nplain\n":                         "line 2: isn't a JSON object",
		`{"a":"` + strings.Repeat("x", 2<<20) + `"}`: "cell-bytes",
	} {
		path := filepath.Join(t.TempDir(), "orders.jsonl")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := sheet.Open(path, sheet.Options{})
		if err == nil {
			_, err = b.Read(0, func(*cell.Row) error { return nil })
			_ = b.Close()
		}
		var unreadable *sheet.UnreadableError
		if !errors.As(err, &unreadable) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: got %v, want an error with %q", text, err, want)
		}
	}
}

// dumpSheet returns what a sheet holds as text.
func dumpSheet(t *testing.T, path string, i int) string {
	t.Helper()
	b, err := sheet.Open(path, sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var out strings.Builder
	if _, err := b.Read(i, func(r *cell.Row) error {
		parts := make([]string, len(r.Cells))
		for i, c := range r.Cells {
			parts[i] = fmt.Sprintf("%s %v %s", cell.ColName(c.Col), c.Kind, c.Text)
		}
		fmt.Fprintf(&out, "%d: %s\n", r.Num, strings.Join(parts, ", "))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
