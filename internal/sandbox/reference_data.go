package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// table holds records of one kind by id, and in the order in which they were added.
type table struct {
	byID map[any]any // docs
	all  []doc
}

func (t *table) add(record doc) {
	if t.byID == nil {
		t.byID = map[any]any{}
	}
	t.all = append(t.all, record)
	t.byID[record["id"]] = record
}

// referenceData holds the records that orders refer to, by their path. They never change.
type referenceData map[string]*table

// loadReferenceData makes the reference data once per process.
var loadReferenceData = sync.OnceValue(newReferenceData)

// newReferenceData makes 200 companies, 50 suppliers, 12 channels, 6 warehouses, 40 locations, and
// the records that the examples on the vendor's pages refer to.
func newReferenceData() referenceData {
	ref := referenceData{"companies": {}, "suppliers": {}, "channels": {}, "warehouses": {}, "locations": {}}
	terms := []string{"Net 30", "Net 15", "Net 60", "Prepaid"}
	towns := [][3]string{{"Austin", "TX", "78701"}, {"Reno", "NV", "89501"}, {"Salem", "MA", "01970"}, {"Portland", "OR", "97201"}}
	names := map[int64]string{77: "Corner Shop", 123: "Acme Corporation"}
	for id := int64(1); id <= 200; id++ {
		name := names[id]
		if name == "" {
			name = fmt.Sprintf("Customer %03d", id)
		}
		ref["companies"].add(newCompany(id, name, towns[id%4], terms[id%4]))
	}
	ref["companies"].all[122]["tags"] = []any{doc{"id": whole(901), "name": "key account"}}
	for id := int64(1); id <= 50; id++ {
		name, term := fmt.Sprintf("Supplier %02d", id), terms[id%4]
		if id == 5 {
			name, term = "Clay Works", terms[0]
		}
		ref["suppliers"].add(newSupplier(id, name, term))
	}
	ref["suppliers"].add(newSupplier(123, "Harbour Metals", terms[0]))
	channels := []string{
		"Web shop", "Marketplace", "Retail store", "Wholesale", "Phone", "Trade fair", "Export", "Subscription", "Samples",
		"Outlet", "Staff", "Migration",
	}
	for i, label := range channels {
		ref["channels"].add(doc{"id": whole(int64(i + 1)), "uuid": fmt.Sprintf("7d0c%04d", i+1), "label": label})
	}
	for i, name := range []string{"Main", "East", "West", "Returns", "Overflow", "Third party"} {
		ref["warehouses"].add(doc{"id": whole(int64(i + 1)), "name": name})
	}
	for i := range int64(40) {
		name := fmt.Sprintf("%c-%02d", 'A'+rune(i/10), i+1)
		ref["locations"].add(doc{"id": whole(i + 1), "name": name, "parent_id": whole(i/10 + 1)})
	}
	return ref
}

func newSupplier(id int64, name, term string) doc {
	return doc{
		"id": whole(id), "name": name, "street_address": "Rua do Cais 1", "default_payment_term": term,
		"created_at": seedTime, "updated_at": seedTime,
	}
}

// companyText is a company. ID, NAME, STREET, CITY, STATE, CODE and TERM are replaced.
const companyText = `{
	"id": ID, "name": "NAME", "address": "STREET", "city": "CITY", "state": "STATE", "postal_code": "CODE",
	"full_address": "STREET, CITY, STATE CODE, US", "phone": "PHONE", "payment_term": "TERM", TIMES,
	"default_shipping": {
		"id": 7ID, "company_id": ID, "company_name": "NAME", "address": "STREET", "city": "CITY", "state": "STATE",
		"postal_code": "CODE", "full_address": "STREET, CITY, STATE CODE, US", "phone": "PHONE", "full_name": "Front Desk",
		"first_name": "Front", "last_name": "Desk", TIMES},
	"price_level": {"id": 1, "status": "active", "name": "Wholesale", "type": "percentage", "percent_increase": 15.5, TIMES},
	"billing_info": {
		"id": 1, "first_name": "Front", "last_name": "Desk", "email": null, "receiving_bank_name": null,
		"receiving_bank_address": null, TIMES},
	"client_type": {"id": 1, "name": "Retail", "description": "Retail business client", TIMES},
	"as_address": {
		"name": "NAME", "company": "NAME", "street1": "STREET", "city": "CITY", "state": "STATE", "postal_code": "CODE",
		"country": "US"}
}`

func newCompany(id int64, name string, town [3]string, term string) doc {
	c := mustDecode(strings.NewReplacer(
		"TIMES", `"created_at":"`+seedTime+`","updated_at":"`+seedTime+`"`, "7ID", strconv.FormatInt(7000+id, 10),
		"ID", strconv.FormatInt(id, 10), "NAME", name, "STREET", fmt.Sprintf("%d Main Street", 100+id), "CITY", town[0],
		"STATE", town[1], "CODE", town[2], "PHONE", fmt.Sprintf("555-%04d", id), "TERM", term,
	).Replace(companyText)).(doc)
	c["shipping_addresses"] = []any{c["default_shipping"]}
	return c
}

// customFieldDefinitions is read-only.
var customFieldDefinitions = mustDecode(`[
	{"id":11,"label":"Customer PO","type":"string","object_types":["sales-orders","purchase-orders"]},
	{"id":12,"label":"Sales Rep","type":"dropdown","object_types":["sales-orders"],"options":{"choices":["Ana","Ben","Chi"]}},
	{"id":13,"label":"Priority Level","type":"dropdown","object_types":["sales-orders","purchase-orders"],
		"options":{"choices":["Low","Normal","High"]}},
	{"id":14,"label":"Package Count","type":"number","object_types":["sales-orders"]},
	{"id":15,"label":"Cartons","type":"number","object_types":["sales-orders"]},
	{"id":16,"label":"Promised On","type":"date","object_types":["sales-orders"]}
]`)

// listCustomFieldDefinitions returns all definitions on one page.
func (s *Sandbox) listCustomFieldDefinitions(r *request) response {
	all := []any{}
	kind := r.URL.Query().Get("object_type")
	for _, f := range customFieldDefinitions.([]any) {
		if kind == "" || slices.Contains(texts(f.(doc), "object_types"), kind) {
			all = append(all, f)
		}
	}
	return response{http.StatusOK, data(shown{nil, customFieldView, all})}
}
