package profile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/gocarina/gocsv"
)

// Crosswalk translates a column's values into the API's.
type ValueMapping struct {
	File   string // the CSV file it came from; empty when inline
	Strict bool   // unknown = "refuse": a value that isn't listed is refused; else it stands as it is

	values map[string]string // as written
	folded map[string]string // by lower case, without outer space
}

// crosswalkFileLimit bounds a crosswalk's CSV file: about a million rows.
const valuesFileLimit = 64 << 20

// newCrosswalk makes a crosswalk. It fails on values that differ only in case and mean different things.
func NewValueMapping(values map[string]string) (*ValueMapping, error) {
	c := &ValueMapping{values: values, folded: make(map[string]string, len(values))}
	for _, from := range slices.Sorted(maps.Keys(values)) {
		key := fold(from)
		if to, ok := c.folded[key]; ok && to != values[from] {
			return nil, fmt.Errorf("%q is translated into both %q and %q (case doesn't matter)", from, to, values[from])
		}
		c.folded[key] = values[from]
	}
	return c, nil
}

func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// Lookup translates a value: as it stands, else without regard to case and outer space.
func (c *ValueMapping) Lookup(value string) (to string, ok bool) {
	if to, ok = c.values[value]; ok {
		return to, true
	}
	to, ok = c.folded[fold(value)]
	return to, ok
}

// Len is how many values the crosswalk lists.
func (c *ValueMapping) Len() int { return len(c.values) }

// Reverse gives for each value of the API the value that is translated into it; of several, the first by the alphabet.
func (c *ValueMapping) Reverse() map[string]string {
	out := make(map[string]string, len(c.values))
	for _, from := range slices.Sorted(maps.Keys(c.values)) {
		if to := c.values[from]; out[to] == "" {
			out[to] = from
		}
	}
	return out
}

// crosswalkRow is one row of a crosswalk's CSV file.
type valuesRow struct {
	From string `csv:"from"`
	To   string `csv:"to"`
}

// readCrosswalk reads a crosswalk's CSV file: UTF-8, with the columns from and to, parted by commas or semicolons. Other columns are left
// alone.
func readValuesFile(files fs.FS, name string) (values map[string]string, err error) {
	if files == nil {
		return nil, errors.New("no folder to read it from")
	}
	if !fs.ValidPath(name) {
		return nil, errors.New("it must lie beside the mapping file or in a folder below it, its path written with /")
	}
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	data, err := io.ReadAll(io.LimitReader(f, valuesFileLimit+1))
	if err != nil {
		return nil, err
	}
	if len(data) > valuesFileLimit {
		return nil, fmt.Errorf("it is longer than %d bytes", valuesFileLimit)
	}
	return parseValuesFile(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
}

// parseCrosswalk checks the header itself: gocsv leaves fields without a column empty and says nothing.
func parseValuesFile(data []byte) (map[string]string, error) {
	first, _, _ := bytes.Cut(data, []byte("\n"))
	comma := ','
	if bytes.ContainsRune(first, ';') && !bytes.ContainsRune(first, ',') {
		comma = ';'
	}
	reader := func() *csv.Reader {
		r := csv.NewReader(bytes.NewReader(data))
		r.Comma = comma
		return r
	}
	header, err := reader().Read()
	if err != nil {
		return nil, fmt.Errorf("reading its header: %w", err)
	}
	for _, want := range []string{"from", "to"} {
		n := 0
		for _, h := range header {
			if h == want {
				n++
			}
		}
		if n != 1 {
			return nil, fmt.Errorf("its header must hold one column %q, and reads %q", want, strings.Join(header, string(comma)))
		}
	}
	var rows []valuesRow
	if err := gocsv.UnmarshalCSV(reader(), &rows); err != nil {
		return nil, err
	}
	values := make(map[string]string, len(rows))
	for i, r := range rows {
		if to, ok := values[r.From]; ok && to != r.To {
			return nil, fmt.Errorf("row %d: %q is translated into both %q and %q", i+2, r.From, to, r.To)
		}
		values[r.From] = r.To
	}
	return values, nil
}
