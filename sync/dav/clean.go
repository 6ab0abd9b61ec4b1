// SPDX-License-Identifier: EUPL-1.2

package dav

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
	"sync"
	"unicode/utf8"
)

// cleaner takes out of a stream what XML 1.0 forbids (section 2.2): control characters, also as numeric references, and
// bytes that are not UTF-8. Servers pass on such names and descriptions unchanged, and one of them would end the listing.
type cleaner struct {
	r    *bufio.Reader
	rest []byte // of a character whose first octet was given out
	buf  [utf8.UTFMax]byte
}

// readers are shared by the answers that are read: one for each at a time.
var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 64<<10) }}

func newCleaner(r io.Reader) *cleaner {
	c := &cleaner{r: readers.Get().(*bufio.Reader)}
	c.r.Reset(r)
	return c
}

// close gives the buffer back; nothing may be read afterwards.
func (c *cleaner) close() {
	c.r.Reset(nil)
	readers.Put(c.r)
	c.r = nil
}

// ReadByte is part of io.ByteReader, which the XML decoder reads by.
func (c *cleaner) ReadByte() (byte, error) {
	if len(c.rest) > 0 {
		b := c.rest[0]
		c.rest = c.rest[1:]
		return b, nil
	}
	b, err := c.r.ReadByte()
	switch {
	case err != nil:
		return 0, err
	case b == '&':
		return c.reference()
	case b >= utf8.RuneSelf:
		return c.character()
	case b < ' ' && b != '\t' && b != '\n' && b != '\r':
		return ' ', nil
	}
	return b, nil
}

// Read is part of io.Reader.
func (c *cleaner) Read(p []byte) (int, error) {
	for i := range p {
		b, err := c.ReadByte()
		if err != nil {
			return i, err
		}
		p[i] = b
	}
	return len(p), nil
}

// reference lets a numeric reference pass unless it stands for a forbidden character.
func (c *cleaner) reference() (byte, error) {
	ahead, _ := c.r.Peek(10) // fewer at the end of the stream
	end := bytes.IndexByte(ahead, ';')
	if end < 2 || ahead[0] != '#' {
		return '&', nil
	}
	digits, base := string(ahead[1:end]), 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseInt(digits, base, 32)
	if err == nil && allowed(rune(n)) {
		return '&', nil
	}
	if _, err := c.r.Discard(end + 1); err != nil {
		return 0, err
	}
	return ' ', nil
}

// character lets a character of several octets pass, and puts a question mark in the place of an invalid octet.
func (c *cleaner) character() (byte, error) {
	if err := c.r.UnreadByte(); err != nil {
		return 0, err
	}
	r, size, err := c.r.ReadRune()
	if err != nil {
		return 0, err
	}
	if (r == utf8.RuneError && size == 1) || !allowed(r) {
		return '?', nil
	}
	n := utf8.EncodeRune(c.buf[:], r)
	c.rest = c.buf[1:n]
	return c.buf[0], nil
}

func allowed(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || (r >= ' ' && r <= 0xD7FF) || (r >= 0xE000 && r <= 0xFFFD) || (r >= 0x10000 && r <= utf8.MaxRune)
}
