package block

import (
	"encoding/binary"
	"encoding/hex"
	"strings"

	"ordersheet/internal/ledger"
)

// The part of an order that never changes is stored in blocks of many orders: compressed, a payload
// costs a fifth of its size, and the rows that change with each claim stay small.

// AppendPlan adds the plan of an order to the content of a block. Seqs must rise.
func AppendPlan(b []byte, o *ledger.Order) []byte {
	at := len(b)
	b = binary.AppendUvarint(b, uint64(o.Seq))
	var recreate byte
	if o.Recreate {
		recreate = 1
	}
	b = append(b, recreate)
	b = appendBytes(b, o.Payload)
	b = appendBytes(b, PackFingerprint(o.Fingerprint))
	b = appendBytes(b, o.ExpectedTotal)
	b = binary.AppendUvarint(b, uint64(len(o.Numbers)))
	for _, n := range o.Numbers {
		b = appendBytes(b, n)
	}
	b = binary.AppendUvarint(b, uint64(len(o.Rows)))
	before := 0
	for _, r := range o.Rows {
		b = binary.AppendUvarint(b, uint64(r.Source))
		b = binary.AppendVarint(b, int64(r.Row-before))
		before = r.Row
	}
	b = binary.AppendUvarint(b, uint64(len(o.Items)))
	for _, i := range o.Items {
		b = binary.AppendUvarint(b, uint64(i))
	}
	// The length comes first, so that other orders are skipped quickly.
	n := len(b) - at
	var head [binary.MaxVarintLen64]byte
	h := binary.PutUvarint(head[:], uint64(n))
	b = append(b, head[:h]...)
	copy(b[at+h:], b[at:at+n])
	copy(b[at:], head[:h])
	return b
}

// Plans reads a block of plans. The zero value is empty.
type Plans struct{ content }

// Read reads the plan of the order with o.Seq into o; Seqs must rise from call to call. It reports
// whether the rest of the block holds that order.
func (b *Plans) Read(o *ledger.Order) bool {
	for len(b.r.b) > 0 {
		one := reader{b: b.r.bytes()}
		seq := int64(one.uint())
		if b.r.bad || one.bad || seq > o.Seq {
			return false
		}
		if seq == o.Seq {
			one.plan(o)
			return !one.bad
		}
	}
	return false
}

func (r *reader) plan(o *ledger.Order) {
	o.Recreate = r.uint() == 1
	o.Payload = append([]byte(nil), r.bytes()...)
	o.Fingerprint = UnpackFingerprint(r.bytes())
	o.ExpectedTotal = string(r.bytes())
	if n := r.count(); n > 0 {
		o.Numbers = make([]string, n)
	}
	for i := range o.Numbers {
		o.Numbers[i] = string(r.bytes())
	}
	if n := r.count(); n > 0 {
		o.Rows = make([]ledger.RowRef, n)
	}
	before := int64(0)
	for i := range o.Rows {
		o.Rows[i].Source = int(r.uint())
		before += r.int()
		o.Rows[i].Row = int(before)
	}
	if n := r.count(); n > 0 {
		o.Items = make([]int, n)
	}
	for i := range o.Items {
		o.Items[i] = int(r.uint())
	}
}

// PackFingerprint stores a fingerprint such as 1:9f86... (a version and hex digits) in half its
// size. Any other text is stored as it is, after a zero byte.
func PackFingerprint(s string) []byte {
	version, digits, _ := strings.Cut(s, ":")
	if len(version) == 1 && version[0] > 0 {
		if raw, err := hex.DecodeString(digits); err == nil && hex.EncodeToString(raw) == digits && len(raw) > 0 {
			return append([]byte{version[0]}, raw...)
		}
	}
	if s == "" {
		return nil
	}
	return append([]byte{0}, s...)
}

// UnpackFingerprint is the inverse of PackFingerprint.
func UnpackFingerprint(b []byte) string {
	switch {
	case len(b) == 0:
		return ""
	case b[0] == 0:
		return string(b[1:])
	}
	return string(b[:1]) + ":" + hex.EncodeToString(b[1:])
}
