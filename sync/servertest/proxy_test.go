// SPDX-License-Identifier: EUPL-1.2

package servertest_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"kontor/sync/servertest"
)

// echo is a server that sends back what it gets.
func echo(t *testing.T) string {
	t.Helper()
	return servertest.Listen(t, func(c net.Conn) { _, _ = io.Copy(c, c) })
}

func dial(t *testing.T, p *servertest.ProxyServer) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// ask sends n octets and gives how many came back.
func ask(c net.Conn, n int) (int, error) {
	go func() { _, _ = c.Write(bytes.Repeat([]byte("x"), n)) }()
	return io.ReadFull(c, make([]byte, n))
}

// reach makes a connection and uses it. One that is broken at once may not even come about.
func reach(p *servertest.ProxyServer) error {
	c, err := net.Dial("tcp", p.Addr)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = ask(c, 10)
	return err
}

func TestProxyPassesAndCounts(t *testing.T) {
	t.Parallel()
	p := servertest.Proxy(t, echo(t))
	c := dial(t, p)
	if n, err := ask(c, 1<<20); err != nil {
		t.Fatalf("%d octets: %v", n, err)
	}
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("after closing one direction: %v, want EOF", err)
	}
	if p.Up.Load() != 1<<20 || p.Down.Load() != 1<<20 || p.Connections.Load() != 1 {
		t.Errorf("up %d, down %d, connections %d", p.Up.Load(), p.Down.Load(), p.Connections.Load())
	}
}

func TestProxyDelays(t *testing.T) {
	t.Parallel()
	p := servertest.Proxy(t, echo(t))
	c := dial(t, p)
	p.Delay(30 * time.Millisecond)
	start := time.Now()
	if _, err := ask(c, 10); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < 60*time.Millisecond {
		t.Errorf("a round trip took %v, want 60 ms at least", took)
	}
}

func TestProxyIsSlow(t *testing.T) {
	t.Parallel()
	p := servertest.Proxy(t, echo(t))
	c := dial(t, p)
	p.Rate(20_000)
	start := time.Now()
	if n, err := ask(c, 4000); err != nil {
		t.Fatalf("%d octets: %v", n, err)
	}
	if took := time.Since(start); took < 150*time.Millisecond {
		t.Errorf("4,000 octets at 20,000 a second took %v", took)
	}
	p.Rate(0)
	if n, err := ask(c, 1<<20); err != nil {
		t.Errorf("after that: %d octets, %v", n, err)
	}
}

func TestProxyCuts(t *testing.T) {
	t.Parallel()
	p := servertest.Proxy(t, echo(t))
	p.CutDown(1000)
	if n, err := ask(dial(t, p), 5000); err == nil || n > 1000 {
		t.Errorf("cut while answering: %d octets, %v", n, err)
	}
	p.CutUp(700)
	if n, err := ask(dial(t, p), 5000); err == nil || n > 700 {
		t.Errorf("cut while asking: %d octets, %v", n, err)
	}
	if n, err := ask(dial(t, p), 5000); err != nil {
		t.Errorf("after the cut: %d octets, %v", n, err)
	}
}

func TestProxyRefuses(t *testing.T) {
	t.Parallel()
	p := servertest.Proxy(t, echo(t))
	c := dial(t, p)
	if _, err := ask(c, 10); err != nil {
		t.Fatal(err)
	}
	p.Refuse(true)
	if _, err := ask(c, 10); err == nil {
		t.Error("an open connection lived on")
	}
	if err := reach(p); err == nil {
		t.Error("a new connection worked")
	}
	p.Refuse(false)
	if _, err := ask(dial(t, p), 10); err != nil {
		t.Error(err)
	}
}

func TestProxySwallows(t *testing.T) {
	t.Parallel()
	p := servertest.Proxy(t, echo(t))
	c := dial(t, p)
	p.Blackhole(true)
	if err := c.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := ask(c, 10); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%v, want silence", err)
	}
	p.Blackhole(false)
	if _, err := ask(dial(t, p), 10); err != nil {
		t.Error(err)
	}
}
