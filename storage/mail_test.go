// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"kontor/app/mail"
)

// mailStore opens a store with one account and the named folders.
func mailStore(t testing.TB, folders ...string) (db *DB, account int64, ids []int64) {
	t.Helper()
	ctx := context.Background()
	db, err := Open(ctx, filepath.Join(t.TempDir(), "kontor.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Check(ctx); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	err = db.Write(ctx, func(tx *Tx) error {
		account, err = tx.AddAccount(ctx, Account{Name: "Amt"})
		if err != nil {
			return err
		}
		roles := make([]mail.FolderClaim, len(folders))
		for i, f := range folders {
			roles[i] = mail.FolderClaim{Name: f, Delim: "/"}
		}
		for i, role := range mail.AssignRoles(roles) {
			id, err := tx.AddFolder(ctx, MailFolder{
				Folder:     mail.Folder{AccountID: account, Name: folders[i], Delim: "/", Role: role, Selectable: true},
				RemoteName: folders[i],
			})
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return db, account, ids
}

var epoch = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func sample(account, folder int64, n int) NewMail {
	return NewMail{
		AccountID: account, FolderID: folder, UID: uint32(n + 1), MessageID: fmt.Sprintf("m%d@amt.example", n),
		Subject: fmt.Sprintf("Vorgang %d", n), From: mail.Address{Name: "Anna Amt", Addr: "anna@amt.example"},
		To:       []mail.Address{{Name: "Bernd", Addr: "bernd@amt.example"}, {Addr: "rat@amt.example"}},
		Received: epoch.Add(time.Duration(n) * time.Minute), Sent: epoch, Size: int64(1000 + n),
	}
}

func add(t testing.TB, db *DB, batch ...NewMail) []int64 {
	t.Helper()
	var ids []int64
	err := db.Write(context.Background(), func(tx *Tx) (err error) {
		ids, err = tx.AddMail(context.Background(), batch)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestListIsNewestFirst(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX", "Gesendet")
	var batch []NewMail
	for _, n := range []int{3, 1, 4, 0, 2} {
		m := sample(account, f[0], n)
		if n%2 == 0 {
			m.Flags = mail.Seen
		}
		if n == 3 {
			m.Flags |= mail.Flagged
		}
		batch = append(batch, m)
	}
	add(t, db, batch...)
	cases := []struct {
		name  string
		q     mail.Query
		want  string
		count int
	}{
		{"all", mail.Query{FolderID: f[0]}, "[Vorgang 4 Vorgang 3 Vorgang 2 Vorgang 1 Vorgang 0]", 5},
		{"role", mail.Query{Role: mail.RoleInbox}, "[Vorgang 4 Vorgang 3 Vorgang 2 Vorgang 1 Vorgang 0]", 5},
		{"unread", mail.Query{FolderID: f[0], UnreadOnly: true}, "[Vorgang 3 Vorgang 1]", 2},
		{"flagged", mail.Query{FolderID: f[0], Flagged: true}, "[Vorgang 3]", 1},
		{"flagged and unread", mail.Query{FolderID: f[0], Flagged: true, UnreadOnly: true}, "[Vorgang 3]", 1},
		{"flagged everywhere", mail.Query{Flagged: true}, "[Vorgang 3]", 1},
		{"other folder", mail.Query{FolderID: f[1]}, "[]", 0},
		{"threads", mail.Query{FolderID: f[0], Threads: true}, "[Vorgang 4 Vorgang 3 Vorgang 2 Vorgang 1 Vorgang 0]", 5},
		{"unread threads", mail.Query{FolderID: f[0], Threads: true, UnreadOnly: true}, "[Vorgang 3 Vorgang 1]", 2},
		{"flagged threads", mail.Query{FolderID: f[0], Threads: true, Flagged: true}, "[Vorgang 3]", 1},
	}
	for _, c := range cases {
		list, err := db.MailList(ctx, c.q, 0, 50)
		if err != nil {
			t.Fatal(err)
		}
		if got := subjects(list); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if n, err := db.MailCount(ctx, c.q); err != nil || n != c.count {
			t.Errorf("%s: count %d %v, want %d", c.name, n, err, c.count)
		}
	}
	window, err := db.MailList(ctx, mail.Query{FolderID: f[0]}, 1, 2)
	if err != nil || subjects(window) != "[Vorgang 3 Vorgang 2]" {
		t.Errorf("window: %s %v", subjects(window), err)
	}
}

func subjects(list []mail.Summary) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = s.Subject
	}
	return fmt.Sprint(out)
}

func TestRowsKeepWhatWasStored(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX")
	m := sample(account, f[0], 7)
	m.Cc, m.Bcc, m.ReplyTo = []mail.Address{{Addr: "cc@a.example"}}, []mail.Address{{Addr: "bcc@a.example"}}, []mail.Address{{Addr: "re@a.example"}}
	m.InReplyTo, m.References = "b@x", []string{"a@x", "b@x"}
	m.Flags, m.Keywords = mail.Seen|mail.Flagged, []string{"rot", "wichtig"}
	id := add(t, db, m)[0]
	got, err := db.MailHeader(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Date.Equal(m.Received) || !got.Sent.Equal(m.Sent) {
		t.Errorf("dates %v %v", got.Date, got.Sent)
	}
	got.Date, got.Sent = time.Time{}, time.Time{}
	want := mail.Message{
		Summary: mail.Summary{
			ID: id, AccountID: account, FolderID: f[0], ThreadID: id, MessageID: m.MessageID, Subject: m.Subject, From: m.From, To: m.To,
			Size: m.Size, Flags: m.Flags, Keywords: m.Keywords,
		},
		Cc: m.Cc, Bcc: m.Bcc, ReplyTo: m.ReplyTo, InReplyTo: m.InReplyTo, References: m.References,
	}
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	found, err := db.MailByMessageID(ctx, account, m.MessageID)
	if err != nil || len(found) != 1 || found[0].ID != id {
		t.Errorf("by Message-ID: %v %v", found, err)
	}
}

func TestManyMessagesOfOneSecondGetTheirOwnIDs(t *testing.T) {
	db, account, f := mailStore(t, "INBOX")
	seen := map[int64]bool{}
	for b := range 40 {
		batch := make([]NewMail, 500)
		for i := range batch {
			batch[i] = sample(account, f[0], b*500+i)
			batch[i].Received = epoch
		}
		for _, id := range add(t, db, batch...) {
			if seen[id] {
				t.Fatalf("ID %d given twice", id)
			}
			seen[id] = true
		}
	}
	if n, err := db.MailCount(context.Background(), mail.Query{FolderID: f[0]}); err != nil || n != 20000 {
		t.Errorf("count %d %v", n, err)
	}
}

func TestConversations(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX", "Gesendet")
	first, answer, last, other := sample(account, f[0], 0), sample(account, f[1], 1), sample(account, f[0], 2), sample(account, f[0], 3)
	answer.InReplyTo = first.MessageID
	last.InReplyTo, last.References = answer.MessageID, []string{answer.MessageID}
	// The newest comes first, as in a first synchronisation, and knows nothing of the oldest: the answer joins them.
	lastID := add(t, db, last, other)[0]
	add(t, db, first)
	add(t, db, answer)
	list, err := db.MailList(ctx, mail.Query{FolderID: f[0], Threads: true}, 0, 10)
	if err != nil || subjects(list) != "[Vorgang 3 Vorgang 2]" {
		t.Fatalf("%s %v", subjects(list), err)
	}
	if list[1].ID != lastID || list[1].ThreadCount != 3 || list[1].ThreadUnread != 3 || list[0].ThreadCount != 1 {
		t.Errorf("counts: %+v", list)
	}
	thread, err := db.MailList(ctx, mail.Query{ThreadID: list[1].ThreadID}, 0, 10)
	if err != nil || subjects(thread) != "[Vorgang 0 Vorgang 1 Vorgang 2]" {
		t.Errorf("conversation: %s %v", subjects(thread), err)
	}
	if n, err := db.MailCount(ctx, mail.Query{ThreadID: list[1].ThreadID}); n != 3 || err != nil {
		t.Errorf("count of the conversation: %d %v", n, err)
	}
}

func TestBodies(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX")
	ids := add(t, db, sample(account, f[0], 0), sample(account, f[0], 1), sample(account, f[0], 2))
	small := []byte("Subject: kurz\r\n\r\nText\r\n")
	large := make([]byte, 2*PieceSize+77)
	for i := range large {
		large[i] = byte(i * i >> 3)
	}
	if _, err := db.Body(ctx, ids[0]); err == nil {
		t.Error("octets that were never stored were read")
	}
	err := db.Write(ctx, func(tx *Tx) error {
		if err := tx.AddBody(ctx, Body{ID: ids[0], Size: int64(len(small)), Packed: Pack(small), Snippet: "Text", HasAttachment: true}); err != nil {
			return err
		}
		for start := 0; start < len(large); start += PieceSize {
			if err := tx.AddBodyPiece(ctx, ids[1], int64(start), large[start:min(start+PieceSize, len(large))]); err != nil {
				return err
			}
		}
		if end, err := tx.BodyProgress(ctx, ids[1]); err != nil || end != int64(len(large)) {
			return fmt.Errorf("progress %d: %w", end, err)
		}
		if err := tx.AddBody(ctx, Body{ID: ids[1], Size: int64(len(large)), Snippet: "groß"}); err != nil {
			return err
		}
		if err := tx.CopyBody(ctx, ids[1], ids[2]); err != nil {
			return err
		}
		return tx.AddBody(ctx, Body{ID: 12345, Size: 1, Packed: Pack(small)})
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]byte{small, large, large} {
		got, err := db.Body(ctx, ids[i])
		if err != nil || string(got) != string(want) {
			t.Errorf("body %d differs: %d octets, want %d; %v", i, len(got), len(want), err)
		}
	}
	list, err := db.MailSummaries(ctx, ids)
	if err != nil || !list[0].HasBody || list[0].Snippet != "Text" || !list[0].HasAttachment || list[2].Snippet != "groß" {
		t.Errorf("%+v %v", list, err)
	}
	waiting, err := db.IndexJobs(ctx, 10)
	if err != nil || len(waiting) != 3 || waiting[0].What != IndexNames|IndexText {
		t.Errorf("to be indexed: %v %v", waiting, err)
	}
	if err := db.Write(ctx, func(tx *Tx) error { return tx.RemoveMail(ctx, ids) }); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkList(b *testing.B) {
	ctx := context.Background()
	db, account, f := mailStore(b, "INBOX")
	const total = 100_000
	for n := 0; n < total; {
		batch := make([]NewMail, 1000)
		for i := range batch {
			batch[i] = sample(account, f[0], n)
			if n%3 != 0 {
				batch[i].References = []string{fmt.Sprintf("m%d@amt.example", n-n%3)}
				batch[i].Flags = mail.Seen
			}
			n++
		}
		add(b, db, batch...)
	}
	for _, c := range []struct {
		name   string
		q      mail.Query
		offset int
	}{
		{"top", mail.Query{FolderID: f[0]}, 0},
		{"middle", mail.Query{FolderID: f[0]}, total / 2},
		{"threads", mail.Query{FolderID: f[0], Threads: true}, 0},
		{"unread", mail.Query{FolderID: f[0], UnreadOnly: true}, 0},
		{"role", mail.Query{Role: mail.RoleInbox}, 0},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if list, err := db.MailList(ctx, c.q, c.offset, 50); err != nil || len(list) != 50 {
					b.Fatal(len(list), err)
				}
			}
		})
	}
	b.Run("count", func(b *testing.B) {
		for b.Loop() {
			if n, err := db.MailCount(ctx, mail.Query{FolderID: f[0]}); err != nil || n != total {
				b.Fatal(n, err)
			}
		}
	})
}
