package exporter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"ordersheet/internal/ledger"
)

// publish gives the files their names, then the manifest its, and only then moves the watermark: whatever breaks in between, the mark is never
// ahead of a file. Parts of an older export of the same name and older exports beyond those to keep are taken away last.
func (w *work) publish(ctx context.Context, m *Manifest) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.Published = w.Now().UTC().Truncate(time.Millisecond)
	m.Requests = w.collect.p.Requests + w.API.Stats().Requests - w.collect.before
	mark := w.newMark(m)
	if mark != nil {
		m.Watermark = mark.At
	}
	if w.Out.Path == "-" {
		m.path = "-"
		if err := w.print(m); err != nil {
			return err
		}
		return w.Ledger.CloseExport(context.WithoutCancel(ctx), w.collect.run, mark)
	}
	names := w.places(m)
	at := m.path + manifestEnding
	old, oldErr := readManifest(at)
	if err := m.save(w.stage.file(filepath.Base(at))); err != nil {
		return err
	}
	if err := w.stage.move(names, filepath.Base(at)); err != nil {
		return err
	}
	if err := w.Ledger.CloseExport(context.WithoutCancel(ctx), w.collect.run, mark); err != nil {
		return err
	}
	if oldErr == nil {
		w.drop(filepath.Dir(at), old.Files, m.Files)
	}
	if w.Out.Keep > 0 && !m.Suspect() {
		w.prune(m)
	}
	return nil
}

// newMark is the watermark that this export sets, nil for none: a suspect one sets none, nor one of chosen orders, and a mark never jumps over
// orders that no file holds, nor goes back. A list read page by page may show an order before a change that came while it was read, and nothing
// looks again: the next window begins where that reading did.
func (w *work) newMark(m *Manifest) *ledger.Watermark {
	end := w.collect.p.Cutoff
	if w.collect.p.Place.ByPage && second(end) > w.began.Unix() {
		end = w.began.UTC().Format(time.RFC3339)
	}
	until := second(end)
	if m.Suspect() || w.Wanted != nil || until == 0 || until < w.plan.Since.Unix() {
		return nil
	}
	if w.mark.At != "" && w.mark.Filters == w.filters() && (w.plan.Since.Unix() > second(w.mark.At) || until < second(w.mark.At)) {
		return nil
	}
	return &ledger.Watermark{At: end, Filters: w.filters()}
}

// places settles the files' names, by their names in the stage.
func (w *work) places(m *Manifest) map[string]string {
	ending := ""
	if m.Suspect() {
		ending = suspectEnding
	}
	m.path = w.target + ending
	names := map[string]string{}
	for i := range m.Files {
		f := &m.Files[i]
		names[f.Name] = f.Name + ending
		f.Name += ending
	}
	return names
}

// print copies the one file to stdout.
func (w *work) print(m *Manifest) error {
	f, err := os.Open(w.stage.file(m.Files[0].Name))
	if err != nil {
		return fmt.Errorf("printing the export: %w", err)
	}
	defer f.Close()
	if _, err := io.Copy(w.Out.Stdout, f); err != nil {
		return fmt.Errorf("printing the export: %w", err)
	}
	return nil
}

// prune takes away what older exports of this name left in the folder, but for the newest so many. A file that somebody changed stays.
func (w *work) prune(m *Manifest) {
	dir := filepath.Dir(m.path)
	all, err := filepath.Glob(filepath.Join(globSafe(dir), "*"+manifestEnding))
	if err != nil {
		return
	}
	type old struct {
		at string
		m  Manifest
	}
	var ours []old
	for _, at := range all {
		o, err := readManifest(at)
		if err == nil && o.Name == m.Name && o.Kind == m.Kind && o.Account == m.Account && !o.Suspect() {
			ours = append(ours, old{at, o})
		}
	}
	slices.SortFunc(ours, func(a, b old) int { return b.m.Published.Compare(a.m.Published) })
	for _, o := range ours[min(w.Out.Keep, len(ours)):] {
		if o.at == filepath.Clean(m.path)+manifestEnding { // a clock that was put back
			continue
		}
		if w.drop(dir, o.m.Files, m.Files) {
			_ = os.Remove(o.at) // the next export tries again
		}
	}
}

// drop removes files of an older export that the new one doesn't have, unless they were changed. It says whether none is left.
func (w *work) drop(dir string, files, but []File) bool {
	clean := true
	for _, f := range files {
		path := filepath.Join(dir, f.Name)
		if slices.ContainsFunc(but, func(x File) bool { return x.Name == f.Name }) {
			continue
		}
		sum, err := hashFile(path)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil || hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
			w.say("%s stays: it was changed since it was exported", path)
			clean = false
			continue
		}
		if err := os.Remove(path); err != nil {
			w.say("%s stays: %v", path, err)
			clean = false
		}
	}
	return clean
}

func hashFile(path string) (hash.Hash, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return h, err
}
