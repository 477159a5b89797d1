package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// createOrder answers the POST of an order.
func (s *Sandbox) createOrder(o *orders, r *request) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	order, errs := r.in, fieldErrors{}
	s.complete(o, order, errs)
	if resp, ok := s.checkOrder(o, 0, order, errs); !ok {
		return resp
	}
	s.storeOrder(o, o.next(), order, s.clock())
	s.gate.update(func(st *Stats) { st.Writes, st.Created = st.Writes+1, st.Created+1 })
	return response{http.StatusCreated, data(shown{o, o.created, order})}
}

// complete makes an order of a request, except for ids, times, tags and totals.
func (s *Sandbox) complete(o *orders, order doc, errs fieldErrors) {
	s.link(o, order, order, errs)
	s.completeItems(o, order, nil, errs)
}

// link sets the records that the sent fields of an order refer to.
func (s *Sandbox) link(o *orders, order, sent doc, errs fieldErrors) {
	for _, l := range o.links {
		id, ok := sent[l.field]
		if !ok {
			continue
		}
		record := s.ref[l.in].byID[id]
		if record == nil && id != nil {
			errs.add(l.field, "not found")
			continue
		}
		order[l.as] = record
		if l.then != nil && record != nil {
			l.then(order, record.(doc))
		}
		if !l.shown {
			delete(order, l.field)
		}
	}
}

// completeItems looks up the products of an order's items. An item with the id of an existing one
// of old keeps what the request can't set.
func (s *Sandbox) completeItems(o *orders, order, old doc, errs fieldErrors) {
	given := map[any]bool{}
	for i, item := range records(order, "items") {
		at := "items." + strconv.Itoa(i)
		product := s.catalog.find(item["product_id"], text(item, "sku"))
		if product == nil {
			errs.add(at+".product", "not found")
			continue
		}
		if id := item["id"]; id != nil {
			existing := find(old, "items", id)
			if existing < 0 || given[id] {
				errs.add(at+".id", map[bool]string{false: "not found", true: "given twice"}[given[id]])
				continue
			}
			given[id] = true
			was := list(old, "items")[existing].(doc)
			for _, field := range []string{"created_at", "unit", "received_quantity"} {
				item[field] = was[field]
			}
		}
		item["product"] = product
		delete(item, "product_id")
		o.item(item, i)
	}
}

// find returns the index of the record in a field that has an id, or -1.
func find(d doc, field string, id any) int {
	return slices.IndexFunc(list(d, field), func(v any) bool { return v.(doc)["id"] == id })
}

// checkOrder answers with the errors of an order, or by the rule for duplicate numbers.
// Soft-deleted orders don't count as duplicates, nor does the order with the given id.
func (s *Sandbox) checkOrder(o *orders, id int64, order doc, errs fieldErrors) (resp response, ok bool) {
	if len(errs) > 0 {
		return invalid(errs), false
	}
	for i, n := range texts(order, o.number) {
		taken := slices.ContainsFunc(o.byNumber[n], func(other int64) bool {
			return other != id && text(o.get(other), "order_status") != "deleted"
		})
		switch {
		case !taken || s.cfg.Duplicates == "accept":
			continue
		case s.cfg.Duplicates == "409":
			return failure(http.StatusConflict), false
		}
		path := o.number
		if _, several := order[path].([]any); several {
			path += "." + strconv.Itoa(i)
		}
		return invalid(fieldErrors{path: {"has already been taken"}}), false
	}
	return response{}, true
}

// storeOrder stores a new or changed order. Its time is no earlier than the last write. The caller
// holds the lock.
func (s *Sandbox) storeOrder(o *orders, id int64, order doc, at time.Time) {
	second := max(at.Unix(), o.lastSecond)
	var now any = time.Unix(second, 0).UTC().Format(time.RFC3339)
	isNew := order["id"] == nil
	order["updated_at"] = now
	if isNew {
		order["id"], order["created_at"], order["tags"] = whole(id), now, s.makeTags(list(order, "tags"))
	}
	s.stampParts(order, now)
	if isNew || o.rederives {
		o.derive(order)
	}
	o.put(id, order, second, s.cfg.Now().Add(s.cfg.ListLag))
}

// stampParts gives new payments and items their ids, and those that changed their times.
func (s *Sandbox) stampParts(order doc, now any) {
	for _, field := range []string{"payments", "items"} {
		for _, part := range records(order, field) {
			if part["id"] == nil {
				s.serial++
				part["id"], part["created_at"] = whole(s.serial), now
				if names := list(part, "tags"); len(names) > 0 {
					part["tags"] = s.makeTags(names)
				}
			}
			if part["updated_at"] == nil {
				part["updated_at"] = now
			}
		}
	}
}

// makeTags returns the tags with the given names, without duplicates. A new name makes a new tag.
func (s *Sandbox) makeTags(names []any) []any {
	out := make([]any, 0, len(names))
	for _, n := range names {
		name, _ := n.(string)
		t, ok := s.tags[name]
		if !ok {
			t = doc{"id": whole(int64(len(s.tags) + 1)), "name": n}
			s.tags[name] = t
		}
		out = union(out, []any{t})
	}
	return out
}

// union adds the tags of more that old doesn't have.
func union(old, more []any) []any {
	out := slices.Clone(old)
	for _, t := range more {
		if !slices.ContainsFunc(out, func(u any) bool { return u.(doc)["id"] == t.(doc)["id"] }) {
			out = append(out, t)
		}
	}
	return out
}
