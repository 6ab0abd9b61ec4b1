// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/live"
	"kontor/app/ui"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

const (
	rowHeight   = 36
	recentLimit = 100
)

// Page is the page of files.
type Page struct {
	cfg     Config
	side    *kit.SideList
	crumbs  *fyne.Container
	trail   *container.Scroll // of the crumbs: the end of a long path is in view
	header  *kit.TableHeader
	rows    *kit.RowList[int64, files.Entry]
	shown   *kit.Whole[files.Entry] // what the table shows
	empty   *kit.Empty
	detail  *detail
	bar     *kit.Progress
	space   *kit.Label // of the server
	offline *kit.Label // what lies here
	upload  *kit.Button
	folder  *kit.Button
	content *kit.Trio

	branches   []branch
	open       map[string]bool // folders whose children are shown at the left
	at         place
	column     string
	descending bool
	turn       int
	waiting    map[int64]bool // files to be opened once they are here
}

// New makes the page; it reads nothing until it is shown.
func New(cfg Config) *Page {
	cfg.fill()
	p := &Page{cfg: cfg, open: map[string]bool{}, column: columnIDs[colName], waiting: map[int64]bool{}, crumbs: container.NewHBox()}
	p.side = kit.NewSideList(kit.SideListConfig{OnSelect: p.choose, OnToggle: p.toggle, OnOpen: p.choose})
	cols := columns()
	p.header = kit.NewTableHeader(cols, p.sort)
	p.header.SetSorted(p.column, false)
	p.empty = kit.NewEmpty("folder", i18n.T("filesui.empty.title"), i18n.T("filesui.empty.text"), nil)
	p.rows = kit.NewRowList(kit.RowListConfig[int64, files.Entry]{
		Key: func(e files.Entry) int64 { return e.ID }, Height: rowHeight, Multi: true,
		NewRow: func() kit.Row[files.Entry] {
			return &entryRow{
				icon: kit.NewIcon("file", theme.Muted), name: kit.NewText("", 14, theme.Text), size: kit.NewText("", 13, theme.Muted),
				changed: kit.NewText("", 13, theme.Muted), state: kit.NewMark(), columns: cols, now: cfg.Now,
				wholePath: func() bool { return p.at.view != "" },
			}
		},
		Label:    func(e files.Entry) string { return spoken(e, cfg.Now()) },
		OnSelect: func(e files.Entry, many int) { p.detail.show(e, many) },
		OnOpen:   func(e files.Entry) { p.openEntry(e) },
		OnMenu:   func(_ files.Entry, at fyne.Position) { p.menu(at) },
		OnKey:    p.key, OnError: cfg.ShowError,
	})
	p.rows.SetEmpty(p.empty)
	p.detail = newDetail(p)
	p.bar, p.space, p.offline = kit.NewProgress(0), kit.NewLabel("", 12, theme.Muted, false), kit.NewLabel("", 12, theme.Muted, false)
	p.upload = kit.NewPlain(i18n.T("filesui.upload"), "", p.pickUpload)
	p.folder = kit.NewPlain(i18n.T("filesui.mkdir"), "", p.newFolder)
	p.layout()
	return p
}

func (p *Page) layout() {
	foot := kit.NewPanel(theme.Background, container.NewVBox(
		kit.Section(strings.ToUpper(i18n.T("filesui.space"))), p.bar, p.space, p.offline)).Padded(8, 20, 16, 20)
	left := kit.NewPanel(theme.Background, container.NewBorder(kit.Space(1, 8), foot, nil, nil, p.side))
	places := container.NewHBox()
	p.trail = container.NewHScroll(p.crumbs)
	head := kit.NewPanel(theme.Surface, container.NewBorder(nil, nil, places, container.NewHBox(p.upload, p.folder), p.trail)).Padded(8, 14, 8, 10)
	middle := kit.NewPanel(theme.Surface, kit.NewDock(kit.NewColumn(0, head, kit.HLine(), p.header), nil, nil, nil, p.rows))
	p.content = kit.NewTrio(
		kit.Pane{Content: left, Width: 220, Min: 150, Drop: 620},
		kit.Pane{Content: middle, Min: 300},
		kit.Pane{Content: p.detail.content, Width: 330, Min: 240, Drop: 1000},
		func() { kit.Focus(p.rows) },
	)
	places.Add(p.content.Places)
}

// Content implements ui.Page.
func (p *Page) Content() fyne.CanvasObject { return p.content.Split }

// Shown implements ui.Page.
func (p *Page) Shown() {
	p.reload()
	kit.Focus(p.rows)
}

// Hidden implements ui.Page.
func (p *Page) Hidden() {}

// Refresh implements ui.Page.
func (p *Page) Refresh(topics live.Topics) {
	if topics.Has(live.Files | live.Journal | live.Accounts) {
		p.reload()
	}
}

// Panes implements ui.Page.
func (p *Page) Panes() []fyne.Focusable { return []fyne.Focusable{p.side, p.rows} }

// Open shows one entry: a search result.
func (p *Page) Open(id int64) {
	kit.Load(func() (files.Entry, error) { return p.cfg.Files.Entry(context.Background(), id) }, func(e files.Entry, err error) {
		if err != nil {
			p.cfg.ShowError(err)
			return
		}
		p.goTo(place{account: e.AccountID, path: parentOf(e.Path)})
		p.rows.SelectKey(id)
		p.detail.show(e, 1)
		p.content.ShowDetails()
	})
}

func parentOf(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i]
	}
	return ""
}

// Actions implements ui.Page.
func (p *Page) Actions() []ui.Action {
	return []ui.Action{
		{Title: i18n.T("filesui.upload"), Icon: "upload", Key: fyne.KeyU, Mod: ui.CtrlShift, Do: p.pickUpload},
		{Title: i18n.T("filesui.mkdir"), Icon: "folder", Key: fyne.KeyN, Mod: ui.Ctrl, Do: p.newFolder},
		{Title: i18n.T("filesui.details"), Icon: "info", Key: fyne.KeyI, Mod: ui.Ctrl, Do: p.showDetails},
		{Title: i18n.T("filesui.menu.pin"), Icon: "pin", Key: fyne.KeyP, Mod: ui.Ctrl, Do: func() { p.pin(p.selected()) }},
		{Title: i18n.T("filesui.menu.remove"), Icon: "trash", Key: fyne.KeyD, Mod: ui.Ctrl, Do: func() { p.remove(p.selected()) }},
	}
}

// reading is what one look at the store gives.
type reading struct {
	branches []branch
	space    files.Space
}

func (p *Page) reload() {
	p.turn++
	turn := p.turn
	kit.Load(func() (reading, error) { return p.read(context.Background()) }, func(r reading, err error) {
		if turn != p.turn {
			return
		}
		if err != nil {
			p.cfg.ShowError(err)
			return
		}
		p.branches = r.branches
		if at := p.standing(); at != p.at {
			p.goTo(at)
		} else {
			p.rows.Reload()
		}
		p.fillEmpty()
		p.fillSide()
		p.fillSpace(r.space)
		p.openWaiting()
		p.detail.reload()
	})
}

// standing is where the page can be: where it is, or in the nearest folder above that is still there.
func (p *Page) standing() place {
	if p.at.view != "" || len(p.branches) == 0 {
		return p.at
	}
	i := slices.IndexFunc(p.branches, func(b branch) bool { return b.ID == p.at.account })
	if i < 0 {
		return place{account: p.branches[0].ID}
	}
	at := p.at
	for at.path != "" && !slices.ContainsFunc(p.branches[i].folders, func(f files.Entry) bool { return f.Path == at.path }) {
		at.path = parentOf(at.path)
	}
	return at
}

// fillEmpty says why nothing is shown, and lets things be added only where there is a place for them.
func (p *Page) fillEmpty() {
	words := "filesui.empty"
	switch {
	case len(p.branches) == 0:
		words = "filesui.no-account"
	case p.at.view != "":
		words = "filesui.empty-view"
	}
	p.empty.Set("folder", i18n.T(words+".title"), i18n.T(words+".text"))
	writable := p.at.view == "" && p.at.account != 0
	p.upload.SetEnabled(writable)
	p.folder.SetEnabled(writable)
}

func (p *Page) read(ctx context.Context) (r reading, err error) {
	all, err := p.cfg.Accounts(ctx)
	if err != nil {
		return r, err
	}
	r.space.Free = -1
	for _, a := range all {
		folders, err := p.cfg.Files.Folders(ctx, a.ID)
		if err != nil {
			return r, err
		}
		r.branches = append(r.branches, branch{a, folders})
		s, err := p.cfg.Files.Space(ctx, a.ID)
		if err != nil {
			return r, err
		}
		r.space.OfflineBytes += s.OfflineBytes
		r.space.OfflineFiles += s.OfflineFiles
		if a.ID == p.at.account || len(all) == 1 {
			r.space.Used, r.space.Free = s.Used, s.Free
		}
	}
	return r, nil
}

func (p *Page) fillSide() {
	p.side.Select(p.at.id()) // before the old lines go: else the line that takes a gone one's place would be chosen
	p.side.SetItems(lines(p.branches, p.open))
	p.side.Select(p.at.id())
}

// fillSpace shows how full the server's storage is, as far as it says.
func (p *Page) fillSpace(s files.Space) {
	p.offline.Set(i18n.T("filesui.space.offline", "size", i18n.Size(s.OfflineBytes)))
	known := s.Used >= 0 && s.Free >= 0
	kit.SetVisible(p.bar, known)
	kit.SetVisible(p.space, known)
	if !known {
		return
	}
	total := s.Used + s.Free
	if total > 0 {
		p.bar.Set(float32(s.Used) / float32(total))
	}
	p.space.Set(i18n.T("filesui.space.used", "used", i18n.Size(s.Used), "total", i18n.Size(total)))
}

func (p *Page) toggle(id string, open bool) {
	p.open[id] = open
	p.fillSide()
}

func (p *Page) choose(id string) {
	if at, ok := placeOf(id); ok && at != p.at {
		p.goTo(at)
	}
}

// goTo shows another folder or view. The folders above it are opened at the left.
func (p *Page) goTo(at place) {
	p.at = at
	for up := parentOf(at.path); at.view == "" && up != ""; up = parentOf(up) {
		p.open[place{account: at.account, path: up}.id()] = true
	}
	p.content.Front(-1)
	p.fillEmpty()
	p.fillCrumbs()
	p.fillSide()
	p.show()
}

// fillCrumbs shows where the folder lies; each part leads to its folder.
func (p *Page) fillCrumbs() {
	p.crumbs.RemoveAll()
	if p.at.view != "" {
		p.crumbs.Add(kit.Full(kit.Heading(i18n.T("filesui.view." + p.at.view))))
		return
	}
	parts := []string{i18n.T("filesui.root")}
	if p.at.path != "" {
		parts = append(parts, strings.Split(p.at.path, "/")...)
	}
	for i, name := range parts {
		if i == len(parts)-1 {
			p.crumbs.Add(kit.Full(kit.NewLabel(name, 15, theme.Text, true)))
			break
		}
		up := place{account: p.at.account, path: strings.Join(parts[1:i+1], "/")}
		b := kit.NewLink(name, func() { p.goTo(up) })
		b.SetTone(theme.Muted)
		p.crumbs.Add(b)
		p.crumbs.Add(kit.Full(kit.Caption("›")))
	}
	p.crumbs.Refresh()
	p.trail.Refresh()
	p.trail.ScrollToOffset(fyne.NewPos(max(p.crumbs.MinSize().Width-p.trail.Size().Width, 0), 0))
}

// show reads the chosen place from its top.
func (p *Page) show() {
	at, core, column, descending := p.at, p.cfg.Files, p.column, p.descending
	p.shown = kit.NewWhole(func(ctx context.Context) (all []files.Entry, err error) {
		switch at.view {
		case viewOffline:
			all, err = core.Offline(ctx)
		case viewRecent:
			all, err = core.Recent(ctx, recentLimit)
		default:
			all, err = core.List(ctx, at.account, at.path)
		}
		if at.view != viewRecent || column != columnIDs[colName] {
			order(all, column, descending)
		}
		return all, err
	})
	p.rows.SetSource(p.shown)
	p.detail.show(files.Entry{}, 0)
}

func (p *Page) sort(column string, descending bool) {
	chosen := p.selected()
	p.column, p.descending = column, descending
	p.header.SetSorted(column, descending)
	p.show()
	if len(chosen) > 0 {
		p.rows.SelectKey(chosen[0].ID)
	}
}

// up shows the folder above, with the one that was left selected.
func (p *Page) up() {
	if p.at.path == "" {
		return
	}
	left := p.at
	p.goTo(place{account: left.account, path: parentOf(left.path)})
	for _, b := range p.branches {
		for _, f := range b.folders {
			if b.ID == left.account && f.Path == left.path {
				p.rows.SelectKey(f.ID)
			}
		}
	}
}

// showDetails puts the keyboard into the details, where there is something to tell.
func (p *Page) showDetails() {
	if !p.detail.body.Visible() {
		return
	}
	p.content.ShowDetails()
	kit.Focus(p.detail.open)
}
