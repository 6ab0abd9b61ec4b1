// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"kontor/app/mail"
	"kontor/sync/reconcile"
	"kontor/sync/transport"
)

// examine selects a mailbox, read-only unless write is set. With since and uidValidity it asks for what changed since
// then (RFC 7162): flags and what vanished are handed to the handlers. begin, if given, is called before its answer is
// read.
func (c *client) examine(name string, write bool, uidValidity uint32, since uint64, begin ...func()) *command {
	verb, params := "EXAMINE ", ""
	if write {
		verb = "SELECT "
	}
	switch {
	case since > 0 && c.qresync:
		params = fmt.Sprintf(" (QRESYNC (%d %d))", uidValidity, since)
	case c.has("CONDSTORE"):
		params = " (CONDSTORE)"
	}
	return c.sendFor(func() {
		c.box = mailbox{name: name, readOnly: !write, examined: !write}
		for _, fn := range begin {
			fn()
		}
	}, verb, quote(name), params)
}

// selectBox selects a mailbox and waits, unless it is selected already.
func (c *client) selectBox(name string, write bool) error {
	if c.box.name == name && c.box.readOnly != write {
		return nil
	}
	cmd := c.examine(name, write, 0, 0)
	if err := c.wait(cmd); err != nil {
		c.box = mailbox{}
		return fmt.Errorf("select folder: %w", err)
	}
	return nil
}

// searchAll lists the UIDs of the selected mailbox, ascending.
func (c *client) searchAll() ([]uint32, error) { return c.search("ALL") }

func (c *client) search(criteria string) ([]uint32, error) {
	var uids []uint32
	answered := false
	defer func() { c.on.search = nil }()
	c.on.search = func(part []uint32) { uids, answered = append(uids, part...), true }
	how := "UID SEARCH "
	if c.has("ESEARCH") {
		how, answered = "UID SEARCH RETURN (ALL) ", true // no ALL in the answer means that there are none
	}
	odd := c.strange
	if _, err := c.run(how, criteria); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	if !answered || c.strange != odd {
		return nil, fmt.Errorf("search: %w", errOdd)
	}
	return reconcile.Ascending(uids), nil
}

// store changes flags of messages.
func (c *client) store(uids []uint32, add bool, flags []string) error {
	sign := "+"
	if !add {
		sign = "-"
	}
	for _, set := range uidSets(uids) {
		if _, err := c.run("UID STORE ", set, " ", sign, "FLAGS.SILENT (", strings.Join(flags, " "), ")"); err != nil {
			return fmt.Errorf("change flags: %w", err)
		}
	}
	return nil
}

// copied tells which UID a message has in the folder it was copied or moved to (RFC 4315).
type copied struct {
	uidValidity uint32
	to          map[uint32]uint32
}

// transfer copies or moves messages (verb "COPY" or "MOVE") to a mailbox and tells their new UIDs where the server does.
// What was done before an error is in the result.
func (c *client) transfer(verb string, uids []uint32, name string) (copied, error) {
	result := copied{to: map[uint32]uint32{}}
	defer func() { c.on.copied = nil }()
	c.on.copied = result.take
	for _, set := range uidSets(uids) {
		if _, err := c.run("UID ", verb, " ", set, " ", quote(name)); err != nil {
			return result, fmt.Errorf("%s: %w", strings.ToLower(verb), err)
		}
	}
	return result, nil
}

func (r *copied) take(arg string) {
	validity, rest, _ := strings.Cut(strings.TrimSpace(arg), " ")
	from, to, _ := strings.Cut(rest, " ")
	n, err := strconv.ParseUint(validity, 10, 32)
	a, err1 := parseSet(from)
	b, err2 := parseSet(strings.TrimSpace(to))
	if err != nil || err1 != nil || err2 != nil || len(a) != len(b) {
		return
	}
	r.uidValidity = uint32(n)
	for i := range a {
		r.to[a[i]] = b[i]
	}
}

// expunge removes messages that are marked as deleted, and none but these (RFC 4315). Without UIDPLUS nothing is
// removed: a plain EXPUNGE would take along what others have marked. It reports whether they were.
func (c *client) expunge(uids []uint32) (bool, error) {
	if !c.has("UIDPLUS") && !c.has("IMAP4REV2") {
		return false, nil
	}
	for _, set := range uidSets(uids) {
		if _, err := c.run("UID EXPUNGE ", set); err != nil {
			return false, fmt.Errorf("expunge: %w", err)
		}
	}
	return true, nil
}

// appendMail puts a message of size octets into a mailbox. uid and uidValidity are 0 where the server does not tell them.
func (c *client) appendMail(name string, flags []string, date time.Time, r io.Reader, size int64) (uid, uidValidity uint32, err error) {
	var internal string
	if !date.IsZero() {
		internal = ` "` + date.Format("_2-Jan-2006 15:04:05 -0700") + `"`
	}
	plus := ""
	if c.has("LITERAL+") || c.has("LITERAL-") && size <= 4096 {
		plus = "+"
	}
	cmd := c.send("APPEND ", quote(name), " (", strings.Join(flags, " "), ")", internal, " {", strconv.FormatInt(size, 10), plus, "}")
	if plus == "" {
		ready := false
		c.on.goAhead = func() { ready = true }
		defer func() { c.on.goAhead = nil }()
		if err := c.flush(); err != nil {
			return 0, 0, err
		}
		for !ready && !cmd.done {
			if err := c.next(); err != nil {
				return 0, 0, err
			}
		}
		if cmd.done {
			return 0, 0, fmt.Errorf("append: %w", cmd.err)
		}
	}
	if n, err := io.Copy(c.bw, io.LimitReader(r, size)); err != nil || n != size {
		return 0, 0, c.broken(fmt.Errorf("append %d of %d octets: %w", n, size, io.ErrUnexpectedEOF))
	}
	_, _ = c.bw.WriteString("\r\n") // an error comes back from Flush
	patience := c.tcp.Idle()
	c.tcp.SetIdle(patience + underWay(size))
	defer c.tcp.SetIdle(patience)
	if err := c.wait(cmd); err != nil {
		return 0, 0, fmt.Errorf("append: %w", err)
	}
	if cmd.code == "APPENDUID" {
		validity, id, _ := strings.Cut(cmd.arg, " ")
		v, err1 := strconv.ParseUint(validity, 10, 32)
		u, err2 := strconv.ParseUint(strings.TrimSpace(id), 10, 32)
		if err1 == nil && err2 == nil {
			return uint32(u), uint32(v), nil
		}
	}
	return 0, 0, nil
}

// underWay is how long octets that were written may be on their way still: the system keeps some for a slow line.
func underWay(octets int64) time.Duration {
	const kept, slowest = 4 << 20, 16 << 10 // octets, and octets a second
	return time.Duration(min(octets, kept)) * time.Second / slowest
}

// idle waits in the selected mailbox until hint (called for each change) has been called and returns, ctx ends or the
// time is over. The connection stays usable unless an error is returned.
func (c *client) idle(ctx context.Context, span time.Duration, hint func()) error {
	c.tcp.SetIdle(span + time.Minute)
	defer c.tcp.SetIdle(transport.IdleTimeout)
	cmd := c.send("IDLE")
	if err := c.flush(); err != nil {
		return err
	}
	ready := make(chan struct{})
	stopped := make(chan struct{})
	defer func() { c.on = handlers{} }()
	started := false
	c.on.goAhead = func() {
		if !started {
			started = true
			close(ready)
		}
	}
	c.on.exists = func(uint32) { hint() }
	c.on.fetch = func(fetched) { hint() }
	c.on.vanished = func([]uint32) { hint() }
	c.on.status = func(statusItem) { hint() }
	c.on.overflow = hint
	finished := make(chan struct{})
	go func() {
		defer close(stopped)
		select {
		case <-ready:
		case <-finished:
			return
		}
		timer := time.NewTimer(span)
		defer timer.Stop()
		select {
		case <-finished:
			return
		case <-ctx.Done():
			return // the connection is closed by bind
		case <-timer.C:
		}
		_, _ = io.WriteString(c.conn, "DONE\r\n")
		_ = c.tcp.Conn.SetReadDeadline(time.Now().Add(30 * time.Second))
	}()
	err := c.wait(cmd)
	close(finished)
	<-stopped
	if err != nil {
		return fmt.Errorf("idle: %w", err)
	}
	return nil
}

// refusedFlags gives the flags of a change that the selected mailbox does not keep.
func (c *client) refusedFlags(flags mail.Flags, keywords []string) (mail.Flags, []string) {
	if !c.box.hasPerm || slices.Contains(c.box.permanent, `\*`) {
		return 0, nil
	}
	have, known := readFlags(c.box.permanent)
	var unknown []string
	for _, k := range keywords {
		if !slices.ContainsFunc(known, func(n string) bool { return strings.EqualFold(n, k) }) {
			unknown = append(unknown, k)
		}
	}
	return flags &^ have, unknown
}
