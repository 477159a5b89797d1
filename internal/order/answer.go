package order

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/shopspring/decimal"
)

// Answer is what the API says about one order. The named fields are those that every caller needs;
// Raw is the whole object, so that nothing of it is lost.
type Answer struct {
	ID        int64
	Numbers   []string // a sales order has one order_number, a purchase order a list of order_numbers
	Status    string   // order_status
	Total     decimal.NullDecimal
	UpdatedAt string // as the API wrote it
	Raw       json.RawMessage
}

// ParseAnswer reads one order out of an answer, either bare or under "data". It fails if the object
// has no id: such an answer confirms nothing. Raw points into body, which must not be changed
// afterwards.
func ParseAnswer(kind Kind, body []byte) (Answer, error) {
	if !json.Valid(body) {
		var v json.RawMessage
		return Answer{}, fmt.Errorf("reading the answer: %w", json.Unmarshal(body, &v))
	}
	a := Answer{Raw: bytes.TrimSpace(body)}
	if data := Payload(body).Raw("data"); len(data) > 0 && data[0] == '{' {
		a.Raw = data
	}
	if err := a.read(kind); err != nil {
		return Answer{}, fmt.Errorf("reading the answer: %w", err)
	}
	if a.ID == 0 {
		return Answer{}, fmt.Errorf("reading the answer: it has no %s id", kind.Word())
	}
	return a, nil
}

// read fills in the named fields from Raw.
func (a *Answer) read(kind Kind) error {
	number, total := kind.NumberField(), kind.TotalField()
	if kind == SalesOrders {
		a.Numbers = []string{""}
	}
	return EachField(a.Raw, func(key, value []byte) error {
		if string(value) == "null" {
			return nil
		}
		switch string(key) {
		case "id":
			return json.Unmarshal(value, &a.ID)
		case "order_status":
			return json.Unmarshal(value, &a.Status)
		case "updated_at":
			return json.Unmarshal(value, &a.UpdatedAt)
		case total:
			return json.Unmarshal(value, &a.Total)
		case number:
			if kind == PurchaseOrders {
				return json.Unmarshal(value, &a.Numbers)
			}
			return json.Unmarshal(value, &a.Numbers[0])
		}
		return nil
	})
}
