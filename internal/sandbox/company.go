package sandbox

import (
	"encoding/json"
	"fmt"
)

// company is a company as a new order shows it. A single order also shows the details.
type company struct {
	ID         int64  `json:"id"`
	Status     string `json:"status"`
	Name       string `json:"name"`
	Address    string `json:"address"`
	City       string `json:"city"`
	State      string `json:"state"`
	PostalCode string `json:"postal_code"`
	Country    string `json:"country"`
	*companyDetails

	short *company // the same company without details
}

type companyDetails struct {
	CreatedAt       string           `json:"created_at"`
	UpdatedAt       string           `json:"updated_at"`
	Type            string           `json:"type"`
	Phone           string           `json:"phone"`
	AddressLine2    *string          `json:"address_line_2"`
	FullAddress     string           `json:"full_address"`
	ShippingFirst   string           `json:"shipping_first_name"`
	ShippingLast    string           `json:"shipping_last_name"`
	ShippingEmail   *string          `json:"shipping_email"`
	ShippingPhone   string           `json:"shipping_phone"`
	ShippingAddress string           `json:"shipping_address"`
	ShippingCity    string           `json:"shipping_city"`
	ShippingState   string           `json:"shipping_state"`
	ShippingCode    string           `json:"shipping_postal_code"`
	ShippingCountry string           `json:"shipping_country"`
	ShippingFull    string           `json:"shipping_full_address"`
	Term            string           `json:"payment_term"`
	TaxExempt       bool             `json:"tax_exempt"`
	TaxRate         number           `json:"tax_rate"`
	DueDays         int              `json:"due_date_days"`
	PriceLevel      json.RawMessage  `json:"price_level"`
	Notes           *string          `json:"notes"`
	FEIN            *string          `json:"fein"`
	Tags            []tag            `json:"tags"`
	DefaultShipping *shippingAddress `json:"default_shipping"`
	Shipping        []any            `json:"shipping_addresses"`
	Billing         json.RawMessage  `json:"billing_info"`
	ClientType      json.RawMessage  `json:"client_type"`
	ParentID        *int64           `json:"parent_company_id"`
	TemplateID      *int64           `json:"invoice_export_template_id"`
	CustomFields    customValues     `json:"custom_fields"`
}

type shippingAddress struct {
	ID           int64   `json:"id"`
	CompanyID    int64   `json:"company_id"`
	Address      string  `json:"address"`
	City         string  `json:"city"`
	State        string  `json:"state"`
	PostalCode   string  `json:"postal_code"`
	Country      string  `json:"country"`
	CreatedAt    string  `json:"created_at"`
	UpdatedAt    string  `json:"updated_at"`
	CompanyName  string  `json:"company_name"`
	AddressLine2 *string `json:"address_line_2"`
	FullAddress  string  `json:"full_address"`
	FullName     string  `json:"full_name"`
	FirstName    string  `json:"first_name"`
	LastName     string  `json:"last_name"`
	Phone        string  `json:"phone"`
	Email        *string `json:"email"`
	IsDefault    bool    `json:"is_default"`
}

// summary returns the company as a new order and a list show it, or nil for nil.
func (c *company) summary() *company {
	if c == nil {
		return nil
	}
	return c.short
}

// fillAddresses fills in the addresses that the request left out.
func (c *company) fillAddresses(o *salesSettable) {
	a := &salesAddress{
		Name: &c.Name, Company: &c.Name, Street1: &c.Address, City: &c.City, State: &c.State, PostalCode: &c.PostalCode, Country: &c.Country,
	}
	if o.BillTo == nil {
		o.BillTo = a
	}
	if o.ShipTo == nil {
		o.ShipTo = a
	}
}

func newCompany(id int64, name string, town [3]string, term string) *company {
	phone := fmt.Sprintf("555-%04d", id)
	c := company{ID: id, Status: "active", Name: name, Address: fmt.Sprintf("%d Main Street", 100+id), City: town[0], State: town[1], PostalCode: town[2], Country: "US"}
	short := c
	full := fmt.Sprintf("%s, %s, %s %s, US", c.Address, c.City, c.State, c.PostalCode)
	ship := &shippingAddress{
		ID: 7000 + id, CompanyID: id, Address: c.Address, City: c.City, State: c.State, PostalCode: c.PostalCode, Country: "US", CreatedAt: seedTime,
		UpdatedAt: seedTime, CompanyName: name, FullAddress: full, FullName: "Front Desk", FirstName: "Front", LastName: "Desk", Phone: phone, IsDefault: true,
	}
	c.companyDetails = &companyDetails{
		CreatedAt: seedTime, UpdatedAt: seedTime, Type: "Retail", Phone: phone, FullAddress: full, ShippingFirst: "Front", ShippingLast: "Desk",
		ShippingPhone: phone, ShippingAddress: c.Address, ShippingCity: c.City, ShippingState: c.State, ShippingCode: c.PostalCode, ShippingCountry: "US",
		ShippingFull: full, Term: term, TaxRate: "8.25", DueDays: 30, Tags: []tag{}, DefaultShipping: ship, Shipping: []any{ship},
		PriceLevel: json.RawMessage(`{"id":1,"created_at":"` + seedTime + `","updated_at":"` + seedTime + `","status":"active","name":"Wholesale","type":"percentage","percent_increase":15.5}`),
		Billing:    json.RawMessage(`{"id":1,"created_at":"` + seedTime + `","updated_at":"` + seedTime + `","first_name":"Front","last_name":"Desk","email":null,"receiving_bank_name":null,"receiving_bank_address":null}`),
		ClientType: json.RawMessage(`{"id":1,"created_at":"` + seedTime + `","updated_at":"` + seedTime + `","name":"Retail","description":"Retail business client"}`),
	}
	if id == 123 {
		c.Tags = withDetails([]tag{{ID: 901, Name: "key account"}})
	}
	c.short = &short
	return &c
}
