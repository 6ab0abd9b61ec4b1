// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"bufio"
	"bytes"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-message/textproto"
)

// picked is a message that a command is about.
type picked struct {
	index int    // in the mailbox
	seq   uint32 // as the client counts
	msg   *message
}

// pickLocked finds the messages of a set that the client has been told of.
func (v *view) pickLocked(set imap.NumSet) []picked {
	var wanted func(seq uint32, uid imap.UID) bool
	switch set := v.staticLocked(set).(type) {
	case imap.SeqSet:
		wanted = func(seq uint32, _ imap.UID) bool { return set.Contains(seq) }
	case imap.UIDSet:
		wanted = func(_ uint32, uid imap.UID) bool { return set.Contains(uid) }
	}
	var all []picked
	for i, m := range v.box.messages {
		seq := v.tracker.EncodeSeqNum(uint32(i) + 1)
		if seq != 0 && wanted(seq, m.uid) {
			all = append(all, picked{i, seq, m})
		}
	}
	return all
}

// staticLocked replaces "*" and "$" in a set.
func (v *view) staticLocked(set imap.NumSet) imap.NumSet {
	if imap.IsSearchRes(set) {
		return v.found
	}
	switch set := set.(type) {
	case imap.SeqSet:
		last := uint32(0)
		for i := range v.box.messages {
			last = max(last, v.tracker.EncodeSeqNum(uint32(i)+1))
		}
		static := slices.Clone(set)
		for i := range static {
			static[i].Start, static[i].Stop = bounds(static[i].Start, static[i].Stop, last)
		}
		return static
	case imap.UIDSet:
		last := imap.UID(0)
		if n := len(v.box.messages); n > 0 {
			last = v.box.messages[n-1].uid
		}
		static := slices.Clone(set)
		for i := range static {
			static[i].Start, static[i].Stop = bounds(static[i].Start, static[i].Stop, last)
		}
		return static
	}
	return set
}

// bounds puts last in the place of "*", in either order (RFC 3501, section 9, seq-range).
func bounds[N imap.UID | uint32](start, stop, last N) (from, to N) {
	if start == 0 {
		start = last
	}
	if stop == 0 {
		stop = last
	}
	return min(start, stop), max(start, stop)
}

// Fetch is part of imapserver.Session.
func (s *session) Fetch(w *imapserver.FetchWriter, set imap.NumSet, options *imap.FetchOptions) error {
	if err := s.trouble(false); err != nil {
		return err
	}
	read := slices.ContainsFunc(options.BodySection, func(b *imap.FetchItemBodySection) bool { return !b.Peek }) ||
		slices.ContainsFunc(options.BinarySection, func(b *imap.FetchItemBinarySection) bool { return !b.Peek })
	s.post.mu.Lock()
	all := s.view.pickLocked(set)
	flags := make([][]imap.Flag, len(all))
	for i, p := range all {
		if read && !s.readOnly && !p.msg.has(imap.FlagSeen) {
			p.msg.flags = setFlags(p.msg.flags, []imap.Flag{imap.FlagSeen})
			s.view.box.flagsChangedLocked(p.index, nil)
		}
		flags[i] = slices.Clone(p.msg.flags)
	}
	s.post.mu.Unlock()
	for i, p := range all {
		if err := p.msg.write(w.CreateMessage(p.seq), flags[i], options); err != nil {
			return err
		}
	}
	return nil
}

func (m *message) write(w *imapserver.FetchResponseWriter, flags []imap.Flag, options *imap.FetchOptions) error {
	w.WriteUID(m.uid)
	if options.Flags {
		w.WriteFlags(flags)
	}
	if options.InternalDate {
		w.WriteInternalDate(m.date)
	}
	if options.RFC822Size {
		w.WriteRFC822Size(int64(len(m.raw)))
	}
	if options.Envelope {
		if h, err := textproto.ReadHeader(bufio.NewReader(bytes.NewReader(m.raw))); err == nil {
			w.WriteEnvelope(imapserver.ExtractEnvelope(h))
		}
	}
	if options.BodyStructure != nil {
		w.WriteBodyStructure(imapserver.ExtractBodyStructure(bytes.NewReader(m.raw)))
	}
	for _, section := range options.BodySection {
		data := m.section(section)
		wc := w.WriteBodySection(section, int64(len(data)))
		if _, err := wc.Write(data); err != nil {
			return err
		}
		if err := wc.Close(); err != nil {
			return err
		}
	}
	for _, section := range options.BinarySection {
		data := imapserver.ExtractBinarySection(bytes.NewReader(m.raw), section)
		wc := w.WriteBinarySection(section, int64(len(data)))
		if _, err := wc.Write(data); err != nil {
			return err
		}
		if err := wc.Close(); err != nil {
			return err
		}
	}
	for _, section := range options.BinarySectionSize {
		w.WriteBinarySectionSize(section, imapserver.ExtractBinarySectionSize(bytes.NewReader(m.raw), section))
	}
	return w.Close()
}

// section gives a part of the message; the whole one is given byte for byte.
func (m *message) section(item *imap.FetchItemBodySection) []byte {
	if len(item.Part) > 0 || item.Specifier != imap.PartSpecifierNone {
		return imapserver.ExtractBodySection(bytes.NewReader(m.raw), item)
	}
	data := m.raw
	if p := item.Partial; p != nil {
		data = data[min(p.Offset, int64(len(data))):]
		data = data[:min(p.Size, int64(len(data)))]
	}
	return data
}

// Store is part of imapserver.Session.
func (s *session) Store(w *imapserver.FetchWriter, set imap.NumSet, store *imap.StoreFlags, _ *imap.StoreOptions) error {
	if err := s.trouble(true); err != nil {
		return err
	}
	if s.readOnly {
		return errReadOnly
	}
	s.post.mu.Lock()
	all := s.view.pickLocked(set)
	for _, p := range all {
		switch store.Op {
		case imap.StoreFlagsSet:
			p.msg.flags = setFlags(nil, store.Flags)
		case imap.StoreFlagsAdd:
			p.msg.flags = setFlags(p.msg.flags, store.Flags)
		case imap.StoreFlagsDel:
			p.msg.flags = clearFlags(p.msg.flags, store.Flags)
		}
		s.view.box.flagsChangedLocked(p.index, s.view)
	}
	flags := make([][]imap.Flag, len(all))
	for i, p := range all {
		flags[i] = slices.Clone(p.msg.flags)
	}
	s.post.mu.Unlock()
	if store.Silent {
		return nil
	}
	for i, p := range all {
		if err := p.msg.write(w.CreateMessage(p.seq), flags[i], &imap.FetchOptions{Flags: true}); err != nil {
			return err
		}
	}
	return nil
}

// Expunge is part of imapserver.Session. The views hear of it by their trackers.
func (s *session) Expunge(_ *imapserver.ExpungeWriter, uids *imap.UIDSet) error {
	if s.readOnly {
		return nil // CLOSE after EXAMINE removes nothing (RFC 3501, section 6.4.2)
	}
	if err := s.trouble(true); err != nil {
		return err
	}
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	var static imap.UIDSet
	if uids != nil {
		static, _ = s.view.staticLocked(*uids).(imap.UIDSet)
	}
	s.view.box.expungeLocked(func(m *message) bool {
		return m.has(imap.FlagDeleted) && (uids == nil || static.Contains(m.uid))
	})
	return nil
}

// Copy is part of imapserver.Session.
func (s *session) Copy(set imap.NumSet, dest string) (*imap.CopyData, error) {
	to, err := s.lock(dest, true, errTryCreate)
	if err != nil {
		return nil, err
	}
	defer s.post.mu.Unlock()
	data, _ := s.copyLocked(set, to)
	return data, nil
}

// copyLocked gives nil data where nothing was copied (RFC 4315, section 3).
func (s *session) copyLocked(set imap.NumSet, to *mailbox) (*imap.CopyData, map[*message]bool) {
	all := s.view.pickLocked(set)
	if len(all) == 0 {
		return nil, nil
	}
	data, copied := &imap.CopyData{UIDValidity: to.validity}, map[*message]bool{}
	for _, p := range all {
		m := to.appendLocked(p.msg.raw, p.msg.date, p.msg.flags)
		data.SourceUIDs.AddNum(p.msg.uid)
		data.DestUIDs.AddNum(m.uid)
		copied[p.msg] = true
	}
	return data, copied
}

// Move is part of imapserver.SessionMove (RFC 6851).
func (s *session) Move(w *imapserver.MoveWriter, set imap.NumSet, dest string) error {
	if s.readOnly {
		return errReadOnly
	}
	to, err := s.lock(dest, true, errTryCreate)
	if err != nil {
		return err
	}
	data, copied := s.copyLocked(set, to)
	s.view.box.expungeLocked(func(m *message) bool { return copied[m] })
	s.post.mu.Unlock()
	if data == nil {
		return nil
	}
	return w.WriteCopyData(data)
}
