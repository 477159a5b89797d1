package lookup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
)

// maxChanges is how many pages of changed orders are read at most.
const maxChanges = 2000

var errTooMany = errors.New("more orders have changed since the run began than can be searched")

// changed reads all orders that changed since Config.Since and returns those with some numbers.
func (f *Finder) changed(ctx context.Context, numbers []string) (map[string][]order.Answer, error) {
	found := newFound(numbers)
	if f.Kind == order.SalesOrders {
		return found, f.changedInFeed(ctx, found)
	}
	layout, err := f.ProveTimes(ctx)
	if err != nil {
		return nil, err
	}
	since := url.Values{} // without a filter that works, all orders are read
	if layout != "" {
		since.Set("updated_at[gte]", f.Since.UTC().Format(layout))
	}
	return found, f.EachListed(ctx, since, func(p luminous.Page) error {
		if p.Meta.LastPage > maxChanges {
			return errTooMany
		}
		for _, a := range p.Orders {
			found.add(a)
		}
		return nil
	})
}

// changedInFeed reads the feed of changed sales orders (API page "Export sales orders
// incremental"). The feed names fields differently, so orders found there are read again by id.
func (f *Finder) changedInFeed(ctx context.Context, found found) error {
	ids := map[int64]string{}
	cursor := ""
	for range maxChanges {
		page, err := f.API.Export(ctx, f.Since, cursor)
		if err != nil {
			return err
		}
		for _, a := range page.Orders {
			if _, wanted := found[a.Numbers[0]]; wanted {
				ids[a.ID] = a.Numbers[0]
			}
		}
		if cursor = page.Next; !page.HasMore {
			return f.readFound(ctx, ids, found)
		}
	}
	return errTooMany
}

func (f *Finder) readFound(ctx context.Context, ids map[int64]string, found found) error {
	for id, number := range ids {
		a, err := f.API.Get(ctx, f.Kind, id)
		if err != nil {
			return err
		}
		if a.ID != id || !slices.Contains(a.Numbers, number) {
			return fmt.Errorf("asked for order %s (id %d), the server answered with order %s (id %d)",
				number, id, strings.Join(a.Numbers, ", "), a.ID)
		}
		found.add(a)
	}
	return nil
}

// EachListed calls fn for each page of a list, with each order once, and checks that the list
// showed as many orders as it says it has. Sorted by id, orders that are created meanwhile come at
// the end.
func (f *Finder) EachListed(ctx context.Context, filter url.Values, fn func(luminous.Page) error) error {
	seen := map[int64]bool{}
	total := 0
	query := url.Values{"sort": {"id:asc"}}
	maps.Copy(query, filter)
	for page, err := range f.Pages(ctx, query) {
		if err != nil {
			return err
		}
		page.Orders = slices.DeleteFunc(page.Orders, func(a order.Answer) bool {
			again := seen[a.ID]
			seen[a.ID] = true
			return again
		})
		total = page.Meta.Total
		if err := fn(page); err != nil {
			return err
		}
	}
	if len(seen) < total {
		return fmt.Errorf("the list claims %d orders but showed %d", total, len(seen))
	}
	return nil
}
