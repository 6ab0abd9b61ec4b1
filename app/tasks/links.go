// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"encoding/base64"
	"errors"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"kontor/sync/ical"
)

// ErrLink is returned for what cannot be linked: only mails, files and web pages can.
var ErrLink = errors.New("this address cannot be linked")

// ErrNoAttachment is returned where there is no such attachment inside of the object.
var ErrNoAttachment = errors.New("there is no such attachment")

// linkSchemes are the addresses that a task may be linked with: what runs something is not among them.
var linkSchemes = []string{"mid", "message", "http", "https", "file"}

// IsMail reports whether a link leads to a mail: mid: (RFC 2392), or message: as Apple writes it.
func IsMail(uri string) bool {
	scheme, _, found := strings.Cut(uri, ":")
	return found && (strings.EqualFold(scheme, "mid") || strings.EqualFold(scheme, "message"))
}

// MailLink is the link to the mail with a Message-ID (RFC 2392, section 2); empty for a mail without one.
func MailLink(messageID string) string {
	if messageID == "" {
		return ""
	}
	return "mid:" + url.PathEscape(messageID)
}

// MessageID is that of the mail that a link leads to, without angle brackets; empty for a link to something else.
func MessageID(uri string) string {
	if !IsMail(uri) {
		return ""
	}
	_, rest, _ := strings.Cut(uri, ":")
	if rest = strings.TrimPrefix(rest, "//"); strings.ContainsRune(rest, '%') {
		if plain, err := url.PathUnescape(rest); err == nil {
			rest = plain
		}
	}
	return strings.Trim(strings.TrimSpace(rest), "<>")
}

// CheckLink reports ErrLink for an address that leads to no mail, file or web page.
func CheckLink(uri string) error {
	u, err := url.Parse(uri)
	if err != nil || !slices.Contains(linkSchemes, strings.ToLower(u.Scheme)) || strings.ContainsAny(uri, " \t\r\n") {
		return ErrLink
	}
	return nil
}

// Link gives the text with a link to a mail (mid:, RFC 2392), a file or a web page; once only.
func Link(text, uri string, now time.Time) (string, error) {
	if err := CheckLink(uri); err != nil {
		return "", err
	}
	return relink(text, now, func(ed *editor, c *ical.Component) {
		if c.Value("URL") == uri || slices.ContainsFunc(c.Lines("ATTACH"), func(l *ical.Line) bool { return l.Value() == uri }) {
			return
		}
		c.Add(ical.NewLine("ATTACH", "", uri))
		ed.touch(c)
	})
}

// Unlink gives the text without a link, wherever it stands.
func Unlink(text, uri string, now time.Time) (string, error) {
	return relink(text, now, func(ed *editor, c *ical.Component) {
		gone := c.RemoveFunc(func(l *ical.Line) bool { return (l.Name == "ATTACH" || l.Name == "URL") && l.Value() == uri })
		if gone {
			ed.touch(c)
		}
	})
}

func relink(text string, now time.Time, fn func(*editor, *ical.Component)) (string, error) {
	o, err := readObject(text, now.Location())
	if err != nil {
		return "", err
	}
	ed := editor{object: o, now: now}
	for _, c := range ed.parts(ed.current()) {
		fn(&ed, c)
	}
	if len(ed.touched) == 0 {
		return text, nil
	}
	ed.stamp()
	return o.String(), nil
}

// Attachments lists what hangs on the task that text shows, in the order that Octets counts in.
func Attachments(text string) ([]Attachment, error) {
	lines, err := attachLines(text)
	all := make([]Attachment, 0, len(lines))
	for _, l := range lines {
		all = append(all, describe(l))
	}
	return all, err
}

// Octets reads the attachment number n that lies in the object itself.
func Octets(text string, n int) (name string, data []byte, err error) {
	lines, err := attachLines(text)
	if err != nil {
		return "", nil, err
	}
	if n < 0 || n >= len(lines) || !inline(lines[n]) {
		return "", nil, ErrNoAttachment
	}
	data, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(lines[n].Value()), ""))
	if err != nil {
		return "", nil, errors.Join(ErrNoAttachment, err)
	}
	return describe(lines[n]).Name, data, nil
}

func attachLines(text string) ([]*ical.Line, error) {
	o, err := readObject(text, time.UTC)
	if err != nil {
		return nil, err
	}
	c := o.current().comp
	if len(c.Lines("ATTACH")) == 0 {
		c = o.master
	}
	return c.Lines("ATTACH"), nil
}

// inline reports whether the octets lie in the line itself (RFC 5545, section 3.8.1.1).
func inline(l *ical.Line) bool {
	return strings.EqualFold(l.Param("VALUE"), "BINARY") || strings.EqualFold(l.Param("ENCODING"), "BASE64")
}

func describe(l *ical.Line) Attachment {
	a := Attachment{Type: l.Param("FMTTYPE")}
	for _, p := range []string{"FILENAME", "X-FILENAME", "X-LABEL", "X-APPLE-FILENAME", "X-ORACLE-FILENAME"} {
		if a.Name == "" {
			a.Name = l.Param(p)
		}
	}
	if n, err := strconv.ParseInt(l.Param("SIZE"), 10, 64); err == nil && n > 0 {
		a.Size = n
	}
	if inline(l) {
		value := strings.TrimSpace(l.Value())
		a.Size = int64(len(value)/4*3 - strings.Count(value[max(0, len(value)-2):], "="))
		return a
	}
	a.URI = l.Value()
	if u, err := url.Parse(a.URI); err == nil && a.Name == "" {
		if base := path.Base(u.Path); base != "." && base != "/" {
			a.Name = base
		}
	}
	return a
}
