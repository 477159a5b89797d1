package sandbox

import (
	"crypto/subtle"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

type handler func(*request) answer

// route is one path of the API; "{id}" in it stands for a whole number.
type route struct {
	parts   []string
	methods map[string]handler
}

func path(p string, methods map[string]handler) route {
	return route{strings.Split(p, "/"), methods}
}

// table lists the paths. Literal ones stand before those with an id that they would fit.
func (s *Sandbox) table() []route {
	return []route{
		path("sales-orders", map[string]handler{"GET": s.listSales, "POST": s.createSales}),
		path("sales-orders/export", map[string]handler{"GET": s.exportSales}),
		path("sales-orders/{id}", map[string]handler{"GET": s.getSales, "PATCH": s.patchSales}),
		path("sales-orders/{id}/tags", map[string]handler{"GET": s.listTags, "POST": s.addTags, "PUT": s.replaceTags}),
		path("sales-orders/{id}/custom-fields", map[string]handler{"GET": s.getCustomFields, "PUT": s.putCustomFields}),
		path("purchase-orders", map[string]handler{"GET": s.listPurchases, "POST": s.createPurchase}),
		path("purchase-orders/items", map[string]handler{"GET": s.listPurchaseItems}),
		path("purchase-orders/{id}", map[string]handler{"GET": s.getPurchase, "PUT": s.putPurchase, "DELETE": s.deletePurchase}),
		path("purchase-orders/{id}/payments", map[string]handler{"POST": s.createPayment}),
		path("purchase-orders/{id}/payments/{id}", map[string]handler{"PUT": s.putPayment, "DELETE": s.deletePayment}),
		path("products", map[string]handler{"GET": s.listProducts}),
		path("products/export", map[string]handler{"GET": s.exportProducts}),
		path("companies", map[string]handler{"GET": s.listCompanies}),
		path("suppliers", map[string]handler{"GET": s.listSuppliers}),
		path("channels", map[string]handler{"GET": s.listChannels}),
		path("warehouses", map[string]handler{"GET": s.listWarehouses}),
		path("locations", map[string]handler{"GET": s.listLocations}),
		path("custom-fields", map[string]handler{"GET": s.listCustomFieldDefinitions}),
	}
}

// match finds what answers r. status is 404 or 405 when nothing does.
func (s *Sandbox) match(r *http.Request) (handle handler, ids []int64, status int) {
	rest, ok := strings.CutPrefix(r.URL.Path, Prefix+"/")
	if !ok {
		return nil, nil, http.StatusNotFound
	}
	parts := strings.Split(rest, "/")
	for _, rt := range s.routes {
		ids, ok := rt.fits(parts)
		if !ok {
			continue
		}
		if h := rt.methods[r.Method]; h != nil {
			return h, ids, 0
		}
		return nil, nil, http.StatusMethodNotAllowed
	}
	return nil, nil, http.StatusNotFound
}

func (rt route) fits(parts []string) (ids []int64, ok bool) {
	if len(parts) != len(rt.parts) {
		return nil, false
	}
	for i, p := range rt.parts {
		if p != "{id}" {
			if parts[i] != p {
				return nil, false
			}
			continue
		}
		id, err := strconv.ParseInt(parts[i], 10, 64)
		if err != nil {
			return nil, false
		}
		ids = append(ids, id)
	}
	return ids, true
}

// door knows the good token, and how often it was shown.
type door struct {
	mu          sync.Mutex
	token       string // "" = any
	refuseAfter int    // 0 = never
	admitted    int
}

func (d *door) reset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.admitted = 0
}

// admit checks the token, and counts the requests that it was good for.
func (d *door) admit(r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	d.mu.Lock()
	defer d.mu.Unlock()
	if !ok || token == "" || d.token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(d.token)) != 1 {
		return false
	}
	d.admitted++
	return d.refuseAfter == 0 || d.admitted <= d.refuseAfter
}
