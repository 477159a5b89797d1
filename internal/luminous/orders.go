package luminous

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"ordersheet/internal/order"
)

// Create creates an order. The payload must not be changed before Create returns. Its error is an
// *Error that says whether the order may exist; a success whose answer has no order is one, too.
func (c *Client) Create(ctx context.Context, kind order.Kind, payload []byte) (order.Answer, error) {
	return c.one(ctx, kind, request{method: http.MethodPost, path: "/" + string(kind), body: payload, write: true})
}

// Get reads one order in full.
func (c *Client) Get(ctx context.Context, kind order.Kind, id int64) (order.Answer, error) {
	return c.one(ctx, kind, request{method: http.MethodGet, path: orderPath(kind, id)})
}

// Update changes an order: PATCH for sales orders, PUT for purchase orders. The order must have
// been read just before: if the request can't be sent within a time, or the server wants a pause,
// it isn't sent at all, so that the order can be read again first.
func (c *Client) Update(ctx context.Context, kind order.Kind, id int64, payload []byte, within time.Duration) (order.Answer, error) {
	method := http.MethodPatch
	if kind == order.PurchaseOrders {
		method = http.MethodPut
	}
	return c.one(ctx, kind, request{method: method, path: orderPath(kind, id), body: payload, write: true, within: within})
}

// PutTags replaces the tags of a sales order (PUT) or adds to them (POST). It is sent within a time
// or not at all, like Update.
func (c *Client) PutTags(ctx context.Context, id int64, names []string, add bool, within time.Duration) error {
	body, err := json.Marshal(map[string][]string{"tags": names})
	if err != nil {
		return fmt.Errorf("writing tags: %w", err)
	}
	r := request{method: http.MethodPut, path: orderPath(order.SalesOrders, id) + "/tags", body: body, write: true, within: within}
	if add {
		r.method = http.MethodPost
	}
	return c.confirmed(ctx, r)
}

// Delete deletes a purchase order, within a time or not at all, like Update. The API has no such
// call for sales orders, so none is sent.
func (c *Client) Delete(ctx context.Context, kind order.Kind, id int64, within time.Duration) error {
	r := request{method: http.MethodDelete, path: orderPath(kind, id), write: true, within: within}
	if kind != order.PurchaseOrders {
		return &Error{Call: r.name(), Outcome: Rejected, Signature: "no such call", Message: "the API can't delete a sales order; it can be cancelled"}
	}
	if _, e := c.call(ctx, r); e != nil {
		return e
	}
	return nil
}

// Ping tests the address and the token with the smallest read there is (GET /warehouses?per_page=1,
// as the vendor's own client does).
func (c *Client) Ping(ctx context.Context) error {
	return c.confirmed(ctx, request{method: http.MethodGet, path: "/warehouses", query: url.Values{"per_page": {"1"}}})
}

// confirmed makes a call of whose answer only matters that it is the API's.
func (c *Client) confirmed(ctx context.Context, r request) error {
	a, e := c.call(ctx, r)
	if e != nil {
		return e
	}
	if !json.Valid(a.body) {
		return c.unreadable(r, a, errors.New("reading the answer: it isn't JSON"))
	}
	return nil
}

// one makes a call whose answer is one order.
func (c *Client) one(ctx context.Context, kind order.Kind, r request) (order.Answer, error) {
	a, e := c.call(ctx, r)
	if e != nil {
		return order.Answer{}, e
	}
	got, err := order.ParseAnswer(kind, a.body)
	if err != nil {
		return order.Answer{}, c.unreadable(r, a, err)
	}
	return got, nil
}

// Page is one page of a list.
type Page struct {
	Orders []order.Answer
	Meta   Meta
}

// Meta is the position of a page in its list.
type Meta struct {
	CurrentPage, LastPage, PerPage, Total int
}

// PerPage is the API's largest page (API page "Purchase orders": at most 100).
const PerPage = 100

// List reads one page. The query is the API's own: filters such as order_status or updated_at[gte],
// page, per_page (100 by default), sort.
func (c *Client) List(ctx context.Context, kind order.Kind, query url.Values) (Page, error) {
	all := url.Values{"per_page": {strconv.Itoa(PerPage)}}
	maps.Copy(all, query)
	r := request{method: http.MethodGet, path: "/" + string(kind), query: all}
	a, e := c.call(ctx, r)
	if e != nil {
		return Page{}, e
	}
	page, err := parsePage(kind, a.body)
	if err != nil {
		return Page{}, c.unreadable(r, a, err)
	}
	return page, nil
}

// parsePage parses a list's answer. A list without data or meta says nothing about which orders
// exist, so it is an error.
func parsePage(kind order.Kind, body []byte) (Page, error) {
	var in struct {
		Data *[]json.RawMessage `json:"data"`
		Meta *struct {
			CurrentPage json.Number `json:"current_page"`
			LastPage    json.Number `json:"last_page"`
			PerPage     json.Number `json:"per_page"`
			Total       json.Number `json:"total"`
		} `json:"meta"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return Page{}, fmt.Errorf("reading a page: %w", err)
	}
	if in.Data == nil || in.Meta == nil {
		return Page{}, errors.New("reading a page: it lacks data or meta")
	}
	meta := Meta{toInt(in.Meta.CurrentPage), toInt(in.Meta.LastPage), toInt(in.Meta.PerPage), toInt(in.Meta.Total)}
	orders, err := eachOrder(*in.Data, func(raw []byte) (order.Answer, error) { return order.ParseAnswer(kind, raw) })
	return Page{orders, meta}, err
}

// eachOrder parses the orders of a page.
func eachOrder(data []json.RawMessage, parse func([]byte) (order.Answer, error)) ([]order.Answer, error) {
	orders := make([]order.Answer, len(data))
	for i, raw := range data {
		var err error
		if orders[i], err = parse(raw); err != nil {
			return nil, fmt.Errorf("reading order %d of a page: %w", i+1, err)
		}
	}
	return orders, nil
}

// toInt reads a count; 0 if it isn't an integer.
func toInt(n json.Number) int {
	i, err := strconv.Atoi(n.String())
	if err != nil {
		return 0
	}
	return i
}

// ParseTime reads a time as the API writes one. Without a zone it is UTC (API pages "Filters" and
// "Export sales orders incremental").
func ParseTime(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, time.DateTime, "2006-01-02T15:04:05.999999999", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
