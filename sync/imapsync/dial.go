// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emersion/go-sasl"

	"kontor/sync/transport"
)

// options are what a connection is made with.
type options struct {
	url    string
	caPEM  string
	user   string
	secret func() (string, error) // asked for once the server has been reached
	sasl   string                 // the value of transport.SettingSASL
	log    *slog.Logger
	count  *transport.Counter
	odd    *atomic.Int64
	turns  *atomic.Int64
	// known is what the server could do last time, empty if that is not known; with listing the list of folders is asked
	// for on the strength of it.
	known   string
	listing bool
	idle    time.Duration // how long the server may be silent when it is its turn; 0 for transport.IdleTimeout
}

// dial connects, encrypts and signs in.
func dial(ctx context.Context, o options) (*client, error) {
	ep, err := transport.ParseEndpoint(o.url)
	if err != nil {
		return nil, err
	}
	cfg, err := transport.TLSConfig(ep.Host, o.caPEM)
	if err != nil {
		return nil, err
	}
	tcp, err := transport.Dial(ctx, ep.Addr, o.count)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	if o.idle > 0 {
		tcp.SetIdle(o.idle)
	}
	c := &client{log: o.log, conn: tcp, tcp: tcp, odd: o.odd, line: lineMeter{turns: o.turns}}
	defer c.bind(ctx)()
	if err := c.start(ctx, ep, cfg, o); err != nil {
		_ = tcp.Close()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, err
	}
	return c, nil
}

func (c *client) start(ctx context.Context, ep transport.Endpoint, cfg *tls.Config, o options) error {
	c.use(c.tcp)
	if ep.TLS {
		if err := c.encrypt(ctx, cfg); err != nil {
			return err
		}
	}
	preauth, err := c.greet()
	if err != nil {
		return err
	}
	if !ep.TLS {
		if err := c.startTLS(ctx, ep, cfg, preauth); err != nil {
			return err
		}
	}
	if !preauth {
		if err := c.signIn(ep, o); err != nil {
			return err
		}
	}
	if len(c.caps) == 0 {
		if _, err := c.run("CAPABILITY"); err != nil {
			return fmt.Errorf("ask for capabilities: %w", err)
		}
	}
	if !c.enabled {
		c.enable()
	}
	return nil
}

// enable switches quick resynchronisation on, before a folder is selected; the answer comes with that of the next command.
func (c *client) enable() {
	if c.has("QRESYNC") && c.has("ENABLE") {
		c.enabled = true
		c.send("ENABLE QRESYNC")
	}
}

// lookAhead sends what comes after signing in together with it.
func (c *client) lookAhead(o options) {
	if o.known == "" {
		return
	}
	c.setCaps(o.known)
	c.enable()
	if o.listing {
		c.ahead = c.sendListing()
	}
	c.caps = nil
}

// use reads from and writes to conn from now on.
func (c *client) use(rw io.ReadWriter) {
	c.raw = meteredReader{rw, &c.line}
	c.br, c.bw = bufio.NewReaderSize(c.raw, 64<<10), bufio.NewWriterSize(rw, 16<<10)
}

func (c *client) encrypt(ctx context.Context, cfg *tls.Config) error {
	t := tls.Client(c.tcp, cfg)
	started := time.Now()
	if err := t.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("encrypt: %w", err)
	}
	c.line.tripped(time.Since(started))
	c.conn = t
	c.use(t)
	return nil
}

// greet reads the server's first line.
func (c *client) greet() (preauth bool, err error) {
	line, err := c.br.ReadSlice('\n')
	if err != nil && len(line) == 0 {
		return false, fmt.Errorf("greeting: %w", c.broken(err))
	}
	line = bytes.TrimRight(line, "\r\n")
	rest, ok := bytes.CutPrefix(line, []byte("* "))
	if !ok {
		return false, fmt.Errorf("this is no IMAP server: %w", transport.ErrPortal)
	}
	if err := c.untagged(rest); err != nil {
		return false, err
	}
	word, text, _ := bytes.Cut(rest, []byte(" "))
	switch strings.ToUpper(string(word)) {
	case "OK":
		return false, nil
	case "PREAUTH":
		return true, nil
	}
	return false, fmt.Errorf("server refused the connection (%s): %w", text, transport.ErrServer)
}

// startTLS encrypts a connection that began without: always where it can be, and nothing else off this machine.
func (c *client) startTLS(ctx context.Context, ep transport.Endpoint, cfg *tls.Config, preauth bool) error {
	if len(c.caps) == 0 && !preauth {
		if _, err := c.run("CAPABILITY"); err != nil {
			return fmt.Errorf("ask for capabilities: %w", err)
		}
	}
	if preauth || !c.has("STARTTLS") {
		if ep.StartTLS {
			return transport.ErrNoTLS
		}
		return nil
	}
	if _, err := c.run("STARTTLS"); err != nil {
		return fmt.Errorf("encrypt: %w", errors.Join(transport.ErrNoTLS, err))
	}
	if c.br.Buffered() > 0 {
		return fmt.Errorf("octets before encryption: %w", transport.ErrPortal)
	}
	c.caps = nil // what was said before cannot be trusted (RFC 9051, section 6.2.1)
	if err := c.encrypt(ctx, cfg); err != nil {
		return err
	}
	_, err := c.run("CAPABILITY")
	return err
}

// signIn uses the best way that the server offers and the settings allow.
func (c *client) signIn(ep transport.Endpoint, o options) error {
	if len(c.caps) == 0 {
		if _, err := c.run("CAPABILITY"); err != nil {
			return fmt.Errorf("ask for capabilities: %w", err)
		}
	}
	secret, err := o.secret()
	if err != nil {
		return err
	}
	s := transport.SignIn{User: o.user, Secret: secret, Host: ep.Host, Policy: o.sasl}
	if t, ok := c.conn.(*tls.Conn); ok {
		state := t.ConnectionState()
		s.TLS = &state
	}
	mechanism, err := s.Mechanism(c.mechanisms())
	// Behind LOGIN more commands may follow at once. Behind AUTHENTICATE they may not: the server could go on in a security layer
	// (RFC 9051, section 6.2.2), and Cyrus takes them for a part of the exchange.
	plain := err == nil && mechanism.Name == sasl.Plain
	switch {
	case c.loginCommand(s) && (err != nil || mechanism.Name == sasl.Login || plain && o.known != ""):
		c.caps = nil
		login := c.send("LOGIN ", quote(s.User), " ", quote(s.Secret))
		c.lookAhead(o)
		err = c.wait(login)
	case err == nil:
		err = c.authenticate(mechanism)
	}
	if refused(err) && !hasCode(err, "UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "CONTACTADMIN") {
		return fmt.Errorf("sign in: %w: %w", transport.ErrSignIn, err)
	}
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	return nil
}

// mechanisms are those of SASL that the server offers.
func (c *client) mechanisms() []string {
	var names []string
	for name := range c.caps {
		if mechanism, ok := strings.CutPrefix(name, "AUTH="); ok {
			names = append(names, mechanism)
		}
	}
	slices.Sort(names)
	return names
}

// loginCommand reports whether the command from before SASL can be used: it hands the password over.
func (c *client) loginCommand(s transport.SignIn) bool {
	safe := s.Policy != transport.SASLProof && (s.TLS != nil || transport.IsLoopback(s.Host))
	return safe && !c.has("LOGINDISABLED") && isQuotable(s.User) && isQuotable(s.Secret)
}

// authenticate answers the challenges of the server (RFC 9051, section 6.2.2).
func (c *client) authenticate(m *transport.Mechanism) error {
	name, first, err := m.Start()
	if err != nil {
		return err
	}
	parts := []string{"AUTHENTICATE ", name}
	asked := first == nil // nothing of the client's own is to be said first
	if first != nil && c.has("SASL-IR") {
		parts, asked = append(parts, " ", initialResponse(first)), true
	}
	c.caps = nil
	var failed error
	defer func() { c.on.challenge = nil }()
	c.on.challenge = func(text string) {
		reply := first
		if asked {
			var err error
			reply, err = nextResponse(m, text)
			failed = errors.Join(failed, err)
		}
		asked = true
		answer := base64.StdEncoding.EncodeToString(reply)
		if failed != nil {
			answer = "*" // breaks the exchange off
		}
		_, _ = c.bw.WriteString(answer + "\r\n")
		_ = c.bw.Flush() // the next read fails where this did
	}
	if err := c.wait(c.send(parts...)); err != nil {
		return errors.Join(err, failed)
	}
	return errors.Join(failed, m.Verify())
}

// initialResponse writes what goes with the command (RFC 4959).
func initialResponse(first []byte) string {
	if len(first) == 0 {
		return "="
	}
	return base64.StdEncoding.EncodeToString(first)
}

func nextResponse(m *transport.Mechanism, challenge string) ([]byte, error) {
	text, err := base64.StdEncoding.DecodeString(challenge)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", transport.ErrServer, err)
	}
	return m.Next(text)
}

// quote writes a quoted string (RFC 9051, section 4.3).
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// isQuotable reports whether s can be sent as a quoted string.
func isQuotable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}
