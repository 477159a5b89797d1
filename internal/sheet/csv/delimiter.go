package csv

import "bytes"

// delimiters are those that can be detected. Of equal scores the first wins, so a file without any
// is comma-separated with one column.
const delimiters = ",;\t|"

// sampleSize is how much text is used to detect the delimiter.
const sampleSize = 64 << 10

// detectDelimiter detects the delimiter from the beginning of a text; whole means that it is all of
// it. The score of a delimiter is
//
//	the sum over all widths of (records of that width) x (width-1)/width, divided by the number of widths
//	x the share of fields that look like a single value.
//
// So records should have the same width, more than one field, and no field that looks like several.
// This is the measure of van den Burg, Nazábal and Sutton, "Wrangling messy CSV files by detecting
// row and type patterns" (2019), with fewer types.
func detectDelimiter(text []byte, whole bool) byte {
	best, bestScore := delimiters[0], 0.0
	for i := range len(delimiters) {
		if score := delimiterScore(text, whole, delimiters[i]); score > bestScore {
			best, bestScore = delimiters[i], score
		}
	}
	return best
}

func delimiterScore(text []byte, whole bool, delimiter byte) float64 {
	if bytes.IndexByte(text, delimiter) < 0 {
		return 0
	}
	scan := scanner{marks: newMarks(delimiter)}
	scan.seek(text, 0)
	widths, fields, clear := map[int]int{}, 0, 0
	for from := 0; from < len(text); {
		end := scan.split(text, from, whole)
		if end == 0 && (len(widths) > 0 || whole) { // the last record is incomplete
			break
		}
		if end == 0 { // and so is the first one
			end, scan.width = len(text), len(scan.cells)+1
		}
		if scan.width > 0 {
			widths[scan.width]++
			fields += scan.width
			clear += scan.width - len(scan.cells) // the blank ones
		}
		for _, c := range scan.cells {
			if isSingleValue(c.Text, delimiter) {
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

// isSingleValue reports whether a field looks like one value: a number or a date in a usual form,
// or a text without another delimiter or quote. A field that contains the delimiter was in quotes,
// so it is one value, and so is a field that is completely in quotes.
func isSingleValue(text []byte, delimiter byte) bool {
	if text[0] == '"' { // still raw, since the next candidate needs it so
		return closingQuote(text) == len(text)-1
	}
	commas, digits, textual := false, false, false
	for _, c := range text {
		switch {
		case c == delimiter:
			return true
		case c == ';' || c == '\t' || c == '|':
			return false
		case c == ',' || c == '"':
			commas = commas || c == ','
			textual = textual || c == '"'
		case c >= '0' && c <= '9':
			digits = true
		case bytes.IndexByte([]byte("+-.' %$:/()"), c) < 0:
			textual = true
		}
	}
	if commas {
		return digits && !textual && text[0] != ',' && text[len(text)-1] != ','
	}
	return bytes.IndexByte(text, '"') < 0
}

// separatorLine reads a line `sep=;` at the beginning of a text, which sets the delimiter in Excel.
// It returns the length of the line, 0 if there is none.
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

// canDelimit reports whether a character can be a delimiter: an ASCII character without another
// meaning.
func canDelimit(r rune) bool {
	return r == '\t' || r >= ' ' && r < 0x7f && r != '"'
}
