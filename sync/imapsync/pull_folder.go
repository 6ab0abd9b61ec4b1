// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"kontor/app/mail"
	"kontor/storage"
)

// folderPull is the work on one folder.
type folderPull struct {
	w        *Worker
	c        *client
	f        storage.MailFolder
	box      mailbox
	settling bool // operations in doubt are to be recognised by their effect

	have     int     // messages known before
	unfound  []int64 // messages without a UID before
	book     *headerBook
	flags    []storage.RemoteFlags
	vanished []uint32
	server   []uint32 // the folder's UIDs, if listed
	listed   bool
}

// pullFolder brings one folder up to date.
func (w *Worker) pullFolder(ctx context.Context, c *client, t work, settling bool) error {
	p := &folderPull{w: w, c: c, f: t.folder, settling: settling, book: newHeaderBook(w.account, t.folder.ID)}
	var err error
	if p.unfound, err = w.db.UnfoundMail(ctx, p.f.ID); err != nil {
		return err
	}
	if p.have, err = w.db.CountUIDs(ctx, p.f.ID); err != nil {
		return err
	}
	again, err := p.turn(t)
	if err != nil {
		return err
	}
	if p.f.UIDValidity != p.box.uidValidity {
		renumbered, err := p.newValidity(ctx)
		if err != nil {
			return err
		}
		again = again || renumbered
	}
	if err := w.storeHeaders(ctx, p.f, p.book.drain(), settling); err != nil {
		return err
	}
	if again && p.have > 0 {
		if err := p.scanFlags(); err != nil {
			return err
		}
	}
	if err := p.apply(ctx); err != nil {
		return err
	}
	have, err := w.db.CountUIDs(ctx, p.f.ID)
	if err != nil {
		return err
	}
	if again || have != int(c.box.exists) {
		if err := p.compareUIDs(ctx); err != nil {
			return err
		}
	}
	return p.finish(ctx)
}

// firstScreen is how many messages of INBOX are fetched before anything else, so that there is something to see.
const firstScreen = 100

// turn opens the folder and asks, in the same turn, for what most likely is all there is to know. It reports whether
// some of that was refused, so that it has to be found out step by step.
func (p *folderPull) turn(t work) (again bool, err error) {
	c := p.c
	since := uint64(0)
	if p.f.Complete {
		since = p.f.ModSeq
	}
	odd := c.strange
	p.listen()
	defer func() { c.on = handlers{} }()
	open := c.examine(t.raw, false, p.f.UIDValidity, since)
	cmds := p.ask(t, since)
	if err := c.wait(open); err != nil {
		_ = c.wait(cmds...) // a broken connection shows in the first error
		c.box = mailbox{}
		return false, fmt.Errorf("open folder: %w", err)
	}
	c.box.readOnly = true
	for _, cmd := range cmds {
		if err := c.wait(cmd); refused(err) {
			again = true
		} else if err != nil {
			return false, fmt.Errorf("read folder: %w", err)
		}
	}
	p.box = c.box
	if c.strange != odd {
		p.listed = false
	}
	return again, nil
}

// ask sends the commands that follow the opening of the folder.
func (p *folderPull) ask(t work, since uint64) []*command {
	c, n := p.c, int(t.status.messages)
	switch {
	case !p.f.Complete && p.have == 0 && n > 0:
		first := headerBatch
		if p.f.Role == mail.RoleInbox {
			first = firstScreen
		}
		cmds := []*command{c.send(fmt.Sprintf("FETCH %d:*", max(1, n-first+1)), headerItems)}
		if n > first {
			cmds = append(cmds, p.sendSearch())
		}
		return cmds
	case !p.f.Complete && p.have > 0:
		return []*command{c.send("UID FETCH 1:* (UID FLAGS)"), p.sendSearch()}
	case !p.f.Complete:
		return nil
	}
	var cmds []*command
	if t.status.uidNext == 0 || t.status.uidNext > p.f.UIDNext {
		cmds = append(cmds, c.send(fmt.Sprintf("UID FETCH %d:*", max(p.f.UIDNext, 1)), headerItems))
	}
	known := fmt.Sprintf("UID FETCH 1:%d (UID FLAGS)", max(p.f.UIDNext, 2)-1)
	switch {
	case p.have == 0, since > 0 && c.qresync:
	case since > 0 && c.has("CONDSTORE"):
		cmds = append(cmds, c.send(known, fmt.Sprintf(" (CHANGEDSINCE %d)", since)))
	default:
		cmds = append(cmds, c.send(known))
	}
	return cmds
}

// sendSearch asks for the UIDs of all messages.
func (p *folderPull) sendSearch() *command {
	p.c.on.search = func(uids []uint32) { p.server, p.listed = append(p.server, uids...), true }
	if p.c.has("ESEARCH") {
		return p.c.send("UID SEARCH RETURN (ALL) ALL")
	}
	return p.c.send("UID SEARCH ALL")
}

// listen collects what responses say: of new messages, of the flags of known ones, of what is gone, of what is there.
func (p *folderPull) listen() {
	p.c.on.fetch = func(f fetched) {
		p.book.take(f)
		if f.uid != 0 && f.hasFlags && !f.hasBody {
			p.flags = append(p.flags, storage.RemoteFlags{UID: f.uid, Flags: f.flags, Keywords: f.keywords})
		}
	}
	p.c.on.vanished = func(uids []uint32) { p.vanished = append(p.vanished, uids...) }
}

// newValidity forgets the UIDs of a folder: the server numbers its messages anew. They are found again by their
// Message-ID and size, so that nothing is fetched twice.
func (p *folderPull) newValidity(ctx context.Context) (renumbered bool, err error) {
	f := &p.f
	first := f.UIDValidity == 0
	f.UIDValidity, f.UIDNext, f.ModSeq, f.Complete = p.box.uidValidity, 0, 0, false
	p.flags, p.vanished = nil, nil
	err = p.w.db.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.ForgetUIDs(ctx, f.ID); err != nil {
			return err
		}
		return tx.SaveFolder(ctx, *f)
	})
	if err != nil || first {
		return false, err
	}
	p.have = 0
	p.unfound, err = p.w.db.UnfoundMail(ctx, f.ID)
	return true, err
}

// scanFlags asks for the flags of all messages.
func (p *folderPull) scanFlags() error {
	p.listen()
	defer func() { p.c.on = handlers{} }()
	if _, err := p.c.run("UID FETCH 1:* (UID FLAGS)"); err != nil && p.c.box.exists > 0 {
		return fmt.Errorf("fetch flags: %w", err)
	}
	return nil
}

// apply stores the flags that were collected and deletes what is gone.
func (p *folderPull) apply(ctx context.Context) error {
	flags, vanished := p.flags, p.vanished
	p.flags, p.vanished = nil, nil
	if len(flags) == 0 && len(vanished) == 0 {
		return nil
	}
	return p.w.db.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.SetRemoteFlags(ctx, p.w.account, p.f.ID, flags)
		if err != nil {
			return err
		}
		p.w.changed.Add(int64(n))
		gone, err := tx.RemoveUIDs(ctx, p.f.ID, vanished)
		p.w.gone.Add(int64(gone))
		return err
	})
}

// compareUIDs compares the UIDs of the server with those of the store, fetches what is missing here, newest first, and
// deletes what is gone there. Only messages that were there when the folder was opened can be gone.
func (p *folderPull) compareUIDs(ctx context.Context) error {
	server := p.server
	if !p.listed {
		var err error
		if server, err = p.c.searchAll(); err != nil {
			return err
		}
	}
	server = ascending(server)
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
	gone := difference(local, server)
	for len(gone) > 0 && gone[len(gone)-1] >= p.box.uidNext {
		gone = gone[:len(gone)-1]
	}
	p.vanished = gone
	return p.apply(ctx)
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

// fetch carries out FETCH commands, two on the wire at a time, and stores what each brought. Servers may answer them in
// any order: whatever has come in when one ends is stored.
func (p *folderPull) fetch(ctx context.Context, cmds []string) error {
	p.c.on.fetch = p.book.take
	defer func() { p.c.on = handlers{} }()
	var waiting []*command
	for i := 0; i < len(cmds) || len(waiting) > 0; {
		for ; i < len(cmds) && len(waiting) < 2; i++ {
			waiting = append(waiting, p.c.send(cmds[i], headerItems))
		}
		err := p.c.wait(waiting[0])
		waiting = waiting[1:]
		if err != nil {
			return fmt.Errorf("fetch headers: %w", err)
		}
		if err := p.w.storeHeaders(ctx, p.f, p.book.drain(), p.settling); err != nil {
			return err
		}
	}
	return nil
}

// finish notes that the folder is complete up to the moment it was opened.
func (p *folderPull) finish(ctx context.Context) error {
	return p.w.db.Write(ctx, func(tx *storage.Tx) error {
		if err := p.removeLost(ctx, tx); err != nil {
			return err
		}
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

// brakeAt is how many messages a folder must have lost, and more than it has left, for the loss to be doubted.
const brakeAt = 20

// removeLost deletes messages that were not found again after the server had numbered its messages anew. Where most are
// lost it is more likely that the server is another one, or lost them itself: a person decides, and they stay until then.
func (p *folderPull) removeLost(ctx context.Context, tx *storage.Tx) error {
	lost, err := tx.LostMail(ctx, p.unfound)
	if err != nil || len(lost) == 0 {
		return err
	}
	left, err := tx.CountUIDs(ctx, p.f.ID)
	if err != nil {
		return err
	}
	asked, err := tx.OpenConflict(ctx, p.w.account, "mail", p.f.ID)
	if err != nil {
		return err
	}
	if asked || len(lost) >= brakeAt && len(lost) > left {
		detail, err := json.Marshal(map[string]any{"reason": "lost", "messages": len(lost)})
		if err != nil {
			return err
		}
		_, err = tx.AddConflict(ctx, storage.ConflictRow{AccountID: p.w.account, Kind: "mail", RefID: p.f.ID, Title: p.f.Name, Detail: detail})
		return err
	}
	p.w.gone.Add(int64(len(lost)))
	return tx.RemoveMail(ctx, lost)
}
