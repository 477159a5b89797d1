package mapping

import (
	"strconv"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"

	"ordersheet/mapping/detect"
)

// silentDetector is the detector that goes along with an import: it looks at the mapped columns only, and only for what a conversion doesn't
// see. It costs a few hundredths of what planning takes.
func (b *Binding) silentDetector() *detect.Detector {
	header := cell.Row{Num: b.HeaderRow}
	for _, c := range b.Columns {
		header.Cells = append(header.Cells, cell.Cell{Col: c.Col, Kind: cell.Text, Text: []byte(c.Header)})
	}
	return detect.New(b.Source, b.Kind, header, b.Columns.Mapped(), detect.Options{Delimited: b.Source == nil || b.Source.Sheet == "", Silent: true})
}

// silentFindings are the warnings of an import. What is repaired is no finding any more.
func (w *work) silentFindings() []problem.Problem {
	var out []problem.Problem
	for _, f := range w.detector.Findings() {
		if w.repaired(&f) {
			continue
		}
		do := f.Advice
		if f.Write != "" {
			do += "; or repair it, with these lines in the mapping file: " + strings.ReplaceAll(f.Write, "\n", " ; ")
		}
		cells := strconv.Itoa(f.Count) + " cells"
		if f.Count == 1 {
			cells = "1 cell"
		}
		first, _, _ := strings.Cut(f.Cells[0], ":")
		value := ""
		if len(f.Examples) > 0 {
			value = f.Examples[0].Value
		}
		out = append(out, problem.New(problem.Damaged, "header", f.Header, "field", f.Field, "cell", first, "cells", cells, "what", f.Message, "why", f.Evidence,
			"value", value, "do", do))
	}
	return out
}

// repaired says that the mapping file has the column repaired already.
func (w *work) repaired(f *detect.Finding) bool {
	for i := range w.slots {
		s := &w.slots[i]
		if cell.ColName(s.col) != f.Column {
			continue
		}
		if s.repairs&detect.RepairsOf(f.Code) != 0 {
			return true
		}
	}
	return false
}
