package lookup

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"ordersheet/internal/order"
)

// ErrListed says that a list shows an order whose own page is answered with 404.
var ErrListed = errors.New("its own page is answered with 404")

// Read reads an order by its id. exists is false only if the order is gone; see IsGone. number may
// be "".
func (f *Finder) Read(ctx context.Context, id int64, number string) (a order.Answer, exists bool, err error) {
	a, err = f.API.Get(ctx, f.Kind, id)
	switch {
	case err == nil && a.ID != id:
		return a, false, fmt.Errorf("asked for order %d, the server answered with order %d", id, a.ID)
	case NotFound(err):
		err = f.IsGone(ctx, id, number)
		return order.Answer{}, false, err
	}
	return a, err == nil, err
}

// IsGone returns nil if an order whose own page was just answered with 404 no longer exists. A
// gateway, a wrong route or a missing permission is answered with 404 too, so lists must not show
// the order, by its number if there is one, and the page of an order that they show must be there.
func (f *Finder) IsGone(ctx context.Context, id int64, number string) error {
	if number != "" && !Unfilterable(number) {
		method, err := f.Prove(ctx)
		if err != nil {
			return err
		}
		if method == Batch || method == Single {
			rows, err := f.ByNumber(ctx, number)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(rows, func(a order.Answer) bool { return a.ID == id && a.Status != order.Deleted }) {
				return fmt.Errorf("the list shows order %s (id %d), but %w", number, id, ErrListed)
			}
		}
	}
	return f.provePages(ctx, id)
}

// provePages shows that orders' own pages can be read at the moment, with one that a list shows. It
// returns nil as well if no order exists.
func (f *Finder) provePages(ctx context.Context, missing int64) error {
	const proofLasts, tries = 10 * time.Second, 3
	if err := f.startProof(ctx); err != nil {
		return err
	}
	defer f.endProof()
	if time.Since(f.pagesProven) < proofLasts {
		return nil
	}
	page, err := f.API.List(ctx, f.Kind, url.Values{"per_page": {"20"}})
	if err != nil || len(page.Orders) == 0 {
		return err
	}
	for i, other := range page.Orders {
		if other.ID == missing || other.Status == order.Deleted || i > tries {
			continue
		}
		if _, err = f.API.Get(ctx, f.Kind, other.ID); err == nil {
			f.pagesProven = time.Now()
			return nil
		}
		if !NotFound(err) {
			return err
		}
	}
	return fmt.Errorf("the list shows order %d, but %w, so no such answer can be believed", page.Orders[0].ID, ErrListed)
}
