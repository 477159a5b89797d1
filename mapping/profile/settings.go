package profile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/value"
)

// settings are the keys that hold one plain value each. Set takes them too.
var settings = []string{
	"date_order", "decimal_separator", "tag_separator", "number_separator", "fill_down", "number", "total_check", "repair", "mode",
	"clear", "payments", "profile",
}

// Set applies one assignment on top of the mapping file: a field and the value that all orders get
// (channel_id=3, custom_fields.Priority Level=High), or one of the file's settings (date_order=dmy,
// repair=spaces,dashes). It wins over the mapping file and the sheet.
func (p *Profile) Set(assignment string) error {
	name, text, ok := strings.Cut(assignment, "=")
	name = strings.TrimSpace(name)
	switch {
	case !ok || name == "":
		return errors.New("want field=value")
	case text == "":
		return errors.New("the value is missing")
	case slices.Contains(settings, name):
		if name == "date_order" || name == "decimal_separator" {
			p.Formats = nil // settings of single fields would win over it
		}
		return p.setOption(name, text)
	case !catalog.IsField(p.Kind, name):
		if hint := fieldHint(p.Kind, name); hint != "" {
			return fmt.Errorf("no field is called %q; %s", name, hint)
		}
		return fmt.Errorf("no field is called %q", name)
	case readOnly(p.Kind, name):
		return errors.New("the field is never sent")
	}
	constants := map[string]Constant{name: {Text: text, Kind: cell.Text}}
	for other, c := range p.Constants {
		if !p.sameField(other, name) {
			constants[other] = c
		}
	}
	p.Constants = constants
	return nil
}

// readOnly reports whether no kind that has the field ever sends it.
func readOnly(kind order.Kind, name string) bool {
	return !slices.ContainsFunc(catalog.Kinds(kind), func(k order.Kind) bool {
		f := catalog.FieldByPath(k, catalog.Resolve(k, name))
		return f != nil && !f.ReadOnly
	})
}

// setOption sets one of the settings.
func (p *Profile) setOption(key, text string) error {
	want := func(ok bool, choices string) error {
		if ok {
			return nil
		}
		return fmt.Errorf("%s is %q; want %s", key, text, choices)
	}
	switch key {
	case "date_order":
		at := slices.IndexFunc(value.DateOrders[:], func(o value.DateOrder) bool { return strings.EqualFold(o.Word, text) })
		if at >= 0 {
			p.DateOrder = value.DateOrders[at].Order
		}
		return want(at >= 0, `"dmy", "mdy" or "ymd"`)
	case "decimal_separator":
		p.Decimal = map[string]value.Separators{".": value.Point, ",": value.Comma}[text]
		return want(p.Decimal != 0, `"." or ","`)
	case "tag_separator":
		p.TagSeparator = text
		return want(separators(text), `signs such as ";" or "|"`)
	case "number_separator":
		p.NumberSeparator = text
		return want(separators(text), `signs such as ";" or "|"`)
	case "number":
		p.Generate = text == "generate"
		return want(p.Generate, `"generate"`)
	case "fill_down":
		p.FillDown = text == "true"
		return want(p.FillDown || text == "false", "true or false")
	case "total_check":
		p.TotalCheck = TotalCheck(text)
		return want(p.TotalCheck == TotalRefuse || p.TotalCheck == TotalWarn || p.TotalCheck == TotalOff, `"refuse", "warn" or "off"`)
	case "mode":
		p.Mode = strings.ToLower(text)
		return want(slices.Contains([]string{order.Create, order.Update, order.Upsert, order.Delete}, p.Mode), `"create", "update", "upsert" or "delete"`)
	case "clear":
		p.Clear = strings.TrimSpace(text)
		return want(p.Clear != "", `a word such as "<clear>"`)
	case "payments":
		p.ReplacePayments = text == "replace"
		return want(p.ReplacePayments || text == "merge", `"merge" or "replace"`)
	case "profile":
		p.Historical = text == "historical"
		return want(p.Historical, `"historical"`)
	case "repair":
		var err error
		p.Repair, err = repairs(strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ' ' }))
		return err
	}
	return fmt.Errorf("no setting is called %q", key)
}

// separators reports whether none of the characters could be part of a value.
func separators(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return r >= utf8.RuneSelf || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
	})
}

// repairs reads a list of repairs. An empty list switches off for a field what is on for all; nil
// says nothing.
func repairs(words []string) (out value.Repairs, err error) {
	if words == nil {
		return 0, nil
	}
	out = value.RepairsGiven
	for _, w := range words {
		r, err := value.RepairByWord(w)
		if err != nil {
			return 0, err
		}
		out |= r
	}
	if both := value.RepairPlus1462 | value.RepairMinus1462; out&both == both {
		return 0, errors.New("dates can't be moved both later and earlier")
	}
	return out, nil
}
