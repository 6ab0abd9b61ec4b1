// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"slices"
	"strings"

	"kontor/app/mail"
)

// addedAtOnce are how many rows of messages one statement adds, the most that fits first. For the triggers' sake SQLite
// keeps a copy of each page that a statement touches until it ends: with one row for each statement that was a quarter
// of the work.
var addedAtOnce = []int{50, 5, 1}

// addColumns are the columns of a new message, in the order of addArgs.
const addColumns = `id, account_id, folder_id, thread_id, hidden, flags, received, size, has_attachment, subject,
	from_name, from_addr, recipients, keywords, snippet, message_id, mid_hash, remote_folder_id, uid, remote_flags, remote_keywords,
	sent, cc, bcc, reply_to, in_reply_to, refs, group_id, body_state`

// addStatements are for as many rows as addedAtOnce says.
var addStatements = func() (list []string) {
	row := "(?" + strings.Repeat(", ?", strings.Count(addColumns, ",")) + ")"
	for _, rows := range addedAtOnce {
		list = append(list, "INSERT INTO messages ("+addColumns+") VALUES "+row+strings.Repeat(", "+row, rows-1))
	}
	return list
}()

// addRows adds the rows of messages whose place is known.
func (tx *Tx) addRows(ctx context.Context, ids []int64, at []placed, states []mail.BodyState, batch []NewMail) error {
	var args []any
	for i := 0; i < len(batch); {
		size := slices.IndexFunc(addedAtOnce, func(rows int) bool { return rows <= len(batch)-i })
		args = args[:0]
		for range addedAtOnce[size] {
			args = addArgs(args, ids[i], at[i], states[i], &batch[i])
			i++
		}
		if err := tx.run(ctx, addStatements[size], args...); err != nil {
			return err
		}
	}
	return nil
}

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
