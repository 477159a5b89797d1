package sandbox

import (
	"net/http"
	"strconv"
	"strings"
)

type handler func(*request) response

// methods are the handlers of a path.
type methods map[string]handler

// routeTable lists the paths.
func (s *Sandbox) routeTable() map[string]methods {
	sales, purchases := s.orderHandlers(s.sales), s.orderHandlers(s.purchases)
	return map[string]methods{
		"sales-orders":        {"GET": sales.list, "POST": sales.create},
		"sales-orders/export": {"GET": s.exportSales},
		"sales-orders/{id}":   {"GET": sales.get, "PATCH": sales.update},
		"sales-orders/{id}/tags": {
			"GET": s.getter(s.sales, showTags), "POST": s.setTags("Tags added", union), "PUT": s.setTags("Tags replaced", replaceTags),
		},
		"sales-orders/{id}/custom-fields": {
			"GET": s.getter(s.sales, showCustomFields), "PUT": s.checked("CustomFieldsIn", s.putCustomFields),
		},
		"purchase-orders":                    {"GET": purchases.list, "POST": purchases.create},
		"purchase-orders/items":              {"GET": s.listPurchaseItems},
		"purchase-orders/{id}":               {"GET": purchases.get, "PUT": purchases.update, "DELETE": s.deletePurchase},
		"purchase-orders/{id}/payments":      {"POST": s.checked("PaymentCreate", s.createPayment)},
		"purchase-orders/{id}/payments/{id}": {"PUT": s.checked("PaymentFields", s.putPayment), "DELETE": s.deletePayment},
		"products":                           {"GET": s.listProducts},
		"products/export":                    {"GET": s.exportProducts},
		"companies":                          {"GET": s.listTable("companies", companyView)},
		"suppliers":                          {"GET": s.listTable("suppliers", supplierView)},
		"channels":                           {"GET": s.listTable("channels", channelView)},
		"warehouses":                         {"GET": s.listTable("warehouses", siteView)},
		"locations":                          {"GET": s.listTable("locations", siteView)},
		"custom-fields":                      {"GET": s.listCustomFieldDefinitions},
	}
}

// orderHandlers are what both kinds of orders have.
type orderHandlers struct{ list, create, get, update handler }

func (s *Sandbox) orderHandlers(o *orders) orderHandlers {
	return orderHandlers{
		list:   func(r *request) response { return s.listOrders(o, r) },
		create: s.checked(o.create, func(r *request) response { return s.createOrder(o, r) }),
		get:    s.getter(o, o.show(o.single)),
		update: s.checked(o.change, func(r *request) response { return s.updateOrder(o, r) }),
	}
}

// findRoute returns the handler of a request and the ids in its path. status is 404 or 405 if there
// is no handler.
func (s *Sandbox) findRoute(r *http.Request) (handle handler, ids []int64, status int) {
	rest, ok := strings.CutPrefix(r.URL.Path, Prefix+"/")
	if !ok || strings.Contains(rest, "{") {
		return nil, nil, http.StatusNotFound
	}
	parts := strings.Split(rest, "/")
	for i, p := range parts {
		if id, err := strconv.ParseInt(p, 10, 64); err == nil {
			ids = append(ids, id)
			parts[i] = "{id}"
		}
	}
	handlers := s.routes[strings.Join(parts, "/")]
	if handle = handlers[r.Method]; handle == nil && handlers != nil {
		status = http.StatusMethodNotAllowed
	} else if handle == nil {
		status = http.StatusNotFound
	}
	return handle, ids, status
}
