// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app/live"
	"kontor/app/mail"
	"kontor/app/ui/kit"
)

// Page is the mail page. All its methods belong to the UI goroutine.
type Page struct {
	cfg    Config
	ctx    context.Context
	cancel context.CancelFunc

	nav    *navColumn
	list   *listColumn
	reader *reader
	cols   *columns

	own      map[string]bool // the person's own addresses, in lower case
	tags     tagBook
	orders   orders
	ordered  bool // orders were read
	byYear   bool // archived messages get a folder each year
	started  bool
	look     *time.Timer // until the opened message counts as read
	composes map[*compose]struct{}
}

// New makes the page. It reads nothing before Show.
func New(cfg Config) *Page {
	cfg.fill()
	p := &Page{cfg: cfg, own: map[string]bool{}, orders: orders{}, composes: map[*compose]struct{}{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.list = newListColumn(p)
	p.reader = newReader(p)
	p.nav = newNavColumn(p)
	p.cols = newColumns(p.nav, p.list, p.reader, p.fitted)
	p.cols.restore(cfg.Left)
	p.cols.moved = p.left
	return p
}

// left tells how the page is arranged now.
func (p *Page) left() { p.cfg.Leave(Left{Nav: p.cols.nav, List: p.cols.list, Flat: !p.list.threads}) }

// Content is what the page shows.
func (p *Page) Content() fyne.CanvasObject { return p.cols }

// Shown implements ui.Page: it reads what it shows and takes the keyboard.
func (p *Page) Shown() {
	if !p.started {
		p.started = true
		p.nav.read()
	}
	kit.Focus(p.list.rows)
}

// Hidden implements ui.Page.
func (p *Page) Hidden() { p.stopLook() }

// Close ends all reading, and saves nothing any more of what is still being written: CloseAll does that.
func (p *Page) Close() {
	p.cancel()
	p.stopLook()
	for c := range p.composes {
		c.stop()
	}
}

// Refresh implements ui.Page. Everything on screen stays until the new state is there.
func (p *Page) Refresh(topics live.Topics) {
	if !p.started || p.ctx.Err() != nil {
		return
	}
	for c := range p.composes {
		c.online()
	}
	if topics.Has(live.Mail | live.Folders | live.Accounts) {
		p.nav.read()
	}
	if topics.Has(live.Mail | live.Journal) {
		p.list.rows.Reload()
		p.reader.refreshState()
	}
}

// Panes implements ui.Page.
func (p *Page) Panes() []fyne.Focusable {
	return []fyne.Focusable{p.nav.list, p.list.rows, p.reader.sheet.body}
}

// NextPane moves the keyboard to the next column and brings it to view where not all of them fit; false where there is
// none in that direction, or the keyboard is not in any.
func (p *Page) NextPane(step int) bool {
	app := fyne.CurrentApp()
	if app == nil {
		return false
	}
	c := app.Driver().CanvasForObject(p.cols)
	if c == nil {
		return false
	}
	for i, t := range p.Panes() {
		if c.Focused() != t {
			continue
		}
		next := i + step
		if next < 0 || next > int(paneReader) || pane(next) == paneReader && p.reader.id == 0 {
			return false
		}
		p.cols.Front(pane(next))
		kit.Focus(p.Panes()[next])
		return true
	}
	return false
}

// fitted adapts the columns to how many of them are in view.
func (p *Page) fitted(w columnWidths) {
	if p.list == nil || p.reader == nil {
		return
	}
	setVisible(p.list.menu, w.nav == 0)
	setVisible(p.reader.goBack, w.list == 0)
	p.list.Refresh()
	p.reader.Refresh()
}

// foldersRead is called when the folders are known anew.
func (p *Page) foldersRead() {
	clear(p.own)
	for _, a := range p.nav.accounts {
		p.own[strings.ToLower(a.From.Addr)] = true
	}
	place, ok := p.nav.row(p.nav.key)
	switch {
	case !ok:
		p.nav.key = "all/inbox"
		p.nav.arrange()
		if place, ok = p.nav.row(p.nav.key); ok {
			p.show(place)
		}
	case p.list.place.Key != place.Key:
		p.show(place)
	default:
		p.list.place = place
		p.list.retitle()
	}
}

// show shows the messages of a place.
func (p *Page) show(r navRow) {
	p.stopLook()
	p.reader.clear()
	p.list.open(r)
	p.cols.Front(paneList)
}

// chosen is called when the selection of the list has changed.
func (p *Page) chosen(i listItem, many int) {
	p.stopLook()
	switch {
	case many == 0:
		p.reader.clear()
	case many > 1:
		p.reader.many(many)
	default:
		p.openMessage(i.ID)
	}
}

// openMessage shows a message in the reader, and counts it as read after a short look.
func (p *Page) openMessage(id int64) {
	p.stopLook()
	p.reader.load(id, func() {
		if !p.reader.shown.msg.Flags.Has(mail.Seen) {
			p.startLook(id)
		}
	})
}

// openItem is Enter or a double click on a row: drafts open in the editor, all else in the reader.
func (p *Page) openItem(i listItem) {
	if p.roleOf(i.FolderID) == mail.RoleDrafts {
		p.editDraft(i.ID)
		return
	}
	p.cols.Front(paneReader)
	if p.reader.id != i.ID {
		p.openMessage(i.ID)
	}
	kit.Focus(p.reader.sheet.body)
}

func (p *Page) roleOf(folderID int64) mail.Role {
	f, _ := p.nav.folder(folderID)
	return f.Role
}

func (p *Page) startLook(id int64) {
	p.stopLook()
	p.look = time.AfterFunc(p.cfg.LookTime, func() { kit.Do(func() { p.looked(id) }) })
}

// looked counts a message as read unless the person has moved on.
func (p *Page) looked(id int64) {
	if p.reader.id != id || p.look == nil {
		return
	}
	p.look = nil
	p.quietly(func(ctx context.Context) error { return p.cfg.Mail.Looked(ctx, id) })
}

func (p *Page) stopLook() {
	if p.look != nil {
		p.look.Stop()
		p.look = nil
	}
}

// Open implements ui.Opener: it shows a message wherever it lies, for example a search result.
func (p *Page) Open(id int64) {
	kit.Load(func() (mail.Message, error) { return p.cfg.Mail.Open(p.ctx, id) }, func(m mail.Message, err error) {
		if err != nil {
			p.fail(err)
			return
		}
		for _, r := range p.nav.rows {
			if r.Folder.ID == m.FolderID && r.Folder.ID != 0 && p.list.place.Query.FolderID != m.FolderID {
				p.nav.key = r.Key
				p.nav.list.Select(r.Key)
				p.show(r)
			}
		}
		p.list.rows.SelectKey(id)
		p.openMessage(id)
		p.cols.Front(paneReader)
	})
}

// fail tells of an error unless the page was closed.
func (p *Page) fail(err error) {
	if err != nil && p.ctx.Err() == nil {
		p.cfg.ShowError(err)
	}
}

// quietly changes something away from the UI goroutine and tells only of errors.
func (p *Page) quietly(do func(context.Context) error) { p.perform(do, nil) }

// perform changes something away from the UI goroutine; done runs only after success.
func (p *Page) perform(do func(context.Context) error, done func()) {
	kit.Load(func() (struct{}, error) { return struct{}{}, do(p.ctx) }, func(_ struct{}, err error) {
		if err != nil {
			p.fail(err)
			return
		}
		if done != nil {
			done()
		}
	})
}
