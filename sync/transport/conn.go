// SPDX-License-Identifier: EUPL-1.2

package transport

import (
	"context"
	"net"
	"sync/atomic"
	"time"
)

// Limits of a connection: how long to wait for it, and how long it may be silent while an answer is awaited.
const (
	DialTimeout = 20 * time.Second
	IdleTimeout = 90 * time.Second
)

// Counter counts the octets of connections. It is safe for use by several goroutines.
type Counter struct{ Read, Written atomic.Int64 }

// Dial connects to addr ("host:port") over TCP. The connection breaks once no octet came or went for IdleTimeout
// although one was awaited; deadlines that libraries set for whole answers are ignored, because a large mail on a slow
// line is not an error. SetIdle changes that bound.
func Dial(ctx context.Context, addr string, count *Counter) (*Conn, error) {
	d := net.Dialer{Timeout: DialTimeout, KeepAlive: 30 * time.Second}
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	if count == nil {
		count = &Counter{}
	}
	conn := &Conn{Conn: c, count: count}
	conn.SetIdle(IdleTimeout)
	return conn, nil
}

// Conn is a TCP connection with an idle deadline and counters.
type Conn struct {
	net.Conn
	idle  atomic.Int64
	count *Counter
}

// SetIdle sets how long the connection may be silent during a read or write; 0 for no bound.
func (c *Conn) SetIdle(d time.Duration) { c.idle.Store(int64(d)) }

// Idle tells that bound.
func (c *Conn) Idle() time.Duration { return time.Duration(c.idle.Load()) }

func (c *Conn) deadline() time.Time {
	if d := c.Idle(); d > 0 {
		return time.Now().Add(d)
	}
	return time.Time{}
}

// Read is part of net.Conn.
func (c *Conn) Read(b []byte) (int, error) {
	if err := c.Conn.SetReadDeadline(c.deadline()); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(b)
	c.count.Read.Add(int64(n))
	return n, err
}

// Write is part of net.Conn.
func (c *Conn) Write(b []byte) (int, error) {
	if err := c.Conn.SetWriteDeadline(c.deadline()); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(b)
	c.count.Written.Add(int64(n))
	return n, err
}

// SetDeadline does nothing: see Dial.
func (c *Conn) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing: see Dial.
func (c *Conn) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing: see Dial.
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }
