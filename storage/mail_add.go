// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"kontor/app/mail"
)

// rowsAtOnce are how many rows one statement adds, the most that fits first. Values that are bound cost half as much as a
// text in JSON.
var rowsAtOnce = []int{50, 5, 1}

// rowStatement is an INSERT for each of rowsAtOnce.
type rowStatement []string

// insertRows writes one: into is the table with its columns, tail what follows the values.
func insertRows(into, tail string) rowStatement { return rowStatements("INSERT INTO ", into, tail) }

// newRows writes one for rows that are not there yet. It is not taken back row by row when it fails, which nobody asks
// for: the transaction is. Otherwise SQLite would copy each page before it changes it.
func newRows(into string) rowStatement { return rowStatements("INSERT OR FAIL INTO ", into, "") }

func rowStatements(insert, into, tail string) rowStatement {
	row := "(?" + strings.Repeat(", ?", strings.Count(into, ",")) + ")"
	texts := make(rowStatement, len(rowsAtOnce))
	for i, rows := range rowsAtOnce {
		texts[i] = insert + into + " VALUES " + row + strings.Repeat(", "+row, rows-1) + tail
	}
	return texts
}

// runRows adds n rows, whose values are appended by row.
func (tx *Tx) runRows(ctx context.Context, s rowStatement, n int, row func(args []any, i int) []any) error {
	var args []any
	for i := 0; i < n; {
		size := slices.IndexFunc(rowsAtOnce, func(rows int) bool { return rows <= n-i })
		args = args[:0]
		for range rowsAtOnce[size] {
			args = row(args, i)
			i++
		}
		if err := tx.run(ctx, s[size], args...); err != nil {
			return err
		}
	}
	return nil
}

// addMessages has its columns in the order of addArgs.
var addMessages = newRows(`messages (id, account_id, folder_id, thread_id, hidden, flags, received, size, has_attachment, subject,
	from_name, from_addr, recipients, keywords, snippet, message_id, mid_hash, remote_folder_id, uid, remote_flags, remote_keywords,
	sent, cc, bcc, reply_to, in_reply_to, refs, group_id, body_state)`)

func addArgs(args []any, id int64, at placed, state mail.BodyState, m *NewMail) []any {
	remote := m.FolderID
	if m.UID == 0 {
		remote = 0
	}
	keywords := wordColumn(m.Keywords)
	return append(args, id, m.AccountID, m.FolderID, at.thread, m.Flags.Has(mail.Deleted), int64(m.Flags), millis(m.Received), m.Size, m.HasAttachment, m.Subject,
		m.From.Name, m.From.Addr, addressColumn(m.To), keywords, m.Snippet, m.MessageID, mail.RefHash(m.AccountID, m.MessageID), remote, int64(m.UID), int64(m.Flags), keywords,
		millis(m.Sent), addressColumn(m.Cc), addressColumn(m.Bcc), addressColumn(m.ReplyTo), m.InReplyTo, wordColumn(m.References), at.group, int64(state))
}

// added is what new messages change in their folder, or in their conversation there.
type added struct {
	folder, thread int64
	head           int64 // the newest
	total, unread  int
}

// countAdded brings what is counted of folders and conversations up to date, and puts new messages on the queue of the
// index.
func (tx *Tx) countAdded(ctx context.Context, batch []NewMail, ids []int64, at []placed) error {
	folders, threads := map[int64]*added{}, map[[2]int64]*added{}
	for i, m := range batch {
		if m.Flags.Has(mail.Deleted) {
			continue
		}
		key := [2]int64{at[i].thread, m.FolderID}
		if folders[m.FolderID] == nil {
			folders[m.FolderID] = &added{folder: m.FolderID}
		}
		if threads[key] == nil {
			threads[key] = &added{folder: m.FolderID, thread: at[i].thread}
		}
		for _, a := range []*added{folders[m.FolderID], threads[key]} {
			a.total++
			a.head = max(a.head, ids[i])
			if !m.Flags.Has(mail.Seen) {
				a.unread++
			}
		}
	}
	for _, f := range folders {
		if _, err := tx.exec(ctx, `UPDATE folders SET total = total + ?, unread = unread + ? WHERE id = ?`, f.total, f.unread, f.folder); err != nil {
			return err
		}
	}
	list := slices.SortedFunc(maps.Values(threads), func(a, b *added) int {
		return cmp.Or(cmp.Compare(a.thread, b.thread), cmp.Compare(a.folder, b.folder))
	})
	err := tx.runRows(ctx, addThreads, len(list), func(args []any, i int) []any {
		t := list[i]
		return append(args, t.folder, t.thread, t.head, t.total, t.unread)
	})
	if err != nil {
		return err
	}
	queue := slices.Sorted(slices.Values(ids))
	return tx.runRows(ctx, addQueue, len(queue), func(args []any, i int) []any { return append(args, queue[i], int64(IndexNames)) })
}

var (
	addThreads = insertRows(`threads (folder_id, thread_id, head, total, unread)`, ` ON CONFLICT (thread_id, folder_id) DO UPDATE
		SET head = max(head, excluded.head), total = total + excluded.total, unread = unread + excluded.unread`)
	addQueue = insertRows(`search_queue (id, what)`, ` ON CONFLICT (id) DO UPDATE SET what = 3, stamp = stamp + 1`)
)
