// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
)

// drag lets entries be moved to a folder of the list or of the tree, or copied there while Ctrl is held: what cut, copy
// and paste do from the keyboard.
func (p *Page) drag() *kit.RowDrag[files.Entry] {
	return &kit.RowDrag[files.Entry]{
		Can: func(files.Entry) bool { return p.renaming == nil },
		Over: func(at fyne.Position) string {
			p.rows.Nudge(at)
			return p.dragOver(at, p.held(), len(p.rows.Selected()))
		},
		Drop: func(at fyne.Position) { p.dragDrop(at, p.withSelected) },
		End:  func() { p.mark(place{}, 0) },
	}
}

// treeDrag is drag for the folder that is chosen at the left.
func (p *Page) treeDrag() *kit.RowDrag[kit.SideItem] {
	return &kit.RowDrag[kit.SideItem]{
		Can: func(i kit.SideItem) bool {
			_, ok := p.branchFolder(i.ID)
			return ok && p.renaming == nil
		},
		Over: func(at fyne.Position) string {
			e, _ := p.branchFolder(p.side.SelectedID())
			return p.dragOver(at, []files.Entry{e}, 1)
		},
		Drop: func(at fyne.Position) {
			p.dragDrop(at, func(use func([]files.Entry)) {
				if e, ok := p.branchFolder(p.side.SelectedID()); ok {
					use([]files.Entry{e})
				}
			})
		},
		End: func() { p.mark(place{}, 0) },
	}
}

// branchFolder is the folder of a line at the left; none for the top of an account, or for a view.
func (p *Page) branchFolder(line string) (files.Entry, bool) {
	at, ok := placeOf(line)
	if !ok || !at.folder() || at.path == "" {
		return files.Entry{}, false
	}
	for _, b := range p.branches {
		if b.ID != at.account {
			continue
		}
		for _, f := range b.folders {
			if f.Path == at.path {
				return f, true
			}
		}
	}
	return files.Entry{}, false
}

// under is the folder at a place of the window; id is its row's, where it is one of the list.
func (p *Page) under(at fyne.Position) (to place, id int64, ok bool) {
	if i, is, inside := p.side.Under(at); inside && is {
		to, ok = placeOf(i.ID)
		return to, 0, ok && to.folder()
	}
	if e, is, inside := p.rows.Under(at); inside && is && e.Dir && p.table().Visible() {
		return place{account: e.AccountID, path: e.Path}, e.ID, true
	}
	return to, 0, false
}

// mark shows the folder that would take what is dragged.
func (p *Page) mark(to place, id int64) {
	if id != 0 {
		p.rows.Target(&id)
	} else {
		p.rows.Target(nil)
	}
	if line := to.id(); to.folder() && id == 0 {
		p.side.Target(&line)
	} else {
		p.side.Target(nil)
	}
}

// held are the entries that are dragged, as far as the table has them in memory.
func (p *Page) held() []files.Entry {
	var all []files.Entry
	chosen := p.rows.Selected()
	for row := range p.rows.Count() {
		if e, ok := p.rows.At(row); ok && slices.Contains(chosen, e.ID) {
			all = append(all, e)
		}
	}
	return all
}

// dragFits reports whether a folder can take entries: it is another one than they lie in, and none of them or below them.
func dragFits(all []files.Entry, to place, copying bool) bool {
	for _, e := range all {
		within := e.Dir && (to.path == e.Path || strings.HasPrefix(to.path, e.Path+"/"))
		if e.AccountID != to.account || within || !copying && (e.ReadOnly || files.Parent(e.Path) == to.path) {
			return false
		}
	}
	return len(all) > 0
}

func copying() bool { return kit.Modifiers()&fyne.KeyModifierShortcutDefault != 0 }

// dragOver marks the folder below the pointer and says what letting go there would do with all, which are n.
func (p *Page) dragOver(at fyne.Position, all []files.Entry, n int) string {
	p.side.Nudge(at)
	to, id, ok := p.under(at)
	fits := ok && dragFits(all, to, copying())
	if !fits {
		to, id = place{}, 0
	}
	p.mark(to, id)
	first := ""
	if len(all) > 0 {
		first = all[0].Name
	}
	switch {
	case !fits:
		return i18n.T("filesui.drag", "n", n, "name", first)
	case copying():
		return i18n.T("filesui.drag.copy", "n", n, "name", first, "folder", folderName(to))
	}
	return i18n.T("filesui.drag.move", "n", n, "name", first, "folder", folderName(to))
}

func (p *Page) dragDrop(at fyne.Position, with func(use func([]files.Entry))) {
	to, _, ok := p.under(at)
	if !ok {
		return
	}
	byCopy := copying()
	with(func(all []files.Entry) {
		if !dragFits(all, to, byCopy) {
			return
		}
		c := clip{ids: keysOf(all), name: all[0].Name, account: all[0].AccountID}
		if byCopy {
			p.copyInto(c, to)
			return
		}
		p.moveInto(c, to)
	})
}

// moveInto moves entries into a folder of their account. A folder that is shown stays so.
func (p *Page) moveInto(c clip, to place) {
	if e, ok := p.branchFolder(p.at.id()); ok && slices.Contains(c.ids, e.ID) {
		p.cfg.Change(i18n.T("filesui.toast.moved", "n", len(c.ids), "name", c.name), func(ctx context.Context) error {
			return p.cfg.Files.MoveInto(ctx, c.ids, to.account, to.path)
		}, func() { p.followFolder(e.ID) })
		return
	}
	p.do(i18n.T("filesui.toast.moved", "n", len(c.ids), "name", c.name), func(ctx context.Context) error {
		return p.cfg.Files.MoveInto(ctx, c.ids, to.account, to.path)
	})
}

// followFolder shows a folder where it is now.
func (p *Page) followFolder(id int64) {
	kit.Load(func() (files.Entry, error) { return p.cfg.Files.Entry(context.Background(), id) }, func(e files.Entry, err error) {
		if err == nil {
			p.goTo(place{account: e.AccountID, path: e.Path})
		}
		p.reload()
	})
}
