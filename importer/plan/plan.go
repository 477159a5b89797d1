// Package plan reads files into the ledger and plans their orders there: which rows belong to which
// order, what each is to become, and what is wrong with it. It makes no request. It also has the
// types that the later steps of a run share.
package plan

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/sheet"
	"ordersheet/mapping/profile"
)

// The sheets of a template beside the one to fill in: example rows, which are no orders, and
// what each column means.
const (
	ExamplesSheet = "Examples"
	ColumnsSheet  = "Columns"
)

// ToFixSheet is the sheet of a report with the rows of orders that weren't done. When a report is
// imported, only this sheet is read.
const ToFixSheet = "To fix"

// Ledger is what planning needs of the ledger.
type Ledger interface {
	ledger.Runs
	ledger.Spool
	ledger.Plan
}

// planner is one planning in progress.
type planner struct {
	*Input
	ledger  Ledger
	run     ledger.Run
	sheets  []*sheetPlanner
	found   []string      // sheets that were left out, and why
	partial *NoSheetError // about the first sheet that lacks only some fields
}

// Plan reads the files into the ledger and plans their orders there. The run that it returns is
// planned: nothing has been sent, and nothing will be until it is confirmed. A plan that fails
// leaves no run behind.
func (in *Input) Plan(ctx context.Context, l Ledger) (ledger.Run, error) {
	run := ledger.Run{Kind: in.Kind, Account: in.Account, Mode: in.mode()}
	var err error
	if run.InputHash, run.MappingHash, err = in.Identity(); err != nil {
		return ledger.Run{}, err
	}
	if run.Mapping, err = in.mappingText(); err != nil {
		return ledger.Run{}, err
	}
	if run.Options, err = in.Options.Encode(); err != nil {
		return ledger.Run{}, err
	}
	if run.ID, err = l.NewRun(ctx, run); err != nil {
		return ledger.Run{}, fmt.Errorf("starting a run: %w", err)
	}
	p := &planner{Input: in.withHeaderRow(), ledger: l, run: run}
	if err := p.plan(ctx); err != nil {
		if dropErr := l.Discard(context.WithoutCancel(ctx), run.ID); dropErr != nil {
			return ledger.Run{}, fmt.Errorf("%w (and removing what was planned: %w)", err, dropErr)
		}
		return ledger.Run{}, err
	}
	err = l.UpdateRun(ctx, run.ID, func(r *ledger.Run) {
		r.Kind, r.State, r.Rows, r.Orders = p.run.Kind, ledger.Planned, p.run.Rows, p.run.Orders
	})
	if err != nil {
		return ledger.Run{}, fmt.Errorf("keeping the plan: %w", err)
	}
	return l.GetRun(ctx, run.ID)
}

// withHeaderRow puts the job's header row into its mapping, where the header is looked for. The run
// keeps the mapping as it was.
func (in *Input) withHeaderRow() *Input {
	if in.HeaderRow == 0 {
		return in
	}
	out, forced := *in, profile.Profile{}
	if in.Profile != nil {
		forced = *in.Profile
	}
	forced.HeaderRow, out.Profile = in.HeaderRow, &forced
	return &out
}

func (p *planner) plan(ctx context.Context) error {
	for _, f := range p.files {
		if err := p.readFile(ctx, f); err != nil {
			return readError(f.path, err)
		}
	}
	if len(p.sheets) == 0 {
		return p.noSheetError()
	}
	if err := p.setKind(); err != nil {
		return err
	}
	return p.planOrders(ctx)
}

// noSheetError says why no sheet was read.
func (p *planner) noSheetError() error {
	e := &NoSheetError{Found: p.found, Path: p.files[0].path}
	if p.partial != nil {
		e.Path, e.Missing = p.partial.Path, p.partial.Missing
	}
	return e
}

// setKind sets the run's kind: all sheets of a job have one kind.
func (p *planner) setKind() error {
	p.run.Kind = p.sheets[0].header.Kind
	for _, s := range p.sheets {
		if s.header.Also != "" {
			return &AskKindError{Place: s.name()}
		}
		if s.header.Kind != p.run.Kind {
			return &AskKindError{Place: p.sheets[0].name(), Other: s.name()}
		}
	}
	return nil
}

// readFile reads the sheets of one file that hold orders.
func (p *planner) readFile(ctx context.Context, f *inputFile) error {
	b, err := sheet.OpenReader(f, f.info.Size(), filepath.Base(f.path), p.Reader)
	if err != nil {
		return err
	}
	defer b.Close() //nolint:errcheck // it was only read
	for i := range b.Sheets {
		s := &sheetPlanner{planner: p, book: b, index: i, src: ledger.Source{
			Source: cell.Source{File: filepath.Base(f.path), Sheet: b.Sheets[i].Name, Date1904: b.Date1904, Formats: b.Formats},
			Path:   f.path, Hash: f.hash, Size: f.info.Size(), Container: b.Container,
		}}
		if err := s.read(ctx, p.leftOut(b, i)); err != nil {
			return err
		}
		if s.plan != nil {
			p.sheets = append(p.sheets, s)
		}
	}
	if err := f.checkUnchanged(); err != nil {
		return err
	}
	return p.checkSheetNames(b)
}

// leftOut says why a sheet isn't read; empty when it may hold orders.
func (p *planner) leftOut(b *sheet.Book, i int) string {
	s, requested := b.Sheets[i], p.Sheets
	if len(requested) == 0 && p.Profile != nil {
		requested = p.Profile.Sheets
	}
	has := func(name string) bool {
		return slices.ContainsFunc(b.Sheets, func(o sheet.Sheet) bool { return o.Name == name })
	}
	switch {
	case s.Chart:
		return "a chart, not a sheet of cells"
	case len(requested) > 0:
		if slices.ContainsFunc(requested, func(name string) bool { return sameName(name, s.Name) }) {
			return ""
		}
		return "not asked for"
	case b.Report && !has(ToFixSheet):
		return "part of a plan; import the file that was planned, or apply the plan"
	case b.Report && s.Name != ToFixSheet:
		return "part of a report; only the sheet " + ToFixSheet + " is read"
	case s.Name == ExamplesSheet && len(b.Sheets) > 1:
		return "examples; name the sheet to read them"
	case s.Name == ColumnsSheet && has(ExamplesSheet):
		return "the template's explanation of its columns"
	case s.State != sheet.Visible:
		return s.State.String() + "; name the sheet to read it"
	}
	return ""
}

// checkSheetNames fails when the job names a sheet that the book doesn't have.
func (p *planner) checkSheetNames(b *sheet.Book) error {
	if len(p.files) > 1 {
		return nil
	}
	var have []string
	for _, s := range b.Sheets {
		have = append(have, s.Name)
	}
	for _, name := range p.Sheets {
		if !slices.ContainsFunc(have, func(h string) bool { return sameName(name, h) }) {
			found := fmt.Sprintf("%s has no sheet %q; it has %s", b.Name, name, strings.Join(have, ", "))
			return &NoSheetError{Path: p.files[0].path, Found: []string{found}}
		}
	}
	return nil
}

func sameName(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}
