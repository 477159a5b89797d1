package mapping

import (
	"strings"
)

// roleOf is what a field's type makes of a column; guess is what its header makes of it.
func roleOf(t Type, guess role) role {
	switch t {
	case IDText, ListType:
		return idRole
	case IntegerType, DecimalType:
		return numberRole
	case DateType:
		return dateRole
	case EmailType, EnumType, BoolType, TagsType:
		return wordRole
	case TextType, JSONType:
		return proseRole
	}
	return guess
}

// roleOfHeader guesses from a header's words, for columns that feed no field.
func roleOfHeader(header string) role {
	words := strings.FieldsFunc(strings.ToLower(header), func(r rune) bool {
		return r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a' || r > 'z' && r < 0x80
	})
	if strings.Contains(header, "#") {
		return idRole
	}
	best := anyRole
	for i, w := range words {
		r, known := roleWords[w]
		switch {
		case !known:
		case w == "number" && i+1 < len(words) && words[i+1] == "of":
			return numberRole
		case r == dateRole, best == anyRole:
			best = r
		case best == numberRole && r == idRole: // total no, price code
			best = r
		}
	}
	return best
}

// roleWords are words of headers that tell what a column is for.
var roleWords = map[string]role{
	"sku": idRole, "code": idRole, "zip": idRole, "postal": idRole, "postcode": idRole, "ean": idRole, "upc": idRole, "gtin": idRole, "isbn": idRole,
	"barcode": idRole, "phone": idRole, "tel": idRole, "telephone": idRole, "mobile": idRole, "fax": idRole, "tracking": idRole, "serial": idRole, "id": idRole,
	"ref": idRole, "reference": idRole, "number": idRole, "no": idRole, "nr": idRole, "po": idRole, "account": idRole, "lot": idRole, "batch": idRole,
	"plz": idRole, "iban": idRole, "asin": idRole, "article": idRole, "artikel": idRole, "part": idRole,
	"date": dateRole, "datum": dateRole, "shipped": dateRole, "delivered": dateRole,
	"price": numberRole, "amount": numberRole, "total": numberRole, "subtotal": numberRole, "qty": numberRole, "quantity": numberRole, "cost": numberRole,
	"tax": numberRole, "weight": numberRole, "discount": numberRole, "rate": numberRole, "fee": numberRole, "units": numberRole, "count": numberRole,
	"margin": numberRole, "preis": numberRole, "menge": numberRole, "betrag": numberRole, "height": numberRole, "width": numberRole, "length": numberRole,
	"note": proseRole, "notes": proseRole, "comment": proseRole, "comments": proseRole, "memo": proseRole, "name": proseRole, "address": proseRole,
	"street": proseRole, "city": proseRole, "description": proseRole, "title": proseRole, "message": proseRole, "product": proseRole, "instructions": proseRole,
	"status": wordRole, "email": wordRole, "country": wordRole, "state": wordRole, "tags": wordRole,
}

// findCountries finds the country that stands beside each postal code: codes of four digits are whole in some countries.
func (d *Detector) findCountries(columns Columns) {
	for _, c := range columns {
		place, is := strings.CutSuffix(c.Path, ".postal_code")
		if !is {
			continue
		}
		if country, ok := columns.Column(place + ".country"); ok {
			for len(d.countries) <= c.Col {
				d.countries = append(d.countries, 0)
			}
			d.countries[c.Col] = country.Col + 1
		}
		d.cols[c.Col].postal = true
	}
	for _, s := range d.cols {
		if s == nil || s.field != "" {
			continue
		}
		for _, w := range strings.Fields(normalise(s.header)) {
			s.postal = s.postal || w == "zip" || w == "postal" || w == "postcode" || w == "plz"
		}
	}
}

// fourDigits lists countries whose postal codes have four digits or fewer (UPU, postal addressing systems).
var fourDigits = map[string]bool{
	"at": true, "au": true, "be": true, "bg": true, "ch": true, "cy": true, "dk": true, "ge": true, "gl": true, "hu": true, "is": true, "li": true, "lu": true,
	"lv": true, "mk": true, "nl": true, "no": true, "nz": true, "ph": true, "pt": true, "si": true, "tn": true, "za": true, "fo": true,
	"austria": true, "österreich": true, "australia": true, "belgium": true, "bulgaria": true, "switzerland": true, "schweiz": true, "suisse": true,
	"cyprus": true, "denmark": true, "danmark": true, "hungary": true, "iceland": true, "liechtenstein": true, "luxembourg": true, "latvia": true,
	"netherlands": true, "the netherlands": true, "norway": true, "norge": true, "new zealand": true, "philippines": true, "portugal": true,
	"slovenia": true, "south africa": true, "aut": true, "aus": true, "bel": true, "che": true, "dnk": true, "hun": true, "nor": true, "nzl": true,
}
