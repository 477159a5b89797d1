package problem

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Every code has one entry in the tables, and every entry is in the form in which texts are shown.
func TestTables(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	ast.Inspect(f, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			code, _ := strconv.Unquote(lit.Value)
			codes = append(codes, code)
		}
		return true
	})
	entries := 0
	for _, table := range tables {
		entries += len(table)
	}
	if slices.Sort(codes); entries != len(codes) || len(slices.Compact(codes)) != entries {
		t.Errorf("%d entries for %d codes, or a code twice", entries, len(codes))
	}
	command := regexp.MustCompile(`(^| )--?[a-z]|ordersheet [a-z]`)
	for _, code := range codes {
		e := lookup(code)
		if code != strings.ToLower(code) || strings.ContainsAny(code, " -") {
			t.Errorf("the code %q isn't in snake case", code)
		}
		if e.message == "" || e.severity == Error && e.hint == "" {
			t.Errorf("%s: an error has to say what is wrong and what to do", code)
		}
		for _, s := range []string{e.message, e.expected, e.hint} {
			switch {
			case strings.HasSuffix(s, ".") || s != strings.TrimSpace(s):
				t.Errorf("%s: %q ends with a period or a space", code, s)
			case s != "" && s[0] >= 'A' && s[0] <= 'Z' && !strings.HasPrefix(s, "Luminous"):
				t.Errorf("%s: %q begins with a capital", code, s)
			case command.MatchString(s):
				t.Errorf("%s: %q names a flag or a command", code, s)
			}
		}
	}
	for code := range remedies {
		lookup(code)
	}
}

func TestNewFillsTheFields(t *testing.T) {
	long := strings.Repeat("é", 500)
	p := New(EnumInvalid, "value", long, "field", "order_status", "near", "", "want", "one of a, b", "cell", "D17", "header", "Status", "order_number", "A")
	if p.Severity != Error || p.Field != "order_status" || p.Cell != "D17" || p.Header != "Status" || p.Expected != "one of a, b" || p.OrderNumber != "A" {
		t.Errorf("got %+v", p)
	}
	if n := len([]rune(p.Value)); n != 120 || !strings.Contains(p.Message, p.Value) {
		t.Errorf("the value has %d characters, want 120, and the message must contain it: %s", n, p.Message)
	}
	if want := []Remedy{{Kind: MapValue, Field: "order_status", Value: p.Value}}; !slices.Equal(p.Remedies, want) {
		t.Errorf("remedies %+v, want %+v", p.Remedies, want)
	}
	again := New(EnumInvalid, "value", "x", "field", "company_id", "near", "", "want", "y")
	if again.Remedies[0].Field != "company_id" || !strings.Contains(again.Message, `"company_id"`) {
		t.Errorf("a remedy of an earlier problem was kept, or the name isn't the field's: %+v", again)
	}
}

func TestAdvice(t *testing.T) {
	show := func(r Remedy) string {
		if r.Kind == IgnoreColumn {
			return ""
		}
		return fmt.Sprintf("%s %d%s", r.Kind, r.Run, r.Option)
	}
	p := New(Stale, "why", "it changed")
	if got := p.Advice(show); got != p.Hint {
		t.Errorf("without remedies: %q", got)
	}
	p = p.With("look at it", Remedy{Kind: ResumeRun, Run: 7}, Remedy{Kind: IgnoreColumn}, Remedy{Kind: RunOption, Option: "x"})
	if got, want := p.Advice(show), "look at it (resume_run 7 or run_option 0x)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

type remedyError struct{ error }

func (remedyError) Remedies() []Remedy { return []Remedy{{Kind: ResumeRun, Run: 3}} }

func TestRemediesOf(t *testing.T) {
	err := fmt.Errorf("sending: %w", remedyError{errors.New("no")})
	if got := RemediesOf(err); len(got) != 1 || got[0].Run != 3 {
		t.Errorf("got %v", got)
	}
	if got := RemediesOf(errors.New("no")); got != nil {
		t.Errorf("got %v, want none", got)
	}
}
