// SPDX-License-Identifier: EUPL-1.2

package reconcile

import (
	"slices"

	"kontor/app/mail"
)

// MailFolder is a folder of the store.
type MailFolder struct {
	ID         int64
	Name       string
	RemoteName string // empty while the server does not have it
	Role       mail.Role
	Validity   uint32
	Next       uint32
	Busy       bool // an operation about it waits
}

// RemoteFolder is a folder as the server lists it.
type RemoteFolder struct {
	Name     string
	Role     mail.Role
	Validity uint32 // 0 if its state is not known
	Next     uint32
}

// FolderPlan says which folders are which.
type FolderPlan struct {
	Match  []int64 // for each folder of the server the ID of the one in the store, 0 for a new one
	Remove []int64 // of the store, ascending: gone on the server
}

// PlanMailFolders compares the folders of the store with the server's whole list. Busy ones are not removed. A folder that
// is gone while another one with its UIDVALIDITY appeared was renamed; one that only the store has is the one of its
// name or purpose that appeared.
func PlanMailFolders(local []MailFolder, remote []RemoteFolder) FolderPlan {
	plan := FolderPlan{Match: make([]int64, len(remote))}
	there := make(map[string]bool, len(remote))
	for _, r := range remote {
		there[r.Name] = true
	}
	known := map[string]int64{}
	var free []MailFolder // not on the server, as far as the store knows
	for _, f := range local {
		switch {
		case f.RemoteName != "" && there[f.RemoteName]:
			known[f.RemoteName] = f.ID
		case f.Role != mail.RoleOutbox:
			free = append(free, f)
		}
	}
	slices.SortFunc(free, func(a, b MailFolder) int { return int(min(max(a.ID-b.ID, -1), 1)) })
	for i, r := range remote {
		id, ok := known[r.Name]
		if !ok {
			if at := slices.IndexFunc(free, func(f MailFolder) bool { return f.is(r) }); at >= 0 {
				id = free[at].ID
				free = slices.Delete(free, at, at+1)
			}
		}
		plan.Match[i] = id
	}
	for _, f := range free {
		if f.RemoteName != "" && !f.Busy {
			plan.Remove = append(plan.Remove, f.ID)
		}
	}
	return plan
}

// is reports whether a folder that the store has under no name of the server is the one that is new there.
func (f MailFolder) is(r RemoteFolder) bool {
	if f.RemoteName != "" {
		return f.Validity != 0 && f.Validity == r.Validity && r.Next >= f.Next
	}
	return f.Name == r.Name || f.Role == r.Role && r.Role != mail.RoleNone
}
