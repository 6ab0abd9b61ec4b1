// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"fmt"
	"testing"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/servertest"
)

// servers are the kinds of server that operations have to work on.
var servers = map[string]string{
	"dovecot":    "",
	"no move":    "IMAP4rev1 LITERAL+ AUTH=PLAIN UIDPLUS",
	"no uidplus": plain,
}

func overServers(t *testing.T, fn func(t *testing.T, l *lab, uidplus bool)) {
	for name, capabilities := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fn(t, newLab(t, servertest.Options{Capabilities: capabilities}), name != "no uidplus")
		})
	}
}

func TestFlagsGoToTheServer(t *testing.T) {
	overServers(t, func(t *testing.T, l *lab, _ bool) {
		l.put("INBOX", letter(1), `\Flagged`, "Alt")
		l.put("INBOX", letter(2))
		l.pull()
		a, b := l.find(1).ID, l.find(2).ID
		op := l.op(journal.MailFlags, mail.FlagsOp{
			IDs: []int64{a, b}, Add: mail.Seen | mail.Forwarded, Remove: mail.Flagged, AddKeywords: []string{"Neu"}, RemoveKeywords: []string{"Alt"},
		}, "messages", a, b)
		l.pull() // what waits does not blink
		if m := l.find(1); m.Flags != mail.Seen|mail.Forwarded || fmt.Sprint(m.Keywords) != "[Neu]" {
			t.Errorf("a pull undid what waits: %+v", m)
		}
		l.mustPush(op)
		l.wantRemote("INBOX", `<v1@amt.example> \Seen $Forwarded Neu`, `<v2@amt.example> \Seen $Forwarded Neu`)
		l.pull()
		if m := l.find(2); m.Flags != mail.Seen|mail.Forwarded || fmt.Sprint(m.Keywords) != "[Neu]" {
			t.Errorf("after the pull: %+v", m)
		}
	})
}

func TestMove(t *testing.T) {
	overServers(t, func(t *testing.T, l *lab, uidplus bool) {
		for n := range 4 {
			l.put("INBOX", letter(n))
		}
		l.do(`SELECT INBOX`)
		l.do(`UID STORE 4 +FLAGS (\Deleted)`) // another program's: it must not be taken along
		l.pull()
		inbox, to := l.folder("INBOX"), l.folder("Archive")
		ids := []int64{l.find(0).ID, l.find(1).ID}
		op := l.op(journal.MailMove, mail.MoveOp{IDs: ids, From: inbox.ID, To: to.ID}, "messages", ids...)
		l.pull()
		if len(l.list("Archive")) != 2 || len(l.list("INBOX")) != 1 {
			t.Error("a pull undid the move that waits")
		}
		l.mustPush(op)
		if uidplus {
			l.wantRemote("INBOX", "<v2@amt.example>", `<v3@amt.example> \Deleted`)
		} else {
			l.wantRemote("INBOX", `<v0@amt.example> \Deleted`, `<v1@amt.example> \Deleted`, "<v2@amt.example>", `<v3@amt.example> \Deleted`)
		}
		l.wantRemote("Archive", "<v0@amt.example>", "<v1@amt.example>")
		bodies := l.w.Report().Bodies
		l.pull()
		l.pull()
		list := l.list("Archive")
		if len(list) != 2 || list[0].ID != ids[1] || list[1].ID != ids[0] || len(l.list("INBOX")) != 1 {
			t.Errorf("after the pull: %+v", list)
		}
		if again := l.w.Report().Bodies; again != bodies {
			t.Errorf("octets were fetched again: %d, then %d", bodies, again)
		}
		l.wantRemote("Archive", "<v0@amt.example>", "<v1@amt.example>")
	})
}

func TestCopy(t *testing.T) {
	overServers(t, func(t *testing.T, l *lab, _ bool) {
		l.put("INBOX", letter(1), `\Seen`)
		l.pull()
		m, to := l.find(1), l.folder("Archive")
		var copies []int64
		err := l.db.Write(l.ctx, func(tx *storage.Tx) (err error) {
			copies, err = tx.AddMail(l.ctx, []storage.NewMail{{
				AccountID: l.account.ID, FolderID: to.ID, MessageID: m.MessageID, Subject: m.Subject, Received: m.Date, Size: m.Size, Flags: m.Flags,
			}})
			if err != nil {
				return err
			}
			return tx.CopyBody(l.ctx, m.ID, copies[0])
		})
		if err != nil {
			t.Fatal(err)
		}
		l.mustPush(l.op(journal.MailCopy, mail.CopyOp{IDs: []int64{m.ID}, Copies: copies, To: to.ID}, "messages", m.ID, copies[0]))
		l.pull()
		l.wantRemote("INBOX", `<v1@amt.example> \Seen`)
		l.wantRemote("Archive", `<v1@amt.example> \Seen`)
		if list := l.list("Archive"); len(list) != 1 || list[0].ID != copies[0] || list[0].Flags != mail.Seen {
			t.Errorf("the copy: %+v", list)
		}
		if r := l.w.Report(); r.Bodies != 1 {
			t.Errorf("%d octets fetched", r.Bodies)
		}
	})
}

func TestDelete(t *testing.T) {
	overServers(t, func(t *testing.T, l *lab, uidplus bool) {
		for n := range 3 {
			l.put("INBOX", letter(n))
		}
		l.do(`SELECT INBOX`)
		l.do(`UID STORE 3 +FLAGS (\Deleted)`)
		l.pull()
		id := l.find(0).ID
		op := l.op(journal.MailDelete, mail.DeleteOp{IDs: []int64{id}}, "messages", id)
		if len(l.list("INBOX")) != 1 {
			t.Error("the deletion is not shown")
		}
		l.mustPush(op)
		if uidplus {
			l.wantRemote("INBOX", "<v1@amt.example>", `<v2@amt.example> \Deleted`)
		} else {
			l.wantRemote("INBOX", `<v0@amt.example> \Deleted`, "<v1@amt.example>", `<v2@amt.example> \Deleted`)
		}
		l.pull()
		if len(l.list("INBOX")) != 1 {
			t.Error("the deleted message came back")
		}
	})
}

// write stores a message that is only local.
func (l *lab) write(folder storage.MailFolder, raw string, n int, flags mail.Flags) int64 {
	l.t.Helper()
	var id int64
	err := l.db.WriteDurable(l.ctx, func(tx *storage.Tx) error {
		ids, err := tx.AddMail(l.ctx, []storage.NewMail{{
			AccountID: l.account.ID, FolderID: folder.ID, MessageID: fmt.Sprintf("v%d@amt.example", n), Subject: "Entwurf", Size: int64(len(raw)), Flags: flags,
		}})
		if err != nil {
			return err
		}
		id = ids[0]
		return tx.AddBody(l.ctx, storage.Body{ID: id, Size: int64(len(raw)), Packed: storage.Pack([]byte(raw))})
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return id
}

func TestAppend(t *testing.T) {
	overServers(t, func(t *testing.T, l *lab, _ bool) {
		l.pull()
		sent := l.folder("Sent")
		id := l.write(sent, letter(1), 1, mail.Seen)
		op := l.op(journal.MailAppend, mail.AppendOp{ID: id, Folder: sent.ID, Flags: mail.Seen}, "messages", id)
		l.pull()
		if len(l.list("Sent")) != 1 {
			t.Error("a pull removed what waits")
		}
		l.mustPush(op)
		l.pull()
		l.wantRemote("Sent", `<v1@amt.example> \Seen`)
		if list := l.list("Sent"); len(list) != 1 || list[0].ID != id {
			t.Errorf("%+v", list)
		}
		raw, err := l.server.Messages(servertest.User, ".Sent")
		if err != nil || len(raw) != 1 || string(raw[0]) != unixLines(letter(1)) && string(raw[0]) != letter(1) {
			t.Errorf("the server has %q %v", raw, err)
		}
	})
}

func unixLines(s string) string {
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		if s[i] != '\r' {
			out = append(out, s[i])
		}
	}
	return string(out)
}

func TestDraftTakesThePlaceOfItsOlderState(t *testing.T) {
	overServers(t, func(t *testing.T, l *lab, uidplus bool) {
		l.pull()
		drafts := l.folder("Drafts")
		id := l.write(drafts, letter(1), 1, mail.Draft|mail.Seen)
		payload := mail.AppendOp{ID: id, Folder: drafts.ID, Flags: mail.Draft | mail.Seen}
		l.mustPush(l.op(journal.MailAppend, payload, "messages", id))
		l.pull()
		longer := letter(1) + "Noch ein Satz.\r\n"
		err := l.db.WriteDurable(l.ctx, func(tx *storage.Tx) error {
			m := storage.NewMail{AccountID: l.account.ID, MessageID: "v1@amt.example", Subject: "Entwurf", Size: int64(len(longer))}
			if err := tx.UpdateMail(l.ctx, id, m); err != nil {
				return err
			}
			return tx.AddBody(l.ctx, storage.Body{ID: id, Size: int64(len(longer)), Packed: storage.Pack([]byte(longer))})
		})
		if err != nil {
			t.Fatal(err)
		}
		op := l.op(journal.MailAppend, payload, "messages", id)
		l.pull()
		l.mustPush(op)
		l.pull()
		if uidplus {
			l.wantRemote("Drafts", `<v1@amt.example> \Seen \Draft`)
		} else {
			l.wantRemote("Drafts", `<v1@amt.example> \Seen \Deleted \Draft`, `<v1@amt.example> \Seen \Draft`)
		}
		if list := l.list("Drafts"); len(list) != 1 || list[0].ID != id {
			t.Errorf("%+v", list)
		}
		if raw, err := l.db.Body(l.ctx, id); err != nil || string(raw) != longer {
			t.Errorf("octets %q %v", raw, err)
		}
	})
}

func TestFolderOperations(t *testing.T) {
	overServers(t, func(t *testing.T, l *lab, _ bool) {
		l.pull()
		var id int64
		err := l.db.Write(l.ctx, func(tx *storage.Tx) (err error) {
			id, err = tx.AddFolder(l.ctx, storage.MailFolder{Folder: mail.Folder{AccountID: l.account.ID, Name: "Akten/Ä & B", Delim: "/", Selectable: true}})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		create := l.op(journal.MailFolderCreate, mail.FolderOp{ID: id, Name: "Akten/Ä & B"}, "folders", id)
		l.pull()
		l.mustPush(create)
		l.pull()
		if f := l.folder("Akten/Ä & B"); f.ID != id || !f.Subscribed {
			t.Errorf("created: %+v", f)
		}
		l.put("Akten/Ä & B", letter(1))
		parent := l.folder("Akten")
		rename := l.op(journal.MailFolderRename, mail.FolderOp{ID: parent.ID, From: "Akten", Name: "Archiv 2026"}, "folders", parent.ID, id)
		if f, err := l.db.MailFolder(l.ctx, id); err != nil || f.Name != "Archiv 2026/Ä & B" {
			t.Errorf("renamed with its parent: %+v %v", f, err)
		}
		l.pull()
		l.mustPush(rename)
		l.pull()
		if f := l.folder("Archiv 2026/Ä & B"); f.ID != id || f.Total != 1 {
			t.Errorf("renamed: %+v", f)
		}
		if op := l.push(l.op(journal.MailFolderDelete, mail.FolderOp{ID: id, OnlyEmpty: true}, "folders", id)); op.State != journal.Failed {
			t.Errorf("a folder with a message was deleted as an empty one: %s", op.State)
		}
		remove := l.op(journal.MailFolderDelete, mail.FolderOp{ID: id}, "folders", id)
		l.pull()
		l.mustPush(remove)
		l.pull()
		if _, err := l.db.MailFolder(l.ctx, id); err == nil {
			t.Error("the deleted folder is still there")
		}
	})
}

func TestAppendMakesTheFolderForItsPurpose(t *testing.T) {
	l := newLab(t, servertest.Options{NoSpecialUse: true})
	var sent storage.MailFolder
	err := l.db.Write(l.ctx, func(tx *storage.Tx) (err error) {
		sent, err = tx.EnsureFolder(l.ctx, l.account.ID, mail.RoleSent, "Sent")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	id := l.write(sent, letter(1), 1, mail.Seen)
	l.mustPush(l.op(journal.MailAppend, mail.AppendOp{ID: id, Folder: sent.ID, Flags: mail.Seen}, "messages", id))
	l.pull()
	l.wantRemote("Sent", `<v1@amt.example> \Seen`)
	if list := l.list("Sent"); len(list) != 1 || list[0].ID != id || list[0].FolderID != sent.ID {
		t.Errorf("%+v", list)
	}
}

func TestAppendUsesTheServersFolderForThePurpose(t *testing.T) {
	l := newLab(t, servertest.Options{NoSpecialUse: true})
	l.do(`CREATE Gesendet`)
	var sent storage.MailFolder
	err := l.db.Write(l.ctx, func(tx *storage.Tx) (err error) {
		sent, err = tx.EnsureFolder(l.ctx, l.account.ID, mail.RoleSent, "Sent")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	id := l.write(sent, letter(1), 1, mail.Seen)
	l.mustPush(l.op(journal.MailAppend, mail.AppendOp{ID: id, Folder: sent.ID, Flags: mail.Seen}, "messages", id))
	l.wantRemote("Gesendet", `<v1@amt.example> \Seen`)
	if f, err := l.db.MailFolder(l.ctx, sent.ID); err != nil || f.Name != "Gesendet" {
		t.Errorf("%+v %v", f, err)
	}
}

func TestMoveIntoAFolderThatWasRemovedThere(t *testing.T) {
	l := newLab(t)
	l.do(`CREATE Akten`)
	l.put("INBOX", letter(1))
	l.put("Akten", letter(2))
	l.pull()
	id, to := l.find(1).ID, l.folder("Akten").ID
	op := l.op(journal.MailMove, mail.MoveOp{IDs: []int64{id}, From: l.folder("INBOX").ID, To: to}, "messages", id)
	l.do(`DELETE Akten`)
	l.pull()
	if list := l.list("Akten"); len(list) != 1 || list[0].ID != id {
		t.Errorf("what waits is gone: %+v", list)
	}
	l.mustPush(op)
	l.pull()
	l.wantRemote("Akten", "<v1@amt.example>")
	if m := l.find(1); m.ID != id || m.FolderID != to || !m.HasBody {
		t.Errorf("%+v", m)
	}
}

func TestOperationOnWhatIsGoneIsNotTriedForEver(t *testing.T) {
	l := newLab(t)
	l.put("INBOX", letter(1))
	l.pull()
	id := l.find(1).ID
	op := l.push(l.op(journal.MailMove, mail.MoveOp{IDs: []int64{id}, To: 4711}, "folders", 4711))
	if op.State != journal.Failed {
		t.Errorf("%s: %s", op.State, op.LastError)
	}
	l.do(`SELECT INBOX`)
	l.do(`UID STORE 1 +FLAGS (\Deleted)`)
	l.do(`EXPUNGE`)
	for _, kind := range []journal.Kind{journal.MailFlags, journal.MailMove, journal.MailDelete} {
		payload := map[journal.Kind]any{
			journal.MailFlags:  mail.FlagsOp{IDs: []int64{id}, Add: mail.Seen},
			journal.MailMove:   mail.MoveOp{IDs: []int64{id}, From: l.folder("INBOX").ID, To: l.folder("Archive").ID},
			journal.MailDelete: mail.DeleteOp{IDs: []int64{id}},
		}[kind]
		if op := l.push(l.op(kind, payload, "messages", id)); op.State != journal.Done {
			t.Errorf("%s: %s %s", kind, op.State, op.LastError)
		}
		l.pull()
	}
	if n, err := l.db.MailCount(l.ctx, mail.Query{FolderID: l.folder("Archive").ID}); err != nil || n != 0 {
		t.Errorf("a ghost is left: %d %v", n, err)
	}
}
