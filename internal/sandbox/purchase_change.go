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

func (s *Sandbox) putPurchase(r *request) response {
	schema := schemaPurchasePut
	if s.cfg.StrictPut {
		schema = schemaPurchaseStrict
	}
	var f fields
	if resp, ok := s.model.check(schema, r.body, &f); !ok {
		return resp
	}
	var in purchaseIn
	if err := json.Unmarshal(r.body, &in); err != nil {
		return invalidField("body", err.Error())
	}
	return s.changePurchase(r.ids[0], func(o *purchaseOrder, now string, errs fieldErrors) *purchaseOrder {
		return s.applyPut(o, f, &in, now, errs)
	})
}

// applyPut returns old with the fields of a PUT. Items and payments are replaced as a whole.
func (s *Sandbox) applyPut(old *purchaseOrder, f fields, in *purchaseIn, now string, errs fieldErrors) *purchaseOrder {
	header := fields{}
	for k, v := range f {
		switch k {
		case "items", "payments", "warehouse_id", "location_id":
		case "order_status", "total_tax", "total_shipping_cost":
			if string(v) != "null" { // null keeps the current value
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
	s.applyLabels(header, old.Tags, old.CustomFields)
	fresh := new(purchaseOrder)
	if err := overlay(old, fresh, header); err != nil {
		errs.add("body", err.Error())
		return old
	}
	warehouse, location := in.WarehouseID, in.LocationID
	if _, sent := f["warehouse_id"]; !sent {
		warehouse = old.Warehouse.ref()
	}
	if _, sent := f["location_id"]; !sent {
		location = old.Location.ref()
	}
	s.linkPurchase(fresh, warehouse, location, errs)
	if _, sent := f["items"]; sent {
		fresh.Items = s.newItems(in.Items, old.Items, errs)
	}
	if _, sent := f["payments"]; sent {
		fresh.Payments = s.newPayments(in.Payments, now)
	}
	return fresh
}

// ref returns the id as a request has it, or nil.
func (n *idName) ref() *integer {
	if n == nil {
		return nil
	}
	id := integer(n.ID)
	return &id
}

// changePurchase replaces an order by the result of edit and responds with it. edit returns nil if
// what it changes doesn't exist, and must not modify its argument.
func (s *Sandbox) changePurchase(id int64, edit func(o *purchaseOrder, now string, errs fieldErrors) *purchaseOrder) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.purchases.get(id)
	if !ok {
		return notFound()
	}
	errs := fieldErrors{}
	now, second := s.timestamp(s.purchases.lastSecond())
	o := edit(old, now, errs)
	if o == nil {
		return notFound()
	}
	if len(errs) > 0 {
		return invalid(errs)
	}
	if resp, ok := s.checkNumbers(o); !ok {
		return resp
	}
	s.finalize(o, now)
	s.purchases.put(o, second, s.cfg.Now())
	s.counts.writeCommitted(false)
	return response{http.StatusOK, s.purchaseResponse(o)}
}

func (s *Sandbox) deletePurchase(r *request) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.purchases.get(r.ids[0])
	if !ok {
		return notFound()
	}
	if s.cfg.SoftDelete {
		o := *old
		now, second := s.timestamp(s.purchases.lastSecond())
		o.OrderStatus, o.UpdatedAt = "deleted", now
		s.purchases.put(&o, second, s.cfg.Now())
	} else {
		s.purchases.remove(old.ID)
	}
	s.counts.writeCommitted(false)
	return message(http.StatusOK, "Deleted")
}

// newPayments makes payments from requests. The caller holds the lock.
func (s *Sandbox) newPayments(in []paymentIn, now string) []payment {
	out := make([]payment, 0, len(in))
	for _, p := range in {
		s.serial++
		out = append(out, payment{ID: s.serial, paymentIn: p, CreatedBy: idName{2, "API"}, CreatedAt: now, UpdatedAt: now})
	}
	return out
}

func (s *Sandbox) createPayment(r *request) response {
	var in paymentIn
	if resp, ok := s.model.check(schemaPaymentCreate, r.body, &in); !ok {
		return resp
	}
	a := s.changePurchase(r.ids[0], func(old *purchaseOrder, now string, _ fieldErrors) *purchaseOrder {
		o := old.copy()
		o.Payments = append(o.Payments, s.newPayments([]paymentIn{in}, now)...)
		return o
	})
	if a.status == http.StatusOK {
		a.status = http.StatusCreated
	}
	return a
}

func (s *Sandbox) putPayment(r *request) response {
	var f fields
	if resp, ok := s.model.check(schemaPaymentPut, r.body, &f); !ok {
		return resp
	}
	return s.changePurchase(r.ids[0], func(old *purchaseOrder, now string, errs fieldErrors) *purchaseOrder {
		o := old.copy()
		i := o.payment(r.ids[1])
		if i < 0 {
			return nil
		}
		fresh := new(payment)
		if err := overlay(&o.Payments[i], fresh, f); err != nil {
			errs.add("body", err.Error())
		}
		fresh.UpdatedAt = now
		o.Payments[i] = *fresh
		return o
	})
}

func (s *Sandbox) deletePayment(r *request) response {
	a := s.changePurchase(r.ids[0], func(old *purchaseOrder, _ string, _ fieldErrors) *purchaseOrder {
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

// copy returns an order whose items and payments may be modified.
func (o *purchaseOrder) copy() *purchaseOrder {
	out := *o
	out.Items, out.Payments = slices.Clone(o.Items), slices.Clone(o.Payments)
	return &out
}

func (o *purchaseOrder) payment(id int64) int {
	return slices.IndexFunc(o.Payments, func(p payment) bool { return p.ID == id })
}
