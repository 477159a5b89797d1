package lookup

import (
	"context"
	"crypto/rand"
	"net/url"
	"slices"
	"strconv"
	"time"

	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
)

// Method returns the method that Prove found so far.
func (f *Finder) Method() Method {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.method
}

// startProof waits until no other goroutine proves anything, so that each proof is made once.
func (f *Finder) startProof(ctx context.Context) error {
	select {
	case f.proving <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *Finder) endProof() { <-f.proving }

// Prove finds out once how orders can be looked up by number, with an order that a list shows.
// While lists show no suitable order, it tries again at each call. An error says nothing about
// filters.
func (f *Finder) Prove(ctx context.Context) (Method, error) {
	if err := f.startProof(ctx); err != nil {
		return Unproven, err
	}
	defer f.endProof()
	if m := f.Method(); m != Unproven {
		return m, nil
	}
	page, err := f.API.List(ctx, f.Kind, url.Values{"per_page": {"20"}})
	if err != nil {
		return Unproven, err
	}
	f.mu.Lock()
	f.sample = page
	f.mu.Unlock()
	number := f.SampleNumber()
	switch {
	case len(page.Orders) == 0:
		return Unproven, nil
	case number == "":
		return Changes, nil
	}
	method, err := f.proveMethod(ctx, number)
	if err != nil {
		return Unproven, err
	}
	f.mu.Lock()
	f.method = method
	f.mu.Unlock()
	return method, nil
}

// proveMethod returns the best method that finds a known number. A server that takes a list of
// numbers for one number finds nothing for two, so the known one must be found next to an absent
// one.
func (f *Finder) proveMethod(ctx context.Context, known string) (Method, error) {
	one, many, absent := f.Kind.NumberField(), f.Kind.NumberField()+"[in]", rand.Text()
	works, err := f.proveNumber(ctx, known, many, absent+","+rand.Text())
	if err == nil && works {
		works, err = f.lists(ctx, url.Values{many: {absent + "," + known}}, known)
	}
	if err != nil || works {
		return Batch, err
	}
	if works, err = f.proveNumber(ctx, known, one, absent); err != nil || works {
		return Single, err
	}
	return Changes, nil
}

// proveNumber reports whether a filter finds a known number and nothing for an absent one.
func (f *Finder) proveNumber(ctx context.Context, known, filter, absent string) (bool, error) {
	works, err := f.lists(ctx, url.Values{filter: {known}}, known)
	if err != nil || !works {
		return false, err
	}
	return f.listsNone(ctx, url.Values{filter: {absent}, "per_page": {"1"}})
}

// ProveIDs finds out once whether orders can be asked for by a list of ids: the server shows an
// order of the sample next to an id that no order has, and nothing for such an id alone. Without a
// sample it reports false.
func (f *Finder) ProveIDs(ctx context.Context) (bool, error) {
	if err := f.startProof(ctx); err != nil {
		return false, err
	}
	defer f.endProof()
	sample := f.Sample().Orders
	if len(sample) == 0 || f.idsProven {
		return f.idsWork, nil
	}
	ok, err := f.listsNone(ctx, url.Values{"id[in]": {"0"}})
	if err == nil && ok {
		known := sample[0].ID
		page, listErr := f.API.List(ctx, f.Kind, url.Values{"id[in]": {"0," + strconv.FormatInt(known, 10)}})
		ok, err = len(page.Orders) == 1 && page.Orders[0].ID == known, ignoreUnsupported(listErr)
	}
	if err != nil {
		return false, err
	}
	f.idsProven, f.idsWork = true, ok
	return ok, nil
}

// ProveTimes finds out once in which layout lists can be asked for orders by the time of their last
// change; "" if in none. In which form and zone filters read times isn't documented, and a filter
// that reads them differently would silently leave out hours of changes.
func (f *Finder) ProveTimes(ctx context.Context) (layout string, err error) {
	if err := f.startProof(ctx); err != nil {
		return "", err
	}
	defer f.endProof()
	if !f.timesProven {
		f.timeLayout, err = f.findTimeLayout(ctx)
		f.timesProven = err == nil
	}
	return f.timeLayout, err
}

func (f *Finder) findTimeLayout(ctx context.Context) (string, error) {
	const tries = 5 // until the order doesn't change meanwhile
	for range tries {
		page, err := f.API.List(ctx, f.Kind, url.Values{"per_page": {"1"}})
		if err != nil {
			return "", err
		}
		if len(page.Orders) == 0 {
			return time.DateTime, nil // any will do
		}
		known := page.Orders[0]
		for _, layout := range []string{time.DateTime, time.RFC3339} {
			if ok, err := f.proveTime(ctx, known, layout); err != nil || ok {
				return layout, err
			}
		}
		again, err := f.API.Get(ctx, f.Kind, known.ID)
		if err == nil && again.UpdatedAt == known.UpdatedAt {
			break
		}
	}
	return "", nil
}

// proveTime reports whether lists find an order by the time of its change, and only orders of that
// time.
func (f *Finder) proveTime(ctx context.Context, known order.Answer, layout string) (bool, error) {
	at, ok := luminous.ParseTime(known.UpdatedAt)
	if !ok {
		return false, nil
	}
	text := at.Format(layout)
	page, err := f.API.List(ctx, f.Kind, url.Values{"updated_at[gte]": {text}, "updated_at[lte]": {text}})
	if err != nil || len(page.Orders) == 0 {
		return false, ignoreUnsupported(err)
	}
	for _, a := range page.Orders {
		if t, _ := luminous.ParseTime(a.UpdatedAt); t.Unix() != at.Unix() {
			return false, nil
		}
	}
	later := url.Values{"updated_at[gte]": {at.Add(time.Second).Format(layout)}, "per_page": {"1"}}
	if page, err = f.API.List(ctx, f.Kind, later); err != nil || len(page.Orders) == 0 {
		return err == nil, err
	}
	t, _ := luminous.ParseTime(page.Orders[0].UpdatedAt)
	return t.Unix() > at.Unix(), nil
}

// lists reports whether the first page of a filtered list has a number.
func (f *Finder) lists(ctx context.Context, query url.Values, number string) (bool, error) {
	page, err := f.API.List(ctx, f.Kind, query)
	has := func(a order.Answer) bool { return slices.Contains(a.Numbers, number) }
	return slices.ContainsFunc(page.Orders, has), ignoreUnsupported(err)
}

// listsNone reports whether a filtered list is empty.
func (f *Finder) listsNone(ctx context.Context, query url.Values) (bool, error) {
	page, err := f.API.List(ctx, f.Kind, query)
	return err == nil && len(page.Orders) == 0 && page.Meta.Total == 0, ignoreUnsupported(err)
}

// ignoreUnsupported drops the error of a filter that the server rejected: it doesn't work. Any
// other error says nothing about the filter.
func ignoreUnsupported(err error) error {
	if NotSupported(err) {
		return nil
	}
	return err
}
