package block

import (
	"encoding/binary"
	"fmt"

	"ordersheet/internal/ledger"
)

// AppendAnswer adds an answer to the content of a block.
func AppendAnswer(b []byte, a *ledger.Answer) []byte {
	b = binary.AppendUvarint(b, uint64(a.ID))
	b = appendBytes(b, a.UpdatedAt)
	return appendBytes(b, a.Raw)
}

// Answers reads a block of answers. The zero value is empty.
type Answers struct{ content }

// Next returns the next answer; its Raw is valid until the next Open.
func (b *Answers) Next() (ledger.Answer, error) {
	a := ledger.Answer{ID: int64(b.r.uint()), UpdatedAt: string(b.r.bytes()), Raw: b.r.bytes()}
	if b.r.bad {
		return a, fmt.Errorf("reading stored answers: %w: an answer has no end", ledger.ErrDamaged)
	}
	return a, nil
}
