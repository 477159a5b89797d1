package plan

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet"
	"ordersheet/internal/sheet/write"
	"ordersheet/mapping"
)

// errNoHeader ends the reading of a sheet that holds no orders.
var errNoHeader = errors.New("no header")

// sheetPlanner reads one sheet into the ledger.
type sheetPlanner struct {
	*planner
	book   *sheet.Book
	index  int
	src    ledger.Source
	head   []cell.Row      // the first rows, until the header is found
	header *mapping.Header // nil until it is found
	scan   *mapping.Scan   // until the last row was read
	plan   *mapping.Plan   // from then on
	spool  ledger.SpoolWriter
	merges MergeFiller

	ignored int64             // rows without a value in a mapped column, rows of totals, rows below a table
	footers []problem.Problem // about the latter two
}

// name names the sheet in a message.
func (s *sheetPlanner) name() string {
	if s.src.Sheet == "" {
		return s.src.File
	}
	return fmt.Sprintf("%s, sheet %q", s.src.File, s.src.Sheet)
}

// read spools a sheet's rows and gathers the evidence of its columns. A sheet that is left out, or
// has no header of orders, is kept with the reason.
func (s *sheetPlanner) read(ctx context.Context, leftOut string) error {
	s.src.LeftOut = leftOut
	var err error
	if s.src.N, err = s.ledger.AddSource(ctx, s.run.ID, s.src); err != nil {
		return err
	}
	if leftOut != "" {
		s.found = append(s.found, fmt.Sprintf("%s: %s", s.name(), leftOut))
		return nil
	}
	s.spool = s.ledger.Spool(s.run.ID, s.src.N)
	extent, err := ReadHeaded(s.eachBookRow, s.findHeader, func(r *cell.Row) error { return s.addRow(ctx, r) })
	if closeErr := s.spool.Close(ctx); err == nil {
		err = closeErr
	}
	switch {
	case errors.Is(err, errNoHeader):
		return s.leaveOut(ctx)
	case err != nil:
		return err
	}
	return s.finish(ctx, extent)
}

// finish adds what is known only after the last row: merged cells, the number of rows, notes.
func (s *sheetPlanner) finish(ctx context.Context, extent sheet.Extent) error {
	s.src.Merges = extent.Merges
	s.merges = NewMergeFiller(extent.Merges, s.src.HeaderRow)
	if s.merges.Needed() {
		if err := s.rescan(ctx); err != nil {
			return err
		}
	}
	s.src.Rows = int64(extent.LastRow - s.src.HeaderRow)
	s.run.Rows.Read += s.src.Rows
	s.run.Rows.Ignored += s.ignored
	s.run.Rows.Blank += s.src.Rows - int64(s.scan.Rows()) - s.ignored
	var err error
	if s.src.Columns, err = json.Marshal(s.header.Columns); err != nil {
		return fmt.Errorf("keeping the header: %w", err)
	}
	if err := s.ledger.UpdateSource(ctx, s.run.ID, s.src); err != nil {
		return err
	}
	notes := slices.Concat(s.book.Notes, extent.Notes)
	if extent.HiddenRows > 0 {
		notes = append(notes, problem.New(problem.HiddenRows, "value", strconv.Itoa(extent.HiddenRows)))
	}
	var found []problem.Problem
	s.plan, found = s.scan.Finish()
	s.scan = nil
	notes = slices.Concat(notes, s.footers, s.header.Problems(), found)
	if len(notes) == 0 {
		return nil
	}
	return s.ledger.AddProblems(ctx, s.run.ID, 0, s.locate(notes))
}

// locate fills in the file and the sheet of problems.
func (s *sheetPlanner) locate(problems []problem.Problem) []problem.Problem {
	for i := range problems {
		problems[i].File, problems[i].Sheet = s.src.File, s.src.Sheet
	}
	return problems
}

// rescan scans the spooled rows again with merged cells filled, since those were known only at the
// sheet's end.
func (s *sheetPlanner) rescan(ctx context.Context) error {
	s.scan = s.header.Scan(&s.src.Source)
	return s.ledger.SpoolRows(ctx, s.run.ID, s.src.N, func(r *cell.Row) error {
		s.scan.Add(s.merges.Fill(r))
		return nil
	})
}

// findHeader finds the header among the first rows.
func (s *sheetPlanner) findHeader(head []cell.Row) (first int, err error) {
	s.head = head
	s.header = mapping.FindHeader(s.Kind, head, s.book.Sheets[s.index].Tables, s.Profile)
	if s.header == nil || len(s.header.Missing()) > 0 {
		return 0, errNoHeader
	}
	s.head, s.scan, s.src.HeaderRow = nil, s.header.Scan(&s.src.Source), s.header.Row.Num
	for _, c := range s.header.Row.Cells {
		s.src.Header = append(s.src.Header, ledger.HeaderCell{Col: c.Col, Text: string(c.Text)})
	}
	return s.src.HeaderRow + 1, nil
}

// eachBookRow reads the sheet, and undoes what writing a CSV file did to texts that look like
// formulas.
func (s *sheetPlanner) eachBookRow(fn func(*cell.Row) error) (sheet.Extent, error) {
	return s.book.Read(s.index, func(r *cell.Row) error {
		if s.src.Container == "csv" {
			for i := range r.Cells {
				r.Cells[i].Text = write.UnescapeFormula(r.Cells[i].Text)
			}
		}
		return fn(r)
	})
}

// leaveOut keeps a sheet without a header of orders out of the run, with what was found there.
func (s *sheetPlanner) leaveOut(ctx context.Context) error {
	s.src.LeftOut = s.reasonLeftOut()
	s.found = append(s.found, fmt.Sprintf("%s: %s", s.name(), s.src.LeftOut))
	if err := s.ledger.DropRows(ctx, s.run.ID, s.src.N); err != nil {
		return err
	}
	return s.ledger.UpdateSource(ctx, s.run.ID, s.src)
}

func (s *sheetPlanner) reasonLeftOut() string {
	if len(s.head) == 0 {
		return "empty"
	}
	want := s.HeaderRow
	if want > 0 && !slices.ContainsFunc(s.head, func(r cell.Row) bool { return r.Num == want }) {
		return fmt.Sprintf("row %d can't be the header: it is blank, or not within the first %d rows", want, mapping.HeaderRows)
	}
	h := s.header
	mapped := h != nil && slices.ContainsFunc(h.Columns, func(c mapping.Column) bool { return c.Path != "" })
	switch {
	case want > 0 && !mapped:
		return fmt.Sprintf("row %d isn't a header row of orders", want)
	case h == nil:
		return "no header row of orders among its first rows"
	}
	missing := h.Missing()
	if s.partial == nil && len(missing) > 0 {
		s.partial = &NoSheetError{Path: s.src.Path, Missing: missing}
	}
	var columns []string
	for _, f := range missing {
		columns = append(columns, f.Column)
	}
	text := fmt.Sprintf("its header (row %d) looks like %ss, but no column gives %s",
		h.Row.Num, h.Kind.Word(), strings.Join(columns, ", "))
	for _, p := range h.Problems() {
		if p.Severity == problem.Error {
			text += "; " + p.Cell + ": " + p.Message
		}
	}
	return text
}

const (
	// maxFooters bounds the problems about ignored rows.
	maxFooters = 100
	// progressRows is how many rows are read between two progress events.
	progressRows = 8192
)

// addRow spools one row below the header and adds it to its group.
func (s *sheetPlanner) addRow(ctx context.Context, r *cell.Row) error {
	if isBlank(r) {
		return nil
	}
	if why, skip := s.scan.Skip(r); skip {
		s.ignored++
		if why != nil && len(s.footers) < maxFooters {
			s.footers = append(s.footers, *why)
		}
		return nil
	}
	if err := s.spool.Append(r); err != nil {
		return err
	}
	if n := s.scan.Rows(); n%progressRows == 0 {
		s.Observe.Tell(Event{Phase: Reading, File: s.src.File, Sheet: s.src.Sheet, Done: int64(n)})
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	s.scan.Add(r)
	return nil
}

func isBlank(r *cell.Row) bool {
	for _, c := range r.Cells {
		if c.Kind != cell.Text || len(bytes.TrimSpace(c.Text)) > 0 {
			return false
		}
	}
	return true
}
