// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"kontor/app/i18n"
	"kontor/app/mail"
)

// ErrMailto is returned for something that is no mailto URL.
var ErrMailto = errors.New("not a mailto address")

// ParseMailto reads a mailto URL (RFC 6068) into a message to be written. Only recipients, subject and text are taken:
// a link must not attach files or set other headers.
func ParseMailto(raw string) (mail.Outgoing, error) {
	scheme, rest, ok := strings.Cut(raw, ":")
	if !ok || !strings.EqualFold(scheme, "mailto") {
		return mail.Outgoing{}, fmt.Errorf("%w: %q", ErrMailto, raw)
	}
	to, query, _ := strings.Cut(rest, "?")
	var m mail.Outgoing
	if err := addRecipients(&m.To, to); err != nil {
		return mail.Outgoing{}, err
	}
	for _, field := range strings.Split(query, "&") {
		key, value, _ := strings.Cut(field, "=")
		text, err := url.PathUnescape(value) // a plus sign is a plus sign here
		if err != nil {
			return mail.Outgoing{}, fmt.Errorf("%w: %w", ErrMailto, err)
		}
		switch strings.ToLower(key) {
		case "to":
			err = addRecipients(&m.To, value)
		case "cc":
			err = addRecipients(&m.Cc, value)
		case "bcc":
			err = addRecipients(&m.Bcc, value)
		case "subject":
			m.Subject = oneLine(text)
		case "body":
			m.Text = strings.ReplaceAll(text, "\r\n", "\n")
		}
		if err != nil {
			return mail.Outgoing{}, err
		}
	}
	return m, nil
}

func addRecipients(list *[]mail.Address, escaped string) error {
	text, err := url.PathUnescape(escaped)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMailto, err)
	}
	found, err := parseAddresses(text)
	*list = append(*list, found...)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMailto, err)
	}
	return nil
}

// unsubscribeLink gives where a person can leave the list that a message came by (RFC 2369, section 3.2), empty for
// nowhere: an address to write to before a page of the web, since writing needs no network now and shows nobody what this
// computer is. Other kinds of links are nothing that a stranger's message may open.
func unsubscribeLink(field string) string {
	page := ""
	for field != "" {
		var link string
		_, rest, ok := strings.Cut(field, "<")
		if !ok {
			break
		}
		if link, field, ok = strings.Cut(rest, ">"); !ok {
			break
		}
		link = strings.Join(strings.Fields(link), "")
		if m, err := ParseMailto(link); err == nil && len(m.To) > 0 {
			return link
		}
		u, err := url.Parse(link)
		if page == "" && err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
			page = link
		}
	}
	return page
}

// unsubscribe begins to leave the list that a message came by: with a message from the account that it came to, which the
// person looks at and sends, or with the page of the list, which opens only after a question.
func (p *Page) unsubscribe(m mail.Message, link string) {
	if wish, err := ParseMailto(link); err == nil {
		wish.AccountID = m.AccountID
		p.Compose(wish)
		return
	}
	u, err := url.Parse(link)
	if err != nil {
		p.fail(fmt.Errorf("open link: %w", err))
		return
	}
	p.confirm(i18n.T("mailui.ask.link", "host", u.Hostname()), i18n.T("mailui.ask.unsubscribe"), i18n.T("mailui.ask.link-yes"), func() {
		p.followLink(span{Href: link})
	})
}
