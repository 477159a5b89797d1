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

// ValueMapping replaces a column's values with the API's.
type ValueMapping struct {
	File   string // the CSV file it came from; empty when inline
	Strict bool   // unknown = "refuse": a value that isn't listed is an error; otherwise it is kept

	values map[string]string // as written
	folded map[string]string // by lower case, without outer spaces
}

// NewValueMapping makes a value mapping. It fails when two values differ only in case and are
// mapped to different things.
func NewValueMapping(values map[string]string) (*ValueMapping, error) {
	m := &ValueMapping{values: values, folded: make(map[string]string, len(values))}
	for _, from := range slices.Sorted(maps.Keys(values)) {
		key := fold(from)
		if to, ok := m.folded[key]; ok && to != values[from] {
			return nil, fmt.Errorf("%q is mapped to both %q and %q (case doesn't matter)", from, to, values[from])
		}
		m.folded[key] = values[from]
	}
	return m, nil
}

func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// Lookup returns what a value is mapped to: the exact value first, then ignoring case and outer
// spaces.
func (m *ValueMapping) Lookup(value string) (to string, ok bool) {
	if to, ok = m.values[value]; ok {
		return to, true
	}
	to, ok = m.folded[fold(value)]
	return to, ok
}

// Reverse returns, for each value of the API, the value that is mapped to it; of several, the
// alphabetically first.
func (m *ValueMapping) Reverse() map[string]string {
	out := make(map[string]string, len(m.values))
	for _, from := range slices.Sorted(maps.Keys(m.values)) {
		if to := m.values[from]; out[to] == "" {
			out[to] = from
		}
	}
	return out
}

// valuesFileLimit bounds the CSV file of a value mapping: about a million rows.
const valuesFileLimit = 64 << 20

// readValuesFile reads the CSV file of a value mapping: UTF-8, with the columns from and to,
// separated by commas or semicolons. Other columns are ignored.
func readValuesFile(files fs.FS, name string) (values map[string]string, err error) {
	if files == nil {
		return nil, errors.New("no folder to read it from")
	}
	if !fs.ValidPath(name) {
		return nil, errors.New("it must be in the folder of the mapping file or in one below it, its path written with /")
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

// valuesRow is one row of a value mapping's CSV file.
type valuesRow struct {
	From string `csv:"from"`
	To   string `csv:"to"`
}

// parseValuesFile checks the header itself, since gocsv silently leaves fields without a column
// empty.
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
		if at := slices.Index(header, want); at < 0 || slices.Contains(header[at+1:], want) {
			return nil, fmt.Errorf("its header must have one column %q, and is %q", want, strings.Join(header, string(comma)))
		}
	}
	var rows []valuesRow
	if err := gocsv.UnmarshalCSV(reader(), &rows); err != nil {
		return nil, err
	}
	values := make(map[string]string, len(rows))
	for i, r := range rows {
		if to, ok := values[r.From]; ok && to != r.To {
			return nil, fmt.Errorf("row %d: %q is mapped to both %q and %q", i+2, r.From, to, r.To)
		}
		values[r.From] = r.To
	}
	return values, nil
}
