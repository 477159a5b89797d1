package mapping

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"ordersheet/internal/order"
)

var update = flag.Bool("update", false, "write the pages of docs/ that tests make instead of comparing them")

const fieldsDoc = "../docs/fields.md"

func TestReferenceIsCurrent(t *testing.T) {
	var want bytes.Buffer
	if err := WriteReference(&want); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(fieldsDoc, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(fieldsDoc)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%s isn't what the catalogue says; make it again with: go test ./mapping -run Reference -update", fieldsDoc)
	}
	for _, kind := range bothKinds {
		for _, f := range Fields(kind) {
			if !strings.Contains(want.String(), "| `"+f.Column+"` | `"+f.Path+"` |") {
				t.Errorf("the reference lacks %s of %s", f.Path, kind)
			}
		}
	}
}

// Each mapping file that docs/mapping.md shows is read; each table and key that exists is shown.
func TestMappingDocExamples(t *testing.T) {
	doc, err := os.ReadFile("../docs/mapping.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllSubmatch(doc, -1)
	if len(examples) < 5 {
		t.Fatalf("docs/mapping.md holds %d examples, want at least 5", len(examples))
	}
	shown := ""
	for _, e := range examples {
		text := string(e[1])
		shown += text
		if !strings.Contains(text, "version") {
			text = "version = 1\n" + text
		}
		if _, err := ParseProfile("docs/mapping.md", strings.NewReader(text), os.DirFS("../testdata/mapping")); err != nil {
			t.Errorf("reading an example: %v\n%s", err, text)
		}
	}
	for _, key := range profileKeys {
		if !regexp.MustCompile(`(?m)^\[?` + key + `\b`).MatchString(shown) {
			t.Errorf("no example shows %s", key)
		}
	}
}

func TestLimitsInWords(t *testing.T) {
	for path, want := range map[string]string{
		"order_number": "text, zeros kept, at most 255 characters", "items.quantity": "number, above 0", "total_tax": "number, at least 0",
		"tags": "names, each at most 255 characters", "ship_date": "date", "gift": "yes or no",
	} {
		f, _ := FieldByPath(order.SalesOrders, path)
		if got := f.Limits(); got != want {
			t.Errorf("limits of %s: %s, want %s", path, got, want)
		}
	}
}
