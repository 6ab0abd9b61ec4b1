// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// folderPicker chooses a folder by typing some of its letters.
type folderPicker struct {
	widget.BaseWidget
	page    *Page
	title   *kit.Label
	field   *kit.Entry
	list    *kit.SideList
	folders []mail.Folder
	names   []string
	order   []int
	pop     *widget.PopUp
	done    func(mail.Folder)
}

// pickFolder opens the picker; done is called with the folder that was chosen.
func (p *Page) pickFolder(title string, done func(mail.Folder)) {
	p.pickFolderOf(title, func(mail.Folder) bool { return true }, done)
}

// pickFolderOf is pickFolder among those that fit.
func (p *Page) pickFolderOf(title string, fits func(mail.Folder) bool, done func(mail.Folder)) {
	f := &folderPicker{page: p, title: kit.Heading(title), done: done}
	for _, r := range accountOrder(p.nav.folders, p.nav.accounts) {
		if r.Selectable && r.Role != mail.RoleOutbox && r.Role != mail.RoleFlagged && r.Role != mail.RoleAll && fits(r) {
			f.folders = append(f.folders, r)
			f.names = append(f.names, folderPath(r, p.nav.accounts))
		}
	}
	f.field = kit.NewEntry("")
	f.field.OnChanged = func(string) { f.sift() }
	f.field.OnKey = f.key
	f.list = kit.NewSideList(kit.SideListConfig{OnOpen: func(string) { f.choose() }, OnSelect: func(string) {}, Back: kit.Ground(theme.Surface)})
	f.ExtendBaseWidget(f)
	f.sift()
	if p.cfg.Window == nil {
		return
	}
	f.pop = widget.NewModalPopUp(f, p.cfg.Window.Canvas())
	f.pop.Show()
	p.cfg.Window.Canvas().Focus(f.field)
}

// accountOrder gives the folders in the order of the folder column.
func accountOrder(folders []mail.Folder, accounts []Account) []mail.Folder {
	out := make([]mail.Folder, 0, len(folders))
	for _, r := range navRows(folders, accounts, navCounts{}, nil) {
		if r.Folder.ID != 0 {
			out = append(out, r.Folder)
		}
	}
	return out
}

// sift shows the folders that fit what was typed, best first.
func (f *folderPicker) sift() {
	f.order = fuzzyOrder(f.field.Text, f.names)
	items := make([]kit.SideItem, len(f.order))
	for i, at := range f.order {
		items[i] = kit.SideItem{ID: f.names[at], Label: f.names[at], Icon: folderIcon(f.folders[at])}
	}
	f.list.SetItems(items)
	if len(items) > 0 {
		f.list.SelectRow(0)
	}
}

// key moves the selection from the field, chooses with Enter and leaves with Escape.
func (f *folderPicker) key(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyDown, fyne.KeyUp, fyne.KeyPageDown, fyne.KeyPageUp:
		f.list.TypedKey(ev)
	case fyne.KeyReturn, fyne.KeyEnter:
		f.choose()
	case fyne.KeyEscape:
		f.close()
	default:
		return false
	}
	return true
}

func (f *folderPicker) choose() {
	row := f.list.CursorRow()
	if row < 0 || row >= len(f.order) {
		return
	}
	folder := f.folders[f.order[row]]
	f.close()
	f.done(folder)
}

func (f *folderPicker) close() {
	if f.pop != nil {
		f.pop.Hide()
		kit.Focus(f.page.list.rows)
	}
}

// CreateRenderer implements fyne.Widget.
func (f *folderPicker) CreateRenderer() fyne.WidgetRenderer {
	return &painter{
		owner: f, paint: func() {}, objects: func() []fyne.CanvasObject { return []fyne.CanvasObject{f.title, f.field, f.list} },
		min: func() fyne.Size { return fyne.NewSize(theme.Px(380), theme.Px(400)) },
		layout: func(s fyne.Size) {
			px := theme.Px
			place(f.title, px(12), px(8), s.Width-px(24), px(26))
			place(f.field, px(12), px(42), s.Width-px(24), px(36))
			place(f.list, 0, px(86), s.Width, s.Height-px(92))
		},
	}
}
