// SPDX-License-Identifier: EUPL-1.2

package mail

import "strings"

// SentByServer is the SentFolder of an identity whose server files what is sent itself.
const SentByServer = "-"

// Identity is who a person writes as: an address with all that goes with it.
type Identity struct {
	ID           int64 // 0 for the one that every account has by its own settings
	AccountID    int64
	Name         string
	Address      string
	ReplyTo      string // where answers are to go; empty for the address itself
	Organisation string
	Signature    string // text, without its delimiter
	SentFolder   string // full name; empty for the account's folder of sent messages, or SentByServer
	Mailbox      string // messages in this folder and below it are answered with this identity; empty for none
	Default      bool
}

// From is the address as it stands in a message.
func (i Identity) From() Address { return Address{Name: i.Name, Addr: i.Address} }

// DefaultIdentity is the one that a new message begins with: the default, else the first. list must not be empty.
func DefaultIdentity(list []Identity) Identity {
	for _, i := range list {
		if i.Default {
			return i
		}
	}
	return list[0]
}

// AnswerIdentity chooses who answers a message that lies in a folder: the identity of a shared mailbox that the folder
// belongs to, else the one that the message was addressed to, else the one that wrote it, else the default.
func AnswerIdentity(list []Identity, m Message, folder, delim string) Identity {
	best, length := -1, -1
	for at, i := range list {
		if i.Mailbox != "" && within(i.Mailbox, folder, delim) && len(i.Mailbox) > length {
			best, length = at, len(i.Mailbox)
		}
	}
	if best >= 0 {
		return list[best]
	}
	for _, field := range [][]Address{m.To, m.Cc, m.Bcc, {m.From}} {
		for _, a := range field {
			for _, i := range list {
				if SameAddress(i.Address, a.Addr) || SameAddress(i.Address, withoutDetail(a.Addr)) {
					return i
				}
			}
		}
	}
	return DefaultIdentity(list)
}

// within reports whether a folder is the mailbox or lies below it.
func within(mailbox, folder, delim string) bool {
	return folder == mailbox || delim != "" && strings.HasPrefix(folder, mailbox+delim)
}

// withoutDetail takes "+detail" out of an address (RFC 5233).
func withoutDetail(addr string) string {
	local, domain, ok := strings.Cut(addr, "@")
	name, _, detail := strings.Cut(local, "+")
	if !ok || !detail || name == "" {
		return addr
	}
	return name + "@" + domain
}

// SameAddress compares addresses as servers do in practice: without regard to case.
func SameAddress(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// IdentityByID finds an identity, the default one where it is gone. list must not be empty.
func IdentityByID(list []Identity, id int64) Identity {
	for _, i := range list {
		if i.ID == id {
			return i
		}
	}
	return DefaultIdentity(list)
}

// IdentityByAddress finds the identity that writes from an address.
func IdentityByAddress(list []Identity, addr string) (Identity, bool) {
	for _, i := range list {
		if SameAddress(i.Address, addr) {
			return i, true
		}
	}
	return Identity{}, false
}

// HasFolder reports whether a folder, or another mailbox, of this full name is in the list.
func HasFolder(folders []Folder, name string) bool {
	for _, f := range folders {
		if f.Name == name || f.Box != "" && f.Box == name {
			return true
		}
	}
	return false
}

// SentFolder chooses where a message is kept that was written as i: in the folder that the identity names, in that for
// sent messages of its mailbox, else in the account's own, for which ok is false. folders are those of the account.
func SentFolder(i Identity, folders []Folder) (f Folder, ok bool) {
	if i.SentFolder != "" && i.SentFolder != SentByServer {
		for _, f := range folders {
			if f.Name == i.SentFolder && f.May(DeedPut) == nil {
				return f, true
			}
		}
	}
	if i.Mailbox == "" {
		return Folder{}, false
	}
	if f, ok := InBox(folders, boxOf(i.Mailbox, folders), RoleSent); ok {
		return f, true
	}
	best := len(roleNames[RoleSent])
	for _, candidate := range folders {
		if !candidate.Selectable || candidate.May(DeedPut) != nil || !within(i.Mailbox, candidate.Name, candidate.Delim) {
			continue
		}
		for rank, name := range roleNames[RoleSent] {
			if rank < best && strings.EqualFold(candidate.Leaf(), name) {
				f, ok, best = candidate, true, rank
			}
		}
	}
	return f, ok
}

// ChangeSignature puts the signature of another identity in the place of the one that a text still ends with, or has above
// a quote. A text that was changed there keeps what stands in it; one without a signature gets the new one at its end. What
// is quoted or forwarded never changes, nor do the same words within a line.
func ChangeSignature(text, before, after string) string {
	before, after = strings.TrimSpace(before), strings.TrimSpace(after)
	own, rest := cutForwarded(text)
	switch {
	case before == after:
		return text
	case before == "" && rest == "" && !strings.HasPrefix(own, ">") && !strings.Contains(own, "\n>"):
		return strings.TrimRight(text, "\n") + "\n\n-- \n" + after + "\n"
	case before == "":
		return text
	}
	i := lastWholeLines(own, before)
	if i < 0 {
		return text
	}
	head, tail := own[:i], own[i+len(before):]
	if after == "" {
		return strings.TrimSuffix(head, "-- \n") + strings.TrimPrefix(tail, "\n") + rest
	}
	return head + after + tail + rest
}

// cutForwarded divides a text where a forwarded message begins.
func cutForwarded(text string) (own, forwarded string) {
	at := 0
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "----------") {
			break
		}
		at += len(line)
	}
	return text[:at], text[at:]
}

// lastWholeLines finds where lines stand last in a text, from the beginning of one to the end of one; -1 for nowhere.
func lastWholeLines(text, lines string) int {
	for end := len(text); ; {
		i := strings.LastIndex(text[:end], lines)
		if i < 0 {
			return -1
		}
		after := text[i+len(lines):]
		if (i == 0 || text[i-1] == '\n') && (after == "" || after[0] == '\n') {
			return i
		}
		end = i + len(lines) - 1
	}
}
