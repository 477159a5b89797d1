package luminous

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/shopspring/decimal"

	"ordersheet/internal/order"
)

// FeedPage is one page of the feed of changed sales orders.
type FeedPage struct {
	Orders  []order.Answer // Raw has the feed's own names: order_id, total_amount, price
	Next    string         // the next page's cursor; "" at the end
	HasMore bool
	Rows    int
	Cutoff  string // the end of the window, set by the first page: since of the next export
}

// Export reads one page of GET /sales-orders/export (API page "Export sales orders incremental"):
// all active sales orders changed since a time, oldest change first. The first call has since, each
// later one the cursor of the page before; never both.
func (c *Client) Export(ctx context.Context, since time.Time, cursor string) (FeedPage, error) {
	query := url.Values{}
	if cursor != "" {
		query.Set("cursor", cursor)
	} else {
		query.Set("since", since.UTC().Format(time.RFC3339))
	}
	r := request{method: http.MethodGet, path: "/" + string(order.SalesOrders) + "/export", query: query}
	a, e := c.call(ctx, r)
	if e != nil {
		return FeedPage{}, e
	}
	page, err := parseFeed(a.body)
	if err != nil {
		return FeedPage{}, c.unreadable(r, a, err)
	}
	return page, nil
}

func parseFeed(body []byte) (FeedPage, error) {
	var in struct {
		Data    *[]json.RawMessage `json:"data"`
		Next    *string            `json:"next_cursor"`
		HasMore *bool              `json:"has_more"`
		Meta    struct {
			Rows   int    `json:"rows"`
			Cutoff string `json:"cutoff"`
		} `json:"meta"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return FeedPage{}, fmt.Errorf("reading a page of the feed: %w", err)
	}
	if in.Data == nil || in.HasMore == nil {
		return FeedPage{}, errors.New("reading a page of the feed: it lacks data or has_more")
	}
	p := FeedPage{HasMore: *in.HasMore, Rows: in.Meta.Rows, Cutoff: in.Meta.Cutoff}
	if in.Next != nil {
		p.Next = *in.Next
	}
	if p.HasMore && p.Next == "" {
		return FeedPage{}, errors.New("reading a page of the feed: more pages follow, but there is no cursor")
	}
	var err error
	p.Orders, err = eachOrder(*in.Data, parseFeedOrder)
	return p, err
}

func parseFeedOrder(raw []byte) (order.Answer, error) {
	var in struct {
		ID        int64               `json:"order_id"`
		Number    string              `json:"order_number"`
		Status    *string             `json:"order_status"`
		Total     decimal.NullDecimal `json:"total_amount"`
		UpdatedAt *string             `json:"updated_at"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return order.Answer{}, err
	}
	if in.ID == 0 {
		return order.Answer{}, errors.New("it has no order_id")
	}
	a := order.Answer{ID: in.ID, Numbers: []string{in.Number}, Total: in.Total, Raw: raw}
	if in.Status != nil {
		a.Status = *in.Status
	}
	if in.UpdatedAt != nil {
		a.UpdatedAt = *in.UpdatedAt
	}
	return a, nil
}
