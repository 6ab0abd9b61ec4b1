// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/mimemsg"
)

// folder adds a folder that the server has.
func (b *mailBox) folder(t testing.TB, name string, role mail.Role) int64 {
	t.Helper()
	var id int64
	b.write(t, func(tx *storage.Tx) (err error) {
		id, err = tx.AddFolder(context.Background(), storage.MailFolder{
			Folder: mail.Folder{AccountID: b.account, Name: name, Delim: "/", Role: role, Selectable: true}, RemoteName: name,
		})
		return err
	})
	return id
}

func (b *mailBox) count(t testing.TB, folder int64) int {
	t.Helper()
	n, err := b.Count(context.Background(), mail.Query{FolderID: folder})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// queued lists the operations that wait: kind and the payload as JSON.
func (b *mailBox) queued(t testing.TB) []string {
	t.Helper()
	ops, err := b.db.PendingOps(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(ops))
	for i, op := range ops {
		out[i] = string(op.Kind) + " " + string(op.Payload)
	}
	return out
}

// undo takes the newest action back.
func (b *mailBox) undo(t testing.TB) {
	t.Helper()
	if _, err := (&Journal{db: b.db, wake: func(int64) {}}).Undo(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// confirm says that the server has carried everything out, as synchronisation does for operations without news.
func (b *mailBox) confirm(t testing.TB) {
	t.Helper()
	ctx := context.Background()
	b.write(t, func(tx *storage.Tx) error {
		ops, err := tx.PendingOps(ctx, 0)
		if err != nil {
			return err
		}
		for _, op := range ops {
			if err := confirmOp(ctx, tx, op); err != nil {
				return err
			}
		}
		return nil
	})
}

func confirmOp(ctx context.Context, tx *storage.Tx, op journal.Op) error {
	op.State = journal.Done
	if err := tx.SaveOp(ctx, op); err != nil {
		return err
	}
	for _, target := range op.Targets {
		list, err := tx.MailSummaries(ctx, []int64{target.ID})
		if err != nil || len(list) == 0 || target.Table != "messages" {
			return err
		}
		at, err := tx.RemoteMails(ctx, []int64{target.ID})
		if err != nil {
			return err
		}
		if err := tx.PlaceMail(ctx, target.ID, list[0].FolderID, at[0].UID+1000); err != nil {
			return err
		}
		if err := tx.SetRemoteState(ctx, target.ID, list[0].Flags, list[0].Keywords); err != nil {
			return err
		}
	}
	return nil
}

func TestMarkIsUndoneExactly(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	ids := b.receive(t, b.inbox, 1, monday, letter(t, "Eins", "x"), letter(t, "Zwei", "x"), letter(t, "Drei", "x"))
	if err := b.Mark(ctx, ids[:1], mail.Seen, 0); err != nil {
		t.Fatal(err)
	}
	b.confirm(t)
	if err := b.Mark(ctx, ids, mail.Seen|mail.Flagged, 0); err != nil {
		t.Fatal(err)
	}
	want := []string{
		fmt.Sprintf(`mail.flags {"ids":[%d],"add":4}`, ids[0]),
		fmt.Sprintf(`mail.flags {"ids":[%d,%d],"add":5}`, ids[1], ids[2]),
	}
	if got := b.queued(t); !slices.Equal(got, want) {
		t.Errorf("waiting %q, want %q", got, want)
	}
	if len(b.woken) != 2 || b.woken[1] != b.account {
		t.Errorf("woken %v", b.woken)
	}
	for _, state := range []string{"waiting", "confirmed"} {
		if state == "confirmed" {
			if err := b.Mark(ctx, ids, mail.Seen|mail.Flagged, 0); err != nil {
				t.Fatal(err)
			}
			b.confirm(t)
		}
		b.undo(t)
		list, err := b.db.MailSummaries(ctx, ids)
		if err != nil || list[0].Flags != mail.Seen || list[1].Flags != 0 || list[2].Flags != 0 {
			t.Errorf("undone while %s: %v %v %v %v", state, list[0].Flags, list[1].Flags, list[2].Flags, err)
		}
		b.confirm(t)
	}
	before := len(b.queued(t))
	if err := b.Mark(ctx, ids[:1], mail.Seen, mail.Flagged); err != nil || len(b.queued(t)) != before {
		t.Errorf("what changes nothing became an operation: %v", err)
	}
}

func TestKeywords(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	ids := b.receive(t, b.inbox, 1, monday, letter(t, "Eins", "x"))
	if err := b.Keywords(ctx, ids, []string{"rot", "blau"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := b.Keywords(ctx, ids, []string{"rot"}, []string{"blau"}); err != nil {
		t.Fatal(err)
	}
	if list, err := b.db.MailSummaries(ctx, ids); err != nil || !slices.Equal(list[0].Keywords, []string{"rot"}) {
		t.Errorf("%v %v", list, err)
	}
	b.undo(t)
	if list, err := b.db.MailSummaries(ctx, ids); err != nil || !slices.Equal(list[0].Keywords, []string{"blau", "rot"}) {
		t.Errorf("%v %v", list, err)
	}
}

func TestMoveAndBack(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	akten := b.folder(t, "Akten", mail.RoleNone)
	ids := b.receive(t, b.inbox, 1, monday, letter(t, "Eins", "x"), letter(t, "Zwei", "x"))
	if err := b.Move(ctx, ids, akten); err != nil {
		t.Fatal(err)
	}
	if b.count(t, akten) != 2 || b.count(t, b.inbox) != 0 {
		t.Error("the move is not shown")
	}
	marks, err := b.Marks(ctx, ids)
	if err != nil || marks[ids[0]] != journal.MarkWaiting {
		t.Errorf("marks %v %v", marks, err)
	}
	b.undo(t)
	if b.count(t, akten) != 0 || b.count(t, b.inbox) != 2 || len(b.queued(t)) != 0 {
		t.Error("the move that waited was not taken back")
	}
	if err := b.Move(ctx, ids, akten); err != nil {
		t.Fatal(err)
	}
	b.confirm(t)
	b.undo(t)
	want := []string{fmt.Sprintf(`mail.move {"ids":[%d,%d],"from":%d,"to":%d}`, ids[0], ids[1], akten, b.inbox)}
	if got := b.queued(t); b.count(t, b.inbox) != 2 || !slices.Equal(got, want) {
		t.Errorf("waiting %q, want %q", got, want)
	}
	if err := b.Move(ctx, ids, b.inbox); err != nil || len(b.queued(t)) != 1 {
		t.Error("a move to where they are became an operation", err)
	}
}

func TestDeleteGoesToTheBinFirst(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	ids := b.receive(t, b.inbox, 1, monday, letter(t, "Eins", "x"), letter(t, "Zwei", "x"))
	if err := b.Delete(ctx, ids[:1]); err != nil {
		t.Fatal(err)
	}
	bin := b.folder(t, "Trash", mail.RoleTrash)
	if err := b.Delete(ctx, ids[1:]); err != nil {
		t.Fatal(err)
	}
	if b.count(t, bin) != 1 || b.count(t, b.inbox) != 0 {
		t.Error("not in the bin")
	}
	b.confirm(t)
	if err := b.Delete(ctx, ids[1:]); err != nil {
		t.Fatal(err)
	}
	if got, want := b.queued(t), []string{fmt.Sprintf(`mail.delete {"ids":[%d]}`, ids[1])}; b.count(t, bin) != 0 || !slices.Equal(got, want) {
		t.Errorf("waiting %q, want %q", got, want)
	}
	b.undo(t)
	if b.count(t, bin) != 1 {
		t.Error("a deletion that waits cannot be taken back")
	}
}

func TestCopy(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	akten := b.folder(t, "Akten", mail.RoleNone)
	ids := b.receive(t, b.inbox, 1, monday, letter(t, "Eins", "der Text"))
	if err := b.Copy(ctx, ids, akten); err != nil {
		t.Fatal(err)
	}
	list, err := b.List(ctx, mail.Query{FolderID: akten}, 0, 10)
	if err != nil || len(list) != 1 || b.count(t, b.inbox) != 1 {
		t.Fatal(list, err)
	}
	if msg, err := b.Open(ctx, list[0].ID); err != nil || msg.Text == "" {
		t.Errorf("the copy has no text: %+v %v", msg, err)
	}
	b.undo(t)
	if b.count(t, akten) != 0 || b.count(t, b.inbox) != 1 {
		t.Error("the copy is still there")
	}
	if err := b.Copy(ctx, ids, akten); err != nil {
		t.Fatal(err)
	}
	b.confirm(t)
	b.undo(t)
	if b.count(t, akten) != 0 || b.count(t, b.inbox) != 1 || len(b.queued(t)) != 1 {
		t.Errorf("a confirmed copy: %q", b.queued(t))
	}
}

func TestArchiveMakesItsFolder(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	b.folder(t, "INBOX/Akten", mail.RoleNone)
	ids := b.receive(t, b.inbox, 1, monday, letter(t, "Eins", "x"))
	if err := b.Archive(ctx, ids); err != nil {
		t.Fatal(err)
	}
	f, err := b.db.FolderByRole(ctx, b.account, mail.RoleArchive)
	if err != nil || f.Name != "INBOX/Archive" || b.count(t, f.ID) != 1 {
		t.Fatalf("%+v %v", f, err)
	}
	ops, err := b.db.PendingOps(ctx, 0)
	if err != nil || len(ops) != 2 || ops[0].Kind != journal.MailFolderCreate || ops[1].DependsOn != ops[0].ID || ops[1].Group != ops[0].Group {
		t.Fatalf("%+v %v", ops, err)
	}
	b.undo(t)
	if _, err := b.db.FolderByRole(ctx, b.account, mail.RoleArchive); !errors.Is(err, storage.ErrNotFound) || b.count(t, b.inbox) != 1 {
		t.Errorf("after undo: %v", err)
	}
}

func TestJunkAndBack(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	junk := b.folder(t, "Junk", mail.RoleJunk)
	ids := b.receive(t, b.inbox, 1, monday, letter(t, "Gewinn", "x"))
	for _, is := range []bool{true, false} {
		if err := b.Junk(ctx, ids, is); err != nil {
			t.Fatal(err)
		}
		list, err := b.db.MailSummaries(ctx, ids)
		if err != nil || (list[0].FolderID == junk) != is || list[0].Flags.Has(mail.Junk) != is || list[0].Flags.Has(mail.NotJunk) == is {
			t.Errorf("junk %v: %+v %v", is, list[0], err)
		}
	}
	b.undo(t)
	if list, err := b.db.MailSummaries(ctx, ids); err != nil || list[0].FolderID != junk || !list[0].Flags.Has(mail.Junk) {
		t.Errorf("after one undo: %+v %v", list, err)
	}
}

func TestMoveToAnotherAccount(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	ids := b.receive(t, b.inbox, 1, monday, letter(t, "Eins", "x"))
	var there int64
	b.write(t, func(tx *storage.Tx) error {
		account, err := tx.AddAccount(ctx, storage.Account{Name: "Verein", IMAPURL: "imap://localhost"})
		if err != nil {
			return err
		}
		there, err = tx.AddFolder(ctx, storage.MailFolder{Folder: mail.Folder{AccountID: account, Name: "INBOX", Role: mail.RoleInbox, Selectable: true}, RemoteName: "INBOX"})
		return err
	})
	if err := b.Move(ctx, ids, there); err != nil {
		t.Fatal(err)
	}
	ops, err := b.db.PendingOps(ctx, 0)
	if err != nil || len(ops) != 2 || ops[0].Kind != journal.MailAppend || ops[1].Kind != journal.MailDelete || ops[1].DependsOn != ops[0].ID {
		t.Fatalf("%+v %v", ops, err)
	}
	if b.count(t, b.inbox) != 0 || b.count(t, there) != 1 {
		t.Error("the move is not shown")
	}
	if len(b.woken) != 2 {
		t.Errorf("woken %v", b.woken)
	}
}

func TestFolders(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	b.folder(t, "Trash", mail.RoleTrash)
	id, err := b.CreateFolder(ctx, b.account, " Akten/2026 ")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{"Akten/2026": ErrFolderExists, "inbox": ErrFolderExists, "a//b": ErrFolderName, "": ErrFolderName, "a\nb": ErrFolderName} {
		if _, err := b.CreateFolder(ctx, b.account, name); !errors.Is(err, want) {
			t.Errorf("create %q: %v", name, err)
		}
	}
	sub := b.folder(t, "Akten/2026/März", mail.RoleNone)
	if err := b.RenameFolder(ctx, id, "Akten/2025"); err != nil {
		t.Fatal(err)
	}
	if f, err := b.db.MailFolder(ctx, sub); err != nil || f.Name != "Akten/2025/März" {
		t.Errorf("below: %+v %v", f, err)
	}
	b.undo(t)
	if f, err := b.db.MailFolder(ctx, sub); err != nil || f.Name != "Akten/2026/März" {
		t.Errorf("below, undone: %+v %v", f, err)
	}
	if err := b.RenameFolder(ctx, b.inbox, "Posteingang"); !errors.Is(err, ErrFolderFixed) {
		t.Error(err)
	}
	if err := b.DeleteFolder(ctx, b.inbox); !errors.Is(err, ErrFolderFixed) {
		t.Error(err)
	}
	b.receive(t, sub, 1, monday, letter(t, "Eins", "x"))
	if err := b.DeleteFolder(ctx, sub); err != nil {
		t.Fatal(err)
	}
	if f, err := b.db.MailFolder(ctx, sub); err != nil || f.Name != "Trash/März" || f.Hidden {
		t.Errorf("in the bin: %+v %v", f, err)
	}
	if err := b.DeleteFolder(ctx, sub); err != nil {
		t.Fatal(err)
	}
	if f, err := b.db.MailFolder(ctx, sub); err != nil || !f.Hidden {
		t.Errorf("deleted from the bin: %+v %v", f, err)
	}
	all, err := b.Folders(ctx)
	if err != nil || len(all) != 3 {
		t.Errorf("%+v %v", all, err)
	}
}

func TestOutboxIsNotMoved(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	out := b.folder(t, "Outbox", mail.RoleOutbox)
	ids := b.receive(t, out, 1, monday, letter(t, "Eins", "x"))
	in := b.receive(t, b.inbox, 1, monday, letter(t, "Zwei", "x"))
	if err := b.Delete(ctx, ids); !errors.Is(err, ErrOutbox) {
		t.Error(err)
	}
	if err := b.Move(ctx, in, out); !errors.Is(err, ErrNotAFolder) {
		t.Error(err)
	}
	if err := b.Copy(ctx, in, out); !errors.Is(err, ErrNotAFolder) {
		t.Error(err)
	}
}

func TestOpen(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	out := mail.Outgoing{From: mail.Address{Addr: "b@x.example"}, To: []mail.Address{{Addr: "a@x.example"}}, Subject: "Mit Anlage", Text: "Guten Tag", Date: monday}
	out.Attachments = []mail.OutAttachment{{Name: "Plan ä.txt", MIMEType: "text/plain", Data: []byte("der Plan")}}
	raw := buildLetter(t, out)
	ids := b.receive(t, b.inbox, 1, monday, raw)
	msg, err := b.Open(ctx, ids[0])
	if err != nil || msg.Text == "" || len(msg.Attachments) != 1 || !msg.Date.Equal(monday) {
		t.Fatalf("%+v %v", msg, err)
	}
	name, data, err := b.Attachment(ctx, ids[0], 0)
	if err != nil || name != "Plan ä.txt" || string(data) != "der Plan" {
		t.Errorf("%q %q %v", name, data, err)
	}
	if got, err := b.Raw(ctx, ids[0]); err != nil || string(got) != string(raw) {
		t.Errorf("raw: %v", err)
	}
	if _, _, err := b.Attachment(ctx, ids[0], 7); err == nil {
		t.Error("an attachment that is not there was read")
	}
	var bare []int64
	b.write(t, func(tx *storage.Tx) (err error) {
		bare, err = tx.AddMail(ctx, []storage.NewMail{{AccountID: b.account, FolderID: b.inbox, UID: 9, Subject: "Nur der Kopf", Received: time.Now()}})
		return err
	})
	if msg, err := b.Open(ctx, bare[0]); err != nil || msg.Subject != "Nur der Kopf" || msg.Text != "" {
		t.Errorf("%+v %v", msg, err)
	}
	if _, err := b.Raw(ctx, bare[0]); !errors.Is(err, ErrNoBody) {
		t.Error(err)
	}
	if _, _, err := b.Attachment(ctx, bare[0], 0); !errors.Is(err, ErrNoBody) {
		t.Error(err)
	}
	if _, err := b.Open(ctx, 12345); !errors.Is(err, storage.ErrNotFound) {
		t.Error(err)
	}
}

func TestInverseIsReadable(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	ids := b.receive(t, b.inbox, 1, monday, letter(t, "Eins", "x"), letter(t, "Zwei", "x"))
	if err := b.Mark(ctx, ids, mail.Flagged, 0); err != nil {
		t.Fatal(err)
	}
	ops, err := b.db.PendingOps(ctx, 0)
	if err != nil || len(ops) != 1 || ops[0].Target != "Eins (+1)" {
		t.Fatalf("%+v %v", ops, err)
	}
	var inverse journal.Inverse
	if err := json.Unmarshal(ops[0].Inverse, &inverse); err != nil || inverse.Kind != journal.MailFlags {
		t.Errorf("%+v %v", inverse, err)
	}
}

func buildLetter(t testing.TB, out mail.Outgoing) []byte {
	t.Helper()
	raw, err := mimemsg.Build(out)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestLostMessages(t *testing.T) {
	ctx := context.Background()
	for choice, want := range map[Choice]int{Theirs: 0, Mine: 2} {
		b := newMailBox(t)
		b.receive(t, b.inbox, 1, monday, letter(t, "Eins", "x"), letter(t, "Zwei", "x"))
		var c storage.ConflictRow
		b.write(t, func(tx *storage.Tx) error {
			if err := tx.ForgetUIDs(ctx, b.inbox); err != nil {
				return err
			}
			id, err := tx.AddConflict(ctx, storage.ConflictRow{AccountID: b.account, Kind: "mail", RefID: b.inbox, Title: "INBOX"})
			if err == nil {
				c, err = tx.Conflict(ctx, id)
			}
			return err
		})
		if err := b.ResolveConflict(ctx, c, string(choice)); err != nil {
			t.Fatal(err)
		}
		if n := b.count(t, b.inbox); n != want || len(b.queued(t)) != want {
			t.Errorf("%s: %d messages, waiting %q", choice, n, b.queued(t))
		}
		if open, err := b.db.Conflicts(ctx); err != nil || len(open) != 0 {
			t.Errorf("%s: still open: %v %v", choice, open, err)
		}
	}
}
