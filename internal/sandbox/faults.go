package sandbox

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Fault is one kind of failure and when to inject it.
type Fault struct {
	Name   string  // one of FaultNames
	P      float64 // probability, 0 to 1; for 401_after the number of requests before it
	Method string  // only for this method; "WRITE" means all but GET, "" means all
	First  int     // with Last: inject into matching requests First to Last, counted from 1; 0 = use P
	Last   int

	kind *faultKind // of Name
	seen int        // matching requests so far
}

// FaultName is a fault's name with one line of help.
type FaultName struct{ Name, Help string }

// FaultNames lists all faults.
func FaultNames() []FaultName {
	var out []FaultName
	for _, k := range faultKinds {
		out = append(out, FaultName{k.name, k.help})
	}
	return append(out, FaultName{"401_after", "401 for every request after the Nth: 401_after=500"})
}

// ParseFault parses NAME=P, METHOD:NAME=P, NAME=#N (exactly the Nth request) or NAME=#N-M. METHOD
// is an HTTP method or WRITE.
func ParseFault(s string) (Fault, error) {
	left, right, ok := strings.Cut(s, "=")
	if !ok {
		return Fault{}, fmt.Errorf("reading fault %q: expected NAME=P, such as drop_after=0.05", s)
	}
	f := Fault{Name: left}
	if method, name, ok := strings.Cut(left, ":"); ok {
		f.Method, f.Name = strings.ToUpper(method), name
	}
	if span, ok := strings.CutPrefix(right, "#"); ok {
		first, last, two := strings.Cut(span, "-")
		if !two {
			last = first
		}
		var err1, err2 error
		f.First, err1 = strconv.Atoi(first)
		f.Last, err2 = strconv.Atoi(last)
		if err1 != nil || err2 != nil || f.First < 1 || f.Last < f.First {
			return Fault{}, fmt.Errorf("reading fault %q: expected #N or #N-M, counted from 1", s)
		}
	} else {
		p, err := strconv.ParseFloat(right, 64)
		if err != nil {
			return Fault{}, fmt.Errorf("reading fault %q: %q is not a number", s, right)
		}
		f.P = p
	}
	_, _, err := checkFaults([]Fault{f})
	return f, err
}

// checkFaults validates faults and separates 401_after from the others.
func checkFaults(in []Fault) (out []Fault, rejectAfter int, err error) {
	for _, f := range in {
		if f.Name == "401_after" {
			rejectAfter = int(f.P)
			if rejectAfter < 1 {
				return nil, 0, fmt.Errorf("fault 401_after takes a number of requests of at least 1, not %v", f.P)
			}
			continue
		}
		if f.kind = findFault(f.Name); f.kind == nil {
			var names []string
			for _, n := range FaultNames() {
				names = append(names, n.Name)
			}
			return nil, 0, fmt.Errorf("unknown fault %q; the faults are %s", f.Name, strings.Join(names, ", "))
		}
		if f.P < 0 || f.P > 1 {
			return nil, 0, fmt.Errorf("fault %s takes a probability from 0 to 1, not %v", f.Name, f.P)
		}
		if !slices.Contains([]string{"", "WRITE", "GET", "POST", "PATCH", "PUT", "DELETE"}, f.Method) {
			return nil, 0, fmt.Errorf("fault %s: method %q is neither used by this API nor WRITE", f.Name, f.Method)
		}
		out = append(out, f)
	}
	return out, rejectAfter, nil
}

// pickFault returns the fault to inject into the nth request, or nil. The first match wins. The
// random numbers depend only on the seed, n and the position of the fault, so that adding a fault
// at the end doesn't change the others.
func (s *Sandbox) pickFault(n int, r *request) *faultKind {
	if s.cfg.Script != nil {
		if name := s.cfg.Script(s.newCall(n, r)); name != "" {
			k := findFault(name)
			if k == nil {
				panic(fmt.Sprintf("sandbox: the script returned the unknown fault %q", name))
			}
			return k
		}
	}
	s.gate.mu.Lock()
	defer s.gate.mu.Unlock()
	for i := range s.gate.faults {
		f := &s.gate.faults[i]
		if f.Method != "" && f.Method != r.Method && (f.Method != "WRITE" || r.Method == http.MethodGet) {
			continue
		}
		if f.First > 0 {
			if f.seen++; f.seen >= f.First && f.seen <= f.Last {
				return f.kind
			}
			continue
		}
		rng := rand.New(rand.NewPCG(s.cfg.Seed^uint64(i)<<56, uint64(n)))
		rng.Uint64() // neighboring values of n differ in one bit: let the state mix
		if rng.Float64() < f.P {
			return f.kind
		}
	}
	return nil
}

// newCall describes a request to a script.
func (s *Sandbox) newCall(n int, r *request) Call {
	var in struct {
		OrderNumber  string   `json:"order_number"`
		OrderNumbers []string `json:"order_numbers"`
	}
	_ = json.Unmarshal(r.body, &in) // no order, no numbers
	c := Call{N: n, Method: r.Method, Path: strings.TrimPrefix(r.URL.Path, Prefix), Numbers: in.OrderNumbers}
	if in.OrderNumber != "" {
		c.Numbers = []string{in.OrderNumber}
	}
	key := fmt.Sprint(c.Method, c.Path, c.Numbers, r.URL.RawQuery)
	s.gate.mu.Lock()
	defer s.gate.mu.Unlock()
	s.gate.attempts[key]++
	c.Try = s.gate.attempts[key]
	return c
}
