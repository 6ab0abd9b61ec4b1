// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
	"kontor/sync/imapsync"
)

// navColumn is the left column: the button for a new message and the folders.
type navColumn struct {
	widget.BaseWidget
	page  *Page
	back  *canvas.Rectangle
	write *kit.Button
	list  *kit.SideList
	room  *kit.Label // how full the fullest mailbox is, empty where no server says it
	bar   *kit.Progress

	rows      []navRow
	folders   []mail.Folder
	accounts  []Account
	flagged   int
	unread    []int64 // folders that could not be read last time
	collapsed map[int64]bool
	reading   bool
	stale     bool
	key       string // of the place that is shown
	arranging bool   // what the list selects by itself is nobody's choice
}

func newNavColumn(p *Page) *navColumn {
	n := &navColumn{page: p, collapsed: map[int64]bool{}, key: "all/inbox"}
	n.back = canvas.NewRectangle(theme.Color(theme.Background))
	n.write = kit.NewPrimary(i18n.T("mailui.new"), func() { p.Write() })
	n.room, n.bar = kit.NewLabel("", 12, theme.Muted, false), kit.NewProgress(0)
	n.list = kit.NewSideList(kit.SideListConfig{
		OnSelect: func(id string) {
			if r, ok := n.row(id); ok && id != n.key && !n.arranging {
				n.key = id
				p.show(r)
			}
		},
		OnOpen: func(id string) {
			if r, ok := n.row(id); ok {
				n.fold(r, !r.Collapsed)
			}
			p.cols.Front(paneList)
			kit.Focus(p.list.rows)
		},
		OnMenu: func(id string, at fyne.Position) {
			if r, ok := n.row(id); ok {
				p.folderMenu(r, at)
			}
		},
		OnToggle: func(id string, open bool) {
			if r, ok := n.row(id); ok {
				n.fold(r, !open)
			}
		},
		OnKey: n.typed,
	})
	n.room.Hide()
	n.bar.Hide()
	n.ExtendBaseWidget(n)
	return n
}

// CreateRenderer implements fyne.Widget.
func (n *navColumn) CreateRenderer() fyne.WidgetRenderer {
	return &painter{
		owner:   n,
		objects: func() []fyne.CanvasObject { return []fyne.CanvasObject{n.back, n.write, n.list, n.room, n.bar} },
		paint:   func() { kit.Tint(n.back, theme.Background) },
		min:     func() fyne.Size { return fyne.NewSize(theme.Px(150), theme.Px(120)) },
		layout: func(s fyne.Size) {
			px := theme.Px
			place(n.back, 0, 0, s.Width, s.Height)
			place(n.write, px(14), px(12), s.Width-px(28), px(33))
			foot := float32(0)
			if n.bar.Visible() {
				foot = px(44)
				place(n.room, px(14), s.Height-px(38), s.Width-px(28), px(18))
				place(n.bar, px(14), s.Height-px(16), s.Width-px(28), px(5))
			}
			place(n.list, 0, px(54), s.Width, s.Height-px(54)-foot)
		},
	}
}

// read fetches the folders again; what is shown stays until they are there.
func (n *navColumn) read() {
	if n.reading {
		n.stale = true
		return
	}
	n.reading = true
	type result struct {
		folders  []mail.Folder
		accounts []Account
		flagged  int
		tags     []mail.Tag
		byYear   string
		orders   string
		quotas   []mail.Quota
		passed   imapsync.Skipped
	}
	p := n.page
	kit.Load(func() (r result, err error) {
		if r.folders, err = p.cfg.Mail.Folders(p.ctx); err != nil {
			return r, err
		}
		if r.flagged, err = p.cfg.Mail.Count(p.ctx, mail.Query{Flagged: true}); err != nil {
			return r, err
		}
		if r.passed, err = p.cfg.Mail.Skipped(p.ctx, 0); err != nil {
			return r, err
		}
		if r.tags, err = p.cfg.Mail.Tags(p.ctx); err != nil {
			return r, err
		}
		if p.cfg.Settings != nil {
			if r.byYear, err = p.cfg.Settings.Get(p.ctx, app.ArchiveSetting, ""); err != nil {
				return r, err
			}
			if r.orders, err = p.cfg.Settings.Get(p.ctx, orderSetting, ""); err != nil {
				return r, err
			}
		}
		if p.cfg.Quotas != nil {
			if r.quotas, err = p.cfg.Quotas(p.ctx, 0); err != nil {
				return r, err
			}
		}
		r.accounts, err = p.cfg.Accounts(p.ctx)
		return r, err
	}, func(r result, err error) {
		n.reading = false
		if err != nil {
			p.fail(err)
		} else {
			n.folders, n.accounts, n.flagged, n.unread = r.folders, r.accounts, r.flagged, r.passed.Folders
			p.byYear = r.byYear == app.ArchiveByYear
			if !p.ordered { // from then on the page knows best
				p.ordered, p.orders = true, readOrders(r.orders)
			}
			p.retag(r.tags)
			n.showRoom(r.quotas)
			n.arrange()
			p.foldersRead()
		}
		if n.stale {
			n.stale = false
			n.read()
		}
	})
}

// nearlyFull is from which share on a mailbox counts as one that somebody should tidy up.
const nearlyFull = 0.9

// showRoom says how full the mailbox is that has the least room left.
func (n *navColumn) showRoom(all []mail.Quota) {
	q, ok := fullest(all)
	setVisible(n.bar, ok)
	setVisible(n.room, ok)
	if ok {
		token := theme.Muted
		if q.Share() >= nearlyFull {
			token = theme.Warn
		}
		n.room.SetToken(app.QuotaText(q), token)
		n.bar.Set(float32(q.Share()))
	}
	n.Refresh()
}

// arrange makes rows of what was read and keeps the place that is shown selected.
func (n *navColumn) arrange() {
	n.rows = navRows(n.folders, n.accounts, navCounts{flagged: n.flagged}, n.collapsed)
	items := make([]kit.SideItem, len(n.rows))
	for i, r := range n.rows {
		if items[i] = sideItem(r); slices.Contains(n.unread, r.Folder.ID) {
			items[i].Note, items[i].NoteTone = i18n.T("mailui.nav.unread"), kit.ToneBad
		}
	}
	n.arranging = true
	n.list.SetItems(items)
	n.arranging = false
	if n.list.SelectedID() != n.key {
		n.list.Select(n.key)
	}
}

func sideItem(r navRow) kit.SideItem {
	item := kit.SideItem{
		ID: r.Key, Label: r.Title, Heading: r.Header, Icon: r.Icon, Indent: r.Depth, Count: r.Count, Parent: r.Parent, Open: !r.Collapsed,
	}
	if r.Waiting && r.Count > 0 {
		item.Note, item.NoteTone = i18n.T("mailui.nav.waiting", "n", r.Count), kit.ToneWarn
	}
	return item
}

func (n *navColumn) row(key string) (navRow, bool) {
	for _, r := range n.rows {
		if r.Key == key {
			return r, true
		}
	}
	return navRow{}, false
}

// folder finds a folder by its ID.
func (n *navColumn) folder(id int64) (mail.Folder, bool) {
	for _, f := range n.folders {
		if f.ID == id {
			return f, true
		}
	}
	return mail.Folder{}, false
}

func (n *navColumn) fold(r navRow, fold bool) {
	if r.Parent && n.collapsed[r.Folder.ID] != fold {
		n.collapsed[r.Folder.ID] = fold
		n.arrange()
	}
}

// typed handles the keys of the folder column.
func (n *navColumn) typed(ev *fyne.KeyEvent) bool {
	r, ok := n.row(n.list.SelectedID())
	if !ok {
		return false
	}
	switch ev.Name {
	case fyne.KeyRight:
		kit.Focus(n.page.list.rows)
	case fyne.KeyF2:
		n.page.renameFolder(r)
	case fyne.KeyDelete:
		n.page.deleteFolder(r)
	default:
		return false
	}
	return true
}
