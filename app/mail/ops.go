// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"kontor/app/journal"
)

// The payloads of the mail operations. Messages and folders are named by their local IDs: what the server calls them is
// looked up at the moment the operation runs.

// FlagsOp is the payload of journal.MailFlags.
type FlagsOp struct {
	IDs            []int64  `json:"ids"`
	Add            Flags    `json:"add,omitempty"`
	Remove         Flags    `json:"remove,omitempty"`
	AddKeywords    []string `json:"add_keywords,omitempty"`
	RemoveKeywords []string `json:"remove_keywords,omitempty"`
}

// MoveOp is the payload of journal.MailMove. From is the folder the messages were shown in before.
type MoveOp struct {
	IDs  []int64 `json:"ids"`
	From int64   `json:"from"`
	To   int64   `json:"to"`
}

// CopyOp is the payload of journal.MailCopy. Copies are the local rows that stand for the copies, in the order of IDs.
type CopyOp struct {
	IDs    []int64 `json:"ids"`
	Copies []int64 `json:"copies"`
	To     int64   `json:"to"`
}

// DeleteOp is the payload of journal.MailDelete: the messages are removed for good.
type DeleteOp struct {
	IDs []int64 `json:"ids"`
}

// AppendOp is the payload of journal.MailAppend: the stored octets of a local message are put into Folder. Where the
// server already has an older state of the message (a draft that was saved again), that one is removed afterwards.
type AppendOp struct {
	ID     int64 `json:"id"`
	Folder int64 `json:"folder"`
	Flags  Flags `json:"flags,omitempty"`
	// Once looks for a message of this Message-ID in the folder first: some servers file what they send themselves.
	Once bool `json:"once,omitempty"`
}

// FolderOp is the payload of journal.MailFolderCreate, MailFolderRename, MailFolderDelete and MailSubscribe. Name is the
// full new name.
type FolderOp struct {
	ID   int64  `json:"id"`
	Name string `json:"name,omitempty"`
	From string `json:"from,omitempty"` // the name before, for a rename
	// OnlyEmpty spares a folder that turns out to hold messages, for a deletion.
	OnlyEmpty bool `json:"only_empty,omitempty"`
	Subscribe bool `json:"subscribe,omitempty"` // what is wanted, for MailSubscribe
	// Unsubscribed keeps a folder that is made from being subscribed to.
	Unsubscribed bool `json:"unsubscribed,omitempty"`
}

// State is what operations change in a message.
type State struct {
	FolderID int64
	Flags    Flags
	Keywords []string // sorted
	Hidden   bool
	Sending  bool // it stays in the outbox until the server has taken it
}

// Effect is what one pending operation does to the messages and folders it is about.
type Effect struct {
	flags    *FlagsOp
	move     *MoveOp
	put      *AppendOp
	send     *SendOp
	folder   *FolderOp
	vanishes bool
	about    map[int64]struct{}
}

// ReadEffect reads the payload of a mail operation. Kinds that change no row that is shown give an empty Effect.
func ReadEffect(kind journal.Kind, payload []byte) (Effect, error) {
	var e Effect
	var err error
	switch kind {
	case journal.MailFlags:
		e.flags = &FlagsOp{}
		err = json.Unmarshal(payload, e.flags)
		e.about = set(e.flags.IDs)
	case journal.MailMove:
		e.move = &MoveOp{}
		err = json.Unmarshal(payload, e.move)
		e.about = set(e.move.IDs)
	case journal.MailDelete:
		var op DeleteOp
		err = json.Unmarshal(payload, &op)
		e.vanishes, e.about = true, set(op.IDs)
	case journal.MailCopy:
		var op CopyOp
		err = json.Unmarshal(payload, &op)
		e.put, e.about = &AppendOp{Folder: op.To}, set(op.Copies)
	case journal.MailAppend:
		e.put = &AppendOp{}
		err = json.Unmarshal(payload, e.put)
		e.about = set([]int64{e.put.ID})
	case journal.MailSend:
		e.send = &SendOp{}
		err = json.Unmarshal(payload, e.send)
		e.about = set([]int64{e.send.ID})
	case journal.MailFolderCreate, journal.MailFolderRename, journal.MailFolderDelete:
		e.folder = &FolderOp{}
		err = json.Unmarshal(payload, e.folder)
		e.vanishes, e.about = kind == journal.MailFolderDelete, set([]int64{e.folder.ID})
	}
	if err != nil {
		return Effect{}, fmt.Errorf("read the payload of %s: %w", kind, err)
	}
	return e, nil
}

// About reports whether the operation changes the row with this ID.
func (e Effect) About(id int64) bool {
	_, ok := e.about[id]
	return ok
}

// Into is the folder on the server that the operation puts messages into, 0 for none.
func (e Effect) Into() int64 {
	switch {
	case e.move != nil:
		return e.move.To
	case e.put != nil:
		return e.put.Folder
	}
	return 0
}

// Lay gives the state of a message after the operation.
func (e Effect) Lay(s State) State {
	switch {
	case e.flags != nil:
		s.Flags = s.Flags&^e.flags.Remove | e.flags.Add
		s.Keywords = ChangeKeywords(s.Keywords, e.flags.AddKeywords, e.flags.RemoveKeywords)
	case e.move != nil:
		s.FolderID = e.move.To
	case e.send != nil && !e.send.Rest:
		s.FolderID, s.Sending = e.send.Outbox, true
	case e.put != nil && !s.Sending:
		s.FolderID = e.put.Folder
	case e.vanishes:
		s.Hidden = true
	}
	return s
}

// LayFolder gives the name of a folder after the operation and whether it is gone from view; touched reports whether
// the operation says anything about it. Renaming a folder renames what lies below it.
func (e Effect) LayFolder(id int64, name, delim string, hidden bool) (newName string, gone, touched bool) {
	switch {
	case e.folder == nil:
		return name, hidden, false
	case e.About(id) && e.vanishes:
		return name, true, true
	case e.About(id):
		return e.folder.Name, hidden, true
	case e.folder.From != "" && !e.vanishes && delim != "" && strings.HasPrefix(name, e.folder.From+delim):
		return e.folder.Name + strings.TrimPrefix(name, e.folder.From), hidden, true
	}
	return name, hidden, false
}

// ChangeKeywords gives the keywords of have without remove and with add, sorted and each once, in the case in which it was
// there first (RFC 9051, section 2.3.2: case does not tell keywords apart).
func ChangeKeywords(have, add, remove []string) []string {
	out := make([]string, 0, len(have)+len(add))
	for _, k := range have {
		if !hasKeyword(remove, k) {
			out = append(out, k)
		}
	}
	for _, k := range add {
		if !hasKeyword(out, k) {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Invert gives the change that takes a FlagsOp back for messages that had the flags before.
func (o FlagsOp) Invert(before Flags, keywords []string) FlagsOp {
	inv := FlagsOp{IDs: o.IDs, Add: o.Remove & before, Remove: o.Add &^ before}
	for _, k := range o.RemoveKeywords {
		if hasKeyword(keywords, k) {
			inv.AddKeywords = append(inv.AddKeywords, k)
		}
	}
	for _, k := range o.AddKeywords {
		if !hasKeyword(keywords, k) {
			inv.RemoveKeywords = append(inv.RemoveKeywords, k)
		}
	}
	return inv
}

// Empty reports whether the operation changes nothing.
func (o FlagsOp) Empty() bool {
	return len(o.IDs) == 0 || o.Add == 0 && o.Remove == 0 && len(o.AddKeywords) == 0 && len(o.RemoveKeywords) == 0
}

func set(ids []int64) map[int64]struct{} {
	m := make(map[int64]struct{}, len(ids))
	for _, id := range ids {
		m[id] = struct{}{}
	}
	return m
}
