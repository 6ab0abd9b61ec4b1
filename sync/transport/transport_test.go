// SPDX-License-Identifier: EUPL-1.2

package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"
	"time"
)

func TestCauses(t *testing.T) {
	cases := []struct {
		err  error
		want Cause
	}{
		{nil, CauseNone},
		{fmt.Errorf("login: %w", ErrSignIn), CauseSignIn},
		{fmt.Errorf("x: %w", ErrPaused), CausePaused},
		{ErrChoice, CauseChoice},
		{ErrPortal, CausePortal},
		{fmt.Errorf("dial: %w", x509.UnknownAuthorityError{}), CauseCertificate},
		{ErrNoTLS, CauseNoTLS},
		{&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}, CauseHost},
		{&net.OpError{Op: "dial", Err: &net.DNSError{IsTemporary: true}}, CauseOffline},
		{&net.OpError{Op: "dial", Err: syscall.ENETUNREACH}, CauseOffline},
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, CauseUnreachable},
		{fmt.Errorf("read: %w", io.ErrUnexpectedEOF), CauseUnreachable},
		{context.DeadlineExceeded, CauseUnreachable},
		{errors.New("anything else"), CauseServer},
	}
	for _, c := range cases {
		if got := CauseOf(c.err); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
}

func TestEndpoints(t *testing.T) {
	good := map[string]Endpoint{
		"imaps://mail.stadt.example":     {Scheme: "imaps", Host: "mail.stadt.example", Addr: "mail.stadt.example:993", TLS: true},
		"imap://mail.stadt.example:1143": {Scheme: "imap", Host: "mail.stadt.example", Addr: "mail.stadt.example:1143", StartTLS: true},
		"smtp://mail.stadt.example":      {Scheme: "smtp", Host: "mail.stadt.example", Addr: "mail.stadt.example:587", StartTLS: true},
		"smtps://[::1]":                  {Scheme: "smtps", Host: "::1", Addr: "[::1]:465", TLS: true},
		"imap://127.0.0.1:1143":          {Scheme: "imap", Host: "127.0.0.1", Addr: "127.0.0.1:1143"},
		"http://localhost:8080/dav/":     {Scheme: "http", Host: "localhost", Addr: "localhost:8080"},
		"https://dav.stadt.example/x":    {Scheme: "https", Host: "dav.stadt.example", Addr: "dav.stadt.example:443", TLS: true},
	}
	for raw, want := range good {
		if got, err := ParseEndpoint(raw); err != nil || got != want {
			t.Errorf("%s: %+v, %v", raw, got, err)
		}
	}
	for raw, want := range map[string]error{
		"http://dav.stadt.example/": ErrNoTLS, "ftp://x": ErrURL, "imaps://": ErrURL, "mail.stadt.example": ErrURL, "imaps://a b": ErrURL,
	} {
		if _, err := ParseEndpoint(raw); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", raw, err, want)
		}
	}
}

// pair connects to a server that does what serve does.
func pair(t *testing.T, serve func(net.Conn)) (*Conn, *Counter) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) //nolint:errcheck // nothing is lost
	go func() {
		if c, err := l.Accept(); err == nil {
			serve(c)
		}
	}()
	count := &Counter{}
	c, err := Dial(context.Background(), l.Addr().String(), count)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() }) //nolint:errcheck // nothing is lost
	return c, count
}

func TestASilentServerBreaksTheConnection(t *testing.T) {
	c, _ := pair(t, func(net.Conn) {})
	c.SetIdle(50 * time.Millisecond)
	_, err := c.Read(make([]byte, 1))
	if CauseOf(err) != CauseUnreachable {
		t.Fatalf("got %v", err)
	}
}

func TestAbsoluteDeadlinesOfLibrariesAreIgnored(t *testing.T) {
	c, count := pair(t, func(s net.Conn) {
		if _, err := io.Copy(s, s); err != nil {
			t.Log(err)
		}
	})
	past := time.Now().Add(-time.Hour)
	if err := errors.Join(c.SetDeadline(past), c.SetReadDeadline(past), c.SetWriteDeadline(past)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("hallo")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 5)
	if _, err := io.ReadFull(c, buf); err != nil || string(buf) != "hallo" {
		t.Fatalf("%q, %v", buf, err)
	}
	if count.Read.Load() != 5 || count.Written.Load() != 5 {
		t.Fatalf("counted %d and %d", count.Read.Load(), count.Written.Load())
	}
}

func TestTLSConfigRefusesAFileWithoutCertificates(t *testing.T) {
	if _, err := TLSConfig("h", "no certificate"); err == nil {
		t.Fatal("accepted")
	}
	cfg, err := TLSConfig("h", "")
	if err != nil || cfg.MinVersion < 0x0303 || cfg.ServerName != "h" {
		t.Fatalf("%+v, %v", cfg, err)
	}
}

// TestUnsent: what says that no connection was made, and what may come after octets have left.
func TestUnsent(t *testing.T) {
	_, refused := Dial(t.Context(), "127.0.0.1:1", nil)
	cases := map[string]struct {
		err  error
		want bool
	}{
		"refused":      {fmt.Errorf("PUT: %w", refused), true},
		"no such name": {&net.OpError{Op: "lookup", Err: &net.DNSError{IsNotFound: true}}, true},
		"certificate":  {&tls.CertificateVerificationError{Err: errors.New("expired")}, true},
		"broken":       {&net.OpError{Op: "write", Err: syscall.EPIPE}, false},
		"reset":        {&net.OpError{Op: "read", Err: syscall.ECONNRESET}, false},
		"cut":          {io.ErrUnexpectedEOF, false},
		"too late":     {context.DeadlineExceeded, false},
		"none":         {nil, false},
	}
	for name, c := range cases {
		if got := Unsent(c.err); got != c.want {
			t.Errorf("%s, %v: %t", name, c.err, got)
		}
	}
}
