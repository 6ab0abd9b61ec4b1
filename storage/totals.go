// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"fmt"
	"time"
)

// Totals are the numbers of a status line, over all accounts.
type Totals struct {
	Mails        int
	Unread       int // in inboxes
	Outbox       int // messages that wait to be sent
	OfflineFiles int
	OpenTasks    int
	Conflicts    int
	OfflineBytes int64 // what the store and the local files take on the disk, in octets
}

// Totals reads the numbers of a status line. It is cheap enough to be called after every change.
func (r reads) Totals(ctx context.Context) (t Totals, err error) {
	err = r.scan(ctx, []any{&t.Mails, &t.Unread, &t.Outbox, &t.OfflineFiles, &t.OpenTasks, &t.Conflicts, &t.OfflineBytes}, `SELECT
		(SELECT coalesce(sum(total), 0) FROM folders WHERE role <> 'outbox' AND hidden = 0),
		(SELECT coalesce(sum(unread), 0) FROM folders WHERE role = 'inbox' AND space = ''),
		(SELECT coalesce(sum(total), 0) FROM folders WHERE role = 'outbox'),
		(SELECT count(*) FROM files WHERE dir = 0 AND l_path <> '' AND gone = 0),
		(SELECT count(*) FROM tasks WHERE closed = 0 AND deleted = 0 AND history = 0),
		(SELECT count(*) FROM conflicts WHERE resolved = 0),
		(SELECT coalesce(sum(l_size), 0) FROM files WHERE dir = 0 AND l_path <> '' AND gone = 0)
			+ (SELECT page_count FROM pragma_page_count()) * (SELECT page_size FROM pragma_page_size())`)
	if err != nil {
		return t, err
	}
	packed, err := r.PackBytes()
	t.OfflineBytes += packed
	return t, err
}

// repairs compute again what follows from the rows themselves. What servers or people said is never touched.
var repairs = []string{
	`UPDATE folders SET total = (SELECT count(*) FROM messages m WHERE m.folder_id = folders.id AND m.hidden = 0),
		unread = (SELECT count(*) FROM messages m WHERE m.folder_id = folders.id AND m.hidden = 0 AND m.flags & 1 = 0)`,
	`DELETE FROM threads`,
	`INSERT INTO threads (folder_id, thread_id, head, total, unread)
		SELECT folder_id, thread_id, max(id), count(*), sum(flags & 1 = 0) FROM messages WHERE hidden = 0 GROUP BY folder_id, thread_id`,
	`DELETE FROM journal_targets WHERE op_id NOT IN (SELECT id FROM journal)`,
}

// Repair computes counters and conversations again and empties the search index, which is then filled anew in the background.
func (db *DB) Repair(ctx context.Context) error {
	return db.WriteDurable(ctx, func(tx *Tx) error {
		if err := tx.RebuildThreads(ctx); err != nil {
			return fmt.Errorf("repair: %w", err)
		}
		for _, statement := range repairs {
			if _, err := tx.exec(ctx, statement); err != nil {
				return fmt.Errorf("repair: %w", err)
			}
		}
		gaps, err := tx.IndexGaps(ctx)
		if err != nil {
			return fmt.Errorf("repair: %w", err)
		}
		return tx.MendIndex(ctx, gaps, time.Now())
	})
}
