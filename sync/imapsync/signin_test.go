// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// A real server lets in whoever proves to know the password, and nobody else.
func TestSignInWithoutHandingThePasswordOver(t *testing.T) {
	server := servertest.Dovecot(t)
	user := server.User(t, "scram")
	for url, encrypted := range map[string]bool{"imap://" + server.Addr: true, "imaps://" + server.TLSAddr: true} {
		for secret, want := range map[string]error{server.Password: nil, "falsch": transport.ErrSignIn} {
			c, err := dial(context.Background(), options{
				url: url, caPEM: server.Certs.CAPEM, user: user, secret: given(secret), sasl: transport.SASLProof,
				log: slog.New(slog.DiscardHandler), count: &transport.Counter{}, odd: &atomic.Int64{},
			})
			if !errors.Is(err, want) {
				t.Errorf("%s, encrypted %v: %v, want %v", url, encrypted, err, want)
			}
			if err == nil {
				if _, err := c.run("NOOP"); err != nil {
					t.Error(err)
				}
				_ = c.close()
			}
		}
	}
}

// Whoever says OK without having proved anything gets no further, and never sees the password.
func TestOKWithoutProofIsNoSignIn(t *testing.T) {
	for name, capabilities := range map[string]string{"accepts anything": "IMAP4rev1 AUTH=SCRAM-SHA-256 SASL-IR", "offers other ways only": "IMAP4rev1 AUTH=PLAIN AUTH=LOGIN"} {
		heard := make(chan string, 1)
		addr := servertest.Listen(t, func(c net.Conn) {
			_, _ = io.WriteString(c, "* OK [CAPABILITY "+capabilities+"] hi\r\n")
			r := bufio.NewReader(c)
			line, _ := r.ReadString('\n')
			tag, _, _ := strings.Cut(line, " ")
			_, _ = io.WriteString(c, tag+" OK welcome\r\n")
			rest, _ := io.ReadAll(r)
			heard <- line + string(rest)
		})
		_, err := dial(context.Background(), options{
			url: "imap://" + addr, user: "anna", secret: given("geheim"), sasl: transport.SASLProof,
			log: slog.New(slog.DiscardHandler), odd: &atomic.Int64{},
		})
		if !errors.Is(err, transport.ErrSignIn) {
			t.Errorf("%s: %v", name, err)
		}
		if said := <-heard; strings.Contains(said, "geheim") || strings.Contains(said, "Z2VoZWlt") {
			t.Errorf("%s: heard the password: %q", name, said)
		}
	}
}

// The secret is fetched while the server is being reached. A server that hung up before a person had found the passphrase
// is called again, once.
func TestTheSecretComesBesideTheConnection(t *testing.T) {
	for name, c := range map[string]struct {
		patience time.Duration
		impolite int64 // so many connections are closed after the greeting
		asked    error
		calls    int64
		ok       bool
	}{
		"beside":                  {time.Hour, 0, nil, 1, true},
		"late":                    {0, 1, nil, 2, true},
		"late, and again":         {0, 5, nil, 2, false},
		"not late":                {time.Hour, 1, nil, 1, false},
		"nobody knows the secret": {time.Hour, 0, transport.ErrSignIn, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int64
			called := make(chan struct{}, 10)
			addr := servertest.Listen(t, func(conn net.Conn) {
				if calls.Add(1) > c.impolite {
					called <- struct{}{}
					serveScript(conn, hello, oneFolder(0, "", ""))
					return
				}
				_, _ = io.WriteString(conn, hello+"\r\n")
				_ = conn.Close()
				called <- struct{}{}
			})
			w, _, ctx := scriptedWorker(t, "imap://"+addr)
			w.patience = c.patience
			w.cfg.Secret = func(ctx context.Context) (string, error) {
				select {
				case <-called:
				case <-ctx.Done():
					t.Error("the server was not called before the secret was known")
				}
				return "geheim", c.asked
			}
			err := w.Test(ctx)
			if (err == nil) != c.ok || c.asked != nil && !errors.Is(err, c.asked) || calls.Load() != c.calls {
				t.Errorf("%d calls, %v", calls.Load(), err)
			}
		})
	}
}
