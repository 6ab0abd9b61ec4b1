// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"path"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
)

// do runs a change away from the UI goroutine; words, where given, are shown with the offer to undo it.
func (p *Page) do(words string, change func(context.Context) error) {
	p.cfg.Change(words, change, p.reload)
}

// selectedIDs are the chosen entries, in the order of the table.
func (p *Page) selectedIDs() []int64 {
	if p.list == nil {
		return nil
	}
	chosen := map[int64]bool{}
	for _, id := range p.rows.Selected() {
		chosen[id] = true
	}
	if len(chosen) == 0 {
		return nil
	}
	var ids []int64
	for _, id := range p.list.all() {
		if chosen[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

// withSelected reads the chosen entries, also those that the table does not have in memory, and does something about them.
func (p *Page) withSelected(use func([]files.Entry)) {
	ids := p.selectedIDs()
	if len(ids) == 0 {
		return
	}
	kit.Load(func() ([]files.Entry, error) { return p.cfg.Files.Entries(context.Background(), ids) }, func(all []files.Entry, err error) {
		if err != nil {
			p.cfg.ShowError(err)
			return
		}
		all = slices.DeleteFunc(all, func(e files.Entry) bool { return e.Name == "" }) // gone meanwhile
		if len(all) > 0 {
			use(all)
		}
	})
}

func keysOf(all []files.Entry) []int64 {
	ids := make([]int64, len(all))
	for i, e := range all {
		ids[i] = e.ID
	}
	return ids
}

func readOnly(all []files.Entry) bool {
	return slices.ContainsFunc(all, func(e files.Entry) bool { return e.ReadOnly })
}

// openEntry goes into a folder, or opens a file with its program. A file that is not here is asked for and opened when
// it has arrived.
func (p *Page) openEntry(e files.Entry) {
	switch {
	case e.Dir:
		p.goTo(place{account: e.AccountID, path: e.Path})
	case e.LocalPath != "":
		p.openLocal(e.LocalPath)
	default:
		p.fetch([]int64{e.ID}, i18n.T("filesui.toast.coming", "name", e.Name), func() { p.openAgain(e.ID) })
	}
}

// openAgain opens a file that has arrived.
func (p *Page) openAgain(id int64) {
	kit.Load(func() (files.Entry, error) { return p.cfg.Files.Entry(context.Background(), id) }, func(e files.Entry, err error) {
		if err == nil && e.LocalPath != "" {
			p.openLocal(e.LocalPath)
		}
	})
}

func (p *Page) openLocal(path string) {
	kit.Act(func() error { return p.cfg.OpenFile(path) }, func(err error) {
		if err != nil {
			p.cfg.ShowError(err)
		}
	})
}

// later is something that goes on once files have arrived.
type later struct {
	ids  []int64
	then func()
}

// fetch asks for files, says so, and goes on when all of them are here.
func (p *Page) fetch(ids []int64, words string, then func()) {
	p.withEach(ids, p.cfg.Files.Get, words, func() { p.later = append(p.later, later{ids, then}) })
}

// withEach does something with entries one after the other, says so, and goes on.
func (p *Page) withEach(ids []int64, act func(context.Context, int64) error, words string, done func()) {
	kit.Act(func() error {
		for _, id := range ids {
			if err := act(context.Background(), id); err != nil {
				return err
			}
		}
		return nil
	}, func(err error) {
		if err != nil {
			p.cfg.ShowError(err)
			return
		}
		p.cfg.Toast(words, "", nil)
		done()
		p.reload()
	})
}

// finishLater goes on with what waited for files that are here now. What cannot come any more is forgotten.
func (p *Page) finishLater() {
	waiting := p.later
	p.later = nil
	for _, l := range waiting {
		kit.Load(func() (bool, error) { return p.arrived(context.Background(), l.ids) }, func(here bool, err error) {
			switch {
			case err != nil:
			case here:
				l.then()
			default:
				p.later = append(p.later, l)
			}
		})
	}
}

// arrived reports whether files are here; an error says that one of them will not come.
func (p *Page) arrived(ctx context.Context, ids []int64) (bool, error) {
	missing, err := p.cfg.Files.Missing(ctx, ids)
	if err != nil || len(missing) == 0 {
		return err == nil, err
	}
	e, err := p.cfg.Files.Entry(ctx, missing[0])
	if err == nil && e.State == files.Rejected {
		err = errRejected
	}
	return false, err
}

func (p *Page) remove(all []files.Entry) {
	if len(all) == 0 {
		return
	}
	p.do(i18n.T("filesui.toast.removed", "n", len(all), "name", all[0].Name), func(ctx context.Context) error {
		return p.cfg.Files.Remove(ctx, keysOf(all))
	})
}

func (p *Page) newFolder() {
	at := p.at
	if !at.folder() {
		return
	}
	p.cfg.AskName(i18n.T("filesui.mkdir"), "", func(name string) {
		if name = strings.ReplaceAll(name, "/", ""); name == "" {
			return
		}
		p.do("", func(ctx context.Context) error {
			id, err := p.cfg.Files.Mkdir(ctx, at.account, path.Join(at.path, name))
			if err == nil {
				kit.Do(func() { p.wanted = id })
			}
			return err
		})
	})
}

func (p *Page) key(ev *fyne.KeyEvent) bool {
	current, ok := p.rows.Current()
	switch ev.Name {
	case fyne.KeyDelete:
		p.withSelected(p.remove)
	case fyne.KeyBackspace:
		p.up()
	case fyne.KeyEscape:
		switch {
		case p.content.Escape(ev):
		case p.text != "" || p.finder.content.Visible():
			p.finder.end()
		case p.clip.cut:
			p.clip = clip{}
			p.rows.Refresh()
		default:
			return false
		}
	case fyne.KeyF2:
		if ok {
			p.rename(current)
		}
	default:
		return false
	}
	return true
}

// shortcut takes Ctrl+C, Ctrl+X and Ctrl+V, which the toolkit gives names of their own.
func (p *Page) shortcut(s fyne.Shortcut) bool {
	switch s := s.(type) {
	case *fyne.ShortcutCopy:
		p.withSelected(func(all []files.Entry) { p.take(all, false) })
	case *fyne.ShortcutCut:
		p.withSelected(func(all []files.Entry) { p.take(all, true) })
	case *fyne.ShortcutPaste:
		p.paste(p.at)
	case *desktop.CustomShortcut:
		if s.KeyName != fyne.KeyInsert && s.KeyName != fyne.KeyUp || s.Modifier&fyne.KeyModifierAlt == 0 {
			return false
		}
		p.up()
	default:
		return false
	}
	return true
}

// menu is the context menu of the chosen entries; of the one that the keyboard is on where none is chosen.
func (p *Page) menu(at fyne.Position) {
	if len(p.rows.Selected()) == 0 {
		p.rows.SelectRow(p.rows.CursorRow())
	}
	p.withSelected(func(all []files.Entry) { kit.PopUp(p.rows, at, p.menuItems(all)...) })
}

func (p *Page) menuItems(all []files.Entry) []kit.MenuItem {
	one, single := all[0], len(all) == 1
	pin, pinnable := pinWords(all)
	server := p.server(one.AccountID)
	items := []kit.MenuItem{
		{Label: i18n.T("filesui.menu.open"), Icon: "external", Act: func() { p.openEntry(one) }, Disabled: !single},
		{Label: i18n.T("filesui.details"), Icon: "info", Act: p.showDetails},
		{Label: i18n.T(pin), Icon: "pin", Act: func() { p.pin(all) }, Disabled: !pinnable},
		{Label: i18n.T("filesui.menu.mail"), Icon: "mail", Act: func() { p.mail(all) }, Disabled: len(localPaths(all)) == 0},
	}
	if single && p.cfg.AsTask != nil {
		items = append(items, kit.MenuItem{Label: i18n.T("filesui.menu.task"), Icon: "check-square", Act: func() { p.cfg.AsTask(one.ID) }})
	}
	if single && p.text != "" || single && p.at.view != files.ViewFolder {
		items = append(items, kit.MenuItem{Label: i18n.T("filesui.menu.found"), Icon: "folder-open", Act: func() { p.found(one) }})
	}
	items = append(items, kit.MenuItem{},
		kit.MenuItem{Label: i18n.T("filesui.menu.cut"), Icon: "forward", Act: func() { p.take(all, true) }, Disabled: readOnly(all)},
		kit.MenuItem{Label: i18n.T("filesui.menu.copy"), Icon: "copy", Act: func() { p.take(all, false) }})
	if into := (place{account: one.AccountID, path: one.Path}); single && one.Dir {
		items = append(items, kit.MenuItem{
			Label: i18n.T("filesui.menu.paste-into", "name", one.Name), Icon: "inbox", Act: func() { p.paste(into) }, Disabled: !p.clip.fits(into),
		})
	} else {
		items = append(items, p.pasteItem())
	}
	items = append(items,
		kit.MenuItem{Label: i18n.T("filesui.menu.rename"), Icon: "pen", Act: func() { p.rename(one) }, Disabled: !single || one.ReadOnly},
		kit.MenuItem{Label: i18n.T("filesui.menu.remove"), Icon: "trash", Act: func() { p.remove(all) }, Disabled: readOnly(all)})
	if single && (server.Versions && !one.Dir || server.Shares) {
		items = append(items, kit.MenuItem{})
		if server.Versions && !one.Dir {
			items = append(items, kit.MenuItem{Label: i18n.T("filesui.versions"), Icon: "clock", Act: func() { p.detail.versions.open() }})
		}
		if server.Shares {
			items = append(items, kit.MenuItem{Label: i18n.T("filesui.shares"), Icon: "link", Act: func() { p.detail.shares.open() }})
		}
	}
	if one.State == files.Conflict && single {
		items = append(items, kit.MenuItem{}, kit.MenuItem{Label: i18n.T("filesui.menu.decide"), Icon: "warning", Act: func() { p.decide(one.ID) }})
	}
	return items
}

func (p *Page) pasteItem() kit.MenuItem {
	return kit.MenuItem{Label: i18n.T("filesui.menu.paste"), Icon: "inbox", Act: func() { p.paste(p.at) }, Disabled: !p.clip.fits(p.at)}
}

// pageMenu is what can be done about the folder that is shown.
func (p *Page) pageMenu() []kit.MenuItem {
	return []kit.MenuItem{
		{Label: i18n.T("filesui.find"), Icon: "search", Act: p.finder.begin},
		p.pasteItem(),
		{Label: i18n.T("filesui.upload"), Icon: "upload", Act: p.pickUpload, Disabled: !p.at.folder()},
		{Label: i18n.T("filesui.mkdir"), Icon: "folder", Act: p.newFolder, Disabled: !p.at.folder()},
		{},
		{Label: i18n.T("filesui.limits"), Icon: "gear", Act: p.traffic.Ask},
	}
}

// groundMenu is the context menu where there is no entry.
func (p *Page) groundMenu(at fyne.Position) { kit.PopUp(p.rows, at, p.pageMenu()...) }

// sideMenu is the context menu of a folder at the left.
func (p *Page) sideMenu(id string, at fyne.Position) {
	to, ok := placeOf(id)
	if !ok || !to.folder() {
		return
	}
	items := []kit.MenuItem{
		{Label: i18n.T("filesui.menu.open"), Icon: "folder-open", Act: func() { p.goTo(to) }},
		{Label: i18n.T("filesui.menu.paste"), Icon: "inbox", Act: func() { p.paste(to) }, Disabled: !p.clip.fits(to)},
		{Label: i18n.T("filesui.mkdir"), Icon: "folder", Act: func() {
			p.goTo(to)
			p.newFolder()
		}},
	}
	if e, ok := p.branchFolder(id); ok {
		all := []files.Entry{e}
		pin, pinnable := pinWords(all)
		items = append(items, kit.MenuItem{},
			kit.MenuItem{Label: i18n.T(pin), Icon: "pin", Act: func() { p.pin(all) }, Disabled: !pinnable},
			kit.MenuItem{Label: i18n.T("filesui.menu.cut"), Icon: "forward", Act: func() { p.take(all, true) }, Disabled: e.ReadOnly},
			kit.MenuItem{Label: i18n.T("filesui.menu.copy"), Icon: "copy", Act: func() { p.take(all, false) }},
			kit.MenuItem{Label: i18n.T("filesui.menu.rename"), Icon: "pen", Act: func() { p.renameFolder(e) }, Disabled: e.ReadOnly},
			kit.MenuItem{Label: i18n.T("filesui.menu.remove"), Icon: "trash", Act: func() { p.remove(all) }, Disabled: e.ReadOnly})
	}
	kit.PopUp(p.side, at, items...)
}

// sideKey is what keys do with the folder at the left: the same as in the list.
func (p *Page) sideKey(ev *fyne.KeyEvent) bool {
	i, _ := p.side.Current()
	e, ok := p.branchFolder(i.ID)
	switch {
	case !ok || e.ReadOnly:
		return false
	case ev.Name == fyne.KeyF2:
		p.renameFolder(e)
	case ev.Name == fyne.KeyDelete:
		p.remove([]files.Entry{e})
	default:
		return false
	}
	return true
}

// localPaths are the files among all that are here.
func localPaths(all []files.Entry) []string {
	var paths []string
	for _, e := range all {
		if !e.Dir && e.LocalPath != "" {
			paths = append(paths, e.LocalPath)
		}
	}
	return paths
}

func (p *Page) mail(all []files.Entry) {
	if paths := localPaths(all); len(paths) > 0 {
		p.cfg.Mail(paths)
	}
}
