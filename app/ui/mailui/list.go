// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// listColumn is the middle column: what is shown, how much of it is unread, and the messages.
type listColumn struct {
	widget.BaseWidget
	page   *Page
	back   *canvas.Rectangle
	title  *kit.Text
	unread *kit.Badge
	line   *canvas.Rectangle
	menu   *kit.Button // opens the folders where there is no room for them
	head   *kit.Button // says how the list is sorted, and opens its menu
	filter *filterBar
	rows   *kit.RowList[int64, listItem]
	empty  *kit.Empty

	place   navRow
	threads bool
}

func newListColumn(p *Page) *listColumn {
	l := &listColumn{page: p, threads: !p.cfg.Left.Flat}
	l.back = canvas.NewRectangle(theme.Color(theme.Surface))
	l.title = kit.NewBold("", 16, theme.Text)
	l.line = canvas.NewRectangle(theme.Color(theme.Line))
	l.unread = kit.NewBadge("", "", kit.ToneMuted)
	l.menu = kit.NewIconButton("list", i18n.T("mailui.list.folders"), func() { p.cols.Front(paneNav) })
	l.menu.Hide()
	l.head = kit.NewLink(orderWords(mail.Order{}), func() { p.listMenu() })
	l.head.SetTone(theme.Muted)
	l.filter = newFilterBar(func() { l.show() }, l.unfiltered, l.enter)
	l.filter.Hide()
	l.empty = kit.NewEmpty("inbox", "", "", nil)
	l.rows = kit.NewRowList(kit.RowListConfig[int64, listItem]{
		Key: func(i listItem) int64 { return i.ID }, Height: rowHeight, Multi: true,
		NewRow: func() kit.Row[listItem] {
			return newMessageRow(func(i listItem) rowView {
				return l.view(i, outward(l.place.Query, l.place.Folder))
			})
		},
		Label:    func(i listItem) string { return l.view(i, false).Spoken() },
		OnSelect: func(i listItem, many int) { p.chosen(i, many) },
		OnOpen:   func(i listItem) { p.openItem(i) },
		OnMenu:   func(_ listItem, at fyne.Position) { p.messageMenu(at) },
		OnKey:    p.listKey,
		OnRune:   func(rune) bool { return true },
		OnCount:  func(int) { l.emptyText() },
		OnError:  p.fail,
	})
	l.rows.SetEmpty(l.empty)
	l.ExtendBaseWidget(l)
	return l
}

// view is a message as its row shows it.
func (l *listColumn) view(i listItem, outward bool) rowView {
	v := rowOf(i.Summary, i.Mark, outward, l.page.cfg.Now())
	v.Tags = l.page.tags.of(i.Keywords)
	return v
}

// CreateRenderer implements fyne.Widget.
func (l *listColumn) CreateRenderer() fyne.WidgetRenderer {
	return &painter{
		owner: l,
		objects: func() []fyne.CanvasObject {
			return []fyne.CanvasObject{l.back, l.title.Text, l.unread, l.menu, l.head, l.line, l.filter, l.rows}
		},
		min: func() fyne.Size { return fyne.NewSize(theme.Px(200), theme.Px(160)) },
		paint: func() {
			kit.Tint(l.back, theme.Surface)
			kit.Tint(l.line, theme.Line)
			l.title.Retheme()
		},
		layout: l.layout,
	}
}

func (l *listColumn) layout(s fyne.Size) {
	px := theme.Px
	head := px(42)
	place(l.back, 0, 0, s.Width, s.Height)
	x := px(15)
	if l.menu.Visible() {
		place(l.menu, px(8), (head-px(30))/2, px(30), px(30))
		x = px(46)
	}
	order := l.head.MinSize()
	place(l.head, s.Width-order.Width-px(10), (head-order.Height)/2, order.Width, order.Height)
	badge := l.unread.MinSize().Width
	room := s.Width - order.Width - px(20) - x
	title := min(l.title.Width()+1, room-badge-px(8))
	if title < min(px(60), l.title.Width()) { // the name matters more than the number
		title, badge = min(l.title.Width()+1, room), 0
	}
	l.title.Place(x, head/2, title)
	setVisible(l.unread, badge > 0)
	place(l.unread, x+title+px(8), head/2-px(10), badge, px(20))
	place(l.line, 0, head-1, s.Width, 1)
	top := head
	if l.filter.Visible() {
		h := l.filter.MinSize().Height
		place(l.filter, 0, top, s.Width, h)
		top += h
	}
	place(l.rows, 0, top, s.Width, s.Height-top)
}

// query is what the list shows, with filters.
func (l *listColumn) query() mail.Query {
	q := l.place.Query
	q.Threads = l.threads && !outward(l.place.Query, l.place.Folder)
	l.filter.apply(&q)
	q.Order = l.order()
	return q
}

// open shows another place from its top.
func (l *listColumn) open(r navRow) {
	l.place = r
	l.filter.reset()
	l.filter.Hide()
	l.show()
}

// show reads the list from its top.
func (l *listColumn) show() {
	l.retitle()
	l.rows.SetSource(&listRows{core: l.page.cfg.Mail, q: l.query()})
	l.Refresh()
}

// unfiltered gives the keyboard back to the list, with the message that is being read chosen in it.
func (l *listColumn) unfiltered() {
	if id := l.page.reader.id; id != 0 {
		l.rows.SelectKey(id)
	}
	kit.Focus(l.rows)
}

// enter leads the keyboard into the list, to its first row if none is chosen.
func (l *listColumn) enter() {
	if l.rows.CursorRow() < 0 && l.rows.Count() > 0 {
		l.rows.SelectRow(0)
	}
	kit.Focus(l.rows)
}

// readItems reads a window of the list and the states of its messages.
func readItems(ctx context.Context, core ListCore, read func() ([]mail.Summary, error)) ([]listItem, error) {
	rows, err := read()
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := make([]int64, len(rows))
	for i, s := range rows {
		ids[i] = s.ID
	}
	marks, err := core.Marks(ctx, ids)
	if err != nil {
		return nil, err
	}
	items := make([]listItem, len(rows))
	for i, s := range rows {
		items[i] = listItem{Summary: s, Mark: marks[s.ID]}
	}
	return items, nil
}

// retitle brings name and number of unread messages up to date.
func (l *listColumn) retitle() {
	l.title.Set(l.place.Title, theme.Text)
	words := ""
	if l.place.Count > 0 {
		switch {
		case l.place.Waiting:
			words = i18n.T("mailui.nav.waiting", "n", l.place.Count)
		case !outward(l.place.Query, l.place.Folder) && l.place.Key != "all/flagged":
			words = i18n.T("mailui.list.unread", "n", l.place.Count)
		}
	}
	l.unread.Set(words, "", kit.ToneMuted)
	label := orderWords(l.order())
	if l.filter.active() {
		label = i18n.T("mailui.list.filtered")
	}
	l.head.SetText(label)
	l.Refresh()
}

// emptyText says why there is nothing to see.
func (l *listColumn) emptyText() {
	icon, key, more := "folder", "mailui.empty.folder", ""
	switch {
	case l.filter.active():
		icon, key, more = "filter", "mailui.empty.filter", "mailui.empty.filter-text"
	case l.place.Query.Role == mail.RoleOutbox:
		icon, key, more = "send", "mailui.empty.outbox", "mailui.empty.outbox-text"
	case l.place.Query.Role == mail.RoleInbox || l.place.Folder.Role == mail.RoleInbox:
		icon, key, more = "inbox", "mailui.empty.inbox", "mailui.empty.inbox-text"
	}
	text := ""
	if more != "" {
		text = i18n.T(more)
	}
	l.empty.Set(icon, i18n.T(key), text)
}
