// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// TestNothingFollowsAuthenticate: what comes next is sent together with LOGIN where that can be used, and never behind
// AUTHENTICATE, which Cyrus takes for a part of the exchange.
func TestNothingFollowsAuthenticate(t *testing.T) {
	const can = "IMAP4rev1 SASL-IR AUTH=PLAIN ENABLE QRESYNC"
	for _, tc := range []struct {
		name, offers, known, secret string
		verb                        string
		ahead                       bool
	}{
		{"for the first time", can, "", "geheim", "AUTHENTICATE", false},
		{"known", can, can, "geheim", "LOGIN", true},
		{"without LOGIN", can + " LOGINDISABLED", can, "geheim", "AUTHENTICATE", false},
		{"a password that LOGIN cannot say", can, can, "gehéim", "AUTHENTICATE", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			heard, ahead := make(chan string, 1), make(chan bool, 1)
			addr := servertest.Listen(t, func(c net.Conn) {
				_, _ = io.WriteString(c, "* OK [CAPABILITY "+tc.offers+"] hi\r\n")
				r := bufio.NewReader(c)
				line, _ := r.ReadString('\n')
				heard <- line
				ahead <- r.Buffered() > 0
				for line != "" {
					tag, _, _ := strings.Cut(line, " ")
					_, _ = io.WriteString(c, tag+" OK [CAPABILITY "+can+"] done\r\n")
					line, _ = r.ReadString('\n')
				}
			})
			c, err := dial(t.Context(), options{
				url: "imap://" + addr, user: "anna", secret: given(tc.secret), known: tc.known,
				log: slog.New(slog.DiscardHandler), count: &transport.Counter{}, odd: &atomic.Int64{},
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.run("NOOP"); err != nil {
				t.Error(err)
			}
			_ = c.close()
			if said := <-heard; !strings.Contains(said, " "+tc.verb+" ") {
				t.Errorf("%q, want %s", said, tc.verb)
			}
			if got := <-ahead; got != tc.ahead {
				t.Errorf("more was sent with it: %t", got)
			}
		})
	}
}
