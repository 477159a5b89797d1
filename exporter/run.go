package exporter

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/lookup"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"

	"ordersheet/mapping/flatten"
)

// resumeWithin is how old an interrupted export may be to be resumed. An older one restarts,
// because its window would end too long ago.
const resumeWithin = 12 * time.Hour

// plan decides which orders are read. An interrupted export is only resumed with an equal plan.
type plan struct {
	Since   time.Time `json:"since"` // included
	First   bool      `json:"first"` // --since last, and there is no earlier export
	Filters []Filter  `json:"filters,omitempty"`
	Wanted  string    `json:"wanted,omitempty"` // hash over the wanted orders
	Details bool      `json:"details"`
}

// exportRun is one export in progress.
type exportRun struct {
	Config
	Options
	api      API
	account  string
	mark     ledger.Watermark // of the last published export of this name
	plan     plan
	finder   *lookup.Finder
	rows     *flatten.Flattener
	id       int64     // of the export in the ledger
	began    time.Time // when the export began, even if it was interrupted
	stage    *stage
	reader   reader
	progress progress
	known    map[int64]known
	before   int64  // requests that the client had made when this began
	target   string // the file's path
}

// Export makes an export and publishes it. If the proof finds a contradiction, it publishes under
// .suspect, moves no watermark, and the manifest says so; that is not an error. After an error
// nothing is published and the watermark stays. What was read is kept, and an export with the same
// options continues from there.
func (s *Service) Export(ctx context.Context, o Options) (m Manifest, err error) {
	o.setDefaults()
	w := &exportRun{Config: s.cfg, Options: o}
	if w.api, err = w.Connect(o); err != nil {
		return m, err
	}
	w.account, w.finder = w.api.BaseURL(), lookup.New(lookup.Config{API: w.api, Kind: o.Kind})
	st, err := s.Status(ctx, w.account, o)
	if err != nil {
		return m, err
	}
	if err := w.prepare(st); err != nil {
		return m, err
	}
	release, err := w.open(ctx)
	if err != nil {
		return m, err
	}
	defer release()
	if w.stage, err = newStage(w.Out, strings.Join([]string{w.Ledger.Path(), w.account, string(w.Kind), w.Name}, "\n")); err != nil {
		return m, err
	}
	defer w.stage.remove()
	if err := w.read(ctx); err != nil {
		return m, err
	}
	if m, err = w.prove(ctx); err != nil {
		return Manifest{}, err
	}
	if err := w.write(ctx, &m); err != nil {
		return Manifest{}, err
	}
	return m, w.publish(ctx, &m)
}

// prepare decides what is read.
func (w *exportRun) prepare(st Status) (err error) {
	if w.Profile != nil {
		w.rows, err = flatten.ForProfile(w.Profile, w.Kind, w.Shape)
	} else {
		w.rows, err = flatten.New(w.Kind, w.Shape, w.Columns)
	}
	if err != nil {
		return &UsageError{err, "", []string{"columns"}}
	}
	if w.Shape == flatten.OrderRows && w.Out.SplitRows > 0 {
		return &UsageError{
			errors.New("sheets of orders, lines and shipments can't be split"), "leave one of these out", []string{"split_rows", "rows"},
		}
	}
	w.mark = st.Last
	w.plan = plan{Since: st.Since, First: st.First, Filters: w.Filters, Wanted: hashOf(w.Wanted)}
	w.plan.Details = w.Details == WithDetails || w.Wanted != nil || w.Details == AutoDetails && w.Kind == order.SalesOrders &&
		(len(w.Filters) > 0 || len(w.rows.NeedDetails()) > 0)
	if w.fromFeed() && !w.plan.Details {
		if err := w.rows.FromFeed(); err != nil {
			return &UsageError{err, "read each order by its id, or choose other columns", []string{"details", "columns"}}
		}
	}
	return nil
}

// open resumes the open export of this name if it is the same and not too old, or begins one.
func (w *exportRun) open(ctx context.Context) (release func(), err error) {
	options, err := json.Marshal(w.plan)
	if err != nil {
		return nil, fmt.Errorf("saving the options of the export: %w", err)
	}
	for {
		e, found, err := w.Ledger.OpenExport(ctx, ledger.Run{Kind: w.Kind, Account: w.account, Options: options}, w.Name)
		if err != nil {
			return nil, err
		}
		if release, err = w.Ledger.Acquire(ctx, e.Run.ID, w.Owner); err != nil {
			if other, ok := errors.AsType[*ledger.OwnedError](err); ok {
				err = &UsageError{
					fmt.Errorf("process %s has been working on the export %q since %s", other.Owner, w.Name, localTime(other.Since)),
					"wait until it ends", nil,
				}
			}
			return nil, err
		}
		if found && (string(e.Run.Options) != string(options) || w.Now().Sub(e.Run.Created).Abs() > resumeWithin) {
			w.note("an export of this name that was interrupted on %s had other options or is too old, and is discarded",
				localTime(e.Run.Created))
			err := w.Ledger.CloseExport(ctx, e.Run.ID, nil)
			release()
			if err != nil {
				return nil, err
			}
			continue
		}
		return release, w.start(ctx, e, found)
	}
}

func localTime(t time.Time) string { return t.Local().Format(time.DateTime) }

// start resumes where an interrupted export was, or begins at the beginning.
func (w *exportRun) start(ctx context.Context, e ledger.Export, found bool) error {
	w.id, w.began, w.reader, w.known, w.before = e.Run.ID, e.Run.Created, w.newReader(), map[int64]known{}, w.api.Stats().Requests
	if w.plan.First {
		w.note("no export named %q has been published yet: exporting all orders", w.Name)
	}
	if !found || len(e.Progress) == 0 {
		return nil
	}
	if err := json.Unmarshal(e.Progress, &w.progress); err != nil {
		return fmt.Errorf("reading the progress of the export: %w", err)
	}
	w.note("resuming the interrupted export; %d orders were read before", w.progress.Answers)
	return w.Ledger.Answers(ctx, w.id, func(n int, a ledger.Answer) error {
		w.known[a.ID] = known{max(w.known[a.ID].at, unixTime(a.UpdatedAt)), int32(n)}
		return nil
	})
}

// read reads all orders. If the server no longer accepts the cursor, reading restarts, once.
func (w *exportRun) read(ctx context.Context) error {
	resumed := w.progress.Cursor.Cursor != ""
	err := w.collect(ctx)
	if !resumed || !lookup.NotSupported(err) || w.progress.Cursor.Cursor == "" {
		return err
	}
	w.note("the server no longer accepts the cursor of the interrupted export, which restarts")
	if err := w.Ledger.DropRows(ctx, w.id, -1); err != nil {
		return err
	}
	w.progress, w.known = progress{}, map[int64]known{}
	return w.collect(ctx)
}

// hashOf returns a hash of the wanted orders; empty for none.
func hashOf(wanted []Wanted) string {
	if wanted == nil {
		return ""
	}
	return fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%#v", wanted)))
}

// fileName fills in the placeholders of the target's name.
func (w *exportRun) fileName() string {
	until := w.began
	if t, ok := luminous.ParseTime(w.progress.Cutoff); ok {
		until = t
	}
	const compact = "20060102T150405Z"
	path := strings.NewReplacer(
		"{date}", w.began.Local().Format(time.DateOnly), "{kind}", string(w.Kind), "{name}", fileSafe(w.Name),
		"{since}", w.plan.Since.Format(compact), "{until}", until.UTC().Format(compact),
	).Replace(w.Out.Path)
	if path == "-" || w.Out.Replace && (!w.Since.Last || path == w.Out.Path) {
		return path
	}
	return freeName(path, w.mayReplace)
}

// mayReplace reports whether the export may replace the file at path. An export whose window began
// earlier is not replaced, because this one doesn't hold what changed then.
func (w *exportRun) mayReplace(path string) bool {
	if !w.Out.Replace {
		return false
	}
	old, err := readManifest(path + manifestEnding)
	if err != nil {
		return true
	}
	since, ok := luminous.ParseTime(old.Window.Since)
	return ok && !since.Before(w.plan.Since.Truncate(time.Second))
}
