package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
)

type paymentIn struct {
	PaymentDate string  `json:"payment_date"`
	PaymentType string  `json:"payment_type"`
	PaidAmount  number  `json:"paid_amount"`
	Remarks     *string `json:"remarks"`
	ExternalID  *string `json:"external_id"`
}

type payment struct {
	ID int64 `json:"id"`
	paymentIn
	CreatedBy idName `json:"created_by"`
	CreatedAt string `json:"created_at"`
	UpdatedAt string `json:"updated_at"`
}

func (s *Sandbox) putPurchase(r *request) answer {
	schema := schemaPurchasePut
	if s.cfg.StrictPut {
		schema = schemaPurchaseStrict
	}
	var f fields
	if refusal, ok := s.model.check(schema, r.body, &f); !ok {
		return refusal
	}
	var in purchaseIn
	if err := json.Unmarshal(r.body, &in); err != nil {
		return invalidField("body", err.Error())
	}
	return s.changePurchase(r.ids[0], func(o *purchaseOrder, now string, bad mistake) *purchaseOrder {
		return s.putOver(o, f, &in, now, bad)
	})
}

// putOver makes the order that old becomes by a PUT: only what is sent changes, items and payments are replaced as lists.
func (s *Sandbox) putOver(old *purchaseOrder, f fields, in *purchaseIn, now string, bad mistake) *purchaseOrder {
	header := fields{}
	for k, v := range f {
		switch k {
		case "items", "payments", "warehouse_id", "location_id":
		case "order_status", "total_tax", "total_shipping_cost":
			if string(v) != "null" { // null means the default, which stands
				header[k] = v
			}
		case "order_numbers":
			header[k] = v
			if string(v) == "null" {
				header[k] = json.RawMessage("[]")
			}
		default:
			header[k] = v
		}
	}
	s.labels(header, old.Tags, old.CustomFields)
	fresh := new(purchaseOrder)
	if err := overlay(old, fresh, header); err != nil {
		bad.add("body", err.Error())
		return old
	}
	warehouse, location := in.WarehouseID, in.LocationID
	if _, sent := f["warehouse_id"]; !sent {
		warehouse = old.Warehouse.ref()
	}
	if _, sent := f["location_id"]; !sent {
		location = old.Location.ref()
	}
	s.linkPurchase(fresh, warehouse, location, bad)
	if _, sent := f["items"]; sent {
		fresh.Items = s.lines(in.Items, old.Items, bad)
	}
	if _, sent := f["payments"]; sent {
		fresh.Payments = s.paid(in.Payments, now)
	}
	return fresh
}

// ref is the id as it would be sent, nil for none.
func (n *idName) ref() *whole {
	if n == nil {
		return nil
	}
	id := whole(n.ID)
	return &id
}

// changePurchase replaces an order by what makes of it, and answers with the whole order. make may return its argument only when it
// reports a mistake.
func (s *Sandbox) changePurchase(id int64, what func(o *purchaseOrder, now string, bad mistake) *purchaseOrder) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.buys.get(id)
	if !ok {
		return notFound()
	}
	bad := mistake{}
	now, second := s.stamp(s.buys.lastSecond())
	o := what(old, now, bad)
	if o == nil {
		return notFound()
	}
	if len(bad) > 0 {
		return invalid(bad)
	}
	if refusal, ok := s.uniqueNumbers(o); !ok {
		return refusal
	}
	s.complete(o, now)
	s.buys.put(o, second, s.cfg.Now())
	s.counts.wrote(false)
	return answer{http.StatusOK, s.shown(o)}
}

func (s *Sandbox) deletePurchase(r *request) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.buys.get(r.ids[0])
	if !ok {
		return notFound()
	}
	if s.cfg.SoftDelete {
		o := *old
		now, second := s.stamp(s.buys.lastSecond())
		o.OrderStatus, o.UpdatedAt = "deleted", now
		s.buys.put(&o, second, s.cfg.Now())
	} else {
		s.buys.drop(old.ID)
	}
	s.counts.wrote(false)
	return message(http.StatusOK, "Deleted")
}

// paid makes payments of those sent. The caller holds the lock.
func (s *Sandbox) paid(in []paymentIn, now string) []payment {
	out := make([]payment, 0, len(in))
	for _, p := range in {
		s.serial++
		out = append(out, payment{ID: s.serial, paymentIn: p, CreatedBy: idName{2, "API"}, CreatedAt: now, UpdatedAt: now})
	}
	return out
}

func (s *Sandbox) createPayment(r *request) answer {
	var in paymentIn
	if refusal, ok := s.model.check(schemaPaymentCreate, r.body, &in); !ok {
		return refusal
	}
	a := s.changePurchase(r.ids[0], func(old *purchaseOrder, now string, _ mistake) *purchaseOrder {
		o := old.copy()
		o.Payments = append(o.Payments, s.paid([]paymentIn{in}, now)...)
		return o
	})
	if a.status == http.StatusOK {
		a.status = http.StatusCreated
	}
	return a
}

func (s *Sandbox) putPayment(r *request) answer {
	var f fields
	if refusal, ok := s.model.check(schemaPaymentPut, r.body, &f); !ok {
		return refusal
	}
	return s.changePurchase(r.ids[0], func(old *purchaseOrder, now string, bad mistake) *purchaseOrder {
		o := old.copy()
		i := o.payment(r.ids[1])
		if i < 0 {
			return nil
		}
		fresh := new(payment)
		if err := overlay(&o.Payments[i], fresh, f); err != nil {
			bad.add("body", err.Error())
		}
		fresh.UpdatedAt = now
		o.Payments[i] = *fresh
		return o
	})
}

func (s *Sandbox) deletePayment(r *request) answer {
	a := s.changePurchase(r.ids[0], func(old *purchaseOrder, _ string, _ mistake) *purchaseOrder {
		o := old.copy()
		i := o.payment(r.ids[1])
		if i < 0 {
			return nil
		}
		o.Payments = slices.Delete(o.Payments, i, i+1)
		return o
	})
	if a.status != http.StatusOK {
		return a
	}
	return message(http.StatusOK, "Payment removed")
}

// copy is an order whose lines and payments may be changed without changing o's.
func (o *purchaseOrder) copy() *purchaseOrder {
	out := *o
	out.Items, out.Payments = slices.Clone(o.Items), slices.Clone(o.Payments)
	return &out
}

func (o *purchaseOrder) payment(id int64) int {
	return slices.IndexFunc(o.Payments, func(p payment) bool { return p.ID == id })
}
