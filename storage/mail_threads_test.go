// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/mail"
)

// partition gives for each message the oldest of its conversation.
func partition(t interface{ Fatal(...any) }, db *DB) map[int64]int64 {
	out := map[int64]int64{}
	err := db.each(context.Background(), `SELECT id, min(id) OVER (PARTITION BY thread_id) FROM messages`, nil, func(scan func(...any) error) error {
		var id, oldest int64
		err := scan(&id, &oldest)
		out[id] = oldest
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// threadModel is a mailbox in which conversations grow, merge and fall apart.
type threadModel struct {
	db       *DB
	accounts []int64
	folders  []int64
	rows     map[int64]NewMail
	next     int
	steps    int
}

func (m *threadModel) draw(t *rapid.T, account int) NewMail {
	n := m.next
	m.next++
	s := sample(m.accounts[account], m.folders[account], n)
	s.Received = epoch.Add(time.Duration(rapid.IntRange(0, 130).Draw(t, "day")) * 24 * time.Hour)
	s.Subject = rapid.SampledFrom([]string{"Haushalt", "AW: Haushalt", "Re: WG: Haushalt", "Umzug", "Aw: Umzug", ""}).Draw(t, "subject")
	if rapid.IntRange(0, 4).Draw(t, "nameless") == 0 {
		s.MessageID = ""
	}
	for range rapid.IntRange(0, 2).Draw(t, "references") {
		s.References = append(s.References, fmt.Sprintf("m%d@amt.example", rapid.IntRange(max(0, n-8), n+8).Draw(t, "to")))
	}
	return s
}

func (m *threadModel) arrive(t *rapid.T) {
	batch := make([]NewMail, rapid.IntRange(1, 5).Draw(t, "n"))
	for i := range batch {
		batch[i] = m.draw(t, rapid.IntRange(0, 1).Draw(t, "account"))
	}
	m.write(t, func(tx *Tx) error {
		ids, err := tx.AddMail(context.Background(), batch)
		for i, id := range ids {
			m.rows[id] = batch[i]
		}
		return err
	})
}

func (m *threadModel) pick(t *rapid.T) int64 {
	if len(m.rows) == 0 {
		t.Skip("no messages")
	}
	ids, err := m.db.ids(context.Background(), `SELECT id FROM messages ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	return rapid.SampledFrom(ids).Draw(t, "message")
}

func (m *threadModel) remove(t *rapid.T) {
	ids := []int64{m.pick(t), m.pick(t)}
	m.write(t, func(tx *Tx) error { return tx.RemoveMail(context.Background(), ids) })
	delete(m.rows, ids[0])
	delete(m.rows, ids[1])
}

// edit changes what a message is about, as the author of a draft does.
func (m *threadModel) edit(t *rapid.T) {
	id := m.pick(t)
	account := 0
	if m.rows[id].AccountID == m.accounts[1] {
		account = 1
	}
	changed := m.draw(t, account)
	m.write(t, func(tx *Tx) error { return tx.UpdateMail(context.Background(), id, changed) })
	m.rows[id] = changed
}

func (m *threadModel) write(t *rapid.T, fn func(*Tx) error) {
	if err := m.db.Write(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

// However a mailbox came to be as it is, its conversations are those that all its messages give together.
func TestConversationsAreThoseOfTheWhole(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX")
	m := &threadModel{db: db, accounts: []int64{account}, folders: f}
	write(t, db, func(tx *Tx) error {
		other, err := tx.AddAccount(ctx, Account{Name: "Rat"})
		if err != nil {
			return err
		}
		folder, err := tx.AddFolder(ctx, MailFolder{Folder: mail.Folder{AccountID: other, Name: "INBOX"}})
		m.accounts, m.folders = append(m.accounts, other), append(m.folders, folder)
		return err
	})
	rapid.Check(t, func(t *rapid.T) {
		m.rows = map[int64]NewMail{}
		t.Repeat(map[string]func(*rapid.T){
			"arrive": m.arrive, "remove": m.remove, "edit": m.edit,
			"": func(t *rapid.T) {
				if m.steps++; m.steps%3 != 0 { // it costs more than the steps
					return
				}
				if err := db.Check(ctx); err != nil {
					t.Fatal(err)
				}
			},
		})
		have := partition(t, db)
		m.write(t, func(tx *Tx) error { return tx.RebuildThreads(ctx) })
		if want := partition(t, db); fmt.Sprint(have) != fmt.Sprint(want) {
			t.Fatalf("conversations\n%v, made anew\n%v", have, want)
		}
		for id, first := range have {
			if a, b := m.rows[id].AccountID, m.rows[first].AccountID; a != b {
				t.Fatalf("message %d of account %d is in a conversation of account %d", id, a, b)
			}
		}
		all, err := db.ids(ctx, `SELECT id FROM messages`)
		if err != nil {
			t.Fatal(err)
		}
		m.write(t, func(tx *Tx) error { return tx.RemoveMail(ctx, all) })
		var left int
		err = db.scan(ctx, []any{&left}, `SELECT (SELECT count(*) FROM mail_refs) + (SELECT count(*) FROM mail_groups) + (SELECT count(*) FROM threads)`)
		if err != nil || left != 0 {
			t.Fatalf("%d rows of conversations without a message, %v", left, err)
		}
	})
}

// An original that arrives after its answers takes them in, and lets them go when it is deleted.
func TestOriginalArrivesLast(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX")
	first, one, two := sample(account, f[0], 0), sample(account, f[0], 1), sample(account, f[0], 2)
	first.Subject = "Wer kommt mit?"
	one.Subject, one.InReplyTo = "AW: Wer kommt mit?", first.MessageID
	two.Subject = "Re: Wer kommt mit?" // a program that sets no references
	ids := add(t, db, two, one)
	if p := partition(t, db); p[ids[0]] != p[ids[1]] {
		t.Errorf("two answers with the same subject: %v", p)
	}
	ids = append(ids, add(t, db, first)...)
	if p := partition(t, db); p[ids[0]] != ids[2] || p[ids[1]] != ids[2] {
		t.Errorf("answers without their original: %v", p)
	}
	write(t, db, func(tx *Tx) error { return tx.RemoveMail(ctx, ids[2:]) })
	if p := partition(t, db); p[ids[0]] != ids[1] || len(p) != 2 {
		t.Errorf("%v", p)
	}
}

// A store that an older version wrote learns of conversations when it is opened, and repair mends them.
func TestThreadsAreCompletedAndRepaired(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "kontor.db")
	open := func() *DB {
		db, err := Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	db := open()
	var ids []int64
	write(t, db, func(tx *Tx) error {
		account, err := tx.AddAccount(ctx, Account{Name: "Amt"})
		if err != nil {
			return err
		}
		folder, err := tx.AddFolder(ctx, MailFolder{Folder: mail.Folder{AccountID: account, Name: "INBOX"}})
		if err != nil {
			return err
		}
		a, b := sample(account, folder, 0), sample(account, folder, 1)
		b.InReplyTo = a.MessageID
		ids, err = tx.AddMail(ctx, []NewMail{a, b, sample(account, folder, 2)})
		return err
	})
	forget := []string{`DELETE FROM mail_groups`, `DELETE FROM mail_refs`, `UPDATE messages SET group_id = 0`}
	damage := [][]string{forget, {`UPDATE messages SET thread_id = 77, group_id = 78`}, {`DELETE FROM mail_refs`}, {`UPDATE mail_groups SET reply = 1, base = 5`}}
	for i, statements := range damage {
		write(t, db, func(tx *Tx) error {
			for _, q := range statements {
				if _, err := tx.exec(ctx, q); err != nil {
					return err
				}
			}
			return nil
		})
		if db.Check(ctx) == nil {
			t.Errorf("damage %d is not noticed", i)
		}
		if i == 0 {
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			db = open()
		} else if err := db.Repair(ctx); err != nil {
			t.Fatal(err)
		}
		if err := db.Check(ctx); err != nil {
			t.Errorf("damage %d: %v", i, err)
		}
		if p := partition(t, db); p[ids[1]] != ids[0] || p[ids[2]] != ids[2] {
			t.Errorf("damage %d: %v", i, p)
		}
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}
