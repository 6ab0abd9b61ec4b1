// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/flate"

	"kontor/sync/reconcile"
)

// lineMeter measures the way to the server.
type lineMeter struct {
	turns  *atomic.Int64 // of all connections: how often something was sent and an answer waited for
	trip   time.Duration // the shortest turn so far: a round trip takes no longer
	trips  int           // how many turns that is the shortest of
	octets int64         // of literals
	waited time.Duration // for these octets
	bulk   bool          // a literal is being read: the server has begun to answer
	sent   time.Time     // when the turn began whose answer is waited for
}

// turn notes that something was sent.
func (m *lineMeter) turn() {
	if m.turns != nil {
		m.turns.Add(1)
	}
	m.sent = time.Now()
}

// read notes what one look at the connection brought.
func (m *lineMeter) read(n int, took time.Duration) {
	if !m.sent.IsZero() {
		m.tripped(time.Since(m.sent))
		m.sent = time.Time{}
	}
	if m.bulk {
		m.octets += int64(n)
		m.waited += took
	}
}

func (m *lineMeter) tripped(d time.Duration) {
	m.trips++
	if m.trip == 0 || d < m.trip {
		m.trip = d
	}
}

func (m *lineMeter) line() reconcile.MailLine {
	return reconcile.MailLine{RoundTrip: m.trip, Turns: m.trips, Octets: m.octets, Waited: m.waited}
}

// meteredReader measures reading from r.
type meteredReader struct {
	r io.Reader
	m *lineMeter
}

// Read is part of io.Reader.
func (r meteredReader) Read(b []byte) (int, error) {
	start := time.Now()
	n, err := r.r.Read(b)
	r.m.read(n, time.Since(start))
	return n, err
}

// compress switches compression on (RFC 4978). Nothing may be on its way.
func (c *client) compress() error {
	if c.squeezed || !c.has("COMPRESS=DEFLATE") {
		return nil
	}
	if _, err := c.run("COMPRESS DEFLATE"); refused(err) {
		c.squeezed = true // not to be asked again
		return nil
	} else if err != nil {
		return fmt.Errorf("compress: %w", err)
	}
	w, err := flate.NewWriter(c.bw, flate.BestSpeed)
	if err != nil {
		return fmt.Errorf("compress: %w", err)
	}
	c.squeezed = true
	inner := c.br // what it has read already is compressed
	c.raw = flate.NewReader(inner)
	c.br = bufio.NewReaderSize(c.raw, 64<<10)
	c.bw = bufio.NewWriterSize(deflated{w, c.bw}, 16<<10)
	return nil
}

// deflated compresses and sends all that is written at once.
type deflated struct {
	w  *flate.Writer
	to *bufio.Writer
}

// Write is part of io.Writer.
func (d deflated) Write(b []byte) (int, error) {
	n, err := d.w.Write(b)
	return n, errors.Join(err, d.w.Flush(), d.to.Flush())
}
