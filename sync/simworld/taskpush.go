// SPDX-License-Identifier: EUPL-1.2

package simworld

import (
	"errors"
	"slices"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/sync/reconcile"
)

// tries is how often a write is made again after its precondition failed.
const tries = 3

// push attempts an operation.
func (c *TaskClient) push(op journal.Op) (result, error) {
	item := c.Items[op.Targets[0].ID]
	if item == nil {
		return result{outcome: journal.Succeeded}, nil
	}
	switch op.Kind {
	case journal.TaskPut:
		return c.pushPut(op, item)
	case journal.TaskDelete:
		return c.pushDelete(op, item)
	}
	return c.pushMove(op, item)
}

func (i *TaskItem) known() reconcile.TaskObject {
	return reconcile.TaskObject{ETag: i.ETag, Text: i.Base}
}

func (c *TaskClient) pushPut(op journal.Op, item *TaskItem) (result, error) {
	p := reconcile.PlanTaskPut(payloadOf[tasks.PutOp](op), item.known(), item.OnServer, op.Tries > 1)
	meet := func() error {
		there, err := c.Server.get(item.Remote, item.Name)
		if err == nil {
			p.Meet(there)
		}
		return err
	}
	if p.Unread() {
		if err := meet(); err != nil {
			return failedTask(err)
		}
	}
	for range tries {
		if p.Strayed {
			if err := c.follow(item, p); err != nil {
				return failedTask(err)
			}
		}
		if p.Done() {
			return c.confirmed(item, p, p.Base.ETag, p.Base.Text, item.Verify && !p.Fresh), nil
		}
		if c.Mistake == BaseFirst {
			item.Base, item.OnServer = p.Send, true
		}
		if len(p.Conflicts) > 0 && c.Mistake != TellsLate { // told before theirs is written over
			c.Conflicts = append(c.Conflicts, tasks.Conflict{Fields: p.Conflicts, Mine: p.Send, Theirs: p.Theirs})
		}
		tag, err := c.send(item, p)
		if err == nil {
			return c.confirmed(item, p, tag, p.Send, true), nil
		}
		if !errors.Is(err, errChanged) {
			return failedTask(err)
		}
		if err := meet(); err != nil {
			return failedTask(err)
		}
	}
	return result{outcome: journal.Rejected}, nil
}

// send writes a change; where the server takes no series, without its series.
func (c *TaskClient) send(item *TaskItem, p *reconcile.TaskPut) (tag string, err error) {
	anyway := c.Mistake == WithoutIfMatch
	tag, err = c.Server.put(item.Remote, item.Name, p.Base, p.Send, anyway)
	if !errors.Is(err, errSeries) {
		return tag, err
	}
	held := tasks.Hold(p.Send)
	if tag, err = c.Server.put(item.Remote, item.Name, p.Base, held, anyway); err == nil {
		p.Send = held
	}
	return tag, err
}

// follow goes along with a task that somebody moved.
func (c *TaskClient) follow(item *TaskItem, p *reconcile.TaskPut) error {
	base := item.Base
	there, err := c.elsewhere(item, -1)
	if err == nil && there.Exists() {
		p.Follow(reconcile.TaskObject{Text: base}, there)
	}
	return err
}

// elsewhere finds a task in the other lists that is not where it was, and remembers where it is. The list last may hold a
// copy besides, and counts only where there is no other.
func (c *TaskClient) elsewhere(item *TaskItem, last int) (reconcile.TaskObject, error) {
	lists := []int{0, 1, 2}
	if last >= 0 {
		lists = append(slices.Delete(lists, last, last+1), last)
	}
	for _, other := range lists {
		if other == item.Remote || c.Mistake == StaysBehind {
			continue
		}
		there, err := c.Server.get(other, item.Name)
		if err != nil {
			return there, err
		}
		if there.Exists() {
			c.moved(item, other, "")()
			c.recompute(item.ID)
			return there, nil
		}
	}
	return reconcile.TaskObject{}, nil
}

// confirmed stores what the server holds now.
func (c *TaskClient) confirmed(item *TaskItem, p *reconcile.TaskPut, tag, text string, verify bool) result {
	base := item.Base
	return result{journal.Succeeded, func() {
		item.ETag, item.Base, item.OnServer, item.Verify = tag, text, true, verify
		if p.Restored || len(p.Conflicts) > 0 {
			c.Conflicts = append(c.Conflicts, tasks.Conflict{Fields: p.Conflicts, Base: base, Mine: text, Theirs: p.Theirs})
		}
	}}
}

// gone stores that the server does not hold a task any more.
func (c *TaskClient) gone(item *TaskItem) func() {
	return func() { item.ETag, item.OnServer, item.Verify, item.Base = "", false, false, "" }
}

func (c *TaskClient) pushDelete(op journal.Op, item *TaskItem) (result, error) {
	p := payloadOf[tasks.DeleteOp](op)
	there, unread := item.known(), item.Verify
	for range tries {
		if !item.OnServer || !there.Exists() {
			return result{journal.Succeeded, c.gone(item)}, nil
		}
		if !p.Covers(there.Text) && c.Mistake != DeletionWins {
			return result{journal.Succeeded, func() { // a change beats a deletion
				item.ETag, item.Base, item.OnServer, item.Verify = there.ETag, there.Text, true, unread
				c.Conflicts = append(c.Conflicts, tasks.Conflict{Reason: tasks.ReasonDeletedHere, Base: p.Text, Theirs: there.Text})
			}}, nil
		}
		if there.ETag != "" {
			err := c.Server.erase(item.Remote, item.Name, there.ETag)
			if err == nil || errors.Is(err, errMissing) {
				return result{journal.Succeeded, c.gone(item)}, nil
			}
			if !errors.Is(err, errChanged) {
				return failedTask(err)
			}
		}
		var err error
		if there, err = c.Server.get(item.Remote, item.Name); err != nil {
			return failedTask(err)
		}
		unread = false
	}
	return result{outcome: journal.Rejected}, nil
}

// pushMove moves an object, by a copy and a deletion where the server does not do it.
func (c *TaskClient) pushMove(op journal.Op, item *TaskItem) (result, error) {
	to := int(payloadOf[tasks.MoveOp](op).To)
	if to == item.Remote {
		return result{outcome: journal.Succeeded}, nil
	}
	if item.OnServer && c.Server.Moves {
		err := c.Server.move(item.Remote, to, item.Name, item.ETag)
		if err == nil {
			return result{journal.Succeeded, c.moved(item, to, "")}, nil
		}
		if errors.Is(err, ErrCut) {
			return failedTask(err)
		}
	}
	there, err := c.Server.get(item.Remote, item.Name)
	if err != nil {
		return failedTask(err)
	}
	if !there.Exists() {
		if item.Base == "" { // there is nothing left to move
			return result{journal.Succeeded, c.gone(item)}, nil
		}
		found, err := c.elsewhere(item, to)
		if err != nil {
			return failedTask(err)
		}
		if found.Exists() {
			return c.pushMove(op, item)
		}
	}
	if there.Exists() && op.Tries > 1 {
		if to, err = c.carriedOn(item, to); err != nil {
			return failedTask(err)
		}
	}
	return c.copyAndDelete(item, to, there)
}

// carriedOn is the list to which somebody moved the copy on that an attempt before this one has made, else to.
func (c *TaskClient) carriedOn(item *TaskItem, to int) (int, error) {
	for other := range taskLists {
		if other == item.Remote || other == to {
			continue
		}
		there, err := c.Server.get(other, item.Name)
		if err != nil {
			return to, err
		}
		if there.Exists() {
			return other, nil
		}
	}
	return to, nil
}

func (c *TaskClient) copyAndDelete(item *TaskItem, to int, there reconcile.TaskObject) (result, error) {
	if c.Mistake == MoveLosesCopy && there.Exists() {
		if err := c.Server.erase(item.Remote, item.Name, there.ETag); err != nil {
			return failedTask(err)
		}
		there = reconcile.TaskObject{}
	}
	for range tries {
		made, err := c.copy(item, to, there)
		if err != nil {
			return failedTask(err)
		}
		tag := made.ETag
		if made.Text != item.Base && c.Mistake != TrustsCopy {
			tag = "" // a change that waits must not take it for the version that is known here
		}
		if !there.Exists() {
			return result{journal.Succeeded, c.moved(item, to, tag)}, nil
		}
		err = c.Server.erase(item.Remote, item.Name, there.ETag)
		if err == nil || errors.Is(err, errMissing) {
			return result{journal.Succeeded, c.moved(item, to, tag)}, nil
		}
		if !errors.Is(err, errChanged) {
			return failedTask(err)
		}
		if there, err = c.Server.get(item.Remote, item.Name); err != nil {
			return failedTask(err)
		}
	}
	return result{outcome: journal.Rejected}, nil
}

// copy brings what is to be moved to another list, where a copy may lie already.
func (c *TaskClient) copy(item *TaskItem, to int, there reconcile.TaskObject) (made reconcile.TaskObject, err error) {
	base, text := reconcile.TaskObject{}, there.Text
	if text == "" {
		text = item.Base
	}
	for range tries {
		tag, err := c.Server.put(to, item.Name, base, text, false)
		if !errors.Is(err, errChanged) {
			return reconcile.TaskObject{ETag: tag, Text: text}, err
		}
		if base, err = c.Server.get(to, item.Name); err != nil {
			return base, err
		}
		switch {
		case !base.Exists():
			continue
		case !there.Exists(), tasks.SameButStamps(base.Text, there.Text):
			return base, nil
		}
		var fields []tasks.Field
		var told string
		if text, fields, told = tasks.Unite(there.Text, base.Text); len(fields) > 0 && c.Mistake != TellsLate {
			c.Conflicts = append(c.Conflicts, tasks.Conflict{Fields: fields, Mine: text, Theirs: told})
		}
	}
	return base, errChanged
}

// moved stores that a task lies in another list now. What waits for the row that it has there waits for this one then.
func (c *TaskClient) moved(item *TaskItem, to int, tag string) func() {
	return func() {
		for id, other := range c.Items {
			if other.Remote == to && other.Name == item.Name && id != item.ID {
				for i := range c.Ops {
					if c.Ops[i].Targets[0].ID == id {
						c.Ops[i].Targets = []journal.Target{{Table: "tasks", ID: item.ID}}
					}
				}
				delete(c.Items, id)
			}
		}
		item.Remote, item.ETag, item.OnServer, item.Verify = to, tag, true, true
	}
}

// settle finds out what became of an attempt that nobody heard of.
func (c *TaskClient) settle(op journal.Op) (result, error) {
	item := c.Items[op.Targets[0].ID]
	if item == nil {
		return result{outcome: journal.Succeeded}, nil
	}
	there, err := c.Server.get(item.Remote, item.Name)
	if err != nil {
		return failedTask(err)
	}
	switch op.Kind {
	case journal.TaskPut:
		p := reconcile.PlanTaskPut(payloadOf[tasks.PutOp](op), item.known(), item.OnServer, true)
		if !there.Exists() {
			if err := c.follow(item, p); err != nil {
				return failedTask(err)
			}
			there = p.Base
		}
		if p.Arrived(there) {
			return c.confirmed(item, p, there.ETag, there.Text, false), nil
		}
	case journal.TaskDelete:
		if !there.Exists() {
			return result{journal.Succeeded, c.gone(item)}, nil
		}
	case journal.TaskMove:
		return c.settleMove(op, item, there)
	}
	return result{outcome: journal.Retry}, nil
}

func (c *TaskClient) settleMove(op journal.Op, item *TaskItem, there reconcile.TaskObject) (result, error) {
	to := int(payloadOf[tasks.MoveOp](op).To)
	if to == item.Remote { // there is no copy, only the task itself
		return result{outcome: journal.Succeeded}, nil
	}
	copied, err := c.Server.get(to, item.Name)
	if err != nil {
		return failedTask(err)
	}
	switch {
	case copied.Exists() && !there.Exists():
		if other, err := c.carriedOn(item, to); err != nil {
			return failedTask(err)
		} else if other != to { // there is a copy only, and somebody moved the original
			return result{outcome: journal.Retry}, nil
		}
		return result{journal.Succeeded, c.moved(item, to, "")}, nil
	case copied.Exists() && tasks.SameButStamps(copied.Text, there.Text):
		if err := c.Server.erase(item.Remote, item.Name, there.ETag); err != nil && !errors.Is(err, errMissing) {
			return failedTask(ErrCut)
		}
		return result{journal.Succeeded, c.moved(item, to, "")}, nil
	}
	return result{outcome: journal.Retry}, nil
}
