package order

import (
	"encoding/json"
	"reflect"
	"testing"
)

// EachField finds the same fields as the standard library, in any valid JSON.
func FuzzEachField(f *testing.F) {
	for _, s := range []string{
		`{}`, ` { "a" : 1 , "b":[1,{"c":"}"}], "d" : "\\\"" ,"e\u0041":null} `, `{"a":{"b":{}},"c":true}`, `{"":"","x":-1.5e3}`, `[]`, `1`,
		`{"a":"é\u00e9","b":[[],[[]]],"a":2}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if !json.Valid(in) {
			return
		}
		got := map[string]any{}
		err := EachField(in, func(key, value []byte) error {
			var v any
			if err := json.Unmarshal(value, &v); err != nil {
				t.Errorf("%q: the value of %q is cut as %q: %v", in, key, value, err)
			}
			got[string(key)] = v
			return nil
		})
		var want map[string]any
		object := json.Unmarshal(in, &want) == nil && want != nil
		if object != (err == nil) {
			t.Fatalf("%q: error %v, but it is an object: %v", in, err, object)
		}
		delete(got, "\uFFFD") // invalid UTF-8 in keys is replaced by the decoder only
		if object && !reflect.DeepEqual(got, want) && validUTF8(in) {
			t.Errorf("%q: got %v, want %v", in, got, want)
		}
	})
}

func validUTF8(b []byte) bool { return string([]rune(string(b))) == string(b) }
