// SPDX-License-Identifier: EUPL-1.2

// Package journal is the domain of remote changes: every change a person makes to something that lives on a server is
// one Op, and Next is the whole state machine that carries it there. The package is pure: no clock, no I/O.
package journal

import "time"

// Kind names what an Op does, protocol first. The payload's shape belongs to the package of that protocol.
type Kind string

// The kinds of operation. Reads from a server are never operations.
const (
	MailFlags        Kind = "mail.flags"
	MailMove         Kind = "mail.move"
	MailCopy         Kind = "mail.copy"
	MailDelete       Kind = "mail.delete"
	MailAppend       Kind = "mail.append"
	MailSend         Kind = "mail.send"
	MailFolderCreate Kind = "mail.folder.create"
	MailFolderRename Kind = "mail.folder.rename"
	MailFolderDelete Kind = "mail.folder.delete"
	MailSubscribe    Kind = "mail.folder.subscribe"
	FilePut          Kind = "file.put"
	FileMkdir        Kind = "file.mkdir"
	FileMove         Kind = "file.move"
	FileDelete       Kind = "file.delete"
	TaskPut          Kind = "task.put"
	TaskMove         Kind = "task.move"
	TaskDelete       Kind = "task.delete"
	TaskListCreate   Kind = "task.list.create"
	TaskListEdit     Kind = "task.list.edit"
	TaskListDelete   Kind = "task.list.delete"
)

// State is where an Op stands on its way to the server.
type State string

// The states. Done and Cancelled are final; Running is stored before the first byte leaves.
const (
	Waiting   State = "waiting"
	Running   State = "running"
	InDoubt   State = "in-doubt"
	Failed    State = "failed"
	Held      State = "held"
	Done      State = "done"
	Cancelled State = "cancelled"
)

// Final reports whether an Op in this state will never run again.
func (s State) Final() bool { return s == Done || s == Cancelled }

// Pending reports whether the effect of an Op in this state still has to be laid over what the server says.
// A failed operation is still pending: the person's change stays visible until the person drops it.
func (s State) Pending() bool { return !s.Final() }

// Outcome is what one attempt to carry out or to settle an Op came to.
type Outcome uint8

// The outcomes of an attempt.
const (
	// Succeeded: the server confirmed the change.
	Succeeded Outcome = iota
	// Retry: nothing happened on the server; try again later.
	Retry
	// Unknown: the connection broke after bytes left; the server may or may not have acted.
	Unknown
	// Rejected: the server refused for good, a person has to decide.
	Rejected
	// Stale: a precondition failed; the plan is made again from fresh server state.
	Stale
)

// Op is one change on its way to a server.
type Op struct {
	ID        int64
	AccountID int64
	Kind      Kind
	Target    string // what it is about, in a person's words: a subject, a path, a title
	Payload   []byte // JSON, owned by the protocol's package
	Inverse   []byte // JSON of an Inverse, or nil where nothing can bring it back
	State     State
	Tries     int       // attempts so far
	NextTry   time.Time // not before this moment
	LastError string    // in the words of the server or the system
	Cause     string    // of LastError, from which app.ExplainOp makes a sentence in any language; empty for unknown. Of what is done: what to say of it
	Proof     string    // the server's own words: SMTP reply, APPENDUID, ETag
	DependsOn int64     // an Op that must be Done first, 0 for none
	Group     int64     // operations of one action share the ID of its first one and are undone together
	Undone    bool      // it is no step of undo: taken back already, or nothing that a person did
	Origin    int64     // the first Op of the same change, 0 for itself: this one takes it back or does it again
	Back      bool      // it takes its Origin back
	Redo      bool      // the change was taken back and can be done again
	Created   time.Time
	Updated   time.Time
	Targets   []Target // the rows it is about
}

// Target points at a row of the local store that an Op changes.
type Target struct {
	Table string // "messages", "folders", "files", "tasks" or "lists"
	ID    int64
}

// Inverse describes the operation that takes a confirmed Op back.
type Inverse struct {
	Kind    Kind   `json:"kind"`
	Payload []byte `json:"payload"`
	Target  string `json:"target"`
}

// Mark is the state of one item as it is shown to a person, the same glyph and words everywhere.
type Mark string

// The marks, from the quietest to the one that needs a decision.
const (
	MarkServer   Mark = "server"
	MarkWaiting  Mark = "waiting"
	MarkRunning  Mark = "running"
	MarkHeld     Mark = "held"
	MarkInDoubt  Mark = "in-doubt"
	MarkRejected Mark = "rejected"
	MarkConflict Mark = "conflict"
)

// MarkOf gives the mark of an item that one Op in state s is about.
func MarkOf(s State) Mark {
	switch s {
	case Waiting:
		return MarkWaiting
	case Running:
		return MarkRunning
	case Held:
		return MarkHeld
	case InDoubt:
		return MarkInDoubt
	case Failed:
		return MarkRejected
	case Done, Cancelled:
		return MarkServer
	}
	return MarkServer
}
