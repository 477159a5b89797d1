package ledger

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
)

// statement is a prepared statement. Its text is written with $1, $2 ... for its values, as more than one database knows them; SQLite is
// given a plain ? for each, since it looks for the name of each parameter at each call, which cost a tenth of the whole.
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

// positional replaces each $n by ? and returns which value belongs to each of them. Our statements have no $ elsewhere.
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

// bulk runs an INSERT of rows of the given width, several of them a statement: that costs a third of one statement a row. insert ends
// with VALUES.
func (t *tx) bulk(insert string, width int, args []any) error {
	const many = 32
	for len(args) > 0 {
		n := 1
		if len(args) >= many*width {
			n = many
		}
		if _, err := t.exec(t.l.rowsOf(insert, width, n), args[:n*width]...); err != nil {
			return err
		}
		args = args[n*width:]
	}
	return nil
}

// rowsOf appends n rows of placeholders to an INSERT. The two lengths in use are built once.
func (l *Ledger) rowsOf(insert string, width, n int) string {
	key := bulkKey{insert, n}
	if q, ok := l.bulks[key]; ok {
		return q
	}
	var b strings.Builder
	b.WriteString(insert)
	for i := range n * width {
		switch {
		case i == 0:
			b.WriteString(" (")
		case i%width == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(i+1))
	}
	b.WriteString(")")
	l.bulks[key] = b.String()
	return l.bulks[key]
}

// bulkKey names an INSERT of n rows.
type bulkKey struct {
	insert string
	n      int
}
