// SPDX-License-Identifier: EUPL-1.2

package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kontor/storage"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// TestLoginFlow: from any address of a server, with the browser's part done meanwhile, to an account that can sign in.
func TestLoginFlow(t *testing.T) {
	for _, tc := range []struct {
		name    string
		opts    servertest.CloudOptions
		address func(*servertest.CloudServer) string
		old     bool // the server does not tell the name, so the old address is used
	}{
		{"the server", servertest.CloudOptions{TLS: true}, func(c *servertest.CloudServer) string { return c.Base }, false},
		{"without https", servertest.CloudOptions{TLS: true}, func(c *servertest.CloudServer) string { return " " + c.Addr + " " }, false},
		{"its files", servertest.CloudOptions{Subfolder: "/cloud"}, func(c *servertest.CloudServer) string { return c.URL }, false},
		{"a page of it", servertest.CloudOptions{}, func(c *servertest.CloudServer) string { return c.Base + "index.php/apps/files/?dir=/" }, false},
		{"closed", servertest.CloudOptions{Hidden: true}, func(c *servertest.CloudServer) string { return c.Base }, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := servertest.Cloud(t, tc.opts)
			ca := ""
			if s.Certs != nil {
				ca = s.Certs.CAPEM
			}
			f, err := StartLogin(t.Context(), tc.address(s), ca)
			if err != nil || !strings.HasPrefix(f.URL, s.Base+"index.php/login/v2/flow/") {
				t.Fatalf("%+v %v", f, err)
			}
			if _, done, err := f.Poll(t.Context()); done || err != nil {
				t.Fatalf("before the person has signed in: %v %v", done, err)
			}
			s.Approve()
			login, err := f.Wait(t.Context())
			if err != nil || login.User != servertest.User || !s.IsAppPassword(login.Password) {
				t.Fatalf("%+v %v", login, err)
			}
			if (login.FilesURL == s.URL) == tc.old || login.TasksURL != s.Base+"remote.php/dav/" {
				t.Errorf("%+v", login)
			}
			account := storage.Account{User: login.User, FilesURL: login.FilesURL, CAPEM: ca}
			if checks := Test(t.Context(), account, login.Password); len(checks) != 1 || !checks[0].OK {
				t.Errorf("%+v", checks)
			}
			if n := s.Logins(); n != 0 {
				t.Errorf("the person's own password was used %d times", n)
			}
			f.until = time.Now()
			if _, err := f.Wait(t.Context()); !errors.Is(err, ErrLoginOver) {
				t.Errorf("a second time: %v", err)
			}
		})
	}
}

// TestLoginFlowWaits: as long as the person has not signed in it waits, also over a connection that breaks, until it is
// given up.
func TestLoginFlowWaits(t *testing.T) {
	s := servertest.Cloud(t)
	f, err := StartLogin(t.Context(), s.Base, "")
	if err != nil {
		t.Fatal(err)
	}
	f.every = time.Millisecond
	polls := 0
	s.Failing(func(*http.Request) servertest.CloudFault {
		if polls++; polls < 4 {
			return servertest.FaultBefore
		}
		if polls == 6 {
			s.Approve()
		}
		return servertest.FaultNone
	})
	if login, err := f.Wait(t.Context()); err != nil || !s.IsAppPassword(login.Password) || polls < 6 {
		t.Errorf("%+v %v after %d", login, err, polls)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.Failing(func(*http.Request) servertest.CloudFault {
		cancel()
		return servertest.FaultNone
	})
	if _, err := f.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}

// TestLoginFlowRefuses: servers that do not offer it, and those that would send the person or the password elsewhere.
func TestLoginFlowRefuses(t *testing.T) {
	start := func(login, poll string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			base := "http://" + r.Host
			fmt.Fprintf(w, `{"poll":{"token":"t","endpoint":%q},"login":%q}`, strings.ReplaceAll(poll, "HERE", base), strings.ReplaceAll(login, "HERE", base))
		}
	}
	for name, tc := range map[string]struct {
		serve http.HandlerFunc
		want  error
	}{
		"no such page": {http.NotFound, ErrNoLogin},
		"a page":       {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>Welcome</html>") }, ErrNoLogin},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://other.example/", http.StatusFound)
		}, ErrNoLogin},
		"browser to another":    {start("https://other.example/login", "HERE/poll"), ErrLoginServer},
		"password to another":   {start("HERE/login", "https://other.example/poll"), ErrLoginServer},
		"a name in the address": {start("HERE/login", "http://user@127.0.0.1/poll"), ErrLoginServer},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(tc.serve)
			defer s.Close()
			if _, err := StartLogin(t.Context(), s.URL, ""); !errors.Is(err, tc.want) {
				t.Errorf("%v", err)
			}
		})
	}
	for address, want := range map[string]error{
		"http://cloud.example.org": transport.ErrNoTLS, "ftp://cloud.example.org": transport.ErrURL, "": transport.ErrURL, "https://": transport.ErrURL,
	} {
		if _, err := StartLogin(t.Context(), address, ""); !errors.Is(err, want) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := StartLogin(t.Context(), "https://cloud.example.org", "no certificate"); err == nil {
		t.Error("a broken certificate was taken")
	}
}
