package sandbox

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// listQuery is a parsed list request.
type listQuery struct {
	page, perPage int
	sort          column // nil = by id
	desc          bool
	filters       []filter
	key           string // identifies filters and sort
}

var sortPattern = regexp.MustCompile(`^([A-Za-z0-9_.]+):(asc|desc)$`)

// parseListQuery reads paging, sorting and filters. It rejects fields that the list doesn't have.
func (s *Sandbox) parseListQuery(values url.Values, fields columns) (listQuery, fieldErrors) {
	q := listQuery{page: 1, perPage: 10}
	errs := fieldErrors{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v := values.Get(name)
		switch name {
		case "page":
			q.page = parseCount(name, v, 1<<40, errs)
		case "per_page":
			q.perPage = parseCount(name, v, 100, errs)
		case "sort":
			m := sortPattern.FindStringSubmatch(v)
			if m == nil || fields[m[1]] == nil {
				errs.add("sort", "must be a field of this list with :asc or :desc")
				continue
			}
			q.sort, q.desc = fields[m[1]], m[2] == "desc"
			q.key += "sort=" + v + "&"
		default:
			if slices.Contains(s.cfg.IgnoreFilters, name) {
				continue
			}
			f, problem := parseFilter(name, v, fields)
			if problem != "" {
				errs.add(name, problem)
				continue
			}
			f.partial = s.cfg.PartialNumbers && f.field == "order_numbers" && f.op == "eq"
			q.filters = append(q.filters, f)
			q.key += name + "=" + v + "&"
		}
	}
	return q, errs
}

func parseCount(name, v string, most int, errs fieldErrors) int {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > most {
		errs.add(name, "must be a whole number from 1 to "+strconv.Itoa(most))
		return 1
	}
	return n
}

// answer answers with the requested page of rows.
func (q listQuery) answer(as shown, rows []doc) response {
	n := len(rows)
	meta := doc{
		"current_page": q.page, "per_page": q.perPage, "total": n, "last_page": max(1, (n+q.perPage-1)/q.perPage),
		"from": nil, "to": nil,
	}
	from := min(n, (q.page-1)*q.perPage)
	to := min(n, from+q.perPage)
	if from < to {
		meta["from"], meta["to"] = from+1, to
	}
	shownRows := make([]any, 0, to-from)
	for _, row := range rows[from:to] {
		shownRows = append(shownRows, row)
	}
	as.value = shownRows
	return response{http.StatusOK, doc{"data": as, "meta": meta}}
}

// list answers a list request from rows that are sorted by id.
func (s *Sandbox) list(values url.Values, as shown, fields columns, all []doc) response {
	q, errs := s.parseListQuery(values, fields)
	if len(errs) > 0 {
		return invalid(errs)
	}
	return q.answer(as, q.search(all))
}

// listOrders answers a list request. It keeps the rows of a query for further pages.
func (s *Sandbox) listOrders(o *orders, r *request) response {
	q, errs := s.parseListQuery(r.URL.Query(), o.columns)
	if len(errs) > 0 {
		return invalid(errs)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	rows, ok := o.lists[q.key]
	if !ok || s.cfg.ListLag > 0 {
		rows = q.search(o.visible(s.cfg.Now(), q.numbers(o.number)))
		if len(o.lists) >= 16 {
			clear(o.lists)
		}
		o.lists[q.key] = rows
	}
	return q.answer(shown{of: o, view: o.listed}, rows)
}

func (s *Sandbox) listPurchaseItems(r *request) response {
	var all []doc
	s.mu.Lock()
	for _, order := range s.purchases.all() {
		for _, item := range records(order, "items") {
			all = append(all, item)
		}
	}
	s.mu.Unlock()
	return s.list(r.URL.Query(), shown{view: purchaseItemView}, newColumns(purchaseItemView, nil), all)
}

// listTable returns the handler of a list of reference data.
func (s *Sandbox) listTable(name string, v *view) handler {
	fields := newColumns(v, nil)
	return func(r *request) response { return s.list(r.URL.Query(), shown{view: v}, fields, s.ref[name].all) }
}

// search returns the rows that match q, in the order that q asks for. Equal ones stay by id.
func (q listQuery) search(rows []doc) []doc {
	hits := slices.DeleteFunc(slices.Clone(rows), func(row doc) bool {
		return slices.ContainsFunc(q.filters, func(f filter) bool { return !f.matches(row) })
	})
	if q.sort == nil {
		return hits
	}
	keyed := make([]sortable, len(hits))
	for i, row := range hits {
		keyed[i] = newSortable(row, q.sort(row))
	}
	slices.SortStableFunc(keyed, func(a, b sortable) int {
		if q.desc {
			a, b = b, a
		}
		return cmp.Or(a.rank-b.rank, cmp.Compare(a.number, b.number), strings.Compare(a.text, b.text))
	})
	for i, k := range keyed {
		hits[i] = k.row
	}
	return hits
}

// sortable is a row with the value to sort it by.
type sortable struct {
	rank   int // null comes first
	number float64
	text   string
	row    doc
}

func newSortable(row doc, value any) sortable {
	if several, ok := value.([]any); ok && len(several) > 0 {
		value = several[0]
	} else if ok {
		value = nil
	}
	k := sortable{row: row, text: asText(value)}
	if value != nil {
		k.rank = 1
	}
	if n, ok := value.(json.Number); ok {
		k.number, _ = n.Float64()
		k.text = ""
	}
	return k
}

// numbers returns the order numbers that q asks for with eq or in, nil if it doesn't. The store has
// an index of them.
func (q listQuery) numbers(field string) []string {
	for _, f := range q.filters {
		if f.field == field && !f.partial {
			switch f.op {
			case "eq":
				return []string{f.value}
			case "in":
				return strings.Split(f.value, ",")
			}
		}
	}
	return nil
}
