package sandbox

import (
	"maps"
	"net/http"
	"slices"
)

// neverNull are fields that keep their value if a change sets them to null. Read-only.
var neverNull = []string{"order_status", "total_tax", "total_shipping_cost"}

// updateOrder answers a PATCH or PUT. Items and payments are replaced as a whole.
func (s *Sandbox) updateOrder(o *orders, r *request) response {
	sent := r.in
	return s.changeOrder(o, r, o.show(o.changed), func(order doc, errs fieldErrors) bool {
		old := maps.Clone(order)
		for field, v := range sent {
			if v != nil || !slices.Contains(neverNull, field) {
				order[field] = v
			}
		}
		s.applyLabels(order, old, sent)
		s.link(o, order, sent, errs)
		if sent["items"] != nil {
			s.completeItems(o, order, old, errs)
		}
		return true
	})
}

// applyLabels replaces tag names by tags and completes the custom fields, as Config says.
func (s *Sandbox) applyLabels(order, old, sent doc) {
	if _, ok := sent["tags"]; ok {
		tags := s.makeTags(list(sent, "tags"))
		if s.cfg.AddTags {
			tags = union(list(old, "tags"), tags)
		}
		order["tags"] = tags
	}
	if _, ok := sent["custom_fields"]; ok {
		custom := doc{}
		if old, ok := old["custom_fields"].(doc); ok && !s.cfg.ReplaceCustomFields {
			maps.Copy(custom, old)
		}
		more, _ := sent["custom_fields"].(doc) // PHP writes an empty map as []
		maps.Copy(custom, more)
		order["custom_fields"] = custom
	}
}

// shower answers with an order, or a part of it.
type shower func(order doc) response

// show answers with the whole order.
func (o *orders) show(v *view) shower {
	return func(order doc) response { return response{http.StatusOK, data(shown{o, v, order})} }
}

// changeOrder stores an order as changed by edit and answers with it. edit gets a clone, whose
// parts it must not modify; it returns false if what it changes doesn't exist.
func (s *Sandbox) changeOrder(
	o *orders, r *request, show shower, edit func(order doc, errs fieldErrors) bool,
) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := r.ids[0]
	order, errs := maps.Clone(o.get(id)), fieldErrors{}
	if order == nil || !edit(order, errs) {
		return failure(http.StatusNotFound)
	}
	if resp, ok := s.checkOrder(o, id, order, errs); !ok && (o.rederives || len(errs) > 0) {
		return resp
	}
	s.changed(o, id, order)
	return show(order)
}

// changed stores a changed order with the current time. The caller holds the lock.
func (s *Sandbox) changed(o *orders, id int64, order doc) {
	s.storeOrder(o, id, order, s.clock())
	s.gate.update(func(st *Stats) { st.Writes++ })
}

// getter returns a handler that answers with what show makes of an order.
func (s *Sandbox) getter(o *orders, show shower) handler {
	return func(r *request) response {
		s.mu.Lock()
		defer s.mu.Unlock()
		order := o.get(r.ids[0])
		if order == nil {
			return failure(http.StatusNotFound)
		}
		return show(order)
	}
}

func (s *Sandbox) deletePurchase(r *request) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := r.ids[0]
	order := maps.Clone(s.purchases.get(id))
	switch {
	case order == nil:
		return failure(http.StatusNotFound)
	case s.cfg.SoftDelete:
		order["order_status"] = "deleted"
		s.changed(s.purchases, id, order)
	default:
		s.purchases.remove(id)
		s.gate.update(func(st *Stats) { st.Writes++ })
	}
	return message(http.StatusOK, "Deleted")
}

func showTags(order doc) response {
	return response{http.StatusOK, data(shown{nil, tagView, list(order, "tags")})}
}

func replaceTags(_, sent []any) []any { return sent }

// setTags returns a handler that changes tags. Unlike others, its answer isn't under data.
func (s *Sandbox) setTags(text string, join func(old, sent []any) []any) handler {
	show := func(order doc) response {
		return response{http.StatusOK, doc{"message": text, "tags": shown{nil, idNameView, order["tags"]}}}
	}
	return s.checked("TagNames", func(r *request) response {
		return s.changeOrder(s.sales, r, show, func(order doc, _ fieldErrors) bool {
			order["tags"] = join(list(order, "tags"), s.makeTags(list(r.in, "tags")))
			return true
		})
	})
}

func showCustomFields(order doc) response {
	custom, _ := order["custom_fields"].(doc)
	return response{http.StatusOK, data(shown{value: custom})}
}

func (s *Sandbox) putCustomFields(r *request) response {
	return s.changeOrder(s.sales, r, showCustomFields, func(order doc, _ fieldErrors) bool {
		s.applyLabels(order, order, doc{"custom_fields": r.in})
		return true
	})
}

// changePayments answers a change of a purchase order's payments. edit gets a copy of them and the
// index of the one that the path names, -1 for none.
func (s *Sandbox) changePayments(r *request, show shower, edit func(payments []any, i int) []any) response {
	return s.changeOrder(s.purchases, r, show, func(order doc, _ fieldErrors) bool {
		i := -1
		if len(r.ids) > 1 {
			if i = find(order, "payments", whole(r.ids[1])); i < 0 {
				return false
			}
		}
		order["payments"] = edit(slices.Clone(list(order, "payments")), i)
		return true
	})
}

func (s *Sandbox) createPayment(r *request) response {
	show := func(order doc) response {
		return response{http.StatusCreated, data(shown{s.purchases, s.purchases.changed, order})}
	}
	return s.changePayments(r, show, func(payments []any, _ int) []any { return append(payments, r.in) })
}

func (s *Sandbox) putPayment(r *request) response {
	return s.changePayments(r, s.purchases.show(s.purchases.changed), func(payments []any, i int) []any {
		payment := maps.Clone(payments[i].(doc))
		maps.Copy(payment, r.in)
		payment["updated_at"] = nil // storeOrder sets it
		payments[i] = payment
		return payments
	})
}

func (s *Sandbox) deletePayment(r *request) response {
	show := func(doc) response { return message(http.StatusOK, "Payment removed") }
	return s.changePayments(r, show, func(payments []any, i int) []any { return slices.Delete(payments, i, i+1) })
}
