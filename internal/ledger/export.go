package ledger

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"time"

	"ordersheet/internal/order"
)

// ExportMode is the mode of a run that is an export. Runs leaves such runs out.
const ExportMode = "export"

// Export is an export that was begun and neither published nor given up.
type Export struct {
	Run      Run
	Name     string
	Progress []byte // JSON, the caller's: as KeepAnswers left it; nil when nothing was kept yet
}

// OpenExport returns the open export of a name, or begins one: found says that it was there. An account has at most one open export of a
// name and kind. r needs Kind, Account and Options; Acquire says whether somebody works on it.
func (l *Ledger) OpenExport(ctx context.Context, r Run, name string) (e Export, found bool, err error) {
	r.Mode, r.State, r.Created = ExportMode, Planning, time.Now()
	var id int64
	err = l.write(ctx, "beginning the export "+name, func(t *tx) error {
		found = false
		err := t.each(`SELECT run.id, progress FROM export JOIN run ON run.id = export.run WHERE open AND name = $1 AND account = $2 AND kind = $3`,
			[]any{name, r.Account, string(r.Kind)}, func(rows *sql.Rows) error {
				found = true
				return rows.Scan(&id, &e.Progress)
			})
		if err != nil || found {
			return err
		}
		res, err := t.exec(t.l.rowsOf(`INSERT INTO run (`+runColumns+`) VALUES`, len(r.values()), 1), r.values()...)
		if err != nil {
			return err
		}
		if id, err = res.LastInsertId(); err != nil {
			return err
		}
		_, err = t.exec(`INSERT INTO export (run, name, open) VALUES ($1, $2, 1)`, id, name)
		return err
	})
	if err != nil {
		return Export{}, false, err
	}
	e.Name = name
	e.Run, err = l.GetRun(ctx, id)
	return e, found, err
}

// Watermark is how far the published exports of a name have come.
type Watermark struct {
	At        string // the end of the last published window, as the server wrote it; empty when nothing was published
	Filters   string // the caller's: what the export left out
	Published time.Time
}

// Watermark returns the mark of an export; the zero Mark when nothing of that name was published.
func (l *Ledger) Watermark(ctx context.Context, account string, kind order.Kind, name string) (m Watermark, err error) {
	err = l.read(ctx, `SELECT mark, filters, at FROM watermark WHERE account = $1 AND kind = $2 AND name = $3`, []any{account, string(kind), name},
		func(rows *sql.Rows) error {
			var at int64
			err := rows.Scan(&m.At, &m.Filters, &at)
			m.Published = moment(at)
			return err
		})
	return m, explain("reading the watermark of "+name, err)
}

// CloseExport closes an export that this process holds: with a mark it was published, and the mark becomes its watermark in the same
// transaction; nil leaves the watermark where it is. Its answers are forgotten.
func (l *Ledger) CloseExport(ctx context.Context, run int64, mark *Watermark) error {
	h, err := l.holdOf(run)
	if err != nil {
		return err
	}
	now := millis(time.Now())
	err = l.write(ctx, "closing export "+decimal(run), func(t *tx) error {
		if _, _, err := h.check(t); err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE run SET state = 'finished', ended = $1 WHERE id = $2`, now, run); err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE export SET open = 0 WHERE run = $1`, run); err != nil || mark == nil {
			return err
		}
		_, err := t.exec(`INSERT INTO watermark (account, kind, name, mark, filters, run, at)
			SELECT account, kind, name, $1, $2, run.id, $3 FROM run JOIN export ON export.run = run.id WHERE run.id = $4
			ON CONFLICT (account, kind, name) DO UPDATE SET mark = excluded.mark, filters = excluded.filters, run = excluded.run, at = excluded.at`,
			mark.At, mark.Filters, now, run)
		return err
	})
	if err != nil {
		return err
	}
	return l.DropRows(ctx, run, -1)
}

// Answer is one order as the API answered it, kept until its export is written.
type Answer struct {
	ID        int64
	UpdatedAt string
	Raw       []byte // valid only inside the func that Answers calls
}

// KeepAnswers keeps answers and how far the reading has come, in one transaction: after a kill both are there or neither. first is the number
// of the first answer, counted from 1; numbers rise without gaps. The export must be held by this process.
func (l *Ledger) KeepAnswers(ctx context.Context, run int64, first int, answers []Answer, progress []byte) error {
	h, err := l.holdOf(run)
	if err != nil {
		return err
	}
	parts := answerBlocks(first, answers)
	return l.write(ctx, "keeping the answers of export "+decimal(run), func(t *tx) error {
		if _, _, err := h.check(t); err != nil {
			return err
		}
		for _, p := range parts {
			if _, err := t.exec(insertBlock, run, p.source, p.first, p.last, p.rows); err != nil {
				return err
			}
		}
		_, err := t.exec(`UPDATE export SET progress = $1 WHERE run = $2`, progress, run)
		return err
	})
}

// answerBlocks packs answers into sealed blocks.
func answerBlocks(first int, answers []Answer) (parts []spoolPart) {
	var seal sealer
	var buf []byte
	from := first
	for i := range answers {
		a := &answers[i]
		buf = binary.AppendUvarint(buf, uint64(a.ID))
		buf = appendBytes(buf, a.UpdatedAt)
		buf = appendBytes(buf, a.Raw)
		if n := first + i; len(buf) >= spoolBlock || i == len(answers)-1 {
			parts = append(parts, spoolPart{first: from, last: n, rows: seal.seal(buf)})
			buf, from = buf[:0], n+1
		}
	}
	return parts
}

// Answers calls fn for each kept answer of an export with its number, in order. An error of fn ends it and is returned as it is.
func (l *Ledger) Answers(ctx context.Context, run int64, fn func(n int, a Answer) error) error {
	blocks, err := l.spoolBlocks(ctx, run, 0)
	if err != nil {
		return err
	}
	var o opened
	for _, b := range blocks {
		if err := l.openBlock(ctx, &o, b); err != nil {
			return err
		}
		for n := b.first; n <= b.last; n++ {
			a := Answer{ID: int64(o.r.uint()), UpdatedAt: string(o.r.bytes()), Raw: o.r.bytes()}
			if o.r.bad {
				return fmt.Errorf("reading the kept answers: %w: answer %d doesn't end", ErrDamaged, n)
			}
			if err := fn(n, a); err != nil {
				return err
			}
		}
	}
	return nil
}
