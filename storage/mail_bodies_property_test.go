// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/mail"
)

// bodyModel is a mailbox whose octets arrive, are read, dropped and fetched again.
type bodyModel struct {
	t       *testing.T
	ctx     context.Context
	db      *DB
	account int64
	folder  int64
	ids     []int64
	octets  map[int64][]byte // what must be here; absent for what must not
	next    int
	steps   int
}

func (m *bodyModel) write(t *rapid.T, fn func(*Tx) error) {
	if err := m.db.Write(m.ctx, fn); err != nil {
		t.Fatal(err)
	}
}

func (m *bodyModel) pick(t *rapid.T) int64 {
	if len(m.ids) == 0 {
		t.Skip("no messages")
	}
	return rapid.SampledFrom(m.ids).Draw(t, "message")
}

func (m *bodyModel) draw(t *rapid.T) []byte {
	m.next++
	return noise(rapid.SampledFrom([]int{0, 1, 700, block, 30_000}).Draw(t, "size"), m.next)
}

func (m *bodyModel) arrive(t *rapid.T) {
	m.next++
	s := sample(m.account, m.folder, m.next)
	if rapid.IntRange(0, 4).Draw(t, "local") == 0 {
		s.UID = 0
	}
	m.write(t, func(tx *Tx) error {
		ids, err := tx.AddMail(m.ctx, []NewMail{s})
		m.ids = append(m.ids, ids...)
		return err
	})
}

func (m *bodyModel) spool(t *rapid.T) {
	id, raw := m.pick(t), m.draw(t)
	spooled, err := m.db.Spool(raw)
	if err != nil {
		t.Fatal(err)
	}
	m.write(t, func(tx *Tx) error { return tx.AddSpooled(m.ctx, []SpooledBody{{id, spooled[0]}}) })
	m.octets[id] = raw
}

func (m *bodyModel) whole(t *rapid.T) {
	id, raw := m.pick(t), m.draw(t)
	m.write(t, func(tx *Tx) error { return tx.AddBody(m.ctx, Body{ID: id, Size: int64(len(raw)), Packed: Pack(raw)}) })
	m.octets[id] = raw
}

// pieces stores a large message in parts, in any order.
func (m *bodyModel) pieces(t *rapid.T) {
	id, raw := m.pick(t), append(m.draw(t), 1)
	cut := rapid.IntRange(0, len(raw)-1).Draw(t, "cut")
	m.write(t, func(tx *Tx) error {
		if err := tx.ForgetBody(m.ctx, id, int64(len(raw))); err != nil {
			return err
		}
		if cut > 0 {
			if err := tx.AddBodyPiece(m.ctx, id, 0, raw[:cut]); err != nil {
				return err
			}
		}
		if err := tx.AddBodyPiece(m.ctx, id, int64(cut), raw[cut:]); err != nil {
			return err
		}
		return tx.AddBody(m.ctx, Body{ID: id, Size: int64(len(raw))})
	})
	m.octets[id] = raw
}

func (m *bodyModel) read(*rapid.T) { digest(m.t, m.db) }

func (m *bodyModel) forget(t *rapid.T) {
	id := m.pick(t)
	m.write(t, func(tx *Tx) error { return tx.ForgetBody(m.ctx, id, 77) })
	delete(m.octets, id)
}

func (m *bodyModel) copied(t *rapid.T) {
	from, to := m.pick(t), m.pick(t)
	if m.octets[from] == nil || m.octets[to] != nil {
		t.Skip("nothing to copy, or nowhere to put it")
	}
	m.write(t, func(tx *Tx) error { return tx.CopyBody(m.ctx, from, to) })
	m.octets[to] = m.octets[from]
}

// keep applies rules; what goes must be what the plan says, and be had again.
func (m *bodyModel) keep(t *rapid.T) {
	held, err := m.db.HeldMail(m.ctx, m.account)
	if err != nil {
		t.Fatal(err)
	}
	plan := mail.PlanKeep(mail.Keep{Quota: rapid.Int64Range(1, 4000).Draw(t, "quota")}, held, time.Now())
	m.write(t, func(tx *Tx) error { return tx.ApplyKeep(m.ctx, plan) })
	for _, id := range plan.Drop {
		delete(m.octets, id)
	}
}

func (m *bodyModel) open(t *rapid.T) {
	id := m.pick(t)
	if _, err := m.db.WantBody(m.ctx, id); err != nil {
		t.Fatal(err)
	}
}

func (m *bodyModel) remove(t *rapid.T) {
	id := m.pick(t)
	m.write(t, func(tx *Tx) error { return tx.RemoveMail(m.ctx, []int64{id}) })
	m.ids = slices.DeleteFunc(m.ids, func(i int64) bool { return i == id })
	delete(m.octets, id)
}

func (m *bodyModel) check(t *rapid.T) {
	if m.steps++; m.steps%3 == 0 { // it costs more than the steps
		if err := m.db.Check(m.ctx); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range m.ids {
		got, err := m.db.Body(m.ctx, id)
		want, ok := m.octets[id]
		if ok && (err != nil || !bytes.Equal(got, want)) || !ok && !errors.Is(err, ErrNotFound) {
			t.Fatalf("message %d: %d octets, want %d (%v): %v", id, len(got), len(want), ok, err)
		}
	}
}

// Whatever happens to the octets of messages, they are here or they are not, and never others.
func TestOctetsThroughTheirLife(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX")
	next := 0
	rapid.Check(t, func(t2 *rapid.T) {
		m := &bodyModel{t: t, ctx: ctx, db: db, account: account, folder: f[0], octets: map[int64][]byte{}, next: next}
		t2.Repeat(map[string]func(*rapid.T){
			"arrive": m.arrive, "spool": m.spool, "whole": m.whole, "pieces": m.pieces, "read": m.read, "forget": m.forget,
			"copy": m.copied, "keep": m.keep, "open": m.open, "remove": m.remove, "": m.check,
		})
		m.write(t2, func(tx *Tx) error { return tx.RemoveMail(ctx, m.ids) })
		digest(t, db)
		next = m.next
	})
}

// The background stops as soon as somebody waits to write, and never without having stored something.
func TestIndexingGivesWay(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX")
	var docs []IndexDoc
	for n := range 20 {
		id := add(t, db, sample(account, f[0], n))[0]
		docs = append(docs, IndexDoc{Job: IndexJob{ID: id, What: IndexNames}, Title: "Vorgang"})
	}
	person := make(chan error, 1)
	done := 0
	err := db.Write(ctx, func(tx *Tx) (err error) {
		go func() { person <- db.WriteDurable(ctx, func(*Tx) error { return nil }) }()
		for db.waiting.Load() == 0 {
			time.Sleep(time.Millisecond)
		}
		done, err = tx.PutIndex(ctx, docs)
		return err
	})
	if err != nil || done != 1 {
		t.Errorf("%d stored while somebody waits, %v", done, err)
	}
	if err := <-person; err != nil {
		t.Error(err)
	}
	write(t, db, func(tx *Tx) (err error) {
		done, err = tx.PutIndex(ctx, docs[1:])
		return err
	})
	if done != 19 {
		t.Errorf("%d stored while nobody waits", done)
	}
	if left, err := db.IndexQueue(ctx); left != 0 || err != nil {
		t.Errorf("%d rows left, %v", left, err)
	}
}
