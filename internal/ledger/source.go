package ledger

import (
	"encoding/json"

	"ordersheet/internal/cell"
)

// Source is one sheet of one file of a run. Sources are numbered from 0 as they are added.
type Source struct {
	N int // given by AddSource
	cell.Source
	Path      string // as the user gave it
	Hash      string // SHA-256 of the file
	Size      int64
	Container string // xlsx, csv ...
	LeftOut   string // why it was left out; empty when it was read
	HeaderRow int    // one-based; 0 when there is none
	Header    []HeaderCell
	Columns   json.RawMessage // the caller's: what each column was bound to
	Rows      int64           // rows read
}

// HeaderCell is one cell of the header row.
type HeaderCell struct {
	Col  int    `json:"col"` // zero-based
	Text string `json:"text"`
}
