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

// publish renames the files, then the manifest, and only then moves the watermark: whatever fails in
// between, the watermark is never ahead of a file. Last it deletes parts of an older export of the
// same name, and older exports beyond those to keep.
func (w *exportRun) publish(ctx context.Context, m *Manifest) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.Published = w.Now().UTC().Truncate(time.Millisecond)
	m.Requests = w.progress.Requests + w.api.Stats().Requests - w.before
	mark := w.newMark(m)
	if mark != nil {
		m.Watermark = mark.At
	}
	if w.Out.Path == "-" {
		m.path = "-"
		if err := w.print(m); err != nil {
			return err
		}
		return w.Ledger.CloseExport(context.WithoutCancel(ctx), w.id, mark)
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
	if err := w.Ledger.CloseExport(context.WithoutCancel(ctx), w.id, mark); err != nil {
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

// newMark returns the watermark that this export sets, nil for none. A suspect export sets none, nor
// does one of chosen orders, and a watermark never moves past orders that no file holds, nor back. A
// list read page by page may miss a change that came while it was read, so the next window begins
// where that reading began.
func (w *exportRun) newMark(m *Manifest) *ledger.Watermark {
	end := w.progress.Cutoff
	if w.progress.Cursor.ByPage && unixTime(end) > w.began.Unix() {
		end = w.began.UTC().Format(time.RFC3339)
	}
	until := unixTime(end)
	if m.Suspect() || w.Wanted != nil || until == 0 || until < w.plan.Since.Unix() {
		return nil
	}
	if w.mark.At != "" && w.mark.Filters == w.filters() && (w.plan.Since.Unix() > unixTime(w.mark.At) || until < unixTime(w.mark.At)) {
		return nil
	}
	return &ledger.Watermark{At: end, Filters: w.filters()}
}

// places decides the names of the published files, by their names in the stage.
func (w *exportRun) places(m *Manifest) map[string]string {
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

// print copies the file to stdout.
func (w *exportRun) print(m *Manifest) error {
	f, err := os.Open(w.stage.file(m.Files[0].Name))
	if err != nil {
		return fmt.Errorf("printing the export: %w", err)
	}
	defer f.Close()
	if _, err := io.Copy(w.Stdout, f); err != nil {
		return fmt.Errorf("printing the export: %w", err)
	}
	return nil
}

// prune deletes all but the newest Keep exports of this name in the folder. A file that somebody
// changed stays.
func (w *exportRun) prune(m *Manifest) {
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
		if o.at == filepath.Clean(m.path)+manifestEnding { // the clock was set back
			continue
		}
		if w.drop(dir, o.m.Files, m.Files) {
			_ = os.Remove(o.at) // the next export tries again
		}
	}
}

// drop deletes files of an older export that the new one doesn't have, unless they were changed. It
// reports whether none is left.
func (w *exportRun) drop(dir string, files, but []File) bool {
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
			w.note("%s is kept because it was changed after the export", path)
			clean = false
			continue
		}
		if err := os.Remove(path); err != nil {
			w.note("%s is kept: %v", path, err)
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
