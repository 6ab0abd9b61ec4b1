// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"kontor/app/mail"
	"kontor/sync/transport"
)

// Bounds of one response: text that is longer ends the connection, a literal that is longer is passed over.
const (
	maxText    = 64 << 20
	maxLiteral = 16 << 20
)

// respError is a command that the server did not carry out.
type respError struct {
	status string // NO or BAD
	code   string // the response code without brackets, in upper case up to its first space
	text   string
}

// Error is part of error.
func (e *respError) Error() string { return "server said " + e.status + ": " + e.text }

// Unwrap makes a refusal a transport.ErrServer.
func (e *respError) Unwrap() error { return transport.ErrServer }

// refusals are the codes (RFC 5530, RFC 9208) that a person can do something about, and the words for them.
var refusals = map[string]string{"NOPERM": "mail.no-permission", "OVERQUOTA": "mail.over-quota", "NONEXISTENT": "mail.no-folder", "TRYCREATE": "mail.no-folder"}

// Code names the cause (see transport.Coded). Servers from before these codes say it in words only.
func (e *respError) Code() string {
	if word, ok := refusals[e.code]; ok {
		return word
	}
	text := strings.ToLower(e.text)
	switch {
	case e.code != "":
	case strings.Contains(text, "quota"):
		return refusals["OVERQUOTA"]
	case strings.Contains(text, "mailbox") && (strings.Contains(text, "exist") || strings.Contains(text, "unknown")):
		return refusals["NONEXISTENT"]
	}
	return string(transport.CauseServer)
}

// errBye is a connection that the server ended in so many words. Dovecot does so when the open folder is deleted.
var errBye = errors.New("the server said BYE")

// refused reports whether err is the server's refusal of a command, as opposed to a broken connection.
func refused(err error) bool {
	var e *respError
	return errors.As(err, &e)
}

// hasCode reports whether err is a refusal with one of the response codes (RFC 5530).
func hasCode(err error, codes ...string) bool {
	var e *respError
	if !errors.As(err, &e) {
		return false
	}
	for _, c := range codes {
		if e.code == c {
			return true
		}
	}
	return false
}

// client is one connection in the hands of one goroutine. Responses are read while a command is waited for; what one odd
// response cannot tell is counted and passed over.
type client struct {
	log      *slog.Logger
	conn     net.Conn
	tcp      *transport.Conn
	raw      io.Reader // what br reads
	br       *bufio.Reader
	bw       *bufio.Writer
	buf      []byte
	caps     map[string]bool
	tag      int
	pending  []*command
	on       handlers
	box      mailbox       // the selected one
	flushed  int           // of the pending ones, those that have been sent
	big      bool          // a literal of the current response was passed over
	odd      *atomic.Int64 // odd responses of all connections
	strange  int           // odd responses of this one
	bye      string
	qresync  bool // RFC 7162 is switched on
	enabled  bool // RFC 7162 was asked for
	slow     bool // compression would pay
	squeezed bool // it was tried (RFC 4978)
	used     time.Time
	line     lineMeter
	ahead    *listing        // of folders, asked for together with signing in
	empty    map[string]bool // see sendHidden
}

// command is one that was sent and not answered yet.
type command struct {
	tag   string
	done  bool
	err   error
	code  string // the code of its OK
	arg   string
	text  string
	begin func()  // called when all commands before it have been answered: what comes now is its answer
	box   mailbox // the selected one, as it was when the command had been answered
}

// handlers are called for what arrives while a command is waited for. Any of them may be nil.
type handlers struct {
	fetch     func(fetched)
	tooBig    func(uid uint32)
	search    func([]uint32)
	list      func(listed)
	status    func(statusItem)
	vanished  func([]uint32)
	exists    func(uint32)
	copied    func(arg string)
	overflow  func() // the server tells of changes no longer (RFC 5465, section 5.8)
	goAhead   func()
	challenge func(text string) // of a sign-in, instead of goAhead
	namespace func([]mail.Namespace)
	quota     func([]mail.Quota)
	rights    func(name, rights string)
	grants    func([]mail.Grant)
}

// mailbox is what SELECT or EXAMINE said.
type mailbox struct {
	name        string // on the wire; empty for none
	readOnly    bool
	examined    bool // opened without any right to change it
	exists      uint32
	uidValidity uint32
	uidNext     uint32
	modseq      uint64
	permanent   []string
	hasPerm     bool
}

// has reports whether the server offers a capability.
func (c *client) has(name string) bool { return c.caps[name] }

// bind breaks the connection when ctx ends, until the returned function is called.
func (c *client) bind(ctx context.Context) func() {
	stop := context.AfterFunc(ctx, func() { _ = c.tcp.Close() })
	return func() { stop() }
}

// send writes a command without waiting. parts are joined as they are; flush sends them.
func (c *client) send(parts ...string) *command { return c.sendFor(nil, parts...) }

// sendFor is send for a command that changes what the answers after it are about: begin is called when it is its turn.
func (c *client) sendFor(begin func(), parts ...string) *command {
	c.tag++
	cmd := &command{tag: "K" + strconv.Itoa(c.tag), begin: begin}
	_, _ = c.bw.WriteString(cmd.tag + " " + strings.Join(parts, "") + "\r\n") // an error comes back from Flush
	c.pending = append(c.pending, cmd)
	c.begin()
	return cmd
}

// begin tells the oldest unanswered command that it is its turn.
func (c *client) begin() {
	if len(c.pending) > 0 && c.pending[0].begin != nil {
		fn := c.pending[0].begin
		c.pending[0].begin = nil
		fn()
	}
}

// run sends a command and waits for its end.
func (c *client) run(parts ...string) (*command, error) {
	cmd := c.send(parts...)
	return cmd, c.wait(cmd)
}

// wait reads until the commands are answered and returns the error of the first that failed.
func (c *client) wait(cmds ...*command) error {
	if err := c.flush(); err != nil {
		return err
	}
	for _, cmd := range cmds {
		for !cmd.done {
			if err := c.next(); err != nil {
				return err
			}
		}
	}
	c.used = time.Now()
	for _, cmd := range cmds {
		if cmd.err != nil {
			return cmd.err
		}
	}
	return nil
}

// flush sends what was written. If everything before it had been answered, this begins a turn.
func (c *client) flush() error {
	if c.bw.Buffered() > 0 && c.flushed == 0 {
		c.line.turn()
	}
	c.flushed = len(c.pending)
	if err := c.bw.Flush(); err != nil {
		return c.broken(err)
	}
	return nil
}

func (c *client) broken(err error) error {
	_ = c.tcp.Close()
	if c.bye != "" {
		return fmt.Errorf("server closed the connection (%s): %w", c.bye, errors.Join(err, errBye, io.ErrUnexpectedEOF))
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// next reads one response and hands it to whom it concerns. The error is that of a broken connection.
func (c *client) next() error {
	line, err := c.read()
	if err != nil {
		return c.broken(err)
	}
	switch {
	case bytes.HasPrefix(line, []byte("* ")):
		if err := c.untagged(line[2:]); err != nil {
			c.odd.Add(1)
			c.strange++
			c.log.Warn("odd response passed over", slog.Any("error", err))
		}
		if c.bye != "" && !c.leaving() {
			return c.broken(io.ErrUnexpectedEOF)
		}
	case bytes.HasPrefix(line, []byte("+")):
		switch {
		case c.on.challenge != nil:
			c.on.challenge(string(bytes.TrimPrefix(line[1:], []byte(" "))))
		case c.on.goAhead != nil:
			c.on.goAhead()
		}
	default:
		c.tagged(line)
	}
	return nil
}

// leaving reports whether a LOGOUT is under way, which BYE belongs to.
func (c *client) leaving() bool { return len(c.pending) > 0 && c.pending[0].text == "LOGOUT" }

// read reads one whole response, literals included, into the connection's buffer.
func (c *client) read() ([]byte, error) {
	c.buf, c.big = c.buf[:0], false
	if cap(c.buf) > 2*maxLiteral {
		c.buf = nil
	}
	for {
		start := len(c.buf)
		if err := c.readLine(); err != nil {
			return nil, err
		}
		if start == 0 && isStatus(c.buf) {
			return bytes.TrimSuffix(bytes.TrimSuffix(c.buf, []byte("\n")), []byte("\r")), nil
		}
		n, at := literalAt(c.buf[start:])
		if at < 0 {
			return bytes.TrimSuffix(bytes.TrimSuffix(c.buf, []byte("\n")), []byte("\r")), nil
		}
		if n > maxLiteral {
			if _, err := io.CopyN(io.Discard, c.br, n); err != nil {
				return nil, err
			}
			c.buf, c.big = append(c.buf[:start+at], "NIL"...), true
			continue
		}
		if err := c.readOctets(int(n)); err != nil {
			return nil, err
		}
	}
}

// readLine appends one line with its end to the buffer.
func (c *client) readLine() error {
	for {
		part, err := c.br.ReadSlice('\n')
		c.buf = append(c.buf, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		if len(c.buf) > maxText {
			return fmt.Errorf("response of more than %d octets: %w", maxText, errOdd)
		}
	}
}

func (c *client) readOctets(n int) error {
	have := len(c.buf)
	if cap(c.buf) < have+n+4096 {
		grown := make([]byte, have, have+n+max(4096, n/4))
		copy(grown, c.buf)
		c.buf = grown
	}
	c.buf = c.buf[:have+n]
	c.line.bulk = true
	defer func() { c.line.bulk = false }()
	ahead := have + min(n, c.br.Buffered())
	if _, err := io.ReadFull(c.br, c.buf[have:ahead]); err != nil {
		return err
	}
	if have+n-ahead < directOctets {
		_, err := io.ReadFull(c.br, c.buf[ahead:])
		return err
	}
	_, err := io.ReadFull(c.raw, c.buf[ahead:])
	return err
}

// directOctets are so many of a literal that they are read straight to where they belong rather than copied once more.
const directOctets = 4 << 10

// literalAt finds the "{n}" that a line ends with: its number and where it begins, or -1.
func literalAt(line []byte) (n int64, at int) {
	end := len(bytes.TrimRight(line, "\r\n"))
	if end < 3 || line[end-1] != '}' {
		return 0, -1
	}
	at = bytes.LastIndexByte(line[:end], '{')
	if at < 0 {
		return 0, -1
	}
	n, err := strconv.ParseInt(strings.TrimSuffix(string(line[at+1:end-1]), "+"), 10, 64)
	if err != nil || n < 0 {
		return 0, -1
	}
	if at > 0 && line[at-1] == '~' {
		at--
	}
	return n, at
}

// tagged takes the end of a command.
func (c *client) tagged(line []byte) {
	tag, rest, _ := bytes.Cut(line, []byte(" "))
	for i, cmd := range c.pending {
		if cmd.tag != string(tag) {
			continue
		}
		c.pending = append(c.pending[:i], c.pending[i+1:]...)
		defer c.begin()
		c.flushed = max(0, c.flushed-1)
		cmd.done = true
		status, text, _ := bytes.Cut(rest, []byte(" "))
		cmd.code, cmd.arg = respCode(text)
		c.takeCode(cmd.code, cmd.arg)
		cmd.text, cmd.box = string(text), c.box
		if !equalFold(status, "OK") {
			cmd.err = &respError{status: strings.ToUpper(string(status)), code: cmd.code, text: string(text)}
		}
		return
	}
	c.odd.Add(1)
	c.strange++
	c.log.Warn("response to no command passed over")
}

// respCode reads the code at the beginning of a status text: "[CODE argument] words".
func respCode(text []byte) (code, arg string) {
	if len(text) == 0 || text[0] != '[' {
		return "", ""
	}
	end := bytes.IndexByte(text, ']')
	if open := bytes.IndexByte(text, '('); open > 0 && open < end { // PERMANENTFLAGS may hold a bracket
		if shut := bytes.IndexByte(text[open:], ')'); shut > 0 {
			if e := bytes.IndexByte(text[open+shut:], ']'); e >= 0 {
				end = open + shut + e
			}
		}
	}
	if end < 0 {
		return "", ""
	}
	code, arg, _ = strings.Cut(string(text[1:end]), " ")
	return strings.ToUpper(code), arg
}

// takeCode notes what response codes say about the connection and the selected mailbox.
func (c *client) takeCode(code, arg string) {
	number := func() uint64 { n, _ := strconv.ParseUint(strings.TrimSpace(arg), 10, 64); return n }
	switch code {
	case "CAPABILITY":
		c.setCaps(arg)
	case "UIDVALIDITY":
		c.box.uidValidity = uint32(number())
	case "UIDNEXT":
		c.box.uidNext = uint32(number())
	case "HIGHESTMODSEQ":
		c.box.modseq = max(c.box.modseq, number())
	case "PERMANENTFLAGS":
		s := scanner{b: []byte(arg)}
		if list, err := s.words(); err == nil {
			c.box.permanent, c.box.hasPerm = list, true
		}
	case "READ-ONLY":
		c.box.readOnly = true
	case "NOTIFICATIONOVERFLOW":
		c.bye = "it has given up telling of changes"
		if c.on.overflow != nil {
			c.on.overflow()
		}
	case "COPYUID":
		if c.on.copied != nil {
			c.on.copied(arg)
		}
	}
}

func (c *client) setCaps(list string) {
	c.caps = map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		c.caps[strings.ToUpper(word)] = true
	}
}

// close ends the connection, politely where it is at rest.
func (c *client) close() error {
	if len(c.pending) == 0 && c.bye == "" {
		c.tcp.SetIdle(2 * time.Second)
		c.send("LOGOUT").text = "LOGOUT"
		_ = c.bw.Flush()
	}
	if err := c.conn.Close(); !errors.Is(err, net.ErrClosed) { // the end of a context may have closed it before
		return err
	}
	return nil
}
