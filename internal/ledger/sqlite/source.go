package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
)

// sourceFacts is what nobody searches for, stored as one JSON text.
type sourceFacts struct {
	Date1904 bool                `json:"date1904,omitempty"`
	Formats  []cell.Format       `json:"formats,omitempty"`
	Merges   []cell.Range        `json:"merges,omitempty"`
	Header   []ledger.HeaderCell `json:"header,omitempty"`
}

const (
	sourceColumns = `run, n, file, sheet, path, hash, size, container, left_out, header_row, rows_read, facts, columns`
	sourceWidth   = 13
)

// sourceValues returns the values of sourceColumns.
func sourceValues(run int64, s *ledger.Source) ([]any, error) {
	f, err := json.Marshal(sourceFacts{s.Date1904, s.Formats, s.Merges, s.Header})
	if err != nil {
		return nil, fmt.Errorf("encoding the facts of %s: %w", s.File, err)
	}
	return []any{
		run, s.N, s.File, s.Sheet, s.Path, s.Hash, s.Size, s.Container, s.LeftOut, s.HeaderRow, s.Rows, f, []byte(s.Columns),
	}, nil
}

// AddSource adds a source to a run and returns its number.
func (l *Ledger) AddSource(ctx context.Context, run int64, s ledger.Source) (n int, err error) {
	err = l.write(ctx, "adding source "+s.File, func(t *tx) error {
		if err := t.get(`SELECT coalesce(max(n) + 1, 0) FROM source WHERE run = $1`, []any{run}, &s.N); err != nil {
			return err
		}
		v, err := sourceValues(run, &s)
		if err == nil {
			_, err = t.bulk(`INSERT INTO source (`+sourceColumns+`) VALUES %s`, sourceWidth, v)
		}
		return err
	})
	return s.N, err
}

// UpdateSource replaces the source with the number of s.
func (l *Ledger) UpdateSource(ctx context.Context, run int64, s ledger.Source) error {
	return l.write(ctx, "updating source "+s.File, func(t *tx) error {
		v, err := sourceValues(run, &s)
		if err != nil {
			return err
		}
		n, err := t.changed(`UPDATE source SET file = $3, sheet = $4, path = $5, hash = $6, size = $7, container = $8, left_out = $9,
			header_row = $10, rows_read = $11, facts = $12, columns = $13 WHERE run = $1 AND n = $2`, v...)
		if err == nil && n == 0 {
			err = ledger.ErrNotFound
		}
		return err
	})
}

// Sources returns the sources of a run, ordered by number.
func (l *Ledger) Sources(ctx context.Context, run int64) (all []ledger.Source, err error) {
	err = l.read(ctx, `SELECT n, file, sheet, path, hash, size, container, left_out, header_row, rows_read, facts, columns FROM source
		WHERE run = $1 ORDER BY n`, []any{run}, func(rows *sql.Rows) error {
		var s ledger.Source
		var text []byte
		if err := rows.Scan(&s.N, &s.File, &s.Sheet, &s.Path, &s.Hash, &s.Size, &s.Container, &s.LeftOut, &s.HeaderRow, &s.Rows, &text,
			(*[]byte)(&s.Columns)); err != nil {
			return err
		}
		var f sourceFacts
		if err := json.Unmarshal(text, &f); err != nil {
			return fmt.Errorf("%w: the facts of source %d: %w", ledger.ErrDamaged, s.N, err)
		}
		s.Date1904, s.Formats, s.Merges, s.Header = f.Date1904, f.Formats, f.Merges, f.Header
		all = append(all, s)
		return nil
	})
	return all, wrap("listing the sources of run "+decimal(run), err)
}
