package sandbox

import (
	_ "embed" // for the catalog
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// catalogText lists the initial products, one a line: id, SKU, name, unit cost, wholesale and
// retail price, alternate SKUs, separated by "|".
//
//go:embed catalog.txt
var catalogText string

// seedTime is the creation time of the initial records.
const seedTime = "2024-01-01T08:00:00Z"

// firstGeneratedID is the id of the first product that isn't in the initial catalog.
const firstGeneratedID = 1_000_001

// catalog finds products by id and by SKU, internal or alternate. A SKU that is accepted only
// because of its form gets an id when a request first names it. Sandbox.mu guards it.
type catalog struct {
	anySKU bool
	table
	bySKU map[string]doc
	next  int64
}

func newCatalog(anySKU bool) *catalog {
	c := &catalog{anySKU: anySKU, bySKU: map[string]doc{}, next: firstGeneratedID}
	for line := range strings.Lines(catalogText) {
		f := strings.Split(strings.TrimSpace(line), "|")
		id, _ := strconv.ParseInt(f[0], 10, 64)
		p := newProduct(whole(id), f[1], f[2])
		p["unit_cost"], p["wholesale_price"], p["retail_price"] = json.Number(f[3]), json.Number(f[4]), json.Number(f[5])
		p["upc"] = strconv.FormatInt(12345678900+id, 10)
		if id == 123 {
			p["tags"] = []any{doc{"id": whole(900), "name": "bestseller"}}
		}
		var alternates []any
		for i, alt := range strings.Fields(f[6]) {
			a := doc{"id": whole(id*10 + int64(i)), "sku": alt}
			if strings.HasSuffix(alt, "-CASE") {
				a["unit_conversion_rule_id"] = whole(2)
			}
			alternates = append(alternates, a)
			c.bySKU[alt] = p
		}
		p["alternate_skus"] = alternates
		c.add(p)
	}
	return c
}

func newProduct(id json.Number, sku, name string) doc {
	return doc{"id": id, "sku": sku, "name": name, "created_at": seedTime, "updated_at": seedTime}
}

func (c *catalog) add(p doc) {
	c.table.add(p)
	c.bySKU[text(p, "sku")] = p
}

// find returns the product of an item, or nil. If both id and SKU are given, the id wins.
func (c *catalog) find(id any, sku string) doc {
	if n, ok := id.(json.Number); ok {
		if c.byID[n] == nil && c.anySKU && n != "0" && n[0] != '-' {
			c.add(newProduct(n, "PRODUCT-"+string(n), "Product "+string(n)))
		}
		p, _ := c.byID[n].(doc)
		return p
	}
	if c.bySKU[sku] == nil && c.acceptsSKU(sku) {
		for c.byID[whole(c.next)] != nil {
			c.next++
		}
		c.add(newProduct(whole(c.next), sku, "Product "+sku))
	}
	return c.bySKU[sku]
}

// acceptsSKU reports whether a SKU outside the catalog is acceptable by its form.
func (c *catalog) acceptsSKU(sku string) bool {
	return c.anySKU && sku != "" || numberedSKU.MatchString(sku)
}

var numberedSKU = regexp.MustCompile(`^SKU-[0-9]+$`)

// products returns all products known so far, by ascending id.
func (c *catalog) products() []doc {
	all := slices.Clone(c.all)
	slices.SortFunc(all, func(a, b doc) int { return int(wholeOf(a, "id") - wholeOf(b, "id")) })
	return all
}

// productColumns are the filters of the product list. sku matches alternate SKUs too.
var productColumns = newColumns(productView, map[string]string{"sku": "sku alternate_skus.sku"})

func (s *Sandbox) listProducts(r *request) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	values := r.URL.Query()
	for _, name := range []string{"sku", "sku[eq]", "sku[in]"} {
		for sku := range strings.SplitSeq(values.Get(name), ",") {
			s.catalog.find(nil, sku) // adds SKUs that are acceptable by their form
		}
	}
	all := s.catalog.products()
	if q := strings.ToLower(values.Get("q")); q != "" {
		all = slices.DeleteFunc(all, func(p doc) bool {
			inName := strings.Contains(strings.ToLower(text(p, "name")), q)
			return !inName && !strings.EqualFold(text(p, "sku"), q) && text(p, "upc") != q
		})
	}
	values.Del("q")
	return s.list(values, shown{view: productView}, productColumns, all)
}

// exportProducts answers with the whole catalog. Every product was last changed at seedTime.
func (s *Sandbox) exportProducts(r *request) response {
	when, _ := time.Parse(time.RFC3339, seedTime)
	rows := func(at feedPosition, limit int) (rows []any, last change) {
		last = at.after
		for _, p := range s.catalog.products() {
			if c := (change{when.Unix(), wholeOf(p, "id")}); len(rows) < limit && c.compare(at.after) > 0 {
				rows, last = append(rows, p), c
			}
		}
		return rows, last
	}
	return s.feed(r, "products", 100, shown{view: productView}, rows)
}
