// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
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
	h := ParseHeader(raw[:end+2])
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
	for rest := raw[:end+2]; len(rest) > 0; {
		n := fieldEnd(rest)
		if !hasPrefixFold(rest, "bcc:") && !hasPrefixFold(rest, "bcc ") {
			head.Write(rest[:n])
		}
		rest = rest[n:]
	}
	head.Write(raw[end+2:])
	return head.Bytes(), h
}

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

// ErrMbox is returned for a file that does not begin as an mbox does.
var ErrMbox = errors.New("this is not an mbox file")

// EachMbox calls fn for each message of an mbox (RFC 4155). Lines that were quoted with ">" so as not to look like a
// separator lose one of the marks.
func EachMbox(r io.Reader, fn func(raw []byte) error) error {
	br := bufio.NewReaderSize(r, 64<<10)
	var cur []byte
	started, blank, whole := false, true, true
	for {
		line, err := br.ReadSlice('\n')
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		switch {
		case len(line) == 0:
		case whole && blank && bytes.HasPrefix(line, []byte("From ")):
			if started {
				if err := fn(trimSeparator(cur)); err != nil {
					return err
				}
			}
			started, cur = true, nil
		case !started && len(bytes.TrimSpace(line)) > 0:
			return ErrMbox
		case whole && isQuotedFrom(line):
			cur = append(cur, line[1:]...)
		default:
			cur = append(cur, line...)
		}
		if len(line) > 0 {
			blank = whole && len(bytes.TrimRight(line, "\r\n")) == 0
			whole = line[len(line)-1] == '\n'
		}
		if errors.Is(err, io.EOF) {
			if started {
				return fn(trimSeparator(cur))
			}
			return nil
		}
	}
}

// trimSeparator drops the empty line that stands in front of the next separator.
func trimSeparator(raw []byte) []byte {
	switch {
	case bytes.HasSuffix(raw, []byte("\r\n\r\n")):
		return raw[:len(raw)-2]
	case bytes.HasSuffix(raw, []byte("\n\n")):
		return raw[:len(raw)-1]
	}
	return raw
}

func isQuotedFrom(line []byte) bool {
	return len(line) > 0 && line[0] == '>' && bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From "))
}

// WriteMbox adds a message to an mbox.
func WriteMbox(w io.Writer, raw []byte, from string, received time.Time) error {
	if from == "" || bytes.ContainsAny([]byte(from), " \t\r\n") {
		from = "MAILER-DAEMON"
	}
	if _, err := fmt.Fprintf(w, "From %s %s\n", from, received.UTC().Format(time.ANSIC)); err != nil {
		return err
	}
	for line := range bytes.Lines(raw) {
		line = line[:len(line)-len(lineEnd(line))]
		if bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From ")) {
			if _, err := w.Write([]byte(">")); err != nil {
				return err
			}
		}
		if _, err := w.Write(append(bytes.Clone(line), '\n')); err != nil {
			return err
		}
	}
	_, err := w.Write([]byte("\n"))
	return err
}
