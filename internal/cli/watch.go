package cli

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

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
	w.bar.Describe(w.describe(e))
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
	return progressbar.NewOptions64(total, progressbar.OptionSetWriter(w.w), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
		progressbar.OptionSetItsString(unit), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetPredictTime(true), progressbar.OptionFullWidth(), progressbar.OptionSetRenderBlankState(true))
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
	if e.Aside > 0 {
		text += fmt.Sprintf(", %d to look up", e.Aside)
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
