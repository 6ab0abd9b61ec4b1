// SPDX-License-Identifier: EUPL-1.2

// Package mimemsg reads and writes messages (RFC 5322, RFC 2045 to 2049). Reading never fails for what a message
// says: whatever is there is given, as a person would want to see it. It streams, so that a large attachment costs no
// memory.
package mimemsg

import (
	"bytes"
	"strings"
	"time"

	"kontor/app/mail"
)

// maxHeader is how many octets of one header block are read; the rest of a longer one is skipped.
const maxHeader = 2 << 20

// Header is what a message says about itself, decoded.
type Header struct {
	MessageID       string   // without angle brackets
	InReplyTo       string   // without angle brackets
	References      []string // without angle brackets, oldest first
	Subject         string
	From            mail.Address
	To, Cc, Bcc     []mail.Address
	ReplyTo         []mail.Address
	Date            time.Time // the Date header, zero if missing or unreadable
	ListUnsubscribe string
	Forwarded       string // Message-ID of what a draft forwards
	Failed          string // the addresses that a message could not be delivered to, as some servers say it
	// Mixed says that the type of the message is multipart/mixed: most likely it carries attachments.
	Mixed bool
}

// ParseHeader reads a header block; what follows an empty line is ignored. It is meant for a first synchronisation:
// fields that are not in Header cost next to nothing.
func ParseHeader(raw []byte) Header {
	var h Header
	var sender mail.Address
	eachField(raw, func(name, value []byte) {
		switch fieldOf(name) {
		case fieldMessageID:
			h.MessageID = firstID(value)
		case fieldInReplyTo:
			h.InReplyTo = firstID(value)
		case fieldReferences:
			h.References = append(h.References, allIDs(value)...)
		case fieldSubject:
			h.Subject = decodeText(value)
		case fieldDate:
			h.Date = parseDate(value)
		case fieldFrom:
			if h.From == (mail.Address{}) || isMboxDate(h.From.Name) { // a separator line that became a field
				h.From = first(parseAddresses(value))
			}
		case fieldSender:
			sender = first(parseAddresses(value))
		case fieldTo:
			h.To = append(h.To, parseAddresses(value)...)
		case fieldCc:
			h.Cc = append(h.Cc, parseAddresses(value)...)
		case fieldBcc:
			h.Bcc = append(h.Bcc, parseAddresses(value)...)
		case fieldReplyTo:
			h.ReplyTo = append(h.ReplyTo, parseAddresses(value)...)
		case fieldListUnsubscribe:
			h.ListUnsubscribe = strings.TrimSpace(string(unfold(value)))
		case fieldForwarded:
			h.Forwarded = firstID(value)
		case fieldFailed:
			h.Failed = cleanLine(toUTF8(unfold(value), ""))
		case fieldContentType:
			h.Mixed = hasPrefixFold(bytes.TrimSpace(value), "multipart/mixed")
		case fieldOther:
		}
	})
	if h.From == (mail.Address{}) {
		h.From = sender
	}
	if isMboxDate(h.From.Name) {
		h.From.Name = ""
	}
	return h
}

// isMboxDate knows the date of an mbox separator: "Thu Aug 22 14:44:26 2002".
func isMboxDate(name string) bool {
	if len(name) < len(time.ANSIC)-1 || len(name) > len(time.ANSIC) {
		return false
	}
	_, err := time.Parse(time.ANSIC, name)
	return err == nil
}

func first(list []mail.Address) mail.Address {
	if len(list) == 0 {
		return mail.Address{}
	}
	return list[0]
}

type field uint8

const (
	fieldOther field = iota
	fieldMessageID
	fieldInReplyTo
	fieldReferences
	fieldSubject
	fieldDate
	fieldFrom
	fieldSender
	fieldTo
	fieldCc
	fieldBcc
	fieldReplyTo
	fieldListUnsubscribe
	fieldContentType
	fieldForwarded
	fieldFailed
)

var fieldNames = [...]struct {
	name string
	f    field
}{
	{"message-id", fieldMessageID},
	{"in-reply-to", fieldInReplyTo},
	{"references", fieldReferences},
	{"subject", fieldSubject},
	{"date", fieldDate},
	{"from", fieldFrom},
	{"sender", fieldSender},
	{"to", fieldTo},
	{"cc", fieldCc},
	{"bcc", fieldBcc},
	{"reply-to", fieldReplyTo},
	{"list-unsubscribe", fieldListUnsubscribe},
	{"content-type", fieldContentType},
	{"x-forwarded-message-id", fieldForwarded},
	{"x-failed-recipients", fieldFailed},
}

func fieldOf(name []byte) field {
	for i := range fieldNames {
		if equalFold(name, fieldNames[i].name) {
			return fieldNames[i].f
		}
	}
	return fieldOther
}

// eachField calls fn for each field of a header block, its value still folded. Lines that are no field are passed over;
// the block ends with an empty line.
func eachField(raw []byte, fn func(name, value []byte)) {
	for len(raw) > 0 {
		end := fieldEnd(raw)
		line := raw[:end]
		raw = raw[end:]
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			return
		}
		colon := bytes.IndexByte(line, ':')
		if colon <= 0 || line[0] == ' ' || line[0] == '\t' {
			continue
		}
		name := bytes.TrimRight(line[:colon], " \t")
		if bytes.ContainsAny(name, " \t\r\n") {
			continue
		}
		fn(name, line[colon+1:])
	}
}

// fieldEnd is where the next field starts: after the first line end that no white space follows, or after an empty line.
func fieldEnd(raw []byte) int {
	for i := 0; i < len(raw); {
		n := bytes.IndexByte(raw[i:], '\n')
		if n < 0 {
			return len(raw)
		}
		i += n + 1
		empty := i == 1 || i == 2 && raw[0] == '\r'
		if empty || i >= len(raw) || raw[i] != ' ' && raw[i] != '\t' {
			return i
		}
	}
	return len(raw)
}

// equalFold compares an ASCII name with one that is all in lower case.
func equalFold(b []byte, lower string) bool {
	return len(b) == len(lower) && hasPrefixFold(b, lower)
}

func hasPrefixFold(b []byte, lower string) bool {
	if len(b) < len(lower) {
		return false
	}
	for i := range len(lower) {
		c := b[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// unfold removes the line ends of a folded value (RFC 5322, section 2.2.3).
func unfold(value []byte) []byte {
	value = bytes.Trim(value, " \t\r\n")
	if bytes.IndexByte(value, '\n') < 0 && bytes.IndexByte(value, '\r') < 0 {
		return value
	}
	out := make([]byte, 0, len(value))
	for _, c := range value {
		if c != '\r' && c != '\n' {
			out = append(out, c)
		}
	}
	return out
}

// firstID gives the first message identifier of a value, without angle brackets; without any, what a value has instead.
func firstID(value []byte) string {
	if ids := scanIDs(value, 1); len(ids) > 0 {
		return ids[0]
	}
	value = unfold(value)
	if i := bytes.IndexAny(value, " \t"); i > 0 {
		value = value[:i]
	}
	return cleanID(value)
}

// maxReferences bounds what a hostile header can make the store hold.
const maxReferences = 200

func allIDs(value []byte) []string {
	if ids := scanIDs(value, maxReferences); len(ids) > 0 {
		return ids
	}
	var ids []string
	for _, word := range bytes.Fields(value) {
		if id := cleanID(word); strings.Contains(id, "@") && len(ids) < maxReferences {
			ids = append(ids, id)
		}
	}
	return ids
}

func scanIDs(value []byte, limit int) []string {
	var ids []string
	for len(ids) < limit {
		open := bytes.IndexByte(value, '<')
		if open < 0 {
			break
		}
		value = value[open+1:]
		end := bytes.IndexByte(value, '>')
		if end < 0 {
			break
		}
		if id := cleanID(value[:end]); id != "" {
			ids = append(ids, id)
		}
		value = value[end+1:]
	}
	return ids
}

// cleanID drops white space, which folding may have put inside, and the brackets.
func cleanID(id []byte) string {
	if bytes.ContainsAny(id, " \t\r\n<>") {
		id = bytes.Map(func(r rune) rune {
			if strings.ContainsRune(" \t\r\n<>", r) {
				return -1
			}
			return r
		}, id)
	}
	return toUTF8(id, "")
}
