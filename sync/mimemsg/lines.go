// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"sync"
)

// window is how much of a message is looked at without having been read: enough for any line that a server takes, and
// for guesses at what a broken message means.
const window = 32 << 10

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

var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, window) }}

// newSource takes a byte order mark and empty lines in front of the header away, and reads a message with the line ends
// of an old Macintosh.
func newSource(r io.Reader) *source {
	br, ok := readers.Get().(*bufio.Reader)
	if !ok {
		br = bufio.NewReaderSize(nil, window)
	}
	br.Reset(r)
	s := &source{r: br, start: true}
	head := s.peek()
	if bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		br = bufio.NewReaderSize(&bareCR{r: br}, window)
		s.r = br
		head = s.peek()
	}
	skip := 0
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		skip = 3
	}
	blank := len(head[skip:]) - len(bytes.TrimLeft(head[skip:], "\r\n"))
	if blank > 0 && beginsHeader(head[skip+blank:]) {
		skip += blank
	}
	s.discard(skip)
	return s
}

// peek shows what comes next, as much as fits the window.
func (s *source) peek() []byte {
	head, err := s.r.Peek(window)
	if err != nil {
		return head // an error comes again with the next read
	}
	return head
}

func (s *source) discard(n int) {
	if _, err := s.r.Discard(n); err != nil {
		s.eof = true // cannot be: the octets were in the window
	}
}

// release gives the buffer back, once nothing reads from the source any more.
func (s *source) release() {
	if s.r.Size() == window {
		s.r.Reset(nil)
		readers.Put(s.r)
	}
}

// beginsHeader reports whether text begins with a field that messages begin with.
func beginsHeader(b []byte) bool {
	colon := bytes.IndexByte(b[:min(len(b), 64)], ':')
	if colon <= 0 {
		return false
	}
	name := b[:colon]
	return fieldOf(name) != fieldOther || equalFold(name, "received") || equalFold(name, "return-path") || equalFold(name, "mime-version") ||
		equalFold(name, "delivered-to") || hasPrefixFold(name, "x-")
}

// bareCR makes line feeds of carriage returns.
type bareCR struct{ r io.Reader }

// Read is part of io.Reader.
func (c *bareCR) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	for i, octet := range b[:n] {
		if octet == '\r' {
			b[i] = '\n'
		}
	}
	return n, err
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

// skip passes over the rest of a part. It looks at what could be a boundary and at nothing else, which makes attachments
// that nobody asked for cost next to nothing.
func (s *source) skip() {
	for !s.atBound && !s.eof {
		if !s.start || s.next('-') {
			s.line()
			continue
		}
		buf, err := s.r.Peek(max(s.r.Buffered(), 1))
		if err != nil {
			s.line() // the end, or a failure
			continue
		}
		n := bytes.Index(buf, []byte("\n--"))
		if n < 0 { // up to the last line end, so that the line after it is looked at as a whole
			n = bytes.LastIndexByte(buf, '\n')
		}
		if n < 0 {
			s.line()
			continue
		}
		s.discard(n + 1)
	}
}

// next reports whether the octet that comes next is c.
func (s *source) next(c byte) bool {
	b, err := s.r.Peek(1)
	return err == nil && b[0] == c
}

// header reads a header block up to its empty line. A block that the end, a boundary, or a line that begins as one cuts
// off is what there is.
func (s *source) header() []byte {
	var out []byte
	whole := true // the line before was complete
	for {
		if whole && len(out) > 0 && s.next('-') && s.missesEmptyLine() {
			return out
		}
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

// missesEmptyLine reports whether a delimiter comes next, in the middle of a header.
func (s *source) missesEmptyLine() bool {
	b, err := s.r.Peek(3)
	return err == nil && bytes.HasPrefix(b, []byte("--")) && b[2] > ' '
}

// body reads the octets of the current part. The line end before a boundary belongs to the boundary (RFC 2046, section 5.1.1).
type body struct {
	s    *source
	rest []byte // not yet given
	held []byte // a line end that may belong to a boundary
	buf  []byte
}

// Read is part of io.Reader. It gives as many whole lines as there is room for.
func (p *body) Read(dst []byte) (int, error) {
	n := 0
	for n < len(dst) {
		if len(p.rest) > 0 {
			m := copy(dst[n:], p.rest)
			p.rest = p.rest[m:]
			n += m
			continue
		}
		b, ok := p.s.line()
		if !ok {
			if p.s.eof && len(p.held) > 0 { // no boundary followed: the line end was content
				p.buf = append(p.buf[:0], p.held...)
				p.rest, p.held = p.buf, p.held[:0]
				continue
			}
			if n > 0 {
				return n, nil
			}
			if p.s.err != nil {
				return 0, p.s.err
			}
			return 0, io.EOF
		}
		end := len(b) - len(lineEnd(b))
		if len(p.held)+end <= len(dst)-n { // the usual case: no copy in between
			n += copy(dst[n:], p.held)
			n += copy(dst[n:], b[:end])
		} else {
			p.buf = append(append(p.buf[:0], p.held...), b[:end]...)
			p.rest = p.buf
		}
		p.held = append(p.held[:0], b[end:]...)
	}
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
