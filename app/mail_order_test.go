// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/app/index"
	"kontor/app/mail"
	"kontor/storage"
)

// TestListsInEveryOrder: people, subjects, sizes and what is unread come as a person reads them - capital letters, umlauts,
// quotation marks and "AW:" make no difference - and windows that are read one after the other are the whole list.
func TestListsInEveryOrder(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	received := time.Now().Add(-time.Hour)
	var batch []storage.NewMail
	add := func(name, addr, to, subject string, size int64, flags mail.Flags) {
		n := len(batch)
		batch = append(batch, storage.NewMail{
			AccountID: b.account, FolderID: b.inbox, UID: uint32(n) + 1, MessageID: fmt.Sprintf("%d@amt.example", n), Subject: subject,
			From: mail.Address{Name: name, Addr: addr}, To: []mail.Address{{Name: to, Addr: "x@amt.example"}}, Received: received.Add(time.Duration(n) * time.Minute), Size: size, Flags: flags,
		})
	}
	add("Zora", "zora@amt.example", "Otto", "Bericht", 300, mail.Seen)
	add("", "ämter@amt.example", "", "AW: bericht", 100, 0)
	add("Özil", "o@amt.example", "Änne", "Antrag", 200, mail.Seen)
	add(`"anna"`, "a@amt.example", "Berta", "", 500, 0)
	add("otto", "o@amt.example", "Zoe", "Ämter", 400, mail.Seen)
	b.write(t, func(tx *storage.Tx) error { _, err := tx.AddMail(ctx, batch); return err })
	for _, c := range []struct {
		order string
		want  string // the numbers of the messages
	}{
		{"", "43210"},
		{"-", "01234"},
		{"sender", "13420"},
		{"-sender", "02431"},
		{"recipient", "23014"},
		{"subject", "42103"},
		{"-subject", "31024"},
		{"size", "34021"},
		{"-size", "12043"},
		{"unread", "31420"},
		{"-unread", "42031"},
	} {
		for _, q := range []mail.Query{{FolderID: b.inbox}, {Role: mail.RoleInbox, Threads: true}, {}} {
			q.Order = mail.ReadOrder(c.order)
			var got strings.Builder
			for at := 0; ; at += 2 {
				part, err := b.List(ctx, q, at, 2)
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range part {
					got.WriteString(s.MessageID[:1])
				}
				if len(part) == 0 {
					break
				}
			}
			want := c.want
			if q.Threads { // the answer stands for both
				want = strings.ReplaceAll(want, "0", "")
			}
			if got.String() != want {
				t.Errorf("by %q %+v: %s, want %s", c.order, q, got.String(), want)
			}
		}
	}
}

// TestAnOrderOfWhatIsFound: the hits of a search can be sorted as well, and a filter leaves out the same rows as in a
// list that is not sorted.
func TestAnOrderOfWhatIsFound(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	var batch []storage.NewMail
	for n, subject := range []string{"Zaun Lageplan", "Aufmaß Lageplan", "Mauer", "Haus Lageplan"} {
		batch = append(batch, storage.NewMail{
			AccountID: b.account, FolderID: b.inbox, UID: uint32(n) + 1, MessageID: fmt.Sprintf("%d@amt.example", n), Subject: subject,
			From: mail.Address{Addr: "a@amt.example"}, Received: time.Now(), Size: 10, Flags: mail.Flags(n % 2),
		})
	}
	b.write(t, func(tx *storage.Tx) error { _, err := tx.AddMail(ctx, batch); return err })
	if _, err := index.New(b.db).Index(ctx); err != nil {
		t.Fatal(err)
	}
	for _, q := range []mail.Query{{Text: "lageplan"}, {Text: "lageplan", UnreadOnly: true}, {FolderID: b.inbox, UnreadOnly: true}} {
		plain, err := b.List(ctx, q, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, s := range plain {
			want = append(want, s.Subject)
		}
		slices.Sort(want)
		q.Order = mail.Order{By: mail.BySubject}
		sorted, err := b.List(ctx, q, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range sorted {
			got = append(got, s.Subject)
		}
		if len(got) == 0 || !slices.Equal(got, want) {
			t.Errorf("%+v: %q, want %q", q, got, want)
		}
	}
}
