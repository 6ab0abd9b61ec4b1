// SPDX-License-Identifier: EUPL-1.2

package files

import (
	"fmt"
	"path"
	"strings"
	"time"
	"unicode/utf8"
)

// ConflictName is the name that a person's own version of a file gets when the server holds another one:
// "Plan (Konflikt Jonas Weber 2026-11-23).ods". taken reports names that are in use already.
func ConflictName(name, word, who string, day time.Time, taken func(string) bool) string {
	note := strings.Join(strings.Fields(word+" "+printable(who)), " ") + " " + day.Format(time.DateOnly)
	return numbered(name, note, taken)
}

// Alias is a free name for a file whose own name another one has: "Plan (2).ods".
func Alias(name string, taken func(string) bool) string { return numbered(name, "", taken) }

// numbered appends the note in brackets before the ending, with a number as soon as that is taken.
func numbered(name, note string, taken func(string) bool) string {
	for n := 1; ; n++ {
		bracket := note
		switch {
		case note == "":
			bracket = fmt.Sprint(n + 1)
		case n > 1:
			bracket = fmt.Sprintf("%s %d", note, n)
		}
		if candidate := insert(name, " ("+bracket+")"); taken == nil || !taken(candidate) {
			return candidate
		}
	}
}

// insert puts text before the ending of name and shortens the stem until the whole fits.
func insert(name, text string) string {
	ext := path.Ext(name)
	if ext == name || len(ext) > 20 {
		ext = ""
	}
	stem := strings.TrimSuffix(name, ext)
	for len(stem)+len(text)+len(ext) > maxName && stem != "" {
		_, size := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-size]
	}
	return stem + text + ext
}

// Version is one side of a conflict, or an earlier content that the server keeps, in a person's terms.
type Version struct {
	Key      string    `json:"key,omitempty"` // names an earlier content to the server
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified,omitzero"`
	Hash     string    `json:"hash,omitempty"`
	ETag     string    `json:"etag,omitempty"`
	Who      string    `json:"who,omitempty"` // who made an earlier content, where the server tells
}

// Brake names why the synchronisation of files stopped until a person decides.
type Brake string

// The brakes.
const (
	BrakeNone        Brake = ""
	BrakeMassDelete  Brake = "mass-delete"  // more than a few files would be deleted at once
	BrakeEmptyServer Brake = "empty-server" // the server suddenly holds nothing
	BrakeEmptyDisk   Brake = "empty-disk"   // the local folder is suddenly empty
	BrakeNoRoot      Brake = "no-root"      // the local folder or its marker is gone
	BrakeOtherServer Brake = "other-server" // another collection answers at the same address
	BrakeOlderServer Brake = "older-server" // several files are older on the server than before, as after restoring a backup
)

// ConflictDetail is the JSON of a conflict of kind "file". With a Brake it is a question about the whole tree and the
// versions are empty.
type ConflictDetail struct {
	Path     string   `json:"path"`
	CopyPath string   `json:"copy_path,omitempty"` // where the person's own version lies now
	CopyID   int64    `json:"copy_id,omitempty"`
	Mine     Version  `json:"mine,omitzero"`
	Theirs   Version  `json:"theirs,omitzero"`
	Who      *Who     `json:"who,omitempty"` // what the server told of who made Theirs; nil until it was asked
	Brake    Brake    `json:"brake,omitempty"`
	OnServer bool     `json:"on_server,omitempty"` // the deletions would hit the server; else the local folder
	Count    int      `json:"count,omitempty"`     // files that would be deleted, or become older
	Paths    []string `json:"paths,omitempty"`     // the first of them
}
