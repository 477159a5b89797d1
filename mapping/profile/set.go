package profile

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"

	"ordersheet/mapping/catalog"
)

// Set takes one assignment of --set: a field and the value that all orders get, such as channel_id=3 or custom_fields.Priority Level=High. It
// wins over the mapping file and over the sheet. The settings of a mapping file can be set too: date_order=dmy, decimal_separator=",",
// fill_down=true, number=generate, total_check=warn, tag_separator, number_separator, repair=spaces,dashes, mode=update, clear=-, payments=replace,
// profile=historical.
func (p *Profile) Set(assignment string) error {
	name, value, ok := strings.Cut(assignment, "=")
	name = strings.TrimSpace(name)
	if !ok || name == "" {
		return fmt.Errorf("reading --set %q: want field=value", assignment)
	}
	if value == "" {
		return fmt.Errorf("reading --set %q: the value is missing", assignment)
	}
	switch name {
	case "date_order", "decimal_separator", "tag_separator", "number_separator", "fill_down", "number", "total_check", "repair", "mode", "clear", "payments",
		"profile":
		if err := p.option(name, value); err != nil {
			return fmt.Errorf("reading --set %q: %w", assignment, err)
		}
		if name == "date_order" || name == "decimal_separator" {
			p.Formats = nil // what is said for single fields would win over it
		}
		return nil
	}
	if !catalog.KnownField(p.Kind, name) {
		return fmt.Errorf("reading --set %q: no field is called %q; %s", assignment, name, likeField(p.Kind, name))
	}
	if readOnly(p.Kind, name) {
		return fmt.Errorf("reading --set %q: %w", assignment, errNeverSent)
	}
	constants := maps.Clone(p.Constants)
	if constants == nil {
		constants = map[string]Constant{}
	}
	for other := range constants {
		if p.same(other, name) {
			delete(constants, other)
		}
	}
	constants[name] = Constant{Text: value, Kind: cell.Text}
	p.Constants = constants
	return nil
}

var errNeverSent = errors.New("the field is never sent")

// same says that two names mean the same field, of the profile's kind or of either.
func (p *Profile) same(a, b string) bool {
	for _, k := range catalog.Kinds(p.Kind) {
		if path := catalog.Resolve(k, a); path != "" && path == catalog.Resolve(k, b) {
			return true
		}
	}
	return false
}

// readOnly says that no kind that has the field ever sends it.
func readOnly(kind order.Kind, name string) bool {
	for _, k := range catalog.Kinds(kind) {
		if f := catalog.FieldByPath(k, catalog.Resolve(k, name)); f != nil && !f.ReadOnly {
			return false
		}
	}
	return true
}
