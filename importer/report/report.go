// Package report makes what a person reads about a run, from the ledger alone: the summary, the
// report (a workbook or three CSV files) and the workbook of a plan. Made again later, it is the
// same. What it makes goes to writers that the caller opens.
package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

// Ledger is what a report reads.
type Ledger interface {
	ledger.Spool
	ledger.Plan
	GetRun(ctx context.Context, id int64) (ledger.Run, error)
}

// Config says what a report is about.
type Config struct {
	Ledger  Ledger
	Run     int64
	Command func(problem.Remedy) string // words the remedy of a next step; nil leaves it out
}

// Report is the report of one run.
type Report struct {
	Config
	Summary  Summary
	problems []problem.Problem           // in file order
	errors   map[int64][]problem.Problem // by order; 0 for those of no order
	files    int                         // files that the run read
	sheets   int                         // sheets that the run read
}

// New reads the summary and the problems of a run.
func New(ctx context.Context, cfg Config) (*Report, error) {
	r := &Report{Config: cfg, errors: map[int64][]problem.Problem{}}
	var err error
	if r.Summary, err = ReadSummary(ctx, cfg.Ledger, cfg.Run); err != nil {
		return nil, err
	}
	files := map[string]bool{}
	for _, s := range r.Summary.Sources {
		files[s.File] = true
		if s.LeftOut == "" {
			r.sheets++
		}
	}
	r.files = len(files)
	err = cfg.Ledger.Problems(ctx, cfg.Run, func(seq int64, p problem.Problem) error {
		r.problems = append(r.problems, p)
		if p.Severity == problem.Error {
			r.errors[seq] = append(r.errors[seq], p)
		}
		return nil
	})
	slices.SortStableFunc(r.problems, byPosition)
	return r, err
}

func byPosition(a, b problem.Problem) int {
	aRow, aCol, _ := cell.ParseA1(a.Cell)
	bRow, bCol, _ := cell.ParseA1(b.Cell)
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Sheet, b.Sheet), aRow-bRow, aCol-bCol)
}

// sheetName names a sheet, with its file where the run read several.
func (r *Report) sheetName(file, name string) string {
	switch {
	case name == "":
		return file
	case r.files > 1:
		return "[" + file + "]" + name
	}
	return name
}

// position names the cell of a problem, with its sheet; empty where the problem has neither.
func (r *Report) position(p problem.Problem) string {
	return strings.TrimSpace(r.sheetName(p.File, p.Sheet) + " " + p.Cell)
}

// rowsOf names the rows of an order, with their sheet where the run read several.
func (r *Report) rowsOf(o *ledger.Order) string {
	bySource, sources := map[int][]int{}, []int(nil)
	for _, ref := range o.Rows {
		if bySource[ref.Source] == nil {
			sources = append(sources, ref.Source)
		}
		bySource[ref.Source] = append(bySource[ref.Source], ref.Row)
	}
	var parts []string
	for _, n := range sources {
		text := rowRanges(bySource[n])
		if r.sheets > 1 {
			text = r.sheetName(r.Summary.Sources[n].File, r.Summary.Sources[n].Sheet) + " " + text
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

// rowRanges writes row numbers as a person would: 5-7, 12.
func rowRanges(rows []int) string {
	var parts []string
	for i := 0; i < len(rows); {
		j := i
		for j+1 < len(rows) && rows[j+1] == rows[j]+1 {
			j++
		}
		text := strconv.Itoa(rows[i])
		if j > i {
			text += "-" + strconv.Itoa(rows[j])
		}
		parts = append(parts, text)
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

// shorten cuts a text to what a cell holds, and says so.
func shorten(s string) string {
	const most = 32_000
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + fmt.Sprintf(" ... (%d characters in all)", len(s))
}
