// SPDX-License-Identifier: EUPL-1.2

package accountui

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/accounts"
	"kontor/app/i18n"
	"kontor/app/live"
	"kontor/app/remind"
	"kontor/app/ui"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
	"kontor/storage"
)

// Page is the page of settings. All its methods belong to the UI goroutine.
type Page struct {
	cfg      Config
	ctx      context.Context
	nav      *kit.SideList
	box      *fyne.Container
	scroller *kit.Scroller
	content  fyne.CanvasObject
	section  string
	form     []fyne.CanvasObject        // that is open: neither news nor a look at another section throw it away
	results  map[int64][]accounts.Check // of tests, by account
	typed    []*kit.Entry               // fields of the section that keep what is typed while something is synchronised
	stops    []fyne.Focusable           // what can be reached with Tab in the section
	state    state
}

// state is what the page read.
type state struct {
	accounts []storage.Account
	snap     app.Snapshot
	undo     string
	quiet    remind.Quiet
	held     int // reminders that are not shown for now
}

// The sections.
const (
	secAccounts = "accounts"
	secLook     = "look"
	secSync     = "sync"
	secRemind   = "remind"
	secAbout    = "about"
)

// New makes the page; it reads nothing before Shown.
func New(ctx context.Context, cfg Config) *Page {
	p := &Page{cfg: cfg, ctx: ctx, section: secAccounts, results: map[int64][]accounts.Check{}}
	p.nav = kit.NewSideList(kit.SideListConfig{OnSelect: p.choose})
	items := []kit.SideItem{
		{ID: "head", Label: i18n.T("accountui.settings"), Heading: true},
		{ID: secAccounts, Label: i18n.T("accountui.section.accounts"), Icon: "person"},
		{ID: secLook, Label: i18n.T("accountui.section.look"), Icon: "eye"},
		{ID: secSync, Label: i18n.T("accountui.section.sync"), Icon: "sync"},
		{ID: secRemind, Label: i18n.T("remind.section"), Icon: "bell"},
		{ID: secAbout, Label: i18n.T("accountui.section.about"), Icon: "info"},
	}
	if cfg.Quiet == nil {
		items = slices.DeleteFunc(items, func(i kit.SideItem) bool { return i.ID == secRemind })
	}
	p.nav.SetItems(items)
	p.nav.Select(secAccounts)
	p.box = kit.NewColumn(14)
	p.scroller = kit.NewScroller(kit.NewPanel(theme.Surface, limited(p.box, 640)).Padded(22, 28, 28, 28))
	side := kit.NewPanel(theme.Background, p.nav).Padded(10, 0, 0, 0)
	p.content = kit.NewSplit(kit.Pane{Content: side, Width: 235, Min: 176}, kit.Pane{Content: kit.NewPanel(theme.Surface, p.scroller.Container), Min: 320})
	return p
}

// Content is what the page shows.
func (p *Page) Content() fyne.CanvasObject { return p.content }

// Shown reads everything and takes the keyboard.
func (p *Page) Shown() {
	p.read()
	kit.Focus(p.nav)
}

// Hidden tells that another page is shown.
func (p *Page) Hidden() {}

// Refresh reads again what may be stale.
func (p *Page) Refresh(topics live.Topics) {
	if topics.Has(live.Accounts | live.Settings | live.Status) {
		p.read()
	}
}

// Panes are what F6 goes through.
func (p *Page) Panes() []fyne.Focusable { return []fyne.Focusable{p.nav} }

// Actions are what can be done on the page.
func (p *Page) Actions() []ui.Action { return nil }

// Section is the part of the settings that is shown.
func (p *Page) Section() string { return p.section }

// ShowSection shows a part of the settings.
func (p *Page) ShowSection(id string) {
	p.nav.Select(id)
	p.choose(id)
}

func (p *Page) choose(id string) {
	p.section = id
	p.build()
	p.scroller.ScrollTop()
}

func (p *Page) read() {
	kit.Load(func() (st state, err error) {
		if st.accounts, err = p.cfg.Accounts.List(p.ctx); err != nil {
			return st, err
		}
		if st.snap, err = p.cfg.Snapshot(p.ctx); err != nil {
			return st, err
		}
		if p.cfg.Quiet != nil {
			if st.quiet, err = p.cfg.Quiet.Quiet(p.ctx); err != nil {
				return st, err
			}
			st.held = p.cfg.Quiet.Held()
		}
		st.undo, err = p.cfg.Settings.Get(p.ctx, app.UndoSetting, strconv.Itoa(int(app.DefaultUndo.Seconds())))
		return st, err
	}, func(st state, err error) {
		if err != nil {
			p.cfg.ShowError(err)
			return
		}
		changed := fmt.Sprint(p.state) != fmt.Sprint(st)
		p.state = st
		open := p.section == secAccounts && p.form != nil || p.typing()
		if !open && (changed || len(p.box.Objects) == 0) {
			p.build()
		}
	})
}

func (p *Page) build() {
	var all []fyne.CanvasObject
	restore := p.keepFocus()
	p.stops, p.typed = nil, nil
	switch p.section {
	case secAccounts:
		if all = p.form; all == nil {
			all = p.accounts()
		}
	case secLook:
		all = p.look()
	case secSync:
		all = p.sync()
	case secRemind:
		all = p.reminders()
	case secAbout:
		all = p.about()
	}
	p.show(all...)
	restore()
}

// stop notes something that can be reached with Tab.
func stop[T fyne.Focusable](p *Page, o T) T {
	p.stops = append(p.stops, o)
	return o
}

// keepFocus notes which control has the keyboard, and gives it to the one that takes its place: a section is made anew
// when something in it changes, often by that very control.
func (p *Page) keepFocus() func() {
	c := fyne.CurrentApp().Driver().CanvasForObject(p.box)
	if c == nil || c.Focused() == nil {
		return func() {}
	}
	i := slices.Index(p.stops, c.Focused())
	if i < 0 {
		return func() {}
	}
	return func() {
		if len(p.stops) > 0 {
			kit.Focus(p.stops[min(i, len(p.stops)-1)])
		}
	}
}

func (p *Page) show(all ...fyne.CanvasObject) {
	p.box.Objects = all
	p.box.Refresh()
	p.scroller.Reflow()
}

func title(key string) fyne.CanvasObject { return kit.NewLabel(i18n.T(key), 20, theme.Text, true) }

func text(key string) fyne.CanvasObject {
	return kit.NewParagraph(i18n.T(key), 13, theme.Muted)
}

// accounts lists the accounts with how their servers do.
func (p *Page) accounts() []fyne.CanvasObject {
	all := []fyne.CanvasObject{title("accountui.section.accounts")}
	for _, a := range p.state.accounts {
		all = append(all, p.card(a))
	}
	if len(p.state.accounts) == 0 {
		all = append(all, text("accountui.none"))
	}
	return append(all, kit.NewRowOf(8, stop(p, kit.NewPrimary(i18n.T("accountui.add"), func() { p.edit(0, accounts.Draft{}) }))))
}

func (p *Page) card(a storage.Account) fyne.CanvasObject {
	results := kit.NewColumn(6, checkList(p.results[a.ID])...)
	var test *kit.Button
	test = kit.NewPlain(i18n.T("accountui.test"), "shield-check", func() {
		test.Disable()
		kit.Load(func() ([]accounts.Check, error) { return p.cfg.Accounts.Test(p.ctx, a.ID) }, func(checks []accounts.Check, err error) {
			test.Enable()
			if err != nil {
				p.cfg.ShowError(err)
				return
			}
			p.results[a.ID] = checks
			if p.section == secAccounts && p.form == nil {
				p.build()
			}
		})
	})
	name := a.DisplayName
	if name == "" {
		name = a.Name
	}
	return kit.NewCard(kit.NewColumn(8,
		kit.NewLabel(name, 15, theme.Text, true), kit.Caption(a.Email), kit.NewRowOf(6, p.services(a)...), results,
		kit.NewRowOf(8, stop(p, test),
			stop(p, kit.NewPlain(i18n.T("accountui.change"), "pen", func() { p.edit(a.ID, accounts.OfAccount(a)) })),
			stop(p, kit.NewPlain(i18n.T("accountui.remove"), "trash", func() { p.remove(a) })))))
}

// services shows each server of an account as a badge: what works, and what does not.
func (p *Page) services(a storage.Account) []fyne.CanvasObject {
	var badges []fyne.CanvasObject
	for _, s := range []struct{ protocol, url string }{{"mail", a.IMAPURL}, {"send", a.SMTPURL}, {"files", a.FilesURL}, {"tasks", a.TasksURL}} {
		words := i18n.T("accountui.protocol." + s.protocol)
		if s.url == "" {
			badges = append(badges, kit.NewBadge(i18n.T("accountui.not-set-up", "what", words), "", kit.ToneMuted))
			continue
		}
		icon, tone := "clock", kit.ToneMuted
		for _, c := range p.state.snap.Connections {
			if c.AccountID == a.ID && c.Protocol == s.protocol {
				icon, tone = "check", kit.ToneGood
				if c.Cause != "" {
					icon, tone = "warning", kit.ToneWarn
				}
			}
		}
		badges = append(badges, kit.NewBadge(words, icon, tone))
	}
	return badges
}

// edit shows the form of an account, 0 for a new one.
func (p *Page) edit(id int64, d accounts.Draft) {
	heading := "accountui.add"
	if id != 0 {
		heading = "accountui.change-title"
	}
	f := newForm(p.ctx, p.cfg, id, d, func() {
		p.close()
		delete(p.results, id)
		p.cfg.Toast(i18n.T("accountui.stored"), "", nil)
		if id == 0 && p.cfg.Added != nil {
			p.cfg.Added()
		}
		p.read()
	})
	f.reflow = p.scroller.Reflow
	back := kit.NewPlain(i18n.T("accountui.back"), "chevron-left", func() {
		f.abandon()
		p.close()
	})
	p.form = []fyne.CanvasObject{kit.NewRowOf(0, back), title(heading), limited(f.content, 480)}
	p.build()
	kit.Focus(f.email)
}

// close ends the open form and shows the accounts.
func (p *Page) close() {
	p.form = nil
	p.build()
	kit.Focus(p.nav)
}

func (p *Page) remove(a storage.Account) {
	p.cfg.Confirm(i18n.T("accountui.remove-title", "name", a.Name), i18n.T("accountui.remove-text"), i18n.T("accountui.remove"), func() {
		kit.Load(func() (app.Removed, error) { return p.cfg.Accounts.Remove(p.ctx, a.ID) }, func(r app.Removed, err error) {
			if err != nil {
				p.cfg.ShowError(err)
				return
			}
			p.cfg.Toast(r.Text(), "", nil)
			p.read()
		})
	})
}
