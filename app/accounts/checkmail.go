// SPDX-License-Identifier: EUPL-1.2

package accounts

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"kontor/storage"
	"kontor/sync/transport"
)

// upgrade asks a server in the clear whether it offers STARTTLS, and turns that on.
type upgrade struct {
	greeting string // how the first line starts
	ask      string // for what is offered
	offer    string // the word for it
	start    string
	agreed   string                 // how the answer to start begins
	greeted  func(line string) bool // whether a line ends the greeting
	last     func(line string) bool // whether a line ends an answer
}

var imapUpgrade = upgrade{
	greeting: "* OK", ask: "k1 CAPABILITY\r\n", offer: "STARTTLS", start: "k2 STARTTLS\r\n", agreed: "k2 OK",
	greeted: func(string) bool { return true },
	last:    func(line string) bool { return strings.HasPrefix(line, "k") },
}

var smtpUpgrade = upgrade{
	greeting: "220", ask: "EHLO localhost\r\n", offer: "STARTTLS", start: "STARTTLS\r\n", agreed: "220",
	greeted: lastReply, last: lastReply,
}

// lastReply reports whether a line ends a reply of several lines (RFC 5321, section 4.2.1).
func lastReply(line string) bool {
	return len(line) < 4 || line[3] != '-' || line[0] < '0' || line[0] > '9'
}

// secured connects to a mail server: encrypted from the first octet on, or by STARTTLS. Only on the loopback address
// may a server do without.
func secured(ctx context.Context, url, caPEM string, up upgrade) (net.Conn, error) {
	end, err := transport.ParseEndpoint(url)
	if err != nil {
		return nil, err
	}
	cfg, err := transport.TLSConfig(end.Host, caPEM)
	if err != nil {
		return nil, err
	}
	raw, err := transport.Dial(ctx, end.Addr, nil)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { _ = raw.Close() }) // the libraries know no context
	if end.TLS {
		conn := tls.Client(raw, cfg)
		return conn, errors.Join(conn.HandshakeContext(ctx))
	}
	greeting, offered, err := up.try(raw)
	switch {
	case err != nil:
		return raw, err
	case !offered && end.StartTLS:
		return raw, transport.ErrNoTLS
	case !offered:
		return &replay{Conn: raw, rest: greeting}, nil
	}
	conn := tls.Client(raw, cfg)
	return &replay{Conn: conn, rest: greeting}, errors.Join(conn.HandshakeContext(ctx))
}

// try reads the greeting and what is offered, and starts TLS where it is. It never reads beyond the last answer.
func (u upgrade) try(raw net.Conn) (greeting []byte, offered bool, err error) {
	r := bufio.NewReader(io.LimitReader(raw, 64<<10))
	line, err := answer(r, u.greeted, nil)
	if err != nil {
		return nil, false, err
	}
	if !strings.HasPrefix(line, u.greeting) {
		return nil, false, fmt.Errorf("greeting %.60q: %w", line, transport.ErrPortal)
	}
	greeting = []byte(line + "\r\n")
	if u.greeting == imapUpgrade.greeting { // what it says of itself in the clear must not be believed later
		greeting = []byte("* OK ready\r\n")
	}
	if _, err := io.WriteString(raw, u.ask); err != nil {
		return nil, false, err
	}
	if _, err := answer(r, u.last, func(line string) { offered = offered || strings.Contains(strings.ToUpper(line), u.offer) }); err != nil {
		return nil, false, err
	}
	if !offered {
		return greeting, false, nil
	}
	if _, err := io.WriteString(raw, u.start); err != nil {
		return nil, false, err
	}
	if line, err = answer(r, u.last, nil); err != nil {
		return nil, false, err
	}
	if !strings.HasPrefix(line, u.agreed) {
		return nil, false, fmt.Errorf("%.80q: %w", line, transport.ErrNoTLS)
	}
	if r.Buffered() > 0 {
		return nil, false, fmt.Errorf("words before the encryption: %w", transport.ErrPortal)
	}
	return greeting, true, nil
}

// answer reads lines up to the last one of an answer, and gives that.
func answer(r *bufio.Reader, last func(string) bool, each func(string)) (string, error) {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return "", err
		}
		line = strings.TrimRight(line, "\r\n")
		if each != nil {
			each(line)
		}
		if last(line) {
			return line, nil
		}
	}
}

// replay gives a greeting that was read already once more.
type replay struct {
	net.Conn
	rest []byte
}

// Read is part of net.Conn.
func (r *replay) Read(b []byte) (int, error) {
	if len(r.rest) > 0 {
		n := copy(b, r.rest)
		r.rest = r.rest[n:]
		return n, nil
	}
	return r.Conn.Read(b)
}

// signIn says how the password may travel over a connection.
func signIn(conn net.Conn, url, user, secret string) transport.SignIn {
	s := transport.SignIn{User: user, Secret: secret}
	if end, err := transport.ParseEndpoint(url); err == nil {
		s.Host = end.Host
	}
	if r, ok := conn.(*replay); ok {
		conn = r.Conn
	}
	if t, ok := conn.(*tls.Conn); ok {
		state := t.ConnectionState()
		s.TLS = &state
	}
	return s
}

func checkIMAP(ctx context.Context, a storage.Account, secret string) (string, error) {
	conn, err := secured(ctx, a.IMAPURL, a.CAPEM, imapUpgrade)
	if conn != nil {
		defer conn.Close()
	}
	if err != nil {
		return "", fmt.Errorf("connect: %w", err)
	}
	c := imapclient.New(conn, nil)
	defer c.Close()
	if err := c.WaitGreeting(); err != nil {
		var said *imap.Error
		if errors.As(err, &said) || transport.IsConnectionError(err) {
			return "", fmt.Errorf("greeting: %w", err)
		}
		return "", fmt.Errorf("greeting: %w: %w", transport.ErrPortal, err)
	}
	caps, err := c.Capability().Wait()
	if err != nil {
		return "", fmt.Errorf("ask for capabilities: %w", err)
	}
	mechanism, err := signIn(conn, a.IMAPURL, a.User, secret).Mechanism(caps.AuthMechanisms())
	switch {
	case err == nil && (mechanism.Name != sasl.Login || caps.Has(imap.CapLoginDisabled)):
		err = errors.Join(c.Authenticate(mechanism), mechanism.Verify())
	case !caps.Has(imap.CapLoginDisabled): // from before SASL; the connection is safe enough for it here
		err = c.Login(a.User, secret).Wait()
	}
	var no *imap.Error
	if errors.As(err, &no) && no.Type == imap.StatusResponseTypeNo {
		switch no.Code {
		case imap.ResponseCodeUnavailable, imap.ResponseCodeInUse, imap.ResponseCodeLimit, imap.ResponseCodeServerBug, imap.ResponseCodeContactAdmin:
			return "", fmt.Errorf("sign in: %w: %w", transport.ErrServer, err)
		}
		return "", fmt.Errorf("sign in: %w: %w", transport.ErrSignIn, err)
	}
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	_ = c.Logout().Wait() // how the server hangs up says nothing about the settings
	return "", nil
}

func checkSMTP(ctx context.Context, a storage.Account, secret string) (warning string, err error) {
	conn, err := secured(ctx, a.SMTPURL, a.CAPEM, smtpUpgrade)
	if conn != nil {
		defer conn.Close()
	}
	if err != nil {
		return "", fmt.Errorf("connect: %w", err)
	}
	c := smtp.NewClient(conn)
	if err := c.Hello("localhost"); err != nil {
		var said *smtp.SMTPError
		if errors.As(err, &said) || transport.IsConnectionError(err) {
			return "", fmt.Errorf("greeting: %w", err)
		}
		return "", fmt.Errorf("greeting: %w: %w", transport.ErrPortal, err)
	}
	if offered, mechanisms := c.Extension("AUTH"); offered {
		mechanism, chosen := signIn(conn, a.SMTPURL, a.User, secret).Mechanism(strings.Fields(mechanisms))
		if err = chosen; err == nil {
			err = errors.Join(c.Auth(mechanism), mechanism.Verify())
		}
	} else {
		warning = WarnNoSignIn
	}
	var said *smtp.SMTPError
	if errors.As(err, &said) && said.Code >= 500 {
		return "", fmt.Errorf("sign in: %w: %w", transport.ErrSignIn, err)
	}
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	_ = c.Quit() // likewise
	return warning, nil
}
