package detect

import (
	"slices"
	"strings"

	"ordersheet/mapping/catalog"
)

// roleOf returns the role of a column that feeds a field; guess is the role by its header.
func roleOf(t catalog.Type, guess role) role {
	switch t {
	case catalog.IDText, catalog.ListType:
		return idRole
	case catalog.IntegerType, catalog.DecimalType:
		return numberRole
	case catalog.DateType:
		return dateRole
	case catalog.EmailType, catalog.EnumType, catalog.BoolType, catalog.TagsType:
		return wordRole
	case catalog.TextType, catalog.JSONType:
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
		if !known && (strings.HasSuffix(w, "nummer") || strings.HasSuffix(w, "number") || strings.HasSuffix(w, "code")) { // Artikelnummer
			r, known = idRole, true
		}
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
	"size": idRole, "thread": idRole, "model": idRole, "bin": idRole, "plz": idRole, "iban": idRole, "asin": idRole, "article": idRole, "artikel": idRole, "part": idRole,
	"date": dateRole, "datum": dateRole, "shipped": dateRole, "delivered": dateRole, "until": dateRole, "since": dateRole,
	"price": numberRole, "amount": numberRole, "total": numberRole, "subtotal": numberRole, "qty": numberRole, "quantity": numberRole, "cost": numberRole,
	"tax": numberRole, "weight": numberRole, "discount": numberRole, "rate": numberRole, "fee": numberRole, "units": numberRole, "count": numberRole,
	"margin": numberRole, "preis": numberRole, "menge": numberRole, "betrag": numberRole, "height": numberRole, "width": numberRole, "length": numberRole,
	"note": proseRole, "notes": proseRole, "comment": proseRole, "comments": proseRole, "memo": proseRole, "name": proseRole, "address": proseRole,
	"street": proseRole, "city": proseRole, "description": proseRole, "title": proseRole, "message": proseRole, "product": proseRole, "instructions": proseRole,
	"status": wordRole, "email": wordRole, "country": wordRole, "state": wordRole, "tags": wordRole,
}

// findCountries finds the column of the country beside each postal code: in some countries, codes
// of four digits are complete.
func (d *Detector) findCountries(columns []MappedColumn) {
	for _, c := range columns {
		place, is := strings.CutSuffix(c.Path, ".postal_code")
		if !is {
			continue
		}
		d.cols[c.Col].postal = true
		if i := slices.IndexFunc(columns, func(x MappedColumn) bool { return x.Path == place+".country" }); i >= 0 {
			d.countries[c.Col] = columns[i].Col
		}
	}
	for _, s := range d.cols {
		if s == nil || s.field != "" {
			continue
		}
		switch catalog.Normalize(s.header) {
		case "zip", "postal", "postcode", "plz":
			s.postal = true
		}
	}
}

// postalDigits is how many digits the postal codes of a country have (UPU, postal addressing
// systems), by its code and its usual names. It is 0 where no code begins with a zero, so that none
// can be lost.
var postalDigits = map[string]int{
	"us": 5, "usa": 5, "united states": 5, "pr": 5, "de": 5, "deu": 5, "germany": 5, "deutschland": 5, "fr": 5, "fra": 5, "france": 5, "it": 5, "ita": 5, "italy": 5,
	"italia": 5, "es": 5, "esp": 5, "spain": 5, "españa": 5, "mx": 5, "mex": 5, "mexico": 5, "méxico": 5, "fi": 5, "fin": 5, "finland": 5, "kr": 5, "tr": 5, "ua": 5,
	"my": 5, "lt": 5, "ro": 6, "sg": 6, "jp": 7, "japan": 7, "br": 8, "bra": 8, "brazil": 8, "brasil": 8, "no": 4, "nor": 4, "norway": 4, "norge": 4, "dk": 4, "dnk": 4,
	"denmark": 4, "danmark": 4, "au": 4, "aus": 4, "australia": 4, "nz": 4, "nzl": 4, "new zealand": 4, "za": 4, "south africa": 4,
	"at": 0, "be": 0, "bg": 0, "ch": 0, "cy": 0, "ge": 0, "gl": 0, "hu": 0, "is": 0, "li": 0, "lu": 0, "lv": 0, "mk": 0, "nl": 0, "ph": 0, "pt": 0, "si": 0, "tn": 0, "fo": 0,
	"austria": 0, "österreich": 0, "belgium": 0, "bulgaria": 0, "switzerland": 0, "schweiz": 0, "suisse": 0, "cyprus": 0, "hungary": 0, "iceland": 0, "liechtenstein": 0,
	"luxembourg": 0, "latvia": 0, "netherlands": 0, "the netherlands": 0, "philippines": 0, "portugal": 0, "slovenia": 0, "aut": 0, "bel": 0, "che": 0, "hun": 0,
}
