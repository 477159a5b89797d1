package luminous

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"ordersheet/internal/order"
	"ordersheet/internal/pace"
)

func TestNormalizeBaseURL(t *testing.T) {
	for _, c := range []struct{ base, company, want string }{
		{"", "Acme", "https://acme.api.joinluminous.com/external/api/v1"},
		{"https://ACME.api.joinluminous.com:443/external/api/v1/", "", "https://acme.api.joinluminous.com/external/api/v1"},
		{"https://acme.api.joinluminous.com./x/", "", "https://acme.api.joinluminous.com/x"},
		{" http://127.0.0.1:8080/external/api/v1 ", "ignored", "http://127.0.0.1:8080/external/api/v1"},
		{"http://[::1]:80", "", "http://[::1]"},
		{"HTTP://LocalHost:9/", "", "http://localhost:9"},
		{"https://example.com/a%20b/", "", "https://example.com/a%20b"},
		{"https://example.com:8443", "", "https://example.com:8443"},
	} {
		got, err := NormalizeBaseURL(c.base, c.company)
		if err != nil || got != c.want {
			t.Errorf("NormalizeBaseURL(%q, %q) = %q, %v; want %q", c.base, c.company, got, err, c.want)
		}
		if again, _ := NormalizeBaseURL(got, ""); again != got {
			t.Errorf("%q becomes %q when it is normalized again", got, again)
		}
	}
	for _, bad := range [][2]string{
		{"", ""},
		{"", "acme.evil.com"},
		{"", "a/b"},
		{"", "-a"},
		{"acme.api.joinluminous.com", ""},
		{"http://acme.api.joinluminous.com/x", ""},
		{"http://127.0.0.1.evil.com", ""},
		{"ftp://localhost", ""},
		{"https://", ""},
		{"https://u:secretpw@example.com", ""},
		{"https://example.com/?token=secretpw", ""},
		{"https://example.com/a/../b", ""},
		{"https://example.com/a//b", ""},
		{"https://exa mple.com", ""},
		{"https://%zzsecretpw", ""},
		{"https://example.com/#f", ""},
	} {
		got, err := NormalizeBaseURL(bad[0], bad[1])
		if err == nil {
			t.Errorf("NormalizeBaseURL(%q, %q) = %q, want an error", bad[0], bad[1], got)
		} else if strings.Contains(err.Error(), "secretpw") {
			t.Errorf("the error repeats a secret: %v", err)
		}
	}
}

func TestNewChecksToken(t *testing.T) {
	for _, token := range []string{"", " \n", "two words", "line\nbreak", "tök"} {
		if _, err := New(Config{BaseURL: "http://localhost", Token: token}); err == nil || len(token) > 3 && strings.Contains(err.Error(), token) {
			t.Errorf("token %q: got %v", token, err)
		}
	}
	c, err := New(Config{BaseURL: "http://localhost", Token: " " + testToken + "\n"})
	if err != nil {
		t.Fatal(err)
	}
	if s := fmt.Sprintf("%+v %#v %s %q", c.token, c.token, c.token, c.token) + fmt.Sprintf("%+v", c.cfg); strings.Contains(s, testToken) {
		t.Errorf("the client prints its token: %s", s)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	date := func(t time.Time) string { return t.Format(http.TimeFormat) }
	for _, c := range []struct {
		name, value, date string
		want              time.Duration
	}{
		{"absent", "", "", 0},
		{"seconds", "2", "", 2 * time.Second},
		{"a fraction", "0.5", "", 500 * time.Millisecond},
		{"negative", "-5", "", 0},
		{"not a number", "soon", "", 0},
		{"NaN", "NaN", "", 0},
		{"huge", "99999999999999999999", "", 1e9 * time.Second},
		{"a date", date(now.Add(3 * time.Second)), date(now), 3 * time.Second},
		{"a date, server an hour ahead", date(now.Add(time.Hour + 3*time.Second)), date(now.Add(time.Hour)), 3 * time.Second},
		{"a date without Date", date(now.Add(3 * time.Second)), "", 3 * time.Second},
		{"a past date", date(now.Add(-time.Hour)), date(now), 0},
	} {
		h := http.Header{}
		h.Set("Retry-After", c.value)
		h.Set("Date", c.date)
		if got := retryAfter(h, now); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestQuota(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for _, c := range []struct {
		header http.Header
		want   pace.Quota
	}{
		{http.Header{}, pace.Quota{}},
		{http.Header{"X-Ratelimit-Remaining": {"17"}}, pace.Quota{Known: true, Left: 17}},
		{http.Header{"Ratelimit-Remaining": {"0"}, "Ratelimit-Reset": {"30"}}, pace.Quota{Known: true, Reset: 30 * time.Second}},
		{http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {"1800000030"}}, pace.Quota{Known: true, Reset: 30 * time.Second}},
		{http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {"1700000000"}}, pace.Quota{Known: true, Reset: 0}},
		{http.Header{"X-Ratelimit-Remaining": {"-1"}}, pace.Quota{}},
		{http.Header{"X-Ratelimit-Remaining": {"many"}}, pace.Quota{}},
	} {
		if got := readQuota(c.header, now); got != c.want {
			t.Errorf("%v: got %+v, want %+v", c.header, got, c.want)
		}
	}
}

func TestRejectionMessages(t *testing.T) {
	for _, c := range []struct{ body, message, fields, signature string }{
		{
			`{"message":"The given data was invalid.","errors":{"items.10.sku":["x"],"items.2.product":["not found"],"bill_to.name":"required"}}`,
			"The given data was invalid.", "bill_to.name=required|items.2.product=not found|items.10.sku=x", "422 bill_to.name required",
		},
		{`{"errors":{"items.0.product":["not found"]}}`, "Unprocessable Entity", "items.0.product=not found", "422 items.product not found"},
		{`{"message":"Channel is locked."}`, "Channel is locked.", "", "422 channel is locked"},
		{`{"message":{"message":"deep"},"errors":null}`, "deep", "", "422 deep"},
		{`{"error":"SKU \"A-17\" of line 3 is unknown"}`, `SKU "A-17" of line 3 is unknown`, "", "422 sku _ of line # is unknown"},
		{`{"errors":["one","two"]}`, "Unprocessable Entity", "=one+two", "422 one"},
		{`{"errors":{"items":{"0":{"sku":["bad"]}},"n":5}}`, "Unprocessable Entity", "items.0.sku=bad|n=5", "422 items.sku bad"},
		{`{"errors":[{"sku":"bad"}]}`, "Unprocessable Entity", "0.sku=bad", "422 sku bad"},
		{`{"detail":"something else"}`, `{"detail":"something else"}`, "", "422 {_:_}"},
		{`"just text"`, `"just text"`, "", "422 _"},
		{"plain\ttext\x1b[31m", "plain text\uFFFD[31m", "", "422 plain text\uFFFD[#m"},
		{``, "Unprocessable Entity", "", "422 unprocessable entity"},
		{`<html>no</html>`, "Unprocessable Entity (an HTML page)", "", "422 unprocessable entity (an html page)"},
	} {
		client, _ := serve(t, answerWith(422, nil, c.body))
		_, err := client.Create(t.Context(), order.SalesOrders, testBody("A"))
		e := fail(t, err, Rejected)
		var fields []string
		for _, f := range e.Fields {
			fields = append(fields, f.Path+"="+strings.Join(f.Messages, "+"))
		}
		message, _, _ := strings.Cut(e.Message, "; check the base URL")
		if message != c.message || strings.Join(fields, "|") != c.fields || e.Signature != c.signature {
			t.Errorf("%s\ngot  %q %q %q\nwant %q %q %q", c.body, message, fields, e.Signature, c.message, c.fields, c.signature)
		}
	}
}

func TestLongAnswersAreShortened(t *testing.T) {
	c, _ := serve(t, answerWith(400, nil, strings.Repeat("é", 5000)))
	_, err := c.Create(t.Context(), order.SalesOrders, testBody("A"))
	if e := fail(t, err, Rejected); len([]rune(e.Raw)) > maxShown+3 || len([]rune(e.Message)) > maxShown+3 {
		t.Errorf("the message has %d characters", len([]rune(e.Message)))
	}
}
