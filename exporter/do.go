package exporter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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

// resumeWithin is how old an interrupted export may be and still be gone on with. An older one is begun anew: its window would end too long ago.
const resumeWithin = 12 * time.Hour

// UsageError is something in what was asked that can't be done.
type UsageError struct {
	Err  error
	Hint string // what to do; may be empty
}

// Error says what can't be done.
func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *UsageError) Unwrap() error { return e.Err }

// ErrServer says that the server's answers can't be followed: going on would make a file that is wrong.
var ErrServer = errors.New("the server contradicts itself")

// plan is what decides over which orders are read. An open export goes on only under an equal plan.
type plan struct {
	Since   time.Time `json:"since"` // included
	First   bool      `json:"first"` // since was to be last, and there is no last
	Filters []Filter  `json:"filters,omitempty"`
	Wanted  string    `json:"wanted,omitempty"` // hash over the wanted orders
	Details bool      `json:"details"`
}

// work is one export under way.
type work struct {
	*Job
	began   time.Time // of the export, also when it goes on after an interruption
	plan    plan
	mark    ledger.Watermark // of the last published export of this name
	collect collector
	finder  *lookup.Finder
	rows    *flatten.Flattener
	stage   *stage
	target  string // the file's path
}

// Do makes the export and publishes it. When the proof finds a contradiction it publishes under .suspect, moves no watermark, and the manifest
// says so; that is no error. After an error nothing is published and the watermark stays; what was read is kept, and the same job goes on
// from there.
func (j *Job) Do(ctx context.Context) (Manifest, error) {
	j.setDefaults()
	w := &work{Job: j, finder: lookup.New(lookup.Config{API: j.API, Kind: j.Kind})}
	if err := w.choose(ctx); err != nil {
		return Manifest{}, err
	}
	release, err := w.open(ctx)
	if err != nil {
		return Manifest{}, err
	}
	defer release()
	if w.stage, err = newStage(j.Out, strings.Join([]string{j.Ledger.Path(), j.Account, string(j.Kind), j.Name}, "\n")); err != nil {
		return Manifest{}, err
	}
	defer w.stage.remove()
	if err := w.read(ctx); err != nil {
		return Manifest{}, err
	}
	m, err := w.prove(ctx)
	if err != nil {
		return Manifest{}, err
	}
	if err := w.write(ctx, &m); err != nil {
		return Manifest{}, err
	}
	return m, w.publish(ctx, &m)
}

// choose settles what is read, before anything is.
func (w *work) choose(ctx context.Context) (err error) {
	if w.Profile != nil {
		w.rows, err = flatten.ForProfile(w.Profile, w.Kind, w.Shape)
	} else {
		w.rows, err = flatten.New(w.Kind, w.Shape, w.Columns)
	}
	if err != nil {
		return &UsageError{err, "docs/columns.md lists the columns"}
	}
	if w.Shape == flatten.OrderRows && w.Out.SplitRows > 0 {
		return &UsageError{errors.New("sheets of orders, lines and more can't be split"), "leave out --split-rows or --rows orders"}
	}
	w.plan.Filters, w.plan.Wanted = w.Filters, hashOf(w.Wanted)
	w.plan.Details = w.Details == WithDetails || w.Wanted != nil || w.Details == AutoDetails && w.Kind == order.SalesOrders &&
		(len(w.Filters) > 0 || len(w.rows.NeedDetails()) > 0)
	if w.fromFeed() && !w.plan.Details {
		if err := w.rows.FromFeed(); err != nil {
			return &UsageError{err, "leave out --details=false, or choose other columns"}
		}
	}
	if w.mark, err = w.Ledger.Watermark(ctx, w.Account, w.Kind, w.Name); err != nil {
		return err
	}
	return w.since()
}

// since settles where the window begins.
func (w *work) since() error {
	w.plan.Since = beginning()
	switch {
	case w.Wanted != nil:
	case !w.Since.Last:
		if !w.Since.At.IsZero() {
			w.plan.Since = w.Since.At.UTC()
		}
	case w.mark.At == "":
		w.plan.First = true
	case w.mark.Filters != w.filters():
		return &UsageError{
			fmt.Errorf("the last export named %q had other filters (%s): where it ended says nothing about these orders", w.Name, orNone(w.mark.Filters)),
			"give it another --name, or say --since all",
		}
	default:
		at, ok := luminous.ParseTime(w.mark.At)
		if !ok {
			return fmt.Errorf("reading the watermark of %q: %q is no time", w.Name, w.mark.At)
		}
		w.plan.Since = at.Add(-w.Overlap)
	}
	return nil
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// open takes up the open export of this name when it is the same and not too old, else begins one.
func (w *work) open(ctx context.Context) (release func(), err error) {
	options, err := json.Marshal(w.plan)
	if err != nil {
		return nil, fmt.Errorf("writing what is exported: %w", err)
	}
	for {
		e, found, err := w.Ledger.OpenExport(ctx, ledger.Run{Kind: w.Kind, Account: w.Account, Options: options}, w.Name)
		if err != nil {
			return nil, err
		}
		if release, err = w.Ledger.Acquire(ctx, e.Run.ID, w.Owner); err != nil {
			return nil, w.owned(err)
		}
		if found && (string(e.Run.Options) != string(options) || w.Now().Sub(e.Run.Created).Abs() > resumeWithin) {
			w.say("an export of this name was interrupted on %s and asked for something else, or too long ago: it is given up", e.Run.Created.Local().Format(time.DateTime))
			err := w.Ledger.CloseExport(ctx, e.Run.ID, nil)
			release()
			if err != nil {
				return nil, err
			}
			continue
		}
		w.began = e.Run.Created
		return release, w.takeUp(ctx, e, found)
	}
}

// owned says in an export's words that another process works on it.
func (w *work) owned(err error) error {
	var other *ledger.OwnedError
	if !errors.As(err, &other) {
		return err
	}
	return &UsageError{
		fmt.Errorf("process %s works on the export %q since %s", other.Owner, w.Name, other.Since.Local().Format(time.DateTime)), "wait until it has ended",
	}
}

// takeUp goes on where an interrupted export was, or begins at the beginning.
func (w *work) takeUp(ctx context.Context, e ledger.Export, found bool) error {
	w.collect = collector{
		Job: w.Job, run: e.Run.ID, details: w.plan.Details, reader: w.reader(w.plan.Since, w.finder), seen: map[int64]seen{}, before: w.API.Stats().Requests,
	}
	if w.plan.First {
		w.say("nothing named %q was published yet: all orders are exported", w.Name)
	}
	if !found || len(e.Progress) == 0 {
		return nil
	}
	if err := json.Unmarshal(e.Progress, &w.collect.p); err != nil {
		return fmt.Errorf("reading how far the export was: %w", err)
	}
	w.say("going on with the export that was interrupted; %d orders had been read", w.collect.p.Answers)
	return w.collect.resume(ctx)
}

// read reads all orders. A cursor that the server no longer takes begins the reading anew, once.
func (w *work) read(ctx context.Context) error {
	resumed := w.collect.p.Place.Cursor != ""
	err := w.collect.collect(ctx)
	if !resumed || !lookup.NotSupported(err) || w.collect.p.Place.Cursor == "" {
		return err
	}
	w.say("the server no longer takes the cursor of the interrupted export: it is begun anew")
	if err := w.Ledger.DropRows(ctx, w.collect.run, -1); err != nil {
		return err
	}
	w.collect.p, w.collect.seen = progress{}, map[int64]seen{}
	return w.collect.collect(ctx)
}

func (w *work) say(format string, args ...any) {
	w.Observe.tell(Event{Note: fmt.Sprintf(format, args...)})
}

// hashOf is a hash over the wanted orders; empty for none.
func hashOf(wanted []Wanted) string {
	if wanted == nil {
		return ""
	}
	h := sha256.New()
	for _, one := range wanted {
		fmt.Fprintf(h, "%d %q\n", one.ID, one.Number)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// fileName fills in what the target's name leaves open.
func (w *work) fileName() string {
	until := w.began
	if t, ok := luminous.ParseTime(w.collect.p.Cutoff); ok {
		until = t
	}
	const compact = "20060102T150405Z"
	path := expand(w.Out.Path, map[string]string{
		"{date}": w.began.Local().Format(time.DateOnly), "{since}": w.plan.Since.Format(compact), "{until}": until.UTC().Format(compact),
		"{kind}": string(w.Kind), "{name}": fileSafe(w.Name),
	})
	if path == "-" || w.Out.Replace && (!w.Since.Last || path == w.Out.Path) {
		return path
	}
	return freeName(path, w.mayReplace)
}

// mayReplace says that an export may take the place of what stands at path: where a name was filled in, not that of an export whose window began
// earlier. Nobody may have read that one yet, and this one doesn't hold what changed then; a quiet night's window ends when the last one did.
func (w *work) mayReplace(path string) bool {
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
