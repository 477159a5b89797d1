// Package order holds orders in the API's own words: the two kinds, payloads as they are sent, answers as they come back, and the
// fingerprint that tells whether two planned payloads mean the same. It knows nothing of files, of HTTP or of the ledger.
package order

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/shopspring/decimal"
)

// Kind is one of the two kinds of orders, named as in the API's paths.
type Kind string

// The kinds.
const (
	SalesOrders    Kind = "sales-orders"
	PurchaseOrders Kind = "purchase-orders"
)

// ParseKind reads a kind as a user may write it: sales-orders, sales_orders, sales; purchase-orders, purchase.
func ParseKind(s string) (Kind, bool) {
	switch strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), "_", "-") {
	case "sales-orders", "sales-order", "sales":
		return SalesOrders, true
	case "purchase-orders", "purchase-order", "purchase":
		return PurchaseOrders, true
	}
	return "", false
}

// Word names one order of the kind in a sentence.
func (k Kind) Word() string {
	if k == PurchaseOrders {
		return "purchase order"
	}
	return "sales order"
}

// Answer is what the API says of one order. The named fields are those that every user of an answer needs; Raw is the whole object, so that
// nothing of it is lost.
type Answer struct {
	ID        int64
	Numbers   []string // a sales order has one order_number, a purchase order a list of order_numbers
	Status    string   // order_status
	Total     decimal.NullDecimal
	UpdatedAt string // as the API wrote it
	Raw       json.RawMessage
}

// ParseAnswer reads one order out of an answer, either bare or under "data". It fails when the object has no id: such an answer confirms
// nothing. Raw points into body, which must not be changed afterwards.
func ParseAnswer(kind Kind, body []byte) (Answer, error) {
	if !json.Valid(body) {
		var v json.RawMessage
		return Answer{}, fmt.Errorf("reading the answer: %w", json.Unmarshal(body, &v))
	}
	raw := bytes.TrimSpace(body)
	err := eachField(raw, func(key, value []byte) error {
		if string(key) == "data" && value[0] == '{' {
			raw = value
		}
		return nil
	})
	if err != nil {
		return Answer{}, fmt.Errorf("reading the answer: %w", err)
	}
	a := Answer{Raw: raw}
	if err := a.read(kind); err != nil {
		return Answer{}, fmt.Errorf("reading the answer: %w", err)
	}
	if a.ID == 0 {
		return Answer{}, fmt.Errorf("reading the answer: it holds no %s id", kind.Word())
	}
	return a, nil
}

// read fills in the named fields from Raw.
func (a *Answer) read(kind Kind) error {
	number, total := "order_number", "total"
	if kind == PurchaseOrders {
		number, total = "order_numbers", "total_cost"
	} else {
		a.Numbers = []string{""}
	}
	return eachField(a.Raw, func(key, value []byte) error {
		if string(value) == "null" {
			return nil
		}
		switch string(key) {
		case "id":
			return json.Unmarshal(value, &a.ID)
		case "order_status":
			return json.Unmarshal(value, &a.Status)
		case "updated_at":
			return json.Unmarshal(value, &a.UpdatedAt)
		case total:
			return json.Unmarshal(value, &a.Total)
		case number:
			if kind == PurchaseOrders {
				return json.Unmarshal(value, &a.Numbers)
			}
			return json.Unmarshal(value, &a.Numbers[0])
		}
		return nil
	})
}

// FingerprintVersion is the first part of every fingerprint. It changes when the canonical form does, so that old fingerprints never
// compare equal by accident.
const FingerprintVersion = "1:"

// Fingerprint is the SHA-256 of a payload's canonical form: keys sorted, decimals canonical, blanks (null, empty text, empty list, empty
// object) dropped, tags as a sorted set, lines in their order. It compares our own plans with each other; it is never compared with what
// the API answers.
func Fingerprint(payload []byte) (string, error) {
	dec := json.NewDecoder(bytes.NewReader(payload))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return "", fmt.Errorf("fingerprinting a payload: %w", err)
	}
	var b bytes.Buffer
	canonical(&b, "", v)
	sum := sha256.Sum256(b.Bytes())
	return FingerprintVersion + hex.EncodeToString(sum[:]), nil
}

// blank says that a value says nothing: it is the same as not being there.
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
