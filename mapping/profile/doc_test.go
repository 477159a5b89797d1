package profile

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// Each mapping file in docs/mapping.md can be read, and together they show every table and key.
func TestMappingDocExamples(t *testing.T) {
	doc, err := os.ReadFile("../../docs/mapping.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllSubmatch(doc, -1)
	if len(examples) < 5 {
		t.Fatalf("docs/mapping.md has %d examples, want at least 5", len(examples))
	}
	shown := ""
	for _, e := range examples {
		text := string(e[1])
		shown += text
		if !strings.Contains(text, "version") {
			text = "version = 1\n" + text
		}
		if _, err := Parse("docs/mapping.md", strings.NewReader(text), os.DirFS("../../testdata/mapping")); err != nil {
			t.Errorf("reading an example: %v\n%s", err, text)
		}
	}
	for _, key := range keys {
		if !regexp.MustCompile(`(?m)^\[?` + key + `\b`).MatchString(shown) {
			t.Errorf("no example shows %s", key)
		}
	}
}
