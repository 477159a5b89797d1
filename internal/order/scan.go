package order

import (
	"bytes"
	"encoding/json"
	"errors"
)

// eachField calls fn with the keys and values of an object, in their order. The text must be valid JSON: then finding where a value ends
// takes no more than counting brackets, which is several times faster than decoding what nobody asked for.
func eachField(object []byte, fn func(key, value []byte) error) error {
	object = bytes.TrimSpace(object)
	if len(object) == 0 || object[0] != '{' {
		return errors.New("it is no object")
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
		if rest = skipSpace(rest[end:]); len(rest) > 0 && rest[0] == ',' {
			rest = skipSpace(rest[1:])
		}
	}
	return nil
}

// fieldName is a key without its quotes.
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

// valueEnd is where the value at the beginning of valid JSON text ends.
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

// stringEnd is where a quoted string ends, its quote included.
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
