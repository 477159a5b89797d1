package lookup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
)

// maxChanges is how many pages of changed orders are read at most.
const maxChanges = 2000

var errTooMany = errors.New("more orders have changed since the run began than can be searched")

// changed reads all orders that changed since Config.Since and returns those with some numbers.
func (f *Finder) changed(ctx context.Context, numbers []string) (map[string][]order.Answer, error) {
	wanted := make(map[string]bool, len(numbers))
	for _, n := range numbers {
		wanted[n] = true
	}
	if f.Kind == order.SalesOrders {
		return f.changedInFeed(ctx, wanted)
	}
	layout, err := f.ProveTimes(ctx)
	if err != nil {
		return nil, err
	}
	since := url.Values{} // without a filter that works, all orders are read
	if layout != "" {
		since.Set("updated_at[gte]", f.Since.UTC().Format(layout))
	}
	found := map[string][]order.Answer{}
	err = f.EachListed(ctx, since, func(p luminous.Page) error {
		if p.Meta.LastPage > maxChanges {
			return errTooMany
		}
		for _, a := range p.Orders {
			for _, number := range a.Numbers {
				if wanted[number] {
					found[number] = append(found[number], a)
				}
			}
		}
		return nil
	})
	return found, err
}

// changedInFeed reads the feed of changed sales orders (API page "Export sales orders
// incremental"). The feed names fields differently, so orders found there are read again by id.
func (f *Finder) changedInFeed(ctx context.Context, wanted map[string]bool) (map[string][]order.Answer, error) {
	ids := map[int64]string{}
	cursor := ""
	for range maxChanges {
		page, err := f.API.Export(ctx, f.Since, cursor, 0)
		if err != nil {
			return nil, err
		}
		for _, a := range page.Orders {
			if wanted[a.Numbers[0]] {
				ids[a.ID] = a.Numbers[0]
			}
		}
		if cursor = page.Next; !page.HasMore {
			return f.readFound(ctx, ids)
		}
	}
	return nil, errTooMany
}

func (f *Finder) readFound(ctx context.Context, ids map[int64]string) (map[string][]order.Answer, error) {
	found := map[string][]order.Answer{}
	for id, number := range ids {
		a, err := f.API.Get(ctx, f.Kind, id)
		if err != nil {
			return nil, err
		}
		if a.ID != id || !slices.Contains(a.Numbers, number) {
			return nil, fmt.Errorf("asked for order %s (id %d), the server answered with order %s (id %d)",
				number, id, strings.Join(a.Numbers, ", "), a.ID)
		}
		found[number] = append(found[number], a)
	}
	return found, nil
}

// EachListed calls fn for each page of a list, with each order once, and checks that the list
// showed as many orders as it says it has. Sorted by id, orders that are created meanwhile come at
// the end.
func (f *Finder) EachListed(ctx context.Context, filter url.Values, fn func(luminous.Page) error) error {
	seen := map[int64]bool{}
	query := url.Values{"sort": {"id:asc"}}
	maps.Copy(query, filter)
	for n := 1; ; n++ {
		query.Set("page", strconv.Itoa(n))
		page, err := f.API.List(ctx, f.Kind, query)
		if err != nil {
			return err
		}
		page.Orders = slices.DeleteFunc(page.Orders, func(a order.Answer) bool {
			again := seen[a.ID]
			seen[a.ID] = true
			return again
		})
		if err := fn(page); err != nil {
			return err
		}
		switch {
		case n < page.Meta.LastPage:
		case len(seen) < page.Meta.Total:
			return fmt.Errorf("the list claims %d orders but showed %d", page.Meta.Total, len(seen))
		default:
			return nil
		}
	}
}
