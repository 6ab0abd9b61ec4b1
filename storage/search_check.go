// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

var searchInvariants = []invariant{
	{"message that search does not know", `SELECT 'message ' || id FROM messages
		WHERE id NOT IN (SELECT id FROM search_names_docsize) AND id NOT IN (SELECT id FROM search_queue)`},
	{"message whose text search does not know", `SELECT 'message ' || id FROM messages WHERE body_state = 1
		AND id NOT IN (SELECT id FROM search_texts_docsize) AND id NOT IN (SELECT id FROM search_queue WHERE what & 2)`},
	{"file that search does not know", `SELECT 'file ' || id FROM files
		WHERE gone = 0 AND -2 * id NOT IN (SELECT id FROM search_names_docsize) AND -2 * id NOT IN (SELECT id FROM search_queue)`},
	{"task that search does not know", `SELECT 'task ' || id FROM tasks
		WHERE deleted = 0 AND -2 * id - 1 NOT IN (SELECT id FROM search_names_docsize) AND -2 * id - 1 NOT IN (SELECT id FROM search_queue)`},
	{"search finds what is gone", `SELECT 'row ' || id FROM search_names_docsize WHERE id NOT IN (SELECT id FROM messages)
		AND id NOT IN (SELECT -2 * id FROM files) AND id NOT IN (SELECT -2 * id - 1 FROM tasks) AND id NOT IN (SELECT id FROM search_queue)`},
	{"search finds text that is gone", `SELECT 'row ' || id FROM search_texts_docsize WHERE id NOT IN (SELECT id FROM messages)
		AND id NOT IN (SELECT -2 * id FROM files) AND id NOT IN (SELECT -2 * id - 1 FROM tasks) AND id NOT IN (SELECT id FROM search_queue)`},
}

// indexGaps are the rows whose place in the index is not what it should be: rows that are missing and that are not on the
// queue, and rows of the index that nothing stands behind.
var indexGaps = []string{
	`SELECT id FROM messages WHERE id NOT IN (SELECT id FROM search_names_docsize) AND id NOT IN (SELECT id FROM search_queue)`,
	`SELECT id FROM messages WHERE body_state = 1 AND id NOT IN (SELECT id FROM search_texts_docsize) AND id NOT IN (SELECT id FROM search_queue)`,
	`SELECT -2 * id FROM files WHERE gone = 0 AND -2 * id NOT IN (SELECT id FROM search_names_docsize) AND -2 * id NOT IN (SELECT id FROM search_queue)`,
	`SELECT -2 * id - 1 FROM tasks WHERE deleted = 0 AND -2 * id - 1 NOT IN (SELECT id FROM search_names_docsize)
		AND -2 * id - 1 NOT IN (SELECT id FROM search_queue)`,
	`SELECT id FROM (SELECT id FROM search_names_docsize UNION SELECT id FROM search_texts_docsize) WHERE id NOT IN (SELECT id FROM messages)
		AND id NOT IN (SELECT -2 * id FROM files) AND id NOT IN (SELECT -2 * id - 1 FROM tasks) AND id NOT IN (SELECT id FROM search_queue)`,
	// octets that wait to be packed although their message is not on the queue
	`SELECT id FROM bodies WHERE pack > 0 AND packed = 0 AND id NOT IN (SELECT id FROM search_queue WHERE what & 2)`,
}

// IndexGaps compares the index with the store.
func (r reads) IndexGaps(ctx context.Context) ([]int64, error) {
	var rows []int64
	for _, query := range indexGaps {
		found, err := r.ids(ctx, query)
		if err != nil {
			return nil, fmt.Errorf("check the index: %w", err)
		}
		rows = append(rows, found...)
	}
	return rows, nil
}

// settingIndexChecked is when the index was compared with the store last, in Unix seconds.
const settingIndexChecked = "_index_checked"

// IndexChecked tells when the index was compared with the store last.
func (r reads) IndexChecked(ctx context.Context) (time.Time, error) {
	value, err := r.Setting(ctx, settingIndexChecked, "")
	if err != nil {
		return time.Time{}, err
	}
	n, _ := strconv.ParseInt(value, 10, 64) // never, where it is not a number
	return time.Unix(n, 0), nil
}

// MendIndex puts rows on the queue and notes that the index was checked.
func (tx *Tx) MendIndex(ctx context.Context, rows []int64, now time.Time) error {
	_, err := tx.exec(ctx, `INSERT INTO search_queue (id, what) SELECT DISTINCT value, 3 FROM json_each(?) WHERE true
		ON CONFLICT (id) DO UPDATE SET what = 3, stamp = stamp + 1`, jsonIDs(rows))
	if err != nil {
		return fmt.Errorf("mend the index: %w", err)
	}
	return tx.SetSetting(ctx, settingIndexChecked, strconv.FormatInt(now.Unix(), 10))
}
