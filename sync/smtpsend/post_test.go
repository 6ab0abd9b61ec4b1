// SPDX-License-Identifier: EUPL-1.2

package smtpsend

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"kontor/storage"
	"kontor/sync/servertest"
)

// post is a server whose every answer can be chosen and whose first connection can be cut at any octet. It counts what it
// has delivered to whom.
type post struct {
	addr string

	mu        sync.Mutex
	ext       []string          // what EHLO offers
	answers   map[string]string // by the beginning of a command line, or "." for the end of a message
	cutIn     int               // octets that are still read, -1 for no end
	cutOut    int               // octets that are still written, likewise
	conns     int
	lines     []string       // of all conversations, without messages
	delivered map[string]int // messages by recipient
	bodies    []string
	invited   bool // 354 was said completely
	hooks     map[string]func()
}

// at calls fn once, before the first answer to a line that begins like this.
func (p *post) at(line string, fn func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hooks = map[string]func(){line: fn}
}

// hook runs what was asked for at a line.
func (p *post) hook(line string) {
	p.mu.Lock()
	var run func()
	for start, fn := range p.hooks {
		if strings.HasPrefix(line, start) {
			run, p.hooks = fn, nil
		}
	}
	p.mu.Unlock()
	if run != nil {
		run()
	}
}

var usual = []string{"PIPELINING", "SIZE 1000000", "8BITMIME", "DSN", "ENHANCEDSTATUSCODES"}

func newPost(t testing.TB) *post {
	t.Helper()
	p := &post{}
	p.reset(usual, nil)
	p.addr = servertest.Listen(t, p.serve)
	return p
}

func (p *post) account() storage.Account { return storage.Account{SMTPURL: "smtp://" + p.addr} }

// reset forgets everything.
func (p *post) reset(ext []string, answers map[string]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ext, p.answers, p.cutIn, p.cutOut, p.conns, p.lines, p.bodies, p.invited = ext, answers, -1, -1, 0, nil, nil, false
	p.delivered = map[string]int{}
}

func (p *post) cut(in, out int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cutIn, p.cutOut = in, out
}

func (p *post) got() (delivered map[string]int, lines []string, conns int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delivered = map[string]int{}
	for to, n := range p.delivered {
		delivered[to] = n
	}
	return delivered, append([]string(nil), p.lines...), p.conns
}

// Read is part of io.Reader for one conversation.
type postConn struct {
	net.Conn
	in, out int
}

func (c *postConn) Read(b []byte) (int, error) {
	if c.in == 0 {
		_ = c.Close()
		return 0, io.EOF
	}
	if c.in > 0 {
		b = b[:min(len(b), c.in)]
	}
	n, err := c.Conn.Read(b)
	if c.in > 0 {
		c.in -= n
	}
	return n, err
}

func (c *postConn) Write(b []byte) (int, error) {
	if c.out < 0 {
		return c.Conn.Write(b)
	}
	n, err := c.Conn.Write(b[:min(len(b), c.out)])
	if c.out -= n; err == nil && n < len(b) {
		_ = c.Close()
		err = io.ErrShortWrite
	}
	return n, err
}

func (p *post) serve(raw net.Conn) {
	p.mu.Lock()
	c := &postConn{raw, p.cutIn, p.cutOut}
	p.cutIn, p.cutOut = -1, -1
	p.conns++
	p.mu.Unlock()
	defer raw.Close() //nolint:errcheck // a test
	br := bufio.NewReader(c)
	var to []string
	for line := "connect"; ; {
		answer := p.answer(line)
		verb, _, _ := strings.Cut(strings.ToUpper(line), ":")
		switch {
		case strings.HasPrefix(verb, "RSET"), strings.HasPrefix(verb, "MAIL"):
			to = nil
		case strings.HasPrefix(verb, "RCPT") && answer[0] == '2':
			addr, _, _ := strings.Cut(line, ">")
			to = append(to, strings.TrimPrefix(addr, "RCPT TO:<"))
		case verb == "DATA" && answer[0] == '3' && len(to) == 0 && p.chosen("DATA") == "":
			answer = "554 5.5.1 no valid recipients\r\n"
		}
		if _, err := io.WriteString(c, answer); err != nil || verb == "QUIT" {
			return
		}
		if verb == "DATA" && answer[0] == '3' {
			if !p.message(c, br, to) {
				return
			}
		}
		next, err := br.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(next, "\r\n")
	}
}

// message takes the octets of a message and says what came of it.
func (p *post) message(c io.Writer, br *bufio.Reader, to []string) bool {
	p.mu.Lock()
	p.invited = true
	p.mu.Unlock()
	var body strings.Builder
	for {
		line, err := br.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		body.WriteString(strings.TrimPrefix(line, "."))
	}
	answer := p.answer(".")
	if answer[0] == '2' {
		p.mu.Lock()
		for _, addr := range to {
			p.delivered[addr]++
		}
		p.bodies = append(p.bodies, body.String())
		p.mu.Unlock()
	}
	_, err := io.WriteString(c, answer)
	return err == nil
}

func (p *post) chosen(line string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for start, answer := range p.answers {
		if strings.HasPrefix(line, start) {
			return answer + "\r\n"
		}
	}
	return ""
}

func (p *post) answer(line string) string {
	p.hook(line)
	chosen := p.chosen(line)
	p.mu.Lock()
	defer p.mu.Unlock()
	if line != "connect" && line != "." {
		p.lines = append(p.lines, line)
	}
	verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
	switch {
	case chosen != "":
		return chosen
	case verb == "CONNECT":
		return "220 post\r\n"
	case verb == "EHLO":
		var out strings.Builder
		out.WriteString("250-post\r\n")
		for _, e := range p.ext {
			fmt.Fprintf(&out, "250-%s\r\n", e)
		}
		return out.String() + "250 HELP\r\n"
	case verb == "DATA":
		return "354 go on\r\n"
	case verb == ".":
		return "250 2.0.0 Ok: queued as 4ABC\r\n"
	}
	return "250 2.1.0 Ok\r\n"
}
