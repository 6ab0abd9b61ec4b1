// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

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
