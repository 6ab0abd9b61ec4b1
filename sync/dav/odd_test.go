// SPDX-License-Identifier: EUPL-1.2

package dav

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"kontor/sync/transport"
)

// answers that are right, although no two servers write them alike. Each names one file a.txt with the tag "1".
var dialects = map[string]string{
	"prefix":           `<D:multistatus xmlns:D="DAV:"><D:response><D:href>/dav/a.txt</D:href><D:propstat><D:prop><D:getetag>"1"</D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>`,
	"default space":    `<multistatus xmlns="DAV:"><response><href>/dav/a.txt</href><propstat><prop><getetag>"1"</getetag></prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>`,
	"prefix redefined": `<a:multistatus xmlns:a="DAV:"><a:response xmlns:a="DAV:"><b:href xmlns:b="DAV:">/dav/a.txt</b:href><a:propstat><a:prop xmlns:b="urn:x"><b:getetag>no</b:getetag><a:getetag>"1"</a:getetag></a:prop><a:status>HTTP/1.1 200 OK</a:status></a:propstat></a:response></a:multistatus>`,
	"prefix ends":      `<D:multistatus xmlns:D="DAV:"><D:response><D:href>/dav/a.txt</D:href><D:propstat><D:prop><x xmlns="urn:x" xmlns:D="urn:y"><D:getetag>no</D:getetag></x><D:getetag>"1"</D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>`,
	"declaration":      "\ufeff" + `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><!-- hi --><?pi?><D:multistatus xmlns:D="DAV:"> <!-- x --> <D:response> <D:href> /dav/a.txt </D:href><D:propstat><D:prop><D:getetag> "1" </D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus><!-- end -->`,
	"character data":   `<D:multistatus xmlns:D="DAV:"><D:response><D:href><![CDATA[/dav/a.txt]]></D:href><D:propstat><D:prop><D:getetag>&quot;1&#34;</D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>`,
	"no reason":        `<D:multistatus xmlns:D="DAV:"><D:response><D:href>/dav/a.txt</D:href><D:propstat><D:prop><D:getetag>"1"</D:getetag></D:prop><D:status>HTTP/1.1 200</D:status></D:propstat></D:response></D:multistatus>`,
	"HTTP/2":           `<D:multistatus xmlns:D="DAV:"><D:response><D:href>/dav/a.txt</D:href><D:propstat><D:prop><D:getetag>"1"</D:getetag></D:prop><D:status>HTTP/2 200 </D:status></D:propstat></D:response></D:multistatus>`,
	"several propstat": `<D:multistatus xmlns:D="DAV:"><D:response><D:href>/dav/a.txt</D:href><D:propstat><D:prop><D:getetag>"no"</D:getetag></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat><D:propstat><D:prop><D:getcontentlength>1</D:getcontentlength></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat><D:propstat><D:prop><D:getetag>"1"</D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>`,
	"no status":        `<D:multistatus xmlns:D="DAV:"><D:response><D:href>/dav/a.txt</D:href><D:propstat><D:prop><D:getetag>"no"</D:getetag></D:prop></D:propstat><D:propstat><D:prop><D:getetag>"1"</D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>`,
	"other elements":   `<D:multistatus xmlns:D="DAV:" xmlns:x="urn:x"><x:hello><D:response/></x:hello><D:responsedescription>all well</D:responsedescription><D:response><x:y/><D:href>/dav/a.txt</D:href><D:propstat><D:prop><D:getetag>"1"</D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>`,
	"control letters":  "<D:multistatus xmlns:D=\"DAV:\"><D:response><D:href>/dav/a.txt</D:href><D:propstat><D:prop><D:displayname>a\x07b&#7;c\xffd\x00</D:displayname><D:getetag>\"1\"</D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>",
}

func TestDialectsOfServers(t *testing.T) {
	for name, body := range dialects {
		t.Run(name, func(t *testing.T) {
			all, err := listing(t, serve(t, answer(body), ""))
			if err != nil || len(all) != 1 {
				t.Fatalf("%d items, %v", len(all), err)
			}
			if r := all[0]; r.Href != "/dav/a.txt" || r.ETag() != `"1"` || r.Err != nil || r.Status != 200 {
				t.Errorf("%+v", r)
			}
		})
	}
}

// TestListingsThatMustNotBeUsed: whatever is wrong with an answer, it is an error and not a shorter list. Cutting a right
// one at any octet is tried too.
func TestListingsThatMustNotBeUsed(t *testing.T) {
	wrong := map[string]string{
		"crossed":         `<D:multistatus xmlns:D="DAV:"><D:response><D:href>/dav/a</D:response></D:href></D:multistatus>`,
		"other space":     `<multistatus xmlns="urn:other"><response/></multistatus>`,
		"no space":        `<multistatus><response><href>/dav/a</href></response></multistatus>`,
		"error element":   `<D:error xmlns:D="DAV:"><D:need-privileges/></D:error>`,
		"only text":       `alles gut`,
		"json":            `{"multistatus": []}`,
		"page":            `<html><body>Bitte anmelden</body></html>`,
		"too deep":        `<D:multistatus xmlns:D="DAV:"><D:response>` + strings.Repeat("<x>", 100) + strings.Repeat("</x>", 100) + `</D:response></D:multistatus>`,
		"never ends":      `<D:multistatus xmlns:D="DAV:"><D:response><D:href>/dav/a</D:href></D:response>`,
		"ends in a tag":   `<D:multistatus xmlns:D="DAV:"><D:response><D:href>/dav/a</D:href></D:response></D:multi`,
		"unknown entity":  `<D:multistatus xmlns:D="DAV:"><D:response><D:href>/dav/&x`,
		"attribute broke": `<D:multistatus xmlns:D="DAV:`,
	}
	for name, body := range wrong {
		if _, err := listing(t, serve(t, answer(body), "")); err == nil || (!errors.Is(err, ErrListing) && !errors.Is(err, transport.ErrPortal)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	whole := dialects["prefix"]
	var cut atomic.Int64
	c := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(whole[:cut.Load()])(w, r) }, "")
	for n := range len(whole) {
		cut.Store(int64(n))
		if _, err := listing(t, c); !errors.Is(err, ErrListing) {
			t.Fatalf("cut after %d octets: %v", n, err)
		}
	}
}

// TestAnyNameSurvives: random names of files, as a server would escape them, are read as they are.
func TestAnyNameSurvives(t *testing.T) {
	var mu sync.Mutex
	body := ""
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		answer(body)(w, r)
	}, "")
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		b.WriteString(`<D:multistatus xmlns:D="DAV:">`)
		names := rapid.SliceOfN(rapid.StringOfN(rapid.RuneFrom([]rune("aZ09 äß€😀%#?&+;=,'\"<>()[]{}|^~`@:!$*.\\")), 1, 12, -1), 1, 8).Draw(t, "names")
		var want []string
		for _, n := range names {
			if strings.Trim(n, ".") == "" {
				continue
			}
			href := (&url.URL{Path: "/dav/" + n}).EscapedPath()
			if rapid.Bool().Draw(t, "everything escaped") { // as some servers do, also what need not be
				href = "/dav/" + strings.ReplaceAll(url.QueryEscape(n), "+", "%20")
			}
			if rapid.Bool().Draw(t, "lower case") {
				href = lowerEscapes(href)
			}
			if rapid.Bool().Draw(t, "absolute") {
				href = "http://" + c.base.Host + href
			}
			want = append(want, "/dav/"+n)
			fmt.Fprintf(&b, `<D:response><D:href>%s</D:href></D:response>`, escape.Replace(href))
		}
		b.WriteString(`</D:multistatus>`)
		mu.Lock()
		body = b.String()
		mu.Unlock()
		var got []string
		_, err := c.Report(context.Background(), c.Root(), Depth1, "", func(r Response) error {
			got = append(got, r.Href)
			return r.Err
		})
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%v\n got %q\nwant %q", err, got, want)
		}
	})
}

// lowerEscapes writes the digits of escapes in lower case.
func lowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i:i+3], strings.ToLower(string(b[i:i+3])))
			i += 2
		}
	}
	return string(b)
}

// TestListingsStream: items are handed on while the server is still writing, and a caller who has enough ends it.
func TestListingsStream(t *testing.T) {
	seen := make(chan struct{})
	var once sync.Once
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusMultiStatus)
		_, _ = io.WriteString(w, `<D:multistatus xmlns:D="DAV:">`)
		for i := range 30000 {
			if i == 20000 {
				if err := http.NewResponseController(w).Flush(); err != nil {
					return
				}
				select {
				case <-seen: // whoever waits for the whole answer waits here for ever
				case <-r.Context().Done():
					return
				}
			}
			if _, err := fmt.Fprintf(w, `<D:response><D:href>/dav/%d</D:href><D:propstat><D:prop><D:getetag>"%d"</D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>`, i, i); err != nil {
				return
			}
		}
		_, _ = io.WriteString(w, `</D:multistatus>`)
	}, "")
	n := 0
	err := c.Propfind(t.Context(), c.Root(), DepthInfinity, "", func(Response) error {
		n++
		once.Do(func() { close(seen) })
		return nil
	})
	if err != nil || n != 30000 {
		t.Fatalf("%d items, %v", n, err)
	}
	enough := errors.New("enough")
	if err := c.Propfind(t.Context(), c.Root(), DepthInfinity, "", func(Response) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = c.Propfind(ctx, c.Root(), DepthInfinity, "", func(Response) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestRequestsAfterTheServerHungUp: a server that closes connections at rest, without saying so before, costs nothing: the
// next request is made on a new one, also with a body, and never arrives twice.
func TestRequestsAfterTheServerHungUp(t *testing.T) {
	var got sync.Map
	var calls, opened atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		body, _ := io.ReadAll(r.Body) //nolint:errcheck // seen by what is stored
		got.Store(r.Method+" "+r.URL.Path, string(body))
		if r.Method == "PROPFIND" {
			answer(dialects["prefix"])(w, r)
		}
	}))
	var mu sync.Mutex
	var idle []net.Conn
	s.Config.ConnState = func(c net.Conn, state http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		switch state {
		case http.StateNew:
			opened.Add(1)
		case http.StateIdle:
			idle = append(idle, c)
		}
	}
	s.Start()
	defer s.Close()
	c, err := New(s.URL+"/dav/", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	hangUp := func() {
		mu.Lock()
		defer mu.Unlock()
		for _, conn := range idle {
			_ = conn.Close()
		}
		idle = nil
	}
	for i, method := range []string{"PROPFIND", http.MethodPut, "PROPFIND", http.MethodGet} {
		path := fmt.Sprintf("/dav/%d", i)
		if method == "PROPFIND" {
			err = c.Propfind(t.Context(), path, Depth0, "<frage/>", func(Response) error { return nil })
		} else {
			var resp *http.Response
			if resp, err = c.Do(t.Context(), Request{Method: method, Href: path, Body: Bytes([]byte("inhalt")), Length: 6}); err == nil {
				Drain(resp)
			}
		}
		if err != nil && !transport.IsConnectionError(err) {
			t.Fatalf("%s: %v", method, err)
		}
		if err != nil && method == "PROPFIND" {
			t.Errorf("a question is repeated without a word: %v", err)
		}
		hangUp()
	}
	if v, ok := got.Load("PUT /dav/1"); ok && v != "inhalt" {
		t.Errorf("the body arrived as %q", v)
	}
	if calls.Load() > 4 || opened.Load() < 2 {
		t.Errorf("%d requests arrived on %d connections", calls.Load(), opened.Load())
	}
}

// TestConnectionsAreUsedAgain: listings, errors and downloads leave their connection in order.
func TestConnectionsAreUsedAgain(t *testing.T) {
	var opened atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == "PROPFIND":
			answer(dialects["prefix"])(w, r)
		case strings.HasSuffix(r.URL.Path, "fehlt"):
			http.Error(w, "gibt es nicht", http.StatusNotFound)
		default:
			_, _ = io.WriteString(w, strings.Repeat("x", 5000))
		}
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	s.Start()
	defer s.Close()
	c, err := New(s.URL+"/dav/", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 5 {
		if _, err := listing(t, c); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Do(t.Context(), Request{Method: http.MethodGet, Href: "/dav/fehlt"}); !IsStatus(err, 404) {
			t.Fatal(err)
		}
		resp, err := c.Do(t.Context(), Request{Method: http.MethodGet, Href: "/dav/a"})
		if err != nil {
			t.Fatal(err)
		}
		Drain(resp) // without having read a word of it
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("%d connections for requests one after the other", n)
	}
}

// TestThePasswordIsAskedForOnce: many requests at once ask once; after a refusal it is asked for again.
func TestThePasswordIsAskedForOnce(t *testing.T) {
	var asked atomic.Int32
	var password atomic.Value
	password.Store("richtig")
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, pass, ok := r.BasicAuth(); !ok || user != "anna" || pass != "richtig" {
			w.Header().Add("WWW-Authenticate", `Negotiate`)
			w.Header().Add("WWW-Authenticate", `Basic realm="Amt, \"Nord\"", charset="UTF-8"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = bufio.NewReader(r.Body).WriteTo(w)
	}))
	defer s.Close()
	c, err := New(s.URL+"/dav/", Options{User: "anna", Secret: func(context.Context) (string, error) {
		asked.Add(1)
		return password.Load().(string), nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	get := func() error {
		resp, err := c.Do(t.Context(), Request{Method: http.MethodPut, Href: "/dav/a", Body: Bytes([]byte("inhalt")), Length: 6})
		if err == nil {
			defer Drain(resp)
			if body, _ := io.ReadAll(resp.Body); string(body) != "inhalt" { //nolint:errcheck // seen by the body
				return fmt.Errorf("the body arrived as %q", body)
			}
		}
		return err
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := get(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if asked.Load() != 1 {
		t.Errorf("asked %d times", asked.Load())
	}
	c.auth.refused(false) //nolint:errcheck // as if the server had refused it
	password.Store("falsch")
	if err := get(); !errors.Is(err, transport.ErrSignIn) {
		t.Errorf("wrong password: %v", err)
	}
	password.Store("richtig")
	if err := get(); err != nil || asked.Load() != 3 {
		t.Errorf("corrected: %v, asked %d times", err, asked.Load())
	}
}

// TestSignInThatIsNotPossible: without a password, or with nothing that both sides know, there is no request.
func TestSignInThatIsNotPossible(t *testing.T) {
	locked := errors.New("the keyring is locked")
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("WWW-Authenticate", "Negotiate")
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer s.Close()
	for name, tc := range map[string]struct {
		secret func(context.Context) (string, error)
		want   error
	}{
		"locked":         {func(context.Context) (string, error) { return "", locked }, locked},
		"unknown scheme": {func(context.Context) (string, error) { return "x", nil }, transport.ErrSignIn},
		"nobody":         {nil, transport.ErrSignIn},
	} {
		c, err := New(s.URL+"/dav/", Options{User: "anna", Secret: tc.secret})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Do(t.Context(), Request{Method: http.MethodGet, Href: "/dav/a"}); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
		c.Close()
	}
}

// TestServerKnownToTakeBasic: it is not asked how to sign in, and asked again as soon as it wants another way. A password
// that is wrong is tried once.
func TestServerKnownToTakeBasic(t *testing.T) {
	for name, tc := range map[string]struct {
		offers   string // in refusals
		password string
		requests int64
		want     error
		basic    bool
	}{
		"taken":          {`Basic realm="x"`, "richtig", 1, nil, true},
		"wrong password": {`Basic realm="x"`, "falsch", 1, transport.ErrSignIn, false},
		"another way":    {`Negotiate`, "falsch", 2, transport.ErrSignIn, false},
		"digest now":     {`Digest realm="x", nonce="n", qop="auth", algorithm=MD5`, "richtig", 3, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, pass, _ := r.BasicAuth()
				digest := strings.HasPrefix(tc.offers, "Digest")
				if !digest && pass == "richtig" || digest && strings.HasPrefix(r.Header.Get("Authorization"), "Digest") {
					return
				}
				w.Header().Set("WWW-Authenticate", tc.offers)
				w.WriteHeader(http.StatusUnauthorized)
			}))
			defer s.Close()
			c, err := New(s.URL+"/dav/", Options{User: "anna", Basic: true, Secret: func(context.Context) (string, error) { return tc.password, nil }})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			resp, err := c.Do(t.Context(), Request{Method: http.MethodPut, Href: "/dav/a", Body: Bytes([]byte("inhalt")), Length: 6})
			if err == nil {
				Drain(resp)
			}
			if !errors.Is(err, tc.want) || c.Requests() != tc.requests || c.Basic() != tc.basic {
				t.Errorf("%v after %d requests, basic %v", err, c.Requests(), c.Basic())
			}
		})
	}
}
