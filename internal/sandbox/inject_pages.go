package sandbox

import (
	"net/http"
	"slices"
)

// changePages makes a fault that changes list and feed pages and no other response. A page is the
// request's own copy.
func changePages(list func(*Sandbox, *listPage), feed func(*Sandbox, *feedPage)) injector {
	return func(s *Sandbox, w http.ResponseWriter, _ *http.Request, answer func() response) {
		a := answer()
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

// changeCounted makes a fault that changes the rows and the row count of a page.
func changeCounted(change func(rows []any, count *int) []any) injector {
	return changePages(
		func(_ *Sandbox, p *listPage) { p.Data = change(slices.Clone(p.Data), &p.Meta.Total) },
		func(_ *Sandbox, p *feedPage) { p.Data = change(slices.Clone(p.Data), &p.Meta.Rows) },
	)
}

// changeRows makes a fault that changes the rows of a non-empty page, but not its metadata.
func changeRows(change func([]any) []any) injector {
	return changeCounted(func(rows []any, _ *int) []any {
		if len(rows) == 0 {
			return rows
		}
		return change(rows)
	})
}

func withoutMiddle(a []any) []any  { return slices.Delete(a, len(a)/2, len(a)/2+1) }
func withFirstAgain(a []any) []any { return append(a, a[0]) }

func reversed(a []any) []any {
	slices.Reverse(a)
	return a
}

// hideMiddle drops the middle row and adjusts the count, so that the page itself looks complete.
func hideMiddle(rows []any, count *int) []any {
	if len(rows) == 0 {
		return rows
	}
	*count--
	return withoutMiddle(rows)
}

func miscount(rows []any, count *int) []any {
	*count++
	return rows
}

// shift drops a page's first row, as if an order of an earlier page had just been deleted.
func shift(_ *Sandbox, p *listPage) {
	if len(p.Data) > 0 && p.Meta.CurrentPage > 1 {
		p.Data = slices.Clone(p.Data)[1:]
		p.Meta.Total--
	}
}

func endEarly(_ *Sandbox, p *feedPage)        { p.HasMore, p.NextCursor = false, nil }
func endListEarly(_ *Sandbox, p *listPage)    { p.Meta.LastPage = p.Meta.CurrentPage }
func neverEndList(_ *Sandbox, p *listPage)    { p.Meta.LastPage = p.Meta.CurrentPage + 1 }
func withoutRows(_ *Sandbox, p *feedPage)     { p.Data, p.Meta.Rows = []any{}, 0 }
func listWithoutRows(_ *Sandbox, p *listPage) { p.Data = []any{} }

// neverEnd claims that there is more. The cursor leads to an empty page again and again.
func neverEnd(s *Sandbox, p *feedPage) {
	if p.NextCursor == nil {
		last := s.cursor(SalesOrders, feedPosition{change{s.clock().Unix() + 1, 0}, s.clock().Unix()})
		p.HasMore, p.NextCursor = true, &last
	}
}

// editAfterRead changes the order in the middle of a page that has been read.
func editAfterRead(s *Sandbox, data []any) {
	if len(data) == 0 {
		return
	}
	edit := map[string]any{"internal_notes": "changed while it was read"}
	switch row := data[len(data)/2].(type) {
	case *feedRow:
		_ = s.Edit(SalesOrders, row.OrderID, edit) // an order deleted meanwhile needs no change
	case *salesOrder:
		_ = s.Edit(SalesOrders, row.ID, edit)
	case *purchaseOrder:
		_ = s.Edit(PurchaseOrders, row.ID, map[string]any{"private_note": "changed while it was read"})
	}
}
