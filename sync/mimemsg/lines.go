// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// source reads a message once, from front to back, and stops readers of a part at the boundaries around it.
type source struct {
	r      *bufio.Reader
	bounds [][]byte // "--boundary" of the multiparts around the current place, outermost first
	start  bool     // at the start of a line
	// Once a boundary is met, hit is its index in bounds and closing tells whether it ends its multipart; eof is past the end.
	hit     int
	closing bool
	atBound bool
	eof     bool
	err     error
}

func newSource(r io.Reader) *source {
	return &source{r: bufio.NewReaderSize(r, 32<<10), start: true}
}

// line gives the next line with its end, or a piece of a very long one; false at a boundary or the end.
// The slice is valid until the next call.
func (s *source) line() ([]byte, bool) {
	if s.atBound || s.eof {
		return nil, false
	}
	b, err := s.r.ReadSlice('\n')
	if len(b) == 0 {
		s.eof = true
		if !errors.Is(err, io.EOF) {
			s.err = err
		}
		return nil, false
	}
	if s.start && len(b) > 2 && b[0] == '-' && b[1] == '-' && s.isBoundary(b) {
		s.atBound = true
		return nil, false
	}
	s.start = b[len(b)-1] == '\n'
	return b, true
}

// isBoundary compares a line with the boundaries, innermost first: an outer one ends inner parts that were never closed.
func (s *source) isBoundary(b []byte) bool {
	text := bytes.TrimRight(b, " \t\r\n")
	for i := len(s.bounds) - 1; i >= 0; i-- {
		rest, ok := bytes.CutPrefix(text, s.bounds[i])
		if ok && (len(rest) == 0 || bytes.Equal(rest, []byte("--"))) {
			s.hit, s.closing = i, len(rest) > 0
			return true
		}
	}
	return false
}

// resume goes on after a boundary.
func (s *source) resume() { s.atBound, s.start = false, true }

// header reads a header block up to its empty line. A block that the end or a boundary cuts off is what there is.
func (s *source) header() []byte {
	var out []byte
	whole := true // the line before was complete
	for {
		b, ok := s.line()
		if !ok {
			return out
		}
		if whole && len(bytes.TrimRight(b, "\r\n")) == 0 {
			return out
		}
		whole = s.start
		if len(out)+len(b) <= maxHeader {
			out = append(out, b...)
		}
	}
}

// body reads the octets of the current part. The line end before a boundary belongs to the boundary (RFC 2046, section 5.1.1).
type body struct {
	s    *source
	rest []byte // not yet given
	held []byte // a line end that may belong to a boundary
	buf  []byte
}

// Read is part of io.Reader.
func (p *body) Read(dst []byte) (int, error) {
	for len(p.rest) == 0 {
		b, ok := p.s.line()
		if !ok {
			if p.s.eof && len(p.held) > 0 { // no boundary followed: the line end was content
				p.rest, p.held = p.held, nil
				continue
			}
			if p.s.err != nil {
				return 0, p.s.err
			}
			return 0, io.EOF
		}
		n := len(b) - len(lineEnd(b))
		if len(p.held) > 0 {
			p.buf = append(append(p.buf[:0], p.held...), b[:n]...)
			p.rest = p.buf
		} else {
			p.rest = b[:n]
		}
		p.held = append(p.held[:0], b[n:]...)
	}
	n := copy(dst, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

func lineEnd(b []byte) []byte {
	switch {
	case bytes.HasSuffix(b, []byte("\r\n")):
		return b[len(b)-2:]
	case bytes.HasSuffix(b, []byte("\n")):
		return b[len(b)-1:]
	}
	return nil
}
