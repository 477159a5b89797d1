package write

import (
	"bytes"
	"hash/crc32"
	"testing"

	"pgregory.net/rapid"
)

func TestCombineCRC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.SliceOf(rapid.Byte()).Draw(t, "a"), rapid.SliceOf(rapid.Byte()).Draw(t, "b")
		got := combineCRC(crc32.ChecksumIEEE(a), crc32.ChecksumIEEE(b), int64(len(b)))
		if want := crc32.ChecksumIEEE(append(a, b...)); got != want {
			t.Errorf("got %08x, want %08x", got, want)
		}
	})
}

func TestSpill(t *testing.T) {
	var s spill
	defer s.discard()
	var want bytes.Buffer
	for i := range 300 {
		b := bytes.Repeat([]byte{byte(i)}, 40_000)
		want.Write(b)
		if _, err := s.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	var got bytes.Buffer
	if err := s.copyTo(&got); err != nil || s.file == nil || !bytes.Equal(got.Bytes(), want.Bytes()) || s.size != int64(want.Len()) {
		t.Errorf("got %d bytes, size %d, %v; want the %d bytes written, through a file", got.Len(), s.size, err, want.Len())
	}
}
