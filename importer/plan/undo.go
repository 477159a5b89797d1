package plan

import (
	"encoding/json"
	"ordersheet/internal/ledger"
)

// UndoMode is the mode of a run that takes another back.
const UndoMode = "undo"

// UndoOptions are what a run keeps that takes another back.
type UndoOptions struct {
	Undo   int64  `json:"undo"`             // the run that it takes back
	Status string `json:"status,omitempty"` // what sales orders become that were made; empty is cancelled
}

// Undoes is the run that a run takes back; 0 for any other run.
func Undoes(r ledger.Run) int64 {
	var o UndoOptions
	if r.Mode != UndoMode || json.Unmarshal(r.Options, &o) != nil {
		return 0
	}
	return o.Undo
}
