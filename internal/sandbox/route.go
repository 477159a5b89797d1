package sandbox

import (
	"crypto/subtle"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

type handler func(*request) response

// route is one path of the API. "{id}" matches an integer.
type route struct {
	parts   []string
	methods map[string]handler
}

func newRoute(p string, methods map[string]handler) route {
	return route{strings.Split(p, "/"), methods}
}

// routeTable lists the paths. Literal ones come before those with an id.
func (s *Sandbox) routeTable() []route {
	return []route{
		newRoute("sales-orders", map[string]handler{"GET": s.listSales, "POST": s.createSales}),
		newRoute("sales-orders/export", map[string]handler{"GET": s.exportSales}),
		newRoute("sales-orders/{id}", map[string]handler{"GET": s.getSales, "PATCH": s.patchSales}),
		newRoute("sales-orders/{id}/tags", map[string]handler{"GET": s.listTags, "POST": s.addTags, "PUT": s.replaceTags}),
		newRoute("sales-orders/{id}/custom-fields", map[string]handler{"GET": s.getCustomFields, "PUT": s.putCustomFields}),
		newRoute("purchase-orders", map[string]handler{"GET": s.listPurchases, "POST": s.createPurchase}),
		newRoute("purchase-orders/items", map[string]handler{"GET": s.listPurchaseItems}),
		newRoute("purchase-orders/{id}", map[string]handler{"GET": s.getPurchase, "PUT": s.putPurchase, "DELETE": s.deletePurchase}),
		newRoute("purchase-orders/{id}/payments", map[string]handler{"POST": s.createPayment}),
		newRoute("purchase-orders/{id}/payments/{id}", map[string]handler{"PUT": s.putPayment, "DELETE": s.deletePayment}),
		newRoute("products", map[string]handler{"GET": s.listProducts}),
		newRoute("products/export", map[string]handler{"GET": s.exportProducts}),
		newRoute("companies", map[string]handler{"GET": s.listCompanies}),
		newRoute("suppliers", map[string]handler{"GET": s.listSuppliers}),
		newRoute("channels", map[string]handler{"GET": s.listChannels}),
		newRoute("warehouses", map[string]handler{"GET": s.listWarehouses}),
		newRoute("locations", map[string]handler{"GET": s.listLocations}),
		newRoute("custom-fields", map[string]handler{"GET": s.listCustomFieldDefinitions}),
	}
}

// findRoute returns the handler of a request. status is 404 or 405 if there is none.
func (s *Sandbox) findRoute(r *http.Request) (handle handler, ids []int64, status int) {
	rest, ok := strings.CutPrefix(r.URL.Path, Prefix+"/")
	if !ok {
		return nil, nil, http.StatusNotFound
	}
	parts := strings.Split(rest, "/")
	for _, rt := range s.routes {
		ids, ok := rt.match(parts)
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

func (rt route) match(parts []string) (ids []int64, ok bool) {
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

// auth checks bearer tokens and counts accepted requests.
type auth struct {
	mu          sync.Mutex
	token       string // "" = any
	rejectAfter int    // 0 = never
	accepted    int
}

func (a *auth) reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.accepted = 0
}

// authenticate reports whether a request has the right token and RejectAfter isn't reached.
func (a *auth) authenticate(r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	a.mu.Lock()
	defer a.mu.Unlock()
	if !ok || token == "" || a.token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(a.token)) != 1 {
		return false
	}
	a.accepted++
	return a.rejectAfter == 0 || a.accepted <= a.rejectAfter
}
