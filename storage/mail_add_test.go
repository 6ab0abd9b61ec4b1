// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"testing"

	"kontor/app/mail"
)

// TestAnOlderStoreGoesOnCounting: what triggers counted in an older store is counted on by those who add messages now, once.
func TestAnOlderStoreGoesOnCounting(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "kontor.db")
	older(t, path, 14)
	raw, hash := rawDB(t, path), strconv.FormatInt(mail.RefHash(1, "a@x"), 10)
	for _, q := range []string{
		`INSERT INTO folders (id, account_id, name) VALUES (7, 1, 'Eingang')`,
		`INSERT INTO mail_groups (id, first, thread_id) VALUES (1048576, 1048576, 1048576)`,
		`INSERT INTO mail_refs (id, group_id) VALUES (` + hash + `, 1048576)`,
		`INSERT INTO messages (id, account_id, folder_id, thread_id, group_id, message_id, mid_hash)
			VALUES (1048576, 1, 7, 1048576, 1048576, 'a@x', ` + hash + `)`,
	} {
		if _, err := raw.conn.ExecContext(ctx, q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	db, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	add(t, db, NewMail{AccountID: 1, FolderID: 7, MessageID: "b@x", InReplyTo: "a@x", Flags: mail.Seen}, NewMail{AccountID: 1, FolderID: 7, MessageID: "c@x"})
	f, err := db.MailFolder(ctx, 7)
	if err != nil || f.Total != 3 || f.Unread != 2 {
		t.Errorf("%d messages, %d of them unread, %v", f.Total, f.Unread, err)
	}
	list, err := db.MailList(ctx, mail.Query{FolderID: 7, Threads: true}, 0, 10)
	if err != nil || len(list) != 2 || list[0].ThreadCount+list[1].ThreadCount != 3 || list[0].ThreadUnread+list[1].ThreadUnread != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	queue, err := db.IndexQueue(ctx)
	if err != nil || queue != 3 {
		t.Errorf("%d wait for the index, %v", queue, err)
	}
	if err := db.Check(ctx); err != nil {
		t.Error(err)
	}
}

// TestMessagesAreFoundByTheirID, wherever their conversation has gone since; those without one together.
func TestMessagesAreFoundByTheirID(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX", "Archiv")
	in := func(folder int64, id, answers string) NewMail {
		return NewMail{AccountID: account, FolderID: folder, MessageID: id, InReplyTo: answers, Subject: id}
	}
	add(t, db, in(f[0], "a@x", ""), in(f[0], "b@x", ""), in(f[0], "", ""), in(f[1], "", "b@x"))
	add(t, db, in(f[1], "a@x", "b@x")) // brings both conversations together
	for id, want := range map[string]int{"a@x": 2, "b@x": 1, "": 2, "c@x": 0} {
		found, err := db.MailByMessageID(ctx, account, id)
		if err != nil || len(found) != want {
			t.Errorf("%q: %d found, want %d, %v", id, len(found), want, err)
		}
		for _, m := range found {
			if m.MessageID != id {
				t.Errorf("%q: found %q", id, m.MessageID)
			}
		}
	}
	if other, err := db.MailByMessageID(ctx, account+1, "a@x"); err != nil || len(other) != 0 {
		t.Errorf("found %d of another account, %v", len(other), err)
	}
}
