// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"time"

	"kontor/app/tasks"
	"kontor/storage"
)

func init() {
	explain(tasks.ErrLink, "tasks.error.link")
	explain(tasks.ErrNoAttachment, "tasks.error.attachment")
}

// Link connects a task with a mail (mid:), a file or a web page.
func (s *Tasks) Link(ctx context.Context, id int64, uri string) error {
	now := time.Now()
	return s.rewriteAll(ctx, "link task", []int64{id}, func(text string) (string, error) { return tasks.Link(text, uri, now) })
}

// Unlink takes a link of a task away.
func (s *Tasks) Unlink(ctx context.Context, id int64, uri string) error {
	now := time.Now()
	return s.rewriteAll(ctx, "unlink task", []int64{id}, func(text string) (string, error) { return tasks.Unlink(text, uri, now) })
}

// Attachment reads attachment n of a task, counted as in Task.Attachments, where it lies in the object itself.
func (s *Tasks) Attachment(ctx context.Context, id int64, n int) (name string, data []byte, err error) {
	row, err := s.db.TaskRow(ctx, id)
	if err != nil {
		return "", nil, err
	}
	return tasks.Octets(row.Text, n)
}

// Saved lists the searches that a person keeps, each with how many open tasks it finds.
func (s *Tasks) Saved(ctx context.Context) ([]tasks.Saved, error) {
	return s.db.SavedSearches(ctx, time.Now())
}

// Save keeps a search, or changes the one that its ID names, and returns the ID. Searches are only kept here, so there is
// no operation in the journal about them.
func (s *Tasks) Save(ctx context.Context, search tasks.Saved) (int64, error) {
	var id int64
	err := s.db.WriteDurable(ctx, func(tx *storage.Tx) (err error) {
		id, err = tx.SaveSearch(ctx, search)
		return err
	})
	return id, err
}

// Forget removes a kept search.
func (s *Tasks) Forget(ctx context.Context, id int64) error {
	return s.db.WriteDurable(ctx, func(tx *storage.Tx) error { return tx.ForgetSearch(ctx, id) })
}
