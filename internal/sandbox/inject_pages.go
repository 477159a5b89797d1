package sandbox

import (
	"net/http"
	"slices"
)

// page is the body of a list or feed page, for the faults that change it.
type page struct {
	body, meta doc
	of         *orders // nil = other records
	rows       []any
	count      string // field of meta with the number of rows
	isFeed     bool
}

func (p *page) addToCount(n int) { p.meta[p.count] = p.meta[p.count].(int) + n }

// changePages makes a fault that changes list and feed pages and no other response. A page is the
// request's own.
func changePages(change func(*Sandbox, *page)) responder {
	return func(s *Sandbox, w http.ResponseWriter, _ *http.Request, a response) {
		data, _ := a.body["data"].(shown)
		if meta, isPage := a.body["meta"].(doc); isPage {
			p := &page{body: a.body, meta: meta, of: data.of, rows: data.value.([]any), count: "total"}
			if _, p.isFeed = a.body["has_more"]; p.isFeed {
				p.count = "rows"
			}
			change(s, p)
			data.value = p.rows
			a.body["data"] = data
		}
		s.write(w, a)
	}
}

// changeRows makes a fault that changes the rows of a page that has any.
func changeRows(change func(p *page)) responder {
	return changePages(func(_ *Sandbox, p *page) {
		if len(p.rows) > 0 {
			change(p)
		}
	})
}

func dropMiddle(p *page)           { p.rows = slices.Delete(p.rows, len(p.rows)/2, len(p.rows)/2+1) }
func repeatFirst(p *page)          { p.rows = append(p.rows, p.rows[0]) }
func reverseRows(p *page)          { slices.Reverse(p.rows) }
func miscount(_ *Sandbox, p *page) { p.addToCount(1) }

// hideMiddle drops the middle row and adjusts the count, so that the page itself looks complete.
func hideMiddle(p *page) {
	dropMiddle(p)
	p.addToCount(-1)
}

// shift drops the first row of a list page, as if an order of an earlier page had just been
// deleted.
func shift(p *page) {
	if !p.isFeed && p.meta["current_page"] != 1 {
		p.rows = p.rows[1:]
		p.addToCount(-1)
	}
}

func dropRows(_ *Sandbox, p *page) {
	p.rows = []any{}
	if p.isFeed {
		p.meta["rows"] = 0
	}
}

func endEarly(_ *Sandbox, p *page) {
	if p.isFeed {
		p.body["has_more"], p.body["next_cursor"] = false, nil
	} else {
		p.meta["last_page"] = p.meta["current_page"]
	}
}

// neverEnd claims that there is more. A feed's cursor leads to an empty page again and again.
func neverEnd(s *Sandbox, p *page) {
	switch {
	case !p.isFeed:
		p.meta["last_page"] = p.meta["current_page"].(int) + 1
	case p.body["next_cursor"] == nil:
		now := s.clock().Unix()
		p.body["has_more"], p.body["next_cursor"] = true, s.cursor(SalesOrders, feedPosition{change{now + 1, 0}, now})
	}
}

// editAfterRead changes the order in the middle of a page that has been read.
func editAfterRead(s *Sandbox, p *page) {
	if len(p.rows) > 0 && p.of != nil {
		id := wholeOf(p.rows[len(p.rows)/2].(doc), "id")
		// An order deleted meanwhile needs no change.
		_ = s.Edit(p.of.name, id, map[string]any{p.of.edited[0]: "changed while it was read"})
	}
}
