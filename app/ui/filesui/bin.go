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
	"kontor/app/ui/theme"
)

// trashed is an item of the bin of one account.
type trashed struct {
	files.Trashed
	account int64
}

func (t trashed) key() string { return place{account: t.account, path: t.Key}.id() }

// bin is what was deleted, as far as the servers keep it. They have to be asked; what they said last is shown until then.
type bin struct {
	page    *Page
	content fyne.CanvasObject
	rows    *kit.RowList[string, trashed]
	empty   *kit.Empty
	restore *kit.Button
	turn    int
}

var binColumns = kit.Columns{{ID: "name", Width: 150, Grow: 1}, {ID: "where", Width: 120, Grow: 0.6, Drop: 560}, {ID: "size", Width: 80, Drop: 480}, {ID: "when", Width: 130}}

func newBin(p *Page) *bin {
	b := &bin{page: p}
	cols := slices.Clone(binColumns)
	for i, key := range []string{"filesui.col.name", "filesui.path", "filesui.col.size", "filesui.col.deleted"} {
		cols[i].Title = i18n.T(key)
	}
	b.rows = kit.NewRowList(kit.RowListConfig[string, trashed]{
		Key: trashed.key, Height: rowHeight, Multi: true, NewRow: func() kit.Row[trashed] { return newTrashedRow(b, cols) },
		Label:    func(t trashed) string { return strings.Join([]string{t.Name, files.Parent(t.Path), b.when(t)}, ", ") },
		OnSelect: func(_ trashed, many int) { b.restore.SetEnabled(many > 0) },
		OnOpen:   func(trashed) { b.bringBack() },
		OnMenu: func(_ trashed, at fyne.Position) {
			kit.PopUp(b.rows, at, kit.MenuItem{Label: i18n.T("filesui.bin.restore"), Icon: "undo", Act: b.bringBack})
		},
		OnError: p.cfg.ShowError,
	})
	b.empty = kit.NewEmpty("trash", i18n.T("filesui.bin.empty.title"), i18n.T("filesui.bin.empty.text"), nil)
	b.rows.SetEmpty(b.empty)
	b.restore = kit.NewPrimary(i18n.T("filesui.bin.restore"), b.bringBack)
	head := kit.NewHeadBar(i18n.T("filesui.view.bin"), 52, b.restore)
	head.Set(i18n.T("filesui.view.bin"), i18n.T("filesui.bin.note"))
	b.content = kit.NewDock(kit.NewColumn(0, head, kit.NewTableHeader(cols, nil)), p.here.content, nil, nil, b.rows)
	return b
}

func (b *bin) when(t trashed) string { return i18n.DateTime(t.Deleted) }

// read asks the servers of all accounts that keep what was deleted.
func (b *bin) read() {
	b.turn++
	turn := b.turn
	var accounts []int64
	for _, branch := range b.page.branches {
		if branch.server.Trash {
			accounts = append(accounts, branch.ID)
		}
	}
	b.restore.SetEnabled(false)
	b.empty.Set("trash", i18n.T("filesui.asking"), "")
	kit.Load(func() (all []trashed, err error) {
		for _, a := range accounts {
			list, err := b.page.cfg.Files.Trash(context.Background(), a)
			if err != nil {
				return all, err
			}
			for _, t := range list {
				all = append(all, trashed{t, a})
			}
		}
		slices.SortStableFunc(all, func(x, y trashed) int { return y.Deleted.Compare(x.Deleted) })
		return all, nil
	}, func(all []trashed, err error) {
		if turn != b.turn {
			return
		}
		b.empty.Set("trash", i18n.T("filesui.bin.empty.title"), i18n.T("filesui.bin.empty.text"))
		if err != nil {
			b.empty.Set("cloud-off", i18n.T("filesui.no-answer"), i18n.T("filesui.bin.later"))
			b.page.cfg.ShowError(err)
		}
		b.rows.SetRows(all)
	})
}

// bringBack puts the chosen items back to where they were.
func (b *bin) bringBack() {
	var all []trashed
	for i := range b.rows.Count() {
		if t, ok := b.rows.At(i); ok && slices.Contains(b.rows.Selected(), t.key()) {
			all = append(all, t)
		}
	}
	if len(all) == 0 {
		return
	}
	kit.Act(func() error {
		for _, t := range all {
			if err := b.page.cfg.Files.RestoreTrashed(context.Background(), t.account, t.Key); err != nil {
				return err
			}
		}
		return nil
	}, func(err error) {
		if err != nil {
			b.page.cfg.ShowError(err)
		} else {
			b.page.cfg.Toast(i18n.T("filesui.bin.restored", "n", len(all), "name", all[0].Name), "", nil)
		}
		b.read()
		b.page.reload()
	})
}

// trashedRow paints an item of the bin.
type trashedRow struct {
	bin                     *bin
	icon                    *kit.Icon
	name, where, size, when *kit.Text
	columns                 kit.Columns
}

func newTrashedRow(b *bin, cols kit.Columns) *trashedRow {
	quiet := func() *kit.Text { return kit.NewText("", 13, theme.Muted) }
	return &trashedRow{bin: b, columns: cols, icon: kit.NewIcon("file", theme.Muted), name: kit.NewText("", 14, theme.Text), where: quiet(), size: quiet(), when: quiet()}
}

// Objects implements kit.Row.
func (r *trashedRow) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.icon.Image, r.name.Text, r.where.Text, r.size.Text, r.when.Text}
}

// Paint implements kit.Row.
func (r *trashedRow) Paint(t trashed, size fyne.Size, _ kit.RowState) {
	middle := size.Height / 2
	spans := r.columns.Spans(size.Width)
	e := files.Entry{Name: t.Name, Dir: t.Dir, Size: t.Size}
	r.icon.Set(iconOf(e), theme.Muted)
	r.icon.Place(spans[0].X, middle, 17)
	at := nameSpan(spans)
	r.name.Set(t.Name, theme.Text)
	r.name.Place(at.X, middle, at.W)
	for i, c := range []struct {
		text  *kit.Text
		words string
	}{{r.where, files.Parent(t.Path)}, {r.size, sizeWords(e)}, {r.when, r.bin.when(t)}} {
		if spans[i+1].W == 0 {
			c.words = ""
		}
		c.text.Set(c.words, theme.Muted)
		c.text.Place(spans[i+1].X, middle, spans[i+1].W)
	}
}
