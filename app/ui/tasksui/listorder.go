// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
)

// raise moves what has the keyboard up or down: the chosen list at the left, or else the chosen tasks.
func (p *Page) raise(by step) {
	if p.cfg.Window.Canvas().Focused() != fyne.Focusable(p.side) {
		p.shift(by)
		return
	}
	if l, ok := p.list(p.at.list); ok {
		p.stepList(l, map[step]int{stepUp: -1, stepDown: 1}[by])
	}
}

// siblings are the lists of an account, among which one has its place.
func (p *Page) siblings(account int64) []tasks.List {
	return slices.DeleteFunc(slices.Clone(p.lists), func(l tasks.List) bool { return l.AccountID != account })
}

// canPlace reports whether a list can go up or down.
func (p *Page) canPlace(l tasks.List, by int) bool {
	all := p.siblings(l.AccountID)
	to := slices.IndexFunc(all, func(o tasks.List) bool { return o.ID == l.ID }) + by
	return !l.ReadOnly && to >= 0 && to < len(all)
}

// stepList puts a list one place up or down.
func (p *Page) stepList(l tasks.List, by int) {
	if !p.canPlace(l, by) {
		return
	}
	at := slices.IndexFunc(p.siblings(l.AccountID), func(o tasks.List) bool { return o.ID == l.ID })
	p.placeList(l, at+by)
}

func (p *Page) placeList(l tasks.List, place int) {
	p.do(i18n.T("tasksui.toast.list-placed", "list", l.Name), func(ctx context.Context) error {
		return p.cfg.Tasks.PlaceList(ctx, l.ID, place)
	})
}

// listDrop is where a dragged list would go.
type listDrop struct {
	beside string // the line at the left
	behind bool
	place  int
	words  string
}

// dragLists lets lists be put in another order: what Alt and the arrow keys do too.
func (p *Page) dragLists() *kit.RowDrag[kit.SideItem] {
	return &kit.RowDrag[kit.SideItem]{
		Can: func(i kit.SideItem) bool {
			at, _ := placeOf(i.ID)
			l, ok := p.list(at.list)
			return ok && !l.ReadOnly
		},
		Over: func(at fyne.Position) string {
			p.side.Nudge(at)
			to, l := p.listUnder(at)
			p.side.Edge(to.beside, to.behind)
			if to.words == "" {
				return l.Name
			}
			return to.words
		},
		Drop: func(at fyne.Position) {
			if to, l := p.listUnder(at); to.beside != "" {
				p.placeList(l, to.place)
			}
		},
		End: func() { p.side.Edge("", false) },
	}
}

// listUnder is where the chosen list would go if it was let go at a place of the window. Lists stay in their account.
func (p *Page) listUnder(at fyne.Position) (listDrop, tasks.List) {
	l, ok := p.list(p.at.list)
	line, is, _ := p.side.Under(at)
	_, part, inside := p.side.PartUnder(at)
	where, _ := placeOf(line.ID)
	on, list := p.list(where.list)
	if !ok || !is || !inside || !list || on.ID == l.ID || on.AccountID != l.AccountID {
		return listDrop{}, l
	}
	others := slices.DeleteFunc(p.siblings(l.AccountID), func(o tasks.List) bool { return o.ID == l.ID })
	to := listDrop{beside: line.ID, place: slices.IndexFunc(others, func(o tasks.List) bool { return o.ID == on.ID })}
	to.words = i18n.T("tasksui.drag.before", "title", on.Name)
	if part > 0.5 {
		to.behind = true
		to.place++
		to.words = i18n.T("tasksui.drag.below", "title", on.Name)
	}
	return to, l
}
