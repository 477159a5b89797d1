package order

import (
	"bytes"
	"encoding/json"
	"errors"
)

// EachField calls fn with the keys and values of a JSON object, in their order, without decoding
// the other values: in valid JSON, finding where a value ends takes no more than counting
// brackets, which is several times faster. The text must be valid JSON; key and value are good only
// until fn returns.
func EachField(object []byte, fn func(key, value []byte) error) error {
	object = bytes.TrimSpace(object)
	if len(object) == 0 || object[0] != '{' {
		return errors.New("not a JSON object")
	}
	rest := skipSpace(object[1:])
	for len(rest) > 0 && rest[0] != '}' {
		end := valueEnd(rest)
		key, err := fieldName(rest[:end])
		if err != nil {
			return err
		}
		rest = skipSpace(rest[end:])
		rest = skipSpace(rest[1:]) // the colon
		end = valueEnd(rest)
		if err := fn(key, rest[:end:end]); err != nil {
			return err
		}
		rest = nextElement(rest[end:])
	}
	return nil
}

// EachValue calls fn with the values of a JSON list, in their order. The text must be valid JSON;
// anything but a list has no values.
func EachValue(list []byte, fn func(value []byte) error) error {
	list = bytes.TrimSpace(list)
	if len(list) == 0 || list[0] != '[' {
		return nil
	}
	rest := skipSpace(list[1:])
	for len(rest) > 0 && rest[0] != ']' {
		end := valueEnd(rest)
		if err := fn(rest[:end:end]); err != nil {
			return err
		}
		rest = nextElement(rest[end:])
	}
	return nil
}

// nextElement skips a comma and the space around it.
func nextElement(rest []byte) []byte {
	rest = skipSpace(rest)
	if len(rest) > 0 && rest[0] == ',' {
		return skipSpace(rest[1:])
	}
	return rest
}

// fieldName returns a key without its quotes.
func fieldName(quoted []byte) ([]byte, error) {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1], nil
	}
	var s string
	err := json.Unmarshal(quoted, &s)
	return []byte(s), err
}

func skipSpace(b []byte) []byte {
	for i, c := range b {
		if c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return b[i:]
		}
	}
	return nil
}

// valueEnd returns where the value at the start of valid JSON ends.
func valueEnd(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i += stringEnd(b[i:]) - 1
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ':', ' ', '\n', '\t', '\r':
			if depth == 0 {
				return i
			}
		}
	}
	return len(b)
}

// stringEnd returns where a quoted string ends, after its closing quote.
func stringEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}
