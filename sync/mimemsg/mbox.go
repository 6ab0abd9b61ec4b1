// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"kontor/app/mail"
)

// ErrMbox is returned for a file that does not begin as an mbox does.
var ErrMbox = errors.New("this is not an mbox file")

// MboxMessage is a message of an mbox.
type MboxMessage struct {
	Raw      []byte                        // its octets, or
	Open     func() (io.ReadCloser, error) // where they are, for a large one: until the function that it was given to returns
	Received time.Time                     // the date of its separator, zero for none
}

// EachMbox calls fn for each message of an mbox (RFC 4155). It reads all the dialects: lines that were quoted with ">" so
// as not to look like a separator lose one of the marks (mboxo, mboxrd), and a Content-Length that is right says where a
// message ends, whatever stands in it (mboxcl2). A message that is larger than some megabytes goes through a file in dir.
func EachMbox(r io.Reader, dir string, fn func(MboxMessage) error) error {
	return eachMbox(r, &Spool{dir: dir, most: spoolHeld}, fn)
}

func eachMbox(r io.Reader, cur *Spool, fn func(MboxMessage) error) (err error) {
	defer func() { err = errors.Join(err, cur.Close()) }()
	m := mboxReader{r: bufio.NewReaderSize(r, 64<<10), fn: fn, blank: true, whole: true, cur: cur}
	for {
		more, err := m.line()
		if err != nil || !more {
			return err
		}
	}
}

type mboxReader struct {
	r        *bufio.Reader
	fn       func(MboxMessage) error
	cur      *Spool
	received time.Time
	started  bool
	blank    bool // the line before was empty
	whole    bool // the line before was complete
	inHeader bool
	declared int         // the Content-Length, 0 for none that could be right
	end      int         // where it says that the message ends, 0 for nowhere
	splits   []mboxSplit // separators that were passed over because of it
}

type mboxSplit struct {
	start, body int // the separator and what follows it
	received    time.Time
}

// line reads one line; false means that all is read.
func (m *mboxReader) line() (bool, error) {
	line, err := m.r.ReadSlice('\n')
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return false, err
	}
	last := errors.Is(err, io.EOF)
	if len(line) > 0 {
		if err := m.take(line); err != nil {
			return false, err
		}
		m.blank = m.whole && len(bytes.TrimRight(line, "\r\n")) == 0
		m.whole = line[len(line)-1] == '\n'
	}
	if last && m.started {
		return false, m.flush()
	}
	return !last, nil
}

func (m *mboxReader) take(line []byte) error {
	if m.whole && m.blank && m.isSeparator(line) {
		date := separatorDate(line)
		if m.started && m.cur.Len() < m.end { // Content-Length says that it belongs to the message
			start := m.cur.Len()
			m.splits = append(m.splits, mboxSplit{start: start, body: start + len(line), received: date})
			_, err := m.cur.Write(line)
			return err
		}
		if m.started {
			if err := m.flush(); err != nil {
				return err
			}
		}
		m.started, m.inHeader, m.received = true, true, date
		return nil
	}
	if !m.started {
		if len(bytes.TrimSpace(line)) > 0 {
			return ErrMbox
		}
		return nil
	}
	if _, err := m.cur.Write(line); err != nil {
		return err
	}
	if !m.inHeader || !m.whole {
		return nil
	}
	if len(bytes.TrimRight(line, "\r\n")) == 0 {
		m.inHeader = false
		if m.declared > 0 {
			m.end = m.cur.Len() + m.declared
		}
		return nil
	}
	name, value, _ := bytes.Cut(line, []byte(":"))
	if !bytes.EqualFold(bytes.TrimSpace(name), []byte("content-length")) {
		return nil
	}
	if n, err := strconv.Atoi(string(bytes.TrimSpace(value))); err == nil && n > 0 && n < 1<<30 {
		m.declared = n
	}
	return nil
}

// isSeparator tells a separator from a sentence that begins with "From": it holds a date, or a header follows it.
func (m *mboxReader) isSeparator(line []byte) bool {
	if !bytes.HasPrefix(line, []byte("From ")) {
		return false
	}
	if !m.started || !separatorDate(line).IsZero() {
		return true
	}
	next, err := m.r.Peek(256)
	if err != nil && len(next) == 0 {
		return true
	}
	next = firstLine(next)
	colon := bytes.IndexByte(next, ':')
	return colon > 0 && !bytes.ContainsAny(bytes.TrimRight(next[:colon], " \t"), " \t")
}

// separatorDate reads the date of "From sender Thu Aug 22 14:44:26 2002", with a zone or without.
func separatorDate(line []byte) time.Time {
	fields := strings.Fields(string(line))
	for i := 1; i+4 < len(fields) && i < 12; i++ {
		for _, layout := range []string{"Mon Jan 2 15:04:05 2006 -0700", "Mon Jan 2 15:04:05 2006", "Mon Jan 2 15:04:05 -0700 2006", "Mon Jan 2 15:04:05 MST 2006"} {
			words := strings.Count(layout, " ") + 1
			if i+words > len(fields) {
				continue
			}
			if t, err := time.Parse(layout, strings.Join(fields[i:i+words], " ")); err == nil {
				return t.UTC()
			}
		}
	}
	return time.Time{}
}

// flush hands out the message that was read. Where separators were passed over and the message does not end where its
// Content-Length said, they were separators after all.
func (m *mboxReader) flush() error {
	splits, end, received := m.splits, m.end, m.received
	m.splits, m.end, m.declared = nil, 0, 0
	if len(splits) > 0 && m.cur.text <= end && end <= m.cur.Len() {
		if err := m.hand(0, end, received, false); err != nil { // nothing is quoted in this dialect
			return err
		}
		return m.cur.Close()
	}
	from := 0
	for _, split := range splits {
		if err := m.hand(from, split.start, received, true); err != nil {
			return err
		}
		from, received = split.body, split.received
	}
	if err := m.hand(from, m.cur.Len(), received, true); err != nil {
		return err
	}
	return m.cur.Close()
}

// hand hands out one message.
func (m *mboxReader) hand(from, to int, received time.Time, quoted bool) error {
	large := to-from > m.cur.most
	if !large {
		raw, err := m.cur.part(from, to)
		if err != nil {
			return err
		}
		if quoted {
			raw = unquoteFrom(trimSeparator(raw))
		}
		return m.fn(MboxMessage{Raw: bytes.Clone(raw), Received: received})
	}
	if quoted {
		tail, err := m.cur.part(to-min(to-from, len("\n\r\n")), to)
		if err != nil {
			return err
		}
		to -= len(tail) - len(trimSeparator(tail))
	}
	return m.fn(MboxMessage{Received: received, Open: func() (io.ReadCloser, error) {
		r := m.cur.section(from, to)
		if quoted {
			r = &unquoter{r: bufio.NewReaderSize(r, window)}
		}
		return io.NopCloser(r), nil
	}})
}

// trimSeparator drops the empty line that stands in front of the next separator.
func trimSeparator(raw []byte) []byte {
	switch {
	case bytes.HasSuffix(raw, []byte("\n\r\n")), string(raw) == "\r\n":
		return raw[:len(raw)-2]
	case bytes.HasSuffix(raw, []byte("\n\n")), string(raw) == "\n":
		return raw[:len(raw)-1]
	}
	return raw
}

// unquoteFrom takes one mark off each quoted line, in place.
func unquoteFrom(raw []byte) []byte {
	if !bytes.Contains(raw, []byte(">From ")) {
		return raw
	}
	out := raw[:0]
	for line := range bytes.Lines(raw) {
		if isQuotedFrom(line) {
			line = line[1:]
		}
		out = append(out, line...)
	}
	return out
}

func isQuotedFrom(line []byte) bool {
	return len(line) > 0 && line[0] == '>' && bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From "))
}

// WriteMbox adds a message to an mbox, with bare line feeds and in the "mboxrd" form, which nothing is lost in. state is
// what is said of it in front of its header: see StateHeader.
func WriteMbox(w *bufio.Writer, r io.Reader, from string, received time.Time, state string) error {
	if from == "" || strings.ContainsAny(from, " \t\r\n") {
		from = "MAILER-DAEMON"
	}
	if _, err := fmt.Fprintf(w, "From %s %s\n%s", from, received.UTC().Format(time.ANSIC), state); err != nil {
		return err
	}
	br := bufio.NewReaderSize(r, window)
	start, ended := true, true
	for {
		line, err := br.ReadSlice('\n')
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		if start && bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From ")) {
			if err := w.WriteByte('>'); err != nil {
				return err
			}
		}
		if len(line) > 0 {
			start = line[len(line)-1] == '\n'
			ended = start
			if bytes.HasSuffix(line, []byte("\r\n")) {
				line = append(line[:len(line)-2], '\n')
			}
		}
		if _, err := w.Write(line); err != nil {
			return err
		}
		if errors.Is(err, io.EOF) {
			break
		}
	}
	if !ended {
		if err := w.WriteByte('\n'); err != nil {
			return err
		}
	}
	return w.WriteByte('\n')
}

// LocalState reads what programs that keep mail in files write into the header about it: Status and X-Status (mutt,
// Dovecot, Python), X-Keywords, and Thunderbird's own. gone means that the message is deleted and only waits to be
// compacted away; known is false where the header says nothing at all.
func LocalState(header []byte) (flags mail.Flags, keywords []string, gone, known bool) {
	eachField(header, func(name, value []byte) {
		text := strings.TrimSpace(string(unfold(value)))
		switch strings.ToLower(string(name)) {
		case "status", "x-status":
			known = true
			for _, c := range text {
				flags |= statusFlags[c]
			}
		case "x-keywords", "x-mozilla-keys":
			keywords = append(keywords, strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r == ',' })...)
		case "x-mozilla-status":
			bits, err := strconv.ParseUint(text, 16, 32)
			if err != nil {
				return
			}
			known = true
			for bit, flag := range mozillaFlags {
				if bits&bit != 0 {
					flags |= flag
				}
			}
			gone = bits&0x0008 != 0
		}
	})
	return flags, keywords, gone, known
}

var statusFlags = map[rune]mail.Flags{'R': mail.Seen, 'A': mail.Answered, 'F': mail.Flagged, 'T': mail.Draft, 'D': mail.Deleted}

var mozillaFlags = map[uint64]mail.Flags{0x0001: mail.Seen, 0x0002: mail.Answered, 0x0004: mail.Flagged, 0x1000: mail.Forwarded}
