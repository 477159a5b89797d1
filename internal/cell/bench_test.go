package cell

import "testing"

func BenchmarkAppendDecimal(b *testing.B) {
	for name, text := range map[string]string{"noise": "387.48000000000008", "price": "12.50", "exponent": "1.5E-7"} {
		b.Run(name, func(b *testing.B) {
			in, out := []byte(text), make([]byte, 0, 64)
			b.ReportAllocs()
			for b.Loop() {
				var ok bool
				if out, ok = AppendDecimal(out[:0], in); !ok {
					b.Fatal(text)
				}
			}
		})
	}
}
