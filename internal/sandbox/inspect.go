package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Order is an existing order, for comparing with the client's view.
type Order struct {
	ID        int64
	Numbers   []string        // a sales order has one
	Created   int             // number of orders ever created with the first number
	Status    string          // order_status
	UpdatedAt string          // RFC 3339
	Raw       json.RawMessage // the order as GET returns it
	Hidden    json.RawMessage // fields that PATCH accepted and no response shows, or null
}

// ordersOf returns the orders of a kind, or nil.
func (s *Sandbox) ordersOf(kind string) *orders {
	return map[string]*orders{SalesOrders: s.sales, PurchaseOrders: s.purchases}[kind]
}

// Orders returns the existing orders of a kind by ascending id. It panics on an unknown kind.
func (s *Sandbox) Orders(kind string) []Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.ordersOf(kind)
	out := []Order{}
	for id, order := range o.all() {
		status, _ := o.full.field("order_status").of(order).(string)
		one := Order{
			ID: id, Numbers: texts(order, o.number), Created: 1, Status: status, UpdatedAt: text(order, "updated_at"),
			Raw: o.full.appendRecord(nil, order), Hidden: json.RawMessage("null"),
		}
		if len(one.Numbers) > 0 {
			one.Created = o.everMade[one.Numbers[0]]
		}
		hidden := doc{}
		for _, field := range hiddenFields {
			if v, sent := order[field]; sent {
				hidden[field] = v
			}
		}
		if len(hidden) > 0 {
			one.Hidden = appendJSON(nil, hidden, nil)
		}
		out = append(out, one)
	}
	return out
}

// Created returns how often each order number of a kind was created since New or Reset, including
// orders deleted since. It is a cheap check for duplicates.
func (s *Sandbox) Created(kind string) map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.ordersOf(kind).everMade)
}

var errNotFound = errors.New("order not found")

// Edit changes an order as another user of Luminous would, without the API's rules. A key is the
// name of a response field or a dotted path such as items.0.received_quantity, a value is written
// as JSON. Edit recomputes the totals of purchase orders.
func (s *Sandbox) Edit(kind string, id int64, set map[string]any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.ordersOf(kind)
	if o == nil {
		return fmt.Errorf("editing order %d of %s: unknown kind", id, kind)
	}
	order := maps.Clone(o.get(id))
	if order == nil {
		return fmt.Errorf("editing order %d of %s: %w", id, kind, errNotFound)
	}
	for _, path := range slices.Sorted(maps.Keys(set)) {
		if err := s.setField(o, order, strings.Split(path, "."), set[path]); err != nil {
			return fmt.Errorf("editing order %d of %s: field %q: %w", id, kind, path, err)
		}
	}
	for _, l := range o.links {
		if l.shown {
			order[l.as] = s.ref[l.in].byID[order[l.field]]
		}
	}
	s.changed(o, id, order)
	return nil
}

// setField sets what is at a path to a value, if the model allows it there.
func (s *Sandbox) setField(o *orders, order doc, path []string, value any) error {
	field := o.full.field(path[0])
	if field == nil {
		return errors.New("unknown field")
	}
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if value, err = readJSON(b); err != nil {
		return err
	}
	if value, err = normalize(path[len(path)-1], value); err != nil {
		return err
	}
	if value, err = setPath(field.of(order), path[1:], value); err != nil {
		return err
	}
	if err := s.model[o.schema].Validate(doc{"id": order["id"], o.number: order[o.number], path[0]: value}); err != nil {
		return err
	}
	order[path[0]] = value
	return nil
}

// Remove deletes an order as another user of Luminous would.
func (s *Sandbox) Remove(kind string, id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.ordersOf(kind)
	if o == nil || o.get(id) == nil {
		return fmt.Errorf("removing order %d of %s: %w", id, kind, errNotFound)
	}
	o.remove(id)
	return nil
}

// Create creates an order as another client would, without authentication, faults and rate limit.
// body is the request body.
func (s *Sandbox) Create(kind string, body []byte) (id int64, err error) {
	o := s.ordersOf(kind)
	if o == nil {
		return 0, fmt.Errorf("creating an order: unknown kind %q", kind)
	}
	a := s.orderHandlers(o).create(&request{body: body})
	if a.status != http.StatusCreated {
		return 0, fmt.Errorf("creating an order: %d %s", a.status, appendJSON(nil, a.body, nil))
	}
	return wholeOf(a.body["data"].(shown).value.(doc), "id"), nil
}
