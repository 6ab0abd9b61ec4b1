// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"fmt"

	"kontor/app/mail"
)

// sortColumns are what rows are sorted by: a text and a number. A conversation counts as unread where any of it is.
func sortColumns(q mail.Query) string {
	switch q.Order.By {
	case mail.BySender:
		return `CASE m.from_name WHEN '' THEN m.from_addr ELSE m.from_name END, 0`
	case mail.ByRecipient:
		return `coalesce(nullif(json_extract(nullif(m.recipients, ''), '$[0].name'), ''), json_extract(nullif(m.recipients, ''), '$[0].addr'), ''), 0`
	case mail.BySubject:
		return `m.subject, 0`
	case mail.BySize:
		return `'', m.size`
	case mail.ByUnread:
		if q.Threads {
			return `'', m.flags & 1 = 0 OR EXISTS (SELECT 1 FROM threads t WHERE t.thread_id = m.thread_id AND t.unread > 0)`
		}
		return `'', m.flags & 1 = 0`
	case mail.ByDate:
	}
	return `'', 0`
}

// SortRows reads what decides about the order of a list: of every row, in no order. Query.Text is not looked at.
func (r reads) SortRows(ctx context.Context, q mail.Query) ([]mail.SortRow, error) {
	folders, err := r.listFolders(ctx, q)
	if err != nil || len(folders) == 0 {
		return nil, err
	}
	part := partSQL(q)
	parts := part
	args := make([]any, 0, len(folders))
	for i, f := range folders {
		args = append(args, f)
		if i > 0 {
			parts += " UNION ALL " + part
		}
	}
	return r.sortRows(ctx, `SELECT m.id, `+sortColumns(q)+` FROM (`+parts+`) p JOIN messages m ON m.id = p.id`, args)
}

// SortRowsOf is SortRows for rows that are known by their IDs.
func (r reads) SortRowsOf(ctx context.Context, q mail.Query, ids []int64) ([]mail.SortRow, error) {
	return r.sortRows(ctx, `SELECT m.id, `+sortColumns(q)+` FROM json_each(?) j JOIN messages m ON m.id = j.value`, []any{jsonIDs(ids)})
}

func (r reads) sortRows(ctx context.Context, query string, args []any) ([]mail.SortRow, error) {
	var rows []mail.SortRow
	err := r.each(ctx, query, args, func(scan func(...any) error) error {
		var one mail.SortRow
		err := scan(&one.ID, &one.Text, &one.Number)
		rows = append(rows, one)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sort messages: %w", err)
	}
	return rows, nil
}
