// SPDX-License-Identifier: EUPL-1.2

package smtpsend

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"kontor/sync/transport"
)

// localName is what the client calls itself: neither the name of this machine nor its address is anybody's business.
const localName = "localhost"

// client is one signed-in connection in the hands of one goroutine.
type client struct {
	raw  *transport.Conn
	conn net.Conn // raw, or TLS over it
	br   *bufio.Reader
	bw   *bufio.Writer
	ext  map[string]string // what EHLO offered, in upper case, and its parameters
	used bool              // a message went over it
	dead bool              // of no further use
	stop func() bool       // undoes that the end of a context closes the connection
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
	c := newClient(raw)
	c.bind(ctx)
	if err := c.secure(ctx, end, w.cfg.Account.CAPEM); err != nil {
		c.close()
		return nil, fmt.Errorf("connect to send: %w", err)
	}
	if err := w.signIn(ctx, c, end); err != nil {
		c.close()
		return nil, err
	}
	if err := w.remember(ctx, c); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func newClient(raw *transport.Conn) *client {
	c := &client{raw: raw, stop: func() bool { return true }}
	c.use(raw)
	return c
}

// bind breaks the connection when ctx ends, instead of an earlier context.
func (c *client) bind(ctx context.Context) {
	c.stop()
	c.stop = context.AfterFunc(ctx, func() { _ = c.raw.Close() })
}

// use reads from and writes to conn from now on.
func (c *client) use(conn net.Conn) {
	c.conn, c.br, c.bw = conn, bufio.NewReader(conn), bufio.NewWriterSize(conn, 32<<10)
}

// secure greets the server over an encrypted connection, by TLS from the start or by STARTTLS (RFC 3207). Only on the
// loopback address may a server do without.
func (c *client) secure(ctx context.Context, end transport.Endpoint, caPEM string) error {
	cfg, err := transport.TLSConfig(end.Host, caPEM)
	if err != nil {
		return err
	}
	if end.TLS {
		if err := c.encrypt(ctx, cfg); err != nil {
			return err
		}
	}
	greeting, err := readReply(c.br)
	switch {
	case errors.Is(err, errReply):
		return fmt.Errorf("%w: %w", transport.ErrPortal, err)
	case err != nil:
		return err
	case !greeting.good():
		return refusal("", greeting)
	}
	if err := c.hello(); err != nil {
		return err
	}
	if _, offered := c.ext["STARTTLS"]; end.TLS || !offered {
		if end.StartTLS {
			return transport.ErrNoTLS
		}
		return nil
	}
	if _, err := c.command("STARTTLS"); err != nil {
		return fmt.Errorf("%w: %w", transport.ErrNoTLS, err)
	}
	if c.br.Buffered() > 0 { // somebody in between has put words in before the encryption
		return transport.ErrPortal
	}
	if err := c.encrypt(ctx, cfg); err != nil {
		return err
	}
	return c.hello() // what was offered before cannot be trusted
}

func (c *client) encrypt(ctx context.Context, cfg *tls.Config) error {
	conn := tls.Client(c.conn, cfg)
	if err := conn.HandshakeContext(ctx); err != nil {
		return err
	}
	c.use(conn)
	return nil
}

// hello asks what the server can do (RFC 5321, section 4.1.1.1).
func (c *client) hello() error {
	answer, err := c.command("EHLO " + localName)
	if err != nil {
		return fmt.Errorf("greet the server: %w", err)
	}
	c.ext = map[string]string{}
	for _, line := range answer.lines[1:] {
		word, params, _ := strings.Cut(strings.TrimSpace(line), " ")
		word, params = strings.ToUpper(word), strings.ToUpper(strings.TrimSpace(params))
		if old, ok := strings.CutPrefix(word, "AUTH="); ok { // a form from before RFC 2554
			word, params = "AUTH", strings.TrimSpace(old+" "+params)
		}
		if have := c.ext[word]; have != "" && have != params {
			params = strings.TrimSpace(have + " " + params)
		}
		c.ext[word] = params
	}
	return nil
}

func (c *client) has(name string) bool {
	_, ok := c.ext[name]
	return ok
}

// limit is the size that the server takes at most (RFC 1870), 0 where it does not say.
func (c *client) limit() int64 {
	n, err := strconv.ParseInt(c.ext["SIZE"], 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// command sends one line and reads its answer; any other than 2xx is a Refusal.
func (c *client) command(line string) (reply, error) {
	answer, err := c.ask(line)
	if err == nil && !answer.good() {
		err = refusal("", answer)
	}
	return answer, err
}

// ask sends one line and reads its answer.
func (c *client) ask(line string) (reply, error) {
	_, _ = c.bw.WriteString(line + "\r\n") // an error comes back from Flush
	if err := c.bw.Flush(); err != nil {
		return reply{}, err
	}
	return readReply(c.br)
}

// signIn signs in where the server wants to know who sends (RFC 4954).
func (w *Worker) signIn(ctx context.Context, c *client, end transport.Endpoint) error {
	if !c.has("AUTH") {
		return nil
	}
	secret, err := w.cfg.Secret(ctx)
	if err != nil {
		return fmt.Errorf("sign in to send: %w", errors.Join(transport.ErrSignIn, err))
	}
	s := transport.SignIn{User: w.cfg.Account.User, Secret: secret, Host: end.Host}
	if w.cfg.DB != nil {
		if s.Policy, err = w.cfg.DB.Setting(ctx, transport.SettingSASL, ""); err != nil {
			return err
		}
	}
	if t, ok := c.conn.(*tls.Conn); ok {
		state := t.ConnectionState()
		s.TLS = &state
	}
	mechanism, err := s.Mechanism(strings.Fields(c.ext["AUTH"]))
	if err == nil {
		err = c.authenticate(mechanism)
	}
	var no *Refusal
	if errors.As(err, &no) && no.Permanent() {
		return fmt.Errorf("sign in to send: %w: %w", transport.ErrSignIn, err)
	}
	if err != nil {
		return fmt.Errorf("sign in to send: %w", err)
	}
	return nil
}

func (c *client) authenticate(m *transport.Mechanism) error {
	name, first, err := m.Start()
	if err != nil {
		return err
	}
	line := "AUTH " + name
	const longest = 500 // a command line has 512 octets at most; what is longer waits for the server's word
	initial := base64.StdEncoding.EncodeToString(first)
	sent := first != nil && len(initial) < longest
	if sent {
		line += " " + initial
		if initial == "" {
			line += "="
		}
	}
	answer, err := c.ask(line)
	for err == nil && answer.code == 334 {
		response := first
		if sent || first == nil {
			challenge, odd := base64.StdEncoding.DecodeString(strings.TrimSpace(strings.Join(answer.lines, "")))
			if response, err = m.Next(challenge); err != nil || odd != nil {
				_, broken := c.ask("*") // breaks the exchange off
				return errors.Join(err, odd, broken)
			}
		}
		sent = true
		answer, err = c.ask(base64.StdEncoding.EncodeToString(response))
	}
	switch {
	case err != nil:
		return err
	case !answer.good():
		return refusal("", answer)
	}
	return m.Verify()
}

// quit says goodbye; nobody is interested in the answer.
func (c *client) quit() {
	if !c.dead {
		_, _ = c.bw.WriteString("QUIT\r\n")
		_ = c.bw.Flush()
	}
	c.close()
}

func (c *client) close() {
	c.stop()
	c.dead = true
	_ = c.raw.Close()
}
