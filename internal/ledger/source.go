package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"ordersheet/internal/cell"
)

// Source is one sheet of one file of a run. Sources are numbered from 0 in the order in which they were added.
type Source struct {
	N int // given by AddSource
	cell.Source
	Path      string // as the user gave it
	Hash      string // SHA-256 of the file
	Size      int64
	Container string // xlsx, csv ...
	LeftOut   string // why it was left out; empty when it was read
	HeaderRow int    // one-based; 0 when there is none
	Header    []HeaderCell
	Columns   json.RawMessage // the header's binding, the caller's
	Rows      int64           // rows read
}

// HeaderCell is one cell of the header row.
type HeaderCell struct {
	Col  int    `json:"col"` // zero-based
	Text string `json:"text"`
}

// facts are what the ledger keeps of a source in one piece, since nobody looks for them.
type facts struct {
	Date1904 bool          `json:"date1904,omitempty"`
	Formats  []cell.Format `json:"formats,omitempty"`
	Merges   []cell.Range  `json:"merges,omitempty"`
	Header   []HeaderCell  `json:"header,omitempty"`
}

const sourceColumns = `run, n, file, sheet, path, hash, size, container, left_out, header_row, rows_read, facts, columns`

func (s *Source) values(run int64) ([]any, error) {
	f, err := json.Marshal(facts{s.Date1904, s.Formats, s.Merges, s.Header})
	if err != nil {
		return nil, fmt.Errorf("writing the facts of %s: %w", s.File, err)
	}
	return []any{
		run, s.N, s.File, s.Sheet, s.Path, s.Hash, s.Size, s.Container, s.LeftOut, s.HeaderRow, s.Rows, f, []byte(s.Columns),
	}, nil
}

// AddSource adds a source to a run and returns its number.
func (l *Ledger) AddSource(ctx context.Context, run int64, s Source) (n int, err error) {
	err = l.write(ctx, "adding source "+s.File, func(t *tx) error {
		if err := t.get(`SELECT coalesce(max(n) + 1, 0) FROM source WHERE run = $1`, []any{run}, &s.N); err != nil {
			return err
		}
		v, err := s.values(run)
		if err != nil {
			return err
		}
		_, err = t.exec(t.l.rowsOf(`INSERT INTO source (`+sourceColumns+`) VALUES`, len(v), 1), v...)
		return err
	})
	return s.N, err
}

// UpdateSource writes s over the source with its number; its spooled rows stay.
func (l *Ledger) UpdateSource(ctx context.Context, run int64, s Source) error {
	return l.write(ctx, "updating source "+s.File, func(t *tx) error {
		v, err := s.values(run)
		if err != nil {
			return err
		}
		n, err := t.changed(`UPDATE source SET file = $3, sheet = $4, path = $5, hash = $6, size = $7, container = $8, left_out = $9,
			header_row = $10, rows_read = $11, facts = $12, columns = $13 WHERE run = $1 AND n = $2`, v...)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
}

// Sources returns the sources of a run by their numbers.
func (l *Ledger) Sources(ctx context.Context, run int64) (all []Source, err error) {
	err = l.read(ctx, `SELECT n, file, sheet, path, hash, size, container, left_out, header_row, rows_read, facts, columns FROM source
		WHERE run = $1 ORDER BY n`, []any{run}, func(rows *sql.Rows) error {
		var s Source
		var kept []byte
		if err := rows.Scan(&s.N, &s.File, &s.Sheet, &s.Path, &s.Hash, &s.Size, &s.Container, &s.LeftOut, &s.HeaderRow, &s.Rows, &kept,
			(*[]byte)(&s.Columns)); err != nil {
			return err
		}
		var f facts
		if err := json.Unmarshal(kept, &f); err != nil {
			return fmt.Errorf("%w: the facts of source %d: %w", ErrDamaged, s.N, err)
		}
		s.Date1904, s.Formats, s.Merges, s.Header = f.Date1904, f.Formats, f.Merges, f.Header
		all = append(all, s)
		return nil
	})
	return all, explain("listing the sources of run "+decimal(run), err)
}
