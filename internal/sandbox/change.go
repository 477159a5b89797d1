package sandbox

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
)

// fields holds the fields of a request by name.
type fields map[string]json.RawMessage

// hiddenFields are accepted by PATCH but no response shows them. Read-only.
var hiddenFields = []string{"carrier_code", "service_code", "gift_message", "gift", "international_options"}

// overlay copies old to fresh with the given fields replaced. It goes through JSON so that the copy
// shares no pointers with old, which other requests may still be reading.
func overlay[R any](old, fresh *R, f fields) error {
	b, err := json.Marshal(old)
	if err != nil {
		return err
	}
	var all fields
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	maps.Copy(all, f)
	if b, err = json.Marshal(all); err != nil {
		return err
	}
	return json.Unmarshal(b, fresh)
}

// overlaySales is overlay for a sales order. It also sets the company from company_id.
func (s *Sandbox) overlaySales(old *salesOrder, f fields) (*salesOrder, error) {
	fresh := &salesOrder{salesDetails: new(salesDetails)}
	if err := overlay(old, fresh, f); err != nil {
		return nil, err
	}
	fresh.hidden, fresh.Company = maps.Clone(old.hidden), nil
	if fresh.CompanyID != nil {
		fresh.Company = s.ref.companies[*fresh.CompanyID].summary()
	}
	return fresh, nil
}

func (s *Sandbox) patchSales(r *request) response {
	schema := schemaSalesPatch
	if s.cfg.AnyStatus {
		schema = schemaPatchAnyStatus
	}
	var f fields
	if resp, ok := s.model.check(schema, r.body, &f); !ok {
		return resp
	}
	if string(f["order_status"]) == "null" {
		delete(f, "order_status") // an order always has a status
	}
	return s.changeSales(r.ids[0], func(old *salesOrder) fields {
		s.applyLabels(f, old.Tags, old.CustomFields)
		return f
	})
}

// applyLabels replaces tag names by tags and completes the custom fields, as Config says.
func (s *Sandbox) applyLabels(f fields, tags []tag, custom customValues) {
	if raw, ok := f["tags"]; ok {
		var names []string
		mustUnmarshal(raw, &names)
		fresh := s.makeTags(names)
		if s.cfg.AddTags {
			fresh = union(tags, fresh)
		}
		f["tags"] = mustMarshal(fresh)
	}
	if raw, ok := f["custom_fields"]; ok {
		var sent customValues
		mustUnmarshal(raw, &sent)
		if !s.cfg.ReplaceCustomFields {
			sent = custom.merged(sent)
		}
		f["custom_fields"] = mustMarshal(sent)
	}
}

// changeSales applies edit's fields to an order and responds with the result.
func (s *Sandbox) changeSales(id int64, edit func(old *salesOrder) fields) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.sales.get(id)
	if !ok {
		return notFound()
	}
	f := edit(old)
	hidden := maps.Clone(old.hidden)
	for _, name := range hiddenFields {
		if raw, ok := f[name]; ok {
			if hidden == nil {
				hidden = fields{}
			}
			hidden[name] = raw
			delete(f, name)
		}
	}
	o, err := s.overlaySales(old, f)
	if err != nil {
		return invalidField("body", err.Error())
	}
	o.hidden = hidden
	s.saveSales(o)
	return response{http.StatusOK, envelope{s.fullSales(o)}}
}

// saveSales stores a changed order with the current time. The caller holds the lock.
func (s *Sandbox) saveSales(o *salesOrder) {
	now, second := s.timestamp(s.sales.lastSecond())
	o.UpdatedAt = now
	s.sales.put(o, second, s.cfg.Now())
	s.counts.writeCommitted(false)
}

// tagsChanged is the response to a change of tags. Unlike others, it isn't under data.
type tagsChanged struct {
	Message string `json:"message"`
	Tags    []tag  `json:"tags"`
}

func (s *Sandbox) listTags(r *request) response {
	return readOrder(s, s.sales, r, func(o *salesOrder) any { return envelope{withDetails(o.Tags)} })
}

func (s *Sandbox) addTags(r *request) response {
	return s.setTags(r, "Tags added", union)
}

func (s *Sandbox) replaceTags(r *request) response {
	return s.setTags(r, "Tags replaced", func(_, sent []tag) []tag { return sent })
}

func (s *Sandbox) setTags(r *request, text string, join func(old, sent []tag) []tag) response {
	var in struct {
		Tags []string `json:"tags"`
	}
	if resp, ok := s.model.check(schemaTagNames, r.body, &in); !ok {
		return resp
	}
	var tags []tag
	a := s.changeSales(r.ids[0], func(old *salesOrder) fields {
		tags = join(old.Tags, s.makeTags(in.Tags))
		return fields{"tags": mustMarshal(tags)}
	})
	if a.status != http.StatusOK {
		return a
	}
	return response{http.StatusOK, tagsChanged{text, tags}}
}

func union(old, more []tag) []tag {
	out := slices.Clone(old)
	for _, t := range more {
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

func (s *Sandbox) getCustomFields(r *request) response {
	return readOrder(s, s.sales, r, func(o *salesOrder) any { return envelope{o.CustomFields} })
}

func (s *Sandbox) putCustomFields(r *request) response {
	if resp, ok := s.model.check(schemaCustomFields, r.body, nil); !ok {
		return resp
	}
	var custom customValues
	a := s.changeSales(r.ids[0], func(old *salesOrder) fields {
		f := fields{"custom_fields": r.body}
		s.applyLabels(f, nil, old.CustomFields)
		mustUnmarshal(f["custom_fields"], &custom)
		return f
	})
	if a.status != http.StatusOK {
		return a
	}
	return response{http.StatusOK, envelope{custom}}
}

// mustUnmarshal reads JSON that has been validated before.
func mustUnmarshal(raw json.RawMessage, dst any) {
	if err := json.Unmarshal(raw, dst); err != nil {
		panic(err)
	}
}

func mustMarshal(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
