// SPDX-License-Identifier: EUPL-1.2

// Package transport is what all protocols share below their own words: TLS settings, dialling with idle deadlines,
// byte counters and the causes that a failed connection is explained with.
package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
)

// Cause names why a server could not be used, in terms a person can act on.
type Cause string

// The causes.
const (
	CauseNone        Cause = ""
	CauseOffline     Cause = "offline"     // no route, no name resolution: most likely no network
	CauseUnreachable Cause = "unreachable" // there is a network, the server does not answer
	CauseSignIn      Cause = "sign-in"     // the server refused user or password
	CauseCertificate Cause = "certificate" // the server's certificate is not trusted
	CauseNoTLS       Cause = "no-tls"      // the server offers no encryption
	CauseHost        Cause = "host"        // the name of the server does not exist
	CausePortal      Cause = "portal"      // something between answers in the server's place
	CauseServer      Cause = "server"      // the server answers, but with an error
	CauseChoice      Cause = "choice"      // the person works offline by choice
	CausePaused      Cause = "paused"      // stopped by a safety brake until a person decides
)

// Sentinels that protocol packages wrap, so that CauseOf can tell them apart.
var (
	ErrSignIn = errors.New("the server refused the user name or password")
	ErrNoTLS  = errors.New("the server offers no encrypted connection")
	ErrPortal = errors.New("the answer did not come from the server")
	ErrServer = errors.New("the server reported an error")
	ErrPaused = errors.New("synchronisation is paused until a decision")
	ErrChoice = errors.New("working offline by choice")
)

// CauseOf gives the cause that an error of a connection comes down to, CauseNone for nil.
func CauseOf(err error) Cause {
	var (
		unknownAuthority x509.UnknownAuthorityError
		hostname         x509.HostnameError
		invalid          x509.CertificateInvalidError
		verification     *tls.CertificateVerificationError
		record           tls.RecordHeaderError
		dns              *net.DNSError
		op               *net.OpError
	)
	switch {
	case err == nil:
		return CauseNone
	case errors.Is(err, ErrSignIn):
		return CauseSignIn
	case errors.Is(err, ErrPaused):
		return CausePaused
	case errors.Is(err, ErrChoice):
		return CauseChoice
	case errors.Is(err, ErrPortal):
		return CausePortal
	case errors.As(err, &unknownAuthority), errors.As(err, &hostname), errors.As(err, &invalid), errors.As(err, &verification):
		return CauseCertificate
	case errors.Is(err, ErrNoTLS), errors.As(err, &record), errors.As(err, &op) && op.Op == "remote error": // an alert of TLS
		return CauseNoTLS
	case errors.As(err, &dns):
		if dns.IsNotFound {
			return CauseHost
		}
		return CauseOffline
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETDOWN):
		return CauseOffline
	case IsConnectionError(err):
		return CauseUnreachable
	}
	return CauseServer
}

// Coded is an error of a protocol that names its cause more closely than CauseOf does, in a word that never changes.
type Coded interface {
	error
	Code() string
}

// CodeOf gives the word under which an error is stored, so that it can be explained later in any language: that of a
// Coded error, else its Cause.
func CodeOf(err error) string {
	var coded Coded
	if errors.As(err, &coded) && CauseOf(err) == CauseServer {
		return coded.Code()
	}
	if cause := CauseOf(err); cause != CauseServer || errors.Is(err, ErrServer) {
		return string(cause)
	}
	return ""
}

// IsConnectionError reports whether err says that a connection could not be made or broke, as opposed to an answer.
func IsConnectionError(err error) bool {
	var op net.Error
	return errors.As(err, &op) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNREFUSED)
}

// Unsent reports whether an error says that the connection for a request was never made: nothing of it left, so that nothing
// can have come of it.
func Unsent(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	return errors.As(err, &op) && op.Op == "dial" || errors.As(err, &dns) || errors.As(err, &certificate)
}

// Prepare begins to read the system's certificates, a hundred files and more, before the first connection needs them.
func Prepare() {
	go func() { _, _ = x509.SystemCertPool() }() // kept by the library; an error comes again
}

// TLSConfig trusts the system's certificates and those in caPEM (which may be empty) and asks for TLS 1.2 at the least
// (BSI TR-02102-2). host is the name the certificate must be for.
func TLSConfig(host, caPEM string) (*tls.Config, error) {
	cfg := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if caPEM == "" {
		return cfg, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM([]byte(caPEM)) {
		return nil, fmt.Errorf("the certificate file holds no certificate: %w", ErrServer)
	}
	cfg.RootCAs = pool
	return cfg, nil
}
