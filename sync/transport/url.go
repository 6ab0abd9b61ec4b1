// SPDX-License-Identifier: EUPL-1.2

package transport

import (
	"errors"
	"fmt"
	"net"
	"net/url"
)

// ErrURL is returned for an address that Kontor will not connect to.
var ErrURL = errors.New("the server address cannot be used")

// Endpoint is a server address that has been checked.
type Endpoint struct {
	Scheme   string
	Host     string // the name without a port
	Addr     string // host:port
	TLS      bool   // encrypted from the first octet on
	StartTLS bool   // encrypted by STARTTLS, which is then required
}

// defaultPorts are those of RFC 8314 and RFC 6409.
var defaultPorts = map[string]string{"imaps": "993", "imap": "143", "smtps": "465", "smtp": "587", "https": "443", "http": "80"}

// ParseEndpoint reads imaps://, imap://, smtps://, smtp://, https:// and http:// addresses. Without TLS only the
// loopback address is allowed: there imap:// and smtp:// still use STARTTLS where the server offers it.
func ParseEndpoint(raw string) (Endpoint, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return Endpoint{}, fmt.Errorf("%q: %w", raw, ErrURL)
	}
	port, known := defaultPorts[u.Scheme]
	if !known || u.Hostname() == "" {
		return Endpoint{}, fmt.Errorf("%q: %w", raw, ErrURL)
	}
	if u.Port() != "" {
		port = u.Port()
	}
	e := Endpoint{Scheme: u.Scheme, Host: u.Hostname(), Addr: net.JoinHostPort(u.Hostname(), port)}
	e.TLS = u.Scheme == "imaps" || u.Scheme == "smtps" || u.Scheme == "https"
	e.StartTLS = (u.Scheme == "imap" || u.Scheme == "smtp") && !IsLoopback(e.Host)
	if u.Scheme == "http" && !IsLoopback(e.Host) {
		return Endpoint{}, fmt.Errorf("%q: %w", raw, ErrNoTLS)
	}
	return e, nil
}

// IsLoopback reports whether host is this very machine, by address or as "localhost".
func IsLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
