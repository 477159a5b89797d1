package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

// purchaseIn is the request for a new purchase order.
type purchaseIn struct {
	purchaseSettable
	OrderDate         string           `json:"order_date"`
	SupplierID        integer          `json:"supplier_id"`
	OrderStatus       *string          `json:"order_status"`
	OrderNumbers      []string         `json:"order_numbers"`
	Items             []purchaseItemIn `json:"items"`
	WarehouseID       *integer         `json:"warehouse_id"`
	LocationID        *integer         `json:"location_id"`
	TotalShippingCost *number          `json:"total_shipping_cost"`
	TotalTax          *number          `json:"total_tax"`
	Payments          []paymentIn      `json:"payments"`
	CustomFields      customValues     `json:"custom_fields"`
	Tags              []string         `json:"tags"`
}

// purchaseSettable are the fields with the same name in requests and responses.
type purchaseSettable struct {
	InvoiceDate       *string         `json:"invoice_date"`
	RequestedShipDate *string         `json:"requested_ship_date"`
	ArrivalDueDate    *string         `json:"arrival_due_date"`
	PublicNote        *string         `json:"public_note"`
	PrivateNote       *string         `json:"private_note"`
	ShipTo            *purchaseShipTo `json:"ship_to"`
}

type purchaseItemIn struct {
	ID             *integer `json:"id"`
	ProductID      *integer `json:"product_id"`
	SKU            string   `json:"sku"`
	Quantity       number   `json:"quantity"`
	UnitPrice      number   `json:"unit_price"`
	Tax            *number  `json:"tax"`
	DiscountAmount *number  `json:"discount_amount"`
}

type purchaseShipTo struct {
	Address1 *string `json:"address_1"`
	Address2 *string `json:"address_2"`
	City     *string `json:"city"`
	State    *string `json:"state"`
	Zip      *string `json:"zip"`
	Country  *string `json:"country"`
	Default  *string `json:"default_ship_to_address"`
}

// purchaseOrder is a purchase order as stored and in responses.
type purchaseOrder struct {
	ID           int64    `json:"id"`
	OrderNumbers []string `json:"order_numbers"`
	CreatedAt    string   `json:"created_at"`
	UpdatedAt    string   `json:"updated_at"`
	OrderStatus  string   `json:"order_status"`
	OrderDate    string   `json:"order_date"`
	purchaseSettable
	OrderType         *int64         `json:"order_type"`
	Incoterm          *string        `json:"incoterm"`
	TrackingInfo      *string        `json:"tracking_info"`
	PaymentTerms      *string        `json:"payment_terms"`
	SupplierID        int64          `json:"supplier_id"`
	ItemCount         int            `json:"item_count"`
	TotalQtyOrdered   number         `json:"total_qty_ordered"`
	TotalQtyReceived  number         `json:"total_qty_received"`
	TotalQtyRemaining number         `json:"total_qty_remaining"`
	OrderCost         number         `json:"order_cost"`
	TotalTax          number         `json:"total_tax"`
	TotalShippingCost number         `json:"total_shipping_cost"`
	TotalCost         number         `json:"total_cost"`
	TotalPaid         number         `json:"total_paid"`
	TotalDue          number         `json:"total_due"`
	DownPayment       *number        `json:"down_payment"`
	Starred           bool           `json:"starred"`
	Items             []purchaseItem `json:"items"`
	Supplier          *supplier      `json:"supplier"`
	Payments          []payment      `json:"payments"`
	Warehouse         *idName        `json:"warehouse"`
	Location          *idName        `json:"location"`
	Tags              []tag          `json:"tags"`
	CustomFields      customValues   `json:"custom_fields"`
}

type purchaseItem struct {
	ID               int64        `json:"id"`
	PurchaseOrderID  int64        `json:"purchase_order_id"`
	CreatedAt        string       `json:"created_at"`
	UpdatedAt        string       `json:"updated_at"`
	Quantity         number       `json:"quantity"`
	UnitPrice        number       `json:"unit_price"`
	Unit             *string      `json:"unit"`
	Tax              number       `json:"tax"`
	DiscountAmount   number       `json:"discount_amount"`
	LineTotal        number       `json:"line_total"`
	ReceivedQuantity number       `json:"received_quantity"`
	SourceSKU        string       `json:"source_sku"`
	Product          *lineProduct `json:"product"`
}

type idName struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

func (o *purchaseOrder) id() int64         { return o.ID }
func (o *purchaseOrder) numbers() []string { return o.OrderNumbers }

func (s *Sandbox) createPurchase(r *request) response {
	var in purchaseIn
	if resp, ok := s.model.check(schemaPurchaseCreate, r.body, &in); !ok {
		return resp
	}
	errs := fieldErrors{}
	o := s.newPurchase(&in, errs)
	o.Items = s.newItems(in.Items, nil, errs)
	if len(errs) > 0 {
		return invalid(errs)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if resp, ok := s.checkNumbers(o); !ok {
		return resp
	}
	s.addPurchase(o, &in, s.clock())
	s.counts.writeCommitted(true)
	return response{http.StatusCreated, s.purchaseResponse(o)}
}

// addPurchase stores a new order with ids, totals and times. The caller holds the lock.
func (s *Sandbox) addPurchase(o *purchaseOrder, in *purchaseIn, at time.Time) {
	now, second := timestampAt(at, s.purchases.lastSecond())
	o.ID, o.CreatedAt = s.purchases.next(), now
	o.Payments = s.newPayments(in.Payments, now)
	o.Tags = s.makeTags(in.Tags)
	s.finalize(o, now)
	s.purchases.put(o, second, s.cfg.Now().Add(s.cfg.ListLag))
}

// newPurchase makes an order from a request, except items, payments, ids and tags.
func (s *Sandbox) newPurchase(in *purchaseIn, errs fieldErrors) *purchaseOrder {
	o := &purchaseOrder{
		OrderNumbers: slices.Clone(in.OrderNumbers), OrderStatus: "active", OrderDate: in.OrderDate, purchaseSettable: in.purchaseSettable,
		SupplierID: int64(in.SupplierID), TotalTax: orZero(in.TotalTax), TotalShippingCost: orZero(in.TotalShippingCost), CustomFields: in.CustomFields,
	}
	if o.OrderNumbers == nil {
		o.OrderNumbers = []string{}
	}
	if in.OrderStatus != nil {
		o.OrderStatus = *in.OrderStatus
	}
	s.linkPurchase(o, in.WarehouseID, in.LocationID, errs)
	return o
}

// linkPurchase sets the records that an order refers to.
func (s *Sandbox) linkPurchase(o *purchaseOrder, warehouse, location *integer, errs fieldErrors) {
	o.Supplier = s.ref.suppliers[o.SupplierID]
	if o.Supplier == nil {
		errs.add("supplier_id", "not found")
	} else {
		o.PaymentTerms = o.Supplier.Terms
	}
	o.Warehouse = s.ref.findSite(s.ref.warehouses, warehouse, "warehouse_id", errs)
	o.Location = s.ref.findSite(s.ref.locations, location, "location_id", errs)
}

// newItems makes an order's items. An item with the id of an existing one keeps its received
// quantity.
func (s *Sandbox) newItems(in []purchaseItemIn, existing []purchaseItem, errs fieldErrors) []purchaseItem {
	out := make([]purchaseItem, len(in))
	for i, it := range in {
		at := "items." + strconv.Itoa(i)
		p := s.catalog.find(it.ProductID, it.SKU)
		if p == nil {
			errs.add(at+".product", "not found")
			continue
		}
		if it.ID != nil {
			same := func(l purchaseItem) bool { return l.ID == int64(*it.ID) }
			j := slices.IndexFunc(existing, same)
			if j < 0 {
				errs.add(at+".id", "not found")
				continue
			}
			if slices.ContainsFunc(out[:i], same) {
				errs.add(at+".id", "given twice")
				continue
			}
			out[i] = existing[j]
		}
		out[i].Product, out[i].SourceSKU = p.lineProduct, p.SKU
		if it.SKU != "" {
			out[i].SourceSKU = it.SKU
		}
		out[i].Quantity, out[i].UnitPrice, out[i].Tax, out[i].DiscountAmount = it.Quantity, it.UnitPrice, orZero(it.Tax), orZero(it.DiscountAmount)
		out[i].UpdatedAt = ""
	}
	return out
}

// finalize gives new items their ids and computes all totals. The caller holds the lock.
func (s *Sandbox) finalize(o *purchaseOrder, now string) {
	o.UpdatedAt, o.ItemCount = now, len(o.Items)
	cost, ordered, received, paid := decimal.Zero, decimal.Zero, decimal.Zero, decimal.Zero
	for i := range o.Items {
		l := &o.Items[i]
		if l.ID == 0 {
			s.serial++
			l.ID, l.CreatedAt = s.serial, now
		}
		if l.UpdatedAt == "" {
			l.UpdatedAt = now
		}
		l.PurchaseOrderID = o.ID
		sum := l.Quantity.decimal().Mul(l.UnitPrice.decimal())
		l.LineTotal = money(sum)
		cost, ordered, received = cost.Add(sum), ordered.Add(l.Quantity.decimal()), received.Add(l.ReceivedQuantity.decimal())
	}
	for _, p := range o.Payments {
		paid = paid.Add(p.PaidAmount.decimal())
	}
	total := cost.Add(o.TotalTax.decimal()).Add(o.TotalShippingCost.decimal())
	o.OrderCost, o.TotalCost, o.TotalPaid, o.TotalDue = money(cost), money(total), money(paid), money(total.Sub(paid))
	o.TotalQtyOrdered, o.TotalQtyReceived = number(ordered.String()), number(received.String())
	o.TotalQtyRemaining = number(ordered.Sub(received).String())
}

// checkNumbers applies the rule for duplicate numbers. Soft-deleted orders don't count.
func (s *Sandbox) checkNumbers(o *purchaseOrder) (resp response, ok bool) {
	for i, n := range o.OrderNumbers {
		taken := slices.ContainsFunc(s.purchases.byNumber[n], func(id int64) bool {
			other, _ := s.purchases.get(id)
			return id != o.ID && other.OrderStatus != "deleted"
		})
		if resp, ok := s.checkDuplicate(taken, "order_numbers."+strconv.Itoa(i)); !ok {
			return resp, false
		}
	}
	return response{}, true
}

// purchaseResponse returns the response body for a purchase order.
func (s *Sandbox) purchaseResponse(o *purchaseOrder) any {
	full := *o
	full.Tags = withDetails(o.Tags)
	o = &full
	if s.cfg.Sparse {
		return envelope{struct {
			*purchaseOrder
			Without any `json:"custom_fields,omitempty"` // hides the order's field
		}{purchaseOrder: o}}
	}
	return envelope{o}
}

func (s *Sandbox) getPurchase(r *request) response {
	return readOrder(s, s.purchases, r, s.purchaseResponse)
}
