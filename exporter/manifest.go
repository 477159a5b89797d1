package exporter

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"ordersheet/internal/order"
	"ordersheet/internal/sheet/write"
)

// manifestEnding is added to a file's name for its manifest's.
const manifestEnding = ".manifest.json"

// suspectEnding is added to the names of files whose proof found a contradiction, so that nothing
// takes them for what they should be.
const suspectEnding = ".suspect"

// Manifest says what an export holds, how it was made, and how far it is proven. It is published
// beside the file. docs/exporting.md describes it.
type Manifest struct {
	Manifest  int        `json:"manifest"` // 1
	Name      string     `json:"name"`
	Kind      order.Kind `json:"kind"`
	Account   string     `json:"account"`
	Version   string     `json:"version"` // of ordersheet
	Window    Window     `json:"window"`
	Filters   []string   `json:"filters,omitempty"`
	Details   bool       `json:"details"` // each order was read by its id
	Began     time.Time  `json:"began"`
	Published time.Time  `json:"published"`
	Files     []File     `json:"files"`
	Counts    Counts     `json:"counts"`
	Sums      Sums       `json:"sums"`
	Requests  int64      `json:"requests"`
	Proof     Proof      `json:"proof"`
	NotFound  []string   `json:"not_found,omitempty"` // wanted orders that don't exist
	Notes     []string   `json:"notes,omitempty"`
	Watermark string     `json:"watermark,omitempty"` // where the next export of this name begins, without the overlap; empty when it wasn't moved

	path string // of the first file, for messages
}

// Window is the time in which the exported orders last changed.
type Window struct {
	Since string `json:"since,omitempty"` // included
	Until string `json:"until,omitempty"` // as the server wrote it; empty without orders, or when orders were chosen one by one
}

// File is one file of an export.
type File struct {
	Name   string `json:"name"` // in the manifest's folder
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
	Rows   int    `json:"rows"`            // below headers, of all sheets
	Blank  int    `json:"blank,omitempty"` // of Rows: those without a value in any column
	Format string `json:"format"`
	Parted string `json:"parted,omitempty"` // the field separator of a CSV file that isn't a comma
}

// Counts is what was counted.
type Counts struct {
	Orders       int `json:"orders"`
	Lines        int `json:"lines"`
	Rows         int `json:"rows"`
	Pages        int `json:"pages"`
	LateArrivals int `json:"late_arrivals"` // orders that changed while the export ran
	Moved        int `json:"moved"`         // of the orders in the file: changed while they were read, and read again
	Repeated     int `json:"repeated"`      // orders that the server returned twice without a change; the file has each once
	Gone         int `json:"gone"`          // orders that no longer existed when they were read by id; not in the file
}

// Sums are over all orders of the file, exact.
type Sums struct {
	Total    decimal.Decimal `json:"total"`
	Quantity decimal.Decimal `json:"quantity"`
}

// Grade says how far an export is proven.
type Grade string

// The grades, from the best to the worst.
const (
	Counted       Grade = "counted"        // complete, and the list counts exactly as many orders
	Complete      Grade = "complete"       // all pages were read, no order came twice, details agree; the list can't count
	NotComparable Grade = "not comparable" // the API gives nothing to compare the file with
	Contradicted  Grade = "contradicted"   // something is missing or disagrees: published under .suspect
)

// Proof is what was checked, and the results.
type Proof struct {
	Grade          Grade    `json:"grade"`
	Checks         []Check  `json:"checks"`
	Contradictions []string `json:"contradictions,omitempty"`
}

// Check is one thing that was checked.
type Check struct {
	What   string `json:"what"`   // pages, ids, details, count
	Result string `json:"result"` // ok, not comparable, contradicted
	Text   string `json:"text"`
}

// Suspect reports whether the proof found a contradiction.
func (m *Manifest) Suspect() bool { return m.Proof.Grade == Contradicted }

// Path returns where the export's first file was published; "-" for stdout.
func (m *Manifest) Path() string { return m.path }

// ReadManifest reads the manifest of a file: the manifest itself, that of the file with its name,
// or another one in the folder that lists the file.
func ReadManifest(path string) (m Manifest, at string, err error) {
	at = path + manifestEnding
	if strings.HasSuffix(path, manifestEnding) {
		at = path
	} else if !write.Exists(at) {
		for other, m := range manifests(filepath.Dir(path)) {
			if slices.ContainsFunc(m.Files, func(f File) bool { return f.Name == filepath.Base(path) }) {
				return m, other, nil
			}
		}
	}
	m, err = readManifest(at)
	return m, at, err
}

func readManifest(at string) (m Manifest, err error) {
	b, err := os.ReadFile(at)
	if err != nil {
		return m, fmt.Errorf("reading the manifest: %w", err)
	}
	if err := json.Unmarshal(b, &m); err != nil || m.Manifest != 1 {
		return m, fmt.Errorf("reading the manifest: %s isn't one that this version of ordersheet knows", at)
	}
	for _, f := range m.Files {
		if f.Name != filepath.Base(f.Name) {
			return m, fmt.Errorf("reading the manifest: %s names a file in another folder: %s", at, f.Name)
		}
	}
	return m, nil
}

// manifests returns the manifests in a folder that can be read, with their paths.
func manifests(dir string) iter.Seq2[string, Manifest] {
	return func(yield func(string, Manifest) bool) {
		entries, _ := os.ReadDir(dir) // as far as it can be read
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), manifestEnding) {
				continue
			}
			at := filepath.Join(dir, e.Name())
			if m, err := readManifest(at); err == nil && !yield(at, m) {
				return
			}
		}
	}
}

// save writes the manifest and syncs it.
func (m *Manifest) save(path string) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the manifest: %w", err)
	}
	return write.ToFile(path, func(out io.Writer) error {
		_, err := out.Write(append(b, '\n'))
		return err
	})
}
