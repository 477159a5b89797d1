package catalog

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"

	"ordersheet/internal/order"
)

//go:embed fields.toml
var fieldsTOML string

// kindTable has the fields of one kind of orders, and the headers that mean them.
type kindTable struct {
	fields []Field
	index  index
}

// tables are read when they are first needed, and never changed.
var tables = sync.OnceValue(func() map[order.Kind]kindTable {
	var t table
	if err := toml.NewDecoder(strings.NewReader(fieldsTOML)).DisallowUnknownFields().Decode(&t); err != nil {
		panic(fmt.Sprintf("catalog: reading fields.toml: %v", err)) // the tests of this package come first
	}
	out := map[order.Kind]kindTable{}
	for kind, rows := range map[order.Kind][]row{order.SalesOrders: t.Sales, order.PurchaseOrders: t.Purchase} {
		fields := t.fields(kind, rows)
		out[kind] = kindTable{fields, newIndex(fields)}
	}
	return out
})

// table is fields.toml.
type table struct {
	Headers         map[string]headers
	Address         []addressPart
	Sales, Purchase []row
}

// headers are those that a field shares with a field of the other kind.
type headers struct{ Synonyms, Fallbacks, Suggestions []string }

// addressPart is a field of every address. Headers name it with a word for the address.
type addressPart struct {
	Name, Purchase      string // the last part of its path, by kind
	Type                Type
	Required            Required
	Synonyms, Fallbacks []string
	Suggestions         []string // without a word for the address; none are the synonyms
	Billing             []string // synonyms that need no word for a billing address
	Help, Note, Example string
}

// row is a field, or all parts of an address.
type row struct {
	Field
	Shared  string // which of the table's headers mean the field too
	Address string // billing or shipping: Synonyms are words for it, Help ends the help of its parts
}

func (t *table) fields(kind order.Kind, rows []row) []Field {
	var out []Field
	for _, r := range rows {
		if r.Address != "" {
			out = append(out, t.addressFields(kind, r)...)
			continue
		}
		f := r.Field
		f.Line = strings.HasPrefix(f.Path, ItemsPrefix) || strings.HasPrefix(f.Path, PaymentsPrefix)
		if f.Column == "" {
			f.Column = f.Path
		}
		shared := t.Headers[r.Shared]
		f.Synonyms = append(f.Synonyms, shared.Synonyms...)
		f.Fallbacks = append(f.Fallbacks, shared.Fallbacks...)
		f.Suggestions = append(f.Suggestions, shared.Suggestions...)
		out = append(out, f)
	}
	return out
}

// addressFields returns the parts of an address.
func (t *table) addressFields(kind order.Kind, r row) []Field {
	var out []Field
	for _, p := range t.Address {
		name, headers := p.Name, append([]string{p.Name}, p.Synonyms...)
		f := Field{
			Type: p.Type, Required: p.Required, Nullable: p.Required == Never, Update: true,
			Synonyms: inAddress(r, headers), Fallbacks: inAddress(r, p.Fallbacks), Suggestions: p.Suggestions,
			Help: strings.TrimSpace(p.Help + " " + r.Help + ". " + p.Note), Example: p.Example,
		}
		if r.Address == "billing" {
			f.Synonyms = append(f.Synonyms, p.Billing...)
		}
		if f.Suggestions == nil {
			f.Suggestions = headers
		}
		if kind == order.PurchaseOrders {
			name, f.Suggestions = p.Purchase, p.Synonyms
		}
		if name != "" {
			f.Path, f.Column = r.Path+"."+name, r.Path+"_"+name
			out = append(out, f)
		}
	}
	return out
}

// inAddress combines headers with each word for an address. They name the address before the field
// ("Billing Zip") or after it, as WooCommerce's exports do ("Postcode (Billing)").
func inAddress(r row, headers []string) []string {
	var out []string
	for _, word := range r.Synonyms {
		for _, h := range headers {
			out = append(out, word+" "+h)
		}
	}
	for _, h := range headers {
		out = append(out, h+" ("+r.Address+")")
	}
	return out
}

// FinalStatuses returns the statuses that an order of the past may have: nothing further happens to
// it.
func FinalStatuses(kind order.Kind) []string {
	if kind == order.PurchaseOrders {
		return []string{"completed"}
	}
	return []string{"shipped", "fulfilled", "cancelled", "partially_refunded", "completed"}
}
