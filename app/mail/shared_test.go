// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPlaces(t *testing.T) {
	dovecot := []Namespace{{SpaceOwn, "", "/"}, {SpaceUsers, "shared/", "/"}, {SpaceShared, "Public/", "/"}}
	cyrus := []Namespace{{SpaceOwn, "INBOX.", "."}, {SpaceUsers, "user.", "."}, {SpaceShared, "", "."}}
	for name, c := range map[string]struct {
		folders []FolderClaim
		spaces  []Namespace
		want    []Place
	}{
		"nothing is told of namespaces": {
			[]FolderClaim{{Name: "INBOX", Delim: "/"}, {Name: "shared/bauamt/Sent", Delim: "/"}},
			nil,
			[]Place{{Role: RoleInbox}, {}},
		},
		"each mailbox has its own roles": {
			[]FolderClaim{
				{Name: "INBOX", Delim: "/"},
				{Name: "Sent", Delim: "/"},
				{Name: "shared", Delim: "/", NoSelect: true},
				{Name: "shared/bauamt", Delim: "/"},
				{Name: "shared/bauamt/Gesendet", Delim: "/"},
				{Name: "shared/kasse/Papierkorb", Delim: "/"},
				{Name: "shared/bauamt/Alt/Sent", Delim: "/"},
				{Name: "shared/kasse/Ablage", Delim: "/", Special: RoleArchive},
			},
			dovecot,
			[]Place{
				{Role: RoleInbox},
				{Role: RoleSent},
				{Space: SpaceUsers, Owner: "shared", Box: "shared"},
				{RoleInbox, SpaceUsers, "bauamt", "shared/bauamt"},
				{RoleSent, SpaceUsers, "bauamt", "shared/bauamt"},
				{RoleTrash, SpaceUsers, "kasse", "shared/kasse"},
				{RoleNone, SpaceUsers, "bauamt", "shared/bauamt"},
				{RoleArchive, SpaceUsers, "kasse", "shared/kasse"},
			},
		},
		"an inbox by name, in a mailbox whose name is no folder": {
			[]FolderClaim{{Name: "INBOX", Delim: "/"}, {Name: "shared/bauamt", Delim: "/", NoSelect: true}, {Name: "shared/bauamt/INBOX", Delim: "/"}},
			dovecot,
			[]Place{{Role: RoleInbox}, {RoleNone, SpaceUsers, "bauamt", "shared/bauamt"}, {RoleInbox, SpaceUsers, "bauamt", "shared/bauamt"}},
		},
		"shared folders are a mailbox if they look like one": {
			[]FolderClaim{
				{Name: "Public/Rundschreiben", Delim: "/"},
				{Name: "Public/Archiv", Delim: "/"},
				{Name: "Public/poststelle", Delim: "/"},
				{Name: "Public/poststelle/Sent", Delim: "/"},
			},
			dovecot,
			[]Place{
				{RoleNone, SpaceShared, "Public", "Public"},
				{RoleNone, SpaceShared, "Public", "Public"},
				{RoleInbox, SpaceShared, "poststelle", "Public/poststelle"},
				{RoleSent, SpaceShared, "poststelle", "Public/poststelle"},
			},
		},
		"dots, and shared folders that begin with nothing": {
			[]FolderClaim{{Name: "INBOX", Delim: "."}, {Name: "INBOX.Sent", Delim: "."}, {Name: "user.bauamt", Delim: "."}, {Name: "user.bauamt.Trash", Delim: "."}, {Name: "alle", Delim: "."}},
			cyrus,
			[]Place{{Role: RoleInbox}, {Role: RoleSent}, {RoleInbox, SpaceUsers, "bauamt", "user.bauamt"}, {RoleTrash, SpaceUsers, "bauamt", "user.bauamt"}, {}},
		},
	} {
		got := Places(c.folders, c.spaces)
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %s: %+v, want %+v", name, c.folders[i].Name, got[i], c.want[i])
			}
		}
	}
}

// TestPlacesAreSound: no mailbox has a role twice, the own one has the roles that it has without the others, and a folder
// lies in the mailbox that it is said to.
func TestPlacesAreSound(t *testing.T) {
	spaces := []Namespace{{SpaceUsers, "shared/", "/"}, {SpaceShared, "Public/", "/"}}
	level := rapid.SampledFrom([]string{"INBOX", "Sent", "Trash", "Archiv", "bauamt", "kasse", "Akten"})
	rapid.Check(t, func(t *rapid.T) {
		claims := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) FolderClaim {
			levels := rapid.SliceOfN(level, 1, 3).Draw(t, "levels")
			root := rapid.SampledFrom([]string{"", "shared/", "Public/"}).Draw(t, "root")
			return FolderClaim{Name: root + strings.Join(levels, "/"), Delim: "/", NoSelect: rapid.Bool().Draw(t, "noselect")}
		}), 0, 12, func(c FolderClaim) string { return c.Name }).Draw(t, "folders")
		places := Places(claims, spaces)
		seen := map[Place]bool{}
		var own []FolderClaim
		var roles []Role
		for i, p := range places {
			if p.Role != RoleNone && seen[p] {
				t.Fatalf("%s: %+v twice", claims[i].Name, p)
			}
			seen[p] = true
			if p.Space == SpaceOwn {
				own, roles = append(own, claims[i]), append(roles, p.Role)
				continue
			}
			if claims[i].Name != p.Box && !strings.HasPrefix(claims[i].Name, p.Box+"/") {
				t.Fatalf("%s is not in %s", claims[i].Name, p.Box)
			}
			if p.Role != RoleNone && claims[i].NoSelect {
				t.Fatalf("%s has a role and holds no mail", claims[i].Name)
			}
		}
		if alone := AssignRoles(own); !slices.Equal(alone, roles) {
			t.Fatalf("own roles %q, alone %q", roles, alone)
		}
	})
}

func TestRights(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		old  bool
		want Rights
	}{
		"all of today":               {"lrswipkxtea", false, "lrswiptekxa"},
		"virtual ones are passed by": {"lrcd", false, "lr"},
		"from before 2005":           {"lrscd", true, "lrstekx"},
		"none":                       {"", false, NoRights},
		"letters of tomorrow":        {"9n", false, NoRights},
	} {
		if got := ReadRights(c.in, c.old); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if n := len(NoRights.Each()); n != 0 || NoRights.Has(RightRead) || !NoRights.Known() {
		t.Errorf("no rights are %d", n)
	}
	if r := Rights(""); r.Known() || !r.Has(RightRead, RightAdmin) {
		t.Error("what is not known is not tried")
	}
}

func TestWhatRightsForbid(t *testing.T) {
	for _, c := range []struct {
		rights  Rights
		allowed []Deed
		flags   Flags // that may be changed
	}{
		{"", []Deed{DeedMark, DeedTake, DeedPut, DeedCreate, DeedChange}, Seen | Flagged},
		{NoRights, nil, Seen},
		{"lr", nil, Seen},
		{"lrsw", []Deed{DeedMark}, Seen | Flagged},
		{"lrt", nil, Seen}, // marked as deleted only
		{"lrite", []Deed{DeedTake, DeedPut}, Seen},
		{"lrkx", []Deed{DeedCreate, DeedChange}, Seen},
	} {
		f := Folder{Name: "shared/bauamt", Rights: c.rights}
		for _, d := range []Deed{DeedMark, DeedTake, DeedPut, DeedCreate, DeedChange} {
			err := f.May(d)
			var forbidden *ForbiddenError
			if (err == nil) != slices.Contains(c.allowed, d) || err != nil && (!errors.Is(err, ErrForbidden) || !errors.As(err, &forbidden) || forbidden.Deed != d) {
				t.Errorf("%q: %s: %v", c.rights, d, err)
			}
		}
		for _, flag := range []Flags{Seen, Flagged} {
			for _, op := range []FlagsOp{{Add: flag}, {Remove: flag}} {
				if err := f.MayFlag(op); (err == nil) != c.flags.Has(flag) {
					t.Errorf("%q: flag %d: %v", c.rights, flag, err)
				}
			}
		}
		if err := f.MayFlag(FlagsOp{Add: Seen, AddKeywords: []string{"Eilt"}}); (err == nil) != c.flags.Has(Flagged) {
			t.Errorf("%q: keyword: %v", c.rights, err)
		}
	}
}

func TestInBox(t *testing.T) {
	in := func(id int64, name string, role Role, rights Rights) Folder {
		return Folder{ID: id, AccountID: 1, Name: name, Delim: "/", Role: role, Selectable: true, Space: SpaceUsers, Owner: "x", Box: name[:strings.LastIndex(name, "/")], Rights: rights}
	}
	folders := []Folder{
		{ID: 1, AccountID: 1, Name: "Trash", Role: RoleTrash, Selectable: true},
		in(2, "shared/a/Trash", RoleTrash, "lr"), in(3, "shared/b/Trash", RoleTrash, "lri"), in(4, "shared/b/Sent", RoleSent, ""),
	}
	for of, want := range map[int]int64{0: 0, 1: 0, 2: 3, 3: 3} {
		if f, ok := InBox(folders, folders[of], RoleTrash); f.ID != want || ok != (want != 0) {
			t.Errorf("the bin for %s is %d", folders[of].Name, f.ID)
		}
	}
	i := Identity{Mailbox: "shared/b"}
	if f, ok := SentFolder(i, folders); !ok || f.ID != 4 {
		t.Errorf("sent goes to %d", f.ID)
	}
	folders[3].Rights = "lr"
	if f, ok := SentFolder(i, folders); ok {
		t.Errorf("sent goes to %d, where nothing may be put", f.ID)
	}
	if !HasFolder(folders, "shared/b") || HasFolder(folders, "shared/c") {
		t.Error("a mailbox is known by its folders")
	}
}

func TestShortNames(t *testing.T) {
	for want, f := range map[string]Folder{
		"Akten/2026": {Name: "Akten/2026", Delim: "/"},
		"Sent":       {Name: "shared/b/Sent", Delim: "/", Space: SpaceUsers, Box: "shared/b"},
		"shared/b":   {Name: "shared/b", Delim: "/", Space: SpaceUsers, Box: "shared/b"},
		"Akten.Alt":  {Name: "user.b.Akten.Alt", Delim: ".", Space: SpaceUsers, Box: "user.b"},
		"Alle/Sent":  {Name: "Alle/Sent", Delim: "/", Box: "Alle"},
	} {
		if got := f.ShortName(); got != want {
			t.Errorf("%s is %s, want %s", f.Name, got, want)
		}
	}
	if (Quota{Used: 5}).Share() != 0 || (Quota{Used: 5, Limit: 10}).Share() != 0.5 {
		t.Error("shares of quotas")
	}
}
