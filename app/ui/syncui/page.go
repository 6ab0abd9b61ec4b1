// SPDX-License-Identifier: EUPL-1.2

// Package syncui is the page that shows what travels to the servers: every operation that waits, runs or failed, the
// conflicts that a person decides, what is here without a network, and how each connection does.
package syncui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/live"
	"kontor/app/ui"
	"kontor/app/ui/kit"
	"kontor/storage"
)

// JournalCore is the journal as this page uses it.
type JournalCore interface {
	List(ctx context.Context, limit int) ([]journal.Op, error)
	Cancel(ctx context.Context, id int64) error
	Retry(ctx context.Context, id int64) error
	Hold(ctx context.Context, id int64) error
	Release(ctx context.Context, id int64) error
}

// ConflictCore lists and decides conflicts.
type ConflictCore interface {
	Conflicts(ctx context.Context) ([]app.Conflict, error)
	Resolve(ctx context.Context, id int64, choice app.Choice) error
}

// TravelCore is what is done before a journey without a network.
type TravelCore interface {
	Room(ctx context.Context) (app.Travel, error)
	Travel(ctx context.Context) (app.Travel, error)
	KeepAll(ctx context.Context, on bool) error
}

// Config is what the page needs.
type Config struct {
	Journal   JournalCore
	Conflicts ConflictCore
	Snapshot  func(ctx context.Context) (app.Snapshot, error)
	Accounts  func(ctx context.Context) ([]storage.Account, error)
	SyncNow   func()
	ShowError func(error)
	Toast     func(words, action string, act func())
	Now       func() time.Time
	Compare   func(conflict int64) // shows both versions of a file side by side; nil where that cannot be
	Traffic   Traffic              // what is on its way, nil for nothing
	Travel    TravelCore           // nil where nothing can be prepared
	Choose    func(title, text string, choices ...kit.Choice)
	Mend      func() // leads to where a person enters addresses and passwords
	Connect   func() // ends working offline by choice
}

// Traffic tells what is on its way at this moment.
type Traffic struct {
	Content  fyne.CanvasObject
	Settings func()                             // lets a person bound it
	Watch    func(changed func()) (stop func()) // looks at it again and again
}

// recent is how many operations that are over are shown.
const recent = 200

// Page is the page. All its methods belong to the UI goroutine.
type Page struct {
	cfg     Config
	ctx     context.Context
	list    *kit.RowList[int64, entry]
	all     *kit.Whole[entry]
	header  *kit.TableHeader
	head    *kit.HeadBar
	side    *side
	content *kit.Split
	more    *kit.Button // leads to the right column where there is no room for it
	travel  *kit.Button
	offline bool
	stop    func() // ends looking at what is on its way
}

// New makes the page; it reads nothing before Shown.
func New(ctx context.Context, cfg Config) *Page {
	p := &Page{cfg: cfg, ctx: ctx, stop: func() {}}
	if p.cfg.Now == nil {
		p.cfg.Now = time.Now
	}
	p.all = kit.NewWhole(p.read)
	p.list = kit.NewRowList(kit.RowListConfig[int64, entry]{
		Height: 36, Key: entry.key, NewRow: func() kit.Row[entry] { return newRow(p) }, Label: p.label,
		OnSelect: func(e entry, many int) { p.side.choose(e, many > 0) },
		OnOpen:   p.open, OnMenu: p.menu, OnKey: p.key,
		Zone: zone, OnZone: func(e entry, _ string) { p.act(e) },
		OnCount: func(int) { p.side.follow(p.all.Items()) }, OnError: cfg.ShowError,
	})
	p.list.SetEmpty(kit.NewEmpty("check", i18n.T("syncui.empty.title"), i18n.T("syncui.empty.text"), nil))
	p.header = kit.NewTableHeader(columns, nil)
	p.header.SetTitles(titles()...)
	p.more = kit.NewPlain(i18n.T("syncui.more"), "", func() { p.content.Front(sidePane) })
	p.more.Hide()
	p.travel = kit.NewPlain(i18n.T("syncui.travel"), "", p.prepare)
	kit.SetVisible(p.travel, cfg.Travel != nil)
	p.head = kit.NewHeadBar(i18n.T("syncui.title"), 52, p.more, p.travel, kit.NewPrimary(i18n.T("syncui.sync-now"), cfg.SyncNow))
	p.head.Set(i18n.T("syncui.title"), i18n.T("syncui.subtitle"))
	p.side = newSide(p)
	left := kit.NewDock(p.head, nil, nil, nil, kit.NewDock(p.header, nil, nil, nil, p.list))
	p.content = kit.NewSplit(kit.Pane{Content: left, Min: 640}, kit.Pane{Content: p.side.content.Container, Width: 400, Min: 270, Drop: 760})
	p.content.OnNarrow = p.narrowed
	return p
}

// sidePane is the right column of the page.
const sidePane = 1

// narrowed adapts the page to whether there is room for the right column.
func (p *Page) narrowed(narrow bool) {
	subtitle := "" // there is no room for it beside the buttons
	if !narrow {
		p.content.Front(-1)
		p.more.Hide()
		subtitle = i18n.T("syncui.subtitle")
	} else {
		p.more.Show()
	}
	p.head.Set(i18n.T("syncui.title"), subtitle)
	p.side.narrow = narrow
	p.side.build()
	p.head.Refresh()
}

func (p *Page) now() time.Time { return p.cfg.Now() }

// Content is what the page shows.
func (p *Page) Content() fyne.CanvasObject { return p.content }

// Shown reads everything and takes the keyboard.
func (p *Page) Shown() {
	p.list.SetSource(p.all)
	p.side.read()
	p.stop()
	if p.cfg.Traffic.Watch != nil {
		p.stop = p.cfg.Traffic.Watch(p.side.travelling)
	}
	kit.Focus(p.list)
}

// Hidden tells that another page is shown.
func (p *Page) Hidden() {
	p.stop()
	p.stop = func() {}
}

// Refresh reads again what may be stale.
func (p *Page) Refresh(topics live.Topics) {
	if topics.Has(live.Journal | live.Status | live.Settings | live.Accounts) {
		p.list.Reload()
		p.side.read()
	}
}

// Panes are what F6 goes through: the list, and the buttons of the right column.
func (p *Page) Panes() []fyne.Focusable {
	panes := []fyne.Focusable{p.list}
	if b := p.side.entrance(); b != nil {
		panes = append(panes, b)
	}
	return panes
}

// Actions are what can be done on the page.
func (p *Page) Actions() []ui.Action {
	if p.cfg.Travel == nil {
		return nil
	}
	return []ui.Action{{Title: i18n.T("syncui.travel"), Icon: "pin", Do: p.prepare}}
}

// read gives operations and conflicts in one go, so that their order fits together.
func (p *Page) read(ctx context.Context) ([]entry, error) {
	ops, err := p.cfg.Journal.List(ctx, recent)
	if err != nil {
		return nil, err
	}
	conflicts, err := p.cfg.Conflicts.Conflicts(ctx)
	return sortEntries(ops, conflicts), err
}

// open leads to the right column, where an entry is explained and can be acted upon: what is opened must not be taken back.
func (p *Page) open(e entry) {
	p.list.SelectKey(e.key())
	p.side.choose(e, true)
	p.content.Front(sidePane)
	p.side.focusChoice()
}

// act does the most likely thing about an entry.
func (p *Page) act(e entry) {
	if verbs := e.verbs(); len(verbs) > 0 {
		p.do(e, verbs[0])
	}
}

func (p *Page) do(e entry, v verb) {
	j := p.cfg.Journal
	var call func(context.Context, int64) error
	switch v {
	case cancelIt:
		call = j.Cancel
	case retryIt, sendIt:
		call = j.Retry
	case holdIt:
		call = j.Hold
	case releaseIt:
		call = j.Release
	case decideIt:
		p.open(e)
		return
	}
	kit.Act(func() error { return call(p.ctx, e.op.ID) }, func(err error) {
		if err != nil {
			p.cfg.ShowError(err)
			return
		}
		words, _ := e.words()
		p.cfg.Toast(i18n.T("syncui.did."+string(v), "what", words), "", nil)
		p.list.Reload()
	})
}

// resolve decides a conflict; did says it in words.
func (p *Page) resolve(c app.Conflict, choice app.Choice, did string) {
	kit.Act(func() error { return p.cfg.Conflicts.Resolve(p.ctx, c.ID, choice) }, func(err error) {
		if err != nil {
			p.cfg.ShowError(err)
			return
		}
		p.cfg.Toast(i18n.T(did, "what", c.Title), "", nil)
		p.list.Reload()
		p.side.read()
	})
}

func (p *Page) menu(e entry, at fyne.Position) {
	var items []kit.MenuItem
	for _, v := range e.verbs() {
		items = append(items, kit.MenuItem{Label: i18n.T("syncui.verb." + string(v)), Icon: verbIcons[v], Act: func() { p.do(e, v) }})
	}
	kit.PopUp(p.list, at, items...)
}

var verbIcons = map[verb]string{cancelIt: "undo", retryIt: "repeat", sendIt: "send", holdIt: "pause", releaseIt: "play", decideIt: "warning"}

// key binds Delete to taking an operation back.
func (p *Page) key(ev *fyne.KeyEvent) bool {
	e, ok := p.list.Current()
	if !ok || ev.Name != fyne.KeyDelete {
		return false
	}
	for _, v := range e.verbs() {
		if v == cancelIt {
			p.do(e, v)
			return true
		}
	}
	return false
}
