// SPDX-License-Identifier: EUPL-1.2

package reconcile

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/journal"
	"kontor/app/mail"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func TestPlaceMail(t *testing.T) {
	found := MailFound{UID: 30, MessageID: "a@x", Size: 500, Received: noon, Digest: 1}
	for name, c := range map[string]struct {
		found    func(MailFound) MailFound
		row      MailRow
		settling bool
		want     string // added, placed or later
	}{
		"nothing like it":                   {row: MailRow{MessageID: "b@x"}, want: "added"},
		"its UID was forgotten":             {row: MailRow{Folder: 1, ShownIn: 1, MessageID: "a@x", Size: 500, Digest: 1}, want: "placed"},
		"likewise, and it is shown moved":   {row: MailRow{Folder: 1, ShownIn: 2, MessageID: "a@x", Size: 500, Digest: 1}, want: "placed"},
		"another size":                      {row: MailRow{Folder: 1, ShownIn: 1, MessageID: "a@x", Size: 501, Digest: 1}, want: "added"},
		"other words, but nothing like it":  {row: MailRow{Folder: 1, ShownIn: 1, MessageID: "a@x", Size: 500, Digest: 2}, want: "placed"},
		"known under another UID":           {row: MailRow{Folder: 1, ShownIn: 1, UID: 4, MessageID: "a@x", Size: 500, Digest: 1}, want: "added"},
		"put here, UID not told":            {row: MailRow{ShownIn: 1, MessageID: "a@x", Size: 480}, want: "placed"},
		"being put here":                    {row: MailRow{ShownIn: 1, MessageID: "a@x", Size: 480, Bound: 1}, want: "later"},
		"being put here, and that is asked": {row: MailRow{ShownIn: 1, MessageID: "a@x", Size: 480, Bound: 1}, settling: true, want: "placed"},
		"put into another folder":           {row: MailRow{ShownIn: 2, MessageID: "a@x", Size: 500, Digest: 1}, want: "added"},
		"being put here, to be moved on":    {row: MailRow{ShownIn: 2, MessageID: "a@x", Size: 480, Bound: 1}, settling: true, want: "placed"},
		"being put elsewhere":               {row: MailRow{ShownIn: 1, MessageID: "a@x", Size: 480, Bound: 2}, want: "added"},
		"being moved here":                  {row: MailRow{Folder: 2, ShownIn: 1, UID: 9, MessageID: "a@x", Size: 500, Bound: 1}, want: "later"},
		"being moved, and that is asked":    {row: MailRow{Folder: 2, ShownIn: 1, UID: 9, MessageID: "a@x", Size: 500, Bound: 1}, settling: true, want: "placed"},
		"waits to be moved here":            {row: MailRow{Folder: 2, ShownIn: 1, UID: 9, MessageID: "a@x", Size: 500}, settling: true, want: "added"},
		"without Message-ID, same moment":   {found: anonymous, row: MailRow{Folder: 1, ShownIn: 1, Size: 500, Digest: 1, Received: noon}, want: "placed"},
		"without Message-ID, other moment":  {found: anonymous, row: MailRow{Folder: 1, ShownIn: 1, Size: 500, Digest: 1, Received: noon.Add(1)}, want: "added"},
		"without Message-ID, only local":    {found: anonymous, row: MailRow{ShownIn: 1, Size: 499, Digest: 1}, want: "added"},
	} {
		m := found
		if c.found != nil {
			m = c.found(m)
		}
		c.row.ID = 77
		got := PlaceMail(1, []MailFound{m}, nil, []MailRow{c.row}, c.settling)
		word := ""
		for _, w := range []struct {
			name string
			n    int
		}{{"added", len(got.Added)}, {"placed", len(got.Placed)}, {"later", len(got.Later)}} {
			for range w.n {
				word += w.name
			}
		}
		if word != c.want {
			t.Errorf("%s: %s, want %s", name, word, c.want)
		}
	}
}

func anonymous(m MailFound) MailFound {
	m.MessageID = ""
	return m
}

func TestWhatIsNotCertainIsNotGuessed(t *testing.T) {
	rows := []MailRow{
		{ID: 1, Folder: 1, ShownIn: 1, MessageID: "a", Size: 5, Digest: 1},
		{ID: 2, Folder: 1, ShownIn: 1, MessageID: "a", Size: 5, Digest: 2},
	}
	foreign := MailFound{UID: 7, MessageID: "a", Size: 5, Digest: 3}
	if plan := PlaceMail(1, []MailFound{foreign}, nil, rows, false); len(plan.Placed) != 0 {
		t.Errorf("one of two was taken: %+v", plan)
	}
	own := MailFound{UID: 8, MessageID: "a", Size: 5, Digest: 1}
	plan := PlaceMail(1, []MailFound{foreign, own}, nil, rows, false)
	for _, p := range plan.Placed {
		if p.Found == 1 && p.Row.ID != 1 {
			t.Errorf("what is certain comes first: %+v", plan)
		}
	}
	if len(plan.Placed) != 2 || len(plan.Added) != 0 {
		t.Errorf("%+v", plan)
	}
}

// After the server has numbered its messages anew every row finds its message, also among copies.
func TestRenumberedMessagesAreFoundAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rows []MailRow
		var found []MailFound
		for i := range rapid.IntRange(0, 12).Draw(t, "messages") {
			r := MailRow{
				ID: int64(i + 1), Folder: 1, ShownIn: rapid.Int64Range(1, 2).Draw(t, "shown"),
				MessageID: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "id"), Size: rapid.Int64Range(1, 2).Draw(t, "size"),
				Digest: rapid.Uint64Range(0, 1).Draw(t, "digest"), Received: noon,
			}
			rows = append(rows, r)
			found = append(found, MailFound{UID: uint32(100 + i), MessageID: r.MessageID, Size: r.Size, Digest: r.Digest, Received: noon})
		}
		fresh := rapid.IntRange(0, 3).Draw(t, "new")
		for i := range fresh {
			found = append(found, MailFound{UID: uint32(900 + i), MessageID: "new", Size: 9})
		}
		found = rapid.Permutation(found).Draw(t, "order")
		plan := PlaceMail(1, found, nil, rows, false)
		if len(plan.Placed) != len(rows) || len(plan.Added) != fresh || len(plan.Later) != 0 {
			t.Fatalf("%d of %d found again, %d added", len(plan.Placed), len(rows), len(plan.Added))
		}
		seen := map[int64]bool{}
		for _, p := range plan.Placed {
			m := found[p.Found]
			if seen[p.Row.ID] || m.MessageID != p.Row.MessageID || m.Size != p.Row.Size || m.Digest != p.Row.Digest {
				t.Fatalf("%+v became %+v", m, p.Row)
			}
			seen[p.Row.ID] = true
		}
	})
}

func TestKnownMessagesAreNotPlaced(t *testing.T) {
	row := MailRow{ID: 1, Folder: 1, ShownIn: 1, MessageID: "a", Size: 5}
	found := []MailFound{{UID: 3, MessageID: "a", Size: 5}, {UID: 4, MessageID: "a", Size: 5}}
	plan := PlaceMail(1, found, map[uint32]bool{3: true}, []MailRow{row}, false)
	if len(plan.Added) != 0 || len(plan.Placed) != 1 || plan.Placed[0].Found != 1 {
		t.Errorf("%+v", plan)
	}
}

func TestMailDigest(t *testing.T) {
	digest := MailDigest(noon, "amt@x", "Sitzung")
	for what, other := range map[string]uint64{
		"time": MailDigest(noon.Add(time.Second), "amt@x", "Sitzung"), "sender": MailDigest(noon, "amt@y", "Sitzung"),
		"subject": MailDigest(noon, "amt@x", "Sitzungen"), "border": MailDigest(noon, "amt@xS", "itzung"),
	} {
		if other == digest {
			t.Errorf("the %s makes no difference", what)
		}
	}
	if MailDigest(noon.In(time.FixedZone("", 7200)), "amt@x", "Sitzung") != digest {
		t.Error("the zone makes a difference")
	}
}

func TestLossDoubtful(t *testing.T) {
	for _, c := range []struct {
		lost, left int
		want       bool
	}{{19, 0, false}, {20, 0, true}, {20, 19, true}, {20, 20, false}, {300, 5000, false}} {
		if LossDoubtful(c.lost, c.left) != c.want {
			t.Errorf("%d lost, %d left", c.lost, c.left)
		}
	}
}

func effect(t *testing.T, kind journal.Kind, payload any) mail.Effect {
	t.Helper()
	b, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	e, err := mail.ReadEffect(kind, b)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestLayMail(t *testing.T) {
	waiting := []mail.Effect{
		effect(t, journal.MailFlags, mail.FlagsOp{IDs: []int64{1, 2}, Add: mail.Seen, Remove: mail.Flagged}),
		effect(t, journal.MailMove, mail.MoveOp{IDs: []int64{1}, From: 5, To: 6}),
		effect(t, journal.MailMove, mail.MoveOp{IDs: []int64{1}, From: 6, To: 9}),
		effect(t, journal.MailDelete, mail.DeleteOp{IDs: []int64{3}}),
	}
	exists := func(id int64) bool { return id != 9 }
	remote := mail.State{FolderID: 5, Flags: mail.Flagged | mail.Answered}
	for id, want := range map[int64]mail.State{
		1: {FolderID: 6, Flags: mail.Answered | mail.Seen}, 2: {FolderID: 5, Flags: mail.Answered | mail.Seen},
		3: {FolderID: 5, Flags: mail.Flagged | mail.Answered, Hidden: true}, 4: remote,
	} {
		if got := LayMail(id, remote, waiting, exists); got.FolderID != want.FolderID || got.Flags != want.Flags || got.Hidden != want.Hidden {
			t.Errorf("message %d: %+v, want %+v", id, got, want)
		}
	}
}

func TestPlanMailFolders(t *testing.T) {
	inbox := MailFolder{ID: 1, Name: "INBOX", RemoteName: "INBOX", Role: mail.RoleInbox, Validity: 7, Next: 10}
	work := MailFolder{ID: 2, Name: "Bau", RemoteName: "Bau", Validity: 8, Next: 20}
	remote := func(names ...string) (list []RemoteFolder) {
		for _, n := range names {
			list = append(list, RemoteFolder{Name: n, Validity: map[string]uint32{"INBOX": 7, "Bau": 8, "Hochbau": 8}[n], Next: 20})
		}
		return list
	}
	busy, local := work, MailFolder{ID: 3, Name: "Neu"}
	busy.Busy = true
	sent := MailFolder{ID: 4, Name: "Gesendet", Role: mail.RoleSent}
	outbox := MailFolder{ID: 5, Name: "Ausgang", Role: mail.RoleOutbox}
	grown := work
	grown.Next = 30
	for name, c := range map[string]struct {
		local  []MailFolder
		remote []RemoteFolder
		want   string
	}{
		"as it was":                 {[]MailFolder{inbox, work}, remote("INBOX", "Bau"), "[1 2] []"},
		"one is new":                {[]MailFolder{inbox}, remote("INBOX", "Bau"), "[1 0] []"},
		"one is gone":               {[]MailFolder{inbox, work}, remote("INBOX"), "[1] [2]"},
		"one is gone, but busy":     {[]MailFolder{inbox, busy}, remote("INBOX"), "[1] []"},
		"renamed":                   {[]MailFolder{inbox, work}, remote("INBOX", "Hochbau"), "[1 2] []"},
		"a copy of the name only":   {[]MailFolder{inbox, grown}, remote("INBOX", "Hochbau"), "[1 0] [2]"},
		"only here until now":       {[]MailFolder{inbox, local}, remote("INBOX", "Neu"), "[1 3] []"},
		"only here":                 {[]MailFolder{inbox, local, outbox}, remote("INBOX"), "[1] []"},
		"for the same purpose":      {[]MailFolder{inbox, sent}, []RemoteFolder{{Name: "INBOX"}, {Name: "Sent", Role: mail.RoleSent}}, "[1 4] []"},
		"the outbox is never there": {[]MailFolder{outbox}, []RemoteFolder{{Name: "Ausgang", Role: mail.RoleOutbox}}, "[0] []"},
	} {
		plan := PlanMailFolders(c.local, c.remote)
		if got := fmt.Sprint(plan.Match, plan.Remove); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestEachFolderIsOneFolder(t *testing.T) {
	name := rapid.SampledFrom([]string{"A", "B", "C", "D"})
	rapid.Check(t, func(t *rapid.T) {
		var local []MailFolder
		for i := range rapid.IntRange(0, 5).Draw(t, "local") {
			f := MailFolder{ID: int64(9 - i), Name: name.Draw(t, "name"), Validity: rapid.Uint32Range(0, 2).Draw(t, "validity"), Busy: rapid.Bool().Draw(t, "busy")}
			used := slices.ContainsFunc(local, func(o MailFolder) bool { return o.RemoteName == f.Name })
			if !used && rapid.Bool().Draw(t, "there") {
				f.RemoteName = f.Name
			}
			local = append(local, f)
		}
		var remote []RemoteFolder
		for _, n := range rapid.SliceOfNDistinct(name, 0, 4, rapid.ID[string]).Draw(t, "remote") {
			remote = append(remote, RemoteFolder{Name: n, Validity: rapid.Uint32Range(0, 2).Draw(t, "validity")})
		}
		plan := PlanMailFolders(local, remote)
		seen := map[int64]bool{}
		for _, id := range append(slices.DeleteFunc(plan.Match, func(id int64) bool { return id == 0 }), plan.Remove...) {
			if seen[id] {
				t.Fatalf("folder %d has two fates: %+v", id, plan)
			}
			seen[id] = true
		}
		for _, f := range local {
			there := slices.ContainsFunc(remote, func(r RemoteFolder) bool { return r.Name == f.RemoteName })
			if there && !seen[f.ID] || f.Busy && slices.Contains(plan.Remove, f.ID) {
				t.Fatalf("folder %d was lost: %+v", f.ID, plan)
			}
		}
	})
}
