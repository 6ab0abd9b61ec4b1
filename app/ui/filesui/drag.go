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
		Can:  func(files.Entry) bool { return p.renaming == nil },
		Over: p.dragOver,
		Drop: p.dragDrop,
		End:  func() { p.mark(place{}, 0) },
	}
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

func (p *Page) dragOver(at fyne.Position) string {
	p.side.Nudge(at)
	p.rows.Nudge(at)
	all := p.held()
	to, id, ok := p.under(at)
	fits := ok && dragFits(all, to, copying())
	if !fits {
		to, id = place{}, 0
	}
	p.mark(to, id)
	n, first := len(p.rows.Selected()), ""
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

func (p *Page) dragDrop(at fyne.Position) {
	to, _, ok := p.under(at)
	if !ok {
		return
	}
	byCopy := copying()
	p.withSelected(func(all []files.Entry) {
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

// moveInto moves entries into a folder of their account.
func (p *Page) moveInto(c clip, to place) {
	p.do(i18n.T("filesui.toast.moved", "n", len(c.ids), "name", c.name), func(ctx context.Context) error {
		return p.cfg.Files.MoveInto(ctx, c.ids, to.account, to.path)
	})
}
