// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"kontor/app/tasks"
	"kontor/storage"
)

// ErrUnderItself is returned where a task is put below itself or below one of its own subtasks.
var ErrUnderItself = errors.New("a task cannot be its own subtask")

func init() { explain(ErrUnderItself, "tasks.error.under-itself") }

// EditAll changes the fields that e names of several tasks as one action. A parent that is one of them or lies below one gives
// ErrUnderItself.
func (s *Tasks) EditAll(ctx context.Context, ids []int64, e tasks.Edit) error {
	now := time.Now()
	return s.act(ctx, "edit task", func(a *action) error {
		if e.Parent != nil && *e.Parent != "" {
			if err := a.notBelow(ids, *e.Parent); err != nil {
				return err
			}
		}
		for _, id := range ids {
			if err := a.edit(id, e, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// edit changes the fields of one task. Where another task names it as its subtask and it is to lie elsewhere, that one does
// not name it any more.
func (a *action) edit(id int64, e tasks.Edit, now time.Time) error {
	if e.Start != nil || e.Due != nil {
		view, err := a.Task(a.ctx, id)
		if err != nil {
			return err
		}
		if e.Turns(view, now.Location()) {
			return tasks.ErrBackward
		}
	}
	if e.Parent != nil {
		if err := a.disown(id, *e.Parent, now); err != nil {
			return err
		}
	}
	return a.rewrite(id, func(text string) (string, error) { return tasks.Apply(text, e, now) })
}

// disown takes the relation to a task out of all that name it as their subtask, but for the parent that it gets.
func (a *action) disown(id int64, parentUID string, now time.Time) error {
	view, err := a.Task(a.ctx, id)
	if err != nil {
		return err
	}
	naming, err := a.TasksNaming(a.ctx, view.ListID, view.UID)
	if err != nil {
		return err
	}
	for _, other := range naming {
		parent, err := a.Task(a.ctx, other)
		if err != nil {
			return err
		}
		if parent.UID == parentUID || parent.ReadOnly && parentUID != "" { // what a task says itself goes before
			continue
		}
		if err := a.rewrite(other, func(text string) (string, error) { return tasks.Disown(text, view.UID, now) }); err != nil {
			return err
		}
	}
	return nil
}

// notBelow refuses a parent that is one of the tasks or lies below one of them.
func (a *action) notBelow(ids []int64, parentUID string) error {
	for _, id := range ids {
		view, err := a.Task(a.ctx, id)
		if err != nil {
			return err
		}
		parent, err := a.TaskByUID(a.ctx, view.ListID, parentUID)
		if errors.Is(err, storage.ErrNotFound) {
			continue // in another list nothing lies below it
		}
		if err != nil {
			return err
		}
		below, err := a.withSubtasks([]int64{id})
		if err != nil {
			return err
		}
		if slices.Contains(below, parent) {
			return ErrUnderItself
		}
	}
	return nil
}

// Plan gives tasks another due day as one action. Those due at a time of day keep it unless due names another, and a start
// keeps its distance; the zero When takes the due date away.
func (s *Tasks) Plan(ctx context.Context, ids []int64, due tasks.When) error {
	now := time.Now()
	return s.rewriteAll(ctx, "plan tasks", ids, func(text string) (string, error) { return tasks.Plan(text, due, now) })
}

// Place puts tasks, with all that is below them, in a list below a parent and behind another task, as one action. As few
// tasks are changed as there is room for. Tasks that lie below another one of ids stay below it.
func (s *Tasks) Place(ctx context.Context, ids []int64, to tasks.Place) error {
	if len(ids) == 0 {
		return nil
	}
	now := time.Now()
	return s.act(ctx, "place task", func(a *action) error {
		p, err := a.placing(ids, to, now)
		if err != nil {
			return err
		}
		return p.carryOut()
	})
}

// placing is one Place on its way.
type placing struct {
	*action
	now      time.Time
	to       tasks.Place
	moved    []tasks.Task // the roots of what is moved, in the order given
	below    []int64      // and everything below them
	siblings []tasks.Task // what is shown at that place already, in its order
	top      map[int64]bool
}

func (a *action) placing(ids []int64, to tasks.Place, now time.Time) (*placing, error) {
	p := &placing{action: a, now: now, to: to, top: map[int64]bool{}}
	roots, err := a.roots(ids)
	if err != nil {
		return nil, err
	}
	if p.moved = roots; to.ListID == 0 {
		p.to.ListID = roots[0].ListID
	}
	rootIDs := taskIDs(roots)
	all, err := a.withSubtasks(rootIDs)
	if err != nil {
		return nil, err
	}
	p.below = all[len(rootIDs):]
	if to.ParentUID != "" {
		parent, err := a.TaskByUID(a.ctx, p.to.ListID, to.ParentUID)
		if err != nil {
			return nil, err
		}
		if slices.Contains(all, parent) {
			return nil, ErrUnderItself
		}
	}
	open, err := a.Tasks(a.ctx, tasks.Query{ListID: p.to.ListID}, now)
	if err != nil {
		return nil, err
	}
	for _, t := range tasks.Siblings(open, to.ParentUID) {
		if slices.Contains(rootIDs, t.ID) {
			p.top[t.ID] = true
		} else {
			p.siblings = append(p.siblings, t)
		}
	}
	return p, nil
}

// roots reads the tasks that do not lie below another one of them.
func (a *action) roots(ids []int64) ([]tasks.Task, error) {
	var roots []tasks.Task
	covered := map[int64]bool{}
	for _, id := range ids {
		all, err := a.withSubtasks([]int64{id})
		if err != nil {
			return nil, err
		}
		for _, below := range all[1:] {
			if below != id {
				covered[below] = true
			}
		}
	}
	for _, id := range ids {
		if covered[id] {
			continue
		}
		covered[id] = true
		t, _, err := a.editable(id)
		if err != nil {
			return nil, err
		}
		roots = append(roots, t)
	}
	return roots, nil
}

func (p *placing) carryOut() error {
	to, err := writableList(p.ctx, p.Tx, p.to.ListID)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(p.siblings, func(t tasks.Task) bool { return t.ID == p.to.After }) + 1
	if at == 0 && p.to.After != 0 { // behind what is not open, or not there any more
		at = len(p.siblings)
	}
	orders := make([]int64, len(p.siblings))
	for i, t := range p.siblings {
		orders[i] = t.Order
	}
	fresh, changed := tasks.Slots(orders, at, len(p.moved))
	if len(p.moved) == 1 && stands(p.moved[0], p.siblings, at) {
		fresh[0], changed = p.moved[0].Order, nil
	}
	for i, t := range p.moved {
		id, err := p.move(t.ID, to)
		if err != nil {
			return err
		}
		e := tasks.Edit{}
		if t.Order != fresh[i] {
			e.Order = &fresh[i]
		}
		if t.ParentUID != p.to.ParentUID && !(p.top[t.ID] && p.to.ParentUID == "") { // an edge to what is not here is kept
			e.Parent = &p.to.ParentUID
		}
		if err := p.apply(id, e); err != nil {
			return err
		}
	}
	for _, id := range p.below {
		if _, err := p.move(id, to); err != nil {
			return err
		}
	}
	for i, order := range changed {
		if p.siblings[i].ReadOnly {
			continue
		}
		if err := p.apply(p.siblings[i].ID, tasks.Edit{Order: &order}); err != nil {
			return err
		}
	}
	return nil
}

// stands reports whether a task stands at its place already, by its own order.
func stands(t tasks.Task, siblings []tasks.Task, at int) bool {
	return !t.Closed() && (at == 0 || siblings[at-1].Order < t.Order) && (at == len(siblings) || t.Order < siblings[at].Order)
}

func (p *placing) apply(id int64, e tasks.Edit) error {
	if e.IsZero() {
		return nil
	}
	return p.edit(id, e, p.now)
}

// RemoveWith deletes tasks and says what becomes of their subtasks.
func (s *Tasks) RemoveWith(ctx context.Context, ids []int64, children tasks.Orphans) error {
	if children == tasks.OrphansUp {
		return s.Remove(ctx, ids)
	}
	return s.act(ctx, "delete task", func(a *action) error {
		all, err := a.withSubtasks(ids)
		if err != nil {
			return err
		}
		for _, id := range slices.Backward(all) {
			view, _, err := a.editable(id)
			if err == nil {
				err = a.remove(id, view.Title)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func taskIDs(all []tasks.Task) []int64 {
	ids := make([]int64, len(all))
	for i, t := range all {
		ids[i] = t.ID
	}
	return ids
}
