// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// viewNotes is what a person should know about single places in the tree: names that cannot travel, or are others here.
const viewNotes files.View = "notes"

// note is something about a place of an account.
type note struct {
	files.Note
	account int64
}

func (n note) key() string { return place{account: n.account, path: n.Path}.id() + "\n" + n.Problem }

func (n note) words() string { return i18n.T(n.Problem, "name", files.Base(n.Local)) }

// noteList shows them.
type noteList struct {
	page    *Page
	content fyne.CanvasObject
	rows    *kit.RowList[string, note]
	all     []note
}

// noteHeight is room for two lines: what it is about, and what there is to know.
const noteHeight = 56

func newNotes(p *Page) *noteList {
	n := &noteList{page: p}
	n.rows = kit.NewRowList(kit.RowListConfig[string, note]{
		Key: note.key, Height: noteHeight, NewRow: func() kit.Row[note] { return newNoteRow() },
		Label: func(i note) string {
			return strings.Join([]string{files.Base(i.Path), files.Parent(i.Path), i.words()}, ", ")
		},
		OnOpen: n.found,
		OnMenu: func(i note, at fyne.Position) {
			kit.PopUp(n.rows, at, kit.MenuItem{Label: i18n.T("filesui.menu.found"), Icon: "folder-open", Act: func() { n.found(i) }})
		},
		OnError: p.cfg.ShowError,
	})
	n.rows.SetEmpty(kit.NewEmpty("check", i18n.T("filesui.notes.empty.title"), i18n.T("filesui.notes.empty.text"), nil))
	head := kit.NewHeadBar("", 52)
	head.Set(i18n.T("filesui.view.notes"), i18n.T("filesui.notes.text"))
	n.content = kit.NewDock(head, nil, nil, nil, n.rows)
	return n
}

// found shows the folder that a note is about something in, and the entry where it is one.
func (n *noteList) found(i note) {
	n.page.goTo(place{account: i.account, path: files.Parent(i.Path)})
	if e, ok := n.page.entryAt(i.account, i.Path); ok {
		n.page.wanted = e
	}
	n.page.counted()
	n.page.focusList()
}

// entryAt finds a folder by its place; files are not in memory.
func (p *Page) entryAt(account int64, path string) (int64, bool) {
	for _, b := range p.branches {
		for _, f := range b.folders {
			if b.ID == account && f.Path == path {
				return f.ID, true
			}
		}
	}
	return 0, false
}

func (n *noteList) set(all []note) {
	if slices.Equal(n.all, all) {
		return
	}
	n.all = all
	n.rows.SetRows(all)
}

// about gives what there is to know about an entry, in words; empty for nothing.
func (n *noteList) about(e files.Entry) string {
	var words []string
	for _, i := range n.all {
		if i.account == e.AccountID && i.Path == e.Path {
			words = append(words, i.words())
		}
	}
	return strings.Join(words, " ")
}

// noteRow paints a note.
type noteRow struct {
	icon              *kit.Icon
	name, where, note *kit.Text
}

func newNoteRow() *noteRow {
	return &noteRow{icon: kit.NewIcon("info", theme.Muted), name: kit.NewText("", 14, theme.Text), where: kit.NewText("", 13, theme.Muted), note: kit.NewText("", 13, theme.Muted)}
}

// Objects implements kit.Row.
func (r *noteRow) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.icon.Image, r.name.Text, r.where.Text, r.note.Text}
}

// Paint implements kit.Row.
func (r *noteRow) Paint(i note, size fyne.Size, _ kit.RowState) {
	first, second := theme.Px(18), theme.Px(38)
	left, width := theme.Px(44), size.Width-theme.Px(60)
	r.icon.Set("info", theme.Muted)
	r.icon.Place(theme.Px(16), first, 17)
	r.name.Set(files.Base(i.Path), theme.Text)
	r.name.Place(left, first, width*2/3)
	beside := min(r.name.Width(), width*2/3) + theme.Px(12)
	r.where.Set(strings.ReplaceAll(files.Parent(i.Path), "/", " › "), theme.Muted)
	r.where.Place(left+beside, first, width-beside)
	r.note.Set(i.words(), theme.Muted)
	r.note.Place(left, second, width)
}
