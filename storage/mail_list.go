// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"kontor/app/journal"
	"kontor/app/mail"
)

// MailList reads a window of a message list, newest first (a conversation: oldest first). Query.Text is not looked at:
// full-text search is the search store's part. Query.Order neither:
// see SortRows.
func (r reads) MailList(ctx context.Context, q mail.Query, offset, limit int) ([]mail.Summary, error) {
	list, err := r.listRows(ctx, q, offset, limit)
	if err == nil && q.Threads {
		err = r.fillThreads(ctx, list)
	}
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	return list, nil
}

// MailRows reads the rows of a list with these IDs in their order; those that are gone are left out.
func (r reads) MailRows(ctx context.Context, q mail.Query, ids []int64) ([]mail.Summary, error) {
	list, err := r.MailSummaries(ctx, ids)
	if err != nil || !q.Threads {
		return list, err
	}
	return list, r.fillThreads(ctx, list)
}

// MailCount counts the rows of a message list.
func (r reads) MailCount(ctx context.Context, q mail.Query) (int, error) {
	var n int
	if q.ThreadID != 0 {
		err := r.scan(ctx, []any{&n}, `SELECT count(*) FROM messages WHERE thread_id = ? AND hidden = 0`, q.ThreadID)
		return n, err
	}
	folders, err := r.listFolders(ctx, q)
	if err != nil {
		return 0, err
	}
	for _, id := range folders {
		var part int
		if err := r.scan(ctx, []any{&part}, countSQL(q), id); err != nil {
			return 0, fmt.Errorf("count messages: %w", err)
		}
		n += part
	}
	return n, nil
}

// flaggedThreads finds the conversations of a folder that hold a flagged message, by each of those.
const flaggedThreads = `messages m INDEXED BY messages_flagged JOIN threads t ON t.thread_id = m.thread_id AND t.folder_id = m.folder_id
	WHERE m.folder_id = ? AND m.hidden = 0 AND m.flags & 4 = 4`

func countSQL(q mail.Query) string {
	switch {
	case q.Threads && q.UnreadOnly && q.Flagged:
		return `SELECT count(DISTINCT m.thread_id) FROM ` + flaggedThreads + ` AND t.unread > 0`
	case q.Threads && q.UnreadOnly:
		return `SELECT count(*) FROM threads WHERE folder_id = ? AND unread > 0`
	case q.Threads && q.Flagged:
		return `SELECT count(DISTINCT thread_id) FROM messages INDEXED BY messages_flagged WHERE folder_id = ? AND hidden = 0 AND flags & 4 = 4`
	case q.Threads:
		return `SELECT count(*) FROM threads WHERE folder_id = ?`
	case q.UnreadOnly && q.Flagged:
		return `SELECT count(*) FROM messages WHERE folder_id = ? AND hidden = 0 AND flags & 4 = 4 AND flags & 1 = 0`
	case q.UnreadOnly:
		return `SELECT coalesce(sum(unread), 0) FROM folders WHERE id = ?`
	case q.Flagged:
		return `SELECT count(*) FROM messages INDEXED BY messages_flagged WHERE folder_id = ? AND hidden = 0 AND flags & 4 = 4`
	}
	return `SELECT coalesce(sum(total), 0) FROM folders WHERE id = ?`
}

// listFolders gives the folders that a query looks into: one, the person's own of a role, or without either all but junk and trash.
func (r reads) listFolders(ctx context.Context, q mail.Query) ([]int64, error) {
	if q.FolderID != 0 {
		return []int64{q.FolderID}, nil
	}
	if q.Role == mail.RoleNone {
		return r.ids(ctx, `SELECT id FROM folders WHERE hidden = 0 AND role NOT IN ('junk', 'trash', 'all', 'flagged') ORDER BY id`)
	}
	return r.ids(ctx, `SELECT id FROM folders WHERE hidden = 0 AND role = ? AND role <> '' AND space = '' ORDER BY id`, string(q.Role))
}

// listRows finds the rows of a window in the index of each folder; SQLite merges the folders in order, it never sorts.
func (r reads) listRows(ctx context.Context, q mail.Query, offset, limit int) ([]mail.Summary, error) {
	if q.ThreadID != 0 {
		return r.summaries(ctx, `SELECT id AS at, `+summaryColumns+` FROM messages m WHERE thread_id = ? AND hidden = 0 ORDER BY id LIMIT ? OFFSET ?`,
			q.ThreadID, limit, offset)
	}
	folders, err := r.listFolders(ctx, q)
	if err != nil || len(folders) == 0 {
		return nil, err
	}
	part := partSQL(q)
	sql := part
	args := make([]any, 0, len(folders)+2)
	for i, f := range folders {
		args = append(args, f)
		if i > 0 {
			sql += " UNION ALL " + part
		}
	}
	return r.summaries(ctx, `SELECT -w.id AS at, `+summaryColumns+` FROM (`+sql+` ORDER BY id DESC LIMIT ? OFFSET ?) w CROSS JOIN messages m ON m.id = w.id`,
		append(args, limit, offset)...)
}

func partSQL(q mail.Query) string {
	switch {
	case q.Threads && q.UnreadOnly && q.Flagged:
		return `SELECT max(t.head) AS id FROM ` + flaggedThreads + ` AND t.unread > 0 GROUP BY m.thread_id`
	case q.Threads && q.Flagged:
		return `SELECT max(t.head) AS id FROM ` + flaggedThreads + ` GROUP BY m.thread_id`
	case q.Threads && q.UnreadOnly:
		return `SELECT head AS id FROM threads WHERE folder_id = ? AND unread > 0`
	case q.Threads:
		return `SELECT head AS id FROM threads WHERE folder_id = ?`
	case q.UnreadOnly && q.Flagged:
		return `SELECT id FROM messages WHERE folder_id = ? AND hidden = 0 AND flags & 1 = 0 AND flags & 4 = 4`
	case q.UnreadOnly:
		return `SELECT id FROM messages INDEXED BY messages_unread WHERE folder_id = ? AND hidden = 0 AND flags & 1 = 0`
	case q.Flagged:
		return `SELECT id FROM messages INDEXED BY messages_flagged WHERE folder_id = ? AND hidden = 0 AND flags & 4 = 4`
	}
	return `SELECT id FROM messages INDEXED BY messages_list WHERE folder_id = ? AND hidden = 0`
}

func (r reads) ids(ctx context.Context, query string, args ...any) ([]int64, error) {
	var ids []int64
	err := r.each(ctx, query, args, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// MailSummaries reads the rows with these IDs in their order; those that are gone are left out.
func (r reads) MailSummaries(ctx context.Context, ids []int64) ([]mail.Summary, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := r.summaries(ctx, `SELECT j.key AS at, `+summaryColumns+` FROM json_each(?) j CROSS JOIN messages m ON m.id = j.value`, jsonIDs(ids))
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	return list, nil
}

// summaries reads rows in the order of their first column, which they mostly have: that SQLite sorts them costs more than
// to find them.
func (r reads) summaries(ctx context.Context, query string, args ...any) ([]mail.Summary, error) {
	type row struct {
		at int64
		mail.Summary
	}
	var rows []row
	var b summaryScan
	var next row
	dest := append([]any{&next.at}, b.dest(&next.Summary)...)
	err := r.each(ctx, query, args, func(scan func(...any) error) error {
		err := scan(dest...)
		b.fill(&next.Summary)
		rows = append(rows, next)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(rows, func(x, y row) int { return cmp.Compare(x.at, y.at) })
	list := make([]mail.Summary, len(rows))
	for i, r := range rows {
		list[i] = r.Summary
	}
	return list, nil
}

func (r reads) fillThreads(ctx context.Context, list []mail.Summary) error {
	threads := make([]int64, len(list))
	at := make(map[int64][]int, len(list))
	for i, s := range list {
		threads[i] = s.ThreadID
		at[s.ThreadID] = append(at[s.ThreadID], i)
	}
	return r.each(ctx, `SELECT thread_id, sum(total), sum(unread) FROM threads WHERE thread_id IN (SELECT value FROM json_each(?)) GROUP BY 1`,
		[]any{jsonIDs(threads)}, func(scan func(...any) error) error {
			var thread int64
			var total, unread int
			err := scan(&thread, &total, &unread)
			for _, i := range at[thread] {
				list[i].ThreadCount, list[i].ThreadUnread = total, unread
			}
			return err
		})
}

// MailHeader reads a message without its text: all that is known before or without its body.
func (r reads) MailHeader(ctx context.Context, id int64) (mail.Message, error) {
	var m mail.Message
	var b summaryScan
	var cc, bcc, replyTo, refs string
	var sent int64
	dest := append(b.dest(&m.Summary), &sent, &cc, &bcc, &replyTo, &m.InReplyTo, &refs)
	err := r.scan(ctx, dest, `SELECT `+summaryColumns+`, m.sent, m.cc, m.bcc, m.reply_to, m.in_reply_to, m.refs FROM messages m WHERE m.id = ?`, id)
	if err != nil {
		return mail.Message{}, fmt.Errorf("message %d: %w", id, err)
	}
	b.fill(&m.Summary)
	m.Sent, m.Cc, m.Bcc, m.ReplyTo, m.References = fromMillis(sent), addresses(cc), addresses(bcc), addresses(replyTo), words(refs)
	return m, nil
}

// ofMessageID selects the messages m of a Message-ID: ?1 is its key, ?2 the account, ?3 itself. All of them are in one
// conversation.
const ofMessageID = `m.thread_id = (SELECT g.thread_id FROM mail_refs r JOIN mail_groups g ON g.id = r.group_id WHERE r.id = ?1)
	AND m.mid_hash = ?1 AND m.account_id = ?2 AND m.message_id = ?3`

// MailByMessageID finds the messages of an account that carry a Message-ID, or none for an empty one, oldest first.
func (r reads) MailByMessageID(ctx context.Context, accountID int64, messageID string) ([]mail.Summary, error) {
	query := `SELECT id FROM messages m WHERE ` + ofMessageID + ` ORDER BY id`
	if messageID == "" {
		query = `SELECT id FROM messages WHERE mid_hash = 0 AND ?1 = 0 AND account_id = ?2 AND message_id = ?3 ORDER BY id`
	}
	ids, err := r.ids(ctx, query, mail.RefHash(accountID, messageID), accountID, messageID)
	if err != nil {
		return nil, fmt.Errorf("find message: %w", err)
	}
	return r.MailSummaries(ctx, ids)
}

// MailMarks gives the mark of those messages that an operation is pending for; all others are as the server has them.
func (r reads) MailMarks(ctx context.Context, ids []int64) (map[int64]journal.Mark, error) {
	marks := map[int64]journal.Mark{}
	err := r.each(ctx, `SELECT t.row_id, j.state FROM journal_targets t JOIN journal j ON j.id = t.op_id
		WHERE t.tbl = 'messages' AND t.row_id IN (SELECT value FROM json_each(?)) AND j.state NOT IN ('done', 'cancelled') ORDER BY j.id`,
		[]any{jsonIDs(ids)}, func(scan func(...any) error) error {
			var id int64
			var state journal.State
			err := scan(&id, &state)
			if m := journal.MarkOf(state); markWeight[m] >= markWeight[marks[id]] {
				marks[id] = m
			}
			return err
		})
	return marks, err
}

// markWeight says which of several marks of one row is shown.
var markWeight = map[journal.Mark]int{
	journal.MarkServer: 0, journal.MarkWaiting: 1, journal.MarkRunning: 2, journal.MarkHeld: 3, journal.MarkInDoubt: 4, journal.MarkRejected: 5, journal.MarkConflict: 6,
}

func jsonIDs(ids []int64) string {
	if len(ids) == 0 {
		return "[]"
	}
	b, err := json.Marshal(ids)
	if err != nil {
		return "[]"
	}
	return string(b)
}
