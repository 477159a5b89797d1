package report

import (
	"context"
	"encoding/json"
	"slices"
	"sort"
	"strings"

	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
)

// PlanSummary is what a plan would do, added up: what a person wants to know before saying yes.
type PlanSummary struct {
	Actions  map[string]int64 // orders to be sent, by action: create, update, delete
	Fields   []Count          // fields that updates change, by the number of orders in which they do
	Lines    []Count          // lines of purchase orders: added, changed, removed
	Channels []Count          // channels of the sales orders to be sent, by id
	Notes    []Count          // what can't be taken back, and what is assumed
}

// Count is how often something occurs.
type Count struct {
	What string `json:"what"`
	N    int64  `json:"orders"` // orders, or lines
}

// Sends is the number of orders that would be sent.
func (d PlanSummary) Sends() int64 {
	return d.Actions[order.Create] + d.Actions[order.Update] + d.Actions[order.Delete]
}

// ChangesExisting says that orders which stand would be changed.
func (d PlanSummary) ChangesExisting() bool {
	return d.Actions[order.Update]+d.Actions[order.Delete] > 0
}

// maxNotes bounds the different notes of a digest.
const maxNotes = 100

// ReadPlanSummary adds up the orders of a run that are planned to be sent.
func ReadPlanSummary(ctx context.Context, l *ledger.Ledger, run int64) (PlanSummary, error) {
	d := PlanSummary{Actions: map[string]int64{}}
	fields, lines, channels, notes := map[string]int64{}, map[string]int64{}, map[string]int64{}, map[string]int64{}
	err := l.Orders(ctx, run, ledger.Filter{States: []ledger.State{ledger.OrderPlanned}, Full: true}, func(o *ledger.Order) error {
		d.Actions[o.Action]++
		if c := channelOf(o); c != "" {
			channels[c]++
		}
		if o.Change == nil || o.Action == order.Create {
			return nil
		}
		for _, f := range o.Change.Fields {
			if o.Action == order.Update {
				fields[f.Path]++
			}
		}
		for _, line := range o.Change.Lines {
			lines[line.What]++
		}
		for _, n := range slices.Compact(slices.Sorted(slices.Values(o.Change.Notes))) {
			if _, known := notes[n]; known || len(notes) < maxNotes {
				notes[n]++
			}
		}
		return nil
	})
	d.Fields, d.Lines, d.Channels, d.Notes = sortedCounts(fields), sortedCounts(lines), sortedCounts(channels), sortedCounts(notes)
	return d, err
}

// channelOf is the channel that an order to be sent belongs to.
func channelOf(o *ledger.Order) string {
	if o.Change != nil && o.Change.Channel != "" {
		return o.Change.Channel
	}
	var p struct {
		Channel json.Number `json:"channel_id"`
	}
	if json.Unmarshal(o.Payload, &p) != nil {
		return ""
	}
	return p.Channel.String()
}

// sortedCounts puts the most frequent first.
func sortedCounts(m map[string]int64) []Count {
	out := []Count{}
	for what, n := range m {
		out = append(out, Count{what, n})
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].N != out[j].N {
			return out[i].N > out[j].N
		}
		return out[i].What < out[j].What
	})
	return out
}

// Verb says in words what is done to orders of a kind by an action, as in "3 to cancel".
func Verb(kind order.Kind, action string) string {
	if action == order.Delete && kind == order.SalesOrders {
		return "cancel"
	}
	return action
}

// Warnings are what a plan must say of its side effects outside the order system. The vendor's help centre says so of channels (10389533) and of
// purchase orders and invoices (11003620).
func (d PlanSummary) Warnings(kind order.Kind) []string {
	if d.Sends() == 0 {
		return nil
	}
	if kind == order.PurchaseOrders {
		return []string{"purchase orders may go to accounting as soon as they are written, where that is switched on"}
	}
	var ids []string
	for _, c := range d.Channels {
		ids = append(ids, c.What)
	}
	if len(ids) == 0 {
		return nil
	}
	word := "channel "
	if len(ids) > 1 {
		word = "channels "
	}
	return []string{"this touches " + word + strings.Join(ids, ", ") + "; a channel may push an order to a warehouse at once, and may make an invoice of it"}
}
