// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/journal"
	"kontor/app/mail"
)

// mailModel does to the store what a person, a server and a cut line can do in any order.
type mailModel struct {
	ctx     context.Context
	db      *DB
	account int64
	folders []int64
	rows    []int64
	pending []journal.Op
	next    int
}

func (m *mailModel) write(t *rapid.T, fn func(*Tx) error) {
	if err := m.db.Write(m.ctx, fn); err != nil {
		t.Fatal(err)
	}
}

func (m *mailModel) folder(t *rapid.T) int64 { return rapid.SampledFrom(m.folders).Draw(t, "folder") }

func (m *mailModel) row(t *rapid.T) int64 {
	if len(m.rows) == 0 {
		t.Skip("no messages")
	}
	return rapid.SampledFrom(m.rows).Draw(t, "message")
}

// arrive stores new messages of the server, some of them answers.
func (m *mailModel) arrive(t *rapid.T) {
	folder := m.folder(t)
	var batch []NewMail
	for range rapid.IntRange(1, 5).Draw(t, "n") {
		s := sample(m.account, folder, m.next)
		s.Received = epoch.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "second")) * time.Second)
		s.Flags = mail.Flags(rapid.Uint32Range(0, 15).Draw(t, "flags"))
		if m.next > 0 && rapid.Bool().Draw(t, "answer") {
			s.InReplyTo = fmt.Sprintf("m%d@amt.example", rapid.IntRange(0, m.next+3).Draw(t, "to"))
		}
		m.next++
		batch = append(batch, s)
	}
	m.write(t, func(tx *Tx) error {
		ids, err := tx.AddMail(m.ctx, batch)
		m.rows = append(m.rows, ids...)
		return err
	})
}

// change is what a person does to one message.
func (m *mailModel) change(t *rapid.T) {
	id, folder := m.row(t), m.folder(t)
	kind := rapid.SampledFrom([]journal.Kind{journal.MailFlags, journal.MailMove, journal.MailDelete}).Draw(t, "kind")
	var payload any
	switch kind {
	case journal.MailMove:
		payload = mail.MoveOp{IDs: []int64{id}, To: folder}
	case journal.MailDelete:
		payload = mail.DeleteOp{IDs: []int64{id}}
	default:
		payload = mail.FlagsOp{
			IDs: []int64{id}, Add: mail.Flags(rapid.Uint32Range(0, 15).Draw(t, "add")), Remove: mail.Seen, AddKeywords: []string{"rot"},
		}
	}
	b, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	m.write(t, func(tx *Tx) error {
		op, err := tx.AddOp(m.ctx, journal.Op{AccountID: m.account, Kind: kind, Payload: b, Targets: []journal.Target{{Table: "messages", ID: id}}})
		if err != nil {
			return err
		}
		m.pending = append(m.pending, op)
		return tx.Recompute(m.ctx, op)
	})
}

// cancel takes back what waits.
func (m *mailModel) cancel(t *rapid.T) {
	if len(m.pending) == 0 {
		t.Skip("nothing waits")
	}
	at := rapid.IntRange(0, len(m.pending)-1).Draw(t, "operation")
	op, err := journal.Cancel(m.pending[at], time.Now())
	if err != nil {
		t.Fatal(err)
	}
	m.pending = slices.Delete(m.pending, at, at+1)
	m.write(t, func(tx *Tx) error { return tx.Drop(m.ctx, op) })
}

// flags are news of the server about known messages.
func (m *mailModel) flags(t *rapid.T) {
	folder := m.folder(t)
	m.write(t, func(tx *Tx) error {
		uids, err := tx.FolderUIDs(m.ctx, folder)
		if err != nil {
			return err
		}
		var list []RemoteFlags
		for _, u := range uids {
			if rapid.Bool().Draw(t, "changed") {
				list = append(list, RemoteFlags{UID: u, Flags: mail.Flags(rapid.Uint32Range(0, 15).Draw(t, "flags"))})
			}
		}
		_, err = tx.SetRemoteFlags(m.ctx, m.account, folder, list)
		return err
	})
}

// vanish removes messages that are gone on the server.
func (m *mailModel) vanish(t *rapid.T) {
	folder := m.folder(t)
	m.write(t, func(tx *Tx) error {
		uids, err := tx.FolderUIDs(m.ctx, folder)
		if err != nil || len(uids) == 0 {
			return err
		}
		_, err = tx.RemoveUIDs(m.ctx, folder, []uint32{rapid.SampledFrom(uids).Draw(t, "uid")})
		return err
	})
	m.rows = slices.DeleteFunc(m.rows, func(id int64) bool {
		_, err := m.db.MailHeader(m.ctx, id)
		return err != nil
	})
}

// The invariants hold whatever happens, and once nothing waits any more everything is shown as the server has it.
func TestMailStoreStaysConsistent(t *testing.T) {
	db, account, folders := mailStore(t, "INBOX", "Archiv", "Akten")
	ctx := context.Background()
	rapid.Check(t, func(t *rapid.T) {
		m := &mailModel{ctx: ctx, db: db, account: account, folders: folders}
		defer m.write(t, func(tx *Tx) error {
			if _, err := tx.exec(ctx, `DELETE FROM journal`); err != nil {
				return err
			}
			all, err := tx.ids(ctx, `SELECT id FROM messages`)
			if err != nil {
				return err
			}
			return tx.RemoveMail(ctx, all)
		})
		t.Repeat(map[string]func(*rapid.T){
			"arrive": m.arrive, "change": m.change, "cancel": m.cancel, "flags": m.flags, "vanish": m.vanish, "lists": m.lists,
			"": func(t *rapid.T) {
				if err := db.Check(ctx); err != nil {
					t.Fatal(err)
				}
			},
		})
		for len(m.pending) > 0 {
			op, err := journal.Cancel(m.pending[0], time.Now())
			if err != nil {
				t.Fatal(err)
			}
			m.pending = m.pending[1:]
			m.write(t, func(tx *Tx) error { return tx.Drop(ctx, op) })
		}
		var differ int
		err := db.scan(ctx, []any{&differ}, `SELECT count(*) FROM messages WHERE folder_id <> remote_folder_id OR flags <> remote_flags
			OR keywords <> remote_keywords OR hidden <> (flags & 8 = 8)`)
		if err != nil || differ != 0 {
			t.Fatalf("%d messages differ from the server although nothing waits: %v", differ, err)
		}
	})
}
