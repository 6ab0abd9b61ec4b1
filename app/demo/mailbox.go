// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// delim separates the levels of mailbox names.
const delim = '/'

// inbox is the one name that is case-insensitive (RFC 3501, section 5.1).
const inbox = "INBOX"

var (
	errNoMailbox = &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeNonExistent, Text: "No such mailbox"}
	errTryCreate = &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeTryCreate, Text: "No such mailbox"}
	errExists    = &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeAlreadyExists, Text: "Mailbox already exists"}
	errReadOnly  = &imap.Error{Type: imap.StatusResponseTypeNo, Code: "READ-ONLY", Text: "The mailbox is open for reading only"}
	errCannot    = &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeCannot, Text: "INBOX cannot be removed"}
)

// postbox is all mail of one user. Its lock covers every mailbox in it.
//
// go-imap's memory server is not used: it has no special uses, turns keywords to lower case, reports moved messages
// twice, and holds a mailbox locked while a slow client reads.
type postbox struct {
	mu           sync.Mutex
	boxes        map[string]*mailbox
	nextValidity uint32
}

func newPostbox() *postbox {
	p := &postbox{boxes: map[string]*mailbox{}, nextValidity: 1}
	p.createLocked(inbox)
	return p
}

// mailbox is one folder of mail.
type mailbox struct {
	name       string
	use        imap.MailboxAttr // special use, empty for none
	subscribed bool
	validity   uint32
	next       imap.UID
	messages   []*message
	tracker    *imapserver.MailboxTracker
	views      map[*view]struct{}
}

// message is one mail. raw and date never change.
type message struct {
	uid   imap.UID
	raw   []byte
	date  time.Time
	flags []imap.Flag
}

// view is what one connection has selected.
type view struct {
	box     *mailbox
	tracker *imapserver.SessionTracker
	changed chan struct{}
	found   imap.UIDSet // the last search that was saved (RFC 5182)
}

func boxName(name string) string {
	name = strings.TrimRight(name, string(delim))
	if strings.EqualFold(name, inbox) {
		return inbox
	}
	if len(name) > len(inbox) && strings.EqualFold(name[:len(inbox)+1], inbox+string(delim)) {
		return inbox + name[len(inbox):]
	}
	return name
}

func (p *postbox) createLocked(name string) *mailbox {
	box := &mailbox{
		name: name, subscribed: true, validity: p.nextValidity, next: 1,
		tracker: imapserver.NewMailboxTracker(0), views: map[*view]struct{}{},
	}
	p.nextValidity++
	p.boxes[name] = box
	return box
}

func (p *postbox) create(name string, use []imap.MailboxAttr) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	name = boxName(name)
	if p.boxes[name] != nil {
		return errExists
	}
	for i := 1; i < len(name); i++ { // superior levels are made too (RFC 3501, section 6.3.3)
		if name[i] == delim && p.boxes[name[:i]] == nil {
			p.createLocked(name[:i])
		}
	}
	box := p.createLocked(name)
	if len(use) > 0 {
		box.use = use[0]
	}
	return nil
}

func (p *postbox) remove(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	name = boxName(name)
	switch {
	case name == inbox:
		return errCannot
	case p.boxes[name] == nil:
		return errNoMailbox
	}
	delete(p.boxes, name)
	return nil
}

// rename moves a mailbox and all below it (RFC 3501, section 6.3.5).
func (p *postbox) rename(from, to string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	from, to = boxName(from), boxName(to)
	switch {
	case from == inbox:
		return errCannot
	case p.boxes[from] == nil:
		return errNoMailbox
	case p.boxes[to] != nil:
		return errExists
	}
	for name, box := range p.boxes {
		rest, below := strings.CutPrefix(name, from)
		if !below || (rest != "" && rest[0] != delim) {
			continue
		}
		delete(p.boxes, name)
		box.name = to + rest
		defer func() { p.boxes[box.name] = box }()
	}
	return nil
}

// appendLocked adds a message and tells every view of it.
func (b *mailbox) appendLocked(raw []byte, date time.Time, flags []imap.Flag) *message {
	m := &message{uid: b.next, raw: raw, date: date, flags: setFlags(nil, flags)}
	b.next++
	b.messages = append(b.messages, m)
	b.tracker.QueueNumMessages(uint32(len(b.messages)))
	b.notifyLocked(nil)
	return m
}

// expungeLocked removes the messages that gone says and tells every view of it.
func (b *mailbox) expungeLocked(gone func(*message) bool) {
	some := false
	for i := len(b.messages) - 1; i >= 0; i-- {
		if gone(b.messages[i]) {
			b.messages = slices.Delete(b.messages, i, i+1)
			b.tracker.QueueExpunge(uint32(i) + 1)
			some = true
		}
	}
	if some {
		b.notifyLocked(nil)
	}
}

// flagsChangedLocked tells every view but the source of a message's new flags.
func (b *mailbox) flagsChangedLocked(index int, source *view) {
	var tracker *imapserver.SessionTracker
	if source != nil {
		tracker = source.tracker
	}
	m := b.messages[index]
	b.tracker.QueueMessageFlags(uint32(index)+1, m.uid, slices.Clone(m.flags), tracker)
	b.notifyLocked(source)
}

func (b *mailbox) notifyLocked(but *view) {
	for v := range b.views {
		if v == but {
			continue
		}
		select {
		case v.changed <- struct{}{}:
		default:
		}
	}
}

func (b *mailbox) openLocked() *view {
	v := &view{box: b, tracker: b.tracker.NewSession(), changed: make(chan struct{}, 1)}
	b.views[v] = struct{}{}
	return v
}

func (b *mailbox) count(want func(*message) bool) uint32 {
	n := uint32(0)
	for _, m := range b.messages {
		if want(m) {
			n++
		}
	}
	return n
}

func (b *mailbox) statusLocked(o *imap.StatusOptions) *imap.StatusData {
	data := &imap.StatusData{Mailbox: b.name}
	set := func(dest **uint32, wanted bool, n uint32) {
		if wanted {
			*dest = &n
		}
	}
	set(&data.NumMessages, o.NumMessages, uint32(len(b.messages)))
	set(&data.NumUnseen, o.NumUnseen, b.count(func(m *message) bool { return !m.has(imap.FlagSeen) }))
	set(&data.NumDeleted, o.NumDeleted, b.count(func(m *message) bool { return m.has(imap.FlagDeleted) }))
	set(&data.NumRecent, o.NumRecent, 0)
	if o.UIDNext {
		data.UIDNext = b.next
	}
	if o.UIDValidity {
		data.UIDValidity = b.validity
	}
	if o.Size {
		size := int64(0)
		for _, m := range b.messages {
			size += int64(len(m.raw))
		}
		data.Size = &size
	}
	return data
}

// has reports whether the message has a flag; flags are case-insensitive (RFC 3501, section 2.3.2).
func (m *message) has(flag imap.Flag) bool {
	return slices.ContainsFunc(m.flags, func(f imap.Flag) bool { return strings.EqualFold(string(f), string(flag)) })
}

func setFlags(old, add []imap.Flag) []imap.Flag {
	flags := slices.Clone(old)
	for _, f := range add {
		if !slices.ContainsFunc(flags, func(o imap.Flag) bool { return strings.EqualFold(string(o), string(f)) }) {
			flags = append(flags, f)
		}
	}
	return flags
}

func clearFlags(old, del []imap.Flag) []imap.Flag {
	return slices.DeleteFunc(slices.Clone(old), func(o imap.Flag) bool {
		return slices.ContainsFunc(del, func(f imap.Flag) bool { return strings.EqualFold(string(o), string(f)) })
	})
}
