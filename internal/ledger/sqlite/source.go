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
	sourceColumns = `file, sheet, path, hash, size, container, left_out, header_row, rows_read, facts, columns`
	sourceWidth   = 11
)

// sourceValues returns the values of sourceColumns.
func sourceValues(s *ledger.Source) ([]any, error) {
	f, err := json.Marshal(sourceFacts{s.Date1904, s.Formats, s.Merges, s.Header})
	if err != nil {
		return nil, fmt.Errorf("encoding the facts of %s: %w", s.File, err)
	}
	return []any{s.File, s.Sheet, s.Path, s.Hash, s.Size, s.Container, s.LeftOut, s.HeaderRow, s.Rows, f, []byte(s.Columns)}, nil
}

func scanSource(rows *sql.Rows) (s ledger.Source, err error) {
	var text []byte
	err = rows.Scan(&s.File, &s.Sheet, &s.Path, &s.Hash, &s.Size, &s.Container, &s.LeftOut, &s.HeaderRow, &s.Rows, &text,
		(*[]byte)(&s.Columns), &s.N)
	if err != nil {
		return s, err
	}
	var f sourceFacts
	if err := json.Unmarshal(text, &f); err != nil {
		return s, fmt.Errorf("%w: the facts of source %d: %w", ledger.ErrDamaged, s.N, err)
	}
	s.Date1904, s.Formats, s.Merges, s.Header = f.Date1904, f.Formats, f.Merges, f.Header
	return s, nil
}

// AddSource adds a source to a run and returns its number.
func (l *Ledger) AddSource(ctx context.Context, run int64, s ledger.Source) (n int, err error) {
	v, err := sourceValues(&s)
	if err != nil {
		return 0, err
	}
	err = l.write(ctx, "adding source "+s.File, func(t *tx) error {
		if err := t.get(`SELECT coalesce(max(n) + 1, 0) FROM source WHERE run = ?`, []any{run}, &n); err != nil {
			return err
		}
		_, err := t.bulk(`INSERT INTO source (`+sourceColumns+`, run, n) VALUES %s`, sourceWidth+2, append(v, run, n))
		return err
	})
	return n, err
}

// UpdateSource replaces the source with the number of s.
func (l *Ledger) UpdateSource(ctx context.Context, run int64, s ledger.Source) error {
	v, err := sourceValues(&s)
	if err != nil {
		return err
	}
	return l.write(ctx, "updating source "+s.File, func(t *tx) error {
		return t.change(ledger.ErrNotFound, withRows(`UPDATE source SET (`+sourceColumns+`) = %s WHERE run = ? AND n = ?`, sourceWidth, 1),
			append(v, run, s.N)...)
	})
}

// Sources returns the sources of a run, ordered by number.
func (l *Ledger) Sources(ctx context.Context, run int64) ([]ledger.Source, error) {
	all, err := collect(l.reader(ctx), nil, scanSource, `SELECT `+sourceColumns+`, n FROM source WHERE run = ? ORDER BY n`, run)
	return all, wrap("listing the sources of run "+decimal(run), err)
}
