// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"kontor/app/mail"
)

const summaryColumns = `m.id, m.account_id, m.folder_id, m.thread_id, m.message_id, m.subject, m.from_name, m.from_addr, m.recipients,
	m.received, m.size, m.flags, m.keywords, m.snippet, m.has_attachment, m.body_state`

// summaryScan reads the summaryColumns into a mail.Summary.
type summaryScan struct {
	recipients, keywords string
	received             int64
	bodyState            int
}

func (b *summaryScan) dest(s *mail.Summary) []any {
	return []any{
		&s.ID, &s.AccountID, &s.FolderID, &s.ThreadID, &s.MessageID, &s.Subject, &s.From.Name, &s.From.Addr, &b.recipients,
		&b.received, &s.Size, &s.Flags, &b.keywords, &s.Snippet, &s.HasAttachment, &b.bodyState,
	}
}

func (b *summaryScan) fill(s *mail.Summary) {
	s.To = addresses(b.recipients)
	s.Keywords = words(b.keywords)
	s.Date = fromMillis(b.received)
	s.HasBody = b.bodyState == bodyStored
}

// addresses reads a column of addresses. What is not readable is nothing: the message itself has them too.
func addresses(column string) []mail.Address {
	if column == "" {
		return nil
	}
	if list, ok := plainAddresses(column); ok {
		return list
	}
	var list []mail.Address
	if json.Unmarshal([]byte(column), &list) != nil {
		return nil
	}
	return list
}

// plainAddresses reads a column as addressColumn writes it when nothing in it has to be escaped: a third of the time that
// a list takes is saved. It gives up on all else.
func plainAddresses(column string) ([]mail.Address, bool) {
	rest, ok := strings.CutPrefix(column, "[")
	if !ok || !utf8.ValidString(rest) {
		return nil, false
	}
	for i := range len(rest) {
		if rest[i] < ' ' || rest[i] == '\\' {
			return nil, false
		}
	}
	list := make([]mail.Address, 0, strings.Count(column, `","addr":"`))
	for {
		var a mail.Address
		if rest, ok = strings.CutPrefix(rest, `{"name":"`); !ok {
			return nil, false
		}
		if a.Name, rest, ok = strings.Cut(rest, `"`); !ok {
			return nil, false
		}
		if rest, ok = strings.CutPrefix(rest, `,"addr":"`); !ok {
			return nil, false
		}
		if a.Addr, rest, ok = strings.Cut(rest, `"`); !ok {
			return nil, false
		}
		list = append(list, a)
		if rest == "}]" {
			return list, true
		}
		if rest, ok = strings.CutPrefix(rest, "},"); !ok {
			return nil, false
		}
	}
}

func addressColumn(list []mail.Address) string {
	if len(list) == 0 {
		return ""
	}
	b, err := json.Marshal(list)
	if err != nil {
		return ""
	}
	return string(b)
}

func words(column string) []string {
	if column == "" {
		return nil
	}
	return strings.Split(column, " ")
}

func wordColumn(list []string) string { return strings.Join(list, " ") }

// IDs of messages: the minute of reception, the second in 6 bits, and 14 bits that tell messages of one second apart.
const (
	minuteBits = mail.MinuteBits
	secondBits = 14
)

// mailID gives the ID that a message received at this moment would like to have.
func mailID(received time.Time, seed int64) int64 {
	unix := max(received.Unix(), 0)
	minute := min(unix/60, 1<<40)
	return minute<<minuteBits | (unix%60)<<secondBits | seed&(1<<secondBits-1)
}
