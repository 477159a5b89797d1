package book

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
)

// docs/files.md lists every limit with its default.
func TestLimitsInDocs(t *testing.T) {
	page, err := os.ReadFile("../../../docs/files.md")
	if err != nil {
		t.Fatal(err)
	}
	defaults := reflect.ValueOf(Limits{}.WithDefaults())
	for i, name := range LimitNames() {
		_, row, _ := strings.Cut(string(page), "| `"+name+"` |")
		row, _, _ = strings.Cut(row, "\n")
		cells := strings.Split(row, "|")
		want := fmt.Sprint(defaults.Field(i).Interface())
		if len(cells) != 3 || strings.ReplaceAll(strings.TrimSpace(cells[1]), ",", "") != want {
			t.Errorf("docs/files.md says %q of %s, want %s", row, name, want)
		}
	}
}
