// SPDX-License-Identifier: EUPL-1.2

package transport

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
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kontor/sync/servertest"
)

// authority signs certificates for tests.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Prüfstelle"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	template.Raw = der
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{t: t, cert: cert, key: key, pem: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))}
}

// issue makes the certificate of a server that change has its will with.
func (a *authority) issue(change func(*x509.Certificate)) tls.Certificate {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	change(c)
	der, err := x509.CreateCertificate(rand.Reader, c, a.cert, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// greet speaks TLS and answers with a greeting.
func greet(cfg *tls.Config) func(net.Conn) {
	return func(c net.Conn) {
		s := tls.Server(c, cfg)
		_, _ = io.WriteString(s, "* OK\r\n")
		_ = s.Close()
	}
}

// greeting connects as the protocols do, over TLS with the own certificates, and reads what the server says.
func greeting(addr, host, caPEM string) error {
	cfg, err := TLSConfig(host, caPEM)
	if err != nil {
		return err
	}
	raw, err := Dial(context.Background(), addr, nil)
	if err != nil {
		return fmt.Errorf("dial: %w", err)
	}
	defer raw.Close() //nolint:errcheck // only read
	raw.SetIdle(5 * time.Second)
	c := tls.Client(raw, cfg)
	if err := c.Handshake(); err != nil {
		return fmt.Errorf("encrypt: %w", err)
	}
	if _, err := io.ReadAll(c); err != nil {
		return fmt.Errorf("greeting: %w", err)
	}
	return nil
}

// TestServersThatCannotBeTrusted connects to real listeners, each with one thing wrong, and looks at the cause.
func TestServersThatCannotBeTrusted(t *testing.T) {
	ours, strangers := newAuthority(t), newAuthority(t)
	usual := func(*x509.Certificate) {}
	with := func(cert tls.Certificate, low, high uint16) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: low, MaxVersion: high} //nolint:gosec // old versions are the point
	}
	expired := func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
	}
	early := func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(time.Hour), time.Now().Add(2*time.Hour)
	}
	forMail := func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = []string{"mail.stadt.example"}, nil }
	forClients := func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }
	nameOnly := func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = nil, nil } // the name stands only in the subject
	cases := map[string]struct {
		cfg  *tls.Config
		host string
		want Cause
	}{
		"own authority":        {with(ours.issue(usual), tls.VersionTLS12, 0), "localhost", CauseNone},
		"by address":           {with(ours.issue(usual), tls.VersionTLS12, 0), "127.0.0.1", CauseNone},
		"TLS 1.2 only":         {with(ours.issue(usual), tls.VersionTLS12, tls.VersionTLS12), "localhost", CauseNone},
		"TLS 1.1 only":         {with(ours.issue(usual), tls.VersionTLS10, tls.VersionTLS11), "localhost", CauseNoTLS},
		"unknown authority":    {with(strangers.issue(usual), tls.VersionTLS12, 0), "localhost", CauseCertificate},
		"expired":              {with(ours.issue(expired), tls.VersionTLS12, 0), "localhost", CauseCertificate},
		"not valid yet":        {with(ours.issue(early), tls.VersionTLS12, 0), "localhost", CauseCertificate},
		"of another server":    {with(ours.issue(forMail), tls.VersionTLS12, 0), "localhost", CauseCertificate},
		"not for servers":      {with(ours.issue(forClients), tls.VersionTLS12, 0), "localhost", CauseCertificate},
		"name in the subject":  {with(ours.issue(nameOnly), tls.VersionTLS12, 0), "localhost", CauseCertificate},
		"the name it is for":   {with(ours.issue(forMail), tls.VersionTLS12, 0), "mail.stadt.example", CauseNone},
		"server without a key": {&tls.Config{}, "localhost", CauseServer},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			err := greeting(servertest.Listen(t, greet(tc.cfg)), tc.host, ours.pem)
			if got := CauseOf(err); got != tc.want && (name != "server without a key" || got == CauseNone) {
				t.Errorf("%q, want %q: %v", got, tc.want, err)
			}
		})
	}
	if err := greeting(servertest.Listen(t, greet(with(ours.issue(usual), tls.VersionTLS12, 0))), "localhost", ""); CauseOf(err) != CauseCertificate {
		t.Errorf("without the authority of the account: %v", err)
	}
}

// TestServersThatDoNotSpeak: plain text, silence, an early end and a reset where TLS or a greeting is expected.
func TestServersThatDoNotSpeak(t *testing.T) {
	cases := map[string]struct {
		serve func(net.Conn)
		want  Cause
	}{
		"plain text": {func(c net.Conn) { _, _ = io.WriteString(c, "* OK no TLS here\r\n") }, CauseNoTLS},
		"portal":     {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.0 200 OK\r\n\r\n<html>Anmelden") }, CauseNoTLS},
		"ends":       {func(c net.Conn) { _ = c.Close() }, CauseUnreachable},
		"resets": {func(c net.Conn) {
			if tcp, ok := c.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0)
			}
			_ = c.Close()
		}, CauseUnreachable},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			err := greeting(servertest.Listen(t, tc.serve), "localhost", "")
			if got := CauseOf(err); got != tc.want {
				t.Errorf("%q, want %q: %v", got, tc.want, err)
			}
		})
	}
}

// TestNobodyListens: names that do not exist and ports that are closed; a dial ends with its context.
func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(context.Background(), closed, nil); CauseOf(err) != CauseUnreachable || !IsConnectionError(err) {
		t.Errorf("closed port: %q, %v", CauseOf(err), err)
	}
	if _, err := Dial(context.Background(), "gibt-es-nicht.invalid:993", nil); CauseOf(err) != CauseHost && CauseOf(err) != CauseOffline {
		t.Errorf("unknown name: %q, %v", CauseOf(err), err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Dial(ctx, closed, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestHalfOpenConnection: the other side is gone without a word. Reading ends by the idle bound, however often a library
// asks for more time, and octets that do come start it anew.
func TestHalfOpenConnection(t *testing.T) {
	step := make(chan struct{})
	c, count := pair(t, func(s net.Conn) {
		for range step {
			_, _ = io.WriteString(s, "x")
		}
	})
	defer close(step)
	c.SetIdle(250 * time.Millisecond)
	for range 4 { // together longer than the bound
		time.AfterFunc(100*time.Millisecond, func() { step <- struct{}{} })
		if _, err := c.Read(make([]byte, 1)); err != nil {
			t.Fatalf("a slow server is not a silent one: %v", err)
		}
	}
	c.SetIdle(30 * time.Millisecond)
	if err := c.SetReadDeadline(time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	_, err := c.Read(make([]byte, 1))
	if !IsConnectionError(err) || CauseOf(fmt.Errorf("fetch: %w", err)) != CauseUnreachable {
		t.Errorf("got %v", err)
	}
	if count.Read.Load() != 4 {
		t.Errorf("counted %d octets", count.Read.Load())
	}
}

// TestNobodyReads: what is written to somebody who never reads ends by the same bound.
func TestNobodyReads(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	c, count := pair(t, func(net.Conn) { <-release })
	c.SetIdle(50 * time.Millisecond)
	var err error
	for block := make([]byte, 1<<20); err == nil && count.Written.Load() < 1<<30; {
		_, err = c.Write(block)
	}
	if !IsConnectionError(err) {
		t.Errorf("after %d octets: %v", count.Written.Load(), err)
	}
}

// TestEveryOctetIsCounted: over TLS and HTTP the counter says what went over the wire, in both directions.
func TestEveryOctetIsCounted(t *testing.T) {
	ours := newAuthority(t)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err == nil {
			_, _ = w.Write(body)
		}
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{ours.issue(func(*x509.Certificate) {})}, MinVersion: tls.VersionTLS12}
	s.StartTLS()
	defer s.Close()
	cfg, err := TLSConfig("localhost", ours.pem)
	if err != nil {
		t.Fatal(err)
	}
	count := &Counter{}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: cfg, DialContext: func(ctx context.Context, _, addr string) (net.Conn, error) {
		return Dial(ctx, addr, count)
	}}}
	defer client.CloseIdleConnections()
	resp, err := client.Post(s.URL, "text/plain", strings.NewReader(strings.Repeat("Akte ", 20000)))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil || len(body) != 100000 {
		t.Fatalf("%d octets, %v", len(body), err)
	}
	for name, n := range map[string]int64{"read": count.Read.Load(), "written": count.Written.Load()} {
		if n < 100000 || n > 120000 {
			t.Errorf("%s: %d octets", name, n)
		}
	}
}
