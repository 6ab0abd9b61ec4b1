// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"cmp"
	"context"
	"slices"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
)

// step is a way to move tasks in their tree by a key.
type step int

const (
	stepUp step = iota
	stepDown
	stepIn
	stepOut
)

// tree is the open part of a list as it is shown.
type tree []item

// openPart is what of the lines can be put in order.
func openPart(lines []item) tree {
	if n := slices.IndexFunc(lines, func(i item) bool { return i.heading != "" }); n >= 0 {
		return tree(lines[:n])
	}
	return tree(lines)
}

// above is the line that line n is shown below, -1 at the top.
func (t tree) above(n int) int {
	for m := n - 1; m >= 0; m-- {
		if t[m].depth < t[n].depth {
			return m
		}
	}
	return -1
}

// beside is the next line of the same parent in a direction, that is none of moved; -1 where there is none.
func (t tree) beside(n, by int, moved map[int64]bool) int {
	for m := n + by; m >= 0 && m < len(t); m += by {
		switch {
		case t[m].depth < t[n].depth:
			return -1
		case t[m].depth == t[n].depth && !moved[t[m].ID]:
			return m
		}
	}
	return -1
}

// lastChild is the ID of the last task that is shown directly below line n, 0 for none.
func (t tree) lastChild(n int) (id int64) {
	for m := n + 1; m < len(t) && t[m].depth > t[n].depth; m++ {
		if t[m].depth == t[n].depth+1 {
			id = t[m].ID
		}
	}
	return id
}

func (t tree) uid(n int) string {
	if n < 0 {
		return ""
	}
	return t[n].UID
}

func (t tree) id(n int) int64 {
	if n < 0 {
		return 0
	}
	return t[n].ID
}

// roots are the lines of moved tasks that do not lie below another one of them.
func (t tree) roots(moved map[int64]bool) []int {
	var found []int
	for n := range t {
		if !moved[t[n].ID] {
			continue
		}
		within := false
		for m := t.above(n); m >= 0; m = t.above(m) {
			within = within || moved[t[m].ID]
		}
		if !within {
			found = append(found, n)
		}
	}
	return found
}

// place is where a step puts tasks; false where it leads nowhere.
func (t tree) place(moved map[int64]bool, by step) (to tasks.Place, ok bool) {
	roots := t.roots(moved)
	if len(roots) == 0 {
		return to, false
	}
	first, last := roots[0], roots[len(roots)-1]
	parent := t.above(first)
	switch by {
	case stepUp:
		over := t.beside(first, -1, moved)
		return tasks.Place{ParentUID: t.uid(parent), After: t.id(t.besideOr(over, -1, moved))}, over >= 0
	case stepDown:
		under := t.beside(last, 1, moved)
		return tasks.Place{ParentUID: t.uid(t.above(last)), After: t.id(under)}, under >= 0
	case stepIn:
		over := t.beside(first, -1, moved)
		if over < 0 {
			return to, false
		}
		return tasks.Place{ParentUID: t.uid(over), After: t.lastChild(over)}, true
	case stepOut:
		if parent < 0 {
			return to, false
		}
		return tasks.Place{ParentUID: t.uid(t.above(parent)), After: t.id(parent)}, true
	}
	return to, false
}

// besideOr is beside for a line that may not be there.
func (t tree) besideOr(n, by int, moved map[int64]bool) int {
	if n < 0 {
		return -1
	}
	return t.beside(n, by, moved)
}

// shift moves the chosen tasks by a step.
func (p *Page) shift(by step) {
	items := p.selected()
	if p.at.list == 0 || p.finder.words() != "" || len(items) == 0 {
		return
	}
	moved := map[int64]bool{}
	for _, i := range items {
		moved[i.ID] = true
	}
	to, ok := openPart(p.lines).place(moved, by)
	if !ok {
		return
	}
	to.ListID = p.at.list
	p.folds.set(to.ParentUID, false)
	p.do("", func(ctx context.Context) error { return p.cfg.Tasks.Place(ctx, idsOf(items), to) })
}

// edge says whether something is dropped on a line, or in front of or behind it.
type edge int

const (
	onto edge = iota
	above
	below
)

// dropMark is the line where dragged rows would go in.
type dropMark struct {
	key  int64
	edge edge
}

// target is what letting go would do.
type target struct {
	mark  dropMark
	side  string // the line at the left that takes it
	words string
	done  string // what is said afterwards, the words where it is empty
	act   func(ctx context.Context, ids []int64) error
}

// at gives where tasks that are dropped on a part of line n go; part is 0 at its upper edge and 1 at its lower.
func (t tree) at(n int, part float32) (tasks.Place, edge) {
	switch {
	case part < 0.28:
		return tasks.Place{ParentUID: t.uid(t.above(n)), After: t.id(t.beside(n, -1, nil))}, above
	case part > 0.72 && t[n].parent && !t[n].folded:
		return tasks.Place{ParentUID: t[n].UID}, below
	case part > 0.72:
		return tasks.Place{ParentUID: t.uid(t.above(n)), After: t[n].ID}, below
	}
	return tasks.Place{ParentUID: t[n].UID, After: t.lastChild(n)}, onto
}

// dragRows lets tasks be put in order, below another one, into a list, or on a day: what the keys and menus do too.
func (p *Page) dragRows() *kit.RowDrag[item] {
	return &kit.RowDrag[item]{
		Can: func(i item) bool { return i.heading == "" && !i.ReadOnly },
		Over: func(at fyne.Position) string {
			p.side.Nudge(at)
			p.rows.Nudge(at)
			to := p.under(at)
			p.markTarget(to)
			return to.words
		},
		Drop: func(at fyne.Position) {
			to, ids := p.under(at), idsOf(p.selected())
			if to.act != nil {
				p.do(cmp.Or(to.done, to.words), func(ctx context.Context) error { return to.act(ctx, ids) })
			}
		},
		End: func() { p.markTarget(target{}) },
	}
}

func (p *Page) markTarget(to target) {
	if to.side != "" {
		p.side.Target(&to.side)
	} else {
		p.side.Target(nil)
	}
	if to.mark.key != 0 && to.mark.edge == onto {
		p.rows.Target(&to.mark.key)
	} else {
		p.rows.Target(nil)
	}
	if to.mark != p.drop {
		p.drop = to.mark
		p.rows.Refresh()
	}
}

// under is what letting the chosen tasks go at a place of the window would do.
func (p *Page) under(at fyne.Position) target {
	items := p.selected()
	n, first := len(items), ""
	if n > 0 {
		first = title(items[0].Task)
	}
	nothing := target{words: i18n.T("tasksui.drag", "n", n, "title", first)}
	if i, is, inside := p.side.Under(at); inside && is {
		if to, ok := placeOf(i.ID); ok && n > 0 {
			return p.intoPlace(to, i, nothing)
		}
		return nothing
	}
	row, part, ok := p.rows.PartUnder(at)
	lines := openPart(p.lines)
	if !ok || row >= len(lines) || n == 0 || slices.ContainsFunc(items, func(i item) bool { return i.ID == lines[row].ID }) {
		return nothing
	}
	return p.intoTree(lines, row, part, items, nothing)
}

// intoTree is where tasks would go among others.
func (p *Page) intoTree(lines tree, row int, part float32, items []item, nothing target) target {
	on := lines[row]
	if p.at.list == 0 || p.finder.words() != "" { // no order here, only parents
		part = 0.5
	}
	to, where := lines.at(row, part)
	to.ListID = on.ListID
	if l, ok := p.list(on.ListID); !ok || l.ReadOnly || slices.ContainsFunc(items, func(i item) bool { return i.UID == to.ParentUID }) {
		return nothing
	}
	words := i18n.T("tasksui.drag.below", "title", title(on.Task))
	switch where {
	case above:
		words = i18n.T("tasksui.drag.before", "title", title(on.Task))
	case onto:
		words = i18n.T("tasksui.drag.child", "title", title(on.Task))
	case below:
	}
	return target{mark: dropMark{on.ID, where}, words: words, act: func(ctx context.Context, ids []int64) error {
		return p.cfg.Tasks.Place(ctx, ids, to)
	}}
}

// intoPlace is what a line at the left does with tasks: a list takes them, a computed list plans them.
func (p *Page) intoPlace(to place, line kit.SideItem, nothing target) target {
	t := target{side: line.ID}
	plan := func(days int) {
		due := dayFrom(p.cfg.Now(), days)
		t.words = i18n.T("tasksui.drag.plan", "day", dueWords(due, p.cfg.Now()))
		t.done = i18n.T("tasksui.toast.planned", "day", dueWords(due, p.cfg.Now()))
		t.act = func(ctx context.Context, ids []int64) error { return p.cfg.Tasks.Plan(ctx, ids, due) }
	}
	l, list := p.list(to.list)
	switch {
	case list && !l.ReadOnly:
		t.words, t.done = i18n.T("tasksui.drag.list", "list", l.Name), i18n.T("tasksui.toast.moved", "list", l.Name)
		t.act = func(ctx context.Context, ids []int64) error { return p.cfg.Tasks.Move(ctx, ids, l.ID) }
	case to == place{smart: tasks.SmartToday}:
		plan(0)
	case to == place{smart: tasks.SmartUpcoming}:
		plan(1)
	case to == place{smart: tasks.SmartNoDate}:
		t.words, t.done = i18n.T("tasksui.drag.nodate"), i18n.T("tasksui.toast.unplanned")
		t.act = func(ctx context.Context, ids []int64) error { return p.cfg.Tasks.Plan(ctx, ids, tasks.When{}) }
	case to == place{smart: tasks.SmartImportant}:
		high := 1
		t.words = i18n.T("tasksui.drag.important")
		t.act = func(ctx context.Context, ids []int64) error {
			return p.cfg.Tasks.EditAll(ctx, ids, tasks.Edit{Priority: &high})
		}
	default:
		return nothing
	}
	return t
}
