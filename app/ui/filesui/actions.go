// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
)

// do runs a change away from the UI goroutine; words, where given, are shown with the offer to undo it.
func (p *Page) do(words string, change func(context.Context) error) {
	p.cfg.Change(words, change, p.reload)
}

// selected are the chosen entries, in the order of the table.
func (p *Page) selected() []files.Entry {
	if p.shown == nil {
		return nil
	}
	return kit.Chosen(p.rows, p.shown.Items())
}

func idsOf(all []files.Entry) []int64 {
	ids := make([]int64, len(all))
	for i, e := range all {
		ids[i] = e.ID
	}
	return ids
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
		p.waiting[e.ID] = true
		p.do("", func(ctx context.Context) error { return p.cfg.Files.Get(ctx, e.ID) })
		p.cfg.Toast(i18n.T("filesui.toast.coming", "name", e.Name), "", nil)
	}
}

func (p *Page) openLocal(path string) {
	kit.Act(func() error { return p.cfg.OpenFile(path) }, func(err error) {
		if err != nil {
			p.cfg.ShowError(err)
		}
	})
}

// openWaiting opens the files that were asked for and have arrived.
func (p *Page) openWaiting() {
	for id := range p.waiting {
		kit.Load(func() (files.Entry, error) { return p.cfg.Files.Entry(context.Background(), id) }, func(e files.Entry, err error) {
			switch {
			case err != nil || e.State == files.Rejected:
				delete(p.waiting, id)
			case e.LocalPath != "" && p.waiting[id]:
				delete(p.waiting, id)
				p.openLocal(e.LocalPath)
			}
		})
	}
}

// pin keeps entries offline, or, where all of them are pinned already, no longer.
func (p *Page) pin(all []files.Entry) {
	if len(all) == 0 {
		return
	}
	release := true
	for _, e := range all {
		release = release && e.PinnedHere
	}
	p.do("", func(ctx context.Context) error {
		for _, e := range all {
			act := p.cfg.Files.Pin
			if release {
				act = p.cfg.Files.Unpin
			}
			if err := act(ctx, e.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// pinWords names what pin does with entries, and whether it can: what a folder above keeps offline stays so.
func pinWords(all []files.Entry) (key string, can bool) {
	key = "filesui.menu.unpin"
	for _, e := range all {
		if !e.PinnedHere {
			key = "filesui.menu.pin"
		}
		can = can || !e.Pinned || e.PinnedHere
	}
	return key, can
}

func readOnly(all []files.Entry) bool {
	return slices.ContainsFunc(all, func(e files.Entry) bool { return e.ReadOnly })
}

func (p *Page) remove(all []files.Entry) {
	if len(all) == 0 {
		return
	}
	p.do(i18n.T("filesui.toast.removed", "n", len(all), "name", all[0].Name), func(ctx context.Context) error {
		return p.cfg.Files.Remove(ctx, idsOf(all))
	})
}

func (p *Page) rename(e files.Entry) {
	p.ask(i18n.T("filesui.menu.rename"), e.Name, func(ctx context.Context, name string) error {
		return p.cfg.Files.Move(ctx, e.ID, path.Join(parentOf(e.Path), name))
	})
}

func (p *Page) newFolder() {
	at := p.at
	if at.view != "" || at.account == 0 {
		return
	}
	p.ask(i18n.T("filesui.mkdir"), "", func(ctx context.Context, name string) error {
		_, err := p.cfg.Files.Mkdir(ctx, at.account, path.Join(at.path, name))
		return err
	})
}

// ask lets the person type a name. A slash in it would be another folder: it is not taken.
func (p *Page) ask(title, value string, use func(ctx context.Context, name string) error) {
	p.cfg.AskName(title, value, func(name string) {
		if name = strings.ReplaceAll(name, "/", ""); name != "" {
			p.do("", func(ctx context.Context) error { return use(ctx, name) })
		}
	})
}

func (p *Page) pickUpload() { p.cfg.PickFiles(p.Upload) }

// Upload puts local files into the folder that is shown: chosen ones, or some that were dropped onto the window. Where files
// of their names are there already, the person says what is to become of those.
func (p *Page) Upload(paths []string) {
	at := p.at
	if at.view != "" || at.account == 0 || len(paths) == 0 {
		return
	}
	kit.Load(func() (map[string]bool, error) { return p.names(at) }, func(there map[string]bool, err error) {
		if err != nil {
			p.cfg.ShowError(err)
			return
		}
		var same []string
		for _, local := range paths {
			if name := nameOf(local); there[name] {
				same = append(same, name)
			}
		}
		if len(same) == 0 {
			p.put(at, paths, nil)
			return
		}
		p.cfg.Choose(i18n.T("filesui.exists.title", "n", len(same), "name", same[0]), i18n.T("filesui.exists.text"),
			kit.Choice{Label: i18n.T("filesui.exists.both"), Do: func() { p.put(at, paths, there) }},
			kit.Choice{Label: i18n.T("filesui.exists.replace"), Do: func() { p.put(at, paths, nil) }})
	})
}

// nameOf is the name that a local file gets in the store.
func nameOf(local string) string { return files.Rules{}.Remote(filepath.Base(local)) }

// names gives the names of what a folder holds.
func (p *Page) names(at place) (map[string]bool, error) {
	list, err := p.cfg.Files.List(context.Background(), at.account, at.path)
	there := make(map[string]bool, len(list))
	for _, e := range list {
		there[e.Name] = true
	}
	return there, err
}

// put uploads files, under other names than those in taken.
func (p *Page) put(at place, paths []string, taken map[string]bool) {
	p.do(i18n.T("filesui.toast.uploaded", "n", len(paths), "name", filepath.Base(paths[0])), func(ctx context.Context) error {
		for _, local := range paths {
			name := nameOf(local)
			if taken[name] {
				name = files.Alias(name, func(s string) bool { return taken[s] })
				taken[name] = true
			}
			if _, err := p.cfg.Files.Put(ctx, at.account, local, path.Join(at.path, name)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *Page) key(ev *fyne.KeyEvent) bool {
	current, ok := p.rows.Current()
	switch ev.Name {
	case fyne.KeyDelete:
		p.remove(p.selected())
	case fyne.KeyBackspace:
		p.up()
	case fyne.KeyEscape:
		return p.content.Escape(ev)
	case fyne.KeyF2:
		if ok {
			p.rename(current)
		}
	default:
		return false
	}
	return true
}

// menu is the context menu of the chosen entries.
func (p *Page) menu(at fyne.Position) {
	all := p.selected()
	if len(all) == 0 {
		return
	}
	one := all[0]
	pin, pinnable := pinWords(all)
	items := []kit.MenuItem{
		{Label: i18n.T("filesui.menu.open"), Icon: "external", Act: func() { p.openEntry(one) }, Disabled: len(all) > 1},
		{Label: i18n.T("filesui.details"), Icon: "info", Act: p.showDetails},
		{Label: i18n.T(pin), Icon: "pin", Act: func() { p.pin(all) }, Disabled: !pinnable},
		{Label: i18n.T("filesui.menu.mail"), Icon: "mail", Act: func() { p.mail(all) }, Disabled: len(localPaths(all)) == 0},
		{},
		{Label: i18n.T("filesui.menu.rename"), Icon: "pen", Act: func() { p.rename(one) }, Disabled: len(all) > 1 || one.ReadOnly},
		{Label: i18n.T("filesui.menu.remove"), Icon: "trash", Act: func() { p.remove(all) }, Disabled: readOnly(all)},
	}
	if one.State == files.Conflict {
		items = append(items, kit.MenuItem{Label: i18n.T("filesui.menu.decide"), Icon: "warning", Act: p.cfg.Decide})
	}
	kit.PopUp(p.rows, at, items...)
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
