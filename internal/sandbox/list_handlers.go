package sandbox

import (
	"net/http"
	"slices"
)

// Filters and sort fields of the lists. Read-only.
var (
	salesColumns        = columnsOf(&salesOrder{}, map[string]func(any) []scalar{"tag": func(row any) []scalar { return tagNames(row.(*salesOrder).Tags) }})
	purchaseColumns     = columnsOf(&purchaseOrder{}, purchaseExtra)
	purchaseItemColumns = columnsOf(&purchaseItem{}, nil)
	companyColumns      = columnsOf(&company{}, nil)
	supplierColumns     = columnsOf(&supplier{}, nil)
	channelColumns      = columnsOf(&channel{}, nil)
	siteColumns         = columnsOf(&site{}, nil)
)

// purchaseExtra are filters of the purchase-order list that aren't fields of an order. Read-only.
var purchaseExtra = map[string]func(any) []scalar{
	"tag":            func(row any) []scalar { return tagNames(row.(*purchaseOrder).Tags) },
	"order_quantity": func(row any) []scalar { return []scalar{numberScalar(row.(*purchaseOrder).TotalQtyOrdered)} },
	"warehouse_id":   func(row any) []scalar { return idScalar(row.(*purchaseOrder).Warehouse) },
	"location_id":    func(row any) []scalar { return idScalar(row.(*purchaseOrder).Location) },
}

func tagNames(tags []tag) []scalar {
	var out []scalar
	for _, t := range tags {
		out = append(out, scalar{text: t.Name})
	}
	return out
}

func idScalar(n *idName) []scalar {
	if n == nil {
		return nil
	}
	return []scalar{{number: float64(n.ID), numeric: true}}
}

func (s *Sandbox) listSales(r *request) response {
	return listStore(s, r, salesColumns, s.sales)
}

func (s *Sandbox) listPurchases(r *request) response {
	return listStore(s, r, purchaseColumns, s.purchases)
}

func (s *Sandbox) listPurchaseItems(r *request) response {
	var all []*purchaseItem
	s.mu.Lock()
	s.purchases.each(func(o *purchaseOrder) {
		for i := range o.Items {
			all = append(all, &o.Items[i])
		}
	})
	s.mu.Unlock()
	return listOf(s, r, purchaseItemColumns, all)
}

func (s *Sandbox) listCompanies(r *request) response {
	return listOf(s, r, companyColumns, sortedByID(s.ref.companies))
}

func (s *Sandbox) listSuppliers(r *request) response {
	return listOf(s, r, supplierColumns, sortedByID(s.ref.suppliers))
}

func (s *Sandbox) listChannels(r *request) response {
	return listOf(s, r, channelColumns, sortedByID(s.ref.channels))
}

func (s *Sandbox) listWarehouses(r *request) response {
	return listOf(s, r, siteColumns, sortedByID(s.ref.warehouses))
}

func (s *Sandbox) listLocations(r *request) response {
	return listOf(s, r, siteColumns, sortedByID(s.ref.locations))
}

// listCustomFieldDefinitions returns all definitions on one page.
func (s *Sandbox) listCustomFieldDefinitions(r *request) response {
	all := []*customField{}
	kind := r.URL.Query().Get("object_type")
	for _, f := range s.ref.custom {
		if kind == "" || slices.Contains(f.ObjectTypes, kind) {
			all = append(all, f)
		}
	}
	return response{http.StatusOK, envelope{all}}
}
