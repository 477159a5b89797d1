package sandbox

import (
	"cmp"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// listPage is one page of a list.
type listPage struct {
	Data []any    `json:"data"`
	Meta pageMeta `json:"meta"`
}

type pageMeta struct {
	CurrentPage int  `json:"current_page"`
	From        *int `json:"from"`
	LastPage    int  `json:"last_page"`
	PerPage     int  `json:"per_page"`
	To          *int `json:"to"`
	Total       int  `json:"total"`
}

// listQuery is a parsed list request.
type listQuery struct {
	page, perPage int
	sort          string // field, "" = by id
	desc          bool
	filters       []filter
	key           string // identifies filters and sort
}

var sortPattern = regexp.MustCompile(`^([A-Za-z0-9_.]+):(asc|desc)$`)

// parseListQuery reads paging, sorting and filters. It rejects fields that the list doesn't have.
func (s *Sandbox) parseListQuery(values url.Values, fields columns) (listQuery, fieldErrors) {
	q := listQuery{page: 1, perPage: 10}
	errs := fieldErrors{}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		v := values.Get(name)
		switch name {
		case "page":
			q.page = parseCount(name, v, 1<<40, errs)
		case "per_page":
			q.perPage = parseCount(name, v, 100, errs)
		case "sort":
			m := sortPattern.FindStringSubmatch(v)
			if m == nil || !fields.has(m[1]) {
				errs.add("sort", "must be a field of this list with :asc or :desc")
				continue
			}
			q.sort, q.desc = m[1], m[2] == "desc"
			q.key += "sort=" + v + "&"
		default:
			if s.ignored[name] {
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

// pageOf makes the requested page of n rows.
func (q listQuery) pageOf(n int, row func(i int) any) listPage {
	p := listPage{Data: []any{}, Meta: pageMeta{CurrentPage: q.page, PerPage: q.perPage, Total: n, LastPage: max(1, (n+q.perPage-1)/q.perPage)}}
	from := min(n, (q.page-1)*q.perPage)
	to := min(n, from+q.perPage)
	for i := from; i < to; i++ {
		p.Data = append(p.Data, row(i))
	}
	if from < to {
		from++
		p.Meta.From, p.Meta.To = &from, &to
	}
	return p
}

// listOf answers a list request from a slice.
func listOf[T any](s *Sandbox, r *request, fields columns, all []T) response {
	q, errs := s.parseListQuery(r.URL.Query(), fields)
	if len(errs) > 0 {
		return invalid(errs)
	}
	var kept []T
	for _, t := range all {
		if q.matches(fields, t) {
			kept = append(kept, t)
		}
	}
	if q.sort != "" {
		slices.SortStableFunc(kept, func(a, b T) int { return q.compare(fields, a, b) })
	}
	return response{http.StatusOK, q.pageOf(len(kept), func(i int) any { return kept[i] })}
}

// listStore answers a list request from a store. It caches the ids of a query for further pages
// until the next write.
func listStore[R record](s *Sandbox, r *request, fields columns, orders *store[R]) response {
	q, errs := s.parseListQuery(r.URL.Query(), fields)
	if len(errs) > 0 {
		return invalid(errs)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	cached, ok := orders.lists[q.key]
	if !ok || cached.version != orders.version || s.cfg.ListLag > 0 {
		cached = cachedList{orders.version, orders.search(q, fields, s.cfg.Now())}
		if len(orders.lists) >= 16 {
			clear(orders.lists)
		}
		orders.lists[q.key] = cached
	}
	return response{http.StatusOK, q.pageOf(len(cached.ids), func(i int) any {
		rec, _ := orders.get(cached.ids[i])
		return rec
	})}
}

// search returns the ids of the records that match q, in the order that q asks for.
func (s *store[R]) search(q listQuery, fields columns, now time.Time) []int64 {
	var hits []R
	keep := func(rec R) {
		if !s.slots[rec.id()-s.first].visible.After(now) && q.matches(fields, rec) {
			hits = append(hits, rec)
		}
	}
	if numbers, ok := q.numbers(); ok {
		for _, id := range s.withNumbers(numbers) {
			rec, _ := s.get(id)
			keep(rec)
		}
	} else {
		s.each(keep)
	}
	if q.sort != "" {
		keyed := make([]sortKey, len(hits))
		for i, rec := range hits {
			keyed[i] = sortKey{fields.first(q.sort, rec), rec.id()}
		}
		slices.SortFunc(keyed, func(a, b sortKey) int {
			c := a.value.compare(b.value)
			if q.desc {
				c = -c
			}
			return cmp.Or(c, cmp.Compare(a.id, b.id))
		})
		ids := make([]int64, len(keyed))
		for i, k := range keyed {
			ids[i] = k.id
		}
		return ids
	}
	ids := make([]int64, len(hits))
	for i, rec := range hits {
		ids[i] = rec.id()
	}
	return ids
}

type sortKey struct {
	value scalar
	id    int64
}

// numbers returns the order numbers that q asks for with eq or in. The store has an index of them.
func (q listQuery) numbers() ([]string, bool) {
	for _, f := range q.filters {
		if (f.field == "order_number" || f.field == "order_numbers") && !f.partial {
			switch f.op {
			case "eq":
				return []string{f.value}, true
			case "in":
				return strings.Split(f.value, ","), true
			}
		}
	}
	return nil, false
}

func (q listQuery) matches(fields columns, row any) bool {
	for _, f := range q.filters {
		if !f.matches(fields.values(f.field, row)) {
			return false
		}
	}
	return true
}

func (q listQuery) compare(fields columns, a, b any) int {
	c := fields.first(q.sort, a).compare(fields.first(q.sort, b))
	if q.desc {
		return -c
	}
	return c
}
