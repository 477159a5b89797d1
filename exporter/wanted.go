package exporter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/lookup"
	"ordersheet/internal/order"
	"ordersheet/internal/sheet"
)

// Wanted is one requested order: by its id, or by its number if ID is 0.
type Wanted struct {
	ID     int64
	Number string
}

func (w Wanted) String() string {
	if w.ID != 0 {
		return "id " + strconv.FormatInt(w.ID, 10)
	}
	return w.Number
}

// ReadWanted reads from a sheet which orders are wanted: from a column with the header id or
// Luminous ID, or one with a header of order numbers, in the first row that has one. A sheet of one
// column needs no header: all its cells are order numbers. An order on several rows is wanted once.
func ReadWanted(path string) ([]Wanted, error) {
	book, err := sheet.Open(path, sheet.Options{})
	if err != nil {
		return nil, fmt.Errorf("reading the list of wanted orders: %w", err)
	}
	defer book.Close()
	w := wantedSheet{id: -1, number: -1}
	if _, err := book.Read(0, w.row); err != nil {
		return nil, fmt.Errorf("reading the list of wanted orders from %s: %w", path, err)
	}
	return w.wanted(path)
}

// wantedSheet collects the orders of a sheet.
type wantedSheet struct {
	id, number int // columns; -1 for none, and both above the header
	width      int // of the rows above a header
	all        []Wanted
	bad        string // the first cell that is no id
}

func (w *wantedSheet) headed() bool { return w.id >= 0 || w.number >= 0 }

func (w *wantedSheet) row(r *cell.Row) error {
	if !w.headed() {
		if w.id, w.number = columns(r); w.headed() {
			w.all = nil
		} else if n := len(r.Cells); n > 0 {
			w.width = max(w.width, r.Cells[n-1].Col+1)
			w.all = append(w.all, Wanted{Number: text(r.Cells[0])})
		}
		return nil
	}
	if w.id >= 0 {
		if t := text(r.At(w.id)); t != "" {
			id, err := strconv.ParseInt(t, 10, 64)
			if (err != nil || id < 1) && w.bad == "" {
				w.bad = fmt.Sprintf("%s: expected the id of an order, got %q", cell.A1(r.Num, w.id), t)
			}
			w.all = append(w.all, Wanted{ID: id})
			return nil
		}
	}
	if w.number >= 0 {
		w.all = append(w.all, Wanted{Number: text(r.At(w.number))})
	}
	return nil
}

// columns returns the columns of ids and of numbers by their headers; -1 for none.
func columns(r *cell.Row) (id, number int) {
	id, number = -1, -1
	for _, c := range r.Cells {
		switch strings.NewReplacer(" ", "", "_", "", "-", "", "#", "number", ".", "").Replace(strings.ToLower(string(c.Text))) {
		case "id", "luminousid", "luminousorderid":
			id = c.Col
		case "ordernumber", "ordernumbers", "orderno", "ponumber", "pono", "purchaseordernumber", "salesordernumber":
			number = c.Col
		}
	}
	return id, number
}

// wanted returns each order once.
func (w *wantedSheet) wanted(path string) ([]Wanted, error) {
	seen := map[Wanted]bool{{}: true}
	all := slices.DeleteFunc(w.all, func(one Wanted) bool {
		again := seen[one]
		seen[one] = true
		return again
	})
	const reading = "reading the list of wanted orders: "
	switch {
	case w.bad != "":
		return nil, &UsageError{
			errors.New(reading + path + " " + w.bad), "put order numbers into a column with the header order_number", nil,
		}
	case !w.headed() && w.width > 1:
		return nil, &UsageError{fmt.Errorf(reading+"%s has several columns, and none has the header id or order_number", path), "", nil}
	case len(all) == 0:
		return nil, &UsageError{fmt.Errorf(reading+"%s names no order", path), "", nil}
	}
	return all, nil
}

// text returns a cell as an identifier; a number has no exponent.
func text(c cell.Cell) string {
	if c.Kind == cell.Number {
		if d, ok := cell.AppendDecimal(nil, c.Text); ok {
			return string(d)
		}
	}
	return strings.TrimSpace(string(c.Text))
}

// wantedBatch is how many orders are looked up before the progress is saved.
const wantedBatch = 200

// wantedReader finds the requested orders. They are read by their ids afterwards.
type wantedReader struct {
	*exportRun
	proven bool
}

func (r *wantedReader) read(ctx context.Context, at cursor) (batch, error) {
	end := min(at.Next+wantedBatch, len(r.Wanted))
	b := batch{stated: -1, next: cursor{Next: end}, done: end == len(r.Wanted)}
	asked := r.Wanted[at.Next:end]
	found, err := r.find(ctx, asked)
	if err != nil {
		return batch{}, err
	}
	for _, w := range asked {
		switch {
		case w.ID != 0:
			b.orders = append(b.orders, order.Answer{ID: w.ID})
		case len(found[w.Number]) == 0:
			b.missing = append(b.missing, w.String())
		default:
			if n := len(found[w.Number]); n > 1 {
				b.notes = append(b.notes, fmt.Sprintf("%d orders have the number %s; the file has all of them", n, w.Number))
			}
			b.orders = append(b.orders, found[w.Number]...)
		}
	}
	return b, nil
}

// find looks numbers up, many per request if that works.
func (r *wantedReader) find(ctx context.Context, asked []Wanted) (map[string][]order.Answer, error) {
	var numbers []string
	for _, w := range asked {
		if w.ID == 0 {
			numbers = append(numbers, w.Number)
		}
	}
	if len(numbers) == 0 {
		return nil, nil
	}
	if !r.proven {
		if err := r.proveNumbers(ctx); err != nil {
			return nil, err
		}
	}
	return r.finder.ByNumbers(ctx, numbers)
}

// proveNumbers makes sure that orders are found by number: a filter that finds nothing would make
// every order missing. One that is ignored finds them as long as the list isn't long.
func (r *wantedReader) proveNumbers(ctx context.Context) error {
	method, err := r.finder.Prove(ctx)
	if err != nil {
		return err
	}
	known := r.finder.SampleNumber()
	if r.proven = method == lookup.Batch || method == lookup.Single || known == ""; r.proven {
		return nil
	}
	found, err := r.finder.ByNumber(ctx, known)
	if err != nil && !lookup.NotSupported(err) {
		return err
	}
	if r.proven = len(found) > 0; !r.proven {
		return &UsageError{
			errors.New("looking up orders by number: the server doesn't find an order that it has just listed by its number"), "name the orders by id", nil,
		}
	}
	return nil
}
