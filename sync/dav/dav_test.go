// SPDX-License-Identifier: EUPL-1.2

package dav

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"kontor/sync/transport"
)

// serve starts a server and a client for its /dav/.
func serve(t *testing.T, h http.HandlerFunc, user string) *Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	opts := Options{User: user}
	if user != "" {
		opts.Secret = func(context.Context) (string, error) { return "geheim", nil }
	}
	c, err := New(s.URL+"/dav", opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func answer(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusMultiStatus)
		_, _ = io.WriteString(w, body)
	}
}

func listing(t *testing.T, c *Client) ([]Response, error) {
	t.Helper()
	var all []Response
	err := c.Propfind(t.Context(), c.Root(), Depth1, "", func(r Response) error {
		all = append(all, r)
		return nil
	})
	return all, err
}

const item = `<D:response xmlns:x="urn:x"><D:href>/dav/a%20%23%25.txt</D:href><D:propstat><D:prop><D:getetag>"1"</D:getetag>
<lp1:getcontentlength xmlns:lp1="DAV:">12</lp1:getcontentlength><D:getlastmodified>Mon, 23 Nov 2026 09:12:00 GMT</D:getlastmodified><D:resourcetype/>
<x:set><x:comp name="VTODO"/></x:set></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>
<D:propstat><D:prop><D:quota-used-bytes/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat></D:response>`

func TestPropfindReadsItems(t *testing.T) {
	c := serve(t, answer(`<?xml version="1.0" encoding="utf-8"?><D:multistatus xmlns:D="DAV:"><D:response><D:href>/dav/</D:href><D:propstat><D:prop>`+
		`<D:resourcetype><D:collection/></D:resourcetype></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>`+item+
		`<response xmlns="DAV:"><href>/dav/gone</href><status>HTTP/1.1 404 Not Found</status></response></D:multistatus>`), "")
	all, err := listing(t, c)
	if err != nil || len(all) != 3 {
		t.Fatalf("%d items, %v", len(all), err)
	}
	if !all[0].IsCollection() || all[1].IsCollection() {
		t.Error("folders and files are mixed up")
	}
	r := all[1]
	if r.Href != "/dav/a #%.txt" || r.ETag() != `"1"` || r.Length() != 12 || r.Modified().Hour() != 9 || r.Err != nil || r.Status != 200 {
		t.Errorf("%+v", r)
	}
	if r.Prop(Name("quota-used-bytes")) != nil {
		t.Error("a property with status 404 was read")
	}
	set := Element{}.Name
	set.Space, set.Local = "urn:x", "set"
	comp := set
	comp.Local = "comp"
	if got := r.Prop(set).Child(comp).Attribute("name"); got != "VTODO" {
		t.Errorf("attribute %q", got)
	}
	if all[2].Status != 404 || all[2].Length() != -1 || !all[2].Modified().IsZero() {
		t.Errorf("%+v", all[2])
	}
}

// Case 1 of the file cases: whatever is not a whole multistatus is no listing.
func TestCase01BrokenListings(t *testing.T) {
	whole := `<D:multistatus xmlns:D="DAV:">` + item + `</D:multistatus>`
	broken := map[string]string{
		"cut":      whole[:len(whole)-5],
		"empty":    "",
		"no items": `<D:multistatus xmlns:D="DAV:"></D:multistatus>`,
		"overlap":  `<D:multistatus xmlns:D="DAV:"><D:response><D:href>/dav/</D:response></D:href></D:multistatus>`,
		"other":    `<D:error xmlns:D="DAV:"/>`,
		"deep":     `<D:multistatus xmlns:D="DAV:">` + strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100) + `</D:multistatus>`,
	}
	for name, body := range broken {
		if _, err := listing(t, serve(t, answer(body), "")); !errors.Is(err, ErrListing) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for cut := 0; cut < len(whole); cut += 41 {
		if _, err := listing(t, serve(t, answer(whole[:cut]), "")); err == nil {
			t.Fatalf("cut at %d of %d was taken for a listing", cut, len(whole))
		}
	}
	if _, err := listing(t, serve(t, answer(`<!DOCTYPE html><html><body>Anmelden</body></html>`), "")); !errors.Is(err, transport.ErrPortal) {
		t.Errorf("page: %v", err)
	}
	page := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<html>Hotel</html>")
	}
	if _, err := listing(t, serve(t, page, "")); !errors.Is(err, transport.ErrPortal) {
		t.Errorf("portal: %v", err)
	}
}

func TestCutConnectionIsNoListing(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100000")
		w.WriteHeader(http.StatusMultiStatus)
		_, _ = io.WriteString(w, `<D:multistatus xmlns:D="DAV:">`+item)
	}, "")
	all, err := listing(t, c)
	if !errors.Is(err, ErrListing) || !transport.IsConnectionError(err) || len(all) != 1 {
		t.Fatalf("%d items, %v", len(all), err)
	}
}

// Case 53 of the file cases.
func TestCase53Hrefs(t *testing.T) {
	c := serve(t, answer(""), "")
	good := map[string]string{
		"/dav/a%2Bb%26c;d%3F%25.txt": "/dav/a+b&c;d?%.txt",
		"/dav/a+b":                   "/dav/a+b",
		"http://127.0.0.1/dav/x/":    "/dav/x/",
		" /dav/%C3%BC ":              "/dav/ü",
	}
	for href, want := range good {
		if got, err := c.Resolve(href); err != nil || got != want {
			t.Errorf("%s: %q, %v", href, got, err)
		}
	}
	for _, href := range []string{"", "x", "/dav/../etc/passwd", "/dav/%2e%2e/x", "/dav/a%2Fb", "http://evil.example/dav/x", "//evil/x", "/dav/%", "/dav/%00", "/dav/./x"} {
		if got, err := c.Resolve(href); !errors.Is(err, ErrHref) {
			t.Errorf("%s gave %q, %v", href, got, err)
		}
	}
	all, err := listing(t, serve(t, answer(`<multistatus xmlns="DAV:"><response><href>/dav/%2e%2e/%2e%2e/etc</href></response></multistatus>`), ""))
	if err != nil || len(all) != 1 || !errors.Is(all[0].Err, ErrHref) {
		t.Errorf("%+v %v", all, err)
	}
}

func TestForbiddenCharactersDoNotEndAListing(t *testing.T) {
	body := "<D:multistatus xmlns:D=\"DAV:\"><D:response><D:href>/dav/x</D:href><D:propstat><D:prop><D:displayname>a\x01b&#x1f;c&#7;d\xffe&amp;&#228;ü&#xFFFF;" +
		"</D:displayname></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>"
	all, err := listing(t, serve(t, answer(body), ""))
	if err != nil || len(all) != 1 {
		t.Fatal(err)
	}
	if got := all[0].Prop(Name("displayname")).Value(); got != "a b c d?e&äü" {
		t.Errorf("%q", got)
	}
}

func TestReportReturnsTheSyncToken(t *testing.T) {
	c := serve(t, answer(`<multistatus xmlns="DAV:"><sync-token>urn:7</sync-token></multistatus>`), "")
	token, err := c.Report(t.Context(), c.Root(), Depth1, "<x/>", func(Response) error { return nil })
	if err != nil || token != "urn:7" {
		t.Fatal(token, err)
	}
	stop := errors.New("stop")
	c = serve(t, answer(`<multistatus xmlns="DAV:">`+strings.ReplaceAll(item, "D:", "")+`</multistatus>`), "")
	if _, err = c.Report(t.Context(), c.Root(), Depth1, "<x/>", func(Response) error { return stop }); !errors.Is(err, stop) {
		t.Fatal(err)
	}
}

func TestBasicSignIn(t *testing.T) {
	var bodies, unsigned int
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		user, pw, ok := r.BasicAuth()
		if !ok {
			unsigned++
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if user != "jonas" || pw != "geheim" || r.Header.Get(inhibitRedirect) != "" {
			t.Errorf("signed as %q %q", user, pw)
		}
		b, _ := io.ReadAll(r.Body)
		bodies += len(b)
		w.WriteHeader(http.StatusCreated)
	}, "jonas")
	for range 3 {
		resp, err := c.Do(t.Context(), Request{Method: http.MethodPut, Href: "/dav/x", Body: Bytes([]byte("abc")), Length: 3})
		if err != nil {
			t.Fatal(err)
		}
		Drain(resp)
	}
	if bodies != 9 || unsigned != 1 || c.Requests() != 4 {
		t.Errorf("%d octets, %d unsigned, %d requests", bodies, unsigned, c.Requests())
	}
}

var quoted = regexp.MustCompile(`(\w+)="?([^",]+)"?`)

func TestDigestSignIn(t *testing.T) {
	sum := func(s string) string { h := md5.Sum([]byte(s)); return hex.EncodeToString(h[:]) }
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		f := map[string]string{}
		for _, m := range quoted.FindAllStringSubmatch(r.Header.Get("Authorization"), -1) {
			f[m[1]] = m[2]
		}
		want := sum(strings.Join([]string{sum("jonas:kontor:geheim"), "n1", f["nc"], f["cnonce"], "auth", sum(r.Method + ":" + r.RequestURI)}, ":"))
		if f["response"] != want {
			w.Header().Set("WWW-Authenticate", `Digest realm="kontor", nonce="n1", qop="auth", algorithm=MD5`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, "ok")
	}, "jonas")
	resp, err := c.Do(t.Context(), Request{Method: http.MethodGet, Href: "/dav/ä b"})
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := io.ReadAll(resp.Body); string(b) != "ok" {
		t.Errorf("%q", b)
	}
	Drain(resp)
}

func TestWrongPassword(t *testing.T) {
	asked := 0
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
		w.WriteHeader(http.StatusUnauthorized)
	}, "jonas")
	c.auth.secret = func(context.Context) (string, error) { asked++; return "falsch", nil }
	for range 2 {
		if _, err := c.Do(t.Context(), Request{Method: http.MethodGet, Href: "/dav/"}); !errors.Is(err, transport.ErrSignIn) {
			t.Fatal(err)
		}
	}
	if asked != 2 {
		t.Errorf("the password was asked for %d times: a new one would never be used", asked)
	}
}

func TestRedirects(t *testing.T) {
	var methods []string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		methods = append(methods, r.Method)
		switch r.URL.Path {
		case "/dav/old":
			http.Redirect(w, r, "/dav/new", http.StatusMovedPermanently)
		case "/dav/away":
			http.Redirect(w, r, "http://login.example/", http.StatusFound)
		case "/dav/loop":
			http.Redirect(w, r, "/dav/loop", http.StatusTemporaryRedirect)
		case "/dav/none":
			w.WriteHeader(http.StatusFound)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}, "")
	resp, err := c.Do(t.Context(), Request{Method: "MKCOL", Href: "/dav/old"})
	if err != nil {
		t.Fatal(err)
	}
	Drain(resp)
	if fmt.Sprint(methods) != "[MKCOL MKCOL]" {
		t.Errorf("a redirect changed the method: %v", methods)
	}
	var away *RedirectError
	if _, err := c.Do(t.Context(), Request{Method: "GET", Href: "/dav/away"}); !errors.As(err, &away) || !errors.Is(err, transport.ErrPortal) || away.Error() == "" {
		t.Errorf("away: %v", err)
	}
	for _, href := range []string{"/dav/loop", "/dav/none"} {
		if _, err := c.Do(t.Context(), Request{Method: "GET", Href: href}); !errors.Is(err, transport.ErrServer) {
			t.Errorf("%s: %v", href, err)
		}
	}
}

// Case 22 of the file cases, its answers.
func TestCase22StatusErrors(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/dav/busy":
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/dav/no":
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `<d:error xmlns:d="DAV:"><s:exception>X</s:exception><s:message>Kein Schreibrecht</s:message></d:error>`)
		case "/dav/plain":
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(http.StatusLocked)
			_, _ = io.WriteString(w, "locked by Murat\n")
		case "/dav/page":
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusPreconditionFailed)
			_, _ = io.WriteString(w, "<html><body>412</body></html>")
		}
	}, "")
	do := func(href string) error {
		_, err := c.Do(t.Context(), Request{Method: "GET", Href: href})
		return err
	}
	if err := do("/dav/busy"); !IsStatus(err, 503) || RetryAfter(err) != 2*time.Minute || !errors.Is(err, transport.ErrServer) {
		t.Errorf("busy: %v", err)
	}
	if err := do("/dav/no"); !IsStatus(err, 404, 403) || !strings.Contains(err.Error(), "Kein Schreibrecht") {
		t.Errorf("no: %v", err)
	}
	if err := do("/dav/plain"); !IsStatus(err, 423) || !strings.Contains(err.Error(), "Murat") {
		t.Errorf("plain: %v", err)
	}
	if err := do("/dav/page"); !IsStatus(err, 412) || strings.Contains(err.Error(), "<") {
		t.Errorf("page: %v", err)
	}
	if IsStatus(io.EOF, 404) || RetryAfter(io.EOF) != 0 {
		t.Error("a broken connection is no status")
	}
}

func TestRetryAfterAsADate(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	if d := retryAfter("Mon, 23 Nov 2026 09:01:30 GMT", now); d != 90*time.Second {
		t.Error(d)
	}
	if d := retryAfter("Mon, 23 Nov 2026 08:00:00 GMT", now); d != 0 {
		t.Error(d)
	}
}

func TestEmptyBodyHasALength(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && (r.ContentLength != 0 || len(r.TransferEncoding) > 0) {
			t.Errorf("length %d, %v", r.ContentLength, r.TransferEncoding)
		}
		w.WriteHeader(http.StatusCreated)
	}, "")
	resp, err := c.Do(t.Context(), Request{Method: http.MethodPut, Href: "/dav/x", Body: Bytes(nil)})
	if err != nil {
		t.Fatal(err)
	}
	Drain(resp)
}

func TestPlainHTTPOnlyOnLoopback(t *testing.T) {
	if _, err := New("http://cloud.example/dav", Options{}); !errors.Is(err, transport.ErrNoTLS) {
		t.Error(err)
	}
	if _, err := New("imaps://cloud.example", Options{}); !errors.Is(err, transport.ErrURL) {
		t.Error(err)
	}
}

// TestARequestOnADeadConnectionIsRepeatedWithItsBody: a server that has closed a connection at rest must not cost more
// than a new one.
func TestARequestOnADeadConnectionIsRepeatedWithItsBody(t *testing.T) {
	var bodies []string
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		mu.Lock()
		bodies = append(bodies, string(body))
		mu.Unlock()
		w.WriteHeader(http.StatusMultiStatus)
		_, _ = io.WriteString(w, `<multistatus xmlns="DAV:"><response><href>/</href><status>HTTP/1.1 200 OK</status></response></multistatus>`) //nolint:errcheck // the client sees it
	}))
	defer server.Close()
	c, err := New(server.URL+"/", Options{User: "anna", Secret: func(context.Context) (string, error) { return "geheim", nil }})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := c.Propfind(context.Background(), "/", Depth0, "<propfind/>", func(Response) error { return nil }); err != nil {
			t.Fatal(err)
		}
		server.CloseClientConnections()
	}
	mu.Lock()
	defer mu.Unlock()
	for _, b := range bodies {
		if b != "<propfind/>" && b != "" {
			t.Fatalf("got %q", b)
		}
	}
}
