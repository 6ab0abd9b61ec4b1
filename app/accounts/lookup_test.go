// SPDX-License-Identifier: EUPL-1.2

package accounts

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kontor/sync/transport"
)

// Whatever a domain writes into its file: what is taken from it is encrypted and can be connected to.
func TestAutoconfigNeverLeadsAwayFromEncryption(t *testing.T) {
	hosts := []string{"mail.ort.example", " mail.%EMAILDOMAIN% ", "", "a b", "[::1]", "%EMAILADDRESS%", "evil/../x", "x:1"}
	rapid.Check(t, func(t *rapid.T) {
		pick := func(name string, from ...string) string { return rapid.SampledFrom(from).Draw(t, name) }
		var c clientConfig
		for range rapid.IntRange(0, 3).Draw(t, "servers") {
			s := configServer{
				Type: pick("type", "imap", "smtp", "pop3", "exchange"), Host: pick("host", hosts...), Port: pick("port", "993", "587", "", "x", " 143 "),
				Socket: pick("socket", "SSL", "STARTTLS", "plain", "", "ssl"), User: pick("user", "%EMAILLOCALPART%", "%EMAILADDRESS%", "fest"),
			}
			c.Provider.Incoming, c.Provider.Outgoing = append(c.Provider.Incoming, s), append(c.Provider.Outgoing, s)
		}
		for range rapid.IntRange(0, 2).Draw(t, "addresses") {
			u := configURL{Type: pick("kind", "caldav", "webdav", "x"), URL: pick("url", "https://dav.ort.example/", "http://dav.ort.example/", "https:///x", "ftp://x", "::", " https://x/%EMAILLOCALPART% ")}
			c.Calendars, c.Files = append(c.Calendars, u), append(c.Files, u)
		}
		f := c.found("lena@ort.example")
		for _, u := range []string{f.Draft.TasksURL, f.Draft.FilesURL} {
			if u != "" && !strings.HasPrefix(u, "https://") {
				t.Fatalf("took %q", u)
			}
		}
		for _, u := range []string{f.Draft.IMAPURL, f.Draft.SMTPURL} {
			parsed, err := url.Parse(u)
			if u == "" || err != nil || parsed.Hostname() == "" {
				continue // one that cannot be used is refused when it is stored
			}
			if end, err := transport.ParseEndpoint(u); err == nil && !end.TLS && !end.StartTLS && !transport.IsLoopback(end.Host) {
				t.Fatalf("took %q without encryption", u)
			}
		}
		if (f.IMAP == SourceNone) != (f.Draft.IMAPURL == "") || (f.SMTP == SourceNone) != (f.Draft.SMTPURL == "") || strings.Contains(f.Draft.User, "%") {
			t.Fatalf("%+v", f)
		}
	})
}

func FuzzAutoconfigFile(f *testing.F) {
	f.Add([]byte(configFile))
	f.Add([]byte("<clientConfig/>"))
	f.Fuzz(func(t *testing.T, in []byte) {
		var c clientConfig
		if xml.Unmarshal(in, &c) != nil {
			return
		}
		if found := c.found("a@b.example"); strings.HasPrefix(found.Draft.TasksURL, "http:") || strings.HasPrefix(found.Draft.FilesURL, "http:") {
			t.Fatalf("%+v", found.Draft)
		}
	})
}

// The file may lie elsewhere, but only behind TLS, and a domain that sends in circles is left alone.
func TestAutoconfigFollowsRedirectsOverTLSOnly(t *testing.T) {
	for to, found := range map[string]bool{
		"https://anders.ort.example/datei.xml": true,
		"http://anders.ort.example/datei.xml":  false,
		"https://autoconfig.ort.example/kreis": false,
	} {
		w := newTown(t, "autoconfig.ort.example", "anders.ort.example")
		w.serve(t, func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/datei.xml" {
				_, _ = io.WriteString(rw, configFile)
				return
			}
			http.Redirect(rw, r, to, http.StatusFound)
		}, "autoconfig.ort.example:443", "anders.ort.example:443", "anders.ort.example:80")
		if f := w.discover(t, "a@ort.example"); (f.IMAP == SourceAutoconfig) != found {
			t.Errorf("%s: %+v", to, f)
		}
	}
}

func TestAutoconfigThatIsNone(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"a page for everything": func(rw http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(rw, "<html><body>Willkommen</body>")
		},
		"not there": http.NotFound,
		"endless": func(rw http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(rw, "<clientConfig>"+strings.Repeat("<x></x>", maxConfig/7+1)+configFile)
		},
		"empty": func(http.ResponseWriter, *http.Request) {},
	} {
		w := newTown(t, "autoconfig.ort.example", "ort.example")
		w.serve(t, answer, "autoconfig.ort.example:443")
		if f := w.discover(t, "a@ort.example"); f.IMAP != SourceNone || f.SMTP != SourceNone {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// Which answers of a domain's web server speak of calendars.
func TestWellKnownAnswers(t *testing.T) {
	const here = "https://ort.example" + wellKnown
	for _, c := range []struct {
		status   int
		location string
		want     string
	}{
		{http.StatusMovedPermanently, "https://dav.ort.example/caldav/", "https://dav.ort.example/caldav/"},
		{http.StatusTemporaryRedirect, "/dav/", "https://ort.example/dav/"},
		{http.StatusFound, "http://dav.ort.example/caldav/", ""}, // without encryption
		{http.StatusFound, "https://www.ort.example/", ""},       // the front page
		{http.StatusFound, "https://www.ort.example", ""},
		{http.StatusFound, "", ""},
		{http.StatusUnauthorized, "", here},
		{http.StatusMultiStatus, "", here},
		{http.StatusOK, "", ""},
		{http.StatusNotFound, "", ""},
		{http.StatusMethodNotAllowed, "", ""},
	} {
		w := newTown(t, "ort.example")
		w.serve(t, func(rw http.ResponseWriter, r *http.Request) {
			if r.Method != "PROPFIND" {
				http.NotFound(rw, r)
				return
			}
			if c.location != "" {
				rw.Header().Set("Location", c.location)
			}
			rw.WriteHeader(c.status)
		}, "ort.example:443")
		if f := w.discover(t, "a@ort.example"); f.Draft.TasksURL != c.want {
			t.Errorf("%d to %q: %q, want %q", c.status, c.location, f.Draft.TasksURL, c.want)
		}
	}
}

func TestContextPath(t *testing.T) {
	for name, c := range map[string]struct {
		txt  []string
		want string
	}{
		"none":      {nil, wellKnown},
		"one":       {[]string{"path=/dav/"}, "/dav/"},
		"among any": {[]string{"v=spf1 -all", "path=dav", "path=/b"}, "/b"},
		"no path":   {[]string{"path=https://böse.example/"}, wellKnown},
	} {
		w := newTown(t)
		w.txt, w.srv["caldavs"] = c.txt, []*net.SRV{{Target: "dav.ort.example.", Port: 443}}
		if f := w.discover(t, "a@ort.example"); f.Draft.TasksURL != "https://dav.ort.example"+c.want {
			t.Errorf("%s: %s", name, f.Draft.TasksURL)
		}
	}
}

// A service that a domain says it does not have is not asked for elsewhere under its name.
func TestServiceThatIsDeclined(t *testing.T) {
	w := newTown(t)
	w.srv["imaps"], w.srv["imap"] = []*net.SRV{{Target: ".", Port: 0}}, []*net.SRV{{Target: "mail.ort.example.", Port: 143}}
	if f := w.discover(t, "a@ort.example"); f.Draft.IMAPURL != "imap://mail.ort.example:143" || f.IMAP != SourceSRV {
		t.Errorf("%+v", f)
	}
}

// offline is a name service that cannot be reached.
type offline struct{}

var errNoNetwork = &net.DNSError{Err: "server misbehaving", IsTemporary: true}

func (offline) LookupSRV(context.Context, string, string, string) (string, []*net.SRV, error) {
	return "", nil, fmt.Errorf("ask: %w", errNoNetwork)
}
func (offline) LookupTXT(context.Context, string) ([]string, error) { return nil, errNoNetwork }

// Without a network nothing is known of a domain, which is not the same as that there is nothing.
func TestDiscoverWithoutANetwork(t *testing.T) {
	nobody := func(context.Context, string, string) (net.Conn, error) { return nil, errNoNetwork }
	_, err := Discover(context.Background(), "a@ort.example", Options{Resolver: offline{}, Dial: nobody})
	if errors.Is(err, ErrNothingFound) || transport.CauseOf(err) != transport.CauseOffline {
		t.Errorf("%v", err)
	}
	for _, email := range []string{"", "kein at", "a@", "@ort.example", "a@-ort-.example", "a@ort.example, b@ort.example"} {
		if _, err := Discover(context.Background(), email, Options{Resolver: offline{}, Dial: nobody}); !errors.Is(err, ErrEmail) {
			t.Errorf("%q: %v", email, err)
		}
	}
	if _, err := Discover(context.Background(), "a@ort.example", Options{Resolver: offline{}, Dial: nobody, CAPEM: "kein Zertifikat"}); err == nil {
		t.Error("a broken certificate file was taken")
	}
}

func TestNextcloudIsRecognised(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"status page": {func(rw http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(rw, `{"installed":true,"productname":"Nextcloud"}`)
		}, "https://cloud.ort.example/remote.php/webdav/"},
		"another": {func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(rw, `{"name":"x"}`) }, ""},
		"closed":  {func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusServiceUnavailable) }, ""},
		"breaks off": {func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Length", "500")
			_, _ = io.WriteString(rw, `{"productname"`)
		}, ""},
	} {
		w := newTown(t, "cloud.ort.example")
		w.serve(t, c.answer, "cloud.ort.example:443")
		if f := w.discover(t, "a@ort.example"); f.Draft.FilesURL != c.want {
			t.Errorf("%s: %q", name, f.Draft.FilesURL)
		}
	}
}

// TestSRVTargetsInTurn: the next target is taken where the one before does not answer (RFC 2782), and the first where none
// does: the network may be at fault.
func TestSRVTargetsInTurn(t *testing.T) {
	for name, c := range map[string]struct {
		up   []string
		want string
	}{
		"the first answers": {[]string{"a", "b"}, "a"},
		"the last answers":  {[]string{"c"}, "c"},
		"none answers":      {nil, "a"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t, "nobody")
			w.srv["caldavs"] = []*net.SRV{
				{Target: "a.ort.example.", Port: 8443, Priority: 1}, {Target: "b.ort.example.", Port: 8443, Priority: 2}, {Target: "c.ort.example.", Port: 8443, Priority: 3},
			}
			for _, host := range c.up {
				w.serve(t, func(http.ResponseWriter, *http.Request) { t.Error("something was asked") }, host+".ort.example:8443")
			}
			if got, want := w.discover(t, "lena@ort.example").Draft.TasksURL, "https://"+c.want+".ort.example:8443/.well-known/caldav"; got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
}
