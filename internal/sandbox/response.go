package sandbox

import (
	"net/http"
	"slices"
	"strconv"
)

// response is a status and a body to be written as JSON.
type response struct {
	status int
	body   doc
}

// shown is a part of a body: a record or a list of records, as a view shows them.
type shown struct {
	of    *orders // the orders that it is of; nil = other records
	view  *view   // nil shows all fields
	value any
}

// data returns the body of a single record or of records that aren't in pages.
func data(v shown) doc { return doc{"data": v} }

// fieldErrors collects the errors of a request: from dotted paths with indexes from 0 to messages.
type fieldErrors map[string][]string

func (m fieldErrors) add(path, text string) {
	if !slices.Contains(m[path], text) {
		m[path] = append(m[path], text)
	}
}

func message(status int, text string) response {
	return response{status, doc{"message": text}}
}

func invalid(m fieldErrors) response {
	return response{http.StatusUnprocessableEntity, doc{"message": "The given data was invalid.", "errors": m}}
}

// errorTexts are those of the vendor's framework. Read-only.
var errorTexts = map[int]string{
	http.StatusBadRequest:            "Bad request",
	http.StatusUnauthorized:          "Unauthenticated.",
	http.StatusNotFound:              "Not found.",
	http.StatusMethodNotAllowed:      "The method is not supported for this route.",
	http.StatusConflict:              "Conflict.",
	http.StatusRequestEntityTooLarge: "Payload Too Large",
}

func failure(status int) response { return message(status, errorTexts[status]) }

func (a response) encode() []byte { return appendJSON(make([]byte, 0, 4096), a.body, nil) }

func (s *Sandbox) write(w http.ResponseWriter, a response) {
	s.writeRaw(w, a.status, "application/json", a.encode())
}

// writeRaw writes a response whose body need not be JSON.
func (s *Sandbox) writeRaw(w http.ResponseWriter, status int, contentType string, body []byte) {
	s.writeHeader(w, status, contentType, len(body))
	_, _ = w.Write(body) // an error means the client has left
}

func (s *Sandbox) writeHeader(w http.ResponseWriter, status int, contentType string, length int) {
	s.gate.update(func(st *Stats) {
		st.ByStatus[status]++
		if status == http.StatusTooManyRequests {
			st.Throttled++
		}
	})
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(length))
	w.WriteHeader(status)
}
