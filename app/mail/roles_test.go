// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"testing"

	"pgregory.net/rapid"
)

func TestAssignRoles(t *testing.T) {
	type want map[string]Role
	for name, c := range map[string]struct {
		folders []FolderClaim
		want    want
	}{
		"what the server says": {
			[]FolderClaim{{Name: "inbox"}, {Name: "Sent"}, {Name: "Gesendete Objekte", Special: RoleSent}, {Name: "Müll", Special: RoleTrash}},
			want{"inbox": RoleInbox, "Gesendete Objekte": RoleSent, "Müll": RoleTrash},
		},
		"German names": {
			[]FolderClaim{{Name: "INBOX"}, {Name: "Entwürfe"}, {Name: "Gesendet"}, {Name: "Papierkorb"}, {Name: "Spam"}, {Name: "Archiv"}},
			want{"INBOX": RoleInbox, "Entwürfe": RoleDrafts, "Gesendet": RoleSent, "Papierkorb": RoleTrash, "Spam": RoleJunk, "Archiv": RoleArchive},
		},
		"below INBOX": {
			[]FolderClaim{{Name: "INBOX", Delim: "."}, {Name: "INBOX.Sent", Delim: "."}, {Name: "INBOX.Akten.Trash", Delim: "."}},
			want{"INBOX": RoleInbox, "INBOX.Sent": RoleSent},
		},
		"the shallower one": {
			[]FolderClaim{{Name: "INBOX", Delim: "/"}, {Name: "Akten/Archiv", Delim: "/"}, {Name: "Archive", Delim: "/"}},
			want{"INBOX": RoleInbox, "Archive": RoleArchive},
		},
		"the better known one": {
			[]FolderClaim{{Name: "Deleted Items"}, {Name: "Trash"}},
			want{"Trash": RoleTrash},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for i, role := range AssignRoles(c.folders) {
				if f := c.folders[i].Name; role != c.want[f] {
					t.Errorf("%s is %q, want %q", f, role, c.want[f])
				}
			}
		})
	}
}

func TestNoRoleIsGivenTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SampledFrom([]string{"INBOX", "Inbox", "Sent", "Gesendet", "INBOX/Sent", "Trash", "x/Trash", "Drafts", "Spam", "Junk", "Akten"})
		special := rapid.SampledFrom([]Role{RoleNone, RoleNone, RoleSent, RoleTrash, RoleJunk, RoleAll})
		folders := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) FolderClaim {
			return FolderClaim{Name: names.Draw(t, "name"), Delim: "/", Special: special.Draw(t, "special")}
		}), 0, 12).Draw(t, "folders")
		seen := map[Role]bool{}
		for i, role := range AssignRoles(folders) {
			if role != RoleNone && seen[role] {
				t.Fatalf("%s given twice, the second time to %s", role, folders[i].Name)
			}
			seen[role] = true
		}
	})
}

func TestFolderPaths(t *testing.T) {
	f := Folder{Name: "Akten/2026/März", Delim: "/"}
	if f.Leaf() != "März" || f.Depth() != 2 || !f.Inside(Folder{Name: "Akten", Delim: "/"}) || f.Inside(Folder{Name: "Akt", Delim: "/"}) || f.Inside(Folder{Name: "Akten"}) {
		t.Errorf("%s %d", f.Leaf(), f.Depth())
	}
	if flat := (Folder{Name: "A/B"}); flat.Leaf() != "A/B" || flat.Depth() != 0 {
		t.Error("a folder without separator has levels")
	}
}
