package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
)

// PlanSummary is what a plan would do: what a person wants to know before confirming it.
type PlanSummary struct {
	Actions  map[string]int64 // orders to be sent, by action: create, update, delete
	Fields   []Count          // fields that updates change, by number of orders
	Lines    []Count          // lines of purchase orders: added, changed, removed
	Channels []Count          // channels of the sales orders to be sent, by id
	Notes    []Count          // what can't be undone, and what is assumed
}

// Count is how often something occurs.
type Count struct {
	What string `json:"what"`
	N    int64  `json:"orders"` // orders, or lines
}

// Sends returns the number of orders that would be sent.
func (p PlanSummary) Sends() int64 {
	return p.Actions[order.Create] + p.Actions[order.Update] + p.Actions[order.Delete]
}

// maxNotes bounds the number of different notes.
const maxNotes = 100

// ReadPlanSummary counts the orders of a run that are planned to be sent.
func ReadPlanSummary(ctx context.Context, l plan.OrderReader, run int64) (PlanSummary, error) {
	actions, fields, lines := map[string]int64{}, map[string]int64{}, map[string]int64{}
	channels, notes := map[string]int64{}, map[string]int64{}
	filter := ledger.Filter{States: []ledger.State{ledger.OrderPlanned}, Full: true}
	err := l.Orders(ctx, run, filter, func(o *ledger.Order) error {
		actions[o.Action]++
		if c := channelOf(o); c != "" {
			channels[c]++
		}
		if o.Change == nil || o.Action == order.Create {
			return nil
		}
		if o.Action == order.Update {
			for _, f := range o.Change.Fields {
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
	return PlanSummary{
		Actions: actions, Fields: sortedCounts(fields), Lines: sortedCounts(lines),
		Channels: sortedCounts(channels), Notes: sortedCounts(notes),
	}, err
}

// channelOf returns the channel of an order to be sent; empty when it has none.
func channelOf(o *ledger.Order) string {
	if o.Change != nil && o.Change.Channel != "" {
		return o.Change.Channel
	}
	channel, _ := order.Payload(o.Payload).Text("channel_id")
	return channel
}

// sortedCounts puts the most frequent first.
func sortedCounts(m map[string]int64) []Count {
	out := []Count{}
	for what, n := range m {
		out = append(out, Count{what, n})
	}
	slices.SortFunc(out, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.What, b.What))
	})
	return out
}

// Verb returns the verb for an action on orders of a kind, as in "3 to cancel".
func Verb(kind order.Kind, action string) string {
	if action == order.Delete && kind == order.SalesOrders {
		return "cancel"
	}
	return action
}

// Warnings are the side effects of a plan outside Luminous. The vendor's help center describes
// those of channels (10389533) and those of purchase orders and invoices (11003620).
func (p PlanSummary) Warnings(kind order.Kind) []string {
	switch {
	case p.Sends() == 0:
		return nil
	case kind == order.PurchaseOrders:
		return []string{"purchase orders may go to accounting as soon as they are written, if that is enabled"}
	case len(p.Channels) == 0:
		return nil
	}
	var ids []string
	for _, c := range p.Channels {
		ids = append(ids, c.What)
	}
	noun := "channel"
	if len(ids) > 1 {
		noun = "channels"
	}
	return []string{fmt.Sprintf("this affects %s %s; a channel may send an order to a warehouse at once, "+
		"and may create an invoice for it", noun, strings.Join(ids, ", "))}
}

// PlanTotals returns how many orders were found, and the parts of that sum: what a plan would do.
func PlanTotals(s Summary, p PlanSummary) string {
	var parts []string
	add := func(n int64, text string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, text))
		}
	}
	for _, a := range []string{order.Create, order.Update, order.Delete} {
		add(p.Actions[a], "to "+Verb(s.Run.Kind, a))
	}
	for _, o := range outcomes {
		if o != ledger.NotAttempted {
			add(s.Outcomes[o], outcomeWords(o))
		}
	}
	return orderTotal(s.Run.Orders, parts)
}
