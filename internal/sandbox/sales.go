package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

// salesIn is the request for a new sales order.
type salesIn struct {
	salesSettable
	ChannelID     integer       `json:"channel_id"`
	OrderNumber   string        `json:"order_number"`
	OrderDate     string        `json:"order_date"`
	OrderStatus   string        `json:"order_status"`
	Items         []salesItemIn `json:"items"`
	CompanyID     *integer      `json:"company_id"`
	TotalTax      *number       `json:"total_tax"`
	TotalShipping *number       `json:"total_shipping"`
	CustomFields  customValues  `json:"custom_fields"`
	Tags          []string      `json:"tags"`
}

// salesSettable are the fields with the same name in creates, updates and responses.
type salesSettable struct {
	CustomerEmail            *string       `json:"customer_email"`
	CustomerUsername         *string       `json:"customer_username"`
	CustomerPONumber         *string       `json:"customer_po_number"`
	BillTo                   *salesAddress `json:"bill_to"`
	ShipTo                   *salesAddress `json:"ship_to"`
	RequestedShippingService *string       `json:"requested_shipping_service"`
	CustomerNotes            *string       `json:"customer_notes"`
	InternalNotes            *string       `json:"internal_notes"`
	ShipDate                 *string       `json:"ship_date"`
	HoldUntilDate            *string       `json:"hold_until_date"`
	ShipByDate               *string       `json:"ship_by_date"`
	EarliestShipDate         *string       `json:"earliest_ship_date"`
}

type salesItemIn struct {
	ProductID    *integer     `json:"product_id"`
	SKU          string       `json:"sku"`
	Quantity     number       `json:"quantity"`
	UnitPrice    number       `json:"unit_price"`
	Tax          *number      `json:"tax"`
	Discount     *number      `json:"discount"`
	Tags         []string     `json:"tags"`
	CustomFields customValues `json:"custom_fields"`
}

type salesAddress struct {
	Name       *string `json:"name"`
	Company    *string `json:"company"`
	Street1    *string `json:"street1"`
	Street2    *string `json:"street2"`
	Street3    *string `json:"street3"`
	City       *string `json:"city"`
	State      *string `json:"state"`
	PostalCode *string `json:"postal_code"`
	Country    *string `json:"country"`
	Phone      *string `json:"phone"`
}

// salesOrder is a sales order as stored and in responses.
type salesOrder struct {
	ID          int64  `json:"id"`
	CreatedAt   string `json:"created_at"`
	UpdatedAt   string `json:"updated_at"`
	Status      string `json:"status"`
	OrderID     string `json:"order_id"`
	OrderNumber string `json:"order_number"`
	OrderDate   string `json:"order_date"`
	OrderStatus string `json:"order_status"`
	ChannelID   *int64 `json:"channel_id"`
	CompanyID   *int64 `json:"company_id"`
	salesSettable
	Company            *company          `json:"company"`
	Total              number            `json:"total"`
	TotalPaid          number            `json:"total_paid"`
	TotalTax           number            `json:"total_tax"`
	TotalShipping      number            `json:"total_shipping"`
	ProductTotal       number            `json:"product_total"`
	TotalDiscount      number            `json:"total_discount"`
	ShippingRevenue    number            `json:"shipping_revenue"`
	TotalOrderQuantity number            `json:"total_order_quantity"`
	Source             string            `json:"source"`
	ExternallyDone     bool              `json:"externally_fulfilled"`
	IsPosted           bool              `json:"is_posted"`
	Items              []salesItem       `json:"items"`
	Tags               []tag             `json:"tags"`
	Shipments          []json.RawMessage `json:"shipments"`
	CustomFields       customValues      `json:"custom_fields"`
	*salesDetails

	hidden fields // accepted by PATCH, in no response; see hiddenFields
}

// salesDetails are shown in single orders and can't be set with this API.
type salesDetails struct {
	PaymentDate     *string         `json:"payment_date"`
	Age             int             `json:"age"`
	CustomerID      *string         `json:"customer_id"`
	UserID          *int64          `json:"user_id"`
	ExternallyBy    *string         `json:"externally_fulfilled_by"`
	PostedBy        *string         `json:"posted_by"`
	NotSync         bool            `json:"not_sync"`
	SalesPosted     bool            `json:"sales_posted"`
	SplitOrder      bool            `json:"split_order"`
	SkipInventory   bool            `json:"skip_inventory"`
	SkipSalesReport bool            `json:"skip_sales_report"`
	TotalOrderCost  *number         `json:"total_order_cost"`
	CostDetails     json.RawMessage `json:"order_cost_details"`
	ShipstationID   *string         `json:"shipstation_order_id"`
	Type            *string         `json:"type"`
	ParentID        *int64          `json:"parent_id"`
	PickingStatus   *string         `json:"picking_status"`
	Starred         *string         `json:"starred_description"`
}

type salesItem struct {
	ID                int64        `json:"id"`
	LineNumber        int          `json:"line_number"`
	CreatedAt         string       `json:"created_at"`
	UpdatedAt         string       `json:"updated_at"`
	SKU               string       `json:"sku"`
	Name              string       `json:"name"`
	Quantity          number       `json:"quantity"`
	UnitPrice         number       `json:"unit_price"`
	Tax               number       `json:"tax"`
	Discount          number       `json:"discount"`
	UPC               *string      `json:"upc"`
	ProductID         int64        `json:"product_id"`
	QuantityOrdered   number       `json:"quantity_ordered"`
	QuantityShipped   number       `json:"quantity_shipped"`
	QuantityCancelled number       `json:"quantity_cancelled"`
	QuantityInvoiced  number       `json:"quantity_invoiced"`
	Product           *product     `json:"product,omitempty"` // only in single orders
	Tags              []tag        `json:"tags"`
	CustomFields      customValues `json:"custom_fields"`
	*itemDetails                   // only in single orders
}

// itemDetails are shown for items of single orders and can't be set with this API.
type itemDetails struct {
	ImageURL          *string         `json:"image_url"`
	Weight            json.RawMessage `json:"weight"`
	Shipping          number          `json:"shipping"`
	WarehouseLocation *string         `json:"warehouse_location"`
	Options           json.RawMessage `json:"options"`
	FulfillmentSKU    *string         `json:"fulfillment_sku"`
	Adjustment        number          `json:"adjustment"`
	StockID           *int64          `json:"stock_id"`
	KitID             *int64          `json:"kit_id"`
	NonPhysical       bool            `json:"non_physical_item"`
	Ignore            bool            `json:"ignore_item"`
	BaseUOM           *int64          `json:"base_uom_id"`
	OrderedUOM        *int64          `json:"ordered_uom_id"`
	Returned          number          `json:"total_returned_base_quantity"`
	ParentID          *int64          `json:"parent_id"`
	Status            *string         `json:"status"`
	EstimatedShipDate *string         `json:"estimated_ship_date"`
}

// emptyItemDetails is shared by all items and must not be modified.
var emptyItemDetails = &itemDetails{Weight: emptyObject, Options: emptyObject}

func (o *salesOrder) id() int64         { return o.ID }
func (o *salesOrder) numbers() []string { return []string{o.OrderNumber} }

// emptySalesDetails is shared by orders and must not be modified.
var emptySalesDetails = &salesDetails{CostDetails: emptyObject}

func (s *Sandbox) createSales(r *request) response {
	var in salesIn
	if resp, ok := s.model.check(schemaSalesCreate, r.body, &in); !ok {
		return resp
	}
	errs := fieldErrors{}
	o := s.newSales(&in, errs)
	if len(errs) > 0 {
		return invalid(errs)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if resp, ok := s.checkDuplicate(len(s.sales.byNumber[o.OrderNumber]) > 0, "order_number"); !ok {
		return resp
	}
	s.addSales(o, &in, s.clock())
	s.counts.writeCommitted(true)
	if s.cfg.Sparse {
		return response{http.StatusCreated, envelope{struct {
			*salesOrder
			Without any `json:"channel_id,omitempty"` // hides the order's field
		}{salesOrder: o}}}
	}
	return response{http.StatusCreated, envelope{o}}
}

// addSales stores a new order with ids and times. The caller holds the lock.
func (s *Sandbox) addSales(o *salesOrder, in *salesIn, at time.Time) {
	now, second := timestampAt(at, s.sales.lastSecond())
	o.ID = s.sales.next()
	o.OrderID, o.CreatedAt, o.UpdatedAt = strconv.FormatInt(o.ID, 10), now, now
	o.Tags = s.makeTags(in.Tags)
	for i := range o.Items {
		s.serial++
		o.Items[i].ID, o.Items[i].CreatedAt, o.Items[i].UpdatedAt = s.serial, now, now
		o.Items[i].Tags = s.makeTags(in.Items[i].Tags)
	}
	s.sales.put(o, second, s.cfg.Now().Add(s.cfg.ListLag))
}

// newSales makes an order from a request, except ids and tags.
func (s *Sandbox) newSales(in *salesIn, errs fieldErrors) *salesOrder {
	channel := int64(in.ChannelID)
	if s.ref.channels[channel] == nil {
		errs.add("channel_id", "not found")
	}
	o := &salesOrder{
		Status: "Active", OrderNumber: in.OrderNumber, OrderDate: in.OrderDate, OrderStatus: in.OrderStatus, ChannelID: &channel,
		salesSettable: in.salesSettable, TotalTax: orZero(in.TotalTax), TotalShipping: orZero(in.TotalShipping), ShippingRevenue: orZero(in.TotalShipping),
		Source: "external_api", Shipments: []json.RawMessage{}, CustomFields: in.CustomFields, salesDetails: emptySalesDetails, Items: make([]salesItem, len(in.Items)),
	}
	if in.CompanyID != nil {
		id := int64(*in.CompanyID)
		o.CompanyID, o.Company = &id, s.ref.companies[id].summary()
		if o.Company == nil {
			errs.add("company_id", "not found")
		} else {
			o.Company.fillAddresses(&o.salesSettable)
		}
	}
	sum, count := decimal.Zero, decimal.Zero
	for i, it := range in.Items {
		p := s.catalog.find(it.ProductID, it.SKU)
		if p == nil {
			errs.add("items."+strconv.Itoa(i)+".product", "not found")
			continue
		}
		o.Items[i] = salesItem{
			LineNumber: i + 1, SKU: p.SKU, Name: p.Name, Quantity: it.Quantity, UnitPrice: it.UnitPrice, Tax: orZero(it.Tax), Discount: orZero(it.Discount),
			UPC: p.UPC, ProductID: p.ID, QuantityOrdered: it.Quantity, CustomFields: it.CustomFields,
		}
		sum = sum.Add(it.Quantity.decimal().Mul(it.UnitPrice.decimal()))
		count = count.Add(it.Quantity.decimal())
	}
	o.ProductTotal, o.TotalOrderQuantity = money(sum), number(count.String())
	o.Total = money(sum.Add(o.TotalTax.decimal()).Add(o.TotalShipping.decimal()))
	return o
}

// checkDuplicate applies the rule for duplicate numbers.
func (s *Sandbox) checkDuplicate(taken bool, path string) (resp response, ok bool) {
	if !taken || s.cfg.Duplicates == "accept" {
		return response{}, true
	}
	if s.cfg.Duplicates == "409" {
		return message(http.StatusConflict, "Conflict."), false
	}
	return invalidField(path, "has already been taken"), false
}

// timestamp returns the time of a write as text and in seconds, no earlier than the last write.
func (s *Sandbox) timestamp(last int64) (text string, second int64) {
	return timestampAt(s.clock(), last)
}

func timestampAt(at time.Time, last int64) (text string, second int64) {
	second = max(at.Unix(), last)
	return time.Unix(second, 0).UTC().Format(time.RFC3339), second
}

// makeTags returns the tags with the given names, without duplicates. A new name makes a new tag.
func (s *Sandbox) makeTags(names []string) []tag {
	out := make([]tag, 0, len(names))
	for _, n := range names {
		t, ok := s.tags[n]
		if !ok {
			t = tag{ID: int64(len(s.tags) + 1), Name: n}
			s.tags[n] = t
		}
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

func (s *Sandbox) getSales(r *request) response {
	return readOrder(s, s.sales, r, func(o *salesOrder) any {
		if s.cfg.Sparse {
			return envelope{struct {
				*salesOrder
				Without any `json:"earliest_ship_date,omitempty"` // hides the order's field
			}{salesOrder: s.fullSales(o)}}
		}
		return envelope{s.fullSales(o)}
	})
}

// readOrder responds with what show returns for an order.
func readOrder[R record](s *Sandbox, orders *store[R], r *request, show func(R) any) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := orders.get(r.ids[0])
	if !ok {
		return notFound()
	}
	return response{http.StatusOK, show(o)}
}

// fullSales returns an order as GET shows it, with product, company and tag details.
func (s *Sandbox) fullSales(o *salesOrder) *salesOrder {
	full := *o
	full.Tags = withDetails(o.Tags)
	if o.CompanyID != nil {
		full.Company = s.ref.companies[*o.CompanyID]
	}
	full.Items = slices.Clone(o.Items)
	for i := range full.Items {
		id := integer(full.Items[i].ProductID)
		full.Items[i].Product, full.Items[i].itemDetails = s.catalog.find(&id, ""), emptyItemDetails
		full.Items[i].Tags = withDetails(o.Items[i].Tags)
	}
	return &full
}
