package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"ordersheet/importer"
	"ordersheet/internal/luminous"
)

// progress shows how far a step is: by a bar on a terminal, by a line now and then elsewhere.
type progress struct {
	mu    sync.Mutex
	w     io.Writer
	tty   bool
	bar   *progressbar.ProgressBar
	phase importer.Phase
	last  time.Time
	room  int                   // columns that the text of the bar may take
	stats func() luminous.Stats // of the client that sends, set before it sends; nil for none
}

// plainEvery is how often a log gets a line of progress.
const plainEvery = 10 * time.Second

func (a *app) newProgress() *progress {
	return &progress{w: a.Stderr, tty: isTerminal(a.Stderr), last: time.Now()}
}

// observe shows an event of the engine.
func (p *progress) observe(e importer.Event) {
	if e.Note != "" {
		p.say("%s", e.Note)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.tty {
		if time.Since(p.last) >= plainEvery {
			p.last = time.Now()
			of := ""
			if e.Total > 0 {
				of = fmt.Sprintf(" of %d", e.Total)
			}
			fmt.Fprintf(p.w, "%s: %d%s\n", p.describe(e), e.Done, of)
		}
		return
	}
	if p.bar == nil || p.phase != e.Phase {
		p.finish()
		p.phase = e.Phase
		p.bar = p.newBar(e)
	}
	p.bar.Describe(cut(p.describe(e), p.room))
	_ = p.bar.Set64(e.Done) // a bar that can't be drawn harms nothing
}

func (p *progress) newBar(e importer.Event) *progressbar.ProgressBar {
	total := e.Total
	if total <= 0 {
		total = -1 // a spinner: the number of rows is known only at the end of a sheet
	}
	unit := "orders"
	if e.Phase == importer.Reading {
		unit = "rows"
	}
	options := []progressbar.Option{
		progressbar.OptionSetWriter(p.w), progressbar.OptionShowCount(), progressbar.OptionThrottle(100 * time.Millisecond),
		progressbar.OptionClearOnFinish(), progressbar.OptionFullWidth(), progressbar.OptionSetRenderBlankState(true),
	}
	// A terminal wraps a line that doesn't fit, and then each drawing leaves the last one behind.
	const figures, short, enough = 60, 36, 20
	width := p.columns()
	if p.room = width - figures; p.room < enough {
		p.room = max(width-short, 0)
		options = append(options, progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false))
	} else {
		options = append(options, progressbar.OptionShowIts(), progressbar.OptionSetItsString(unit), progressbar.OptionSetPredictTime(true))
	}
	return progressbar.NewOptions64(total, options...)
}

// columns returns the width of the terminal; 80 where it is unknown.
func (p *progress) columns() int {
	if f, ok := p.w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return 80
}

// cut shortens a text to at most so many characters.
func cut(text string, most int) string {
	runes := []rune(text)
	switch {
	case len(runes) <= most:
		return text
	case most < 8:
		return ""
	}
	return string(runes[:most-3]) + "..."
}

// describe returns what is going on now.
func (p *progress) describe(e importer.Event) string {
	switch e.Phase {
	case importer.Reading:
		if e.Sheet != "" {
			return fmt.Sprintf("reading %s, %s", e.File, e.Sheet)
		}
		return "reading " + e.File
	case importer.Submitting:
		return p.sending(e)
	}
	return string(e.Phase)
}

// sending returns how many requests are in flight and what limits them.
func (p *progress) sending(e importer.Event) string {
	if e.Paused {
		return "paused from another terminal"
	}
	text := fmt.Sprintf("sending, %d in flight", e.InFlight)
	if e.Unresolved > 0 {
		text += fmt.Sprintf(", %d to look up", e.Unresolved)
	}
	if p.stats == nil {
		return text
	}
	st := p.stats()
	if wait := time.Until(st.WaitUntil); wait > 0 {
		return text + fmt.Sprintf(", the server asks to wait %.0f s", wait.Seconds())
	}
	switch st.Limit {
	case "server", "rate":
		text += ", limited by the " + st.Limit
		if st.RatePerSecond > 0 {
			text += fmt.Sprintf(" to %.0f/s", st.RatePerSecond)
		}
	case "workers":
		text += ", limited by --workers"
	}
	return text
}

// say prints a line without breaking the bar.
func (p *progress) say(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	fmt.Fprintf(p.w, format+"\n", args...)
}

// done removes the bar.
func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finish()
}

func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
}
