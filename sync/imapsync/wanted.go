// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"errors"
	"fmt"

	"kontor/storage"
)

// PushesAlongside is part of engine.Alongside; see hold.
func (w *Worker) PushesAlongside() {}

// Fetch is part of engine.Fetcher: the octets of one message, over a connection of its own, so that nothing is waited
// for that is on its way.
func (w *Worker) Fetch(ctx context.Context, id int64) error {
	w.mu.Lock()
	busy := w.wanted[id]
	w.wanted[id] = true
	w.mu.Unlock()
	if busy {
		return nil
	}
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.wanted, id)
	}()
	b, err := w.db.BodylessOne(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return nil // it is there, or gone
	}
	if err != nil {
		return err
	}
	q := &bodyQueue{w: w, ctx: ctx, few: true, end: true, jobs: []bodyJob{{folder: b.FolderID, mails: []storage.Bodyless{b}}}}
	err = w.with(ctx, func(c *client) error {
		return w.runLane(ctx, c, octetsAhead, func(folder int64) (*job, error) { return q.next(folder, c) })
	})
	if err != nil {
		return fmt.Errorf("fetch a message: %w", err)
	}
	return nil
}
