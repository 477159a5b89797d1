package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"
)

// feedPosition is the content of a cursor. The first page of an export sets the cutoff.
type feedPosition struct {
	after  change
	cutoff int64
}

// parseFeedQuery reads since or cursor, and limit. It rejects other parameters, as the vendor's
// page on the product export says.
func (s *Sandbox) parseFeedQuery(r *request, feedName string, limit, most int) (feedPosition, int, fieldErrors) {
	errs := fieldErrors{}
	values := r.URL.Query()
	for name := range values {
		switch name {
		case "since", "cursor", "limit":
		default:
			errs.add(name, "unknown parameter")
		}
	}
	if values.Has("limit") {
		limit = parseCount("limit", values.Get("limit"), most, errs)
	}
	var at feedPosition
	switch {
	case values.Has("since") == values.Has("cursor"):
		errs.add("since", "give either since or cursor")
	case values.Has("since"):
		t, ok := parseTime(values.Get("since"))
		if !ok {
			errs.add("since", "must be a date or a date-time")
		}
		at = feedPosition{change{t.Unix(), -1}, s.clock().Unix()}
	default:
		var ok bool
		if at, ok = s.parseCursor(feedName, values.Get("cursor")); !ok {
			errs.add("cursor", "is not valid")
		}
	}
	return at, limit, errs
}

func (s *Sandbox) exportSales(r *request) response {
	at, limit, errs := s.parseFeedQuery(r, SalesOrders, 1000, 1000)
	if len(errs) > 0 {
		return invalid(errs)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// More writes may follow in the second of the cutoff, and an export that has passed them would
	// miss them. Timestamps are whole seconds, so the window includes that second, and the next
	// export, which starts with it, repeats it.
	status := salesFeedView.field("status")
	isActive := func(order doc) bool { return status.of(order) == "Active" }
	rows, last := s.sales.since(at.after, at.cutoff, limit, s.cfg.Now(), isActive)
	return response{http.StatusOK, s.feed(SalesOrders, shown{s.sales, salesFeedView, rows}, feedPosition{last, at.cutoff}, limit)}
}

// feed makes a page. A full page always says that there is more, so the last one may be empty.
func (s *Sandbox) feed(feedName string, rows shown, next feedPosition, limit int) doc {
	n := len(rows.value.([]any))
	page := doc{
		"data": rows, "has_more": n == limit, "next_cursor": nil,
		"meta": doc{"rows": n, "cutoff": time.Unix(next.cutoff, 0).UTC().Format(time.RFC3339)},
	}
	if n == limit {
		page["next_cursor"] = s.cursor(feedName, next)
	}
	return page
}

// cursor encodes a position and signs it together with the feed's name.
func (s *Sandbox) cursor(feedName string, at feedPosition) string {
	text := fmt.Sprint(at.after.second, " ", at.after.id, " ", at.cutoff)
	return base64.RawURLEncoding.EncodeToString(append(s.sign(feedName, text), text...))
}

func (s *Sandbox) sign(feedName, text string) []byte {
	mac := hmac.New(sha256.New, fmt.Append(nil, "cursor ", s.cfg.Seed))
	mac.Write([]byte(feedName + " " + text))
	return mac.Sum(nil)
}

func (s *Sandbox) parseCursor(feedName, cursor string) (at feedPosition, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) < sha256.Size {
		return at, false
	}
	mac, text := b[:sha256.Size], string(b[sha256.Size:])
	if !hmac.Equal(mac, s.sign(feedName, text)) {
		return at, false
	}
	_, err = fmt.Sscan(text, &at.after.second, &at.after.id, &at.cutoff)
	return at, err == nil
}
