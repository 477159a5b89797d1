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

// watcher shows what happens: a progress bar on a terminal, a plain line now and then elsewhere.
type watcher struct {
	mu    sync.Mutex
	w     io.Writer
	tty   bool
	quiet bool
	bar   *progressbar.ProgressBar
	phase importer.Phase
	last  time.Time
	room  int                   // columns that the description of the bar may take
	stats func() luminous.Stats // of the client that sends; nil for none
}

// plainEvery is how often a log gets a line of progress.
const plainEvery = 10 * time.Second

func (a *app) newWatcher() *watcher {
	return &watcher{w: a.Stderr, tty: isTerminal(a.Stderr), last: time.Now()}
}

// observe takes an event of the engine.
func (w *watcher) observe(e importer.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.tty {
		w.plain(e)
		return
	}
	if w.bar == nil || w.phase != e.Phase {
		w.finish()
		w.phase = e.Phase
		w.bar = w.newBar(e)
	}
	w.bar.Describe(cut(w.describe(e), w.room))
	_ = w.bar.Set64(e.Done) // a bar that can't be drawn changes nothing
}

func (w *watcher) newBar(e importer.Event) *progressbar.ProgressBar {
	total := e.Total
	if total <= 0 {
		total = -1 // a spinner: how many rows a sheet has is known at its end
	}
	unit := "orders"
	if e.Phase == importer.Reading {
		unit = "rows"
	}
	options := []progressbar.Option{
		progressbar.OptionSetWriter(w.w), progressbar.OptionShowCount(), progressbar.OptionThrottle(100 * time.Millisecond),
		progressbar.OptionClearOnFinish(), progressbar.OptionFullWidth(), progressbar.OptionSetRenderBlankState(true),
	}
	// A line that doesn't fit is broken by the terminal, and then each drawing leaves the one before behind.
	const figures, short, enough = 60, 36, 20
	width := w.columns()
	if w.room = width - figures; w.room < enough {
		w.room = max(width-short, 0)
		options = append(options, progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false))
	} else {
		options = append(options, progressbar.OptionShowIts(), progressbar.OptionSetItsString(unit), progressbar.OptionSetPredictTime(true))
	}
	return progressbar.NewOptions64(total, options...)
}

// columns is how wide the terminal is, 80 where it doesn't say.
func (w *watcher) columns() int {
	if f, ok := w.w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return 80
}

// cut shortens a text to so many characters.
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

// describe says what is going on now.
func (w *watcher) describe(e importer.Event) string {
	switch e.Phase {
	case importer.Reading:
		if e.Sheet != "" {
			return fmt.Sprintf("reading %s, %s", e.File, e.Sheet)
		}
		return "reading " + e.File
	case importer.Submitting:
		return w.sending(e)
	}
	return string(e.Phase)
}

// sending says how many requests are under way and what holds them back.
func (w *watcher) sending(e importer.Event) string {
	if e.Paused {
		return "paused from another terminal"
	}
	text := fmt.Sprintf("sending, %d in flight", e.InFlight)
	if e.Unresolved > 0 {
		text += fmt.Sprintf(", %d to look up", e.Unresolved)
	}
	if w.stats == nil {
		return text
	}
	st := w.stats()
	if wait := time.Until(st.WaitUntil); wait > 0 {
		return text + fmt.Sprintf(", the server says wait: %.0f s", wait.Seconds())
	}
	switch st.Limit {
	case "server", "rate":
		text += fmt.Sprintf(", limited by the %s", map[string]string{"server": "server", "rate": "rate"}[st.Limit])
		if st.RatePerSecond > 0 {
			text += fmt.Sprintf(" to %.0f/s", st.RatePerSecond)
		}
	case "workers":
		text += ", limited by --workers"
	}
	return text
}

func (w *watcher) plain(e importer.Event) {
	if w.quiet || time.Since(w.last) < plainEvery {
		return
	}
	w.last = time.Now()
	if e.Total > 0 {
		fmt.Fprintf(w.w, "%s: %d of %d\n", w.describe(e), e.Done, e.Total)
		return
	}
	fmt.Fprintf(w.w, "%s: %d\n", w.describe(e), e.Done)
}

// say prints a line without tearing the bar.
func (w *watcher) say(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.bar != nil {
		_ = w.bar.Clear()
	}
	fmt.Fprintf(w.w, format+"\n", args...)
}

// done ends the bar.
func (w *watcher) done() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.finish()
}

func (w *watcher) finish() {
	if w.bar != nil {
		_ = w.bar.Finish()
		w.bar = nil
	}
}
