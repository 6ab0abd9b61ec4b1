// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// letter is a mail before it is put into MIME form.
type letter struct {
	id         string // left part of the Message-ID
	references []string
	from       person
	to, cc     []person
	date       time.Time
	subject    string
	text       string
	html       string // an alternative to text, empty for none
	files      []file
	inline     *file // an image that html shows as cid:bild
	header     []string
	flags      []imap.Flag
}

// file is an attachment.
type file struct {
	name string
	data []byte
}

func messageID(id string) string { return "<" + id + "@" + Domain + ">" }

// mime writes the letter (RFC 5322, RFC 2045). Everything in it follows from the letter alone.
func (l letter) mime() []byte {
	var b bytes.Buffer
	field := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	field("Date", l.date.Format(time.RFC1123Z))
	field("From", address(l.from))
	field("To", addresses(l.to))
	if len(l.cc) > 0 {
		field("Cc", addresses(l.cc))
	}
	field("Subject", encodeWords(l.subject))
	field("Message-ID", messageID(l.id))
	if n := len(l.references); n > 0 {
		field("In-Reply-To", messageID(l.references[n-1]))
		all := make([]string, n)
		for i, r := range l.references {
			all[i] = messageID(r)
		}
		field("References", strings.Join(all, "\r\n "))
	}
	for _, h := range l.header {
		b.WriteString(h + "\r\n")
	}
	field("MIME-Version", "1.0")
	b.Write(l.body())
	return b.Bytes()
}

func address(p person) string { return (&netmail.Address{Name: p.name, Address: p.email}).String() }

func addresses(all []person) string {
	words := make([]string, len(all))
	for i, p := range all {
		words[i] = address(p)
	}
	return strings.Join(words, ",\r\n ")
}

// encodeWords is RFC 2047, a line for each word.
func encodeWords(s string) string {
	return strings.ReplaceAll(mime.QEncoding.Encode("utf-8", s), "?= =?", "?=\r\n =?")
}

// body is the header of the outermost part, an empty line and the part.
func (l letter) body() []byte {
	part := textPart("plain", l.text)
	if l.html != "" {
		html := textPart("html", l.html)
		if l.inline != nil {
			html = multipart("related", l.id+"-r", html, filePart(*l.inline, "inline", "Content-ID: <bild>\r\n"))
		}
		part = multipart("alternative", l.id+"-a", part, html)
	}
	if len(l.files) > 0 {
		parts := [][]byte{part}
		for _, f := range l.files {
			parts = append(parts, filePart(f, "attachment", ""))
		}
		part = multipart("mixed", l.id+"-m", parts...)
	}
	return part
}

func textPart(kind, text string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Content-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", kind)
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write([]byte(strings.ReplaceAll(text, "\n", "\r\n")))
	_ = w.Close()
	return b.Bytes()
}

func filePart(f file, disposition, extra string) []byte {
	kind, _, _ := strings.Cut(typeOf(f.name), ";")
	var b bytes.Buffer
	fmt.Fprintf(&b, "Content-Type: %s\r\n", mime.FormatMediaType(kind, map[string]string{"name": f.name}))
	fmt.Fprintf(&b, "Content-Disposition: %s\r\n", mime.FormatMediaType(disposition, map[string]string{"filename": f.name}))
	b.WriteString(extra + "Content-Transfer-Encoding: base64\r\n\r\n")
	text := base64.StdEncoding.EncodeToString(f.data)
	for len(text) > 76 {
		b.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	b.WriteString(text + "\r\n")
	return b.Bytes()
}

func multipart(kind, boundary string, parts ...[]byte) []byte {
	var b bytes.Buffer
	boundary = "=_" + boundary
	fmt.Fprintf(&b, "Content-Type: multipart/%s; boundary=\"%s\"\r\n\r\n", kind, boundary)
	for _, p := range parts {
		fmt.Fprintf(&b, "--%s\r\n%s\r\n", boundary, p)
	}
	fmt.Fprintf(&b, "--%s--\r\n", boundary)
	return b.Bytes()
}
