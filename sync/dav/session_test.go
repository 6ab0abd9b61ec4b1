// SPDX-License-Identifier: EUPL-1.2

package dav_test

import (
	"context"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"testing"

	"kontor/sync/dav"
)

// TestOneSessionOverHTTP2: over TLS all requests share an HTTP/2 connection, and the cookie of a session goes back to the server,
// which then need not look at the password each time.
func TestOneSessionOverHTTP2(t *testing.T) {
	lines, requests, cookies := map[string]bool{}, 0, 0
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("%s came over %s", r.Method, r.Proto)
		}
		lines[r.RemoteAddr] = true
		requests++
		if c, err := r.Cookie("session"); err == nil && c.Value == "7" {
			cookies++
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "7", Path: "/"})
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	c, err := dav.New(s.URL+"/dav/", dav.Options{User: "u", Secret: func(context.Context) (string, error) { return "p", nil }, CAPEM: string(ca)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 3 {
		resp, err := c.Do(t.Context(), dav.Request{Method: http.MethodGet, Href: "/dav/a"})
		if err != nil {
			t.Fatal(err)
		}
		dav.Drain(resp)
	}
	if len(lines) != 1 || requests < 3 || cookies != requests-1 {
		t.Errorf("%d connections, %d requests, %d of them with the cookie", len(lines), requests, cookies)
	}
}
