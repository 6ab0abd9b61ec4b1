// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
)

// folderMenu is the context menu of the folder column.
func (p *Page) folderMenu(r navRow, at fyne.Position) {
	items := []kit.MenuItem{{Label: i18n.T("mailui.list.all-read"), Icon: "mail-open", Act: func() { p.allRead(r.Query) }}}
	if r.Folder.ID != 0 {
		own := r.Folder.Role == mail.RoleNone
		items = append(items,
			kit.MenuItem{},
			kit.MenuItem{Label: i18n.T("mailui.folder.new"), Icon: "plus", Act: func() { p.newFolder(r) }},
			kit.MenuItem{Label: i18n.T("mailui.folder.rename"), Icon: "pen", Disabled: !own, Act: func() { p.renameFolder(r) }},
			kit.MenuItem{Label: i18n.T("mailui.folder.delete"), Icon: "trash", Disabled: !own, Act: func() { p.deleteFolder(r) }},
		)
	}
	kit.PopUp(p.cols, at, items...)
}

// newFolder asks for a name and makes a folder below r; below an inbox it is made beside it.
func (p *Page) newFolder(r navRow) {
	p.askName(i18n.T("mailui.folder.new"), "", func(name string) {
		full := name
		if r.Folder.Role == mail.RoleNone && r.Folder.Delim != "" {
			full = r.Folder.Name + r.Folder.Delim + name
		} else if at := strings.LastIndex(r.Folder.Name, r.Folder.Delim); r.Folder.Delim != "" && at > 0 {
			full = r.Folder.Name[:at] + r.Folder.Delim + name
		}
		p.quietly(func(ctx context.Context) error {
			_, err := p.cfg.Mail.CreateFolder(ctx, r.Account, full)
			return err
		})
	})
}

func (p *Page) renameFolder(r navRow) {
	if r.Folder.ID == 0 || r.Folder.Role != mail.RoleNone {
		return
	}
	p.askName(i18n.T("mailui.folder.rename"), r.Folder.Leaf(), func(name string) {
		full := strings.TrimSuffix(r.Folder.Name, r.Folder.Leaf()) + name
		p.quietly(func(ctx context.Context) error { return p.cfg.Mail.RenameFolder(ctx, r.Folder.ID, full) })
	})
}

// deleteFolder removes a folder. With messages in it this cannot be brought back, so it asks first.
func (p *Page) deleteFolder(r navRow) {
	if r.Folder.ID == 0 || r.Folder.Role != mail.RoleNone {
		return
	}
	remove := func() {
		p.perform(func(ctx context.Context) error { return p.cfg.Mail.DeleteFolder(ctx, r.Folder.ID) },
			func() { p.toastUndo(i18n.T("mailui.done.folder-delete", "name", r.Title)) })
	}
	if r.Folder.Total == 0 {
		remove()
		return
	}
	p.confirm(i18n.T("mailui.ask.folder", "name", r.Title), i18n.T("mailui.ask.folder-text", "n", r.Folder.Total), i18n.T("mailui.folder.delete"), remove)
}

// askName asks for the name of a folder; levels cannot be made by typing the delimiter.
func (p *Page) askName(title, name string, done func(string)) {
	field := kit.NewEntry(i18n.T("mailui.folder.name"))
	field.SetText(name)
	d := dialog.NewCustomConfirm(title, i18n.T("mailui.ok"), i18n.T("mailui.cancel"), field, func(ok bool) {
		if name := strings.TrimSpace(strings.NewReplacer("/", "-", "\\", "-", ".", "-").Replace(field.Text)); ok && name != "" {
			done(name)
		}
	}, p.cfg.Window)
	field.OnSubmitted = func(string) { d.Confirm() }
	d.Resize(fyne.NewSize(420, 180))
	d.Show()
	p.cfg.Window.Canvas().Focus(field)
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
