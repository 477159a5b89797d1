package ledger

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// What is planned for an order and never changes lies in blocks of many orders, compressed: a payload costs a fifth of its size that way,
// and the rows that change with each claim stay small.

// appendPlan adds an order's plan to a block.
func appendPlan(b []byte, o *Order) []byte {
	at := len(b)
	b = binary.AppendUvarint(b, uint64(o.Seq))
	var again byte
	if o.Recreate {
		again = 1
	}
	b = append(b, again)
	b = appendBytes(b, o.Payload)
	b = appendBytes(b, packPrint(o.Fingerprint))
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
	// The length stands first, so that an order that isn't wanted is passed over at once.
	n := len(b) - at
	var head [binary.MaxVarintLen64]byte
	h := binary.PutUvarint(head[:], uint64(n))
	b = append(b, head[:h]...)
	copy(b[at+h:], b[at:at+n])
	copy(b[at:], head[:h])
	return b
}

// plan reads the plan of the order with o.Seq into o. It returns false when the block doesn't hold it.
func (r *reader) plan(o *Order) bool {
	for len(r.b) > 0 {
		one := reader{b: r.bytes()}
		seq := int64(one.uint())
		if r.bad || one.bad || seq > o.Seq {
			return false
		}
		if seq == o.Seq {
			one.fill(o)
			r.bad = r.bad || one.bad
			return !one.bad
		}
	}
	return false
}

func (r *reader) fill(o *Order) {
	o.Recreate = r.uint() == 1
	o.Payload = append([]byte(nil), r.bytes()...)
	o.Fingerprint = unpackPrint(r.bytes())
	o.ExpectedTotal = string(r.bytes())
	if n := r.count(); n > 0 {
		o.Numbers = make([]string, n)
	}
	for i := range o.Numbers {
		o.Numbers[i] = string(r.bytes())
	}
	if n := r.count(); n > 0 {
		o.Rows = make([]RowRef, n)
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

// packPrint keeps a fingerprint such as 1:9f86... (a version and hex digits) in half its size. What isn't one is kept as it is, behind a
// zero byte.
func packPrint(s string) []byte {
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

func unpackPrint(b []byte) string {
	switch {
	case len(b) == 0:
		return ""
	case b[0] == 0:
		return string(b[1:])
	}
	return string(b[:1]) + ":" + hex.EncodeToString(b[1:])
}
