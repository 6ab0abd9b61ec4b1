// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"strings"
	"time"
	"unicode"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/app/ui/kit"
)

// rowView is a message as the list shows it.
type rowView struct {
	ID      int64
	Unread  bool
	Who     string
	When    string
	Subject string
	Snippet string
	Count   string // messages of the conversation, empty for one
	Clip    bool
	Invite  bool
	Flagged bool
	Answer  string // symbol for answered or forwarded
	Mark    journal.Mark
	Tags    []mail.Tag
}

// rowOf makes the view of a list row. outward says that the folder holds what the person wrote, so recipients are shown.
func rowOf(s mail.Summary, mark journal.Mark, outward bool, now time.Time) rowView {
	v := rowView{
		ID: s.ID, Unread: !s.Flags.Has(mail.Seen), Who: senderName(s.From), When: i18n.Day(s.Date, now),
		Subject: oneLine(s.Subject), Snippet: oneLine(s.Snippet), Clip: s.HasAttachment, Flagged: s.Flags.Has(mail.Flagged), Mark: mark,
	}
	if s.ThreadCount > 1 {
		v.Count = i18n.Count(s.ThreadCount)
		v.Unread = v.Unread || s.ThreadUnread > 0
	}
	if outward {
		v.Unread = false
		v.Who = i18n.T("mailui.row.nobody")
		if len(s.To) > 0 {
			v.Who = i18n.T("mailui.row.to", "names", names(s.To))
		}
	}
	if v.Subject == "" {
		v.Subject = i18n.T("mailui.row.no-subject")
	}
	switch {
	case s.Flags.Has(mail.Answered):
		v.Answer = "reply"
	case s.Flags.Has(mail.Forwarded):
		v.Answer = "forward"
	}
	return v
}

// Spoken is the row in one sentence, for a screen reader.
func (v rowView) Spoken() string {
	parts := make([]string, 0, 8)
	if v.Unread {
		parts = append(parts, i18n.T("mailui.row.unread"))
	}
	parts = append(parts, v.Who, v.Subject, v.When)
	if v.Clip {
		parts = append(parts, i18n.T("mailui.row.attachment"))
	}
	if v.Flagged {
		parts = append(parts, i18n.T("mailui.row.flagged"))
	}
	if len(v.Tags) > 0 {
		parts = append(parts, tagWords(v.Tags))
	}
	if words := kit.MarkWords(v.Mark); words != "" {
		parts = append(parts, words)
	}
	return strings.Join(parts, ", ")
}

// senderName is the display name of an address, or the address itself.
func senderName(a mail.Address) string {
	if name := oneLine(strings.Trim(a.Name, `"' `)); name != "" {
		return name
	}
	if a.Addr != "" {
		return oneLine(a.Addr)
	}
	return i18n.T("mailui.row.unknown")
}

func names(list []mail.Address) string {
	parts := make([]string, 0, len(list))
	for _, a := range list {
		parts = append(parts, senderName(a))
	}
	return strings.Join(parts, ", ")
}

// initials gives one or two letters for a sender's picture.
func initials(a mail.Address) string {
	words := strings.FieldsFunc(senderName(a), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if a.Name == "" {
		local, _, _ := strings.Cut(a.Addr, "@")
		words = strings.FieldsFunc(local, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	}
	switch {
	case len(words) == 0:
		return "?"
	case len(words) == 1:
		return firstUpper(words[0])
	}
	return firstUpper(words[0]) + firstUpper(words[len(words)-1])
}

func firstUpper(word string) string {
	for _, r := range word {
		return string(unicode.ToUpper(r))
	}
	return ""
}

// oneLine makes a header's or snippet's text safe to draw in one line: no breaks, no control or direction characters.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case unicode.IsControl(r), bidi(r), r == '\uFEFF', r == '\u200B':
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// bidi reports the characters that reorder the text around them (Unicode Standard Annex #9, section 2) and could make a
// name or address read differently from what it is.
func bidi(r rune) bool { return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069' }

// outward reports whether rows of a query show recipients: what a person wrote.
func outward(q mail.Query, folder mail.Folder) bool {
	switch {
	case q.FolderID != 0:
		return folder.Role == mail.RoleSent || folder.Role == mail.RoleDrafts || folder.Role == mail.RoleOutbox
	default:
		return q.Role == mail.RoleSent || q.Role == mail.RoleDrafts || q.Role == mail.RoleOutbox
	}
}

// addressLine writes the recipients below the subject: "an mich, Jonas Weber und 3 weitere".
func addressLine(to, cc []mail.Address, own map[string]bool) string {
	const shown = 4
	all := make([]string, 0, len(to)+len(cc))
	for _, a := range append(append([]mail.Address{}, to...), cc...) {
		if own[strings.ToLower(a.Addr)] {
			all = append([]string{i18n.T("mailui.reader.me")}, all...)
			continue
		}
		all = append(all, senderName(a))
	}
	switch {
	case len(all) == 0:
		return i18n.T("mailui.reader.to-nobody")
	case len(all) > shown:
		return i18n.T("mailui.reader.to-more", "names", strings.Join(all[:shown-1], ", "), "n", len(all)-shown+1)
	}
	return i18n.T("mailui.reader.to", "names", strings.Join(all, ", "))
}

// longWhen writes the moment of a message in the reader: "heute, 09:42" or a whole date.
func longWhen(t, now time.Time) string {
	if t.IsZero() {
		return i18n.T("mailui.reader.no-date")
	}
	t, now = t.Local(), now.Local()
	clock := i18n.Clock(t)
	switch day := t.Format(time.DateOnly); day {
	case now.Format(time.DateOnly):
		return i18n.T("mailui.reader.today", "time", clock)
	case now.AddDate(0, 0, -1).Format(time.DateOnly):
		return i18n.T("mailui.reader.yesterday", "time", clock)
	}
	return i18n.Weekday(t.Weekday()) + ", " + i18n.DateTime(t)
}
