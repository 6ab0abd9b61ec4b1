// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"

	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/reconcile"
)

// work is one folder to look into.
type work struct {
	folder storage.MailFolder
	raw    string
	status statusItem
	known  *knownMail // nil for not counted
	again  bool       // the first look could not tell everything: all flags and the list of all messages are asked for
}

// knownMail counts the messages of a folder whose UIDs the store knows, and those that it lost (see storage.LostMail).
type knownMail struct{ have, lost int }

// folderPull is one look at a folder: what is asked for in the turn that opens it, and what the answer leads to.
type folderPull struct {
	w        *Worker
	c        *client
	t        work
	store    *storer
	fresh    fresh
	asWhole  bool // new messages were asked for as a whole
	settling bool // operations in doubt are to be recognised by their effect

	local    []uint32 // the UIDs that are known
	learnt   bool     // local and unfound are filled
	ask      reconcile.MailAsk
	open     *command
	cmds     []*command
	strange  int // odd answers of the connection before this one
	answer   reconcile.MailAnswer
	book     *headerBook
	whole    arrivals // octets that came with headers; UIDs are in the place of IDs
	flags    []storage.RemoteFlags
	unfound  []int64 // messages whose UIDs are not known
	validity bool    // UIDVALIDITY has been looked at
	failed   bool    // the server did not carry out all of it
}

func (w *Worker) newPull(ctx context.Context, c *client, t work, store *storer, settling bool) (*folderPull, error) {
	p := &folderPull{w: w, c: c, t: t, store: store, settling: settling, book: newHeaderBook(w.account, t.folder.ID)}
	if t.known == nil {
		if err := p.learn(ctx); err != nil {
			return nil, err
		}
		lost, err := w.db.LostMail(ctx, p.unfound)
		if err != nil {
			return nil, err
		}
		t.known = &knownMail{len(p.local), len(lost)}
	}
	newest := headerBatch
	if t.folder.Role == mail.RoleInbox {
		newest = firstScreen
	}
	p.ask = reconcile.MailAskFor(t.cursor(*t.known), t.status.planned(), c.planned(), newest)
	if t.again {
		p.ask = reconcile.MailAsk{Flags: len(p.local) > 0, List: true}
	}
	return p, nil
}

// learn reads what the store has, unless that was done.
func (p *folderPull) learn(ctx context.Context) (err error) {
	if p.learnt {
		return nil
	}
	p.learnt = true
	if p.local, err = p.w.db.FolderUIDs(ctx, p.t.folder.ID); err == nil {
		p.unfound, err = p.w.db.UnfoundMail(ctx, p.t.folder.ID)
	}
	return err
}

// cursor gives what the store knows of the folder.
func (t work) cursor(n knownMail) reconcile.MailCursor {
	f := t.folder
	return reconcile.MailCursor{Validity: f.UIDValidity, Next: f.UIDNext, ModSeq: f.ModSeq, Complete: f.Complete, Have: n.have, Lost: n.lost}
}

func (s statusItem) planned() reconcile.MailStatus {
	return reconcile.MailStatus{Validity: s.uidValidity, Next: s.uidNext, ModSeq: s.modseq, Messages: int(s.messages)}
}

func (c *client) planned() reconcile.MailCaps {
	return reconcile.MailCaps{QResync: c.qresync, CondStore: c.has("CONDSTORE")}
}

// firstScreen is how many messages of INBOX are fetched before anything else, so that there is something to see.
const firstScreen = 100

// headerBatch is how many headers are asked for and stored at once.
const headerBatch = 500

// send asks for everything in one turn.
func (p *folderPull) send() {
	c := p.c
	p.open = c.examine(p.t.raw, false, p.t.folder.UIDValidity, p.ask.Resync, func() {
		p.strange = c.strange
		c.on = handlers{
			fetch:    p.take,
			vanished: func(uids []uint32) { p.answer.Vanished = append(p.answer.Vanished, uids...) },
			search:   p.found,
		}
	})
	p.sendAsk()
}

// sendAsk sends what follows the opening.
func (p *folderPull) sendAsk() {
	c, ask := p.c, p.ask
	add := func(parts ...string) { p.cmds = append(p.cmds, c.send(parts...)) }
	if ask.Newest > 0 {
		first := max(1, int(p.t.status.messages)-ask.Newest+1)
		add(fmt.Sprintf("FETCH %d:*", first), headerItems)
	}
	if ask.NewFrom > 0 {
		add(fmt.Sprintf("UID FETCH %d:*", ask.NewFrom), p.newItems())
	}
	known := fmt.Sprintf("UID FETCH 1:%d (UID FLAGS)", max(p.t.folder.UIDNext, 2)-1)
	switch {
	case ask.Since > 0:
		add(known, fmt.Sprintf(" (CHANGEDSINCE %d)", ask.Since))
	case ask.Flags:
		add("UID FETCH 1:* (UID FLAGS)")
	}
	if !ask.List {
		return
	}
	how := "UID SEARCH ALL"
	if c.has("ESEARCH") {
		how, p.answer.Listed = "UID SEARCH RETURN (ALL) ALL", true // no ALL in the answer means that there are none
	}
	add(how)
}

// found takes a part of the list of all messages; a list that nobody asked for is none. Servers may answer before they
// have answered what was asked before.
func (p *folderPull) found(uids []uint32) {
	if p.ask.List {
		p.answer.All, p.answer.Listed = append(p.answer.All, uids...), true
	}
}

// take reads what is said of one message: of a new one, or the flags of a known one.
func (p *folderPull) take(f fetched) {
	p.takeWhole(f)
	if f.uid != 0 && f.hasFlags && !f.hasBody {
		p.flags = append(p.flags, storage.RemoteFlags{UID: f.uid, Flags: f.flags, Keywords: f.keywords})
	}
	if len(p.book.mails) >= headerBatch && p.open.done && p.open.err == nil {
		p.keep()
	}
}

// keep stores what has come in so far.
func (p *folderPull) keep() {
	if !p.validity {
		p.validity = true
		if box := p.open.box; p.t.folder.UIDValidity != box.uidValidity {
			p.renumbered(box)
		}
	}
	list := p.book.drain()
	if len(list) == 0 {
		return
	}
	for _, m := range list {
		p.answer.New = append(p.answer.New, m.UID)
	}
	f := p.t.folder
	_ = p.store.put(p.w.headersOf(f, list, p.settling)) // errors stay in the storer
	p.keepWhole()
}

// renumbered forgets the UIDs of a folder: the server numbers its messages anew. They are found again by what identifies
// them (see reconcile.MailFound), so that nothing is fetched twice.
func (p *folderPull) renumbered(box mailbox) {
	f := &p.t.folder
	p.failed = p.failed || f.UIDValidity != 0 && p.ask.Newest == 0 // what was asked for had the old numbers in it
	f.UIDValidity, f.UIDNext, f.ModSeq, f.Complete = box.uidValidity, 0, 0, false
	p.local, p.flags, p.answer.Vanished = nil, nil, nil
	p.learnt = true
	state := *f
	_ = p.store.put(chore{apply: func(ctx context.Context, tx *storage.Tx) error {
		if err := tx.ForgetUIDs(ctx, state.ID); err != nil {
			return err
		}
		var err error
		if p.unfound, err = tx.UnfoundMail(ctx, state.ID); err != nil {
			return err
		}
		return tx.SaveFolder(ctx, state)
	}})
}

// receive waits for the whole answer.
func (p *folderPull) receive() error {
	c := p.c
	if err := c.wait(p.open); err != nil {
		_ = c.wait(p.cmds...) // a broken connection shows in the first error
		return fmt.Errorf("open folder: %w", err)
	}
	box := p.open.box
	for _, cmd := range p.cmds {
		if err := c.wait(cmd); refused(err) {
			p.failed = p.failed || box.exists > 0 // some servers refuse 1:* where there is nothing
		} else if err != nil {
			return fmt.Errorf("read folder: %w", err)
		}
		box.exists = cmd.box.exists
		if box.modseq == 0 {
			box.modseq = cmd.box.modseq
		}
	}
	p.answer.Exists, p.answer.Next = int(box.exists), box.uidNext
	if p.ask.Flags && !p.ask.List { // the flags of all messages are a list of them too
		p.answer.Listed = true
		for _, f := range p.flags {
			p.answer.All = append(p.answer.All, f.UID)
		}
	}
	if c.strange != p.strange || (p.ask.List || p.ask.Flags) && p.cmds[len(p.cmds)-1].err != nil {
		p.answer.Listed = false // an answer that was not understood may have been part of it
	}
	return nil
}

// decide stores the answer. It gives the messages whose headers are still to be fetched, or that it has to be asked again.
func (p *folderPull) decide() (missing []uint32, again bool, err error) {
	p.keep()
	diff := reconcile.CompareMail(p.local, p.answer)
	flags, gone := p.flags, diff.Gone
	err = p.store.put(p.w.changesOf(p.t.folder.ID, flags, gone))
	if err != nil {
		return nil, false, err
	}
	if p.failed || diff.Unsure {
		return nil, true, nil
	}
	if len(diff.Missing) > 0 {
		return diff.Missing, false, nil
	}
	return nil, false, p.store.put(chore{apply: p.finish, last: true})
}

// unheardOf gives the messages that the store lacks, as far as flags came with the answer. What was not found again is not
// gone for that.
func (p *folderPull) unheardOf() []uint32 {
	_ = p.store.put(chore{apply: func(context.Context, *storage.Tx) error { // after what numbering anew may have found out
		p.unfound = nil
		return nil
	}})
	there := make([]uint32, len(p.flags))
	for i, f := range p.flags {
		there[i] = f.UID
	}
	return reconcile.Difference(reconcile.Ascending(there), reconcile.Ascending(slices.Concat(p.local, p.answer.New)))
}

// changesOf is what stores flags and deletes what is gone.
func (w *Worker) changesOf(folder int64, flags []storage.RemoteFlags, gone []uint32) chore {
	if len(flags) == 0 && len(gone) == 0 {
		return chore{}
	}
	changed, removed := 0, 0
	store := func(ctx context.Context, tx *storage.Tx) (err error) {
		if changed, err = tx.SetRemoteFlags(ctx, w.account, folder, flags); err != nil {
			return err
		}
		removed, err = tx.RemoveUIDs(ctx, folder, gone)
		return err
	}
	return chore{apply: store, done: func() {
		w.changed.Add(int64(changed))
		w.gone.Add(int64(removed))
	}}
}

// finish notes that the folder is complete up to the moment it was opened. Messages that were not found again after the
// server had numbered its messages anew are deleted, unless that is doubtful.
func (p *folderPull) finish(ctx context.Context, tx *storage.Tx) error {
	box := p.open.box
	if err := p.w.removeLost(ctx, tx, p.t.folder, p.unfound); err != nil {
		return err
	}
	f, err := tx.MailFolder(ctx, p.t.folder.ID)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	f.Complete, f.UIDNext, f.ModSeq = true, box.uidNext, box.modseq
	if n := len(p.answer.All); f.UIDNext == 0 && n > 0 {
		f.UIDNext = p.answer.All[n-1] + 1
	}
	if f.UIDValidity = box.uidValidity; f.ModSeq > math.MaxInt64 {
		f.ModSeq = 0
	}
	return tx.SaveFolder(ctx, f)
}

// unreadable notes that a single folder could not be read, which does not stop the others.
func (w *Worker) unreadable(t work, err error) error {
	if refused(err) || errors.Is(err, errOdd) {
		w.log.Warn("a folder could not be read", slog.Int64("folder", t.folder.ID), slog.Any("error", err))
		w.mu.Lock()
		w.shut[t.folder.ID] = true
		w.mu.Unlock()
		return nil
	}
	return err
}
