package sandbox

import (
	"net/http"
	"slices"
)

// changePages is a fault of the pages of lists and of the feed; other answers stay as they are. A list page that is changed is the request's own copy.
func changePages(list func(*Sandbox, *listPage), feed func(*Sandbox, *feedPage)) func(*Sandbox, http.ResponseWriter, *http.Request, func() response) {
	return func(s *Sandbox, w http.ResponseWriter, _ *http.Request, act func() response) {
		a := act()
		switch p := a.body.(type) {
		case listPage:
			list(s, &p)
			a.body = p
		case feedPage:
			feed(s, &p)
			a.body = p
		}
		s.write(w, a)
	}
}

// changeRows changes the rows of a page that has some, and nothing that the page says of them.
func changeRows(change func([]any) []any) func(*Sandbox, http.ResponseWriter, *http.Request, func() response) {
	some := func(rows []any) []any {
		if len(rows) == 0 {
			return rows
		}
		return change(slices.Clone(rows))
	}
	return changePages(func(_ *Sandbox, p *listPage) { p.Data = some(p.Data) }, func(_ *Sandbox, p *feedPage) { p.Data = some(p.Data) })
}

func withoutMiddle(a []any) []any  { return slices.Delete(a, len(a)/2, len(a)/2+1) }
func withFirstAgain(a []any) []any { return append(a, a[0]) }

func reversed(a []any) []any {
	slices.Reverse(a)
	return a
}

// hideMiddle leaves out the middle row and counts without it, so that only what other answers say tells of it.
func hideMiddle(_ *Sandbox, p *feedPage) {
	if len(p.Data) > 0 {
		p.Data = withoutMiddle(slices.Clone(p.Data))
		p.Meta.Rows--
	}
}

func hideMiddleOfList(_ *Sandbox, p *listPage) {
	if len(p.Data) > 0 {
		p.Data = withoutMiddle(slices.Clone(p.Data))
		p.Meta.Total--
	}
}

// shift leaves out a page's first row, as when an order of an earlier page was deleted after that had been read.
func shift(_ *Sandbox, p *listPage) {
	if len(p.Data) > 0 && p.Meta.CurrentPage > 1 {
		p.Data = slices.Clone(p.Data)[1:]
		p.Meta.Total--
	}
}

func endEarly(_ *Sandbox, p *feedPage)        { p.HasMore, p.NextCursor = false, nil }
func endListEarly(_ *Sandbox, p *listPage)    { p.Meta.LastPage = p.Meta.CurrentPage }
func neverEndList(_ *Sandbox, p *listPage)    { p.Meta.LastPage = p.Meta.CurrentPage + 1 }
func miscount(_ *Sandbox, p *feedPage)        { p.Meta.Rows++ }
func miscountList(_ *Sandbox, p *listPage)    { p.Meta.Total++ }
func withoutRows(_ *Sandbox, p *feedPage)     { p.Data, p.Meta.Rows = []any{}, 0 }
func listWithoutRows(_ *Sandbox, p *listPage) { p.Data = []any{} }

// neverEnd says that there is more, whatever there is; the cursor leads to the same end again and again.
func neverEnd(s *Sandbox, p *feedPage) {
	if p.NextCursor == nil {
		last := s.cursor(SalesOrders, feedPosition{change{s.clock().Unix() + 1, 0}, s.clock().Unix()})
		p.HasMore, p.NextCursor = true, &last
	}
}

// editAfterRead changes the order in the middle of a page after the page was made.
func editAfterRead(s *Sandbox, data []any) {
	if len(data) == 0 {
		return
	}
	edit := map[string]any{"internal_notes": "changed while it was read"}
	switch row := data[len(data)/2].(type) {
	case *feedRow:
		_ = s.Edit(SalesOrders, row.OrderID, edit) // an order that is gone can't be changed, and needn't be
	case *salesOrder:
		_ = s.Edit(SalesOrders, row.ID, edit)
	case *purchaseOrder:
		_ = s.Edit(PurchaseOrders, row.ID, map[string]any{"private_note": "changed while it was read"})
	}
}
