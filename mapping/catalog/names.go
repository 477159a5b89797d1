package catalog

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Normalize reduces a header to its letters and digits, in lower case, so that "Order_Number",
// "order number" and " ORDER-NUMBER* " are equal. # becomes "number", and % becomes "percent",
// since "Discount" and "Discount %" aren't the same.
func Normalize(header string) string {
	var b strings.Builder
	b.Grow(len(header))
	for _, r := range norm.NFKC.String(header) {
		switch {
		case r == '#':
			b.WriteString("number")
		case r == '%':
			b.WriteString("percent")
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// withoutBrackets removes a trailing remark in brackets: "Unit Price (USD)" becomes "Unit Price".
func withoutBrackets(header string) string {
	h := strings.TrimSpace(header)
	for _, pair := range []string{"()", "[]"} {
		if i := strings.LastIndexByte(h, pair[0]); i > 0 && strings.HasSuffix(h, pair[1:]) {
			return strings.TrimSpace(h[:i])
		}
	}
	return h
}

// CustomHeader returns the path of the custom field that a header names by its label:
// custom_fields.Priority Level, Custom: Priority Level, items.custom_fields.Color, Item custom:
// Color. The label keeps its case.
func CustomHeader(header string) (path string, ok bool) {
	for _, c := range []struct{ lead, prefix string }{
		{"items.custom_fields.", LineCustom},
		{"items_custom_fields.", LineCustom},
		{"item custom:", LineCustom},
		{"line custom:", LineCustom},
		{"custom_fields.", CustomPrefix},
		{"custom fields:", CustomPrefix},
		{"custom field:", CustomPrefix},
		{"custom:", CustomPrefix},
	} {
		if len(header) > len(c.lead) && strings.EqualFold(header[:len(c.lead)], c.lead) {
			if label := strings.TrimSpace(header[len(c.lead):]); label != "" && label != AnyLabel {
				return c.prefix + label, true
			}
		}
	}
	return "", false
}

// CleanHeader returns a header's text as it is shown and compared exactly: without a byte order
// mark, and with line breaks, no-break spaces and runs of spaces as one space.
func CleanHeader(text []byte) string {
	return strings.Join(strings.FieldsFunc(string(text), func(r rune) bool {
		return unicode.IsSpace(r) || r == '\u00a0' || r == '\ufeff' || r == '\u200b' || r == 0
	}), " ")
}
