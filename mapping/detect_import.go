package mapping

import (
	"strconv"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"

	"ordersheet/mapping/value"
)

// silentDetector is the detector that goes along with an import: it looks at the mapped columns only, and only for what a conversion doesn't
// see. It costs a few hundredths of what planning takes.
func (b *Binding) silentDetector() *Detector {
	header := cell.Row{Num: b.HeaderRow}
	for _, c := range b.Columns {
		header.Cells = append(header.Cells, cell.Cell{Col: c.Col, Kind: cell.Text, Text: []byte(c.Header)})
	}
	return NewDetector(b.Source, b.Kind, header, b.Columns, DetectOptions{Delimited: b.Source == nil || b.Source.Sheet == "", silent: true})
}

// silent lists the findings that an import warns of: data that would be sent as if it were sound.
var silent = map[string]bool{
	FoundZeros: true, FoundDigits: true, FoundDotZero: true, FoundCodeDate: true, Found1462: true, FoundSwapped: true, FoundSpaces: true, FoundDashes: true,
	FoundMojibake: true, FoundLost: true, FoundCut: true,
}

// silentFindings are the warnings of an import. What is repaired is no finding any more.
func (w *work) silentFindings() []problem.Problem {
	var out []problem.Problem
	for _, f := range w.detector.Findings() {
		if !silent[f.Code] || len(f.Cells) == 0 || w.repaired(&f) || f.Code == FoundDigits && f.Evidence == longNumbers {
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
func (w *work) repaired(f *Finding) bool {
	for i := range w.slots {
		s := &w.slots[i]
		if cell.ColName(s.col) != f.Column {
			continue
		}
		bit := verdicts[f.Code].repair
		if f.Code == Found1462 {
			bit = value.RepairPlus1462 | value.RepairMinus1462
		}
		if s.repairs&bit != 0 {
			return true
		}
	}
	return false
}
