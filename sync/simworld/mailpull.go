// SPDX-License-Identifier: EUPL-1.2

package simworld

import (
	"slices"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/sync/reconcile"
)

// firstHeaders is how many headers come with the first look at a folder.
const firstHeaders = 2

// Pull brings one folder up to what the server holds. settling recognises what operations in doubt put there.
func (c *MailClient) Pull(box int64, settling bool) error {
	cursor := *c.cursors[box]
	cursor.Have = len(c.uids(box))
	if c.Mistake != TrustsNumbers {
		cursor.Lost = c.lost(box)
	}
	status := reconcile.MailStatus{}
	caps := reconcile.MailCaps{QResync: c.Server.QResync, CondStore: c.Server.CondStore}
	if !settling { // a look into one folder does without STATUS
		if err := c.Server.ask(func() error { status = c.Server.status(box); return nil }); err != nil {
			return err
		}
		if reconcile.MailNeedOf(cursor, status, caps) == reconcile.MailSame {
			return nil
		}
	}
	ask := reconcile.MailAskFor(cursor, status, caps, firstHeaders)
	for range 5 {
		again, err := c.read(box, ask, settling)
		if err != nil || !again {
			return err
		}
		ask = reconcile.MailAsk{Flags: len(c.uids(box)) > 0, List: true}
	}
	return nil
}

// uids lists the UIDs that are known of a folder, ascending.
func (c *MailClient) uids(box int64) []uint32 {
	var uids []uint32
	for _, item := range c.Items {
		if item.Folder == box && item.UID != 0 {
			uids = append(uids, item.UID)
		}
	}
	slices.Sort(uids)
	return uids
}

// read asks for one turn and stores the answer; again reports that it could not tell everything.
func (c *MailClient) read(box int64, ask reconcile.MailAsk, settling bool) (again bool, err error) {
	cursor := c.cursors[box]
	local := c.uids(box)
	unfound := c.unfound(box)
	var got look
	if err := c.Server.ask(func() error { got = c.Server.look(box, cursor.Validity, ask); return nil }); err != nil {
		return false, err
	}
	failed := false
	if got.validity != cursor.Validity && c.Mistake != OldNumbers {
		failed = cursor.Validity != 0 && ask.Newest == 0
		for _, item := range c.Items {
			if item.Folder == box {
				item.UID = 0
			}
		}
		*cursor = reconcile.MailCursor{Validity: got.validity}
		local, got.flags, got.answer.Vanished, unfound = nil, nil, nil, c.unfound(box)
	}
	c.headers(box, got.headers, settling)
	if c.crashes() {
		return false, ErrCrash
	}
	if c.Mistake == PartialList && !got.answer.Listed {
		got.answer.Listed, got.answer.All = true, got.answer.New
	}
	diff := reconcile.CompareMail(local, got.answer)
	c.flags(box, got.flags)
	c.vanish(box, diff.Gone)
	if c.crashes() {
		return false, ErrCrash
	}
	if failed || diff.Unsure {
		return true, nil
	}
	for len(diff.Missing) > 0 { // the highest first, one at a time, so that the line can break in between
		uid := diff.Missing[len(diff.Missing)-1]
		diff.Missing = diff.Missing[:len(diff.Missing)-1]
		var found []MailMessage
		if err := c.Server.ask(func() error { found = c.Server.find(box, []uint32{uid}); return nil }); err != nil {
			return false, err
		}
		c.headers(box, found, settling)
	}
	c.finish(box, got, unfound)
	return false, nil
}

// finish notes that the folder is complete. What was not found again after it was numbered anew is gone.
func (c *MailClient) finish(box int64, got look, unfound []int64) {
	for _, id := range unfound {
		if item := c.Items[id]; item != nil && item.UID == 0 && item.Folder != 0 && !c.waits(id) {
			delete(c.Items, id)
		}
	}
	*c.cursors[box] = reconcile.MailCursor{Validity: got.validity, Next: got.next, ModSeq: got.modseq, Complete: true}
}

// lost counts the messages of a folder whose UIDs are not known and that nothing waits for.
func (c *MailClient) lost(box int64) int {
	n := 0
	for _, id := range c.unfound(box) {
		if !c.waits(id) {
			n++
		}
	}
	return n
}

func (c *MailClient) unfound(box int64) []int64 {
	var ids []int64
	for id, item := range c.Items {
		if item.Folder == box && item.UID == 0 {
			ids = append(ids, id)
		}
	}
	return ids
}

// headers stores messages of a folder: those that the store has without a place get one, the others are new.
func (c *MailClient) headers(box int64, list []MailMessage, settling bool) {
	known := map[uint32]bool{}
	for _, uid := range c.uids(box) {
		known[uid] = true
	}
	found := make([]reconcile.MailFound, len(list))
	for i, m := range list {
		found[i] = reconcile.MailFound{UID: m.UID, MessageID: letterID(m.Letter), Size: int64(m.Letter), Received: received(m.Letter), Digest: uint64(m.Letter), Deleted: m.Flags.Has(mail.Deleted)}
	}
	plan := reconcile.PlaceMail(box, found, known, c.placeable(), settling)
	for _, p := range plan.Placed {
		c.place(p.Row.ID, box, list[p.Found])
	}
	for _, at := range plan.Added {
		m := list[at]
		c.place(c.insert(m.Letter).ID, box, m)
	}
	c.flags(box, list)
}

func letterID(letter int) string { return string(rune('A' + letter)) }

func received(letter int) time.Time { return time.Unix(int64(letter), 0) }

// placeable lists the messages whose place is not certain, in the order of their IDs.
func (c *MailClient) placeable() []reconcile.MailRow {
	var rows []reconcile.MailRow
	for _, item := range c.Items {
		if item.UID != 0 && item.Folder == item.Shown.FolderID && c.bound(item.ID) == 0 {
			continue
		}
		rows = append(rows, reconcile.MailRow{
			ID: item.ID, Folder: item.Folder, ShownIn: item.Shown.FolderID, UID: item.UID, MessageID: letterID(item.Letter),
			Size: int64(item.Letter), Received: received(item.Letter), Digest: uint64(item.Letter), Bound: c.bound(item.ID),
		})
	}
	slices.SortFunc(rows, func(a, b reconcile.MailRow) int { return int(a.ID - b.ID) })
	return rows
}

// bound is the folder that an operation, running or in doubt, puts a message into.
func (c *MailClient) bound(id int64) int64 {
	for _, op := range c.Ops {
		if op.State != journal.Running && op.State != journal.InDoubt {
			continue
		}
		effect, err := mail.ReadEffect(op.Kind, op.Payload)
		if err != nil {
			panic(err) // written by Do
		}
		if effect.About(id) && effect.Into() != 0 {
			return effect.Into()
		}
	}
	return 0
}

// place stores where a message is and what the server says of it. Another row of the same place is the same message.
func (c *MailClient) place(id, box int64, m MailMessage) {
	c.settleAt(id, box, m.UID)
	c.Items[id].Remote = mail.State{Flags: m.Flags, Keywords: m.Keywords}
	c.recompute([]int64{id})
}

func (c *MailClient) settleAt(id, box int64, uid uint32) {
	if c.Items[id] == nil {
		return
	}
	for other, item := range c.Items {
		if uid != 0 && other != id && item.Folder == box && item.UID == uid {
			delete(c.Items, other)
		}
	}
	c.Items[id].Folder, c.Items[id].UID = box, uid
}

// flags stores flags of known messages.
func (c *MailClient) flags(box int64, list []MailMessage) {
	for _, m := range list {
		for _, item := range c.Items {
			if item.Folder == box && item.UID == m.UID {
				item.Remote = mail.State{Flags: m.Flags, Keywords: m.Keywords}
				c.recompute([]int64{item.ID})
			}
		}
	}
}

// vanish removes messages that the server does not have any more, except those that an operation waits for.
func (c *MailClient) vanish(box int64, gone []uint32) {
	for id, item := range c.Items {
		if item.Folder == box && item.UID != 0 && slices.Contains(gone, item.UID) && !c.waits(id) {
			delete(c.Items, id)
		}
	}
}
