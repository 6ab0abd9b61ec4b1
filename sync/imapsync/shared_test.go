// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// office is a lab of a person, and one of the functional mailbox whose folders are shared with her.
type office struct {
	*lab
	owner *lab
}

func newOffice(t *testing.T, grants map[string]string) *office {
	t.Helper()
	server := servertest.Dovecot(t, servertest.Options{Shared: true, Quota: "200K"})
	server.User(t, "bauamt")
	o := &office{lab: labAt(t, server, server.Addr), owner: labOf(t, server, server.Addr, "bauamt")}
	o.owner.do("CREATE Akten")
	for folder, rights := range grants {
		o.owner.do("SETACL ", folder, " ", servertest.User, " ", rights)
	}
	return o
}

// section lists the folders of other mailboxes: owner, short name, role, rights.
func (o *office) section() []string {
	o.t.Helper()
	all, err := o.db.Folders(o.ctx, o.account.ID)
	if err != nil {
		o.t.Fatal(err)
	}
	var list []string
	for _, f := range all {
		if f.Space != mail.SpaceOwn && f.Selectable {
			list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s", f.Space, f.Owner, f.ShortName(), f.Role, f.Rights)))
		}
	}
	slices.Sort(list)
	return list
}

const (
	readOnly = "lr"
	reader   = "lrs"
	clerk    = "lrswite"
	dropBox  = "lri"
)

func TestFoldersOfOthersAreSectionsWithRights(t *testing.T) {
	t.Parallel()
	o := newOffice(t, map[string]string{"INBOX": reader, "Sent": clerk, "Akten": readOnly, "Trash": dropBox})
	o.owner.put("INBOX", letter(1))
	o.owner.put("Akten", letter(2))
	o.pull()
	want := []string{
		"users bauamt Akten  lr", "users bauamt Sent sent lrswite", "users bauamt Trash trash lri", "users bauamt shared/bauamt inbox lrs",
	}
	slices.Sort(want)
	if got := o.section(); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for name, want := range map[string]int{"shared/bauamt": 1, "shared/bauamt/Akten": 1} {
		f := o.folder(name)
		if f.Total != want || f.Unread != want {
			t.Errorf("%s: %d messages, %d unread", name, f.Total, f.Unread)
		}
	}
	for _, role := range []mail.Role{mail.RoleInbox, mail.RoleSent, mail.RoleTrash} {
		f, err := o.db.FolderByRole(o.ctx, o.account.ID, role)
		if err != nil || f.Space != mail.SpaceOwn {
			t.Errorf("%s of the person is %q, %v", role, f.Name, err)
		}
	}
	quotas, err := o.db.Quotas(o.ctx, o.account.ID)
	if err != nil || len(quotas) != 1 || quotas[0].Limit != 200 || !quotas[0].Storage() {
		t.Errorf("quotas: %+v, %v", quotas, err)
	}
}

// TestWhatRightsDoNotKeepIsKeptHere: reading is noted on the server where that is allowed, else here, for good.
func TestWhatRightsDoNotKeepIsKeptHere(t *testing.T) {
	t.Parallel()
	o := newOffice(t, map[string]string{"INBOX": reader, "Akten": readOnly})
	o.owner.put("INBOX", letter(1))
	o.owner.put("Akten", letter(2))
	o.pull()
	for i, c := range []struct {
		name, there string
		number      int
		here        bool // only here it counts as read
	}{{"shared/bauamt", "INBOX", 1, false}, {"shared/bauamt/Akten", "Akten", 2, true}} {
		id := o.find(c.number).ID
		op := o.start(o.op(journal.MailFlags, mail.FlagsOp{IDs: []int64{id}, Add: mail.Seen}, "messages", id))
		res, err := o.w.Push(o.ctx, op)
		if o.end(op, res.Outcome, res.Apply, err); err != nil || strings.Contains(res.Proof, "read here only") != c.here {
			t.Errorf("%s: %q, %v", c.name, res.Proof, err)
		}
		o.owner.put(c.there, letter(4+i))
		o.owner.do("SELECT ", c.there)
		o.owner.do("STORE 1 +FLAGS (\\Flagged)")
		o.pull()
		if f := o.find(c.number).Flags; !f.Has(mail.Seen | mail.Flagged) {
			t.Errorf("%s: read and starred by the owner, but %v", c.name, f)
		}
		o.mustPush(o.op(journal.MailFlags, mail.FlagsOp{IDs: []int64{id}, Remove: mail.Seen}, "messages", id))
		if f := o.find(c.number).Flags; f.Has(mail.Seen) {
			t.Errorf("%s: the message stays read: %v", c.name, f)
		}
	}
}

// moves stores an operation that moves a message.
func (o *office) moves(n int, folder string) journal.Op {
	o.t.Helper()
	m := o.find(n)
	return o.op(journal.MailMove, mail.MoveOp{IDs: []int64{m.ID}, From: m.FolderID, To: o.folder(folder).ID}, "messages", m.ID)
}

// TestMovesIntoAndOutOfAnotherMailbox carries mail both ways with the rights for it.
func TestMovesIntoAndOutOfAnotherMailbox(t *testing.T) {
	t.Parallel()
	o := newOffice(t, map[string]string{"INBOX": clerk, "Akten": dropBox})
	o.owner.put("INBOX", letter(1))
	o.put("INBOX", letter(3))
	o.pull()
	o.mustPush(o.moves(1, "INBOX"))
	o.mustPush(o.moves(3, "shared/bauamt/Akten"))
	o.pull()
	o.wantRemote("INBOX", "<v1@amt.example>")
	o.owner.wantRemote("INBOX")
	o.owner.wantRemote("Akten", "<v3@amt.example>")
	for n, name := range map[int]string{1: "INBOX", 3: "shared/bauamt/Akten"} {
		if at := o.find(n).FolderID; at != o.folder(name).ID {
			t.Errorf("message %d is shown in folder %d", n, at)
		}
	}
}

// TestRightsThatEndWhileSomethingWaits: what waited is refused for a reason that can be explained, and nothing is lost.
func TestRightsThatEndWhileSomethingWaits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rights string
		pulled bool // the folders were looked at before the operation
		cause  string
	}{
		"read-only":                  {readOnly, false, "mail.no-permission"},
		"read-only, seen before":     {readOnly, true, "mail.no-permission"},
		"nothing is shared any more": {`""`, false, "mail.no-folder"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, map[string]string{"INBOX": clerk, "Akten": clerk})
			o.owner.put("INBOX", letter(1))
			o.put("INBOX", letter(3))
			o.pull()
			ops := []journal.Op{o.moves(1, "INBOX"), o.moves(3, "shared/bauamt/Akten")}
			for _, folder := range []string{"INBOX", "Akten"} {
				o.owner.do("SETACL ", folder, " ", servertest.User, " ", c.rights)
			}
			if c.pulled {
				o.pull()
			}
			for _, op := range ops {
				op = o.start(op)
				res, err := o.w.Push(o.ctx, op)
				if o.end(op, res.Outcome, res.Apply, err); res.Outcome != journal.Rejected || transport.CodeOf(err) != c.cause {
					t.Errorf("%v: %q %v", res.Outcome, transport.CodeOf(err), err)
				}
			}
			o.pull()
			o.wantRemote("INBOX", "<v3@amt.example>")
			o.owner.wantRemote("INBOX", "<v1@amt.example>")
			o.find(1) // is here still, also where its folder is gone
			if got := o.section(); c.rights == readOnly && !slices.Contains(got, "users bauamt Akten  lr") || c.rights != readOnly && slices.Contains(got, "bauamt shared/bauamt") {
				t.Errorf("afterwards: %q", got)
			}
		})
	}
}

// TestAFolderThatIsGoneBeforeItsMailIsMoved: what was to be taken out of it is put where it was to go.
func TestAFolderThatIsGoneBeforeItsMailIsMoved(t *testing.T) {
	t.Parallel()
	o := newOffice(t, map[string]string{"INBOX": clerk})
	o.owner.put("INBOX", letter(1))
	o.pull()
	op := o.moves(1, "INBOX")
	o.owner.do("SETACL INBOX ", servertest.User, ` ""`)
	o.pull()
	o.finish(op)
	o.wantRemote("INBOX", "<v1@amt.example>")
	if at := o.find(1).FolderID; at != o.folder("INBOX").ID {
		t.Errorf("it is shown in folder %d", at)
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	o := newOffice(t, map[string]string{"INBOX": reader})
	o.do("SETACL INBOX bauamt lrs")
	o.pull()
	for name, want := range map[string]string{"INBOX": "[{anna lrswiptekxa} {bauamt lrs}]", "shared/bauamt": "[]"} {
		f := o.folder(name)
		if err := o.w.AskRights(o.ctx, f.ID); err != nil {
			t.Fatal(err)
		}
		grants, asked, err := o.db.Grants(o.ctx, f.ID)
		slices.SortFunc(grants, func(a, b mail.Grant) int { return strings.Compare(a.Who, b.Who) })
		if err != nil || asked.IsZero() || strings.ReplaceAll(fmt.Sprint(grants), "p", "") != strings.ReplaceAll(want, "p", "") {
			t.Errorf("%s: %v, %v", name, grants, err)
		}
		if r := o.folder(name).Rights; !r.Has(mail.RightRead) || r.Has(mail.RightAdmin) != (name == "INBOX") {
			t.Errorf("%s: own rights %q", name, r)
		}
	}
}

// TestAFullMailbox: what does not fit is refused for that reason, and stays here.
func TestAFullMailbox(t *testing.T) {
	t.Parallel()
	server := servertest.Dovecot(t, servertest.Options{Quota: "20K"})
	l := labAt(t, server, server.Addr)
	l.pull()
	drafts := l.folder("Drafts")
	id := l.write(drafts, letter(1)+strings.Repeat("Zu viel für dieses Postfach.\r\n", 1000), 1, mail.Seen)
	op := l.start(l.op(journal.MailAppend, mail.AppendOp{ID: id, Folder: drafts.ID, Flags: mail.Seen}, "messages", id))
	res, err := l.w.Push(l.ctx, op)
	if l.end(op, res.Outcome, res.Apply, err); res.Outcome != journal.Rejected || transport.CodeOf(err) != "mail.over-quota" {
		t.Errorf("%v %q %v", res.Outcome, transport.CodeOf(err), err)
	}
	if _, err := l.db.Body(l.ctx, id); err != nil {
		t.Error(err)
	}
}
