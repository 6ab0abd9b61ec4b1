// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"cmp"
	"slices"

	"pgregory.net/rapid"

	"kontor/app/mail"
)

// listed is what decides about the place of a message in lists.
type listed struct {
	id, folder, thread int64
	flags              mail.Flags
}

// shown reads all messages that any list may show.
func (m *mailModel) shown(t *rapid.T) []listed {
	var all []listed
	err := m.db.each(m.ctx, `SELECT id, folder_id, thread_id, flags FROM messages WHERE hidden = 0`, nil, func(scan func(...any) error) error {
		var l listed
		err := scan(&l.id, &l.folder, &l.thread, &l.flags)
		all = append(all, l)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// wanted gives the rows of a list as its words say, without any index, table of conversations or counter.
func (m *mailModel) wanted(all []listed, q mail.Query) []int64 {
	type place struct{ thread, folder int64 }
	heads, unread, flagged := map[place]int64{}, map[place]bool{}, map[place]bool{}
	var ids []int64
	for _, l := range all {
		switch {
		case q.ThreadID != 0 && l.thread != q.ThreadID, q.ThreadID == 0 && q.FolderID != 0 && l.folder != q.FolderID,
			q.Role == mail.RoleInbox && l.folder != m.folders[0]:
			continue
		case q.Threads && q.ThreadID == 0:
			at := place{l.thread, l.folder}
			heads[at] = max(heads[at], l.id)
			unread[at] = unread[at] || !l.flags.Has(mail.Seen)
			flagged[at] = flagged[at] || l.flags.Has(mail.Flagged)
			continue
		case q.ThreadID == 0 && (q.UnreadOnly && l.flags.Has(mail.Seen) || q.Flagged && !l.flags.Has(mail.Flagged)):
			continue
		}
		ids = append(ids, l.id)
	}
	for at, head := range heads {
		if (!q.UnreadOnly || unread[at]) && (!q.Flagged || flagged[at]) {
			ids = append(ids, head)
		}
	}
	slices.SortFunc(ids, func(a, b int64) int {
		if q.ThreadID != 0 {
			return cmp.Compare(a, b)
		}
		return cmp.Compare(b, a)
	})
	return ids
}

// lists compares a window of any list, and its length, with what a look at all messages gives.
func (m *mailModel) lists(t *rapid.T) {
	all := m.shown(t)
	q := mail.Query{Threads: rapid.Bool().Draw(t, "threads"), UnreadOnly: rapid.Bool().Draw(t, "unread"), Flagged: rapid.Bool().Draw(t, "flagged")}
	switch rapid.IntRange(0, 3).Draw(t, "which") {
	case 0:
		q.FolderID = m.folder(t)
	case 1:
		q.Role = mail.RoleInbox
	case 2:
		if len(all) > 0 {
			q = mail.Query{ThreadID: rapid.SampledFrom(all).Draw(t, "of").thread}
		}
	}
	offset, limit := rapid.IntRange(0, 8).Draw(t, "offset"), rapid.IntRange(0, 12).Draw(t, "limit")
	want := m.wanted(all, q)
	n, err := m.db.MailCount(m.ctx, q)
	if err != nil || n != len(want) {
		t.Fatalf("%+v: %d rows are counted, %d are there: %v", q, n, len(want), err)
	}
	list, err := m.db.MailList(m.ctx, q, offset, limit)
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	for _, s := range list {
		got = append(got, s.ID)
		if s.Subject == "" || s.From.Addr != "anna@amt.example" || len(s.To) != 2 {
			t.Fatalf("a row is %+v", s)
		}
	}
	want = want[min(offset, len(want)):]
	if want = want[:min(limit, len(want))]; !slices.Equal(got, want) {
		t.Fatalf("%+v from %d on: %v, want %v", q, offset, got, want)
	}
	again, err := m.db.MailRows(m.ctx, q, got)
	if err != nil || len(again) != len(list) {
		t.Fatalf("%d rows by their IDs, %d before: %v", len(again), len(list), err)
	}
	for i := range again {
		if again[i].ID != list[i].ID || again[i].ThreadCount != list[i].ThreadCount || again[i].ThreadUnread != list[i].ThreadUnread {
			t.Fatalf("%+v by its ID, %+v in the list", again[i], list[i])
		}
	}
}
