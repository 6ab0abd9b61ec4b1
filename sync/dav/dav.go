// SPDX-License-Identifier: EUPL-1.2

// Package dav is the thin core of a WebDAV client (RFC 4918) that davfiles and caltasks share: authentication, redirects,
// typed errors and a multistatus reader that streams and that never takes a cut answer for a whole one.
package dav

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"kontor/sync/transport"
)

// Bounds of one request.
const (
	maxRedirects = 5
	maxConns     = 10 // one or two more than transfers, for what a person waits for
	headerWait   = 5 * time.Minute
	drainLimit   = 256 << 10
)

// Options are what a client needs besides the address.
type Options struct {
	User      string
	Secret    func(context.Context) (string, error) // asked for once, and again after a refusal; nil for no sign-in
	CAPEM     string                                // certificates to trust besides the system's
	UserAgent string
	Counter   *transport.Counter // octets on the wire, may be nil
	Basic     bool               // Client.Basic said so before: the server need not be asked how to sign in
}

// Client speaks to one server. It is safe for use by several goroutines.
type Client struct {
	base     *url.URL
	root     string
	http     *http.Client
	opts     Options
	auth     signer
	requests atomic.Int64
}

// New makes a client for the collection at base, without connecting. Plain http is refused but on the loopback address.
func New(base string, opts Options) (*Client, error) {
	endpoint, err := transport.ParseEndpoint(base)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("%q: %w", base, transport.ErrURL)
	}
	tlsConfig, err := transport.TLSConfig(endpoint.Host, opts.CAPEM)
	if err != nil {
		return nil, err
	}
	tlsConfig.ClientSessionCache = tls.NewLRUClientSessionCache(maxConns) // connections after the first cost a turn less
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	c := &Client{base: u, opts: opts, root: u.Path}
	if !strings.HasSuffix(c.root, "/") {
		c.root += "/"
	}
	c.auth.user, c.auth.secret, c.auth.known = opts.User, opts.Secret, opts.Basic
	c.http = &http.Client{
		Jar: jar,
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, addr string) (net.Conn, error) {
				return transport.Dial(ctx, addr, opts.Counter)
			},
			Proxy:                 http.ProxyFromEnvironment,
			TLSClientConfig:       tlsConfig,
			DisableCompression:    transport.IsLoopback(endpoint.Host), // there it only costs both sides time
			ForceAttemptHTTP2:     true,
			MaxConnsPerHost:       maxConns,
			MaxIdleConnsPerHost:   maxConns,
			IdleConnTimeout:       transport.IdleTimeout * 2 / 3,
			TLSHandshakeTimeout:   transport.DialTimeout,
			ResponseHeaderTimeout: headerWait,
			ExpectContinueTimeout: time.Second,
			WriteBufferSize:       64 << 10,
			ReadBufferSize:        64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// Root is the decoded path of the collection that the client was made for, with a slash at its end.
func (c *Client) Root() string { return c.root }

// Requests is how many requests were sent so far.
func (c *Client) Requests() int64 { return c.requests.Load() }

// Basic reports whether requests are signed by Basic (RFC 7617).
func (c *Client) Basic() bool { return c.auth.chosen.Load() }

// Close ends the connections that are idle.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Request is one request. Href is a decoded absolute path on the server.
type Request struct {
	Method string
	Href   string
	Query  string // as it is sent, without the question mark
	Header http.Header
	// Body opens the body; it is called again when the request has to be repeated. nil for none.
	Body   func() (io.ReadCloser, error)
	Length int64 // octets of the body
}

// Do sends a request and returns every answer of the 2xx class; the caller reads and closes its body. Other answers are
// errors: transport.ErrSignIn for 401, transport.ErrPortal for answers that another than the server gave, else a *StatusError.
func (c *Client) Do(ctx context.Context, r Request) (*http.Response, error) {
	resp, err := c.try(ctx, r)
	if errors.Is(err, errAskAgain) {
		return c.try(ctx, r)
	}
	return resp, err
}

func (c *Client) try(ctx context.Context, r Request) (*http.Response, error) {
	if err := c.auth.prepare(ctx, c); err != nil {
		return nil, err
	}
	target := *c.base
	target.Path, target.RawPath, target.RawQuery = r.Href, "", r.Query
	for range maxRedirects + 1 {
		resp, err := c.once(ctx, r, &target)
		if err != nil {
			return nil, err
		}
		if !isRedirect(resp.StatusCode) {
			return c.check(r, resp)
		}
		next, err := c.follow(&target, resp)
		Drain(resp)
		if err != nil {
			return nil, err
		}
		target = *next
	}
	return nil, fmt.Errorf("more than %d redirects: %w", maxRedirects, transport.ErrServer)
}

// once sends a request to target, signed, and repeats it as often as signing in asks for.
func (c *Client) once(ctx context.Context, r Request, target *url.URL) (*http.Response, error) {
	shim, known := c.auth.begin()
	defer shim.Close() //nolint:errcheck // holds nothing
	for range 3 {
		req, err := c.request(ctx, r, target)
		if err != nil {
			return nil, err
		}
		rewind := req.GetBody
		if err := shim.Authorize(c.http, req, req.URL.RequestURI()); err != nil {
			return nil, err
		}
		req.GetBody = rewind // gowebdav puts one in its place that yields nothing: net/http would panic when it repeats
		req.Header.Del(inhibitRedirect)
		resp, err := c.send(req)
		if err != nil {
			return nil, err
		}
		again, err := shim.Verify(c.http, resp, req.URL.RequestURI())
		if err != nil || (!again && resp.StatusCode == http.StatusUnauthorized) {
			Drain(resp)
			return nil, c.auth.refused(known && !offersBasic(resp.Header))
		}
		if !again {
			return resp, nil
		}
		Drain(resp)
	}
	return nil, c.auth.refused(false)
}

func (c *Client) request(ctx context.Context, r Request, target *url.URL) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, target.String(), nil)
	if err != nil {
		return nil, err
	}
	if r.Header != nil {
		req.Header = r.Header.Clone()
	}
	if c.opts.UserAgent != "" {
		req.Header.Set("User-Agent", c.opts.UserAgent)
	}
	// A compressed file has another length and another ETag than the one that was listed.
	if r.Method == http.MethodGet && req.Header.Get("Accept-Encoding") == "" {
		req.Header.Set("Accept-Encoding", "identity")
	}
	if r.Method == "PROPFIND" || r.Method == "REPORT" {
		req.Header["Idempotency-Key"] = nil // tells net/http, not the server, that a dead connection at rest may be replaced
	}
	if r.Body == nil {
		return req, nil
	}
	if req.Body, err = r.Body(); err != nil {
		return nil, err
	}
	req.ContentLength, req.GetBody = r.Length, r.Body
	if r.Length == 0 {
		req.Body = noBody(req.Body)
	}
	return req, nil
}

// noBody makes net/http send "Content-Length: 0" instead of a chunked body for a file without content.
func noBody(b io.Closer) io.ReadCloser {
	_ = b.Close() // opened for reading, nothing can be lost
	return http.NoBody
}

func (c *Client) send(req *http.Request) (*http.Response, error) {
	c.requests.Add(1)
	resp, err := c.http.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return nil, fmt.Errorf("%s: %w", req.Method, err)
	}
	return resp, nil
}

// check turns every answer that is not a success into an error.
func (c *Client) check(r Request, resp *http.Response) (*http.Response, error) {
	if resp.StatusCode/100 != 2 {
		defer Drain(resp)
		return nil, statusError(resp)
	}
	if r.Method != http.MethodGet && r.Method != http.MethodOptions && resp.StatusCode != http.StatusMultiStatus && isHTML(resp.Header) && isPage(r.Method, resp.StatusCode) {
		Drain(resp)
		return nil, fmt.Errorf("%s answered with a page: %w", r.Method, transport.ErrPortal)
	}
	return resp, nil
}

// isPage reports whether an answer in HTML cannot come from a WebDAV server. Apache sends one with 201 Created.
func isPage(method string, status int) bool {
	return method == "PROPFIND" || method == "REPORT" || status == http.StatusOK
}

func isHTML(h http.Header) bool {
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	return kind == "text/html" || kind == "application/xhtml+xml"
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// follow gives the address that a redirect leads to, as long as it stays on the same host and does not give up TLS.
func (c *Client) follow(from *url.URL, resp *http.Response) (*url.URL, error) {
	to, err := from.Parse(resp.Header.Get("Location"))
	if err != nil || resp.Header.Get("Location") == "" {
		return nil, fmt.Errorf("redirect without an address: %w", transport.ErrServer)
	}
	plainer := from.Scheme == "https" && to.Scheme != "https"
	if plainer || !strings.EqualFold(from.Hostname(), to.Hostname()) {
		return nil, &RedirectError{Location: to.String()}
	}
	if to.Scheme != "https" && to.Scheme != "http" {
		return nil, fmt.Errorf("redirect to %s: %w", to.Scheme, transport.ErrServer)
	}
	return to, nil
}

// Drain reads what is left of an answer, so that its connection can be used again, and closes it.
func Drain(resp *http.Response) {
	_, _ = io.CopyN(io.Discard, resp.Body, drainLimit) // a broken rest only costs the connection
	_ = resp.Body.Close()                              // opened for reading, nothing can be lost
}
