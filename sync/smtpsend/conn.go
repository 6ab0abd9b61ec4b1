// SPDX-License-Identifier: EUPL-1.2

package smtpsend

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"kontor/sync/transport"
)

// localName is what the client calls itself: neither the name of this machine nor its address is anybody's business.
const localName = "localhost"

// client is one signed-in connection.
type client struct {
	*smtp.Client
	raw  *transport.Conn
	stop func() bool // undoes that the end of the context closes the connection
}

// connect dials, encrypts and signs in.
func (w *Worker) connect(ctx context.Context) (*client, error) {
	end, err := transport.ParseEndpoint(w.cfg.Account.SMTPURL)
	if err != nil {
		return nil, err
	}
	raw, err := transport.Dial(ctx, end.Addr, &w.count)
	if err != nil {
		return nil, fmt.Errorf("connect to send: %w", err)
	}
	c := &client{raw: raw, stop: context.AfterFunc(ctx, func() { _ = raw.Close() })}
	conn, err := secure(ctx, raw, end, w.cfg.Account.CAPEM)
	if err != nil {
		c.close()
		return nil, fmt.Errorf("connect to send: %w", err)
	}
	c.Client = smtp.NewClient(conn)
	if err := c.Hello(localName); err != nil {
		c.close()
		return nil, fmt.Errorf("greet the server: %w", asServer(err))
	}
	if err := w.signIn(ctx, c); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// secure gives a connection that is encrypted, by TLS from the start or by STARTTLS. Only on the loopback address may a
// server do without.
func secure(ctx context.Context, raw net.Conn, end transport.Endpoint, caPEM string) (net.Conn, error) {
	cfg, err := transport.TLSConfig(end.Host, caPEM)
	if err != nil {
		return nil, err
	}
	if end.TLS {
		conn := tls.Client(raw, cfg)
		return conn, conn.HandshakeContext(ctx)
	}
	greeting, offered, err := offer(raw)
	if err != nil {
		return nil, err
	}
	if !offered {
		if end.StartTLS {
			return nil, transport.ErrNoTLS
		}
		return &greeted{Conn: raw, rest: greeting}, nil
	}
	conn := tls.Client(raw, cfg)
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return &greeted{Conn: conn, rest: greeting}, nil
}

// offer reads the greeting and asks for STARTTLS where it is offered (RFC 3207). The library can only do both at once,
// and does not say which of them failed.
func offer(raw net.Conn) (greeting []byte, offered bool, err error) {
	buffered := bufio.NewReader(raw)
	text := textproto.NewReader(buffered)
	_, words, err := text.ReadResponse(220)
	if err != nil {
		return nil, false, asPortal(err)
	}
	greeting = []byte("220 " + strings.ReplaceAll(words, "\n", " ") + "\r\n")
	if _, err := raw.Write([]byte("EHLO " + localName + "\r\n")); err != nil {
		return nil, false, err
	}
	_, words, err = text.ReadResponse(250)
	if err != nil {
		return nil, false, asServer(err)
	}
	for line := range strings.SplitSeq(words, "\n") {
		offered = offered || strings.EqualFold(strings.TrimSpace(line), "STARTTLS")
	}
	if !offered {
		return greeting, false, nil
	}
	if _, err := raw.Write([]byte("STARTTLS\r\n")); err != nil {
		return nil, false, err
	}
	if _, _, err := text.ReadResponse(220); err != nil {
		return nil, false, fmt.Errorf("%w: %w", transport.ErrNoTLS, err)
	}
	if buffered.Buffered() > 0 { // somebody in between has put words in before the encryption
		return nil, false, transport.ErrPortal
	}
	return greeting, true, nil
}

// greeted gives a greeting that was read already once more.
type greeted struct {
	net.Conn
	rest []byte
}

// Read is part of net.Conn.
func (g *greeted) Read(b []byte) (int, error) {
	if len(g.rest) > 0 {
		n := copy(b, g.rest)
		g.rest = g.rest[n:]
		return n, nil
	}
	return g.Conn.Read(b)
}

// signIn uses PLAIN or LOGIN where the server wants to know who sends.
func (w *Worker) signIn(ctx context.Context, c *client) error {
	offered, mechanisms := c.Extension("AUTH")
	if !offered {
		return nil
	}
	secret, err := w.cfg.Secret(ctx)
	if err != nil {
		return fmt.Errorf("sign in to send: %w", errors.Join(transport.ErrSignIn, err))
	}
	var method sasl.Client
	switch {
	case c.SupportsAuth(sasl.Plain):
		method = sasl.NewPlainClient("", w.cfg.Account.User, secret)
	case c.SupportsAuth(sasl.Login):
		method = sasl.NewLoginClient(w.cfg.Account.User, secret)
	default:
		return fmt.Errorf("sign in to send: only %s: %w", mechanisms, transport.ErrSignIn)
	}
	err = c.Auth(method)
	if reply, ok := isReply(err); ok && reply.Code >= 500 {
		return fmt.Errorf("sign in to send: %w: %w", transport.ErrSignIn, err)
	}
	if err != nil {
		return fmt.Errorf("sign in to send: %w", asServer(err))
	}
	return nil
}

// quit says goodbye; nobody is interested in the answer.
func (c *client) quit() {
	_ = c.Quit()
	c.close()
}

func (c *client) close() {
	c.stop()
	if c.Client != nil {
		_ = c.Client.Close()
	}
	_ = c.raw.Close()
}

// asServer marks an answer as the server's, and leaves a broken connection as it is.
func asServer(err error) error {
	var protocol *textproto.Error
	if _, ok := isReply(err); ok || errors.As(err, &protocol) {
		return fmt.Errorf("%w: %w", transport.ErrServer, err)
	}
	return err
}

// asPortal tells an answer that no mail server gives from a refusal.
func asPortal(err error) error {
	var protocol textproto.ProtocolError
	if errors.As(err, &protocol) {
		return fmt.Errorf("%w: %w", transport.ErrPortal, err)
	}
	return asServer(err)
}
