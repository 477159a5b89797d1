package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
)

// response is a status and a body to be written as JSON.
type response struct {
	status int
	body   any
}

// envelope holds a single record.
type envelope struct {
	Data any `json:"data"`
}

// failure is the vendor's error format. Errors maps dotted paths with zero-based indexes to
// messages.
type failure struct {
	Message string      `json:"message"`
	Errors  fieldErrors `json:"errors,omitempty"`
}

// fieldErrors collects the errors of a request by path.
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

// errorResponse has the texts of the vendor's framework.
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

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }} // for encoding responses

// render encodes a body as JSON. The bytes are valid until done is called.
func render(body any) (b []byte, done func()) {
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		panic(err) // all bodies are types of this package
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), func() { buffers.Put(buf) }
}

func (s *Sandbox) write(w http.ResponseWriter, a response) {
	b, done := render(a.body)
	defer done()
	s.writeHeader(w, a.status, "application/json", len(b))
	_, _ = w.Write(b) // an error means the client has left
}

func (s *Sandbox) writeHeader(w http.ResponseWriter, status int, contentType string, length int) {
	s.counts.responseSent(status)
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(length))
	w.WriteHeader(status)
}
