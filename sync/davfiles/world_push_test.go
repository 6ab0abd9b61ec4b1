// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/reconcile"
	"kontor/sync/simworld"
)

// change asks for a change. A status that is no success becomes the error that the real line gives.
func (c *worldClient) change(method string, do func() int) error {
	status := http.StatusOK
	err := c.ask(method, func() { status = do() })
	if err == nil && status/100 != 2 {
		err = &dav.StatusError{Code: status}
	}
	return err
}

func (c *worldClient) push(op journal.Op) pushed {
	row, err := c.store.File(context.Background(), op.Targets[0].ID)
	if err != nil && op.Kind == journal.FileDelete {
		return pushed{outcome: journal.Succeeded}
	}
	if err != nil {
		return pushed{outcome: journal.Rejected, err: err}
	}
	switch op.Kind {
	case journal.FilePut:
		return c.put(op, row)
	case journal.FileMkdir:
		return c.mkdir(op, row)
	case journal.FileMove:
		return c.move(op, row)
	default:
		return c.remove(op, row)
	}
}

func (c *worldClient) destination(row storage.FileRow) (string, error) {
	if row.ParentID == 0 {
		return row.Name, nil
	}
	folder, err := c.store.File(context.Background(), row.ParentID)
	if err == nil && folder.Remote.Path == "" {
		err = errStale
	}
	return files.Join(folder.Remote.Path, row.Name), err
}

// place is where a row is on the server, or has to come.
func (c *worldClient) placeOf(row storage.FileRow) (string, error) {
	if row.Remote.Path != "" {
		return row.Remote.Path, nil
	}
	return c.destination(row)
}

// source finds the file to upload.
func (c *worldClient) source(row storage.FileRow) (storage.FileRow, *simworld.DiskNode) {
	if row.Local.Path == "" || row.Discard {
		if c.align() != nil {
			return row, nil
		}
		again, err := c.store.File(context.Background(), row.ID)
		if err != nil {
			return row, nil
		}
		row = again
	}
	if row.Local.Path == "" {
		return row, nil
	}
	n := c.disk.Get(row.Local.Path)
	if n != nil && n.Dir {
		n = nil
	}
	return row, n
}

func retry(err error) pushed { return pushed{outcome: journal.Retry, err: err} }

func (c *worldClient) put(op journal.Op, row storage.FileRow) pushed {
	row, src := c.source(row)
	if src == nil && row.Gone {
		return pushed{outcome: journal.Succeeded}
	}
	if src == nil {
		return retry(errNoCopy)
	}
	dest, err := c.placeOf(row)
	if err != nil {
		return retry(err)
	}
	local := read(src)
	local.Path = row.Local.Path
	if local.Hash != row.Local.Hash {
		must(applySends(context.Background(), c.store, row.ID, local))
		c.flush()
	}
	match, none, now, err := c.condition(row, dest)
	if errors.Is(err, errTaken) || errors.Is(err, errStale) {
		return c.contested(op, row, local, dest, now)
	}
	if err != nil {
		return retry(err)
	}
	return c.send(op, row, local, dest, match, none)
}

// condition is what keeps an upload from overwriting what is not known here.
func (c *worldClient) condition(row storage.FileRow, dest string) (match string, none bool, now *remote, err error) {
	honoured := c.server.Conditional
	switch {
	case c.mistake == unconditional:
		return "", false, nil, nil
	case row.Remote.Path == "":
		if honoured {
			return "", true, nil, nil
		}
	case honoured && !dav.WeakETag(row.Base.ETag):
		return row.Base.ETag, false, nil, nil
	}
	now, err = c.stat(dest)
	switch {
	case err != nil:
	case row.Remote.Path == "" && now != nil:
		err = errTaken
	case row.Remote.Path == "" || now == nil:
		none = true
	case !reconcile.SameTag(now.ETag, row.Base.ETag):
		err = errStale
	case honoured && !dav.WeakETag(now.ETag):
		match = now.ETag
	}
	return match, none, now, err
}

// send uploads what the disk has by now; local is what it had when the upload was prepared.
func (c *worldClient) send(op journal.Op, row storage.FileRow, local storage.FileLocal, dest, match string, none bool) pushed {
	if c.mistake == baseTooEarly {
		early := row
		early.Base = storage.FileBase{ETag: row.Base.ETag, Hash: local.Hash, Size: local.Size}
		must(c.store.SaveFile(context.Background(), early))
	}
	f := arrives
	if c.line != nil {
		f = c.line("PUT")
	}
	c.server.Tick()
	var status int
	switch f {
	case requestLost:
		return pushed{outcome: journal.Unknown, err: errCut}
	case cutInside:
		if c.server.KeepsCut {
			c.server.Put(dest, simworld.Stub(local.Hash), match, none)
		}
		return pushed{outcome: journal.Unknown, err: errCut}
	case answerLost:
		c.server.Put(dest, local.Hash, match, none)
		return pushed{outcome: journal.Unknown, err: errCut}
	default:
		status = c.server.Put(dest, local.Hash, match, none)
	}
	switch {
	case status == http.StatusPreconditionFailed:
		return c.contested(op, row, local, dest, nil)
	case status/100 != 2:
		err := &dav.StatusError{Code: status}
		return pushed{outcome: outcome(err, true), err: err}
	}
	if after := c.disk.Get(local.Path); after == nil || !unchanged(local, lookAt(after, local.Path)) {
		return c.mixed(op, dest)
	}
	return c.confirm(row, local, dest)
}

func lookAt(n *simworld.DiskNode, path string) storage.FileLocal {
	l := look(n)
	l.Path = path
	return l
}

func (c *worldClient) mixed(op journal.Op, dest string) pushed {
	now, err := c.stat(dest)
	if err != nil {
		return pushed{outcome: journal.Unknown, err: err}
	}
	return pushed{outcome: journal.Retry, err: errMoving, store: func(tx rowTx) error {
		return rebase(context.Background(), tx, op.Targets[0].ID, now)
	}}
}

func (c *worldClient) confirm(row storage.FileRow, local storage.FileLocal, dest string) pushed {
	now := &remote{FileRemote: storage.FileRemote{Path: dest, Size: local.Size}}
	if n := c.server.Get(dest); n != nil && c.server.PutTag {
		now.ETag, now.FileID = c.server.Tag(n), n.ID
	}
	if dav.WeakETag(now.ETag) {
		seen, err := c.stat(dest)
		switch {
		case err != nil:
			return pushed{outcome: outcome(err, true), err: err}
		case seen == nil || seen.Size != local.Size:
			return pushed{outcome: journal.Unknown}
		}
		now = seen
	}
	return c.succeeded(row.ID, now, local)
}

func (c *worldClient) succeeded(id int64, now *remote, local storage.FileLocal) pushed {
	return pushed{outcome: journal.Succeeded, store: func(tx rowTx) error {
		return applyPut(context.Background(), tx, id, now.FileRemote, local)
	}}
}

// contents reads the version of a file that was seen.
func (c *worldClient) contents(seen *remote) (string, error) {
	content, status := "", http.StatusNotFound
	err := c.ask("GET", func() {
		if n := c.server.Get(seen.Path); n != nil {
			content, status = n.Content, http.StatusOK
			if n.Dir || !reconcile.SameTag(c.server.Tag(n), seen.ETag) {
				status = http.StatusPreconditionFailed
			}
		}
	})
	if err == nil && status != http.StatusOK {
		err = &dav.StatusError{Code: status}
	}
	return content, err
}

func (c *worldClient) contested(op journal.Op, row storage.FileRow, local storage.FileLocal, dest string, now *remote) pushed {
	ctx := context.Background()
	var err error
	if now == nil {
		if now, err = c.stat(dest); err != nil {
			return retry(err)
		}
	}
	switch {
	case now == nil:
		return pushed{outcome: journal.Stale, err: errStale, store: func(tx rowTx) error { return forgetRemote(ctx, tx, row.ID) }}
	case now.dir:
		return c.makeRoom(op, row, dest, journal.Rejected)
	case row.Remote.Path == "" && c.taken(row, dest):
		return c.makeRoom(op, row, dest, journal.Retry)
	case row.Remote.Path == "" && hasTwin(c.store.All(), row.ID, dest):
		return pushed{outcome: journal.Rejected, err: errTaken}
	case row.Remote.Path != "" && reconcile.SameTag(now.ETag, row.Base.ETag):
		return c.sendChecked(op, row, dest, now)
	}
	theirs, err := c.contents(now)
	if err != nil {
		return retry(err)
	}
	if row.Remote.Path != "" && row.Base.Hash == theirs {
		return c.sendChecked(op, row, dest, now)
	}
	if (op.Tries > 1 || row.Base.Hash == unknownHash) && theirs != local.Hash && strings.HasPrefix(local.Hash, theirs) {
		return pushed{outcome: journal.Retry, err: errStale, store: func(tx rowTx) error { return rebase(ctx, tx, row.ID, now) }}
	}
	if theirs == local.Hash {
		return c.succeeded(row.ID, now, local)
	}
	name := c.conflictName(files.Parent(row.Local.Path), files.Base(row.Path))
	return pushed{outcome: journal.Stale, err: errStale, store: func(tx rowTx) error {
		err := c.w.split(ctx, tx, row.ID, local, now.FileRemote, name)
		c.forgetCopy()
		return err
	}}
}

func (c *worldClient) sendChecked(op journal.Op, row storage.FileRow, dest string, now *remote) pushed {
	match := ""
	if !dav.WeakETag(now.ETag) {
		match = now.ETag
	}
	row, src := c.source(row)
	if src == nil {
		return retry(errNoCopy)
	}
	local := read(src)
	local.Path = row.Local.Path
	status := 0
	if err := c.change("PUT", func() int { status = c.server.Put(dest, local.Hash, match, false); return status }); err != nil {
		return pushed{outcome: outcome(err, true), err: err}
	}
	if after := c.disk.Get(local.Path); after == nil || !unchanged(local, lookAt(after, local.Path)) {
		return c.mixed(op, dest)
	}
	return c.confirm(row, local, dest)
}

func (c *worldClient) mkdir(op journal.Op, row storage.FileRow) pushed {
	if row.Remote.Path != "" || row.Gone {
		return pushed{outcome: journal.Succeeded}
	}
	dest, err := c.destination(row)
	if err != nil {
		return retry(err)
	}
	err = c.change("MKCOL", func() int { return c.server.Mkdir(dest) })
	if dav.IsStatus(err, http.StatusMethodNotAllowed, http.StatusConflict) {
		there, statErr := c.stat(dest)
		switch {
		case statErr != nil:
			return retry(statErr)
		case there != nil && !there.dir:
			return c.makeRoom(op, row, dest, journal.Rejected)
		case there != nil:
			err = nil
		}
	}
	if err != nil {
		return pushed{outcome: outcome(err, true), err: err}
	}
	return c.madeFolder(row, dest)
}

func (c *worldClient) madeFolder(row storage.FileRow, dest string) pushed {
	now, err := c.stat(dest)
	if err != nil || now == nil {
		now = &remote{FileRemote: storage.FileRemote{Path: dest}}
	}
	return pushed{outcome: journal.Succeeded, store: func(tx rowTx) error {
		return applyMkdir(context.Background(), tx, row.ID, now.FileRemote)
	}}
}

func (c *worldClient) move(op journal.Op, row storage.FileRow) pushed {
	dest, err := c.destination(row)
	if err != nil {
		return retry(err)
	}
	from := row.Remote.Path
	if from == "" || from == dest {
		return pushed{outcome: journal.Succeeded}
	}
	known, err := c.inPlace(row)
	if err != nil {
		return retry(err)
	}
	if !c.server.Conditional {
		there, err := c.stat(dest)
		if err != nil {
			return retry(err)
		}
		if there != nil {
			return c.makeRoom(op, row, dest, journal.Stale)
		}
	}
	err = c.change("MOVE", func() int { return c.server.Move(from, dest) })
	switch {
	case dav.IsStatus(err, http.StatusPreconditionFailed):
		return c.makeRoom(op, row, dest, journal.Stale)
	case err != nil:
		return pushed{outcome: outcome(err, true), err: err}
	}
	return c.movedTo(row, dest, known)
}

func (c *worldClient) inPlace(row storage.FileRow) (bool, error) {
	now, err := c.stat(row.Remote.Path)
	if err != nil {
		return false, err
	}
	return asKnown(row, now)
}

func (c *worldClient) movedTo(row storage.FileRow, dest string, known bool) pushed {
	now, err := c.stat(dest)
	if err != nil {
		return pushed{outcome: journal.Unknown, err: err}
	}
	return pushed{outcome: journal.Succeeded, store: func(tx rowTx) error {
		return applyMove(context.Background(), tx, row.ID, dest, now, known)
	}}
}

func (c *worldClient) makeRoom(op journal.Op, row storage.FileRow, dest string, otherwise journal.Outcome) pushed {
	if !c.taken(row, dest) {
		return pushed{outcome: otherwise, err: errTaken}
	}
	holder, err := c.store.ByRemote(dest)
	must(err)
	known, err := c.inPlace(holder)
	if err != nil {
		return retry(err)
	}
	folder := files.Parent(dest)
	r := sidestep{ID: holder.ID, To: files.Join(folder, files.Alias(files.Base(dest), func(n string) bool { return c.server.Get(files.Join(folder, n)) != nil }))}
	note := func(tx rowTx) error { return noteRoom(context.Background(), tx, op.ID, &r) }
	must(note(c.store))
	c.flush()
	if c.ends() {
		return pushed{outcome: journal.Unknown, err: errCrash, store: note}
	}
	if err := c.change("MOVE", func() int { return c.server.Move(dest, r.To) }); err != nil {
		if outcome(err, true) == journal.Unknown {
			return pushed{outcome: journal.Unknown, err: err, store: note}
		}
		return retry(err)
	}
	now, err := c.stat(r.To)
	if err != nil {
		return pushed{outcome: journal.Unknown, err: err, store: note}
	}
	return pushed{outcome: journal.Stale, err: errTaken, store: func(tx rowTx) error {
		return leftRoom(context.Background(), tx, op.ID, r, now, known)
	}}
}

func (c *worldClient) taken(row storage.FileRow, dest string) bool {
	holder, err := c.store.ByRemote(dest)
	return err == nil && holder.ID != row.ID && c.leaves(holder)
}

func (c *worldClient) leaves(holder storage.FileRow) bool {
	ops, err := c.store.OpsFor(context.Background(), "files", holder.ID)
	must(err)
	return leaving(ops, holder)
}

func (c *worldClient) remove(op journal.Op, row storage.FileRow) pushed {
	path := row.Remote.Path
	if path == "" {
		return c.removed(row)
	}
	match := ""
	if c.mistake != deletionWins {
		if unseen(row) {
			return c.keep(op)
		}
		changed, gone, err := c.changedSince(row)
		switch {
		case gone:
			return c.removed(row)
		case err != nil:
			return retry(err)
		case changed:
			return c.keep(op)
		}
		if c.server.Conditional && !row.Dir && !dav.WeakETag(row.Remote.ETag) {
			match = row.Remote.ETag
		}
	}
	err := c.change("DELETE", func() int { return c.server.Delete(path, match) })
	switch {
	case err == nil, dav.IsStatus(err, http.StatusNotFound, http.StatusGone):
		return c.removed(row)
	case dav.IsStatus(err, http.StatusPreconditionFailed):
		return c.keep(op)
	}
	return pushed{outcome: outcome(err, true), err: err}
}

func (c *worldClient) changedSince(row storage.FileRow) (changed, gone bool, err error) {
	if !row.Dir {
		if c.server.Conditional && !dav.WeakETag(row.Remote.ETag) {
			return false, false, nil
		}
		now, err := c.stat(row.Remote.Path)
		return now != nil && !reconcile.SameTag(now.ETag, row.Remote.ETag), false, err
	}
	known := map[string]storage.FileRow{}
	below, err := c.store.FilesBelowRemote(context.Background(), worldAccount, row.Remote.Path)
	must(err)
	for _, r := range below {
		known[r.Remote.Path] = r
	}
	err = c.ask("PROPFIND", func() {
		if n := c.server.Get(row.Remote.Path); n == nil || !n.Dir {
			gone = true
			return
		}
		for _, n := range c.server.Within(row.Remote.Path, true) {
			r, ok := known[n.Path]
			if !ok || !r.Gone || r.Dir != n.Dir || !n.Dir && (!reconcile.SameTag(c.server.Tag(n), r.Remote.ETag) || unseen(r)) {
				changed = true
			}
		}
	})
	return changed, gone, err
}

func (c *worldClient) removed(row storage.FileRow) pushed {
	return pushed{outcome: journal.Succeeded, store: func(tx rowTx) error { return applyRemoved(context.Background(), tx, row.ID) }}
}

func (c *worldClient) keep(op journal.Op) pushed {
	return pushed{outcome: journal.Stale, err: errStale, store: func(tx rowTx) error {
		return applyKept(context.Background(), tx, op.ID, worldAccount)
	}}
}
