package sqlite

import (
	"context"
	"database/sql"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/block"
	"ordersheet/internal/order"
)

// OpenExport returns the open export of a name, or starts one.
func (l *Ledger) OpenExport(ctx context.Context, r ledger.Run, name string) (e ledger.Export, found bool, err error) {
	r.Mode, r.State, r.Created = ledger.ExportMode, ledger.Planning, time.Now()
	var id int64
	err = l.write(ctx, "starting the export "+name, func(t *tx) error {
		found = false
		err := t.each(`SELECT run.id, progress FROM export JOIN run ON run.id = export.run WHERE open = 1 AND name = ? AND account = ?
			AND kind = ?`, []any{name, r.Account, string(r.Kind)}, func(rows *sql.Rows) error {
			found = true
			return rows.Scan(&id, &e.Progress)
		})
		if err != nil || found {
			return err
		}
		if id, err = t.insertRun(&r); err != nil {
			return err
		}
		_, err = t.exec(`INSERT INTO export (run, name, open) VALUES (?, ?, 1)`, id, name)
		return err
	})
	if err != nil {
		return ledger.Export{}, false, err
	}
	e.Name = name
	e.Run, err = l.GetRun(ctx, id)
	return e, found, err
}

// Watermark returns the watermark of an export's name.
func (l *Ledger) Watermark(ctx context.Context, account string, kind order.Kind, name string) (w ledger.Watermark, err error) {
	err = l.readRow(ctx, `SELECT mark, filters, at FROM watermark WHERE account = ? AND kind = ? AND name = ?`,
		[]any{account, string(kind), name}, &w.At, &w.Filters, storedTime{&w.Published})
	return w, wrap("reading the watermark of "+name, err)
}

// CloseExport ends an export that this process holds and removes its answers.
func (l *Ledger) CloseExport(ctx context.Context, run int64, w *ledger.Watermark) error {
	now := millis(time.Now())
	err := l.writeHeld(ctx, run, "closing export "+decimal(run), func(t *tx, _ *runLock) error {
		if _, err := t.exec(`UPDATE run SET state = 'finished', ended = ? WHERE id = ?`, now, run); err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE export SET open = 0 WHERE run = ?`, run); err != nil || w == nil {
			return err
		}
		_, err := t.exec(`INSERT INTO watermark (account, kind, name, mark, filters, run, at)
			SELECT account, kind, name, ?, ?, run.id, ? FROM run JOIN export ON export.run = run.id WHERE run.id = ?
			ON CONFLICT (account, kind, name) DO UPDATE SET mark = excluded.mark, filters = excluded.filters, run = excluded.run, at = excluded.at`,
			w.At, w.Filters, now, run)
		return err
	})
	if err != nil {
		return err
	}
	return l.DropRows(ctx, run, -1)
}

// KeepAnswers keeps answers and the progress of the reading in one transaction.
func (l *Ledger) KeepAnswers(ctx context.Context, run int64, first int, answers []ledger.Answer, progress []byte) error {
	parts := answerBlocks(run, first, answers)
	return l.writeHeld(ctx, run, "keeping the answers of export "+decimal(run), func(t *tx, _ *runLock) error {
		if err := t.insertBlocks(parts); err != nil {
			return err
		}
		_, err := t.exec(`UPDATE export SET progress = ? WHERE run = ?`, progress, run)
		return err
	})
}

// answerBlocks packs answers into blocks. They are stored as the rows of source 0.
func answerBlocks(run int64, first int, answers []ledger.Answer) (parts []spoolPart) {
	var enc block.Encoder
	var buf []byte
	from := first
	for i := range answers {
		buf = block.AppendAnswer(buf, &answers[i])
		if n := first + i; len(buf) >= spoolBlock || i == len(answers)-1 {
			parts = append(parts, spoolPart{run: run, first: from, last: n, data: enc.Encode(buf)})
			buf, from = buf[:0], n+1
		}
	}
	return parts
}

// Answers calls fn for each kept answer of an export with its number, in order.
func (l *Ledger) Answers(ctx context.Context, run int64, fn func(n int, a ledger.Answer) error) error {
	var answers block.Answers
	return l.eachBlock(ctx, run, 0, allBlocks, answers.Open, func(first, last int) error {
		for n := first; n <= last; n++ {
			a, err := answers.Next()
			if err != nil {
				return err
			}
			if err := fn(n, a); err != nil {
				return err
			}
		}
		return nil
	})
}
