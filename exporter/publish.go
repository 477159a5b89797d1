package exporter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/sheet/write"
)

// publish renames the files, then the manifest, and only then moves the watermark: whatever fails
// in between, the watermark is never ahead of a file. Last it deletes parts of an older export of
// the same name, and older exports beyond those to keep.
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
	at, old, err := w.move(m)
	if err != nil {
		return err
	}
	if err := w.Ledger.CloseExport(context.WithoutCancel(ctx), w.id, mark); err != nil {
		return err
	}
	w.drop(filepath.Dir(at), old, m.Files)
	if w.Out.Keep > 0 && !m.Suspect() {
		w.prune(at, m)
	}
	return nil
}

// newMark returns the watermark that this export sets, nil for none. A suspect export sets none,
// nor does one of chosen orders, and a watermark never moves past orders that no file holds, nor
// back. A list read page by page may miss a change that came while it was read, so the next window
// begins where that reading began.
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

// move names the files, writes the manifest and moves all to their destination. It returns the
// manifest's path, and the files of the export that it replaces.
func (w *exportRun) move(m *Manifest) (at string, old []File, err error) {
	ending := ""
	if m.Suspect() {
		ending = suspectEnding
	}
	m.path = w.target + ending
	at = filepath.Clean(m.path) + manifestEnding
	var names [][2]string
	for i := range m.Files {
		f := &m.Files[i]
		names = append(names, [2]string{f.Name, f.Name + ending})
		f.Name += ending
	}
	manifest := filepath.Base(at)
	if before, err := readManifest(at); err == nil {
		old = before.Files
	}
	if err := m.save(w.stage.file(manifest)); err != nil {
		return at, nil, err
	}
	return at, old, w.stage.move(append(names, [2]string{manifest, manifest}))
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

// prune deletes all but the newest Keep exports of this name in the folder of the manifest at. A
// file that somebody changed stays.
func (w *exportRun) prune(at string, m *Manifest) {
	dir := filepath.Dir(at)
	ours := map[string]Manifest{}
	for other, o := range manifests(dir) {
		if o.Name == m.Name && o.Kind == m.Kind && o.Account == m.Account && !o.Suspect() {
			ours[other] = o
		}
	}
	newest := slices.SortedFunc(maps.Keys(ours), func(a, b string) int { return ours[b].Published.Compare(ours[a].Published) })
	for _, old := range newest[min(w.Out.Keep, len(newest)):] {
		if old != at && w.drop(dir, ours[old].Files, m.Files) { // it is at itself if the clock was set back
			_ = os.Remove(old) // the next export tries again
		}
	}
}

// drop deletes files of an older export that the new one doesn't have, unless they were changed. It
// reports whether none is left.
func (w *exportRun) drop(dir string, files, but []File) bool {
	clean := true
	for _, f := range files {
		path := filepath.Join(dir, f.Name)
		if slices.ContainsFunc(but, func(x File) bool { return x.Name == f.Name }) || !write.Exists(path) {
			continue
		}
		sum, err := hashFile(path)
		if err != nil || sum != f.SHA256 {
			w.note("%s is kept because it was changed after the export", path)
			clean = false
		} else if err := os.Remove(path); err != nil {
			w.note("%s is kept: %v", path, err)
			clean = false
		}
	}
	return clean
}

// hashFile returns the SHA-256 of a file.
func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}
