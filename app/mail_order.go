// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"slices"
	"strings"

	"kontor/app/mail"
	"kontor/app/search"
)

// Sorted gives the IDs of a whole list in the order of the query. Its rows are read with Rows: a list that is looked
// through is sorted once, not once for each window. It reads every row; newest first needs none of it (List).
func (m *Mail) Sorted(ctx context.Context, q mail.Query) ([]int64, error) {
	var rows []mail.SortRow
	var err error
	if q.Text == "" {
		rows, err = m.db.SortRows(ctx, q)
	} else {
		rows, err = m.sortFound(ctx, q)
	}
	if err != nil {
		return nil, err
	}
	for i := range rows {
		switch text := rows[i].Text; q.Order.By {
		case mail.BySubject:
			base, _ := mail.BaseSubject(text)
			rows[i].Text = search.Fold(base)
		case mail.BySender, mail.ByRecipient:
			rows[i].Text = strings.TrimLeft(search.Fold(text), `"' `)
		case mail.ByDate, mail.BySize, mail.ByUnread:
		}
	}
	return mail.Sorted(rows, q.Order), nil
}

func (m *Mail) sortFound(ctx context.Context, q mail.Query) ([]mail.SortRow, error) {
	found := NewSearch(m.db)
	n, err := found.MailCount(ctx, q)
	if err != nil {
		return nil, err
	}
	list, err := found.MailList(ctx, q, 0, n)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(list))
	for i, s := range list {
		ids[i] = s.ID
	}
	q.Threads = false
	return m.db.SortRowsOf(ctx, q, ids)
}

// Rows reads the rows of a list with these IDs, in their order; those that are gone are left out.
func (m *Mail) Rows(ctx context.Context, q mail.Query, ids []int64) ([]mail.Summary, error) {
	return m.db.MailRows(ctx, q, ids)
}

// sortedPart is a window of a list that is not sorted by date.
func (m *Mail) sortedPart(ctx context.Context, q mail.Query, offset, limit int) ([]mail.Summary, error) {
	ids, err := m.Sorted(ctx, q)
	if err != nil {
		return nil, err
	}
	ids = slices.Clip(ids[min(offset, len(ids)):])
	return m.Rows(ctx, q, ids[:min(limit, len(ids))])
}
