// SPDX-License-Identifier: EUPL-1.2

// Package files is the domain of the synced file tree: entries, their states, name rules and conflict names.
// It is pure: no I/O, and nothing but the standard library and the Unicode tables.
package files

import "time"

// State is what a person is told about one entry.
type State string

// The states. OnlineOnly has no local bytes; Offline has them, equal to the server's.
const (
	OnlineOnly State = "online-only"
	Offline    State = "offline"
	Waiting    State = "waiting"
	Running    State = "running"
	Conflict   State = "conflict"
	Rejected   State = "rejected"
)

// Entry is one file or folder below the root of an account's files. Path uses '/' and has no leading slash; the root is "".
type Entry struct {
	ID         int64
	AccountID  int64
	ParentID   int64 // 0 for the entries of the root
	Name       string
	Path       string
	Dir        bool
	Size       int64 // octets
	Modified   time.Time
	State      State
	Pinned     bool // this entry or one above it is pinned: kept offline
	PinnedHere bool // the pin sits on this very entry
	ReadOnly   bool
	LocalPath  string // absolute path of the local copy, empty for none
	ETag       string
	Problem    string // why it is Rejected or in Conflict, in a key of the translations
	Progress   int    // per cent while Running, -1 where unknown
	Verified   time.Time
	Sending    bool // its content has still to go to the server
}

// Space is the storage of an account; -1 where the server does not say.
type Space struct {
	Used, Free   int64 // octets on the server (RFC 4331)
	OfflineBytes int64
	OfflineFiles int
}

// Note is something about a place in the tree that a person should know, though nothing is wrong with a transfer: a file
// that stays where it is, or one that somebody has open.
type Note struct {
	Path    string `json:"path"`
	Problem string `json:"problem"`         // a key of the translations
	Local   string `json:"local,omitempty"` // the name on the disk, where it is another one
}

// The notes.
const (
	NoteName       = "files.note.name"       // a name that is no text: it cannot travel
	NoteSpecial    = "files.note.special"    // a link, a pipe, a device: never followed
	NoteUnreadable = "files.note.unreadable" // this account may not read it
	NoteAlias      = "files.note.alias"      // has another name on the disk
	NoteLock       = "files.note.lock"       // somebody else has it open in an office program
)
