// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"cmp"
	"slices"
	"strings"
)

// roleNames are the names that folders of a role commonly have, in the order of preference.
var roleNames = map[Role][]string{
	RoleDrafts:  {"drafts", "entwürfe", "entwuerfe", "draft", "brouillons"},
	RoleSent:    {"sent", "gesendet", "sent items", "sent messages", "sent mail", "gesendete objekte", "gesendete elemente", "gesendete nachrichten", "postausgang gesendet"},
	RoleTrash:   {"trash", "papierkorb", "gelöschte objekte", "gelöschte elemente", "geloeschte elemente", "gelöscht", "deleted items", "deleted messages", "deleted", "bin"},
	RoleJunk:    {"junk", "spam", "junk-e-mail", "junk e-mail", "junk mail", "spamverdacht", "unerwünscht", "unerwünschte werbung", "bulk mail"},
	RoleArchive: {"archive", "archiv", "archives", "archiviert"},
}

// FolderClaim is a folder and the role it claims: Special from the server's special-use attribute, otherwise by name.
type FolderClaim struct {
	Name     string // full
	Delim    string
	Special  Role
	NoSelect bool // no messages can lie in it
}

// AssignRoles decides which folder has which role: what the server says counts, then common German and English names,
// the shallowest and best known first. No role is given twice.
func AssignRoles(folders []FolderClaim) []Role {
	roles := make([]Role, len(folders))
	taken := map[Role]bool{}
	give := func(i int, r Role) {
		if r != RoleNone && roles[i] == RoleNone && !taken[r] {
			roles[i], taken[r] = r, true
		}
	}
	for i, f := range folders {
		if strings.EqualFold(f.Name, "INBOX") {
			give(i, RoleInbox)
		}
	}
	for i, f := range folders {
		give(i, f.Special)
	}
	type guess struct{ index, depth, rank int }
	for role, names := range roleNames {
		var guesses []guess
		for i, f := range folders {
			leaf, depth := leafOf(f.Name, f.Delim)
			if rank := slices.Index(names, strings.ToLower(leaf)); rank >= 0 && roles[i] == RoleNone && depth <= 1 {
				guesses = append(guesses, guess{i, depth, rank})
			}
		}
		slices.SortFunc(guesses, func(a, b guess) int {
			return cmp.Or(cmp.Compare(a.depth, b.depth), cmp.Compare(a.rank, b.rank), cmp.Compare(a.index, b.index))
		})
		if len(guesses) > 0 {
			give(guesses[0].index, role)
		}
	}
	return roles
}

// leafOf gives the last level of a folder's name and how many levels lie above it.
func leafOf(name, delim string) (leaf string, depth int) {
	if delim == "" {
		return name, 0
	}
	levels := strings.Split(name, delim)
	return levels[len(levels)-1], len(levels) - 1
}

// Leaf gives the last level of the folder's name.
func (f Folder) Leaf() string {
	leaf, _ := leafOf(f.Name, f.Delim)
	return leaf
}

// Depth says how many levels lie above the folder.
func (f Folder) Depth() int {
	_, depth := leafOf(f.Name, f.Delim)
	return depth
}

// Inside reports whether the folder lies below other, at any depth.
func (f Folder) Inside(other Folder) bool {
	return other.Delim != "" && strings.HasPrefix(f.Name, other.Name+other.Delim)
}
