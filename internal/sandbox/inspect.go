package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Kinds of orders, as in the API's paths.
const (
	SalesOrders    = "sales-orders"
	PurchaseOrders = "purchase-orders"
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

// Orders returns the existing orders of a kind by ascending id. It panics on an unknown kind.
func (s *Sandbox) Orders(kind string) []Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []Order{}
	switch kind {
	case SalesOrders:
		s.sales.each(func(o *salesOrder) {
			out = append(out, Order{
				ID: o.ID, Numbers: o.numbers(), Created: s.sales.created[o.OrderNumber], Status: o.OrderStatus, UpdatedAt: o.UpdatedAt,
				Raw: mustMarshal(s.fullSales(o)), Hidden: mustMarshal(o.hidden),
			})
		})
	case PurchaseOrders:
		s.purchases.each(func(o *purchaseOrder) {
			one := Order{ID: o.ID, Numbers: slices.Clone(o.OrderNumbers), Created: 1, Status: o.OrderStatus, UpdatedAt: o.UpdatedAt, Raw: mustMarshal(o)}
			if len(o.OrderNumbers) > 0 {
				one.Created = s.purchases.created[o.OrderNumbers[0]]
			}
			out = append(out, one)
		})
	default:
		panic(fmt.Sprintf("sandbox: unknown kind %q", kind))
	}
	return out
}

// Created returns how often each order number of a kind was created since New or Reset, including
// orders deleted since. It is a cheap check for duplicates.
func (s *Sandbox) Created(kind string) map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if kind == PurchaseOrders {
		return maps.Clone(s.purchases.created)
	}
	return maps.Clone(s.sales.created)
}

// Edit changes an order as another user of Luminous would, without the API's rules. A key is the
// name of a response field or a dotted path such as items.0.received_quantity, a value is written
// as JSON. Edit recomputes the totals of purchase orders.
func (s *Sandbox) Edit(kind string, id int64, set map[string]any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	switch kind {
	case SalesOrders:
		err = s.editSales(id, set)
	case PurchaseOrders:
		err = s.editPurchase(id, set)
	default:
		err = errors.New("unknown kind")
	}
	if err != nil {
		return fmt.Errorf("editing order %d of %s: %w", id, kind, err)
	}
	return nil
}

var errNotFound = errors.New("order not found")

func (s *Sandbox) editSales(id int64, set map[string]any) error {
	old, ok := s.sales.get(id)
	if !ok {
		return errNotFound
	}
	f, err := editedFields(old, set)
	if err != nil {
		return err
	}
	o, err := s.overlaySales(old, f)
	if err != nil {
		return err
	}
	s.saveSales(o)
	return nil
}

func (s *Sandbox) editPurchase(id int64, set map[string]any) error {
	old, ok := s.purchases.get(id)
	if !ok {
		return errNotFound
	}
	f, err := editedFields(old, set)
	if err != nil {
		return err
	}
	o := new(purchaseOrder)
	if err := overlay(old, o, f); err != nil {
		return err
	}
	o.Supplier = s.ref.suppliers[o.SupplierID]
	now, second := s.timestamp(s.purchases.lastSecond())
	s.finalize(o, now)
	s.purchases.put(o, second, s.cfg.Now())
	s.counts.writeCommitted(false)
	return nil
}

// Remove deletes an order as another user of Luminous would.
func (s *Sandbox) Remove(kind string, id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.sales.get(id); ok && kind == SalesOrders {
		s.sales.remove(id)
		return nil
	}
	if _, ok := s.purchases.get(id); ok && kind == PurchaseOrders {
		s.purchases.remove(id)
		return nil
	}
	return fmt.Errorf("removing order %d of %s: %w", id, kind, errNotFound)
}

// Create creates an order as another client would, without authentication, faults and rate limit.
// body is the request body.
func (s *Sandbox) Create(kind string, body []byte) (id int64, err error) {
	create := map[string]handler{SalesOrders: s.createSales, PurchaseOrders: s.createPurchase}[kind]
	if create == nil {
		return 0, fmt.Errorf("creating an order: unknown kind %q", kind)
	}
	a := create(&request{body: body})
	b := mustMarshal(a.body)
	if a.status != http.StatusCreated {
		return 0, fmt.Errorf("creating an order: %d %s", a.status, b)
	}
	var out struct {
		Data struct {
			ID int64 `json:"id"`
		} `json:"data"`
	}
	mustUnmarshal(b, &out)
	return out.Data.ID, nil
}

// editedFields returns the top-level fields of a record that an edit changes, with their new
// values.
func editedFields(rec any, set map[string]any) (fields, error) {
	var doc map[string]any
	dec := json.NewDecoder(bytes.NewReader(mustMarshal(rec)))
	dec.UseNumber()
	if err := dec.Decode(&doc); err != nil {
		return nil, err
	}
	f := fields{}
	for path, v := range set {
		parts := strings.Split(path, ".")
		if _, known := doc[parts[0]]; !known {
			return nil, fmt.Errorf("unknown field %q", parts[0])
		}
		changed, err := setPath(doc[parts[0]], parts[1:], v)
		if err != nil {
			return nil, fmt.Errorf("field %q: %w", path, err)
		}
		doc[parts[0]] = changed
		raw, err := json.Marshal(changed)
		if err != nil {
			return nil, fmt.Errorf("field %q: %w", path, err)
		}
		f[parts[0]] = raw
	}
	return f, nil
}

// setPath sets the value at a path below at and returns at.
func setPath(at any, path []string, v any) (any, error) {
	if len(path) == 0 {
		return v, nil
	}
	switch x := at.(type) {
	case map[string]any:
		below, err := setPath(x[path[0]], path[1:], v)
		x[path[0]] = below
		return x, err
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= len(x) {
			return nil, fmt.Errorf("no element %q", path[0])
		}
		x[i], err = setPath(x[i], path[1:], v)
		return x, err
	}
	return nil, fmt.Errorf("no fields below %T", at)
}
