package luminous

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
)

const (
	apiPath   = "/external/api/v1"      // on a tenant's host (API page "Create a new sales order")
	apiDomain = ".api.joinluminous.com" // after the company's name in a tenant's host
)

var companyName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// NormalizeBaseURL returns the one form of an API address, which is also the key of the account:
// scheme and host in lower case; no default port, trailing slash, user, query or fragment. Without
// baseURL it is made of the company's name, the first part of the tenant's host. Plain http is
// allowed to this machine only, since it would expose the token on the network.
func NormalizeBaseURL(baseURL, company string) (string, error) {
	baseURL, company = strings.TrimSpace(baseURL), strings.ToLower(strings.TrimSpace(company))
	if baseURL == "" {
		if company == "" {
			return "", errors.New("reading the base URL: it is empty, and no company is given")
		}
		if !companyName.MatchString(company) {
			return "", fmt.Errorf("reading the company %q: expected the first part of the account's address, such as acme of https://acme%s", company, apiDomain)
		}
		return "https://" + company + apiDomain + apiPath, nil
	}
	u, err := url.Parse(baseURL)
	if err != nil {
		return "", fmt.Errorf("reading the base URL: it isn't a URL; expected one like https://acme%s%s", apiDomain, apiPath)
	}
	if err := checkBaseURL(u); err != nil {
		return "", err
	}
	return u.Scheme + "://" + hostOf(u) + strings.TrimRight(u.EscapedPath(), "/"), nil
}

// checkBaseURL rejects URLs that can't be a base URL. It never repeats a user or a query, which may
// contain a secret.
func checkBaseURL(u *url.URL) error {
	shown := u.Scheme + "://" + u.Host + u.EscapedPath()
	switch {
	case u.User != nil:
		return fmt.Errorf("reading the base URL %s: it contains a user name or a password; the token goes into LUMINOUS_API_KEY", shown)
	case u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("reading the base URL %s: it ends with ?... or #..., which no base URL has", shown)
	case u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("reading the base URL %q: expected it to begin with https://", shown)
	case u.Hostname() == "" || strings.ContainsAny(u.Hostname(), " ,"):
		return fmt.Errorf("reading the base URL %q: it has no host", shown)
	case strings.Contains(u.Path, "//") || strings.Contains(u.Path+"/", "/../") || strings.Contains(u.Path+"/", "/./"):
		return fmt.Errorf("reading the base URL %q: its path has an empty part or dots", shown)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return fmt.Errorf("reading the base URL %q: plain http would expose the token on the network; expected https://", shown)
	}
	return nil
}

// hostOf returns host and port, in lower case and without a port that the scheme implies.
func hostOf(u *url.URL) string {
	host, port := strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), u.Port()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == "" || u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		return host
	}
	return host + ":" + port
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	if strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
