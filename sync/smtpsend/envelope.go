// SPDX-License-Identifier: EUPL-1.2

package smtpsend

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"kontor/app/mail"
)

// maxHeader bounds the header of a message; those of real ones have a few thousand octets.
const maxHeader = 4 << 20

// errHeader: the header does not end, so that nobody can tell whether it names hidden recipients.
var errHeader = errors.New("the header of the message does not end")

// envelope is a message ready for the wire.
type envelope struct {
	from     string
	to       []string // on the wire
	names    []string // the same as they were written
	body     io.Reader
	size     int64
	id       string // its Message-ID
	utf8     bool   // the server must know SMTPUTF8 (RFC 6531)
	wishUTF8 bool   // there is more than ASCII in the header
	eightBit bool
	notify   string
}

// newEnvelope looks at the header of the message and at the addresses. Whoever gets a hidden copy is named in the
// envelope alone.
func newEnvelope(p mail.SendOp, body io.Reader, size int64) (envelope, error) {
	br := bufio.NewReaderSize(body, 32<<10)
	header, removed, err := openHeader(br)
	if err != nil {
		return envelope{}, fmt.Errorf("read the message: %w", err)
	}
	e := envelope{
		from: wireAddress(p.From), names: p.To, body: io.MultiReader(bytes.NewReader(header), br), size: size - removed, id: p.MessageID,
		wishUTF8: !ascii(string(header)), eightBit: p.EightBit, notify: p.Notify,
	}
	e.utf8 = !ascii(e.from)
	for _, to := range p.To {
		to = wireAddress(to)
		e.to = append(e.to, to)
		e.utf8 = e.utf8 || !ascii(to)
	}
	return e, nil
}

// openHeader reads the header up to the empty line after it, without the fields that no recipient may see (RFC 5322,
// section 3.6.3), and says how many octets shorter that made it. A lone CR ends a line here as it does for the server.
func openHeader(br *bufio.Reader) (header []byte, shorter int64, err error) {
	var whole []byte
	for start := 0; ; {
		part, err := br.ReadSlice('\n')
		whole = append(whole, part...)
		if len(whole) > maxHeader {
			return nil, 0, errHeader
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		if len(bytes.TrimRight(whole[start:], "\r\n")) == 0 {
			break
		}
		start = len(whole)
	}
	hidden, over := false, false
	for line := range bytes.Lines(withCRLF(whole)) {
		over = over || len(bytes.TrimRight(line, "\r\n")) == 0
		if line[0] != ' ' && line[0] != '\t' {
			hidden = !over && isHidden(line)
		}
		if !hidden {
			header = append(header, line...)
		}
	}
	return header, int64(len(whole) - len(header)), nil
}

// withCRLF ends every line with CRLF, whatever ended it before.
func withCRLF(b []byte) []byte {
	var out bytes.Buffer
	bw := bufio.NewWriter(&out)
	lineEnds(bw, bufio.NewReader(bytes.NewReader(b)), false) //nolint:errcheck // memory does not fail
	_ = bw.Flush()
	return out.Bytes()
}

// isHidden reports whether a line begins a field that names hidden recipients.
func isHidden(line []byte) bool {
	name, _, ok := bytes.Cut(line, []byte(":"))
	name = bytes.TrimRight(name, " \t")
	return ok && (bytes.EqualFold(name, []byte("Bcc")) || bytes.EqualFold(name, []byte("Resent-Bcc")))
}

// wireAddress writes an international domain in ASCII (RFC 5891); a local part stays as it is.
func wireAddress(addr string) string {
	at := strings.LastIndexByte(addr, '@')
	if at < 0 || ascii(addr[at:]) {
		return addr
	}
	domain, err := idna.Lookup.ToASCII(addr[at+1:])
	if err != nil {
		return addr
	}
	return addr[:at+1] + domain
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// fits reports why the server cannot take the message, nil where it can.
func (c *client) fits(e envelope) error {
	if limit := c.limit(); limit > 0 && e.size > limit {
		return &mail.SizeError{Size: e.size, Limit: limit}
	}
	if e.utf8 && !c.has("SMTPUTF8") {
		return ErrNoUTF8
	}
	return nil
}

// mailLine is the command that begins a message, with what the server has offered and the message needs.
func (c *client) mailLine(e envelope) string {
	line := "MAIL FROM:<" + e.from + ">"
	if c.has("SIZE") {
		line += " SIZE=" + strconv.FormatInt(e.size, 10)
	}
	utf8 := c.has("SMTPUTF8") && (e.utf8 || e.wishUTF8)
	if c.has("8BITMIME") && (e.eightBit || utf8) {
		line += " BODY=8BITMIME"
	}
	if utf8 {
		line += " SMTPUTF8"
	}
	if c.has("DSN") && e.notify != "" {
		line += " RET=HDRS ENVID=" + xtext(e.id)
	}
	return line
}

// rcptLine is the command that names one recipient.
func (c *client) rcptLine(e envelope, i int) string {
	line := "RCPT TO:<" + e.to[i] + ">"
	if c.has("DSN") && e.notify != "" {
		kind := "rfc822;"
		if !ascii(e.to[i]) {
			kind = "utf-8;" // RFC 6533, section 3
		}
		line += " NOTIFY=" + e.notify + " ORCPT=" + kind + xtext(e.to[i])
	}
	return line
}

// xtext writes a value as RFC 3461, section 4, wants it; letters outside of ASCII stay (RFC 6533).
func xtext(s string) string {
	var out strings.Builder
	for _, b := range []byte(s) {
		if b <= ' ' || b == 0x7f || b == '+' || b == '=' {
			fmt.Fprintf(&out, "+%02X", b)
			continue
		}
		out.WriteByte(b)
	}
	return out.String()
}
