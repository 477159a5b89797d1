package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// statement is a prepared statement. Its text is written with $1, $2 ... for its values, as more
// than one database knows them; SQLite is given a plain ? for each, since it looks up the name of
// each parameter at each call, which took a tenth of the time.
type statement struct {
	*sql.Stmt
	order []int // the value that belongs to each ?
	plain bool  // each value belongs to one ?, in order
}

// preparer is a connection, or a pool of them.
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

func prepare(ctx context.Context, on preparer, query string) (*statement, error) {
	text, order := positional(query)
	stmt, err := on.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	s := &statement{Stmt: stmt, order: order, plain: true}
	for i, n := range order {
		s.plain = s.plain && n == i
	}
	return s, nil
}

// arrange puts the values into the order in which the statement's text names them.
func (s *statement) arrange(args []any) []any {
	if s.plain {
		return args
	}
	out := make([]any, len(s.order))
	for i, n := range s.order {
		out[i] = args[n]
	}
	return out
}

// each calls scan for each row of the result.
func (s *statement) each(ctx context.Context, args []any, scan func(*sql.Rows) error) (err error) {
	rows, err := s.QueryContext(ctx, s.arrange(args)...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// positional replaces each $n by ? and returns which value belongs to each of them. Our statements
// have no $ elsewhere.
func positional(query string) (text string, order []int) {
	var b strings.Builder
	b.Grow(len(query))
	for {
		before, rest, found := strings.Cut(query, "$")
		b.WriteString(before)
		if !found {
			return b.String(), order
		}
		end := 0
		for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
			end++
		}
		n, _ := strconv.Atoi(rest[:end])
		b.WriteByte('?')
		order, query = append(order, n-1), rest[end:]
	}
}

// withRows replaces the %s of an INSERT by n rows of placeholders.
func withRows(query string, width, n int) string {
	rows := make([]string, n)
	at := 0
	for i := range rows {
		places := make([]string, width)
		for j := range places {
			at++
			places[j] = "$" + strconv.Itoa(at)
		}
		rows[i] = "(" + strings.Join(places, ", ") + ")"
	}
	return fmt.Sprintf(query, strings.Join(rows, ", "))
}
