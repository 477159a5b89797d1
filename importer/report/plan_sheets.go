package report

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet/write"
)

func (p *planBuilder) createSheet(w *write.Workbook) error {
	partner := write.Column{Header: "channel", Width: 12, Kind: write.TextColumn}
	if p.summary.Run.Kind == order.PurchaseOrders {
		partner.Header = "supplier"
	}
	s, err := w.Sheet("Create", write.Layout{Columns: []write.Column{
		{Header: "order_number", Width: 20, Kind: write.TextColumn},
		{Header: "order_date", Width: 12, Kind: write.TextColumn},
		{Header: "order_status", Width: 18},
		partner,
		{Header: "bill_to", Width: 28},
		{Header: "lines", Width: 8, Kind: write.NumberColumn},
		{Header: "expected_total", Width: 16, Kind: write.MoneyColumn},
		{Header: "rows", Width: 16, Kind: write.TextColumn},
	}})
	if err != nil {
		return err
	}
	return p.eachOrder(ledger.OrderPlanned, order.Create, func(o *ledger.Order) error {
		var h struct {
			Date     string                `json:"order_date"`
			Status   string                `json:"order_status"`
			Channel  json.Number           `json:"channel_id"`
			Supplier json.Number           `json:"supplier_id"`
			Company  json.Number           `json:"company_id"`
			BillTo   struct{ Name string } `json:"bill_to"`
		}
		if err := json.Unmarshal(o.Payload, &h); err != nil {
			return fmt.Errorf("reading the plan of order %s: %w", o.Number, err)
		}
		bill := h.BillTo.Name
		if bill == "" && h.Company != "" {
			bill = "company " + h.Company.String()
		}
		return s.Row(write.Text(o.Number), write.Text(h.Date), write.Text(h.Status), write.Text(h.Channel.String()+h.Supplier.String()), write.Text(bill),
			write.Int(len(o.Items)), optionalNumber(o.ExpectedTotal), write.Text(shorten(p.rowsOf(o))))
	})
}

// updateSheet has a row for each field that changes, and for each line that is added, changed or removed.
func (p *planBuilder) updateSheet(w *write.Workbook) error {
	s, err := w.Sheet("Update", write.Layout{Columns: []write.Column{
		{Header: "order_number", Width: 20, Kind: write.TextColumn},
		{Header: "id", Width: 10, Kind: write.TextColumn},
		{Header: "what", Width: 34},
		{Header: "now", Width: 36, Kind: write.TextColumn},
		{Header: "then", Width: 36, Kind: write.TextColumn},
		{Header: "rows", Width: 12, Kind: write.TextColumn},
		{Header: "take care", Width: 80},
	}})
	if err != nil {
		return err
	}
	return p.eachOrder(ledger.OrderPlanned, order.Update, func(o *ledger.Order) error {
		if o.Change == nil {
			return nil
		}
		notes := notesOf(o)
		for _, x := range p.changesOf(o.Change) {
			err := s.Row(write.Text(o.Number), write.Text(fmt.Sprint(o.Change.ID)), write.Text(x.what), write.Text(shorten(x.now)).Style(x.nowMark),
				write.Text(shorten(x.then)).Style(x.thenMark), write.Text(shorten(p.rowsOf(o))), notes)
			if err != nil {
				return err
			}
			notes = write.Blank()
		}
		return nil
	})
}

// notesOf is what can't be taken back about a change, and what is assumed of it.
func notesOf(o *ledger.Order) write.Value {
	if len(o.Change.Notes) == 0 {
		return write.Blank()
	}
	return write.Text(shorten(strings.Join(o.Change.Notes, "; "))).Style(write.Warn)
}

// changeRow is one row of the sheet Update.
type changeRow struct {
	what, now, then   string
	nowMark, thenMark write.Mark
}

// changesOf lists what changes about an order, for people: first its fields, then its lines.
func (p *planBuilder) changesOf(c *order.Change) (out []changeRow) {
	for _, f := range c.Fields {
		out = append(out, newChangeRow(p.fieldName(f.Path), f.Now, f.Then))
	}
	for _, l := range c.Lines {
		name := "line"
		if l.ID != 0 {
			name = fmt.Sprintf("line %d", l.ID)
		}
		if l.SKU != "" {
			name += " (" + l.SKU + ")"
		}
		switch l.What {
		case order.LineAdded:
			out = append(out, changeRow{"new " + name, "", fieldsInWords(l.Fields), write.Plain, write.Good})
		case order.LineRemoved:
			now := "stands"
			if l.Received != "" {
				now = "stands, " + l.Received + " received"
			}
			out = append(out, changeRow{name, now, "removed: the sheet leaves it out", write.Plain, write.Bad})
		default:
			for _, f := range l.Fields {
				out = append(out, newChangeRow(name+", "+f.Path, f.Now, f.Then))
			}
		}
	}
	return out
}

func newChangeRow(what, now, then string) changeRow {
	x := changeRow{what, now, then, write.Plain, write.Good}
	if now == "" {
		x.now, x.nowMark = "(blank)", write.Muted
	}
	if then == "" {
		x.then, x.thenMark = "(emptied)", write.Warn
	}
	return x
}

// fieldsInWords says what a new line holds.
func fieldsInWords(fields []order.FieldChange) string {
	var parts []string
	for _, f := range fields {
		parts = append(parts, f.Path+" "+f.Then)
	}
	return strings.Join(parts, ", ")
}

func (p *planBuilder) deleteSheet(w *write.Workbook) error {
	s, err := w.Sheet("Delete", write.Layout{Columns: []write.Column{
		{Header: "order_number", Width: 20, Kind: write.TextColumn},
		{Header: "id", Width: 10, Kind: write.TextColumn},
		{Header: "status now", Width: 20},
		{Header: "then", Width: 20},
		{Header: "rows", Width: 12, Kind: write.TextColumn},
		{Header: "take care", Width: 80},
	}})
	if err != nil {
		return err
	}
	return p.eachOrder(ledger.OrderPlanned, order.Delete, func(o *ledger.Order) error {
		if o.Change == nil {
			return nil
		}
		now, then := "", "deleted"
		for _, f := range o.Change.Fields {
			if f.Path == "order_status" {
				now, then = f.Now, f.Then
			}
		}
		return s.Row(write.Text(o.Number), write.Text(fmt.Sprint(o.Change.ID)), write.Text(now), write.Text(then).Style(write.Bad),
			write.Text(shorten(p.rowsOf(o))), notesOf(o))
	})
}

func (p *planBuilder) unchangedSheet(w *write.Workbook) error {
	s, err := w.Sheet("Unchanged", write.Layout{Columns: []write.Column{
		{Header: "order_number", Width: 20, Kind: write.TextColumn},
		{Header: "id", Width: 10, Kind: write.TextColumn},
		{Header: "why", Width: 80},
		{Header: "rows", Width: 16, Kind: write.TextColumn},
	}})
	for _, state := range []ledger.State{ledger.Unchanged, ledger.Skipped} {
		if err != nil {
			return err
		}
		err = p.eachOrder(state, "", func(o *ledger.Order) error {
			return s.Row(write.Text(o.Number), idText(o.ID), write.Text(shorten(o.Message)), write.Text(shorten(p.rowsOf(o))))
		})
	}
	return err
}

func idText(id int64) write.Value {
	if id == 0 {
		return write.Blank()
	}
	return write.Text(strconv.FormatInt(id, 10))
}

func (p *planBuilder) heldSheet(w *write.Workbook) error {
	return p.problemOrdersSheet(w, "Held", ledger.Held, write.Warn)
}

func (p *planBuilder) refusedSheet(w *write.Workbook) error {
	return p.problemOrdersSheet(w, "Refused", ledger.Refused, write.Bad)
}

// problemOrdersSheet has a row for each problem of an order that won't be sent.
func (p *planBuilder) problemOrdersSheet(w *write.Workbook, name string, state ledger.State, mark write.Mark) error {
	s, err := w.Sheet(name, write.Layout{Columns: []write.Column{
		{Header: "order_number", Width: 20, Kind: write.TextColumn},
		{Header: "id", Width: 10, Kind: write.TextColumn},
		{Header: "cell", Width: 22, Kind: write.TextColumn},
		{Header: "header", Width: 18, Kind: write.TextColumn},
		{Header: "value", Width: 22, Kind: write.TextColumn},
		{Header: "why", Width: 70},
		{Header: "what to do", Width: 70},
	}})
	if err != nil {
		return err
	}
	err = p.eachOrder(state, "", func(o *ledger.Order) error {
		wrong := p.errors[o.Seq]
		if len(wrong) == 0 {
			wrong = []problem.Problem{{Message: o.Message}}
		}
		for _, x := range wrong {
			at := strings.TrimSpace(p.sheetName(x.File, x.Sheet) + " " + x.Cell)
			if err := s.Row(write.Text(o.Number), idText(o.ID), write.Text(at), write.Text(x.Header), write.Text(shorten(x.Value)),
				write.Text(shorten(x.Message)).Style(mark), write.Text(x.Hint)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || state != ledger.Refused {
		return err
	}
	for _, x := range p.errors[0] { // rows that belong to no order
		if x.Cell == "" {
			continue
		}
		if err := s.Row(write.Blank(), write.Blank(), write.Text(strings.TrimSpace(p.sheetName(x.File, x.Sheet)+" "+x.Cell)), write.Text(x.Header),
			write.Text(shorten(x.Value)), write.Text(shorten(x.Message)).Style(mark), write.Text(x.Hint)); err != nil {
			return err
		}
	}
	return nil
}
