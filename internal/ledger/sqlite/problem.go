package sqlite

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

// storedProblem is a problem with the id of its order.
type storedProblem struct {
	problem.Problem
	order int64
}

func scanProblem(rows *sql.Rows) (id int64, p storedProblem, err error) {
	var remedies string
	err = rows.Scan(&id, &p.order, &p.Severity, &p.Code, &p.File, &p.Sheet, &p.Cell, &p.Header, &p.Field, &p.OrderNumber, &p.Value,
		&p.Expected, &p.Message, &p.Hint, &remedies)
	if err == nil && remedies != "" {
		err = json.Unmarshal([]byte(remedies), &p.Remedies)
	}
	return id, p, err
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

// insertProblems inserts problems, numbered after those that the run has.
func (t *tx) insertProblems(run int64, rows []any) error {
	if len(rows) == 0 {
		return nil
	}
	var id int64
	if err := t.get(`SELECT coalesce(max(id), ?) FROM problem WHERE id > ? AND id < ?`,
		[]any{orderID(run, 0), orderID(run, 0), orderID(run+1, 0)}, &id); err != nil {
		return err
	}
	args := make([]any, 0, len(rows)/problemWidth*(problemWidth+1))
	for ; len(rows) > 0; rows = rows[problemWidth:] {
		id++
		args = append(append(args, id), rows[:problemWidth]...)
	}
	_, err := t.bulk(`INSERT INTO problem (id, `+problemColumns+`) VALUES %s`, problemWidth+1, args)
	return err
}

// deleteProblems removes the problems of an order that have a code.
func (t *tx) deleteProblems(order int64, code string) error {
	_, err := t.exec(`DELETE FROM problem WHERE order_id = ? AND code = ?`, order, code)
	return err
}

// AddProblems adds problems to an order of a run; seq 0 is the run itself.
func (l *Ledger) AddProblems(ctx context.Context, run, seq int64, problems []problem.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	return l.write(ctx, "adding problems", func(t *tx) error {
		return t.insertProblems(run, appendProblems(nil, orderID(run, seq), problems))
	})
}

// Problems calls fn for each problem of a run in the order in which they were added.
func (l *Ledger) Problems(ctx context.Context, run int64, fn func(seq int64, p problem.Problem) error) error {
	query := `SELECT id, ` + problemColumns + ` FROM problem WHERE id >= ? AND id < ? ORDER BY id LIMIT ?`
	return eachBatch(l.reader(ctx), query, orderID(run, 0), orderID(run+1, 0), scanProblem, func(batch []storedProblem) error {
		for _, p := range batch {
			if err := fn(seqOf(p.order), p.Problem); err != nil {
				return err
			}
		}
		return nil
	})
}
