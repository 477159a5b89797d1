package ooxml

import "testing"

func TestAppendUnescaped(t *testing.T) {
	for in, want := range map[string]string{
		"a_x000D_b": "a\rb", "_x005F_x0041_": "_x0041_", "_xD83D__xDE00_": "😀", "_x00": "_x00", "_x000g_": "_x000g_", "x__x0041_": "x_A", "_x0041": "_x0041", "_xD83D_": "\ufffd", "no_x": "no_x",
	} {
		if got := string(AppendUnescaped(nil, []byte(in))); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
