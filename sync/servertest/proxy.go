// SPDX-License-Identifier: EUPL-1.2

package servertest

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// ProxyServer passes TCP connections on to a server, and breaks or slows them down on request. All settings may be
// changed at any time and hold for open connections too.
type ProxyServer struct {
	Addr string
	Up   atomic.Int64 // octets passed to the server
	Down atomic.Int64 // octets passed to the client
	// Connections counts what the clients opened.
	Connections atomic.Int64
	// Turns counts how often a client spoke again after the server had: at least so many round trips were waited for.
	Turns atomic.Int64

	target   string
	listener net.Listener
	delay    atomic.Int64
	rate     atomic.Int64
	cutUp    atomic.Int64
	cutDown  atomic.Int64
	refuse   atomic.Bool
	hole     atomic.Bool
	hidden   atomic.Pointer[hidden]
	mu       sync.Mutex
	open     map[net.Conn]struct{}
	closed   bool
	done     chan struct{}
}

// Proxy starts a proxy to target ("host:port") for the test.
func Proxy(t testing.TB, target string) *ProxyServer {
	t.Helper()
	p, err := StartProxy(target)
	check(t, err)
	t.Cleanup(p.Close)
	return p
}

// StartProxy starts a proxy to target ("host:port").
func StartProxy(target string) (*ProxyServer, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &ProxyServer{
		Addr: l.Addr().String(), target: target, listener: l, open: map[net.Conn]struct{}{}, done: make(chan struct{}),
	}
	p.cutUp.Store(-1)
	p.cutDown.Store(-1)
	go p.accept()
	return p, nil
}

// Delay holds every octet back by d in each direction: a round trip takes 2d longer, and so does a new connection.
func (p *ProxyServer) Delay(d time.Duration) { p.delay.Store(int64(d)) }

// Rate lets no more than so many octets a second pass in each direction of a connection; 0 for no bound.
func (p *ProxyServer) Rate(octets int) { p.rate.Store(int64(octets)) }

// CutUp breaks the connection that carries the n-th octet to the server from now on; later connections work again.
func (p *ProxyServer) CutUp(n int64) { p.cutUp.Store(n) }

// CutDown breaks the connection that carries the n-th octet to the client from now on; later connections work again.
func (p *ProxyServer) CutDown(n int64) { p.cutDown.Store(n) }

// Refuse closes every connection, and new ones as soon as they are made.
func (p *ProxyServer) Refuse(on bool) {
	p.refuse.Store(on)
	if on {
		p.Drop()
	}
}

// Blackhole swallows all octets in both directions without closing anything, as a lost radio link does. What was
// swallowed does not come back; connections from that time stay silent.
func (p *ProxyServer) Blackhole(on bool) { p.hole.Store(on) }

// Drop breaks all connections.
func (p *ProxyServer) Drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		reset(c)
	}
}

// Close ends the proxy.
func (p *ProxyServer) Close() {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		close(p.done)
	}
	p.mu.Unlock()
	_ = p.listener.Close()
	p.Drop()
}

// reset closes a connection so that the peer sees it break rather than end.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

func (p *ProxyServer) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.Connections.Add(1)
		if p.refuse.Load() {
			reset(c)
			continue
		}
		go p.serve(c)
	}
}

// track notes an open connection; false if the proxy has ended.
func (p *ProxyServer) track(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.open[c] = struct{}{}
	return true
}

func (p *ProxyServer) forget(c net.Conn) {
	p.mu.Lock()
	delete(p.open, c)
	p.mu.Unlock()
}

func (p *ProxyServer) serve(client net.Conn) {
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		reset(client)
		return
	}
	if !p.track(client) || !p.track(server) {
		reset(client)
		reset(server)
	}
	p.wait(2 * time.Duration(p.delay.Load()))
	var both sync.WaitGroup
	up, down := asItIs, asItIs
	if h := p.hidden.Load(); h != nil {
		up, down = h.up, (&filter{h: h}).down
	}
	turned := &turns{count: &p.Turns}
	both.Go(func() { p.pass(server, client, &p.Up, &p.cutUp, turned.up(up)) })
	both.Go(func() { p.pass(client, server, &p.Down, &p.cutDown, turned.down(down)) })
	both.Wait()
	p.forget(client)
	p.forget(server)
	_ = client.Close()
	_ = server.Close()
}

func asItIs(data []byte) []byte { return data }

// turns notes who of a connection spoke last.
type turns struct {
	count  *atomic.Int64
	server atomic.Bool
}

func (t *turns) up(change func([]byte) []byte) func([]byte) []byte {
	return func(data []byte) []byte {
		if t.server.Swap(false) {
			t.count.Add(1)
		}
		return change(data)
	}
}

func (t *turns) down(change func([]byte) []byte) func([]byte) []byte {
	return func(data []byte) []byte {
		t.server.Store(true)
		return change(data)
	}
}

// packet is a piece of a stream and when it may be passed on.
type packet struct {
	data []byte
	due  time.Time
}

// pass moves octets from src to dst. Reading and writing are apart, so that a delay does not limit the throughput.
func (p *ProxyServer) pass(dst, src net.Conn, count, cut *atomic.Int64, change func([]byte) []byte) {
	queue := make(chan packet, 4096)
	ended := false // in order; to be read when the queue is closed
	go func() {
		defer close(queue)
		for {
			buf := make([]byte, p.piece())
			n, err := src.Read(buf)
			if n > 0 && !p.hole.Load() {
				queue <- packet{buf[:n], time.Now().Add(time.Duration(p.delay.Load()))}
			}
			if err != nil {
				ended = errors.Is(err, io.EOF)
				return
			}
		}
	}()
	failed := false
	for pk := range queue {
		if failed {
			continue // drain, so that the reader ends
		}
		p.wait(time.Until(pk.due))
		if rate := p.rate.Load(); rate > 0 {
			p.wait(time.Duration(len(pk.data)) * time.Second / time.Duration(rate))
		}
		data, broken := limit(cut, change(pk.data))
		n, err := dst.Write(data)
		count.Add(int64(n))
		if err != nil || broken {
			failed = true
			reset(src)
			if broken {
				reset(dst)
			}
		}
	}
	switch {
	case failed:
	case ended:
		halfClose(dst)
	default:
		reset(dst)
	}
}

// piece is how many octets are passed on at once: few on a slow line, so that they come steadily.
func (p *ProxyServer) piece() int {
	if rate := p.rate.Load(); rate > 0 {
		return int(max(1, rate/20))
	}
	return 32 << 10
}

// wait sleeps, but not longer than the proxy lives.
func (p *ProxyServer) wait(d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-p.done:
	}
}

// limit takes from the octets left until the cut, and reports whether the cut is here.
func limit(cut *atomic.Int64, data []byte) ([]byte, bool) {
	for {
		left := cut.Load()
		if left < 0 {
			return data, false
		}
		take := min(left, int64(len(data)))
		next := left - take
		if next == 0 {
			next = -1
		}
		if cut.CompareAndSwap(left, next) {
			return data[:take], next == -1
		}
	}
}

// halfClose tells the peer that no more octets come.
func halfClose(c net.Conn) {
	if w, ok := c.(interface{ CloseWrite() error }); ok {
		_ = w.CloseWrite()
	}
}
