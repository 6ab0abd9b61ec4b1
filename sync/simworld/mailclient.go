// SPDX-License-Identifier: EUPL-1.2

package simworld

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/sync/engine"
	"kontor/sync/reconcile"
)

// MailItem is one message in the store of a client.
type MailItem struct {
	ID     int64
	Letter int
	Folder int64 // on the server, 0 while it does not have it
	UID    uint32
	Remote mail.State // flags and keywords as the server said last
	Shown  mail.State
}

// MailClient is one program with its store and its journal. It decides with the functions of the real one.
type MailClient struct {
	Name    string
	Server  *MailServer
	Items   map[int64]*MailItem
	Ops     []journal.Op
	Mistake Mistake // to see that the histories find it
	// Crash says whether the program ends between two writes to its store; nil never lets it.
	Crash func() bool

	cursors map[int64]*reconcile.MailCursor
	left    map[int64][]MailItem // by operation: the originals of what it copies to move it
	nextID  int64
	now     time.Time
}

// Mistake is one that programs of this kind make.
type Mistake uint8

// The mistakes.
const (
	NoMistake     Mistake = iota
	AgainUnasked          // what is in doubt is done again without asking the server
	OldNumbers            // UIDVALIDITY is not looked at
	PartialList           // what was not listed is taken for gone
	ForgetsCopied         // the original of a copy that was to be a move is not looked for
	TrustsNumbers         // STATUS alone says that nothing is new: lost messages are not looked for
	Unfollowed            // a message that others have moved is put back at once
	Mistakes
)

// ErrCrash is the end of the program between two writes.
var ErrCrash = errors.New("the program ended")

// NewMailClient makes a client with an empty store.
func NewMailClient(name string, s *MailServer) *MailClient {
	c := &MailClient{Name: name, Server: s, Items: map[int64]*MailItem{}, cursors: map[int64]*reconcile.MailCursor{}, left: map[int64][]MailItem{}}
	c.now = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for id := range s.Boxes {
		c.cursors[id] = &reconcile.MailCursor{}
	}
	return c
}

// IDs lists the messages of the store that a person sees, ascending.
func (c *MailClient) IDs() []int64 {
	var ids []int64
	for id, item := range c.Items {
		if !item.Shown.Hidden {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Do is a change that a person makes: the operation and its effect, written together.
func (c *MailClient) Do(kind journal.Kind, payload any, ids ...int64) {
	data, err := json.Marshal(payload)
	if err != nil {
		panic(err) // the payloads are plain structs
	}
	op := journal.Op{ID: int64(len(c.Ops) + 1), Kind: kind, Payload: data, State: journal.Waiting, Target: fmt.Sprint(payload)}
	for _, id := range ids {
		op.Targets = append(op.Targets, journal.Target{Table: "messages", ID: id})
	}
	c.Ops = append(c.Ops, op)
	c.recompute(ids)
}

// Add makes a message that only this client has so far, and the operation that puts it on the server.
func (c *MailClient) Add(letter int, folder int64) {
	item := c.insert(letter)
	c.Do(journal.MailAppend, mail.AppendOp{ID: item.ID, Folder: folder}, item.ID)
}

// Copy makes a copy of a message.
func (c *MailClient) Copy(id, folder int64) {
	twin := c.insert(c.Items[id].Letter)
	twin.Remote = c.Items[id].Shown
	c.Do(journal.MailCopy, mail.CopyOp{IDs: []int64{id}, Copies: []int64{twin.ID}, To: folder}, id, twin.ID)
}

func (c *MailClient) insert(letter int) *MailItem {
	c.nextID++
	item := &MailItem{ID: c.nextID, Letter: letter}
	c.Items[item.ID] = item
	return item
}

// Pending lists the operations that have not ended, oldest first.
func (c *MailClient) Pending() []journal.Op {
	return slices.DeleteFunc(slices.Clone(c.Ops), func(op journal.Op) bool { return op.State.Final() })
}

func (c *MailClient) save(op journal.Op) { c.Ops[op.ID-1] = op }

// waits reports whether a pending operation is about a message.
func (c *MailClient) waits(id int64) bool {
	return slices.ContainsFunc(c.Ops, func(op journal.Op) bool {
		return !op.State.Final() && slices.Contains(op.Targets, journal.Target{Table: "messages", ID: id})
	})
}

// recompute lays what waits over what the server said last.
func (c *MailClient) recompute(ids []int64) {
	for _, id := range ids {
		item := c.Items[id]
		if item == nil {
			continue
		}
		s := item.Remote
		s.FolderID, s.Hidden = item.Folder, item.Remote.Flags.Has(mail.Deleted)
		for _, op := range c.Pending() {
			effect, err := mail.ReadEffect(op.Kind, op.Payload)
			if err != nil {
				panic(err) // written by Do
			}
			if effect.About(id) {
				s = effect.Lay(s)
			}
		}
		item.Shown = s
	}
}

// Sync is one round of the engine: what waits goes out, what is new comes in, and what came of it goes out.
func (c *MailClient) Sync() error {
	c.now = c.now.Add(time.Hour) // whatever waits after a failed attempt is due again
	for i, op := range c.Ops {
		c.Ops[i] = journal.Recover(op, c.now)
	}
	if err := c.pushAll(); err != nil {
		return err
	}
	for id := int64(1); id <= boxes; id++ {
		if err := c.Pull(id, false); err != nil {
			return err
		}
	}
	return c.pushAll()
}

var mailKinds = []journal.Kind{journal.MailFlags, journal.MailMove, journal.MailCopy, journal.MailDelete, journal.MailAppend}

func joinFlags(a, b journal.Op) (journal.Op, bool) {
	if a.Kind != journal.MailFlags {
		return a, false
	}
	return engine.JoinPayloads(a, b, mail.FlagsOp.Then)
}

// pushAll hands out operations until none is due.
func (c *MailClient) pushAll() error {
	for {
		trains := engine.Pick(c.Pending(), mailKinds, 1, c.now, func(id int64) journal.State { return c.Ops[id-1].State }, joinFlags)
		if len(trains) == 0 {
			return nil
		}
		if err := c.carryOut(trains[0]); err != nil {
			return err
		}
	}
}

// carryOut attempts one train and stores its outcome with what the server now holds.
func (c *MailClient) carryOut(t engine.Train) error {
	settling := t.As.State == journal.InDoubt
	if !settling {
		for i, op := range t.Ops {
			started, err := journal.Start(op, c.now)
			if err != nil {
				return err
			}
			c.save(started)
			t.Ops[i] = started
		}
	}
	var outcome journal.Outcome
	var store func()
	var err error
	switch {
	case settling && c.Mistake == AgainUnasked:
		outcome = journal.Retry
	case settling:
		outcome, store, err = c.settle(t.As)
	default:
		outcome, store, err = c.push(t.As)
	}
	if c.crashes() {
		return ErrCrash
	}
	for _, op := range t.Ops {
		next := journal.Next(op, outcome, "", c.now, 0)
		if outcome == journal.Retry && settling {
			next.NextTry = c.now
		}
		c.save(next)
	}
	if store != nil {
		store()
	}
	if errors.Is(err, ErrNumbers) { // no fault of the line: the next look at the folder puts it right
		return nil
	}
	return err
}

func (c *MailClient) crashes() bool { return c.Crash != nil && c.Crash() }
