// SPDX-License-Identifier: EUPL-1.2

package accounts

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kontor/sync/transport"
)

// town is a domain in a test: its name service, and servers with certificates of an authority of its own.
type town struct {
	srv   map[string][]*net.SRV // by service
	txt   []string
	ports map[string]string // "host:port" as the world knows it -> where the test listens
	pem   string
	pair  tls.Certificate
}

func (w *town) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	if r := w.srv[service]; r != nil && proto == "tcp" && name == "ort.example" {
		return "", r, nil
	}
	return "", nil, &net.DNSError{IsNotFound: true, Name: name}
}

func (w *town) LookupTXT(_ context.Context, name string) ([]string, error) {
	if name != "_caldavs._tcp.ort.example" || w.txt == nil {
		return nil, &net.DNSError{IsNotFound: true, Name: name}
	}
	return w.txt, nil
}

func (w *town) dial(ctx context.Context, network, address string) (net.Conn, error) {
	to, known := w.ports[address]
	if !known {
		return nil, &net.DNSError{IsNotFound: true, Name: address}
	}
	return (&net.Dialer{}).DialContext(ctx, network, to)
}

func newTown(t *testing.T, names ...string) *town {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Ort"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: names, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &town{
		srv: map[string][]*net.SRV{}, ports: map[string]string{}, pair: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		pem: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
	}
}

// serve answers for hosts over TLS.
func (w *town) serve(t *testing.T, h http.HandlerFunc, addresses ...string) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{w.pair}, MinVersion: tls.VersionTLS12}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	for _, a := range addresses {
		w.ports[a] = strings.TrimPrefix(s.URL, "https://")
	}
}

func (w *town) discover(t *testing.T, email string) Found {
	t.Helper()
	found, err := Discover(context.Background(), email, Options{Resolver: w, Dial: w.dial, CAPEM: w.pem})
	if err != nil && !errors.Is(err, ErrNothingFound) {
		t.Fatal(err)
	}
	return found
}

const configFile = `<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="ort.example">
<incomingServer type="pop3"><hostname>pop.ort.example</hostname><port>995</port><socketType>SSL</socketType></incomingServer>
<incomingServer type="imap"><hostname>klar.ort.example</hostname><port>143</port><socketType>plain</socketType></incomingServer>
<incomingServer type="imap"><hostname>mail.%EMAILDOMAIN%</hostname><port>993</port><socketType>SSL</socketType><username>%EMAILLOCALPART%</username></incomingServer>
<outgoingServer type="smtp"><hostname>mail.ort.example</hostname><port>587</port><socketType>STARTTLS</socketType></outgoingServer></emailProvider>
<calendar type="caldav"><serverURL>https://dav.ort.example/caldav/</serverURL></calendar>
<fileShare type="webdav"><serverURL>http://klar.ort.example/</serverURL></fileShare></clientConfig>`

func TestDiscoverAutoconfigComesFirst(t *testing.T) {
	w := newTown(t, "autoconfig.ort.example")
	w.srv["imaps"] = []*net.SRV{{Target: "anders.ort.example.", Port: 993}}
	asked := make(chan string, 1)
	w.serve(t, func(rw http.ResponseWriter, r *http.Request) {
		asked <- r.URL.String()
		_, _ = io.WriteString(rw, configFile)
	}, "autoconfig.ort.example:443")
	f := w.discover(t, "Lena Brandt <lena.b@ort.example>")
	want := Draft{
		Name: "lena.b@ort.example", Email: "lena.b@ort.example", User: "lena.b", DisplayName: "Lena Brandt",
		IMAPURL: "imaps://mail.ort.example:993", SMTPURL: "smtp://mail.ort.example:587", TasksURL: "https://dav.ort.example/caldav/",
	}
	if f.Draft != want || f.IMAP != SourceAutoconfig || f.SMTP != SourceAutoconfig || f.Tasks != SourceAutoconfig || f.Files != SourceNone {
		t.Errorf("%+v", f)
	}
	if got := <-asked; got != "/mail/config-v1.1.xml?emailaddress=lena.b%40ort.example" {
		t.Errorf("asked for %s", got)
	}
	if err := f.Draft.Validate(); err != nil {
		t.Error(err)
	}
}

func TestDiscoverSRV(t *testing.T) {
	w := newTown(t, "nobody")
	w.srv["imaps"] = []*net.SRV{{Target: "."}}
	w.srv["imap"] = []*net.SRV{{Target: "imap.ort.example.", Port: 143}}
	w.srv["submissions"] = []*net.SRV{{Target: "smtp.ort.example.", Port: 465}}
	w.srv["submission"] = []*net.SRV{{Target: "smtp.ort.example.", Port: 587}}
	w.srv["caldavs"] = []*net.SRV{{Target: "dav.ort.example.", Port: 443}}
	w.txt = []string{"v=1", "path=/caldav"}
	f := w.discover(t, "lena@ort.example")
	if f.Draft.IMAPURL != "imap://imap.ort.example:143" || f.Draft.SMTPURL != "smtps://smtp.ort.example:465" || f.Draft.TasksURL != "https://dav.ort.example/caldav" ||
		f.IMAP != SourceSRV || f.SMTP != SourceSRV || f.Tasks != SourceSRV || f.Draft.User != "lena@ort.example" {
		t.Errorf("%+v", f)
	}
}

func TestDiscoverWellKnown(t *testing.T) {
	for what, c := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request)
		want   string
	}{
		"redirect": {func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "https://dav.ort.example/caldav/", http.StatusMovedPermanently)
		}, "https://dav.ort.example/caldav/"},
		"sign in":    {func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusUnauthorized) }, "https://ort.example/.well-known/caldav"},
		"front page": {func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, "/", http.StatusFound) }, ""},
		"away from TLS": {func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "http://dav.ort.example/caldav/", http.StatusFound)
		}, ""},
		"a page": {func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(rw, "<html>") }, ""},
	} {
		w := newTown(t, "ort.example")
		w.serve(t, func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == wellKnown && r.Method == "PROPFIND" {
				c.answer(rw, r)
				return
			}
			http.NotFound(rw, r)
		}, "ort.example:443")
		if f := w.discover(t, "lena@ort.example"); f.Draft.TasksURL != c.want || (c.want != "") != (f.Tasks == SourceWellKnown) {
			t.Errorf("%s: %+v", what, f)
		}
	}
}

func TestDiscoverGuessesNeedAValidCertificate(t *testing.T) {
	w := newTown(t, "mail.ort.example", "cloud.ort.example")
	w.serve(t, func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/status.php" {
			_, _ = io.WriteString(rw, `{"installed":true,"productname":"Nextcloud"}`)
			return
		}
		http.NotFound(rw, r)
	}, "mail.ort.example:993", "imap.ort.example:993", "smtp.ort.example:465", "cloud.ort.example:443")
	f := w.discover(t, "lena@ort.example")
	if f.Draft.IMAPURL != "imaps://mail.ort.example:993" || f.IMAP != SourceGuess || f.SMTP != SourceNone || f.Draft.SMTPURL != "" ||
		f.Draft.FilesURL != "https://cloud.ort.example/remote.php/webdav/" || f.Files != SourceGuess {
		t.Errorf("%+v", f)
	}
}

// noNetwork is a name service that cannot be reached.
type noNetwork struct{}

func (noNetwork) LookupSRV(_ context.Context, _, _, name string) (string, []*net.SRV, error) {
	return "", nil, &net.DNSError{Err: "network is unreachable", Name: name, IsTemporary: true}
}

func (noNetwork) LookupTXT(_ context.Context, name string) ([]string, error) {
	return nil, &net.DNSError{Err: "network is unreachable", Name: name, IsTemporary: true}
}

func TestDiscoverFindsNothing(t *testing.T) {
	w := newTown(t, "nobody")
	_, err := Discover(context.Background(), "lena@ort.example", Options{Resolver: w, Dial: w.dial})
	if !errors.Is(err, ErrNothingFound) {
		t.Errorf("got %v", err)
	}
	_, err = Discover(context.Background(), "lena@ort.example", Options{Resolver: noNetwork{}, Dial: w.dial})
	if transport.CauseOf(err) != transport.CauseOffline {
		t.Errorf("without a network: %v", err)
	}
	for _, bad := range []string{"lena", "", "lena@", "lena@a..b"} {
		if _, err := Discover(context.Background(), bad, Options{Resolver: w, Dial: w.dial}); !errors.Is(err, ErrEmail) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
