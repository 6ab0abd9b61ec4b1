// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"time"
)

// Finish makes a message that somebody else wrote fit to be sent: line ends are CRLF, Bcc is gone, Message-ID, Date and
// From are there. The header is given as it was, Bcc included.
func Finish(eml []byte, sender string, now time.Time) ([]byte, Header) {
	raw := CRLF(eml)
	if bytes.HasPrefix(raw, []byte("From ")) { // the separator of an mbox
		if i := bytes.IndexByte(raw, '\n'); i >= 0 {
			raw = raw[i+1:]
		}
	}
	end := bytes.Index(raw, []byte("\r\n\r\n"))
	if end < 0 {
		raw = append(bytes.TrimRight(raw, "\r\n"), "\r\n\r\n"...)
		end = len(raw) - 4
	}
	head, h := finishHeader(raw[:end+2], sender, now)
	return append(head, raw[end+2:]...), h
}

// FinishHeader is Finish for a header without the empty line at its end, for messages that are not held as a whole.
func FinishHeader(head []byte, sender string, now time.Time) ([]byte, Header) {
	raw, h := Finish(slices.Concat(bytes.TrimRight(head, "\r\n"), []byte("\r\n\r\n")), sender, now)
	return raw[:len(raw)-2], h
}

func finishHeader(fields []byte, sender string, now time.Time) ([]byte, Header) {
	h := ParseHeader(fields)
	var head bytes.Buffer
	if h.From.Addr == "" {
		h.From.Addr = sender
		writeField(&head, "From", []string{sender})
	}
	if h.MessageID == "" {
		h.MessageID = NewMessageID(h.From.Addr)
		writeField(&head, "Message-ID", []string{"<" + h.MessageID + ">"})
	}
	if h.Date.IsZero() {
		h.Date = now
		writeField(&head, "Date", []string{now.Format("Mon, 2 Jan 2006 15:04:05 -0700")})
	}
	for rest := fields; len(rest) > 0; {
		n := fieldEnd(rest)
		if !hasPrefixFold(rest, "bcc:") && !hasPrefixFold(rest, "bcc ") {
			head.Write(rest[:n])
		}
		rest = rest[n:]
	}
	return head.Bytes(), h
}

// IsASCII reports whether any server can take the octets of a message as they are.
func IsASCII(b []byte) bool { return isASCII(b) }

// CRLF makes every line end CRLF; octets that are so already are returned as they are.
func CRLF(b []byte) []byte {
	bare := 0
	for i, c := range b {
		if c == '\n' && (i == 0 || b[i-1] != '\r') {
			bare++
		}
	}
	if bare == 0 {
		return b
	}
	out := make([]byte, 0, len(b)+bare)
	for i, c := range b {
		if c == '\n' && (i == 0 || b[i-1] != '\r') {
			out = append(out, '\r')
		}
		out = append(out, c)
	}
	return out
}

// CRLFReader makes every line end of what it reads CRLF, so that a large message need not be held for it.
func CRLFReader(r io.Reader) io.Reader { return &crlfReader{r: bufio.NewReaderSize(r, window)} }

type crlfReader struct {
	r    *bufio.Reader
	rest []byte
	buf  []byte
	cr   bool // the octet before was a carriage return
	err  error
}

// Read is part of io.Reader.
func (c *crlfReader) Read(b []byte) (int, error) {
	for len(c.rest) == 0 {
		if c.err != nil {
			return 0, c.err
		}
		line, err := c.r.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			c.err = err
		}
		c.rest = line
		n := len(line)
		if n > 0 && line[n-1] == '\n' && !(n > 1 && line[n-2] == '\r') && !(n == 1 && c.cr) {
			c.buf = append(append(c.buf[:0], line[:n-1]...), "\r\n"...)
			c.rest = c.buf
		}
		c.cr = n > 0 && line[n-1] == '\r'
	}
	n := copy(b, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// Redate gives the octets of a message with another Date in its header; without one they stay as they are.
func Redate(raw []byte, at time.Time) []byte {
	for start := 0; start < len(raw); {
		n := fieldEnd(raw[start:])
		line := raw[start : start+n]
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			break
		}
		if hasPrefixFold(line, "date:") {
			var out bytes.Buffer
			out.Write(raw[:start])
			writeField(&out, "Date", []string{dateField(at)})
			out.Write(raw[start+n:])
			return out.Bytes()
		}
		start += n
	}
	return raw
}
