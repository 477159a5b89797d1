package catalog

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// normalise reduces a header to what it says: compatibility forms made plain, lower case, and only letters and digits kept, so that
// "Order_Number", "order number" and " ORDER-NUMBER* " are one. The sign # is read as the word number, and % as percent, since "Discount" and
// "Discount %" aren't the same.
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

// withoutBrackets takes a trailing remark in brackets off a header: "Unit Price (USD)" is "Unit Price".
func withoutBrackets(header string) string {
	h := strings.TrimSpace(header)
	for _, pair := range []string{"()", "[]"} {
		if i := strings.LastIndexByte(h, pair[0]); i > 0 && strings.HasSuffix(h, pair[1:]) {
			return strings.TrimSpace(h[:i])
		}
	}
	return h
}

// trimDigits takes a trailing count off a normalised header: tag2 is tag.
func trimDigits(name string) string { return strings.TrimRight(name, "0123456789") }

// customHeader reads a header that names a custom field by its label: custom_fields.Priority Level, Custom: Priority Level,
// items.custom_fields.Colour, Item custom: Colour. The label keeps its case.
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

// cleanHeader is a header's text as it is shown and compared exactly: without a byte order mark, no-break spaces made plain, line breaks
// and runs of spaces made one space.
func CleanHeader(text []byte) string {
	return strings.Join(strings.FieldsFunc(string(text), func(r rune) bool {
		return unicode.IsSpace(r) || r == '\u00a0' || r == '\ufeff' || r == '\u200b' || r == 0
	}), " ")
}
