package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
)

// tag is a tag as a new order shows it. A single order also shows the details.
type tag struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	*tagDetails
}

type tagDetails struct {
	Description *string         `json:"description"`
	Icon        *string         `json:"icon"`
	Color       *string         `json:"color"`
	Discount    json.RawMessage `json:"discount_structure"`
	Markup      json.RawMessage `json:"markup_structure"`
}

// emptyTagDetails is shared by all tags and must not be modified.
var emptyTagDetails = &tagDetails{Discount: emptyObject, Markup: emptyObject}

// withDetails returns tags with all fields that the vendor's pages show.
func withDetails(tags []tag) []tag {
	out := make([]tag, len(tags))
	for i, t := range tags {
		out[i] = tag{t.ID, t.Name, emptyTagDetails}
	}
	return out
}

type supplier struct {
	ID          int64   `json:"id"`
	Status      int     `json:"status"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	Street      string  `json:"street_address"`
	City        string  `json:"city"`
	State       *string `json:"state"`
	Zip         string  `json:"zip"`
	Country     string  `json:"country"`
	Contact     *string `json:"contact_name"`
	Email       *string `json:"contact_email"`
	Phone       *string `json:"contact_phone"`
	Terms       *string `json:"default_payment_term"`
	CreatedAt   string  `json:"created_at"`
	UpdatedAt   string  `json:"updated_at"`
}

// channel has the vendor's camelCase names and integer timestamps.
type channel struct {
	ID         int64  `json:"id"`
	UUID       string `json:"uuid"`
	Label      string `json:"label"`
	Type       string `json:"channelType"`
	APILocked  bool   `json:"apiLocked"`
	Enabled    bool   `json:"enabled"`
	Status     int    `json:"status"`
	Warehouses int64  `json:"warehouseGroupId"`
	AutoPush   *int   `json:"autoPushOrderAfterMinutes"`
	CreatedAt  int64  `json:"createdAt"`
	UpdatedAt  int64  `json:"updatedAt"`
}

type site struct {
	ID       int64  `json:"id"`
	Status   string `json:"status"`
	Name     string `json:"name"`
	ParentID *int64 `json:"parent_id"`
}

type customField struct {
	ID          int64    `json:"id"`
	Label       string   `json:"label"`
	Type        string   `json:"type"`
	ObjectTypes []string `json:"object_types"`
	Options     any      `json:"options"`
}

type fieldOptions struct {
	Choices []string `json:"choices,omitempty"`
}

// referenceData are the records that orders refer to. They never change.
type referenceData struct {
	companies  map[int64]*company
	suppliers  map[int64]*supplier
	channels   map[int64]*channel
	warehouses map[int64]*site
	locations  map[int64]*site
	custom     []*customField
}

// newReferenceData makes 200 companies, 50 suppliers, 12 channels, 6 warehouses, 40 locations, and
// the records that the examples on the vendor's pages refer to.
func newReferenceData() referenceData {
	p := referenceData{
		companies: map[int64]*company{}, suppliers: map[int64]*supplier{}, channels: map[int64]*channel{},
		warehouses: map[int64]*site{}, locations: map[int64]*site{}, custom: seedCustomFields(),
	}
	terms := []string{"Net 30", "Net 15", "Net 60", "Prepaid"}
	towns := [][3]string{{"Austin", "TX", "78701"}, {"Reno", "NV", "89501"}, {"Salem", "MA", "01970"}, {"Portland", "OR", "97201"}}
	names := map[int64]string{77: "Corner Shop", 123: "Acme Corporation"}
	for id := int64(1); id <= 200; id++ {
		name := names[id]
		if name == "" {
			name = fmt.Sprintf("Customer %03d", id)
		}
		p.companies[id] = newCompany(id, name, towns[id%4], terms[id%4])
	}
	for id := int64(1); id <= 50; id++ {
		p.suppliers[id] = newSupplier(id, fmt.Sprintf("Supplier %02d", id), &terms[id%4])
	}
	p.suppliers[5] = newSupplier(5, "Clay Works", &terms[0])
	p.suppliers[123] = newSupplier(123, "Harbour Metals", &terms[0])
	for i, label := range channelLabels {
		id := int64(i + 1)
		p.channels[id] = &channel{
			ID: id, UUID: fmt.Sprintf("7d0c%04d", id), Label: label, Type: "sales_channel", Enabled: true, Status: 1, Warehouses: 3,
			CreatedAt: 1704096000, UpdatedAt: 1704096000,
		}
	}
	for i, name := range []string{"Main", "East", "West", "Returns", "Overflow", "Third party"} {
		p.warehouses[int64(i+1)] = &site{ID: int64(i + 1), Status: "active", Name: name}
	}
	for id := int64(1); id <= 40; id++ {
		parent := (id-1)/10 + 1
		p.locations[id] = &site{ID: id, Status: "active", Name: fmt.Sprintf("%c-%02d", 'A'+rune(parent-1), id), ParentID: &parent}
	}
	return p
}

// channelLabels starts with id 1. Read-only.
var channelLabels = []string{
	"Web shop", "Marketplace", "Retail store", "Wholesale", "Phone", "Trade fair", "Export", "Subscription", "Samples", "Outlet", "Staff", "Migration",
}

func newSupplier(id int64, name string, terms *string) *supplier {
	return &supplier{ID: id, Status: 1, Name: name, Street: "Rua do Cais 1", City: "Porto", Zip: "4000-001", Country: "Portugal", Terms: terms, CreatedAt: seedTime, UpdatedAt: seedTime}
}

func seedCustomFields() []*customField {
	sales, purchases := []string{"sales-orders"}, []string{"purchase-orders"}
	return []*customField{
		{11, "Customer PO", "string", append(sales, purchases...), fieldOptions{}},
		{12, "Sales Rep", "dropdown", sales, fieldOptions{[]string{"Ana", "Ben", "Chi"}}},
		{13, "Priority Level", "dropdown", append(sales, purchases...), fieldOptions{[]string{"Low", "Normal", "High"}}},
		{14, "Package Count", "number", sales, fieldOptions{}},
		{15, "Cartons", "number", sales, fieldOptions{}},
		{16, "Promised On", "date", sales, fieldOptions{}},
	}
}

// findSite returns the warehouse or location that an order refers to, or nil.
func (p referenceData) findSite(among map[int64]*site, id *integer, path string, errs fieldErrors) *idName {
	if id == nil {
		return nil
	}
	at := among[int64(*id)]
	if at == nil {
		errs.add(path, "not found")
		return nil
	}
	return &idName{at.ID, at.Name}
}

// sortedByID returns the records by ascending id.
func sortedByID[T any](m map[int64]*T) []*T {
	ids := make([]int64, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	out := make([]*T, len(ids))
	for i, id := range ids {
		out[i] = m[id]
	}
	return out
}
