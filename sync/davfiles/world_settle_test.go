// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"slices"
	"strings"

	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/reconcile"
)

// settle asks the server what became of an operation in doubt.
func (c *worldClient) settle(op journal.Op) pushed {
	if r, ok := notedRoom(op); ok {
		return c.settleRoom(op, r)
	}
	row, err := c.store.File(context.Background(), op.Targets[0].ID)
	if err != nil {
		return pushed{outcome: journal.Succeeded}
	}
	dest, err := c.destination(row)
	if err != nil && op.Kind != journal.FileDelete {
		return retry(err)
	}
	switch op.Kind {
	case journal.FilePut:
		return c.settlePut(op, row)
	case journal.FileMkdir:
		now, err := c.stat(dest)
		if err != nil {
			return pushed{outcome: journal.Unknown, err: err}
		}
		if now == nil || !now.dir {
			return retry(nil)
		}
		return c.madeFolder(row, dest)
	case journal.FileMove:
		return c.settleMove(row, dest)
	}
	if row.Remote.Path != "" {
		now, err := c.stat(row.Remote.Path)
		if err != nil {
			return pushed{outcome: journal.Unknown, err: err}
		}
		if now != nil {
			return retry(nil)
		}
	}
	return c.removed(row)
}

func (c *worldClient) settleMove(row storage.FileRow, dest string) pushed {
	if row.Remote.Path == "" || row.Remote.Path == dest {
		return pushed{outcome: journal.Succeeded}
	}
	before, err := c.stat(row.Remote.Path)
	if err != nil {
		return pushed{outcome: journal.Unknown, err: err}
	}
	after, err := c.stat(dest)
	if err != nil {
		return pushed{outcome: journal.Unknown, err: err}
	}
	if before == nil && after != nil && after.dir == row.Dir {
		return c.movedTo(row, dest, false)
	}
	return retry(nil)
}

func (c *worldClient) settlePut(op journal.Op, row storage.FileRow) pushed {
	sent, err := asPut(op, row)
	must(err)
	dest, err := c.placeOf(row)
	if err != nil {
		return retry(err)
	}
	now, err := c.stat(dest)
	switch {
	case err != nil:
		return pushed{outcome: journal.Unknown, err: err}
	case now == nil || now.dir || row.Remote.Path != "" && reconcile.SameTag(now.ETag, row.Base.ETag):
		return retry(nil)
	}
	row, src := c.source(row)
	local := storage.FileLocal{}
	if src != nil {
		local = read(src)
		local.Path = row.Local.Path
	}
	theirs, err := c.contents(now)
	switch {
	case err != nil:
		return pushed{outcome: journal.Unknown, err: err}
	case local.Hash != theirs && slices.Contains(sent, storage.FileLocal{Hash: theirs, Size: now.Size}):
		return c.succeeded(row.ID, now, storage.FileLocal{Hash: theirs, Size: now.Size})
	case src == nil:
		return retry(nil)
	case theirs == local.Hash:
		return c.succeeded(row.ID, now, local)
	case strings.HasPrefix(local.Hash, theirs):
		return pushed{outcome: journal.Retry, store: func(tx rowTx) error { return rebase(context.Background(), tx, op.Targets[0].ID, now) }}
	}
	return retry(nil)
}

func (c *worldClient) settleRoom(op journal.Op, r sidestep) pushed {
	holder, err := c.store.File(context.Background(), r.ID)
	var before, after *remote
	if err == nil && holder.Remote.Path != "" {
		if before, err = c.stat(holder.Remote.Path); err == nil {
			after, err = c.stat(r.To)
		}
		if err != nil {
			return pushed{outcome: journal.Unknown, err: err}
		}
	}
	if !isAside(holder, before, after) {
		after = nil
	}
	return pushed{outcome: journal.Retry, store: func(tx rowTx) error { return leftRoom(context.Background(), tx, op.ID, r, after, false) }}
}
