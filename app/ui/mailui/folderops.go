// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// folderMenu is the context menu of the folder column.
func (p *Page) folderMenu(r navRow, at fyne.Position) {
	items := []kit.MenuItem{{Label: i18n.T("mailui.list.all-read"), Icon: "mail-open", Act: func() { p.allRead(r.Query) }}}
	if r.Folder.ID == 0 {
		kit.PopUp(p.cols, at, items...)
		return
	}
	f := r.Folder
	own := f.Role == mail.RoleNone && f.May(mail.DeedChange) == nil
	switch r.Folder.Role {
	case mail.RoleTrash, mail.RoleJunk:
		key := "mailui.folder.empty." + string(r.Folder.Role)
		items = append(items, kit.MenuItem{Label: i18n.T(key), Icon: "trash", Disabled: f.Total == 0 || f.May(mail.DeedTake) != nil, Act: func() { p.emptyFolder(r) }})
	case mail.RoleArchive:
		if p.cfg.Settings != nil {
			items = append(items, kit.MenuItem{Label: i18n.T("mailui.folder.by-year"), Icon: tick(p.byYear), Act: p.toggleByYear})
		}
	}
	items = append(items,
		kit.MenuItem{},
		kit.MenuItem{Label: i18n.T("mailui.folder.new"), Icon: "plus", Disabled: f.May(mail.DeedCreate) != nil, Act: func() { p.newFolder(r) }},
		kit.MenuItem{Label: i18n.T("mailui.folder.rename"), Icon: "pen", Disabled: !own, Act: func() { p.renameFolder(r) }},
		kit.MenuItem{Label: i18n.T("mailui.folder.move"), Icon: "folder", Disabled: !own || r.Folder.Delim == "", Act: func() { p.moveFolder(r) }},
		kit.MenuItem{Label: i18n.T("mailui.folder.delete"), Icon: "trash", Disabled: !own, Act: func() { p.deleteFolder(r) }},
		kit.MenuItem{Label: i18n.T("mailui.folder.info"), Icon: "info", Act: func() { p.folderInfo(r) }},
		kit.MenuItem{Label: i18n.T("mailui.keep.open"), Icon: "download", Act: func() { p.keepOf(r.Account) }},
		kit.MenuItem{Label: i18n.T("mailui.folder.subscribed"), Icon: tick(r.Folder.Subscribed), Act: func() { p.subscribe(r) }},
		kit.MenuItem{},
	)
	kit.PopUp(p.cols, at, append(items, p.exchangeItems(r)...)...)
}

// tick is the symbol before a line of a menu that is switched on.
func tick(on bool) string {
	if on {
		return "check"
	}
	return ""
}

// newFolder asks for a name and makes a folder below r; below an inbox it is made beside it.
func (p *Page) newFolder(r navRow) {
	p.askName(i18n.T("mailui.folder.new"), "", func(name string) {
		p.perform(func(ctx context.Context) error {
			_, err := p.cfg.Mail.CreateFolder(ctx, r.Account, nameBelow(r.Folder, name))
			return err
		}, func() { p.toastUndo(i18n.T("mailui.done.folder-new", "name", name)) })
	})
}

// nameBelow is the full name of a folder in another one. Those with a role hold no folders: it comes to stand beside them.
func nameBelow(parent mail.Folder, name string) string {
	if parent.Delim == "" {
		return name
	}
	if parent.Role == mail.RoleNone || parent.Role == mail.RoleArchive {
		return parent.Name + parent.Delim + name
	}
	if at := strings.LastIndex(parent.Name, parent.Delim); at > 0 {
		return parent.Name[:at] + parent.Delim + name
	}
	return name
}

func (p *Page) renameFolder(r navRow) {
	if r.Folder.ID == 0 || r.Folder.Role != mail.RoleNone {
		return
	}
	p.askName(i18n.T("mailui.folder.rename"), r.Folder.Leaf(), func(name string) {
		if name != r.Folder.Leaf() {
			p.rename(r.Folder, strings.TrimSuffix(r.Folder.Name, r.Folder.Leaf())+name, i18n.T("mailui.done.folder-rename", "name", name))
		}
	})
}

func (p *Page) rename(f mail.Folder, name, words string) {
	p.perform(func(ctx context.Context) error { return p.cfg.Mail.RenameFolder(ctx, f.ID, name) }, func() { p.toastUndo(words) })
}

// moveFolder asks where a folder with all in it is to lie.
func (p *Page) moveFolder(r navRow) {
	fits := func(f mail.Folder) bool {
		return f.AccountID == r.Account && boxKey(f) == boxKey(r.Folder) && f.May(mail.DeedCreate) == nil && f.ID != r.Folder.ID && !f.Inside(r.Folder) && nameBelow(f, r.Folder.Leaf()) != r.Folder.Name
	}
	p.pickFolderOf(i18n.T("mailui.folder.move-title", "name", r.Title), fits, func(f mail.Folder) {
		p.rename(r.Folder, nameBelow(f, r.Folder.Leaf()), i18n.T("mailui.done.folder-move", "name", r.Title))
	})
}

// deleteFolder removes a folder: into the bin with what lies in it, and from there for good, after a question.
func (p *Page) deleteFolder(r navRow) {
	if r.Folder.ID == 0 || r.Folder.Role != mail.RoleNone {
		return
	}
	remove := func() {
		p.perform(func(ctx context.Context) error { return p.cfg.Mail.DeleteFolder(ctx, r.Folder.ID) },
			func() { p.toastUndo(i18n.T("mailui.done.folder-delete", "name", r.Title)) })
	}
	total, forGood := r.Folder.Total, true
	for _, f := range p.nav.folders {
		if f.AccountID != r.Account {
			continue
		}
		if f.Inside(r.Folder) {
			total += f.Total
		}
		if f.Role == mail.RoleTrash && !r.Folder.Inside(f) && r.Folder.Delim != "" {
			forGood = false
		}
	}
	if total == 0 || !forGood {
		remove()
		return
	}
	p.confirm(i18n.T("mailui.ask.folder", "name", r.Title), i18n.T("mailui.ask.folder-text", "n", total), i18n.T("mailui.folder.delete"), remove)
}

// subscribe lets other programs show a folder too, or not.
func (p *Page) subscribe(r navRow) {
	on := !r.Folder.Subscribed
	key := "mailui.done.subscribed"
	if !on {
		key = "mailui.done.unsubscribed"
	}
	p.perform(func(ctx context.Context) error { return p.cfg.Mail.Subscribe(ctx, r.Folder.ID, on) },
		func() { p.toastUndo(i18n.T(key, "name", r.Title)) })
}

// emptyFolder deletes everything in the bin or among the junk for good, after a question.
func (p *Page) emptyFolder(r navRow) {
	if r.Folder.Total == 0 {
		return
	}
	title := i18n.T("mailui.folder.empty." + string(r.Folder.Role))
	p.confirm(title+"?", i18n.T("mailui.ask.empty", "n", r.Folder.Total)+" "+i18n.T("mailui.ask.purge-text"), i18n.T("mailui.action.purge"), func() {
		n := 0
		p.perform(func(ctx context.Context) (err error) {
			n, err = p.cfg.Mail.EmptyFolder(ctx, r.Folder.ID)
			return err
		}, func() { p.cfg.Toast(i18n.T("mailui.done.emptied", "n", n), "", nil) })
	})
}

// toggleByYear changes whether archived messages get a folder each year.
func (p *Page) toggleByYear() {
	value := app.ArchiveByYear
	if p.byYear {
		value = ""
	}
	p.perform(func(ctx context.Context) error { return p.cfg.Settings.Set(ctx, app.ArchiveSetting, value) }, func() {
		p.byYear = value == app.ArchiveByYear
		key := "mailui.done.by-year"
		if !p.byYear {
			key = "mailui.done.not-by-year"
		}
		p.cfg.Toast(i18n.T(key), "", nil)
	})
}

// askName asks for the name of a folder; levels cannot be made by typing the delimiter.
func (p *Page) askName(title, name string, done func(string)) {
	p.askText(title, i18n.T("mailui.folder.name"), name, func(text string) {
		done(strings.NewReplacer("/", "-", "\\", "-", ".", "-").Replace(text))
	})
}

// askText asks for a few words. Nothing happens where there are none.
func (p *Page) askText(title, hint, text string, done func(string)) {
	field := kit.NewEntry(hint)
	field.SetText(text)
	d := dialog.NewCustomConfirm(title, i18n.T("mailui.ok"), i18n.T("mailui.cancel"), field, func(ok bool) {
		if words := strings.TrimSpace(field.Text); ok && words != "" {
			done(words)
		}
	}, p.cfg.Window)
	kit.AnswerWith(d, field)
	d.Resize(fyne.NewSize(theme.Px(420), theme.Px(160)))
	d.Show()
	p.cfg.Window.Canvas().Focus(field)
	field.TypedShortcut(&fyne.ShortcutSelectAll{})
}

// confirm asks before something that cannot be brought back.
func (p *Page) confirm(title, text, yes string, do func()) {
	confirm(p.cfg.Window, title, text, yes, do)
}

func confirm(w fyne.Window, title, text, yes string, do func()) {
	d := dialog.NewConfirm(title, text, func(ok bool) {
		if ok {
			do()
		}
	}, w)
	d.SetConfirmText(yes)
	d.SetDismissText(i18n.T("mailui.cancel"))
	d.Show()
}
