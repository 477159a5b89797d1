package ledger

import (
	"context"
	"database/sql"
	"encoding/json"

	"ordersheet/internal/problem"
)

const (
	problemColumns = `order_id, severity, code, file, sheet, cell, header, field, order_number, value, expected, message, hint, remedies`
	problemWidth   = 14
)

func appendProblems(rows []any, order int64, problems []problem.Problem) []any {
	for i := range problems {
		p := &problems[i]
		rows = append(rows, order, string(p.Severity), p.Code, p.File, p.Sheet, p.Cell, p.Header, p.Field, p.OrderNumber, p.Value,
			p.Expected, p.Message, p.Hint, remediesText(p.Remedies))
	}
	return rows
}

func scanProblem(rows *sql.Rows) (id, order int64, p problem.Problem, err error) {
	var remedies string
	err = rows.Scan(&id, &order, &p.Severity, &p.Code, &p.File, &p.Sheet, &p.Cell, &p.Header, &p.Field, &p.OrderNumber, &p.Value,
		&p.Expected, &p.Message, &p.Hint, &remedies)
	if err == nil && remedies != "" {
		err = json.Unmarshal([]byte(remedies), &p.Remedies)
	}
	return id, order, p, err
}

// remediesText returns remedies as they are stored: JSON, or nothing for none.
func remediesText(remedies []problem.Remedy) string {
	if len(remedies) == 0 {
		return ""
	}
	b, err := json.Marshal(remedies)
	if err != nil {
		panic(err) // texts and numbers only
	}
	return string(b)
}

// putProblems numbers problems after those that the run has and writes them.
func (t *tx) putProblems(run int64, rows []any) error {
	if len(rows) == 0 {
		return nil
	}
	var id int64
	if err := t.get(`SELECT coalesce(max(id), $1) FROM problem WHERE id BETWEEN $1 AND $2`, []any{orderID(run, 0), orderID(run+1, 0) - 1},
		&id); err != nil {
		return err
	}
	args := make([]any, 0, len(rows)/problemWidth*(problemWidth+1))
	for ; len(rows) > 0; rows = rows[problemWidth:] {
		id++
		args = append(append(args, id), rows[:problemWidth]...)
	}
	return t.bulk(`INSERT INTO problem (id, `+problemColumns+`) VALUES`, problemWidth+1, args)
}

// AddProblems adds problems to an order of a run; seq 0 is the run itself.
func (l *Ledger) AddProblems(ctx context.Context, run, seq int64, problems []problem.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	return l.write(ctx, "writing problems", func(t *tx) error {
		return t.putProblems(run, appendProblems(nil, orderID(run, seq), problems))
	})
}

// Problems calls fn for each problem of a run in the order in which they were added; seq is 0 for those of the run itself. fn may use the
// ledger; its error ends it and is returned as it is.
func (l *Ledger) Problems(ctx context.Context, run int64, fn func(seq int64, p problem.Problem) error) error {
	type found struct {
		seq int64
		p   problem.Problem
	}
	piece := make([]found, 0, readPiece)
	for from := orderID(run, 0); ; {
		piece = piece[:0]
		err := l.read(ctx, `SELECT id, `+problemColumns+` FROM problem WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3`,
			[]any{from, orderID(run+1, 0), readPiece}, func(rows *sql.Rows) error {
				id, order, p, err := scanProblem(rows)
				from = id
				piece = append(piece, found{seqOf(order), p})
				return err
			})
		if err != nil {
			return explain("reading the problems of run "+decimal(run), err)
		}
		for i := range piece {
			if err := fn(piece[i].seq, piece[i].p); err != nil {
				return err
			}
		}
		if len(piece) < readPiece {
			return nil
		}
	}
}
