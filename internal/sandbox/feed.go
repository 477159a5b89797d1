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
func (s *Sandbox) parseFeedQuery(r *request, feedName string, limit int) (feedPosition, int, fieldErrors) {
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
		limit = parseCount("limit", values.Get("limit"), 1000, errs)
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
	status := salesFeedView.field("status")
	isActive := func(order doc) bool { return status.of(order) == "Active" }
	rows := func(at feedPosition, limit int) ([]any, change) {
		// More writes may follow in the second of the cutoff, and an export that has passed them
		// would miss them. Timestamps are whole seconds, so the window includes that second, and
		// the next export, which starts with it, repeats it.
		return s.sales.since(at, limit, s.cfg.Now(), isActive)
	}
	return s.feed(r, SalesOrders, 1000, shown{of: s.sales, view: salesFeedView}, rows)
}

// feedReader returns up to limit rows after a position, and the last row's change.
type feedReader func(at feedPosition, limit int) (rows []any, last change)

// feed answers with a page of the rows that read returns. limit is the usual size of a page. A full
// page always says that there is more, so the last one may be empty.
func (s *Sandbox) feed(r *request, name string, limit int, as shown, read feedReader) response {
	at, limit, errs := s.parseFeedQuery(r, name, limit)
	if len(errs) > 0 {
		return invalid(errs)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	rows, last := read(at, limit)
	as.value = rows
	page := doc{
		"data": as, "has_more": len(rows) == limit, "next_cursor": nil,
		"meta": doc{"rows": len(rows), "cutoff": time.Unix(at.cutoff, 0).UTC().Format(time.RFC3339)},
	}
	if len(rows) == limit {
		page["next_cursor"] = s.cursor(name, feedPosition{last, at.cutoff})
	}
	return response{http.StatusOK, page}
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
