package block_test

import (
	"errors"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/block"
)

// TestDamagedBlocksAreNoticed flips each byte of a stored block in turn, and cuts it everywhere.
func TestDamagedBlocksAreNoticed(t *testing.T) {
	stored := new(block.Encoder).Encode([]byte("a block of rows, a block of rows, a block of plans"))
	for i := range stored {
		stored[i] ^= 0x10
		if got, err := block.Decode(nil, stored); !errors.Is(err, ledger.ErrDamaged) {
			t.Errorf("with byte %d flipped: %q, %v; want ErrDamaged", i, got, err)
		}
		stored[i] ^= 0x10
	}
	for n := range stored {
		if got, err := block.Decode(nil, stored[:n]); !errors.Is(err, ledger.ErrDamaged) {
			t.Errorf("cut after %d bytes: %q, %v; want ErrDamaged", n, got, err)
		}
	}
}

// FuzzBlocks reads any content as rows, plans and answers: a wrong one may fail but not crash.
func FuzzBlocks(f *testing.F) {
	f.Add(block.AppendRow(nil, 0, &cell.Row{Num: 3, Cells: []cell.Cell{{Col: 2, Kind: cell.Number, Format: 7, Text: []byte("12")}}}))
	f.Add(block.AppendPlan(nil, &ledger.Order{
		Seq: 1, Payload: []byte("{}"), Fingerprint: "1:00", Rows: []ledger.RowRef{{Source: 1, Row: 2}}, Items: []int{0}, Numbers: []string{"A"},
	}))
	f.Add(block.AppendAnswer(nil, &ledger.Answer{ID: 1, UpdatedAt: "2025", Raw: []byte("{}")}))
	f.Fuzz(func(t *testing.T, content []byte) {
		stored := new(block.Encoder).Encode(content)
		var rows block.Rows
		var plans block.Plans
		var answers block.Answers
		for _, err := range []error{rows.Open(stored), plans.Open(stored), answers.Open(stored)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		for {
			if r, err := rows.Next(); r == nil || err != nil {
				break
			}
		}
		for seq := int64(1); plans.Read(&ledger.Order{Seq: seq}); seq++ {
		}
		for {
			if _, err := answers.Next(); err != nil {
				break
			}
		}
	})
}

func TestFingerprintsAreKept(t *testing.T) {
	for _, s := range []string{
		"", "1:", "1:00ff", "2:9F", "1:9f8", "12:9f", "odd", "\x00:00",
		"1:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	} {
		if got := block.UnpackFingerprint(block.PackFingerprint(s)); got != s {
			t.Errorf("the fingerprint %q came back as %q", s, got)
		}
	}
	if n := len(block.PackFingerprint("1:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")); n != 33 {
		t.Errorf("a fingerprint takes %d bytes, want 33", n)
	}
}
