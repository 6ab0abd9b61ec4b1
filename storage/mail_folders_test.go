// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"kontor/app/journal"
	"kontor/app/mail"
)

func TestFolderKeepsWhatTheServerSays(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX", "Akten")
	want, err := db.MailFolder(ctx, f[1])
	if err != nil {
		t.Fatal(err)
	}
	want.Name, want.RemoteName, want.Delim, want.Subscribed, want.Complete = "Vorgänge", "Vorg", ".", true, true
	want.UIDValidity, want.UIDNext, want.ModSeq = 1<<32-1, 1<<31, 1<<63+5 // what the protocol allows at most
	changed := want
	changed.Total, changed.Unread = 7, 7 // counters are not the server's to tell
	write(t, db, func(tx *Tx) error { return tx.SaveFolder(ctx, changed) })
	all, err := db.SyncFolders(ctx, account)
	if err != nil || len(all) != 2 || all[1] != want {
		t.Errorf("%+v, want %+v; %v", all, want, err)
	}
}

// foldersOf lists the names that are shown.
func foldersOf(t *testing.T, db *DB, account int64) string {
	t.Helper()
	all, err := db.Folders(context.Background(), account)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range all {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

// What waits for folders is laid over what the server said, and taken back when it is cancelled.
func TestChangesOfFoldersAreTakenBack(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX", "Akten", "Akten/2026")
	var made int64
	write(t, db, func(tx *Tx) (err error) {
		made, err = tx.AddFolder(ctx, MailFolder{Folder: mail.Folder{AccountID: account, Name: "Neu", Delim: "/", Selectable: true}})
		return err
	})
	steps := []struct {
		kind journal.Kind
		id   int64
		op   mail.FolderOp
		want string
	}{
		{journal.MailFolderCreate, made, mail.FolderOp{ID: made, Name: "Neu"}, "INBOX, Akten, Akten/2026, Neu"},
		{journal.MailFolderRename, f[1], mail.FolderOp{ID: f[1], Name: "Alt", From: "Akten"}, "INBOX, Alt, Alt/2026, Neu"},
		{journal.MailFolderDelete, f[2], mail.FolderOp{ID: f[2]}, "INBOX, Alt, Neu"},
	}
	var ops []journal.Op
	for _, s := range steps {
		payload, err := json.Marshal(s.op)
		if err != nil {
			t.Fatal(err)
		}
		targets := []journal.Target{{Table: "folders", ID: s.id}}
		if s.kind == journal.MailFolderRename {
			targets = append(targets, journal.Target{Table: "folders", ID: f[2]})
		}
		write(t, db, func(tx *Tx) error {
			op, err := tx.AddOp(ctx, journal.Op{AccountID: account, Kind: s.kind, Payload: payload, Targets: targets})
			if err != nil {
				return err
			}
			ops = append(ops, op)
			return tx.Recompute(ctx, op)
		})
		if got := foldersOf(t, db, account); got != s.want {
			t.Errorf("%s: %s, want %s", s.kind, got, s.want)
		}
	}
	for i, want := range []string{"INBOX, Alt, Alt/2026, Neu", "INBOX, Akten, Akten/2026, Neu", "INBOX, Akten, Akten/2026"} {
		op := ops[len(ops)-1-i]
		op.State = journal.Cancelled
		write(t, db, func(tx *Tx) error { return tx.Drop(ctx, op) })
		if got := foldersOf(t, db, account); got != want {
			t.Errorf("without %s: %s, want %s", op.Kind, got, want)
		}
	}
}

// Rows that stood for copies, or for what an import would have added, go with the operation; what was here before stays.
func TestCancelledCopiesVanish(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX", "Akten")
	local := func(n int) NewMail {
		m := sample(account, f[1], n)
		m.UID = 0
		return m
	}
	ids := add(t, db, sample(account, f[0], 0), local(1), local(2), local(3))
	inverse := func(id int64) []byte {
		payload, err := json.Marshal(mail.DeleteOp{IDs: []int64{id}})
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(journal.Inverse{Kind: journal.MailDelete, Payload: payload})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	payload := func(v any) []byte {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, op := range []journal.Op{
		{Kind: journal.MailCopy, Payload: payload(mail.CopyOp{IDs: ids[:1], Copies: ids[1:2], To: f[1]})},
		{Kind: journal.MailAppend, Payload: payload(mail.AppendOp{ID: ids[2], Folder: f[1]}), Inverse: inverse(ids[2])},
		{Kind: journal.MailAppend, Payload: payload(mail.AppendOp{ID: ids[3], Folder: f[1]})}, // a draft: its row was here
	} {
		op.AccountID = account
		write(t, db, func(tx *Tx) error {
			added, err := tx.AddOp(ctx, op)
			if err != nil {
				return err
			}
			added.State = journal.Cancelled
			return tx.Drop(ctx, added)
		})
	}
	left, err := db.ids(ctx, `SELECT id FROM messages ORDER BY id`)
	if err != nil || !slices.Equal(left, []int64{ids[0], ids[3]}) {
		t.Errorf("%v of %v left, %v", left, ids, err)
	}
}

// The index can always be made again from the rows.
func TestIndexIsMadeAgain(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX")
	ids := add(t, db, sample(account, f[0], 0), sample(account, f[0], 1))
	spool(t, db, ids, []byte("eins"), []byte("zwei"))
	digest(t, db)
	write(t, db, func(tx *Tx) error { return tx.RefreshWords(ctx) })
	words, docs, err := db.Words(ctx)
	if err != nil || docs != 2 || !slices.Equal(strings.Split(words, "\n"), []string{"bernd", "example", "vorgang"}) {
		t.Errorf("%q of %d rows, %v", words, docs, err)
	}
	write(t, db, func(tx *Tx) error { return tx.RebuildIndex(ctx) })
	if n, err := db.IndexedDocs(ctx); n != 0 || err != nil {
		t.Errorf("%d rows in an empty index, %v", n, err)
	}
	if waiting, err := db.IndexQueue(ctx); waiting != 2 || err != nil {
		t.Errorf("%d rows wait, %v", waiting, err)
	}
	digest(t, db)
	if found, err := db.FindMail(ctx, MailSearch{Texts: `"vorgang"`, Limit: 9}); err != nil || len(found) != 2 {
		t.Errorf("%v %v", found, err)
	}
	if IsCorrupt(errors.New("something else")) || IsCorrupt(nil) {
		t.Error("not every error is damage")
	}
}
