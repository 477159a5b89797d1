package plan

import (
	"bytes"
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

// sheetPlanner is one sheet on its way into the ledger.
type sheetPlanner struct {
	plan    *planner
	book    *sheet.Book
	index   int
	src     ledger.Source
	binding *mapping.Binding // nil until the header is found
	head    []cell.Row       // copies of the first rows, until then
	spool   *ledger.SpoolWriter
	merges  MergeFiller

	groups  *mapping.Groups   // the order of each spooled row
	ignored int64             // rows in which no mapped column has a value, those that add up others, and those below a table object
	footers []problem.Problem // what is said of the latter two
}

// read spools a sheet's rows and gathers the evidence of its columns. A sheet without a header of orders is left out, and named.
func (s *sheetPlanner) read(left string) error {
	p := s.plan
	s.src.Left = left
	n, err := p.ledger.AddSource(p.ctx, p.run.ID, s.src)
	if err != nil {
		return err
	}
	s.src.N = n
	if left != "" {
		p.found = append(p.found, fmt.Sprintf("%s: %s", s.name(), left))
		return nil
	}
	s.spool = p.ledger.Spool(p.run.ID, n)
	extent, err := s.book.Read(s.index, s.row)
	if err == nil && s.binding == nil {
		err = s.findHeader()
	}
	if closeErr := s.spool.Close(p.ctx); err == nil {
		err = closeErr
	}
	switch {
	case errors.Is(err, errNoHeader):
		return s.leaveOut()
	case err != nil:
		return err
	}
	return s.readToEnd(extent)
}

// readToEnd takes in what is known only after the last row: merged cells, the number of rows, notes.
func (s *sheetPlanner) readToEnd(extent sheet.Extent) error {
	p := s.plan
	s.src.Merges = extent.Merges
	s.merges = NewMergeFiller(extent.Merges, s.src.HeaderRow)
	if s.merges.Needed() {
		if err := s.rescan(); err != nil {
			return err
		}
	}
	s.src.Rows = int64(extent.LastRow - s.src.HeaderRow)
	p.run.Rows.Read += s.src.Rows
	p.run.Rows.Ignored += s.ignored
	p.run.Rows.Blank += s.src.Rows - int64(s.groups.Rows()) - s.ignored
	columns, err := json.Marshal(s.binding.Columns)
	if err != nil {
		return fmt.Errorf("keeping the header: %w", err)
	}
	s.src.Columns = columns
	if err := p.ledger.UpdateSource(p.ctx, p.run.ID, s.src); err != nil {
		return err
	}
	notes := append(append([]problem.Problem(nil), s.book.Notes...), extent.Notes...)
	if extent.HiddenRows > 0 {
		notes = append(notes, problem.New(problem.HiddenRows, "value", strconv.Itoa(extent.HiddenRows)))
	}
	notes = append(append(notes, s.footers...), s.binding.Problems()...)
	return p.problems(append(notes, s.binding.Settle()...), s)
}

// rescan goes over the spooled rows with merged cells filled, since they were known only at the sheet's end.
func (s *sheetPlanner) rescan() error {
	header := s.binding
	b, err := mapping.Bind(header.Kind, &s.src.Source, s.headerRow(), s.plan.job.Profile)
	if err != nil {
		return err
	}
	s.binding, s.groups = b, mapping.NewGroups()
	return s.plan.ledger.SpoolRows(s.plan.ctx, s.plan.run.ID, s.src.N, func(r *cell.Row) error {
		s.observe(s.merges.Fill(r))
		return nil
	})
}

func (s *sheetPlanner) headerRow() cell.Row {
	r := cell.Row{Num: s.src.HeaderRow}
	for _, h := range s.src.Header {
		r.Cells = append(r.Cells, cell.Cell{Col: h.Col, Kind: cell.Text, Text: []byte(h.Text)})
	}
	return r
}

// row takes one row of the sheet: a copy while the header is looked for, into the ledger afterwards.
func (s *sheetPlanner) row(r *cell.Row) error {
	if s.src.Container == "csv" {
		for i := range r.Cells {
			r.Cells[i].Text = write.UnescapeFormula(r.Cells[i].Text)
		}
	}
	if s.binding != nil {
		return s.addRow(r)
	}
	s.head = append(s.head, r.Clone())
	if len(s.head) < mapping.HeaderRows {
		return nil
	}
	return s.findHeader()
}

// findHeader binds the header among the first rows and takes the rows below it.
func (s *sheetPlanner) findHeader() error {
	rows := s.head
	i, b := mapping.FindHeaderIn(s.plan.job.Kind, rows, s.book.Sheets[s.index].Tables, s.plan.job.Profile)
	if b == nil || len(b.Missing()) > 0 {
		return errNoHeader
	}
	s.binding, b.Source = b, &s.src.Source
	s.src.HeaderRow = rows[i].Num
	for _, c := range rows[i].Cells {
		s.src.Header = append(s.src.Header, ledger.HeaderCell{Col: c.Col, Text: string(c.Text)})
	}
	for j := range s.head {
		if s.head[j].Num > s.src.HeaderRow {
			if err := s.addRow(&s.head[j]); err != nil {
				return err
			}
		}
	}
	s.head = nil
	return nil
}

// leaveOut keeps a sheet that holds no orders out of the run, with what was found there.
func (s *sheetPlanner) leaveOut() error {
	s.src.Left = s.reasonLeftOut()
	s.binding = nil
	s.plan.found = append(s.plan.found, fmt.Sprintf("%s: %s", s.name(), s.src.Left))
	if err := s.plan.ledger.DropRows(s.plan.ctx, s.plan.run.ID, s.src.N); err != nil {
		return err
	}
	return s.plan.ledger.UpdateSource(s.plan.ctx, s.plan.run.ID, s.src)
}

func (s *sheetPlanner) reasonLeftOut() string {
	if len(s.head) == 0 {
		return "empty"
	}
	rows, want := s.head, s.plan.job.HeaderRow
	if want > 0 && !slices.ContainsFunc(rows, func(r cell.Row) bool { return r.Num == want }) {
		return fmt.Sprintf("row %d can't be the header: it is blank, or there is none within the first %d rows", s.plan.job.HeaderRow, mapping.HeaderRows)
	}
	_, b := mapping.FindHeader(s.plan.job.Kind, rows, s.plan.job.Profile)
	mapped := b != nil && slices.ContainsFunc(b.Columns, func(c mapping.Column) bool { return c.Path != "" })
	if want > 0 && !mapped {
		return fmt.Sprintf("row %d is no header row of orders", s.plan.job.HeaderRow)
	}
	if b == nil {
		return "no header row of orders among its first rows"
	}
	if s.plan.partial == nil && len(b.Missing()) > 0 {
		s.plan.partial = &NoSheetError{Path: s.src.Path, Missing: b.Missing()}
	}
	var missing []string
	for _, f := range b.Missing() {
		missing = append(missing, f.Column)
	}
	text := fmt.Sprintf("its header (row %d) looks like %ss, but no column gives %s", b.HeaderRow, b.Kind.Word(), strings.Join(missing, ", "))
	for _, p := range b.Problems() {
		if p.Severity == problem.Error {
			text += "; " + p.Cell + ": " + p.Message
		}
	}
	return text
}

// addRow spools one row below the header and puts it into its group.
func (s *sheetPlanner) addRow(r *cell.Row) error {
	if isBlank(r) {
		return nil // blank: it isn't spooled
	}
	if s.binding.Empty(r) { // a note beside the table, a sum in a column that feeds nothing
		s.ignored++
		return nil
	}
	if why, ok := s.binding.NoOrder(r); ok {
		s.ignore(why)
		return nil
	}
	if err := s.spool.Append(r); err != nil {
		return err
	}
	if n := s.groups.Rows(); n%progressRows == 0 {
		s.plan.job.Observe.Tell(Event{Phase: Reading, File: s.src.File, Sheet: s.src.Sheet, Done: int64(n)})
		if err := s.plan.ctx.Err(); err != nil {
			return err
		}
	}
	s.observe(r)
	return nil
}

// maxFooters bounds what is said of rows that are passed over.
const maxFooters = 100

// ignore passes over a row below the orders, and says so.
func (s *sheetPlanner) ignore(p problem.Problem) {
	s.ignored++
	if len(s.footers) < maxFooters {
		s.footers = append(s.footers, p)
	}
}

// progressRows is how many rows go by between two signs of progress.
const progressRows = 8192

// observe shows one row to the binding and to the grouping index.
func (s *sheetPlanner) observe(r *cell.Row) {
	s.binding.Observe(r)
	s.groups.AddBytes(s.binding.KeyBytes(r))
}

// name names the sheet for a message.
func (s *sheetPlanner) name() string {
	if s.src.Sheet == "" {
		return s.src.File
	}
	return fmt.Sprintf("%s, sheet %q", s.src.File, s.src.Sheet)
}

// problems keeps problems about a sheet as a whole.
func (p *planner) problems(ps []problem.Problem, s *sheetPlanner) error {
	if len(ps) == 0 {
		return nil
	}
	for i := range ps {
		ps[i].File, ps[i].Sheet = s.src.File, s.src.Sheet
	}
	return p.ledger.AddProblems(p.ctx, p.run.ID, 0, ps)
}

func isBlank(r *cell.Row) bool {
	for _, c := range r.Cells {
		if c.Kind != cell.Text || len(bytes.TrimSpace(c.Text)) > 0 {
			return false
		}
	}
	return true
}
