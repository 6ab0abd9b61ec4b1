// SPDX-License-Identifier: EUPL-1.2

package simworld

import (
	"encoding/json"
	"fmt"
	"slices"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/sync/reconcile"
)

// work is a payload that can be any of those played here.
type work struct {
	IDs            []int64    `json:"ids"`
	Copies         []int64    `json:"copies"`
	To             int64      `json:"to"`
	ID             int64      `json:"id"`
	Folder         int64      `json:"folder"`
	Add            mail.Flags `json:"add"`
	Remove         mail.Flags `json:"remove"`
	AddKeywords    []string   `json:"add_keywords"`
	RemoveKeywords []string   `json:"remove_keywords"`
}

func read(op journal.Op) work {
	var w work
	if err := json.Unmarshal(op.Payload, &w); err != nil {
		panic(err) // written by Do
	}
	return w
}

// push carries out one operation. The function it gives stores what the server holds then.
func (c *MailClient) push(op journal.Op) (journal.Outcome, func(), error) {
	var store func()
	var err error
	w := read(op)
	switch op.Kind {
	case journal.MailFlags:
		store, err = c.pushFlags(mail.FlagsOp{IDs: w.IDs, Add: w.Add, Remove: w.Remove, AddKeywords: w.AddKeywords, RemoveKeywords: w.RemoveKeywords})
	case journal.MailMove:
		store, err = c.pushMove(op.ID, w)
	case journal.MailCopy:
		store, err = c.pushCopy(w)
	case journal.MailDelete:
		store, err = c.pushDelete(w)
	case journal.MailAppend:
		store, err = c.pushAppend(w)
	default:
		return journal.Rejected, nil, fmt.Errorf("%s is not played", op.Kind)
	}
	switch {
	case err == nil:
		return journal.Succeeded, store, nil
	case op.Kind == journal.MailFlags:
		return journal.Retry, store, err
	}
	return journal.Unknown, store, err
}

// settle asks the server what became of an operation in doubt.
func (c *MailClient) settle(op journal.Op) (journal.Outcome, func(), error) {
	w := read(op)
	var done bool
	var err error
	switch op.Kind {
	case journal.MailFlags:
		return journal.Retry, nil, nil
	case journal.MailMove:
		done, err = c.settleMove(op.ID, w)
	case journal.MailCopy:
		done, err = c.arrived(w.To, w.Copies)
	case journal.MailAppend:
		done, err = c.appended(w)
	case journal.MailDelete:
		done, err = c.settleDelete(w)
	default:
		return journal.Rejected, nil, fmt.Errorf("%s is not played", op.Kind)
	}
	switch {
	case err != nil:
		return journal.Unknown, nil, err
	case !done:
		return journal.Retry, nil, nil
	case op.Kind == journal.MailDelete:
		return journal.Succeeded, func() { c.drop(w.IDs) }, nil
	}
	return journal.Succeeded, func() { c.recompute(slices.Concat(w.IDs, w.Copies, []int64{w.ID})) }, nil
}

func (c *MailClient) drop(ids []int64) {
	for _, id := range ids {
		delete(c.Items, id)
	}
}

// located gives messages by the folder that the server has them in. Where a UID is not known, the folder is read first.
func (c *MailClient) located(ids []int64) (map[int64][]*MailItem, error) {
	for box := int64(1); box <= boxes; box++ {
		for _, id := range ids {
			if item := c.Items[id]; item != nil && item.Folder == box && item.UID == 0 {
				if err := c.Pull(box, false); err != nil {
					return nil, err
				}
			}
		}
	}
	groups := map[int64][]*MailItem{}
	for _, id := range ids {
		if item := c.Items[id]; item != nil && item.Folder != 0 && item.UID != 0 {
			groups[item.Folder] = append(groups[item.Folder], item)
		}
	}
	return groups, nil
}

func uidsOf(items []*MailItem) []uint32 {
	uids := make([]uint32, len(items))
	for i, item := range items {
		uids[i] = item.UID
	}
	return reconcile.Ascending(uids)
}

// open makes sure that the UIDs still hold; where they do not, the folder is read anew and the attempt is made again.
func (c *MailClient) open(box int64) error {
	return c.Server.ask(func() error {
		if c.Server.Boxes[box].Validity != c.cursors[box].Validity {
			return ErrNumbers
		}
		return nil
	})
}

// each opens the folders of messages and does something in each. What is gone is looked for elsewhere, once.
func (c *MailClient) each(ids []int64, skip int64, do func(box int64, items []*MailItem) (gone []*MailItem, err error)) ([]*MailItem, error) {
	var gone []*MailItem
	for round := 0; round < 2 && len(ids) > 0; round++ {
		gone = nil
		groups, err := c.located(ids)
		if err != nil {
			return nil, err
		}
		for box := int64(1); box <= boxes; box++ {
			if len(groups[box]) == 0 || box == skip {
				continue
			}
			if err := c.open(box); err != nil {
				if pulled := c.Pull(box, false); pulled != nil {
					return nil, pulled
				}
				return nil, err
			}
			lost, err := do(box, groups[box])
			if err != nil {
				return nil, err
			}
			gone = append(gone, lost...)
		}
		if ids, err = c.follow(gone); err != nil {
			return nil, err
		}
	}
	return gone, nil
}

// follow looks for messages that are no longer where the store has them, and gives those that are elsewhere now.
func (c *MailClient) follow(gone []*MailItem) ([]int64, error) {
	if len(gone) == 0 || c.Mistake == Unfollowed {
		return nil, nil
	}
	before := map[int64]MailItem{}
	for _, item := range gone {
		before[item.ID] = *item
	}
	if err := c.lookAround(); err != nil {
		return nil, err
	}
	var found []int64
	for _, item := range gone {
		if was := before[item.ID]; c.Items[item.ID] == item && (item.Folder != was.Folder || item.UID != was.UID) {
			found = append(found, item.ID) // it has come to where it was to go
			continue
		}
		var twins []*MailItem
		for _, other := range c.Items {
			if other.ID != item.ID && other.Letter == item.Letter && other.UID != 0 &&
				!c.waits(other.ID) && !slices.Contains(gone, other) {
				twins = append(twins, other)
			}
		}
		if len(twins) != 1 {
			continue
		}
		t := *twins[0]
		c.settleAt(item.ID, t.Folder, t.UID)
		if c.Items[item.ID] != nil {
			c.Items[item.ID].Remote = t.Remote
			c.recompute([]int64{item.ID})
			found = append(found, item.ID)
		}
	}
	return found, nil
}

func (c *MailClient) pushFlags(op mail.FlagsOp) (func(), error) {
	now := map[int64]map[uint32]MailMessage{}
	gone, err := c.each(op.IDs, 0, func(box int64, items []*MailItem) ([]*MailItem, error) {
		now[box] = map[uint32]MailMessage{}
		need := map[string]mail.FlagsOp{"": op}
		uids := map[string][]uint32{"": uidsOf(items)}
		since := c.cursors[box].ModSeq
		for range 3 {
			for key, part := range need {
				var found []MailMessage
				err := c.Server.ask(func() error {
					c.Server.store(box, uids[key], part, since)
					found = c.Server.find(box, uids[key])
					return nil
				})
				if err != nil {
					return nil, err
				}
				for _, m := range found {
					now[box][m.UID] = m
				}
			}
			need, uids, since = map[string]mail.FlagsOp{}, map[string][]uint32{}, 0
			for uid, m := range now[box] {
				part := op.Missing(m.Flags, m.Keywords)
				if part.IDs = op.IDs; part.Empty() {
					continue
				}
				key := fmt.Sprint(part)
				need[key], uids[key] = part, append(uids[key], uid)
			}
		}
		var lost []*MailItem
		for _, item := range items {
			if _, there := now[box][item.UID]; !there {
				lost = append(lost, item)
			}
		}
		return lost, nil
	})
	return func() {
		for box, list := range now {
			for _, m := range list {
				c.flags(box, []MailMessage{m})
			}
		}
		c.removeGone(gone)
		c.recompute(op.IDs)
	}, err
}

func (c *MailClient) removeGone(gone []*MailItem) {
	for _, item := range gone {
		if c.Items[item.ID] == item {
			c.vanish(item.Folder, []uint32{item.UID})
		}
	}
}

// transfer moves or copies the messages that the open folder still has and says which of them became which.
func (c *MailClient) transfer(box, to int64, uids []uint32, moving bool) (map[uint32]uint32, error) {
	told := map[uint32]uint32{}
	if len(uids) == 0 {
		return told, nil
	}
	err := c.Server.ask(func() error {
		told = c.Server.copy(box, uids, to)
		if moving && c.Server.Move {
			c.Server.remove(box, uids, false)
		}
		return nil
	})
	if err != nil || !moving || c.Server.Move {
		return told, err
	}
	return told, c.removeHere(box, uids)
}

// removeHere deletes messages in a folder in two steps.
func (c *MailClient) removeHere(box int64, uids []uint32) error {
	if err := c.Server.ask(func() error {
		c.Server.store(box, uids, mail.FlagsOp{Add: mail.Deleted}, 0)
		return nil
	}); err != nil {
		return err
	}
	return c.Server.ask(func() error { c.Server.expunge(box, uids); return nil })
}

// journey moves (op is the operation) or copies (op is 0) messages to one folder. row gives the one that stands for what arrives.
func (c *MailClient) journey(op int64, ids []int64, to int64, row func(int64) int64) (arrived map[int64]uint32, gone []*MailItem, err error) {
	arrived = map[int64]uint32{}
	skip := to
	if op == 0 {
		skip = 0
	}
	gone, err = c.each(ids, skip, func(box int64, items []*MailItem) ([]*MailItem, error) {
		var there []MailMessage
		if err := c.Server.ask(func() error { there = c.Server.find(box, uidsOf(items)); return nil }); err != nil {
			return nil, err
		}
		left := map[uint32]bool{}
		var uids []uint32
		for _, m := range there {
			left[m.UID] = true
			uids = append(uids, m.UID)
		}
		if op != 0 && !c.Server.Move && c.Mistake != ForgetsCopied {
			for _, item := range items {
				c.left[op] = append(c.left[op], *item)
			}
		}
		told, err := c.transfer(box, to, uids, op != 0)
		if err != nil {
			return nil, err
		}
		var lost []*MailItem
		for _, item := range items {
			if !left[item.UID] {
				lost = append(lost, item)
				continue
			}
			uid := told[item.UID]
			if c.Server.Boxes[to].Validity != c.cursors[to].Validity {
				uid = 0
			}
			arrived[row(item.ID)] = uid
		}
		return lost, nil
	})
	return arrived, gone, err
}

// resume finishes what a move without MOVE has begun, in an attempt before or in another program: what is copied already
// only has to be removed where it was.
func (c *MailClient) resume(op int64, w work) error {
	if c.Server.Move || c.Mistake == ForgetsCopied {
		return nil
	}
	for _, id := range w.IDs {
		if item := c.Items[id]; item != nil && item.Folder != 0 && item.Folder != w.To && item.UID != 0 {
			c.left[op] = append(c.left[op], *item)
		}
	}
	_, err := c.settleMove(op, w)
	return err
}

func (c *MailClient) pushMove(op int64, w work) (func(), error) {
	if err := c.resume(op, w); err != nil {
		return nil, err
	}
	arrived, gone, err := c.journey(op, w.IDs, w.To, func(id int64) int64 { return id })
	if err == nil && w.To != Trash {
		for _, item := range gone {
			if err = c.restore(item, w.To, item.ID, arrived); err != nil {
				break
			}
		}
		gone = nil
	}
	return func() {
		if err == nil {
			c.removeGone(gone)
		}
		c.arrive(arrived, w.To)
		c.recompute(w.IDs)
	}, err
}

// restore puts what is here of a message into a folder, because it is nowhere on the server any more.
func (c *MailClient) restore(item *MailItem, to, row int64, arrived map[int64]uint32) error {
	var uid uint32
	err := c.Server.ask(func() error {
		uid = c.Server.Deliver(to, item.Letter, item.Remote.Flags&^mail.Deleted, item.Remote.Keywords)
		if !c.Server.UIDPlus || c.Server.Boxes[to].Validity != c.cursors[to].Validity {
			uid = 0
		}
		return nil
	})
	if err == nil {
		arrived[row] = uid
	}
	return err
}

func (c *MailClient) arrive(arrived map[int64]uint32, to int64) {
	for id, uid := range arrived {
		c.settleAt(id, to, uid)
		c.recompute([]int64{id})
	}
}

func (c *MailClient) pushCopy(w work) (func(), error) {
	twin := c.Items[w.Copies[0]]
	if twin == nil || twin.UID != 0 {
		return nil, nil
	}
	origin := c.Items[w.IDs[0]]
	arrived, gone, err := c.journey(0, w.IDs, w.To, func(int64) int64 { return twin.ID })
	// While the original was looked for, a message that others put there may have been taken for the copy.
	if _, made := arrived[twin.ID]; err == nil && !made && twin.UID == 0 {
		if origin == nil {
			origin = twin
		}
		err = c.restore(origin, w.To, twin.ID, arrived)
	}
	return func() {
		for id := range arrived {
			if c.Items[id] != nil {
				c.Items[id].Remote = mail.State{Flags: twin.Remote.Flags, Keywords: twin.Remote.Keywords}
			}
		}
		if err == nil {
			c.removeGone(gone)
		}
		c.arrive(arrived, w.To)
		c.recompute(w.Copies)
	}, err
}

func (c *MailClient) pushDelete(w work) (func(), error) {
	var marked []int64
	_, err := c.each(w.IDs, 0, func(box int64, items []*MailItem) ([]*MailItem, error) {
		if err := c.removeHere(box, uidsOf(items)); err != nil {
			return nil, err
		}
		if !c.Server.UIDPlus {
			for _, item := range items {
				marked = append(marked, item.ID)
			}
		}
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	return func() {
		for _, id := range w.IDs {
			item := c.Items[id]
			if item == nil {
				continue
			}
			if !slices.Contains(marked, id) {
				delete(c.Items, id)
				continue
			}
			item.Remote.Flags |= mail.Deleted
		}
		c.recompute(w.IDs)
	}, nil
}

func (c *MailClient) pushAppend(w work) (func(), error) {
	item := c.Items[w.ID]
	if item == nil || item.UID != 0 {
		return nil, nil
	}
	arrived := map[int64]uint32{}
	err := c.restore(item, w.Folder, item.ID, arrived)
	return func() {
		c.arrive(arrived, w.Folder)
	}, err
}

// arrived finds out whether messages are in a folder now.
func (c *MailClient) arrived(box int64, ids []int64) (bool, error) {
	if err := c.Pull(box, true); err != nil {
		return false, err
	}
	for _, id := range ids {
		if item := c.Items[id]; item != nil && (item.Folder != box || item.UID == 0) {
			return false, nil
		}
	}
	return true, nil
}

// appended finds out whether a message is on the server; another client may have moved it on already.
func (c *MailClient) appended(w work) (bool, error) {
	done, err := c.arrived(w.Folder, []int64{w.ID})
	item := c.Items[w.ID]
	if done || err != nil || item == nil {
		return done, err
	}
	if err := c.lookAround(); err != nil {
		return false, err
	}
	for _, other := range c.Items {
		if other.ID != item.ID && other.Letter == item.Letter && other.UID != 0 && !c.waits(other.ID) {
			box, uid, state := other.Folder, other.UID, other.Remote
			c.settleAt(item.ID, box, uid)
			item.Remote = state
			return true, nil
		}
	}
	return false, nil
}

// lookAround reads all folders. What is found where an operation in flight puts it has come there, whoever did it.
func (c *MailClient) lookAround() error {
	for box := int64(1); box <= boxes; box++ {
		if err := c.Pull(box, true); err != nil {
			return err
		}
	}
	return nil
}

func (c *MailClient) settleMove(op int64, w work) (bool, error) {
	done, err := c.arrived(w.To, w.IDs)
	if err != nil {
		return false, err
	}
	for _, was := range c.left[op] {
		item := c.Items[was.ID]
		if item == nil || item.Folder != w.To {
			continue
		}
		if err := c.open(was.Folder); err != nil {
			return false, err
		}
		var left []MailMessage
		if err := c.Server.ask(func() error { left = c.Server.find(was.Folder, []uint32{was.UID}); return nil }); err != nil {
			return false, err
		}
		if len(left) > 0 {
			if err := c.removeHere(was.Folder, []uint32{was.UID}); err != nil {
				return false, err
			}
		}
	}
	return done, nil
}

func (c *MailClient) settleDelete(w work) (bool, error) {
	groups, err := c.located(w.IDs)
	if err != nil {
		return false, err
	}
	for box, items := range groups {
		if err := c.open(box); err != nil {
			return false, err
		}
		var left []MailMessage
		if err := c.Server.ask(func() error { left = c.Server.find(box, uidsOf(items)); return nil }); err != nil {
			return false, err
		}
		if len(left) > 0 {
			return false, nil
		}
	}
	return true, nil
}
