// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"

	"kontor/app/journal"
	"kontor/storage"
)

// Pull is part of engine.Worker: folders, then headers and flags, INBOX first, then missing octets, newest first. While
// the engine watches, fetching octets gives way to operations that became due and to news.
func (w *Worker) Pull(ctx context.Context) error {
	w.hinted.Store(false)
	var todo []work
	err := w.with(ctx, func(c *client) error {
		var err error
		if todo, err = w.syncFolders(ctx, c); err != nil {
			return err
		}
		w.folders.Store(int64(len(todo)))
		todo, err = w.pullFirst(ctx, c, todo)
		return err
	})
	if err != nil {
		return fmt.Errorf("fetch headers: %w", err)
	}
	if err := w.pullRest(ctx, todo); err != nil {
		return fmt.Errorf("fetch headers: %w", err)
	}
	if err := w.pullBodies(ctx); err != nil {
		return fmt.Errorf("fetch messages: %w", err)
	}
	return nil
}

// pullFirst brings INBOX and all folders with little news up to date and gives back those with much.
func (w *Worker) pullFirst(ctx context.Context, c *client, todo []work) (rest []work, err error) {
	for i, t := range todo {
		same, much, err := w.compare(ctx, t)
		switch {
		case err != nil:
			return nil, err
		case same:
			continue
		case much && i > 0:
			rest = append(rest, t)
			continue
		}
		if err := w.pullOne(ctx, c, t); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// muchNews is how many unknown messages a folder must have to be worth a connection of its own.
const muchNews = 300

// compare tells whether the server's folder is as the store has it, and whether there is much to fetch.
func (w *Worker) compare(ctx context.Context, t work) (same, much bool, err error) {
	have, err := w.db.CountUIDs(ctx, t.folder.ID)
	if err != nil {
		return false, false, err
	}
	f, s := t.folder, t.status
	same = f.Complete && f.UIDValidity == s.uidValidity && f.UIDNext == s.uidNext && have == int(s.messages) &&
		(have == 0 || f.ModSeq != 0 && f.ModSeq == s.modseq)
	return same, int(s.messages)-have > muchNews, nil
}

// pullRest fetches the headers of large folders over several connections. Where the server allows fewer, the first does it all.
func (w *Worker) pullRest(ctx context.Context, todo []work) error {
	jobs := make(chan work, len(todo))
	for _, t := range todo {
		jobs <- t
	}
	close(jobs)
	return w.parallel(ctx, min(maxClients, len(todo)), func(ctx context.Context, c *client) error {
		for t := range jobs {
			if err := w.pullOne(ctx, c, t); err != nil {
				return err
			}
		}
		return nil
	})
}

// parallel runs fn on up to n connections. It fails when the first of them does; that further ones cannot be made is no failure.
func (w *Worker) parallel(ctx context.Context, n int, fn func(context.Context, *client) error) error {
	if n <= 0 {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			started := false
			err := w.with(ctx, func(c *client) error {
				started = true
				return fn(ctx, c)
			})
			if err != nil && !started && i > 0 {
				w.log.Debug("no further connection", slog.Any("error", err))
				return
			}
			if errs[i] = err; err != nil {
				cancel()
			}
		})
	}
	wg.Wait()
	var first error
	for _, err := range errs {
		if err != nil && (first == nil || errors.Is(first, context.Canceled)) {
			first = err
		}
	}
	return first
}

// pullOne brings one folder up to date. That the server refuses a single folder is noted and does not stop the others.
func (w *Worker) pullOne(ctx context.Context, c *client, t work) error {
	err := w.pullFolder(ctx, c, t.folder, t.raw, false)
	if refused(err) || errors.Is(err, errOdd) {
		w.log.Warn("a folder could not be read", slog.Int64("folder", t.folder.ID), slog.Any("error", err))
		c.box = mailbox{}
		return nil
	}
	return err
}

// flagChanges collects what FETCH and VANISHED responses say about known messages.
type flagChanges struct {
	flags    []storage.RemoteFlags
	vanished []uint32
}

func (fc *flagChanges) listen(c *client) {
	c.on.fetch = func(f fetched) {
		if f.uid != 0 && f.hasFlags {
			fc.flags = append(fc.flags, storage.RemoteFlags{UID: f.uid, Flags: f.flags, Keywords: f.keywords})
		}
	}
	c.on.vanished = func(uids []uint32) { fc.vanished = append(fc.vanished, uids...) }
}

// pullFolder brings one folder up to date. settling tells that operations in doubt are to be recognised by their effect.
func (w *Worker) pullFolder(ctx context.Context, c *client, f storage.MailFolder, raw string, settling bool) error {
	var changes flagChanges
	changes.listen(c)
	since := uint64(0)
	if f.Complete {
		since = f.ModSeq
	}
	if since > 0 && c.has("QRESYNC") && !c.has("ENABLED QRESYNC") {
		if _, err := c.run("ENABLE QRESYNC"); err != nil {
			return err
		}
		c.caps["ENABLED QRESYNC"] = true
	}
	err := c.wait(c.examine(raw, false, f.UIDValidity, since))
	c.on = handlers{}
	if err != nil {
		c.box = mailbox{}
		return fmt.Errorf("open folder: %w", err)
	}
	c.box.readOnly = true
	box := c.box
	if f.UIDValidity != box.uidValidity {
		if f, err = w.newValidity(ctx, f, box.uidValidity); err != nil {
			return err
		}
		changes, since = flagChanges{}, 0
	}
	unfound, err := w.db.UnfoundMail(ctx, f.ID)
	if err != nil {
		return err
	}
	p := folderPull{w: w, c: c, f: f, box: box, settling: settling, unfound: unfound}
	if !f.Complete {
		return p.whole(ctx)
	}
	return p.update(ctx, &changes, since)
}

// newValidity forgets the UIDs of a folder: the server numbers its messages anew. They are found again by their
// Message-ID and size, so that nothing is fetched twice.
func (w *Worker) newValidity(ctx context.Context, f storage.MailFolder, validity uint32) (storage.MailFolder, error) {
	f.UIDValidity, f.UIDNext, f.ModSeq, f.Complete = validity, 0, 0, false
	err := w.db.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.ForgetUIDs(ctx, f.ID); err != nil {
			return err
		}
		return tx.SaveFolder(ctx, f)
	})
	return f, err
}

// folderPull is the work on one selected folder.
type folderPull struct {
	w        *Worker
	c        *client
	f        storage.MailFolder
	box      mailbox
	settling bool
	unfound  []int64 // messages without a UID when the folder was opened
}

// firstScreen is how many messages are fetched before anything else, so that there is something to see.
const firstScreen = 100

// whole fetches what is missing of a folder that was never complete: the first time, or after an interruption.
func (p *folderPull) whole(ctx context.Context) error {
	have, err := p.w.db.CountUIDs(ctx, p.f.ID)
	if err != nil {
		return err
	}
	if have == 0 && p.box.exists > firstScreen {
		set := fmt.Sprintf("%d:*", p.box.exists-firstScreen+1)
		if err := p.fetch(ctx, []string{"FETCH " + set}); err != nil {
			return err
		}
	}
	if have > 0 {
		if err := p.scanFlags(ctx, "1:*", ""); err != nil {
			return err
		}
	}
	if err := p.compareUIDs(ctx, have > 0); err != nil {
		return err
	}
	return p.finish(ctx)
}

// update fetches what changed since the folder was complete.
func (p *folderPull) update(ctx context.Context, changes *flagChanges, since uint64) error {
	if p.box.uidNext == 0 || p.box.uidNext > p.f.UIDNext {
		if err := p.fetch(ctx, []string{fmt.Sprintf("UID FETCH %d:*", max(p.f.UIDNext, 1))}); err != nil {
			return err
		}
	}
	known := fmt.Sprintf("1:%d", max(p.f.UIDNext, 2)-1)
	var err error
	switch {
	case p.f.UIDNext <= 1:
	case since > 0 && p.c.has("ENABLED QRESYNC"):
		err = p.applyFlags(ctx, changes)
	case since > 0 && p.c.has("CONDSTORE") && p.box.modseq != 0:
		if p.box.modseq != since {
			err = p.scanFlags(ctx, known, fmt.Sprintf(" (CHANGEDSINCE %d)", since))
		}
	default:
		err = p.scanFlags(ctx, known, "")
	}
	if err != nil {
		return err
	}
	have, err := p.w.db.CountUIDs(ctx, p.f.ID)
	if err != nil {
		return err
	}
	if have != int(p.c.box.exists) {
		if err := p.compareUIDs(ctx, true); err != nil {
			return err
		}
	}
	return p.finish(ctx)
}

// scanFlags fetches the flags of known messages and stores those that changed.
func (p *folderPull) scanFlags(ctx context.Context, set, modifier string) error {
	var changes flagChanges
	changes.listen(p.c)
	_, err := p.c.run("UID FETCH ", set, " (UID FLAGS)", modifier)
	p.c.on = handlers{}
	if err != nil {
		return fmt.Errorf("fetch flags: %w", err)
	}
	return p.applyFlags(ctx, &changes)
}

func (p *folderPull) applyFlags(ctx context.Context, changes *flagChanges) error {
	if len(changes.flags) == 0 && len(changes.vanished) == 0 {
		return nil
	}
	return p.w.db.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.SetRemoteFlags(ctx, p.w.account, p.f.ID, changes.flags)
		if err != nil {
			return err
		}
		p.w.changed.Add(int64(n))
		gone, err := tx.RemoveUIDs(ctx, p.f.ID, changes.vanished)
		p.w.gone.Add(int64(gone))
		return err
	})
}

// compareUIDs lists the folder on the server, fetches what is missing here, newest first, and, if remove is set, deletes
// what is gone there. Only messages that were there when the folder was opened can be gone.
func (p *folderPull) compareUIDs(ctx context.Context, remove bool) error {
	server, err := p.c.searchAll()
	if err != nil {
		return err
	}
	local, err := p.w.db.FolderUIDs(ctx, p.f.ID)
	if err != nil {
		return err
	}
	if p.box.uidNext == 0 && len(server) > 0 {
		p.box.uidNext = server[len(server)-1] + 1
	}
	if err := p.fetchUIDs(ctx, difference(server, local)); err != nil {
		return err
	}
	if !remove {
		return nil
	}
	gone := difference(local, server)
	for len(gone) > 0 && gone[len(gone)-1] >= p.box.uidNext {
		gone = gone[:len(gone)-1]
	}
	return p.applyFlags(ctx, &flagChanges{vanished: gone})
}

// headerBatch is how many headers are asked for and stored at once.
const headerBatch = 500

// fetchUIDs fetches the headers of messages, the highest UID first.
func (p *folderPull) fetchUIDs(ctx context.Context, uids []uint32) error {
	var cmds []string
	for end := len(uids); end > 0; end -= headerBatch {
		for _, set := range uidSets(uids[max(0, end-headerBatch):end]) {
			cmds = append(cmds, "UID FETCH "+set)
		}
	}
	return p.fetch(ctx, cmds)
}

// finish notes that the folder is complete up to the moment it was opened.
func (p *folderPull) finish(ctx context.Context) error {
	return p.w.db.Write(ctx, func(tx *storage.Tx) error {
		gone, err := tx.RemoveUnfound(ctx, p.unfound)
		if err != nil {
			return err
		}
		p.w.gone.Add(int64(gone))
		f, err := tx.MailFolder(ctx, p.f.ID)
		if err != nil {
			return err
		}
		f.Complete, f.UIDNext, f.ModSeq = true, p.box.uidNext, p.box.modseq
		if f.UIDValidity = p.box.uidValidity; f.ModSeq > math.MaxInt64 {
			f.ModSeq = 0
		}
		return tx.SaveFolder(ctx, f)
	})
}

// interrupted reports whether something is more urgent than octets of old messages: news, or an operation that is due.
// Only an engine that watches comes back for the rest.
func (w *Worker) interrupted(ctx context.Context) bool {
	changed := w.watched.Load()
	if changed == nil {
		return false
	}
	if w.hinted.Load() {
		return true
	}
	ops, err := w.db.PendingOps(ctx, w.account)
	if err != nil {
		return false
	}
	for _, op := range ops {
		if op.DependsOn == 0 && journal.Due(op, journal.Done, time.Now()) {
			(*changed)()
			return true
		}
	}
	return false
}
