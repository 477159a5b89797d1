package catalog_test

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"ordersheet/internal/order"
	"ordersheet/mapping/catalog"
)

var update = flag.Bool("update", false, "write the pages in docs/ instead of comparing them")

const fieldsDoc = "../../docs/fields.md"

func TestReferenceIsCurrent(t *testing.T) {
	var want bytes.Buffer
	if err := catalog.WriteReference(&want); err != nil {
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
		t.Errorf("%s isn't current; run: go test ./mapping/catalog -run Reference -update", fieldsDoc)
	}
	for _, kind := range catalog.Kinds("") {
		for _, f := range catalog.Fields(kind) {
			if !strings.Contains(want.String(), "| `"+f.Column+"` | `"+f.Path+"` |") {
				t.Errorf("the reference lacks %s of %s", f.Path, kind)
			}
		}
	}
}

func TestLimits(t *testing.T) {
	for path, want := range map[string]string{
		"order_number": "text, zeros kept, at most 255 characters", "items.quantity": "number, above 0", "total_tax": "number, at least 0",
		"tags": "names, each at most 255 characters", "ship_date": "date", "gift": "yes or no",
	} {
		f := catalog.FieldByPath(order.SalesOrders, path)
		if got := f.Limits(); got != want {
			t.Errorf("limits of %s: %s, want %s", path, got, want)
		}
	}
}
