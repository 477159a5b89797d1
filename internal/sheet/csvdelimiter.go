package sheet

import (
	"bytes"
)

// csvDelimiters are those that are looked for. At equal scores the first one wins, so a file without any is comma-separated with one column.
const csvDelimiters = ",;\t|"

// csvSample is how much text is looked at to find the delimiter.
const csvSample = 64 << 10

// findDelimiter finds the delimiter from the beginning of a text; whole says that it is all of it. Each candidate is tried, quotes and all, and gets
//
//	the sum over the widths that occur of (records of that width) x (width-1)/width, divided by the number of widths
//	x the share of fields that look like something by themselves,
//
// so what counts is that records agree on their width, that there is more than one field, and that no field looks like several. This is the measure of van den Burg,
// Nazábal and Sutton, "Wrangling messy CSV files by detecting row and type patterns" (2019), with fewer types.
func findDelimiter(text []byte, whole bool) byte {
	best, bestScore := csvDelimiters[0], 0.0
	for i := range len(csvDelimiters) {
		if score := delimiterScore(text, whole, csvDelimiters[i]); score > bestScore {
			best, bestScore = csvDelimiters[i], score
		}
	}
	return best
}

func delimiterScore(text []byte, whole bool, delimiter byte) float64 {
	if bytes.IndexByte(text, delimiter) < 0 {
		return 0
	}
	scan := csvScan{marks: newCSVMarks(delimiter)}
	scan.seek(text, 0)
	widths, fields, clear := map[int]int{}, 0, 0
	for from := 0; from < len(text); {
		end := scan.cut(text, from, whole)
		if end == 0 && (len(widths) > 0 || whole) { // the record at the end isn't whole
			break
		}
		if end == 0 { // nor is the first one: what there is of it has to do
			end, scan.width = len(text), len(scan.cells)+1
		}
		if scan.width > 0 {
			widths[scan.width]++
			fields += scan.width
			clear += scan.width - len(scan.cells) // the blank ones
		}
		for _, c := range scan.cells {
			if clearField(c.Text, delimiter) {
				clear++
			}
		}
		from = end
	}
	pattern := 0.0
	for width, records := range widths {
		pattern += float64(records) * float64(width-1) / float64(width)
	}
	if fields == 0 {
		return 0
	}
	return pattern / float64(len(widths)) * (float64(clear) + 0.01) / float64(fields)
}

// clearField says that a field looks like one value: a number or a date in any usual way of writing, or a text without another delimiter and without quotes. One with the
// delimiter itself was in quotes, so somebody meant it to be one, and so is one that is in quotes as a whole.
func clearField(text []byte, delimiter byte) bool {
	if text[0] == '"' { // not settled, since it would change under the eyes of the next candidate
		return closingQuote(text) == len(text)-1
	}
	others, digits, odd := false, false, false
	for _, c := range text {
		switch {
		case c == delimiter:
			return true
		case c == ';' || c == '\t' || c == '|':
			return false
		case c == ',' || c == '"':
			others = others || c == ','
			odd = odd || c == '"'
		case c >= '0' && c <= '9':
			digits = true
		case bytes.IndexByte([]byte("+-.' %$:/()"), c) < 0:
			odd = true
		}
	}
	if others {
		return digits && !odd && text[0] != ',' && text[len(text)-1] != ','
	}
	return bytes.IndexByte(text, '"') < 0
}

// separatorLine reads the line `sep=;` at the beginning of a text, by which Excel is told the delimiter. It returns the length of the line, 0 when there is none.
func separatorLine(text []byte) (delimiter byte, n int) {
	n = bytes.IndexAny(text, "\r\n")
	if n < 0 {
		return 0, 0
	}
	line := text[:n]
	if text[n] == '\r' && n+1 < len(text) && text[n+1] == '\n' {
		n++
	}
	if len(line) > 2 && line[0] == '"' && line[len(line)-1] == '"' {
		line = line[1 : len(line)-1]
	}
	if len(line) != len("sep=;") || !bytes.EqualFold(line[:4], []byte("sep=")) || !canDelimit(rune(line[4])) {
		return 0, 0
	}
	return line[4], n + 1
}

// canDelimit says that a character can be a delimiter: one of ASCII that doesn't mean something else.
func canDelimit(r rune) bool {
	return r == '\t' || r >= ' ' && r < 0x7f && r != '"'
}
