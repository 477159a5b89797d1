package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
)

// response is a status and the object to be written as JSON.
type response struct {
	status int
	body   any
}

// envelope holds one record, as every single record is answered.
type envelope struct {
	Data any `json:"data"`
}

// failure is the vendor's error shape. Errors maps dotted paths with zero-based indexes to sentences.
type failure struct {
	Message string      `json:"message"`
	Errors  fieldErrors `json:"errors,omitempty"`
}

// fieldErrors collects what is wrong with a request, by path.
type fieldErrors map[string][]string

func (m fieldErrors) add(path, text string) {
	for _, t := range m[path] {
		if t == text {
			return
		}
	}
	m[path] = append(m[path], text)
}

func message(status int, text string) response {
	return response{status, failure{Message: text}}
}

func invalid(m fieldErrors) response {
	return response{http.StatusUnprocessableEntity, failure{"The given data was invalid.", m}}
}

func invalidField(path, text string) response {
	return invalid(fieldErrors{path: {text}})
}

func notFound() response { return message(http.StatusNotFound, "Not found.") }

// errorResponse is the answer to a request that has no meaning here. The texts are those of the vendor's framework.
func errorResponse(status int) response {
	switch status {
	case http.StatusNotFound:
		return notFound()
	case http.StatusMethodNotAllowed:
		return message(status, "The method is not supported for this route.")
	case http.StatusRequestEntityTooLarge:
		return message(status, "Payload Too Large")
	case http.StatusBadRequest:
		return message(status, "Bad request")
	}
	return message(status, http.StatusText(status))
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }} // of answers being written

// render turns an answer's body into JSON. The bytes are good until done is called.
func render(body any) (b []byte, done func()) {
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		panic(err) // every body is one of our own types
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), func() { buffers.Put(buf) }
}

func (s *Sandbox) write(w http.ResponseWriter, a response) {
	b, done := render(a.body)
	defer done()
	s.counts.responseSent(a.status)
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(a.status)
	_, _ = w.Write(b) // the client has left: nothing to tell anybody
}
