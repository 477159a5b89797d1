package lookup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
)

const (
	maxPages = 20   // of one look-up; a filter that leaves more orders isn't one
	maxQuery = 6000 // bytes of a batch's numbers in the URL; servers allow 8 KiB and more
)

// ErrFilterIgnored means that a list of far more orders than asked for came back.
var ErrFilterIgnored = errors.New("the server ignores the filter")

// ByNumber returns the orders that have exactly this number. Whether the server's filter is exact
// isn't documented, so each order is compared.
func (f *Finder) ByNumber(ctx context.Context, number string) ([]order.Answer, error) {
	var found []order.Answer
	err := f.eachFiltered(ctx, url.Values{f.Kind.NumberField(): {number}}, func(a order.Answer) {
		if slices.Contains(a.Numbers, number) {
			found = append(found, a)
		}
	})
	return found, err
}

// ByNumbers looks orders up by number: many per request if Prove found that this works, else one
// by one. Only numbers of existing orders are in the map.
func (f *Finder) ByNumbers(ctx context.Context, numbers []string) (map[string][]order.Answer, error) {
	found := newFound(numbers)
	batches, singles := [][]string(nil), numbers
	if f.Method() == Batch {
		batches, singles = batch(numbers)
	}
	for _, b := range batches {
		query := url.Values{f.Kind.NumberField() + "[in]": {strings.Join(b, ",")}}
		if err := f.eachFiltered(ctx, query, found.add); err != nil {
			return nil, err
		}
	}
	for _, number := range singles {
		var err error
		if found[number], err = f.ByNumber(ctx, number); err != nil {
			return nil, err
		}
	}
	maps.DeleteFunc(found, func(_ string, orders []order.Answer) bool { return len(orders) == 0 })
	return found, nil
}

// batch splits numbers into lists that fit into a URL and, if each exists once, onto one page. It
// returns unfilterable numbers apart and drops duplicates.
func batch(numbers []string) (batches [][]string, singles []string) {
	seen := make(map[string]bool, len(numbers))
	var list []string
	size := 0
	for _, n := range numbers {
		if seen[n] {
			continue
		}
		seen[n] = true
		if Unfilterable(n) {
			singles = append(singles, n)
			continue
		}
		cost := len(url.QueryEscape(n)) + len("%2C")
		if len(list) == luminous.PerPage || len(list) > 0 && size+cost > maxQuery {
			batches, list, size = append(batches, list), nil, 0
		}
		list, size = append(list, n), size+cost
	}
	if len(list) > 0 {
		batches = append(batches, list)
	}
	return batches, singles
}

// ByIDs reads orders by id: many per request if that is shown to work, else one by one. Only
// existing orders are in the map.
func (f *Finder) ByIDs(ctx context.Context, ids []int64) (map[int64]order.Answer, error) {
	if len(ids) > 1 {
		works, err := f.ProveIDs(ctx)
		if err != nil {
			return nil, err
		}
		if works {
			return f.listIDs(ctx, ids)
		}
	}
	found := make(map[int64]order.Answer, len(ids))
	for _, id := range ids {
		a, exists, err := f.Read(ctx, id, "")
		if err != nil {
			return nil, err
		}
		if exists {
			found[id] = a
		}
	}
	return found, nil
}

func (f *Finder) listIDs(ctx context.Context, ids []int64) (map[int64]order.Answer, error) {
	found := make(map[int64]order.Answer, len(ids))
	for part := range slices.Chunk(ids, luminous.PerPage) {
		texts := make([]string, len(part))
		for i, id := range part {
			texts[i] = strconv.FormatInt(id, 10)
		}
		err := f.eachFiltered(ctx, url.Values{"id[in]": {strings.Join(texts, ",")}}, func(a order.Answer) {
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

// eachFiltered reads all pages of a filtered list and calls fn for each order once.
func (f *Finder) eachFiltered(ctx context.Context, query url.Values, fn func(order.Answer)) error {
	seen := map[int64]bool{}
	for p, err := range f.Pages(ctx, query) {
		if err != nil {
			return err
		}
		if p.Meta.LastPage > maxPages {
			return &luminous.Error{
				Call: "GET /" + string(f.Kind), Status: http.StatusOK, Signature: "filter ignored", Err: ErrFilterIgnored,
				Message: fmt.Sprintf("asked for a few orders, the server listed %d: it ignores the filter", p.Meta.Total),
			}
		}
		for _, a := range p.Orders {
			if !seen[a.ID] {
				seen[a.ID] = true
				fn(a)
			}
		}
	}
	return nil
}
