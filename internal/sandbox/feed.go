package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// feedPage is one page of an incremental export.
type feedPage struct {
	Data       []any    `json:"data"`
	NextCursor *string  `json:"next_cursor"`
	HasMore    bool     `json:"has_more"`
	Meta       feedMeta `json:"meta"`
}

type feedMeta struct {
	Rows   int    `json:"rows"`
	Cutoff string `json:"cutoff"`
}

// feedRow is a sales order with the feed's field names.
type feedRow struct {
	OrderID          int64             `json:"order_id"`
	OrderNumber      string            `json:"order_number"`
	Status           string            `json:"status"`
	OrderStatus      string            `json:"order_status"`
	TotalAmount      number            `json:"total_amount"`
	TotalTax         number            `json:"total_tax"`
	TotalShipping    number            `json:"total_shipping"`
	TotalPaid        number            `json:"total_paid"`
	CustomerID       *int64            `json:"customer_id"`
	CustomerUsername *string           `json:"customer_username"`
	CustomerEmail    *string           `json:"customer_email"`
	OrderDate        string            `json:"order_date"`
	CreatedAt        string            `json:"created_at"`
	UpdatedAt        string            `json:"updated_at"`
	Items            []feedItem        `json:"items"`
	Shipments        []json.RawMessage `json:"shipments"`
	Fulfillment      []any             `json:"fulfillment_orders"`
}

type feedItem struct {
	OrderItemID       int64  `json:"order_item_id"`
	SKU               string `json:"sku"`
	Name              string `json:"name"`
	Quantity          number `json:"quantity"`
	Price             number `json:"price"`
	Tax               number `json:"tax"`
	QuantityOrdered   number `json:"quantity_ordered"`
	QuantityShipped   number `json:"quantity_shipped"`
	QuantityCancelled number `json:"quantity_cancelled"`
	CreatedAt         string `json:"created_at"`
	UpdatedAt         string `json:"updated_at"`
}

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
	at, limit, errs := s.parseFeedQuery(r, "sales-orders", 1000, 1000)
	if len(errs) > 0 {
		return invalid(errs)
	}
	s.mu.Lock()
	// More writes may follow in the second of the cutoff, and an export that has passed them would
	// miss them. Timestamps are whole seconds, so the window includes that second, and the next
	// export, which starts with it, repeats it.
	orders, last := s.sales.changed(at.after, at.cutoff, limit, s.cfg.Now(), func(o *salesOrder) bool { return o.Status == "Active" })
	s.mu.Unlock()
	rows := make([]any, len(orders))
	for i, o := range orders {
		rows[i] = o.feedRow()
	}
	return response{http.StatusOK, s.feed("sales-orders", rows, feedPosition{last, at.cutoff}, limit)}
}

// feed makes a page. A full page always says that there is more, so the last one may be empty.
func (s *Sandbox) feed(feedName string, rows []any, next feedPosition, limit int) feedPage {
	p := feedPage{Data: rows, Meta: feedMeta{len(rows), time.Unix(next.cutoff, 0).UTC().Format(time.RFC3339)}}
	if len(rows) == limit {
		cursor := s.cursor(feedName, next)
		p.HasMore, p.NextCursor = true, &cursor
	}
	return p
}

func (o *salesOrder) feedRow() *feedRow {
	row := &feedRow{
		OrderID: o.ID, OrderNumber: o.OrderNumber, Status: o.Status, OrderStatus: o.OrderStatus, TotalAmount: o.Total, TotalTax: o.TotalTax,
		TotalShipping: o.TotalShipping, TotalPaid: o.TotalPaid, CustomerUsername: o.CustomerUsername, CustomerEmail: o.CustomerEmail,
		OrderDate: o.OrderDate, CreatedAt: o.CreatedAt, UpdatedAt: o.UpdatedAt, Items: make([]feedItem, len(o.Items)),
		Shipments: o.Shipments, Fulfillment: []any{},
	}
	for i, it := range o.Items {
		row.Items[i] = feedItem{
			OrderItemID: it.ID, SKU: it.SKU, Name: it.Name, Quantity: it.Quantity, Price: it.UnitPrice, Tax: it.Tax,
			QuantityOrdered: it.QuantityOrdered, QuantityShipped: it.QuantityShipped, QuantityCancelled: it.QuantityCancelled,
			CreatedAt: it.CreatedAt, UpdatedAt: it.UpdatedAt,
		}
	}
	return row
}

func cursorSecret(seed uint64) []byte {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("cursor"), seed))
	return sum[:]
}

// cursor encodes a position and signs it together with the feed's name.
func (s *Sandbox) cursor(feedName string, at feedPosition) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(at.after.second))
	b = binary.BigEndian.AppendUint64(b, uint64(at.after.id))
	b = binary.BigEndian.AppendUint64(b, uint64(at.cutoff))
	enc := base64.RawURLEncoding
	return enc.EncodeToString(b) + "." + enc.EncodeToString(s.sign(feedName, b))
}

func (s *Sandbox) sign(feedName string, b []byte) []byte {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(feedName))
	mac.Write(b)
	return mac.Sum(nil)[:16]
}

func (s *Sandbox) parseCursor(feedName, cursor string) (feedPosition, bool) {
	left, right, ok := strings.Cut(cursor, ".")
	b, err1 := base64.RawURLEncoding.DecodeString(left)
	mac, err2 := base64.RawURLEncoding.DecodeString(right)
	if !ok || err1 != nil || err2 != nil || len(b) != 24 || !hmac.Equal(mac, s.sign(feedName, b)) {
		return feedPosition{}, false
	}
	word := func(i int) int64 { return int64(binary.BigEndian.Uint64(b[8*i:])) }
	return feedPosition{change{word(0), word(1)}, word(2)}, true
}
