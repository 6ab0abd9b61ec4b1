// SPDX-License-Identifier: EUPL-1.2

package simworld

import (
	"errors"
	"slices"

	"kontor/app/mail"
	"kontor/sync/reconcile"
)

// ErrCut is a line that broke: what was asked may have been done or not.
var ErrCut = errors.New("the line is cut")

// ErrNumbers is a folder whose messages have other numbers than the client believes.
var ErrNumbers = errors.New("the messages are numbered anew")

// Fate is what becomes of one request.
type Fate uint8

// The fates.
const (
	Arrives      Fate = iota
	RequestLost       // nothing happens
	AnswerLost        // it is done, and nobody hears of it
	KnownFates        // how many there are
	boxes        = 3  // INBOX, an archive, the bin
	Inbox        = 1  // the first folder's ID
	Archive      = 2
	Trash        = 3
	keywordsKept = 2 // how many different keywords are played with
)

// MailMessage is one message in a folder of the server.
type MailMessage struct {
	UID      uint32
	Letter   int // which mail it is: what its Message-ID and its octets say
	Flags    mail.Flags
	Keywords []string // sorted
	ModSeq   uint64
}

type vanished struct {
	uid    uint32
	modseq uint64
}

// MailBox is one folder of the server.
type MailBox struct {
	Validity uint32
	Next     uint32
	Messages []MailMessage // ascending by UID
	gone     []vanished
}

// MailServer is an IMAP server as far as synchronisation sees it.
type MailServer struct {
	CondStore, QResync, UIDPlus, Move bool

	Boxes  map[int64]*MailBox
	modseq uint64
	// Fate says what becomes of the next request; nil lets all arrive.
	Fate func() Fate
}

// NewMailServer makes a server with empty folders.
func NewMailServer() *MailServer {
	s := &MailServer{Boxes: map[int64]*MailBox{}, modseq: 1}
	for id := int64(1); id <= boxes; id++ {
		s.Boxes[id] = &MailBox{Validity: uint32(100 * id), Next: 1}
	}
	return s
}

// ask carries a request over the line.
func (s *MailServer) ask(do func() error) error {
	fate := Arrives
	if s.Fate != nil {
		fate = s.Fate()
	}
	if fate == RequestLost {
		return ErrCut
	}
	err := do()
	if fate == AnswerLost {
		return ErrCut
	}
	return err
}

// Deliver puts a message into a folder.
func (s *MailServer) Deliver(box int64, letter int, flags mail.Flags, keywords []string) uint32 {
	b := s.Boxes[box]
	s.modseq++
	b.Messages = append(b.Messages, MailMessage{b.Next, letter, flags, keywords, s.modseq})
	b.Next++
	return b.Next - 1
}

// Renumber gives a folder another UIDVALIDITY and its messages other UIDs, as a server restored from a copy does.
func (s *MailServer) Renumber(box int64, first uint32) {
	b := s.Boxes[box]
	b.Validity++
	b.Next, b.gone = first, nil
	for i := range b.Messages {
		s.modseq++
		b.Messages[i].UID, b.Messages[i].ModSeq = b.Next, s.modseq
		b.Next++
	}
}

// status is the answer to STATUS.
func (s *MailServer) status(box int64) reconcile.MailStatus {
	b := s.Boxes[box]
	return reconcile.MailStatus{Validity: b.Validity, Next: b.Next, ModSeq: s.highest(b), Messages: len(b.Messages)}
}

// highest is HIGHESTMODSEQ of a folder, 0 where the server keeps none.
func (s *MailServer) highest(b *MailBox) uint64 {
	if !s.CondStore {
		return 0
	}
	top := uint64(1)
	for _, m := range b.Messages {
		top = max(top, m.ModSeq)
	}
	for _, g := range b.gone {
		top = max(top, g.modseq)
	}
	return top
}

// look is the answer to opening a folder and asking for ask in the same turn.
type look struct {
	validity, next uint32
	modseq         uint64
	answer         reconcile.MailAnswer
	headers        []MailMessage // of new messages
	flags          []MailMessage // of known ones
}

func (s *MailServer) look(box int64, validity uint32, ask reconcile.MailAsk) look {
	b := s.Boxes[box]
	l := look{validity: b.Validity, next: b.Next, modseq: s.highest(b)}
	l.answer.Exists, l.answer.Next = len(b.Messages), b.Next
	for i, m := range b.Messages {
		last := i == len(b.Messages)-1
		switch {
		case ask.Newest > 0 && i >= len(b.Messages)-ask.Newest,
			ask.NewFrom > 0 && (m.UID >= ask.NewFrom || last): // "n:*" always names the last message (RFC 9051, section 9)
			l.headers = append(l.headers, m)
			l.answer.New = append(l.answer.New, m.UID)
		case ask.Flags, ask.Since > 0 && m.ModSeq > ask.Since, ask.Resync > 0 && validity == b.Validity && m.ModSeq > ask.Resync:
			l.flags = append(l.flags, m)
		}
		if ask.List || ask.Flags { // the flags of all messages are a list of them too
			l.answer.All = append(l.answer.All, m.UID)
		}
	}
	l.answer.Listed = ask.List || ask.Flags
	if ask.Resync > 0 && validity == b.Validity {
		for _, g := range b.gone {
			if g.modseq > ask.Resync {
				l.answer.Vanished = append(l.answer.Vanished, g.uid)
			}
		}
	}
	return l
}

// find gives the messages of a folder with these UIDs.
func (s *MailServer) find(box int64, uids []uint32) []MailMessage {
	var found []MailMessage
	for _, m := range s.Boxes[box].Messages {
		if slices.Contains(uids, m.UID) {
			found = append(found, m)
		}
	}
	return found
}

// store changes flags; with since, only of messages that were not changed after it.
func (s *MailServer) store(box int64, uids []uint32, op mail.FlagsOp, since uint64) {
	b := s.Boxes[box]
	for i := range b.Messages {
		m := &b.Messages[i]
		if !slices.Contains(uids, m.UID) || s.CondStore && since > 0 && m.ModSeq > since {
			continue
		}
		flags := m.Flags&^op.Remove | op.Add
		keywords := mail.ChangeKeywords(m.Keywords, op.AddKeywords, op.RemoveKeywords)
		if flags != m.Flags || !slices.Equal(keywords, m.Keywords) {
			s.modseq++
			m.Flags, m.Keywords, m.ModSeq = flags, keywords, s.modseq
		}
	}
}

// copy copies messages and tells, with UIDPLUS, which became which.
func (s *MailServer) copy(box int64, uids []uint32, to int64) map[uint32]uint32 {
	told := map[uint32]uint32{}
	for _, m := range s.find(box, uids) {
		uid := s.Deliver(to, m.Letter, m.Flags, m.Keywords)
		if s.UIDPlus {
			told[m.UID] = uid
		}
	}
	return told
}

// expunge removes messages that are marked as deleted; without UIDPLUS nobody may, for they can be others'.
func (s *MailServer) expunge(box int64, uids []uint32) bool {
	if !s.UIDPlus {
		return false
	}
	s.remove(box, uids, true)
	return true
}

func (s *MailServer) remove(box int64, uids []uint32, onlyDeleted bool) {
	b := s.Boxes[box]
	b.Messages = slices.DeleteFunc(b.Messages, func(m MailMessage) bool {
		if !slices.Contains(uids, m.UID) || onlyDeleted && !m.Flags.Has(mail.Deleted) {
			return false
		}
		s.modseq++
		b.gone = append(b.gone, vanished{m.UID, s.modseq})
		return true
	})
}

// Letters counts in how many places the server has each mail, without those that are marked as deleted.
func (s *MailServer) Letters() map[int]int {
	n := map[int]int{}
	for _, b := range s.Boxes {
		for _, m := range b.Messages {
			if !m.Flags.Has(mail.Deleted) {
				n[m.Letter]++
			}
		}
	}
	return n
}
