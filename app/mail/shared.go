// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"errors"
	"slices"
	"strings"
)

// Space is the class of a namespace (RFC 2342): whose folders it holds.
type Space string

// The classes. SpaceOwn is the person's own mailbox.
const (
	SpaceOwn    Space = ""
	SpaceUsers  Space = "users"  // of other users: each is a mailbox
	SpaceShared Space = "shared" // of nobody in particular
)

// Namespace is one that the server names. Prefix ends in Delim, in most cases.
type Namespace struct {
	Space  Space
	Prefix string
	Delim  string
}

// Place is where a folder belongs: to the person's own mailbox, or to a section of another one.
type Place struct {
	Role  Role
	Space Space
	Owner string // whose mailbox, or what it is called; empty for the own one
	Box   string // the full name that the names of all folders of this mailbox begin with, without the last separator
}

// Places decides where each folder belongs and which role it has there: in the person's own mailbox as AssignRoles does it,
// and likewise in each mailbox of other users. Of shared folders, those form a mailbox that have an inbox or a folder for
// sent or deleted messages below them; the others are one section without roles.
func Places(folders []FolderClaim, spaces []Namespace) []Place {
	places := make([]Place, len(folders))
	groups := map[Place][]int{}
	for i, f := range folders {
		places[i] = placeOf(f, folders, spaces)
		if places[i].Space == SpaceOwn || !f.NoSelect {
			groups[places[i]] = append(groups[places[i]], i)
		}
	}
	for box, members := range groups {
		claims := make([]FolderClaim, len(members))
		for k, i := range members {
			claims[k] = folders[i]
			if box.Space != SpaceOwn {
				claims[k].Name = nameInBox(folders[i], box.Box)
			}
		}
		if box.Space == SpaceShared && !isBox(box.Box, folders) {
			continue
		}
		for k, role := range AssignRoles(claims) {
			places[members[k]].Role = role
		}
	}
	return places
}

// nameInBox is a folder's name as its owner sees it. The folder that the mailbox is named after is the inbox, in servers that
// have one there (Cyrus).
func nameInBox(f FolderClaim, box string) string {
	if f.Name == box {
		return "INBOX"
	}
	return strings.TrimPrefix(f.Name, box+f.Delim)
}

func placeOf(f FolderClaim, all []FolderClaim, spaces []Namespace) Place {
	var best *Namespace
	for i, s := range spaces {
		if s.Space != SpaceOwn && s.Prefix != "" && s.holds(f.Name) && (best == nil || len(s.Prefix) > len(best.Prefix)) {
			best = &spaces[i]
		}
	}
	if best == nil {
		return Place{}
	}
	root := strings.TrimSuffix(best.Prefix, best.Delim)
	first := best.first(f.Name)
	box := best.Prefix + first
	if first == "" || best.Space == SpaceShared && !isBox(box, all) {
		return Place{Space: best.Space, Owner: strings.TrimLeft(root, "#~"), Box: root}
	}
	return Place{Space: best.Space, Owner: first, Box: box}
}

// holds reports whether a folder lies in the namespace.
func (s Namespace) holds(name string) bool {
	return strings.HasPrefix(name, s.Prefix) || name == strings.TrimSuffix(s.Prefix, s.Delim)
}

// first gives the first level of a name below the prefix.
func (s Namespace) first(name string) string {
	rest, ok := strings.CutPrefix(name, s.Prefix)
	if !ok {
		return ""
	}
	if s.Delim != "" {
		rest, _, _ = strings.Cut(rest, s.Delim)
	}
	return rest
}

// isBox reports whether folders below a name are those of a mailbox.
func isBox(box string, all []FolderClaim) bool {
	return slices.ContainsFunc(all, func(f FolderClaim) bool {
		leaf, ok := strings.CutPrefix(f.Name, box+f.Delim)
		if !ok || f.Delim == "" || strings.Contains(leaf, f.Delim) {
			return false
		}
		leaf = strings.ToLower(leaf)
		return leaf == "inbox" || slices.Contains(roleNames[RoleSent], leaf) || slices.Contains(roleNames[RoleTrash], leaf) ||
			f.Special == RoleSent || f.Special == RoleTrash
	})
}

// Home is the mailbox that a folder belongs to, empty for the person's own.
func (f Folder) Home() string {
	if f.Space == SpaceOwn {
		return ""
	}
	return f.Box
}

// ShortName is the folder's name as the owner of its mailbox sees it.
func (f Folder) ShortName() string {
	if f.Space == SpaceOwn || f.Name == f.Box {
		return f.Name
	}
	return strings.TrimPrefix(f.Name, f.Box+f.Delim)
}

// Rights are what a person may do with a folder, as letters of RFC 4314, section 2.1. Empty means that they are not known:
// then everything is tried.
type Rights string

// NoRights are rights that are known, and none.
const NoRights Rights = "-"

// The rights.
const (
	RightLookup  = 'l' // the folder is listed
	RightRead    = 'r' // its messages are read
	RightSeen    = 's' // who has read them is kept
	RightWrite   = 'w' // other flags and keywords are changed
	RightInsert  = 'i' // messages are put into it
	RightPost    = 'p' // mail is sent to it
	RightCreate  = 'k' // folders are made in it
	RightDelete  = 'x' // the folder itself is deleted or renamed
	RightRemove  = 't' // messages are marked as deleted
	RightExpunge = 'e' // messages are deleted for good
	RightAdmin   = 'a' // the rights of others are changed
)

// allRights are those that have words, in the order in which they are told.
const allRights = "lrswiptekxa"

// ReadRights understands rights as a server writes them. Where it follows RFC 2086 only (old), c and d stand for what was
// divided later.
func ReadRights(s string, old bool) Rights {
	have := map[rune]bool{}
	for _, r := range s {
		switch {
		case old && r == 'c':
			have[RightCreate], have[RightDelete] = true, true
		case old && r == 'd':
			have[RightRemove], have[RightExpunge], have[RightDelete] = true, true, true
		case strings.ContainsRune(allRights, r):
			have[r] = true
		}
	}
	var b strings.Builder
	for _, r := range allRights {
		if have[r] {
			b.WriteRune(r)
		}
	}
	if b.Len() == 0 {
		return NoRights
	}
	return Rights(b.String())
}

// Has reports whether all of these rights are there, or may be since nothing is known.
func (r Rights) Has(want ...rune) bool {
	if r == "" {
		return true
	}
	for _, w := range want {
		if !strings.ContainsRune(string(r), w) {
			return false
		}
	}
	return true
}

// Known reports whether the server has said what the rights are.
func (r Rights) Known() bool { return r != "" }

// Each lists the rights that have words, in the order in which they are told.
func (r Rights) Each() []rune {
	var list []rune
	for _, one := range r {
		if one != '-' {
			list = append(list, one)
		}
	}
	return list
}

// Deed is something that rights may forbid.
type Deed string

// The deeds.
const (
	DeedMark   Deed = "mark"   // change flags or keywords
	DeedTake   Deed = "take"   // delete messages or move them away
	DeedPut    Deed = "put"    // put messages into the folder
	DeedCreate Deed = "create" // make a folder below it
	DeedChange Deed = "change" // rename or delete the folder itself
)

// deedRights are what each deed needs.
var deedRights = map[Deed][]rune{
	DeedMark: {RightWrite}, DeedTake: {RightRemove, RightExpunge}, DeedPut: {RightInsert}, DeedCreate: {RightCreate}, DeedChange: {RightDelete},
}

// ErrForbidden is what rights do not allow.
var ErrForbidden = errors.New("the owner of the folder does not allow this")

// ForbiddenError says what is forbidden, and in which folder.
type ForbiddenError struct {
	Folder Folder
	Deed   Deed
}

// Error is part of error.
func (e *ForbiddenError) Error() string { return string(e.Deed) + ": " + ErrForbidden.Error() }

// Unwrap makes it an ErrForbidden.
func (e *ForbiddenError) Unwrap() error { return ErrForbidden }

// May gives nil if the rights in the folder allow a deed, as far as they are known, else a ForbiddenError.
func (f Folder) May(d Deed) error {
	if f.Rights.Has(deedRights[d]...) {
		return nil
	}
	return &ForbiddenError{Folder: f, Deed: d}
}

// MayFlag is May for a change of flags: whether a message was read is a right of its own, and where it is missing that is
// kept here only.
func (f Folder) MayFlag(op FlagsOp) error {
	op.Add, op.Remove = op.Add&^Seen, op.Remove&^Seen
	if op.Add == 0 && op.Remove == 0 && len(op.AddKeywords) == 0 && len(op.RemoveKeywords) == 0 {
		return nil
	}
	return f.May(DeedMark)
}

// InBox finds the folder of a role in the mailbox that a folder belongs to, if one is there that messages may be put into.
func InBox(folders []Folder, of Folder, role Role) (Folder, bool) {
	if of.Space == SpaceOwn {
		return Folder{}, false
	}
	for _, f := range folders {
		if f.AccountID == of.AccountID && f.Space == of.Space && f.Box == of.Box && f.Role == role && f.Selectable && f.May(DeedPut) == nil {
			return f, true
		}
	}
	return Folder{}, false
}

// boxOf gives any folder of the mailbox that an identity names, the zero one if it is none of others.
func boxOf(mailbox string, folders []Folder) Folder {
	for _, f := range folders {
		if f.Space != SpaceOwn && f.Box == mailbox {
			return f
		}
	}
	return Folder{}
}

// Grant is what somebody may do with a folder (RFC 4314, section 3.6). Who begins with "-" where rights are taken away.
type Grant struct {
	Who    string `json:"who"`
	Rights Rights `json:"rights"`
}

// Quota is how much of a resource is used (RFC 9208). Storage counts in units of 1024 octets.
type Quota struct {
	AccountID int64  `json:"account_id"`
	Root      string `json:"root"`
	Resource  string `json:"resource"` // STORAGE, MESSAGE, MAILBOX
	Used      int64  `json:"used"`
	Limit     int64  `json:"limit"`
}

// Storage reports whether it is about octets.
func (q Quota) Storage() bool { return q.Resource == "STORAGE" }

// Share is the part that is used, from 0 to 1 or above.
func (q Quota) Share() float64 {
	if q.Limit <= 0 {
		return 0
	}
	return float64(q.Used) / float64(q.Limit)
}
