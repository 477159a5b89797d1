package sandbox

import (
	_ "embed" // for the catalog
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// catalogText lists the initial products, one a line: id, SKU, name, unit cost, wholesale and
// retail price, alternate SKUs, separated by "|".
//
//go:embed catalog.txt
var catalogText string

// seedTime is the creation time of the initial records.
const seedTime = "2024-01-01T08:00:00Z"

// emptyObject is shared and must not be modified.
var emptyObject = json.RawMessage("{}")

// firstGeneratedID is the id of the first product that isn't in the initial catalog.
const firstGeneratedID = 1_000_001

// product is a product as the product list and a single sales order show it.
type product struct {
	*lineProduct
	Type          string          `json:"type"`
	UnitCost      *number         `json:"unit_cost"`
	Weight        number          `json:"product_weight"`
	Length        *number         `json:"product_length"`
	Width         *number         `json:"product_width"`
	Height        *number         `json:"product_height"`
	Sellable      bool            `json:"sellable"`
	Discontinued  bool            `json:"discontinued"`
	ImageURL      *string         `json:"image_url"`
	Category      idName          `json:"category"`
	Subcategory   idName          `json:"subcategory"`
	Supplier      json.RawMessage `json:"supplier"`
	AlternateSKUs []alternateSKU  `json:"alternate_skus"`
	Tags          []tag           `json:"tags"`
	CustomFields  customValues    `json:"custom_fields"`
}

// lineProduct is a product as an item of a purchase order shows it.
type lineProduct struct {
	ID          int64           `json:"id"`
	SKU         string          `json:"sku"`
	Name        string          `json:"name"`
	Description *string         `json:"description"`
	Retail      *number         `json:"retail_price"`
	Wholesale   *number         `json:"wholesale_price"`
	Variant     json.RawMessage `json:"variant_attributes"`
	UPC         *string         `json:"upc"`
	CreatedAt   string          `json:"created_at"`
	UpdatedAt   string          `json:"updated_at"`
}

type alternateSKU struct {
	ID         int64  `json:"id"`
	SKU        string `json:"sku"`
	Conversion *int64 `json:"unit_conversion_rule_id"`
}

// catalog finds products by id and by SKU, internal or alternate. A SKU that is accepted only
// because of its form gets an id when a request first names it.
type catalog struct {
	anySKU bool
	mu     sync.RWMutex
	all    []*product // by ascending id
	byID   map[int64]*product
	bySKU  map[string]*product
	next   int64
}

func newCatalog(anySKU bool) *catalog {
	c := &catalog{anySKU: anySKU, byID: map[int64]*product{}, bySKU: map[string]*product{}, next: firstGeneratedID}
	for line := range strings.Lines(catalogText) {
		f := strings.Split(strings.TrimSpace(line), "|")
		id, _ := strconv.ParseInt(f[0], 10, 64)
		cost, wholesale, retail := number(f[3]), number(f[4]), number(f[5])
		upc := strconv.FormatInt(12345678900+id, 10)
		p := &product{lineProduct: &lineProduct{ID: id, SKU: f[1], Name: f[2], Wholesale: &wholesale, Retail: &retail, UPC: &upc}, UnitCost: &cost}
		for i, alt := range strings.Fields(f[6]) {
			a := alternateSKU{ID: id*10 + int64(i), SKU: alt}
			if strings.HasSuffix(alt, "-CASE") {
				rule := int64(2)
				a.Conversion = &rule
			}
			p.AlternateSKUs = append(p.AlternateSKUs, a)
		}
		c.add(p)
	}
	return c
}

func (c *catalog) add(p *product) {
	p.Type, p.Sellable, p.Tags, p.CreatedAt, p.UpdatedAt = "PRODUCT", true, []tag{}, seedTime, seedTime
	p.Category, p.Subcategory, p.Variant, p.Supplier = idName{1, "General"}, idName{2, "Standard"}, emptyObject, emptyObject
	p.Weight = "0.35" // the type differs between the vendor's pages; a number is the newest
	if p.ID == 123 {
		p.Tags = withDetails([]tag{{ID: 900, Name: "bestseller"}})
	}
	if p.AlternateSKUs == nil {
		p.AlternateSKUs = []alternateSKU{}
	}
	c.all = append(c.all, p)
	c.byID[p.ID], c.bySKU[p.SKU] = p, p
	for _, a := range p.AlternateSKUs {
		c.bySKU[a.SKU] = p
	}
}

// find returns the product of an item, or nil. If both id and SKU are given, the id wins.
func (c *catalog) find(id *integer, sku string) *product {
	c.mu.RLock()
	p := c.bySKU[sku]
	if id != nil {
		p = c.byID[int64(*id)]
	}
	c.mu.RUnlock()
	if p != nil || id == nil && !c.acceptsSKU(sku) || id != nil && !c.anySKU {
		return p
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if id != nil {
		if p = c.byID[int64(*id)]; p == nil && *id > 0 {
			text := strconv.FormatInt(int64(*id), 10)
			p = &product{lineProduct: &lineProduct{ID: int64(*id), SKU: "PRODUCT-" + text, Name: "Product " + text}}
			c.add(p)
		}
		return p
	}
	if p = c.bySKU[sku]; p == nil {
		for c.byID[c.next] != nil {
			c.next++
		}
		p = &product{lineProduct: &lineProduct{ID: c.next, SKU: sku, Name: "Product " + sku}}
		c.add(p)
	}
	return p
}

// acceptsSKU reports whether a SKU outside the catalog is acceptable by its form.
func (c *catalog) acceptsSKU(sku string) bool {
	if c.anySKU {
		return sku != ""
	}
	digits, ok := strings.CutPrefix(sku, "SKU-")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// products returns all products known so far, by ascending id.
func (c *catalog) products() []*product {
	c.mu.RLock()
	all := slices.Clone(c.all)
	c.mu.RUnlock()
	slices.SortFunc(all, func(a, b *product) int { return int(a.ID - b.ID) })
	return all
}

// productColumns are the filters of the product list. sku matches alternate SKUs too.
var productColumns = columnsOf(&product{}, map[string]func(any) []scalar{
	"sku": func(row any) []scalar {
		p := row.(*product)
		out := []scalar{{text: p.SKU}}
		for _, a := range p.AlternateSKUs {
			out = append(out, scalar{text: a.SKU})
		}
		return out
	},
})

func (s *Sandbox) listProducts(r *request) response {
	values := r.URL.Query()
	for _, name := range []string{"sku", "sku[eq]", "sku[in]"} {
		for _, sku := range strings.Split(values.Get(name), ",") {
			s.catalog.find(nil, sku) // adds SKUs that are acceptable by their form
		}
	}
	all := s.catalog.products()
	if q := strings.ToLower(values.Get("q")); q != "" {
		all = slices.DeleteFunc(all, func(p *product) bool {
			return !strings.Contains(strings.ToLower(p.Name), q) && !strings.EqualFold(p.SKU, q) && (p.UPC == nil || *p.UPC != q)
		})
	}
	values.Del("q")
	plain := *r.Request
	link := *r.URL
	link.RawQuery = values.Encode()
	plain.URL = &link
	return listOf(s, &request{Request: &plain}, productColumns, all)
}

// exportProducts answers with the whole catalog. Every product was last changed at seedTime.
func (s *Sandbox) exportProducts(r *request) response {
	at, limit, errs := s.parseFeedQuery(r, "products", 100, 1000)
	if len(errs) > 0 {
		return invalid(errs)
	}
	when, _ := time.Parse(time.RFC3339, seedTime)
	rows, last := []any{}, at.after
	for _, p := range s.catalog.products() {
		c := change{when.Unix(), p.ID}
		if len(rows) < limit && (c.second > at.after.second || c.second == at.after.second && c.id > at.after.id) {
			rows, last = append(rows, p), c
		}
	}
	return response{http.StatusOK, s.feed("products", rows, feedPosition{last, at.cutoff}, limit)}
}
