// SPDX-License-Identifier: EUPL-1.2

// Package mail is the domain of messages: what a folder, a list row, an opened message and a message being written are.
// It is pure: standard library only, no I/O.
package mail

import "time"

// Role is the special use of a folder (RFC 6154), RoleNone for an ordinary one.
type Role string

// The roles. RoleInbox follows from the name INBOX (RFC 9051, section 5.1); RoleOutbox exists only in the local store.
const (
	RoleNone    Role = ""
	RoleInbox   Role = "inbox"
	RoleDrafts  Role = "drafts"
	RoleSent    Role = "sent"
	RoleArchive Role = "archive"
	RoleJunk    Role = "junk"
	RoleTrash   Role = "trash"
	RoleOutbox  Role = "outbox"
	RoleAll     Role = "all"
	RoleFlagged Role = "flagged"
)

// Folder is one mailbox of an account. Name is the full path in UTF-8, its levels separated by Delim.
type Folder struct {
	ID         int64
	AccountID  int64
	Name       string
	Delim      string
	Role       Role
	Selectable bool
	Subscribed bool
	Total      int // messages known locally
	Unread     int
	Complete   bool // every message of the server's folder is known locally

	Space  Space  // whose folders it belongs to; all of one Box form a section
	Owner  string // see Place
	Box    string // see Place
	Rights Rights // what the person may do with it
}

// Flags are the system flags of RFC 9051, section 2.3.2, and the common keywords, as bits.
type Flags uint32

// The flags.
const (
	Seen Flags = 1 << iota
	Answered
	Flagged
	Deleted
	Draft
	Forwarded // $Forwarded
	MDNSent   // $MDNSent
	Junk      // $Junk
	NotJunk   // $NotJunk
)

// Has reports whether all flags of o are set.
func (f Flags) Has(o Flags) bool { return f&o == o }

// Address is one mailbox of an address header (RFC 5322, section 3.4), decoded.
type Address struct {
	Name string `json:"name"`
	Addr string `json:"addr"`
}

// Summary is one row of a message list.
type Summary struct {
	ID            int64
	AccountID     int64
	FolderID      int64
	ThreadID      int64
	MessageID     string // without angle brackets
	Subject       string
	From          Address
	To            []Address
	Date          time.Time // the moment the server received it
	Size          int64     // octets
	Flags         Flags
	Keywords      []string // other than those with a bit in Flags
	Snippet       string
	HasAttachment bool
	HasBody       bool // the whole message is in the local store
	ThreadCount   int  // messages of the conversation, filled by threaded lists
	ThreadUnread  int
}

// Attachment is one part of a message that a person can save.
type Attachment struct {
	Index    int // position among the attachments of the message, from 0
	Name     string
	MIMEType string
	Size     int64 // octets after decoding
	Inline   bool
	CID      string // Content-ID without angle brackets
}

// Message is an opened message: what a reader shows without touching the raw bytes.
type Message struct {
	Summary
	Cc, Bcc, ReplyTo []Address
	Sent             time.Time // the Date header, zero if missing or unreadable
	InReplyTo        string
	References       []string
	Text             string // plain text to show: the text part, or the HTML part made readable
	HTML             string // the HTML part as sent, empty for none
	Attachments      []Attachment
	ListUnsubscribe  string
	Protection       Protection // how the message is signed or encrypted, empty for neither
	Report           *Report    // what became of another message, nil for none
}

// Outgoing is a message being written.
type Outgoing struct {
	DraftID     int64 // the local draft it is saved as, 0 for none
	AccountID   int64
	From        Address
	To, Cc, Bcc []Address
	Subject     string
	Text        string
	InReplyTo   string
	References  []string
	MessageID   string // final from the first save on, without angle brackets
	Date        time.Time
	Attachments []OutAttachment
	AnswerOf    int64 // the local message that gets \Answered once this is sent, 0 for none
	ForwardOf   int64 // the local message that gets $Forwarded once this is sent, 0 for none

	Identity        int64     // the ID of the Identity it is written as, 0 for the account's own
	ReplyTo         []Address // where answers are to go, if not to From
	Organisation    string
	SendAt          time.Time // not before this moment; zero for as soon as possible
	ReadReceipt     bool      // asks the readers for a receipt (RFC 8098)
	DeliveryReceipt bool      // asks the servers for a receipt (RFC 3461)
}

// OutAttachment is a file that goes with an Outgoing. Its bytes are copied into the store when it is added.
type OutAttachment struct {
	Name     string `json:"name"`
	MIMEType string `json:"mime_type"`
	Data     []byte `json:"-"`
}

// Query selects the rows of a message list.
type Query struct {
	FolderID   int64 // 0 with Role: that role in all accounts
	Role       Role
	UnreadOnly bool
	Flagged    bool
	Threads    bool   // one row a conversation, its newest message
	ThreadID   int64  // all messages of one conversation, oldest first, wherever they lie
	Text       string // search words with operators; empty for all
	Order      Order  // of a list; of a conversation the oldest comes first whatever it says
}
