// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"bytes"
	"io"
	"log"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

var errUnavailable = &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeUnavailable, Text: "The service is disturbed"}

func newIMAPServer(w *World) *imapserver.Server {
	caps := imap.CapSet{}
	for _, c := range []imap.Cap{
		imap.CapIMAP4rev1, imap.CapIMAP4rev2, imap.CapNamespace, imap.CapUIDPlus, imap.CapESearch, imap.CapSearchRes,
		imap.CapListExtended, imap.CapListStatus, imap.CapMove, imap.CapStatusSize, imap.CapBinary, imap.CapChildren,
		imap.CapSpecialUse, imap.CapCreateSpecialUse, imap.CapLiteralPlus,
	} {
		caps[c] = struct{}{}
	}
	return imapserver.New(&imapserver.Options{
		NewSession: func(c *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &session{world: w, conn: c, gate: w.gates[IMAP]}, nil, nil
		},
		Caps:         caps,
		Logger:       log.New(io.Discard, "", 0),
		InsecureAuth: true,
	})
}

// session is one IMAP connection.
type session struct {
	world    *World
	conn     *imapserver.Conn
	gate     *gate
	post     *postbox // nil before the login
	readOnly bool

	mu   sync.Mutex // held to change view, which go-imap's IDLE reads in a goroutine of its own
	view *view      // nil without a selected mailbox
}

var _ imapserver.SessionIMAP4rev2 = (*session)(nil)

// trouble is what a switched-on fault makes of a command. change says that the command changes something.
func (s *session) trouble(change bool) error {
	f := s.gate.get()
	if f.Status != 0 {
		return errUnavailable
	}
	if f.LoseAnswer && change {
		loseAnswer(s.conn.NetConn())
	}
	return nil
}

// Close is part of imapserver.Session.
func (s *session) Close() error { return s.Unselect() }

// Login is part of imapserver.Session.
func (s *session) Login(username, password string) error {
	if err := s.trouble(false); err != nil {
		return err
	}
	u := s.world.user(username)
	if u == nil || password != u.password() {
		return imapserver.ErrAuthFailed
	}
	s.post = u.post
	return nil
}

// lock holds the postbox and finds a mailbox in it; change says that the command changes something.
func (s *session) lock(name string, change bool, missing error) (*mailbox, error) {
	if err := s.trouble(change); err != nil {
		return nil, err
	}
	s.post.mu.Lock()
	box := s.post.boxes[boxName(name)]
	if box == nil {
		s.post.mu.Unlock()
		return nil, missing
	}
	return box, nil
}

// Select is part of imapserver.Session.
func (s *session) Select(name string, options *imap.SelectOptions) (*imap.SelectData, error) {
	box, err := s.lock(name, false, errNoMailbox)
	if err != nil {
		return nil, err
	}
	defer s.post.mu.Unlock()
	s.setView(box.openLocked())
	s.readOnly = options.ReadOnly
	flags := []imap.Flag{imap.FlagSeen, imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagDraft}
	unseen := uint32(0)
	for i, m := range box.messages {
		flags = setFlags(flags, m.flags)
		if unseen == 0 && !m.has(imap.FlagSeen) {
			unseen = uint32(i) + 1
		}
	}
	permanent := append(slices.Clone(flags), imap.FlagWildcard)
	if s.readOnly {
		permanent = nil
	}
	return &imap.SelectData{
		Flags: flags, PermanentFlags: permanent, NumMessages: uint32(len(box.messages)), FirstUnseenSeqNum: unseen,
		UIDNext: box.next, UIDValidity: box.validity,
	}, nil
}

// Unselect is part of imapserver.Session.
func (s *session) Unselect() error {
	if s.view == nil {
		return nil
	}
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	delete(s.view.box.views, s.view)
	s.view.tracker.Close()
	s.setView(nil)
	return nil
}

func (s *session) setView(v *view) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.view = v
}

// Create is part of imapserver.Session.
func (s *session) Create(name string, options *imap.CreateOptions) error {
	if err := s.trouble(true); err != nil {
		return err
	}
	return s.post.create(name, options.SpecialUse)
}

// Delete is part of imapserver.Session.
func (s *session) Delete(name string) error {
	if err := s.trouble(true); err != nil {
		return err
	}
	return s.post.remove(name)
}

// Rename is part of imapserver.Session.
func (s *session) Rename(from, to string, _ *imap.RenameOptions) error {
	if err := s.trouble(true); err != nil {
		return err
	}
	return s.post.rename(from, to)
}

// Subscribe is part of imapserver.Session.
func (s *session) Subscribe(name string) error { return s.subscribe(name, true) }

// Unsubscribe is part of imapserver.Session.
func (s *session) Unsubscribe(name string) error { return s.subscribe(name, false) }

func (s *session) subscribe(name string, yes bool) error {
	box, err := s.lock(name, true, errNoMailbox)
	if err != nil {
		return err
	}
	defer s.post.mu.Unlock()
	box.subscribed = yes
	return nil
}

// List is part of imapserver.Session.
func (s *session) List(w *imapserver.ListWriter, ref string, patterns []string, options *imap.ListOptions) error {
	if err := s.trouble(false); err != nil {
		return err
	}
	if len(patterns) == 0 {
		return w.WriteList(&imap.ListData{Attrs: []imap.MailboxAttr{imap.MailboxAttrNoSelect}, Delim: delim})
	}
	for _, data := range s.listed(ref, patterns, options) {
		if err := w.WriteList(data); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) listed(ref string, patterns []string, options *imap.ListOptions) []*imap.ListData {
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	var list []*imap.ListData
	for _, name := range slices.Sorted(maps.Keys(s.post.boxes)) {
		box := s.post.boxes[name]
		match := slices.ContainsFunc(patterns, func(p string) bool {
			return imapserver.MatchList(name, delim, ref, boxName(p))
		})
		if !match || (options.SelectSubscribed && !box.subscribed) || (options.SelectSpecialUse && box.use == "") {
			continue
		}
		list = append(list, s.post.describeLocked(box, options))
	}
	return list
}

func (p *postbox) describeLocked(box *mailbox, options *imap.ListOptions) *imap.ListData {
	data := &imap.ListData{Mailbox: box.name, Delim: delim, Attrs: []imap.MailboxAttr{imap.MailboxAttrHasNoChildren}}
	for name := range p.boxes {
		if len(name) > len(box.name) && name[:len(box.name)+1] == box.name+string(delim) {
			data.Attrs[0] = imap.MailboxAttrHasChildren
		}
	}
	if box.subscribed && (options.ReturnSubscribed || options.SelectSubscribed) {
		data.Attrs = append(data.Attrs, imap.MailboxAttrSubscribed)
	}
	if box.use != "" { // RFC 6154, section 2: also in an ordinary LIST
		data.Attrs = append(data.Attrs, box.use)
	}
	if options.ReturnStatus != nil {
		data.Status = box.statusLocked(options.ReturnStatus)
	}
	return data
}

// Status is part of imapserver.Session.
func (s *session) Status(name string, options *imap.StatusOptions) (*imap.StatusData, error) {
	box, err := s.lock(name, false, errNoMailbox)
	if err != nil {
		return nil, err
	}
	defer s.post.mu.Unlock()
	return box.statusLocked(options), nil
}

// Append is part of imapserver.Session.
func (s *session) Append(name string, r imap.LiteralReader, options *imap.AppendOptions) (*imap.AppendData, error) {
	var raw bytes.Buffer
	if _, err := raw.ReadFrom(r); err != nil {
		return nil, err
	}
	box, err := s.lock(name, true, errTryCreate)
	if err != nil {
		return nil, err
	}
	defer s.post.mu.Unlock()
	date := options.Time
	if date.IsZero() {
		date = time.Now()
	}
	m := box.appendLocked(raw.Bytes(), date, options.Flags)
	return &imap.AppendData{UIDValidity: box.validity, UID: m.uid}, nil
}

// Namespace is part of imapserver.SessionNamespace.
func (s *session) Namespace() (*imap.NamespaceData, error) {
	return &imap.NamespaceData{Personal: []imap.NamespaceDescriptor{{Delim: delim}}}, nil
}

// Poll is part of imapserver.Session.
func (s *session) Poll(w *imapserver.UpdateWriter, allowExpunge bool) error {
	if s.view == nil {
		return nil
	}
	return s.view.tracker.Poll(w, allowExpunge)
}

// Idle is part of imapserver.Session (RFC 2177).
func (s *session) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	s.mu.Lock()
	v := s.view
	s.mu.Unlock()
	if v == nil {
		<-stop
		return nil
	}
	for {
		if err := v.tracker.Poll(w, true); err != nil {
			return err
		}
		select {
		case <-v.changed:
		case <-stop:
			return nil
		}
	}
}
