// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Protocol names one of the servers.
type Protocol string

// The servers.
const (
	IMAP  Protocol = "imap"
	SMTP  Protocol = "smtp"
	Files Protocol = "files"
	Tasks Protocol = "tasks"
)

// Protocols are all servers in the order of their ports.
var Protocols = []Protocol{IMAP, SMTP, Files, Tasks}

// Faults are what a server does wrong. The zero value is a server that works.
type Faults struct {
	Down         bool          // every connection is reset, old and new
	Latency      time.Duration // how long each answer is held back
	CutAfter     int64         // a connection is reset once it sent this many octets; 0 for never
	CutUpload    int64         // a connection is reset once it received this many octets; 0 for never
	Status       int           // each request fails with this HTTP status; IMAP and SMTP report a temporary error
	Precondition bool          // each conditional request of Files and Tasks is answered with 412
	LoseAnswer   bool          // changes are carried out, but the connection is reset in place of the answer
}

// errLost is what a server's own handler sees once its connection was cut on purpose.
var errLost = errors.New("the connection was cut")

// gate is the listener of one server with its faults.
type gate struct {
	net.Listener
	faults atomic.Pointer[Faults]
	mu     sync.Mutex
	conns  map[*gateConn]struct{}
}

func newGate(l net.Listener) *gate {
	g := &gate{Listener: l, conns: map[*gateConn]struct{}{}}
	g.faults.Store(&Faults{})
	return g
}

func (g *gate) get() Faults { return *g.faults.Load() }

func (g *gate) set(f Faults) {
	g.faults.Store(&f)
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.conns {
		if f.Down {
			c.reset()
			continue
		}
		c.sent.Store(0)
		c.received.Store(0)
	}
}

// resetAll breaks every open connection.
func (g *gate) resetAll() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.conns {
		c.reset()
	}
}

// Accept is part of net.Listener.
func (g *gate) Accept() (net.Conn, error) {
	for {
		c, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		gc := &gateConn{Conn: c, gate: g}
		g.mu.Lock()
		if g.get().Down {
			g.mu.Unlock()
			gc.reset()
			continue
		}
		g.conns[gc] = struct{}{}
		g.mu.Unlock()
		return gc, nil
	}
}

// gateConn is one connection with its faults.
type gateConn struct {
	net.Conn
	gate           *gate
	sent, received atomic.Int64
	mute           atomic.Bool // nothing more is sent: the answer is to be lost
	asked          atomic.Bool // something was received since the last answer began
}

// reset ends the connection with a TCP reset, so that the client cannot take it for an orderly end.
func (c *gateConn) reset() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Conn.Close()
}

// Close is part of net.Conn.
func (c *gateConn) Close() error {
	c.gate.mu.Lock()
	delete(c.gate.conns, c)
	c.gate.mu.Unlock()
	return c.Conn.Close()
}

// Read is part of net.Conn.
func (c *gateConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.asked.Store(true)
	if limit := c.gate.get().CutUpload; limit > 0 && c.received.Add(int64(n)) > limit {
		c.reset()
		return 0, errLost
	}
	return n, err
}

// Write is part of net.Conn.
func (c *gateConn) Write(b []byte) (int, error) {
	f := c.gate.get()
	if f.Latency > 0 && c.asked.Swap(false) {
		time.Sleep(f.Latency)
	}
	if c.mute.Load() {
		c.reset()
		return 0, errLost
	}
	if f.CutAfter > 0 {
		left := f.CutAfter - c.sent.Load()
		if left < int64(len(b)) {
			n, _ := c.Conn.Write(b[:max(left, 0)])
			c.sent.Add(int64(n))
			_ = c.Close() // an orderly end, so that what was sent arrives
			return n, errLost
		}
	}
	n, err := c.Conn.Write(b)
	c.sent.Add(int64(n))
	return n, err
}

// loseAnswer makes a connection end in place of its next answer.
func loseAnswer(c net.Conn) {
	if gc, ok := c.(*gateConn); ok {
		gc.mute.Store(true)
	}
}

// cut resets a connection at once.
func cut(c net.Conn) {
	if gc, ok := c.(*gateConn); ok {
		gc.reset()
	}
	_ = c.Close()
}

// faulty wraps an HTTP handler with the faults that are about requests.
func (g *gate) faulty(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := g.get()
		switch {
		case f.Status != 0:
			if f.Status == http.StatusServiceUnavailable || f.Status == http.StatusTooManyRequests {
				w.Header().Set("Retry-After", "1")
			}
			http.Error(w, http.StatusText(f.Status), f.Status)
			return
		case f.Precondition && (r.Header.Get("If-Match") != "" || r.Header.Get("If-None-Match") != "") && r.Method != http.MethodGet:
			http.Error(w, "Precondition Failed", http.StatusPreconditionFailed)
			return
		case f.LoseAnswer && changes(r.Method):
			next.ServeHTTP(&silent{header: http.Header{}}, r)
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				cut(conn)
			}
			return
		}
		next.ServeHTTP(w, r)
	})
}

func changes(method string) bool {
	switch method {
	case "PUT", "DELETE", "MOVE", "COPY", "MKCOL", "MKCALENDAR", "PROPPATCH", "POST":
		return true
	}
	return false
}

// silent is a response that nobody hears.
type silent struct{ header http.Header }

func (s *silent) Header() http.Header         { return s.header }
func (s *silent) Write(b []byte) (int, error) { return len(b), nil }
func (s *silent) WriteHeader(int)             {}
