// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/caltasks"
)

// Move moves tasks with all that is below them to another list. In another account they become new tasks.
func (s *Tasks) Move(ctx context.Context, ids []int64, listID int64) error {
	return s.act(ctx, "move task", func(a *action) error {
		to, err := writableList(ctx, a.Tx, listID)
		if err != nil {
			return err
		}
		all, err := a.withSubtasks(ids)
		if err != nil {
			return err
		}
		for _, id := range all {
			if _, err := a.move(id, to); err != nil {
				return err
			}
		}
		return nil
	})
}

// move gives the ID of the task in its new list, which is another one in another account.
func (a *action) move(id int64, to storage.TaskList) (int64, error) {
	view, row, err := a.editable(id)
	if err != nil || view.ListID == to.ID {
		return id, err
	}
	from, err := a.TaskList(a.ctx, view.ListID)
	if err != nil {
		return id, err
	}
	if from.AccountID == to.AccountID {
		return id, a.note(a.MoveTask(a.ctx, id, to.ID, view.Title, a.group))
	}
	fresh, op, err := a.AddTask(a.ctx, to.ID, row.Name, row.Text, view.Title, a.group)
	if err := a.note(op, err); err != nil {
		return id, err
	}
	return fresh, a.note(a.DeleteTask(a.ctx, id, view.Title, a.group))
}

// withSubtasks adds everything that lies below the tasks, each once.
func (a *action) withSubtasks(ids []int64) ([]int64, error) {
	all := slices.Clone(ids)
	seen := map[int64]bool{}
	for _, id := range ids {
		seen[id] = true
	}
	for i := 0; i < len(all); i++ {
		t, err := a.Task(a.ctx, all[i])
		if err != nil {
			return nil, err
		}
		if t.UID == "" || t.Children == 0 {
			continue
		}
		below, err := a.Tasks(a.ctx, tasks.Query{ListID: t.ListID, Parent: t.UID, Closed: true}, time.Now())
		if err != nil {
			return nil, err
		}
		for _, c := range below {
			if !seen[c.ID] {
				seen[c.ID] = true
				all = append(all, c.ID)
			}
		}
	}
	return all, nil
}

// Remove deletes tasks. Their subtasks that are not among them move up a level; none is ever left without a parent.
func (s *Tasks) Remove(ctx context.Context, ids []int64) error {
	now := time.Now()
	return s.act(ctx, "delete task", func(a *action) error {
		for _, id := range ids {
			view, _, err := a.editable(id)
			if err != nil {
				return err
			}
			if view.Children > 0 {
				if err := a.moveUp(view, ids, now); err != nil {
					return err
				}
			}
			if err := a.note(a.DeleteTask(ctx, id, view.Title, a.group)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *action) moveUp(parent tasks.Task, removed []int64, now time.Time) error {
	below, err := a.Tasks(a.ctx, tasks.Query{ListID: parent.ListID, Parent: parent.UID, Closed: true}, now)
	if err != nil {
		return err
	}
	for _, c := range below {
		if slices.Contains(removed, c.ID) || c.ReadOnly {
			continue
		}
		err := a.rewrite(c.ID, func(text string) (string, error) {
			return tasks.Apply(text, tasks.Edit{Parent: &parent.ParentUID}, now)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// CreateList adds a task list and returns its ID.
func (s *Tasks) CreateList(ctx context.Context, accountID int64, name, color string) (int64, error) {
	var id int64
	err := s.act(ctx, "create task list", func(a *action) error {
		listID, op, err := a.CreateTaskList(ctx, accountID, newUID(), name, color)
		id = listID
		return a.note(op, err)
	})
	return id, err
}

// EditList renames or recolours a list.
func (s *Tasks) EditList(ctx context.Context, listID int64, name, color string) error {
	return s.act(ctx, "edit task list", func(a *action) error {
		l, err := writableList(ctx, a.Tx, listID)
		if err != nil || (l.Name == name && l.Color == color) {
			return err
		}
		return a.note(a.ChangeTaskList(ctx, listID, name, color))
	})
}

// PlaceList gives a list a place among those of its account, from 0 on; a place behind the last is the last.
func (s *Tasks) PlaceList(ctx context.Context, listID int64, place int) error {
	return s.act(ctx, "place task list", func(a *action) error {
		l, err := writableList(ctx, a.Tx, listID)
		if err != nil {
			return err
		}
		lists, err := a.TaskLists(ctx)
		if err != nil {
			return err
		}
		lists = slices.DeleteFunc(lists, func(o tasks.List) bool { return o.AccountID != l.AccountID })
		from := slices.IndexFunc(lists, func(o tasks.List) bool { return o.ID == listID })
		place = min(max(place, 0), len(lists)-1)
		if from == place {
			return nil
		}
		orders := make([]int, len(lists))
		for i, o := range lists {
			orders[i] = o.Order
		}
		moved := lists[from]
		lists = slices.Insert(slices.Delete(lists, from, from+1), place, moved)
		for i, order := range tasks.Orders(orders, from, place) {
			if lists[i].Order == order || lists[i].ReadOnly {
				continue
			}
			if err := a.note(a.OrderTaskList(ctx, lists[i].ID, order, a.group)); err != nil {
				return err
			}
		}
		return nil
	})
}

// DeleteList deletes a list with all its tasks. Until the server has done so, undo brings it back.
func (s *Tasks) DeleteList(ctx context.Context, listID int64) error {
	return s.act(ctx, "delete task list", func(a *action) error {
		if _, err := writableList(ctx, a.Tx, listID); err != nil {
			return err
		}
		return a.note(a.DeleteTaskList(ctx, listID))
	})
}

// ResolveConflict carries out what a person has decided about a conflict of kind "task".
func (s *Tasks) ResolveConflict(ctx context.Context, c storage.ConflictRow, choice string) error {
	var detail tasks.Conflict
	if err := json.Unmarshal(c.Detail, &detail); err != nil {
		return err
	}
	return s.act(ctx, "resolve", func(a *action) error {
		a.account = c.AccountID
		var err error
		switch detail.Reason {
		case tasks.ReasonEmptied:
			err = a.SetSetting(ctx, caltasks.AllowKey(-c.RefID), caltasks.Decision(choice == string(Theirs)))
		case tasks.ReasonFields:
			err = a.decideFields(c.RefID, detail, Choice(choice))
		case tasks.ReasonDeletedThere:
			if Choice(choice) == Theirs {
				err = a.remove(c.RefID, c.Title)
			}
		case tasks.ReasonDeletedHere:
			if Choice(choice) == Mine {
				err = a.remove(c.RefID, c.Title)
			}
		case tasks.ReasonMoving:
			err = a.decideMoving(c.RefID, detail, Choice(choice))
		}
		if err != nil && !errors.Is(err, storage.ErrNotFound) { // what is not there any more needs no decision
			return err
		}
		return a.Tx.ResolveConflict(ctx, c.ID)
	})
}

func (a *action) remove(id int64, title string) error {
	return a.note(a.DeleteTask(a.ctx, id, title, a.group))
}

// decideFields takes over their version of what both changed, or keeps it as a second task.
func (a *action) decideFields(id int64, detail tasks.Conflict, choice Choice) error {
	now := time.Now()
	switch choice {
	case Theirs:
		return a.rewrite(id, func(text string) (string, error) { return tasks.Take(text, detail.Theirs, detail.Fields, now) })
	case Both:
		return a.addCopy(id, detail.Theirs, now)
	case Mine:
	}
	return nil
}

// addCopy adds a version of a task as a task of its own.
func (a *action) addCopy(id int64, text string, now time.Time) error {
	row, err := a.TaskRow(a.ctx, id)
	if err != nil {
		return err
	}
	uid := newUID()
	if text, err = tasks.WithUID(text, uid, now); err != nil {
		return err
	}
	_, op, err := a.AddTask(a.ctx, row.ListID, uid+".ics", text, tasks.Title(text), a.group)
	return a.note(op, err)
}

// decideMoving goes on after every attempt met a newer version: try again, or drop what waits, with or without a copy.
func (a *action) decideMoving(id int64, detail tasks.Conflict, choice Choice) error {
	now := time.Now()
	if choice == Both {
		if err := a.addCopy(id, detail.Mine, now); err != nil {
			return err
		}
	}
	ops, err := a.OpsFor(a.ctx, "tasks", id)
	if err != nil {
		return err
	}
	for _, op := range ops {
		if op.State != journal.Failed {
			continue
		}
		if choice == Mine {
			again, err := journal.Again(op, now)
			if err != nil {
				return err
			}
			if err := a.SaveOp(a.ctx, again); err != nil {
				return err
			}
			continue
		}
		dropped, err := journal.Cancel(op, now)
		if err != nil {
			return err
		}
		if err := a.Drop(a.ctx, dropped); err != nil {
			return err
		}
	}
	return nil
}
