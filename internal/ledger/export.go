package ledger

import "time"

// Export is an export that was started and neither published nor given up.
type Export struct {
	Run      Run
	Name     string
	Progress []byte // the caller's JSON, as KeepAnswers left it; nil when nothing was kept yet
}

// Answer is one order as the API answered it, kept until its export is written.
type Answer struct {
	ID        int64
	UpdatedAt string
	Raw       []byte // valid only inside the func that Answers calls
}

// Watermark is how far the published exports of a name have come.
type Watermark struct {
	At        string // the end of the last published window, as the server wrote it; empty for none
	Filters   string // the caller's: what the export left out
	Published time.Time
}
