// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"slices"
	"strings"

	"kontor/app/mail"
)

// rowsAtOnce are how many rows one statement adds, the most that fits first. For the triggers' sake SQLite keeps a copy of
// each page that a statement touches until it ends: with one row for each statement that was a quarter of the work of
// adding messages. Values that are bound cost half as much as a text in JSON.
var rowsAtOnce = []int{50, 5, 1}

// rowStatement is an INSERT for each of rowsAtOnce.
type rowStatement []string

// insertRows writes one: into is the table with its columns, tail what follows the values.
func insertRows(into, tail string) rowStatement {
	row := "(?" + strings.Repeat(", ?", strings.Count(into, ",")) + ")"
	texts := make(rowStatement, len(rowsAtOnce))
	for i, rows := range rowsAtOnce {
		texts[i] = "INSERT INTO " + into + " VALUES " + row + strings.Repeat(", "+row, rows-1) + tail
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
var addMessages = insertRows(`messages (id, account_id, folder_id, thread_id, hidden, flags, received, size, has_attachment, subject,
	from_name, from_addr, recipients, keywords, snippet, message_id, mid_hash, remote_folder_id, uid, remote_flags, remote_keywords,
	sent, cc, bcc, reply_to, in_reply_to, refs, group_id, body_state)`, "")

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
