package report

import (
	"encoding/json"
	"fmt"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet"
	"strconv"
	"strings"
)

func (p *planBook) createSheet(w *sheet.Workbook) error {
	partner := sheet.Column{Header: "channel", Width: 12, Kind: sheet.TextColumn}
	if p.books.Run.Kind == order.PurchaseOrders {
		partner.Header = "supplier"
	}
	s, err := w.Sheet("Create", sheet.Layout{Columns: []sheet.Column{
		{Header: "order_number", Width: 20, Kind: sheet.TextColumn},
		{Header: "order_date", Width: 12, Kind: sheet.TextColumn},
		{Header: "order_status", Width: 18},
		partner,
		{Header: "bill_to", Width: 28},
		{Header: "lines", Width: 8, Kind: sheet.NumberColumn},
		{Header: "expected_total", Width: 16, Kind: sheet.MoneyColumn},
		{Header: "rows", Width: 16, Kind: sheet.TextColumn},
	}})
	if err != nil {
		return err
	}
	return p.each(ledger.OrderPlanned, order.Create, func(o *ledger.Order) error {
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
		return s.Row(sheet.Text(o.Number), sheet.Text(h.Date), sheet.Text(h.Status), sheet.Text(h.Channel.String()+h.Supplier.String()), sheet.Text(bill),
			sheet.Int(len(o.Items)), optionalNumber(o.ExpectedTotal), sheet.Text(shorten(p.rowsOf(o))))
	})
}

// updateSheet has a row for each field that changes, and for each line that is added, changed or removed.
func (p *planBook) updateSheet(w *sheet.Workbook) error {
	s, err := w.Sheet("Update", sheet.Layout{Columns: []sheet.Column{
		{Header: "order_number", Width: 20, Kind: sheet.TextColumn},
		{Header: "id", Width: 10, Kind: sheet.TextColumn},
		{Header: "what", Width: 34},
		{Header: "now", Width: 36, Kind: sheet.TextColumn},
		{Header: "then", Width: 36, Kind: sheet.TextColumn},
		{Header: "rows", Width: 12, Kind: sheet.TextColumn},
		{Header: "take care", Width: 80},
	}})
	if err != nil {
		return err
	}
	return p.each(ledger.OrderPlanned, order.Update, func(o *ledger.Order) error {
		if o.Change == nil {
			return nil
		}
		notes := notesOf(o)
		for _, x := range p.changesOf(o.Change) {
			err := s.Row(sheet.Text(o.Number), sheet.Text(fmt.Sprint(o.Change.ID)), sheet.Text(x.what), sheet.Text(shorten(x.now)).Style(x.nowMark),
				sheet.Text(shorten(x.then)).Style(x.thenMark), sheet.Text(shorten(p.rowsOf(o))), notes)
			if err != nil {
				return err
			}
			notes = sheet.Blank()
		}
		return nil
	})
}

// notesOf is what can't be taken back about a change, and what is assumed of it.
func notesOf(o *ledger.Order) sheet.Value {
	if len(o.Change.Notes) == 0 {
		return sheet.Blank()
	}
	return sheet.Text(shorten(strings.Join(o.Change.Notes, "; "))).Style(sheet.Warn)
}

// shownChange is one row of the sheet Update.
type shownChange struct {
	what, now, then   string
	nowMark, thenMark sheet.Mark
}

// changesOf lists what changes about an order, for people: first its fields, then its lines.
func (p *planBook) changesOf(c *order.Change) (out []shownChange) {
	for _, f := range c.Fields {
		out = append(out, changed(p.named(f.Path), f.Now, f.Then))
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
			out = append(out, shownChange{"new " + name, "", fieldsInWords(l.Fields), sheet.Plain, sheet.Good})
		case order.LineRemoved:
			now := "stands"
			if l.Received != "" {
				now = "stands, " + l.Received + " received"
			}
			out = append(out, shownChange{name, now, "removed: the sheet leaves it out", sheet.Plain, sheet.Bad})
		default:
			for _, f := range l.Fields {
				out = append(out, changed(name+", "+f.Path, f.Now, f.Then))
			}
		}
	}
	return out
}

func changed(what, now, then string) shownChange {
	x := shownChange{what, now, then, sheet.Plain, sheet.Good}
	if now == "" {
		x.now, x.nowMark = "(blank)", sheet.Muted
	}
	if then == "" {
		x.then, x.thenMark = "(emptied)", sheet.Warn
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

func (p *planBook) deleteSheet(w *sheet.Workbook) error {
	s, err := w.Sheet("Delete", sheet.Layout{Columns: []sheet.Column{
		{Header: "order_number", Width: 20, Kind: sheet.TextColumn},
		{Header: "id", Width: 10, Kind: sheet.TextColumn},
		{Header: "status now", Width: 20},
		{Header: "then", Width: 20},
		{Header: "rows", Width: 12, Kind: sheet.TextColumn},
		{Header: "take care", Width: 80},
	}})
	if err != nil {
		return err
	}
	return p.each(ledger.OrderPlanned, order.Delete, func(o *ledger.Order) error {
		if o.Change == nil {
			return nil
		}
		now, then := "", "deleted"
		for _, f := range o.Change.Fields {
			if f.Path == "order_status" {
				now, then = f.Now, f.Then
			}
		}
		return s.Row(sheet.Text(o.Number), sheet.Text(fmt.Sprint(o.Change.ID)), sheet.Text(now), sheet.Text(then).Style(sheet.Bad),
			sheet.Text(shorten(p.rowsOf(o))), notesOf(o))
	})
}

func (p *planBook) unchangedSheet(w *sheet.Workbook) error {
	s, err := w.Sheet("Unchanged", sheet.Layout{Columns: []sheet.Column{
		{Header: "order_number", Width: 20, Kind: sheet.TextColumn},
		{Header: "id", Width: 10, Kind: sheet.TextColumn},
		{Header: "why", Width: 80},
		{Header: "rows", Width: 16, Kind: sheet.TextColumn},
	}})
	for _, state := range []ledger.State{ledger.Unchanged, ledger.Skipped} {
		if err != nil {
			return err
		}
		err = p.each(state, "", func(o *ledger.Order) error {
			return s.Row(sheet.Text(o.Number), idText(o.ID), sheet.Text(shorten(o.Message)), sheet.Text(shorten(p.rowsOf(o))))
		})
	}
	return err
}

func idText(id int64) sheet.Value {
	if id == 0 {
		return sheet.Blank()
	}
	return sheet.Text(strconv.FormatInt(id, 10))
}

func (p *planBook) heldSheet(w *sheet.Workbook) error {
	return p.wrongSheet(w, "Held", ledger.Held, sheet.Warn)
}

func (p *planBook) refusedSheet(w *sheet.Workbook) error {
	return p.wrongSheet(w, "Refused", ledger.Refused, sheet.Bad)
}

// wrongSheet has a row for each problem of an order that won't be sent.
func (p *planBook) wrongSheet(w *sheet.Workbook, name string, state ledger.State, mark sheet.Mark) error {
	s, err := w.Sheet(name, sheet.Layout{Columns: []sheet.Column{
		{Header: "order_number", Width: 20, Kind: sheet.TextColumn},
		{Header: "id", Width: 10, Kind: sheet.TextColumn},
		{Header: "cell", Width: 22, Kind: sheet.TextColumn},
		{Header: "header", Width: 18, Kind: sheet.TextColumn},
		{Header: "value", Width: 22, Kind: sheet.TextColumn},
		{Header: "why", Width: 70},
		{Header: "what to do", Width: 70},
	}})
	if err != nil {
		return err
	}
	err = p.each(state, "", func(o *ledger.Order) error {
		wrong := p.wrong[o.Seq]
		if len(wrong) == 0 {
			wrong = []problem.Problem{{Message: o.Message}}
		}
		for _, x := range wrong {
			at := strings.TrimSpace(p.sheetName(x.File, x.Sheet) + " " + x.Cell)
			if err := s.Row(sheet.Text(o.Number), idText(o.ID), sheet.Text(at), sheet.Text(x.Header), sheet.Text(shorten(x.Value)),
				sheet.Text(shorten(x.Message)).Style(mark), sheet.Text(x.Hint)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || state != ledger.Refused {
		return err
	}
	for _, x := range p.wrong[0] { // rows that belong to no order
		if x.Cell == "" {
			continue
		}
		if err := s.Row(sheet.Blank(), sheet.Blank(), sheet.Text(strings.TrimSpace(p.sheetName(x.File, x.Sheet)+" "+x.Cell)), sheet.Text(x.Header),
			sheet.Text(shorten(x.Value)), sheet.Text(shorten(x.Message)).Style(mark), sheet.Text(x.Hint)); err != nil {
			return err
		}
	}
	return nil
}
