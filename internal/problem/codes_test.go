package problem

import (
	"strings"
	"testing"
)

func TestProblemTexts(t *testing.T) {
	for code, text := range codes {
		if code != strings.ToLower(code) || strings.ContainsAny(code, " -") {
			t.Errorf("the code %q isn't in snake case", code)
		}
		if text.message == "" || text.severity == Error && text.hint == "" {
			t.Errorf("%s: an error has to say what is wrong and what to do", code)
		}
		for _, s := range []string{text.message, text.expected, text.hint} {
			if strings.HasSuffix(s, ".") || s != strings.TrimSpace(s) {
				t.Errorf("%s: %q ends with a full stop or a space", code, s)
			}
			if s != "" && s[0] >= 'A' && s[0] <= 'Z' {
				t.Errorf("%s: %q begins with a capital", code, s)
			}
		}
	}
}

func TestProblemFillsItsColumns(t *testing.T) {
	long := strings.Repeat("é", 500)
	p := New(EnumInvalid, "value", long, "field", "order_status", "near", "", "want", "one of a, b", "cell", "D17", "header", "Status")
	if p.Severity != Error || p.Field != "order_status" || p.Cell != "D17" || p.Header != "Status" || p.Expected != "one of a, b" {
		t.Errorf("got %+v", p)
	}
	if n := len([]rune(p.Value)); n != 120 || !strings.Contains(p.Message, p.Value) {
		t.Errorf("the value has %d characters, want 120, and the message must hold it: %s", n, p.Message)
	}
}
