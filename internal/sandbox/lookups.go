package sandbox

import (
	"net/http"
	"slices"
)

// What the lists can be filtered and sorted by. Read-only tables.
var (
	salesColumns        = columnsOf(&salesOrder{}, map[string]func(any) []scalar{"tag": func(row any) []scalar { return tagNames(row.(*salesOrder).Tags) }})
	purchaseColumns     = columnsOf(&purchaseOrder{}, purchaseExtra)
	purchaseItemColumns = columnsOf(&purchaseItem{}, nil)
	companyColumns      = columnsOf(&company{}, nil)
	supplierColumns     = columnsOf(&supplier{}, nil)
	channelColumns      = columnsOf(&channel{}, nil)
	placeColumns        = columnsOf(&place{}, nil)
)

// purchaseExtra are the filters of the purchase-order list that aren't plain fields of an order. A read-only table.
var purchaseExtra = map[string]func(any) []scalar{
	"tag":            func(row any) []scalar { return tagNames(row.(*purchaseOrder).Tags) },
	"order_quantity": func(row any) []scalar { return []scalar{figureOf(row.(*purchaseOrder).TotalQtyOrdered)} },
	"warehouse_id":   func(row any) []scalar { return idOf(row.(*purchaseOrder).Warehouse) },
	"location_id":    func(row any) []scalar { return idOf(row.(*purchaseOrder).Location) },
}

func tagNames(tags []tag) []scalar {
	var out []scalar
	for _, t := range tags {
		out = append(out, scalar{text: t.Name})
	}
	return out
}

func idOf(n *idName) []scalar {
	if n == nil {
		return nil
	}
	return []scalar{{number: float64(n.ID), numeric: true}}
}

func (s *Sandbox) listSales(r *request) answer {
	return listShelf(s, r, salesColumns, func() *shelf[*salesOrder] { return s.sales }, func(o *salesOrder) any { return o })
}

func (s *Sandbox) listPurchases(r *request) answer {
	return listShelf(s, r, purchaseColumns, func() *shelf[*purchaseOrder] { return s.buys }, func(o *purchaseOrder) any { return o })
}

func (s *Sandbox) listPurchaseItems(r *request) answer {
	var all []*purchaseItem
	s.mu.Lock()
	s.buys.each(func(o *purchaseOrder) {
		for i := range o.Items {
			all = append(all, &o.Items[i])
		}
	})
	s.mu.Unlock()
	return listOf(s, r, purchaseItemColumns, all)
}

func (s *Sandbox) listCompanies(r *request) answer {
	return listOf(s, r, companyColumns, byID(s.places.companies))
}

func (s *Sandbox) listSuppliers(r *request) answer {
	return listOf(s, r, supplierColumns, byID(s.places.suppliers))
}

func (s *Sandbox) listChannels(r *request) answer {
	return listOf(s, r, channelColumns, byID(s.places.channels))
}

func (s *Sandbox) listWarehouses(r *request) answer {
	return listOf(s, r, placeColumns, byID(s.places.warehouses))
}

func (s *Sandbox) listLocations(r *request) answer {
	return listOf(s, r, placeColumns, byID(s.places.locations))
}

// listCustomFieldDefinitions isn't paged.
func (s *Sandbox) listCustomFieldDefinitions(r *request) answer {
	all := []*customField{}
	kind := r.URL.Query().Get("object_type")
	for _, f := range s.places.custom {
		if kind == "" || slices.Contains(f.ObjectTypes, kind) {
			all = append(all, f)
		}
	}
	return answer{http.StatusOK, envelope{all}}
}
