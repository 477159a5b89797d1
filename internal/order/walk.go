package order

import "bytes"

// EachField calls fn with the keys and values of an object of an answer, in their order, without decoding what nobody asked for. The text must
// be valid JSON, and key and value are good only until fn returns.
func EachField(object []byte, fn func(key, value []byte) error) error { return eachField(object, fn) }

// EachValue calls fn with the values of a list of an answer, in their order. The text must be valid JSON; what is no list has no values.
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
		if rest = skipSpace(rest[end:]); len(rest) > 0 && rest[0] == ',' {
			rest = skipSpace(rest[1:])
		}
	}
	return nil
}
