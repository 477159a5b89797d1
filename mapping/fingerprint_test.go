package mapping_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sort"
	"testing"

	"github.com/shopspring/decimal"
)

// referenceFingerprint is the SHA-256 of a payload's canonical form: keys sorted, decimals
// canonical, blanks (null, empty text, empty list, empty object) dropped, tags as a sorted set,
// lines in their order. It compares our own plans with each other; it is never compared with what
// the API answers.
func referenceFingerprint(payload []byte) (string, error) {
	dec := json.NewDecoder(bytes.NewReader(payload))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return "", fmt.Errorf("fingerprinting a payload: %w", err)
	}
	var b bytes.Buffer
	canonical(&b, "", v)
	sum := sha256.Sum256(b.Bytes())
	return "1:" + hex.EncodeToString(sum[:]), nil
}

// blank reports whether a value says nothing, so that it is the same as not being there.
func blank(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case string:
		return x == ""
	case []any:
		return len(x) == 0
	case map[string]any:
		for _, y := range x {
			if !blank(y) {
				return false
			}
		}
		return true
	}
	return false
}

func canonical(b *bytes.Buffer, key string, v any) {
	switch x := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(x))
		for k, y := range x {
			if !blank(y) {
				keys = append(keys, k)
			}
		}
		sort.Strings(keys)
		b.WriteByte('{')
		for _, k := range keys {
			fmt.Fprintf(b, "%q:", k)
			canonical(b, k, x[k])
			b.WriteByte(',')
		}
		b.WriteByte('}')
	case []any:
		if key == "tags" {
			x = tagSet(x)
		}
		b.WriteByte('[')
		for _, y := range x {
			canonical(b, "", y)
			b.WriteByte(',')
		}
		b.WriteByte(']')
	case json.Number:
		if d, err := decimal.NewFromString(x.String()); err == nil {
			b.WriteString(d.String())
			return
		}
		b.WriteString(x.String())
	default:
		fmt.Fprintf(b, "%#v", x)
	}
}

// tagSet sorts the tags and drops repeats.
func tagSet(in []any) []any {
	seen := map[string]bool{}
	var names []string
	for _, t := range in {
		if s := fmt.Sprint(t); !seen[s] {
			seen[s] = true
			names = append(names, s)
		}
	}
	sort.Strings(names)
	out := make([]any, len(names))
	for i, n := range names {
		out[i] = n
	}
	return out
}

func TestReferenceFingerprint(t *testing.T) {
	same := []string{
		`{"order_number":"A","total_tax":1.50,"tags":["b","a"],"items":[{"sku":"x","quantity":1}]}`,
		`{"items":[{"quantity":1.0,"sku":"x"}],"tags":["a","b","a"],"total_tax":1.5,"order_number":"A","notes":"","bill_to":{"name":null}}`,
	}
	a, err := referenceFingerprint([]byte(same[0]))
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := referenceFingerprint([]byte(same[1])); a != b {
		t.Errorf("payloads that mean the same have fingerprints %s and %s", a, b)
	}
	for _, other := range []string{
		`{"order_number":"A","total_tax":1.51,"tags":["b","a"],"items":[{"sku":"x","quantity":1}]}`,
		`{"order_number":"A","total_tax":1.50,"tags":["b"],"items":[{"sku":"x","quantity":1}]}`,
		`{"order_number":1,"total_tax":1.50,"tags":["b","a"],"items":[{"sku":"x","quantity":1}]}`,
	} {
		if b, _ := referenceFingerprint([]byte(other)); a == b {
			t.Errorf("%s has the fingerprint of %s", other, same[0])
		}
	}
}
