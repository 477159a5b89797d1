package luminous

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ordersheet/internal/order"
)

// Bounds of look-ups.
const (
	maxLookPages = 20   // of one look-up; a filter that leaves more than this is no filter
	maxQuery     = 6000 // bytes of a batch's list of numbers as it stands in the URL; servers allow 8 KiB and more
)

// numberFilter is the list's parameter that finds an order by number (API model; for purchase orders it looks through all their numbers).
func numberFilter(kind order.Kind) string {
	if kind == order.PurchaseOrders {
		return "order_numbers"
	}
	return "order_number"
}

// FindByNumber returns the orders that bear exactly this number; none is no error. Whether the server's filter is exact isn't documented,
// so each order is compared again.
func (c *Client) FindByNumber(ctx context.Context, kind order.Kind, number string) ([]order.Answer, error) {
	var found []order.Answer
	err := c.walk(ctx, kind, url.Values{numberFilter(kind): {number}}, func(a order.Answer) {
		if slices.Contains(a.Numbers, number) {
			found = append(found, a)
		}
	})
	return found, err
}

// FindByNumbers looks up many numbers with few requests, by order_number[in]: only numbers that stand are in the map. Whether the server
// knows [in] must be proven first, with ProveBatchFilter. A number with a comma can't stand in such a list and is asked for by itself.
func (c *Client) FindByNumbers(ctx context.Context, kind order.Kind, numbers []string) (map[string][]order.Answer, error) {
	found := make(map[string][]order.Answer, len(numbers))
	batches, single := batch(numbers)
	for _, b := range batches {
		if err := c.findBatch(ctx, kind, b, found); err != nil {
			return nil, err
		}
	}
	for _, number := range single {
		orders, err := c.FindByNumber(ctx, kind, number)
		if err != nil {
			return nil, err
		}
		if len(orders) > 0 {
			found[number] = orders
		}
	}
	return found, nil
}

func (c *Client) findBatch(ctx context.Context, kind order.Kind, numbers []string, found map[string][]order.Answer) error {
	asked := make(map[string]bool, len(numbers))
	for _, n := range numbers {
		asked[n] = true
	}
	query := url.Values{numberFilter(kind) + "[in]": {strings.Join(numbers, ",")}}
	return c.walk(ctx, kind, query, func(a order.Answer) {
		for _, n := range a.Numbers {
			if asked[n] {
				found[n] = append(found[n], a)
			}
		}
	})
}

// FindByIDs reads orders by their ids with few requests, by id[in]; only those that stand are in the map. Whether the server knows the filter must
// be proven first, with ProveIDFilter.
func (c *Client) FindByIDs(ctx context.Context, kind order.Kind, ids []int64) (map[int64]order.Answer, error) {
	found := make(map[int64]order.Answer, len(ids))
	for part := range slices.Chunk(ids, PerPage) {
		texts := make([]string, len(part))
		for i, id := range part {
			texts[i] = strconv.FormatInt(id, 10)
		}
		err := c.walk(ctx, kind, url.Values{"id[in]": {strings.Join(texts, ",")}}, func(a order.Answer) {
			if slices.Contains(part, a.ID) {
				found[a.ID] = a
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// ProveIDFilter says whether orders can be asked for by a list of ids: it shows an order that its own page shows, beside an id that none has, and
// nothing for such an id alone.
func (c *Client) ProveIDFilter(ctx context.Context, kind order.Kind, known int64) (bool, error) {
	none, err := c.List(ctx, kind, url.Values{"id[in]": {"0"}})
	if err != nil {
		return refusedFilter(err)
	}
	if len(none.Orders) > 0 || none.Meta.Total > 0 {
		return false, nil
	}
	p, err := c.List(ctx, kind, url.Values{"id[in]": {"0," + strconv.FormatInt(known, 10)}})
	if err != nil {
		return refusedFilter(err)
	}
	return len(p.Orders) == 1 && p.Orders[0].ID == known, nil
}

// batch splits numbers into lists that fit into a URL and, when each stands once, onto one page; and those that can't be listed. Repeats
// are dropped.
func batch(numbers []string) (batches [][]string, single []string) {
	seen := make(map[string]bool, len(numbers))
	var list []string
	size := 0
	for _, n := range numbers {
		if seen[n] {
			continue
		}
		seen[n] = true
		if n == "" || strings.Contains(n, ",") || strings.TrimSpace(n) != n {
			single = append(single, n)
			continue
		}
		cost := len(url.QueryEscape(n)) + len("%2C")
		if len(list) == PerPage || len(list) > 0 && size+cost > maxQuery {
			batches, list, size = append(batches, list), nil, 0
		}
		list, size = append(list, n), size+cost
	}
	if len(list) > 0 {
		batches = append(batches, list)
	}
	return batches, single
}

// walk reads all pages of a filtered list, each order once.
func (c *Client) walk(ctx context.Context, kind order.Kind, query url.Values, fn func(order.Answer)) error {
	seen := map[int64]bool{}
	for page := 1; ; page++ {
		if page > 1 {
			query.Set("page", strconv.Itoa(page))
		}
		p, err := c.List(ctx, kind, query)
		if err != nil {
			return err
		}
		for _, a := range p.Orders {
			if !seen[a.ID] {
				seen[a.ID] = true
				fn(a)
			}
		}
		if page >= p.Meta.LastPage {
			return nil
		}
		if p.Meta.LastPage > maxLookPages {
			return &Error{
				Call: "GET /" + string(kind), Status: 200, Signature: "filter ignored",
				Message: fmt.Sprintf("asked for one order, the server listed %d: it ignores the filter %s", p.Meta.Total, numberFilter(kind)),
			}
		}
	}
}

// ProveFilter says whether looking up by number works: the filter finds an order that is known to stand, and finds nothing for a number
// that no order has. An error says nothing about the filter.
func (c *Client) ProveFilter(ctx context.Context, kind order.Kind, known string) (bool, error) {
	return c.prove(ctx, kind, known, numberFilter(kind), rand.Text())
}

// ProveBatchFilter says the same of the filter by a list of numbers.
func (c *Client) ProveBatchFilter(ctx context.Context, kind order.Kind, known string) (bool, error) {
	if strings.Contains(known, ",") {
		return false, nil
	}
	a, b := rand.Text(), rand.Text()
	works, err := c.prove(ctx, kind, known, numberFilter(kind)+"[in]", a+","+b)
	if err != nil || !works {
		return false, err
	}
	// A server that takes the list for one number finds nothing for two: the known one must be found beside an absent one.
	return c.lists(ctx, kind, url.Values{numberFilter(kind) + "[in]": {a + "," + known}}, known)
}

func (c *Client) prove(ctx context.Context, kind order.Kind, known, filter, absent string) (bool, error) {
	works, err := c.lists(ctx, kind, url.Values{filter: {known}}, known)
	if err != nil || !works {
		return false, err
	}
	none, err := c.List(ctx, kind, url.Values{filter: {absent}, "per_page": {"1"}})
	if err != nil {
		return refusedFilter(err)
	}
	return len(none.Orders) == 0 && none.Meta.Total == 0, nil
}

// lists says whether the first page of a filtered list holds a number.
func (c *Client) lists(ctx context.Context, kind order.Kind, query url.Values, known string) (bool, error) {
	p, err := c.List(ctx, kind, query)
	if err != nil {
		return refusedFilter(err)
	}
	return slices.ContainsFunc(p.Orders, func(a order.Answer) bool { return slices.Contains(a.Numbers, known) }), nil
}

// refusedFilter turns a refusal of the filter itself, a 400 or 422, into "it doesn't work"; any other error says nothing about it.
func refusedFilter(err error) (works bool, other error) {
	var e *Error
	if errors.As(err, &e) && (e.Status == 400 || e.Status == 422) {
		return false, nil
	}
	return false, err
}
