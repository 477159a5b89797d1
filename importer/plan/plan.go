package plan

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/sheet"
	"ordersheet/mapping"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/profile"
)

// The sheets of a template beside the one to fill in: example rows, which are nobody's orders, and what each column means.
const (
	ExamplesSheet = "Examples"
	ColumnsSheet  = "Columns"
)

// Job says what to plan.
type Job struct {
	Files     []string
	Kind      order.Kind       // empty: inferred from the headers
	Profile   *profile.Profile // nil: no mapping file
	Sheets    []string         // names of sheets to read; empty: every visible one whose header fits
	HeaderRow int              // one-based; 0: found
	Account   string           // the normalised base URL that the orders are for
	Options   Options          // kept with the run
	Recreate  bool             // send again what the ledger made and what no longer stands
	Reader    sheet.Options
	Observe   Observe
}

// NoSheetError says that the files hold no sheet of orders, and what was found instead.
type NoSheetError struct {
	Found   []string        // a line a sheet
	Path    string          // the file to look at: that of the first sheet that has a header of orders, else the first
	Missing []catalog.Field // the required fields that this sheet doesn't give; none when there is no such sheet
}

// AskKindError says that the headers don't tell whether a sheet holds sales orders or purchase orders, or that one command got both.
type AskKindError struct {
	Place string // the sheet
	Other string // another sheet, which holds orders of the other kind; empty when the headers of Place fit both kinds
}

// Error names the sheet.
func (e *AskKindError) Error() string {
	if e.Other != "" {
		return e.Place + " and " + e.Other + " hold orders of different kinds, and one command takes one kind"
	}
	return e.Place + ": the headers fit sales orders as well as purchase orders"
}

// Error lists what was found.
func (e *NoSheetError) Error() string {
	return "no sheet holds orders:\n  " + strings.Join(e.Found, "\n  ")
}

// planner is one planning in progress.
type planner struct {
	ctx     context.Context
	ledger  *ledger.Ledger
	job     Job
	run     ledger.Run
	sheets  []*sheetPlanner
	found   []string
	partial *NoSheetError // the first sheet that lacks only some fields
}

// Identity says what a job is about, whatever its files are called: the hash of all files' contents with the choice of sheets, and the hash
// of the mapping with the kind.
func (j Job) Identity() (input, mapped string, err error) {
	in, by := sha256.New(), sha256.New()
	for _, path := range j.Files {
		sum, _, err := HashFile(path)
		if err != nil {
			return "", "", readError(path, err)
		}
		fmt.Fprintln(in, sum)
	}
	text, err := j.mapping()
	if err != nil {
		return "", "", err
	}
	fmt.Fprintf(in, "%q %d", j.Sheets, j.HeaderRow)
	fmt.Fprintf(by, "%s %s", text, j.Kind)
	if j.Profile != nil {
		if err := j.Profile.Files(by); err != nil {
			return "", "", err
		}
	}
	return hex.EncodeToString(in.Sum(nil)), hex.EncodeToString(by.Sum(nil)), nil
}

// mapping is the mapping as it is kept with the run.
func (j Job) mapping() ([]byte, error) {
	if j.Profile == nil {
		return nil, nil
	}
	var b bytes.Buffer
	if err := j.Profile.Encode(&b); err != nil {
		return nil, fmt.Errorf("keeping the mapping: %w", err)
	}
	return b.Bytes(), nil
}

// mode is the action of orders whose rows have no command.
func (j Job) mode() string {
	if j.Profile == nil || j.Profile.Mode == "" {
		return order.Create
	}
	return j.Profile.Mode
}

// Plan reads the files of a job into the ledger and plans their orders there. The run that it returns is planned: nothing has been sent, and
// nothing is until it is confirmed. What fails on the way leaves no run behind.
func Plan(ctx context.Context, l *ledger.Ledger, job Job) (ledger.Run, error) {
	input, mapped, err := job.Identity()
	if err != nil {
		return ledger.Run{}, err
	}
	text, err := job.mapping()
	if err != nil {
		return ledger.Run{}, err
	}
	options, err := job.Options.Encode()
	if err != nil {
		return ledger.Run{}, err
	}
	if job.HeaderRow > 0 {
		forced := profile.Profile{}
		if job.Profile != nil {
			forced = *job.Profile
		}
		forced.HeaderRow, job.Profile = job.HeaderRow, &forced
	}
	p := &planner{ctx: ctx, ledger: l, job: job}
	p.run = ledger.Run{
		Kind: job.Kind, Account: job.Account, Mode: job.mode(), InputHash: input, Mapping: text, MappingHash: mapped, Options: options,
	}
	if p.run.ID, err = l.NewRun(ctx, p.run); err != nil {
		return ledger.Run{}, fmt.Errorf("starting a run: %w", err)
	}
	if err := p.all(); err != nil {
		if dropErr := l.Discard(context.WithoutCancel(ctx), p.run.ID); dropErr != nil {
			return ledger.Run{}, fmt.Errorf("%w (and removing what was planned: %w)", err, dropErr)
		}
		return ledger.Run{}, err
	}
	p.run.State = ledger.Planned
	err = l.UpdateRun(ctx, p.run.ID, func(r *ledger.Run) {
		r.Kind, r.State, r.Rows, r.Orders = p.run.Kind, p.run.State, p.run.Rows, p.run.Orders
	})
	if err != nil {
		return ledger.Run{}, fmt.Errorf("keeping the plan: %w", err)
	}
	return l.GetRun(ctx, p.run.ID)
}

func (p *planner) all() error {
	for _, path := range p.job.Files {
		if err := p.readFile(path); err != nil {
			return readError(path, err)
		}
	}
	if len(p.sheets) == 0 {
		return p.noSheetError()
	}
	if err := p.setKind(); err != nil {
		return err
	}
	return p.orders()
}

// readError says of which file an error is, unless it says so itself.
func readError(path string, err error) error {
	var refused *sheet.RefusedError
	var missing *fs.PathError
	var none *NoSheetError
	if errors.As(err, &refused) || errors.As(err, &missing) || errors.As(err, &none) {
		return err
	}
	return fmt.Errorf("reading %s: %w", path, err)
}

// noSheetError says why no sheet was taken.
func (p *planner) noSheetError() error {
	e := &NoSheetError{Found: p.found, Path: p.job.Files[0]}
	if p.partial != nil {
		e.Path, e.Missing = p.partial.Path, p.partial.Missing
	}
	return e
}

// setKind settles the run's kind: all sheets of one command are of one kind.
func (p *planner) setKind() error {
	p.run.Kind = p.sheets[0].binding.Kind
	for _, s := range p.sheets {
		if s.binding.Also != "" {
			return &AskKindError{Place: s.name()}
		}
		if s.binding.Kind != p.run.Kind {
			return &AskKindError{Place: p.sheets[0].name(), Other: s.name()}
		}
	}
	return nil
}

// readFile reads the sheets of one file that hold orders.
func (p *planner) readFile(path string) error {
	began, err := checkFile(path)
	if err != nil {
		return err
	}
	sum, size, err := HashFile(path)
	if err != nil {
		return err
	}
	b, err := sheet.Open(path, p.job.Reader)
	if err != nil {
		return err
	}
	defer b.Close()
	for i := range b.Sheets {
		s := &sheetPlanner{plan: p, book: b, index: i, groups: mapping.NewGroups(), src: ledger.Source{
			Source: cell.Source{File: filepath.Base(path), Sheet: b.Sheets[i].Name, Date1904: b.Date1904, Formats: b.Formats},
			Path:   path, Hash: sum, Size: size, Container: b.Container,
		}}
		if err := s.read(p.leftOut(b, i)); err != nil {
			return err
		}
		if s.binding != nil {
			p.sheets = append(p.sheets, s)
		}
	}
	if now, err := os.Stat(path); err != nil || now.Size() != began.Size() || !now.ModTime().Equal(began.ModTime()) {
		return &sheet.RefusedError{
			File: filepath.Base(path), What: "was changed while it was read, so only a part of it may have been seen",
			Hint: "wait until it has been saved or copied whole, then give the same command again",
		}
	}
	return p.checkSheetNames(b)
}

// checkFile looks at a file before it is read. What Excel keeps beside a workbook that is open isn't one.
func checkFile(path string) (os.FileInfo, error) {
	if name, ok := strings.CutPrefix(filepath.Base(path), "~$"); ok {
		return nil, &sheet.RefusedError{
			File: filepath.Base(path), What: "is not a workbook but the mark that somebody has " + name + " open in Excel", Hint: "import " + name,
		}
	}
	return os.Stat(path)
}

// leftOut says why a sheet isn't read; empty when it is to be tried.
func (p *planner) leftOut(b *sheet.Book, i int) string {
	s, asked := b.Sheets[i], p.job.Sheets
	if len(asked) == 0 && p.job.Profile != nil {
		asked = p.job.Profile.Sheets
	}
	switch {
	case s.Chart:
		return "a chart, not a sheet of cells"
	case len(asked) > 0:
		for _, name := range asked {
			if strings.EqualFold(strings.TrimSpace(name), strings.TrimSpace(s.Name)) {
				return ""
			}
		}
		return "not asked for"
	case b.Report && !slices.ContainsFunc(b.Sheets, func(o sheet.Sheet) bool { return o.Name == ToFixSheet }):
		return "part of a plan; import the file that was planned, or do the plan with ordersheet apply"
	case b.Report && s.Name != ToFixSheet:
		return "part of a report; only the sheet " + ToFixSheet + " is read"
	case s.Name == ExamplesSheet && len(b.Sheets) > 1:
		return "examples; read them with --sheet " + ExamplesSheet
	case s.Name == ColumnsSheet && slices.ContainsFunc(b.Sheets, func(o sheet.Sheet) bool { return o.Name == ExamplesSheet }):
		return "the template's explanation of its columns"
	case s.State != sheet.Visible:
		return s.State.String() + "; read it with --sheet " + fmt.Sprintf("%q", s.Name)
	}
	return ""
}

// checkSheetNames refuses a sheet name that the book doesn't have.
func (p *planner) checkSheetNames(b *sheet.Book) error {
	if len(p.job.Sheets) == 0 || len(p.job.Files) > 1 {
		return nil
	}
	var have []string
	for _, s := range b.Sheets {
		have = append(have, s.Name)
	}
	for _, name := range p.job.Sheets {
		ok := false
		for _, h := range have {
			ok = ok || strings.EqualFold(strings.TrimSpace(name), strings.TrimSpace(h))
		}
		if !ok {
			return &NoSheetError{Path: p.job.Files[0], Found: []string{fmt.Sprintf("%s has no sheet %q; it has %s", b.Name, name, strings.Join(have, ", "))}}
		}
	}
	return nil
}

// hashFile returns the SHA-256 of a file and its size.
func HashFile(path string) (sum string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	if size, err = io.Copy(h, f); err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(h.Sum(nil)), size, nil
}

// ToFixSheet is the sheet of a report that holds the rows of orders that don't stand. Corrected there, the report is imported again from it
// alone.
const ToFixSheet = "To fix"
