// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"maps"
	"slices"

	"kontor/app/journal"
	"kontor/app/tasks"
)

// folds is what of a list is hidden.
type folds struct {
	order  []string        // UIDs of the tasks whose subtasks are hidden, the newest last
	uids   map[string]bool // the same
	closed bool            // what is closed is shown
	marks  map[int64]journal.Mark
}

// mostFolds is how many folds are remembered: tasks that are gone leave theirs behind.
const mostFolds = 2000

func newFolds(l Left) folds {
	f := folds{uids: map[string]bool{}, closed: l.Closed}
	for _, uid := range l.Folded {
		f.set(uid, true)
	}
	return f
}

func (f *folds) has(uid string) bool { return f.uids[uid] }

// set hides or shows the subtasks of a task.
func (f *folds) set(uid string, shut bool) {
	switch {
	case f.uids[uid] == shut:
		return
	case shut:
		f.uids[uid] = true
		f.order = append(f.order, uid)
	default:
		delete(f.uids, uid)
		f.order = slices.DeleteFunc(f.order, func(o string) bool { return o == uid })
	}
}

// setAll is set for many.
func (f *folds) setAll(uids map[string]bool, shut bool) {
	f.order = slices.DeleteFunc(f.order, func(uid string) bool { return uids[uid] })
	for uid := range uids {
		delete(f.uids, uid)
	}
	if !shut {
		return
	}
	for _, uid := range slices.Sorted(maps.Keys(uids)) {
		f.set(uid, true)
	}
}

// left is what is remembered.
func (f *folds) left() Left {
	return Left{Folded: slices.Clone(f.order[max(len(f.order)-mostFolds, 0):]), Closed: f.closed}
}

// show unfolds everything that a task lies in.
func (f *folds) show(t tasks.Task, all []tasks.Task) {
	f.closed = f.closed || t.Closed()
	parents := map[string]string{}
	for _, a := range all {
		parents[a.UID] = a.ParentUID
	}
	for range all {
		if t.ParentUID == "" {
			return
		}
		f.set(t.ParentUID, false)
		t.ParentUID = parents[t.ParentUID]
	}
}

// foldable are the UIDs of the tasks that have open subtasks.
func foldable(all []tasks.Task) map[string]bool {
	uids := map[string]bool{}
	for _, t := range all {
		if t.ParentUID != "" && !t.Closed() {
			uids[t.ParentUID] = true
		}
	}
	return uids
}

// fold hides or shows what is below a line.
func (p *Page) fold(i item, shut bool) {
	if i.heading != "" {
		p.foldClosed(!shut)
		return
	}
	p.folds.set(i.UID, shut)
	p.folded()
}

// foldClosed shows what is closed, or hides it.
func (p *Page) foldClosed(shown bool) {
	p.folds.closed = shown
	p.folded()
}

// foldAll hides or shows all subtasks of what is shown.
func (p *Page) foldAll(shut bool) {
	p.folds.setAll(foldable(p.all), shut)
	p.folded()
}

// folded shows and remembers other folds.
func (p *Page) folded() {
	p.arrange()
	p.cfg.Leave(p.folds.left())
}
