// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"bytes"
	"io"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	gomessage "github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"
)

// Search is part of imapserver.Session.
func (s *session) Search(kind imapserver.NumKind, criteria *imap.SearchCriteria, options *imap.SearchOptions) (*imap.SearchData, error) {
	if err := s.trouble(false); err != nil {
		return nil, err
	}
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	v := s.view
	v.resolveLocked(criteria)
	var (
		data imap.SearchData
		seqs imap.SeqSet
		uids imap.UIDSet
	)
	for i, m := range v.box.messages {
		seq := v.tracker.EncodeSeqNum(uint32(i) + 1)
		if seq == 0 || !m.matches(seq, criteria) {
			continue
		}
		uids.AddNum(m.uid)
		seqs.AddNum(seq)
		num := seq
		if kind == imapserver.NumKindUID {
			num = uint32(m.uid)
		}
		if data.Min == 0 {
			data.Min = num
		}
		data.Max = max(data.Max, num)
		data.Count++
	}
	data.All = seqs
	if kind == imapserver.NumKindUID {
		data.All = uids
	}
	if options.ReturnSave {
		v.found = uids
	}
	return &data, nil
}

// resolveLocked replaces "*" and "$" in the criteria.
func (v *view) resolveLocked(c *imap.SearchCriteria) {
	var seqs []imap.SeqSet
	for _, set := range c.SeqNum {
		switch set := v.staticLocked(set).(type) {
		case imap.SeqSet:
			seqs = append(seqs, set)
		case imap.UIDSet:
			c.UID = append(c.UID, set)
		}
	}
	c.SeqNum = seqs
	for i, set := range c.UID {
		if static, ok := v.staticLocked(set).(imap.UIDSet); ok {
			c.UID[i] = static
		}
	}
	for i := range c.Not {
		v.resolveLocked(&c.Not[i])
	}
	for i := range c.Or {
		v.resolveLocked(&c.Or[i][0])
		v.resolveLocked(&c.Or[i][1])
	}
}

// matches decides a search (RFC 3501, section 6.4.4).
func (m *message) matches(seq uint32, c *imap.SearchCriteria) bool {
	return m.matchesNumbers(seq, c) && m.matchesFlags(c) && m.matchesText(c) && m.matchesNested(seq, c)
}

func (m *message) matchesNumbers(seq uint32, c *imap.SearchCriteria) bool {
	for _, set := range c.SeqNum {
		if !set.Contains(seq) {
			return false
		}
	}
	for _, set := range c.UID {
		if !set.Contains(m.uid) {
			return false
		}
	}
	size := int64(len(m.raw))
	return (c.Larger == 0 || size > c.Larger) && (c.Smaller == 0 || size < c.Smaller) && onDay(m.date, c.Since, c.Before)
}

func (m *message) matchesFlags(c *imap.SearchCriteria) bool {
	for _, f := range c.Flag {
		if !m.has(f) {
			return false
		}
	}
	for _, f := range c.NotFlag {
		if m.has(f) {
			return false
		}
	}
	return true
}

func (m *message) matchesText(c *imap.SearchCriteria) bool {
	if len(c.Header)+len(c.Text)+len(c.Body) == 0 && c.SentSince.IsZero() && c.SentBefore.IsZero() {
		return true
	}
	e, err := gomessage.Read(bytes.NewReader(m.raw))
	if e == nil || (err != nil && !gomessage.IsUnknownCharset(err)) {
		return false
	}
	header := mail.Header{Header: e.Header}
	for _, f := range c.Header {
		if !headerHas(header.FieldsByKey(f.Key), f.Value) {
			return false
		}
	}
	if !c.SentSince.IsZero() || !c.SentBefore.IsZero() {
		sent, err := header.Date()
		if err != nil || !onDay(sent, c.SentSince, c.SentBefore) {
			return false
		}
	}
	text := strings.ToLower(bodyText(e))
	for _, want := range c.Body {
		if !strings.Contains(text, strings.ToLower(want)) {
			return false
		}
	}
	for _, want := range c.Text {
		if !strings.Contains(text, strings.ToLower(want)) && !headerHas(header.Fields(), want) {
			return false
		}
	}
	return true
}

func (m *message) matchesNested(seq uint32, c *imap.SearchCriteria) bool {
	for i := range c.Not {
		if m.matches(seq, &c.Not[i]) {
			return false
		}
	}
	for i := range c.Or {
		if !m.matches(seq, &c.Or[i][0]) && !m.matches(seq, &c.Or[i][1]) {
			return false
		}
	}
	return true
}

// onDay compares days without their time zone, as RFC 3501 wants.
func onDay(t, since, before time.Time) bool {
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	return (since.IsZero() || !day.Before(since)) && (before.IsZero() || day.Before(before))
}

func headerHas(fields gomessage.HeaderFields, want string) bool {
	want = strings.ToLower(want)
	for fields.Next() {
		text, err := fields.Text()
		if err != nil {
			text = fields.Value()
		}
		if strings.Contains(strings.ToLower(text), want) {
			return true
		}
	}
	return false
}

// bodyText joins the text of all parts.
func bodyText(e *gomessage.Entity) string {
	var all strings.Builder
	_ = e.Walk(func(_ []int, part *gomessage.Entity, err error) error {
		if err != nil {
			return err // the rest cannot be read, what came before counts
		}
		kind, _, _ := part.Header.ContentType()
		if part.MultipartReader() == nil && (kind == "" || strings.HasPrefix(kind, "text/")) {
			_, err = io.Copy(&all, part.Body)
		}
		return err
	})
	return all.String()
}
