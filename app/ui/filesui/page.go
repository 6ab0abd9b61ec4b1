// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/live"
	"kontor/app/ui"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

const rowHeight = 36

// Page is the page of files.
type Page struct {
	cfg     Config
	side    *kit.SideList
	crumbs  *fyne.Container
	trail   *container.Scroll // of the crumbs: the end of a long path is in view
	finder  *finder
	header  *kit.TableHeader
	columns kit.Columns
	rows    *kit.RowList[int64, files.Entry]
	list    *listing // what the table shows
	empty   *kit.Empty
	detail  *detail
	bin     *bin
	here    *binHere
	notes   *noteList
	compare *compare
	middle  *fyne.Container // the table, the bin or a decision
	traffic *Traffic
	bar     *kit.Progress
	space   *kit.Label // of the server
	offline *kit.Label // what lies here
	upload  *kit.Button
	folder  *kit.Button
	more    *kit.Button
	content *kit.Trio

	branches []branch
	open     map[string]bool // folders whose children are shown at the left
	at       place
	text     string // what is looked for in the folder
	sorted   map[bool]sorting
	reading  bool  // the store is being read,
	again    bool  // and has changed since
	wanted   int64 // to be selected once the list is read
	typed    typed
	clip     clip
	later    []later          // what waits for files to arrive
	pinning  map[int64]string // what was pinned here and is not complete yet
	renaming *renaming
	stop     func() // ends looking at what is on its way
}

// New makes the page; it reads nothing until it is shown.
func New(cfg Config) *Page {
	cfg.fill()
	p := &Page{
		cfg: cfg, open: map[string]bool{}, pinning: map[int64]string{}, crumbs: container.NewHBox(), stop: func() {},
		sorted: map[bool]sorting{false: {cfg.Left.By, cfg.Left.Descending}, true: {files.ByChanged, true}}, columns: columns(),
	}
	p.side = kit.NewSideList(kit.SideListConfig{OnSelect: p.choose, OnToggle: p.toggle, OnOpen: p.choose, OnMenu: p.sideMenu, OnKey: p.sideKey, Drag: p.treeDrag()})
	p.header = kit.NewTableHeader(p.columns, p.sort)
	p.empty = kit.NewEmpty("folder", i18n.T("filesui.empty.title"), i18n.T("filesui.empty.text"), nil)
	p.rows = kit.NewRowList(kit.RowListConfig[int64, files.Entry]{
		Key: func(e files.Entry) int64 { return e.ID }, Height: rowHeight, Multi: true,
		NewRow:   func() kit.Row[files.Entry] { return newEntryRow(p, p.columns) },
		Label:    func(e files.Entry) string { return spoken(e, p.transfer(e.ID), cfg.Now()) },
		OnSelect: func(e files.Entry, many int) { p.detail.show(e, many) },
		OnOpen:   func(e files.Entry) { p.openEntry(e) },
		OnMenu:   func(_ files.Entry, at fyne.Position) { p.menu(at) },
		OnGround: p.groundMenu,
		OnCount:  func(int) { p.counted() },
		OnKey:    p.key, OnRune: p.seek, OnShortcut: p.shortcut, OnError: cfg.ShowError, Drag: p.drag(),
	})
	p.rows.SetEmpty(p.empty)
	p.detail, p.finder, p.traffic = newDetail(p), newFinder(p), NewTraffic(p.cfg.Host, p.cfg.Files, p.cfg.Accounts)
	p.here, p.notes, p.compare = newBinHere(p), newNotes(p), newCompare(p)
	p.bin = newBin(p)
	p.traffic.Changed = func() {
		p.rows.Refresh()
		p.detail.fillState()
		p.middle.Refresh()
	}
	p.bar, p.space, p.offline = kit.NewProgress(0), kit.NewLabel("", 12, theme.Muted, false), kit.NewLabel("", 12, theme.Muted, false)
	p.upload = kit.NewPlain(i18n.T("filesui.upload"), "", p.pickUpload)
	p.folder = kit.NewPlain(i18n.T("filesui.mkdir"), "", p.newFolder)
	p.more = kit.NewIconButton("more", i18n.T("filesui.more"), func() { kit.PopUpBelow(p.more, p.pageMenu()...) })
	p.layout()
	return p
}

func (p *Page) layout() {
	foot := kit.NewPanel(theme.Background, container.NewVBox(
		kit.Section(strings.ToUpper(i18n.T("filesui.space"))), p.bar, p.space, p.offline)).Padded(8, 20, 16, 20)
	left := kit.NewPanel(theme.Background, container.NewBorder(kit.Space(1, 8), foot, nil, nil, p.side))
	places := container.NewHBox()
	p.trail = container.NewHScroll(p.crumbs)
	buttons := container.New(layout.NewCustomPaddedHBoxLayout(theme.Px(8)), p.upload, p.folder, p.more)
	head := kit.NewPanel(theme.Surface, container.NewBorder(nil, nil, places, buttons, p.trail)).Padded(8, 14, 8, 10)
	table := kit.NewDock(kit.NewColumn(0, head, p.finder.content, kit.HLine(), p.header), p.traffic.Content, nil, nil, p.rows)
	p.middle = container.NewStack(table, p.bin.content, p.notes.content, p.compare.content)
	p.content = kit.NewTrio(
		kit.Pane{Content: left, Width: 220, Min: 150, Drop: 620},
		kit.Pane{Content: kit.NewPanel(theme.Surface, p.middle), Min: 300},
		kit.Pane{Content: p.detail.content, Width: 330, Min: 240, Drop: 1000},
		p.focusList,
	)
	places.Add(p.content.Places)
	for _, o := range []fyne.CanvasObject{p.bin.content, p.notes.content, p.compare.content} {
		o.Hide()
	}
}

// front shows the table, the bin or a decision.
func (p *Page) front(o fyne.CanvasObject) {
	for _, m := range p.middle.Objects {
		kit.SetVisible(m, m == o)
	}
	p.content.ShowPane(2, o == p.table()) // else there is nothing to tell about one entry
	p.middle.Refresh()
}

func (p *Page) table() fyne.CanvasObject { return p.middle.Objects[0] }

// focusList puts the keyboard into what is in the middle.
func (p *Page) focusList() {
	switch {
	case p.Deciding():
		kit.Focus(p.compare.first())
	case p.at.view == viewBin:
		kit.Focus(p.bin.rows)
	case p.at.view == viewNotes:
		kit.Focus(p.notes.rows)
	default:
		kit.Focus(p.rows)
	}
}

// Content implements ui.Page.
func (p *Page) Content() fyne.CanvasObject { return p.content.Split }

// pulse is how often the page looks at what is on its way.
const pulse = time.Second

// Shown implements ui.Page.
func (p *Page) Shown() {
	p.reload()
	p.stop()
	p.stop = p.cfg.Every(pulse, p.traffic.Look)
	p.traffic.Look()
	p.focusList()
}

// Hidden implements ui.Page.
func (p *Page) Hidden() {
	p.stop()
	p.stop = func() {}
	p.endRename(false)
}

// Refresh implements ui.Page.
func (p *Page) Refresh(topics live.Topics) {
	if topics.Has(live.Files | live.Journal | live.Accounts | live.Settings) {
		p.reload()
	}
}

// Panes implements ui.Page.
func (p *Page) Panes() []fyne.Focusable {
	list := fyne.Focusable(p.rows)
	switch p.at.view {
	case viewBin:
		list = p.bin.rows
	case viewNotes:
		list = p.notes.rows
	}
	if p.Deciding() {
		list = p.compare.first()
	}
	panes := []fyne.Focusable{p.side, list}
	if p.detail.body.Visible() {
		panes = append(panes, p.detail.entrance())
	}
	return panes
}

// Open shows one entry: a search result.
func (p *Page) Open(id int64) {
	kit.Load(func() (files.Entry, error) { return p.cfg.Files.Entry(context.Background(), id) }, func(e files.Entry, err error) {
		if err != nil {
			p.cfg.ShowError(err)
			return
		}
		p.goTo(place{account: e.AccountID, path: parentOf(e.Path)})
		p.wanted = id
		p.counted()
		p.detail.show(e, 1)
		p.content.ShowDetails()
	})
}

func parentOf(path string) string { return files.Parent(path) }

// Actions implements ui.Page.
func (p *Page) Actions() []ui.Action {
	return []ui.Action{
		{Title: i18n.T("filesui.upload"), Icon: "upload", Key: fyne.KeyU, Mod: ui.CtrlShift, Do: p.pickUpload},
		{Title: i18n.T("filesui.mkdir"), Icon: "folder", Key: fyne.KeyN, Mod: ui.CtrlShift, Do: p.newFolder},
		{Key: fyne.KeyN, Mod: ui.Ctrl, Do: p.newFolder, Silent: true},
		{Title: i18n.T("filesui.find"), Icon: "search", Key: fyne.KeyF, Mod: ui.CtrlShift, Do: p.finder.begin},
		{Key: fyne.KeyF, Mod: ui.Ctrl, Do: p.finder.begin, Silent: true},
		{Title: i18n.T("filesui.details"), Icon: "info", Key: fyne.KeyI, Mod: ui.Ctrl, Do: p.showDetails},
		{Title: i18n.T("filesui.menu.pin"), Icon: "pin", Key: fyne.KeyP, Mod: ui.Ctrl, Do: func() { p.withSelected(p.pin) }},
		{Title: i18n.T("filesui.menu.remove"), Icon: "trash", Key: fyne.KeyD, Mod: ui.Ctrl, Do: func() { p.withSelected(p.remove) }},
		{Title: i18n.T("filesui.limits"), Icon: "gear", Do: p.traffic.Ask},
	}
}

// reading is what one look at the store gives.
type reading struct {
	branches []branch
	space    files.Space
	notes    []note
	bin      files.BinSum // of this computer
}

// reload reads again what is shown. While changes come faster than they can be read, what was read is shown all the same, and
// the last of them is read in the end.
func (p *Page) reload() {
	if p.reading {
		p.again = true
		return
	}
	p.reading = true
	at := p.at
	kit.Load(func() (reading, error) { return p.read(context.Background(), at) }, func(r reading, err error) {
		again := p.again || at.account != p.at.account
		p.reading, p.again = false, false
		if err != nil {
			p.cfg.ShowError(err)
		} else {
			p.present(r, again)
		}
		if again {
			p.reload()
		}
	})
}

// present shows what was read. Where something newer follows, the person stays where they are: the folder may be new.
func (p *Page) present(r reading, again bool) {
	p.branches = r.branches
	p.notes.set(r.notes)
	p.here.set(r.bin)
	if at := p.standing(); at != p.at && !again {
		p.goTo(at)
	} else {
		p.rows.Reload()
	}
	p.fillEmpty()
	p.fillSide()
	p.fillSpace(r.space)
	p.finishLater()
	p.noticePins()
	p.detail.reload()
	p.compare.reload()
}

// standing is where the page can be: where it is, or in the nearest folder above that is still there.
func (p *Page) standing() place {
	if p.at.view != files.ViewFolder || len(p.branches) == 0 {
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
	words, icon := "filesui.empty", "folder"
	switch {
	case len(p.branches) == 0:
		words = "filesui.no-account"
	case p.text != "":
		words, icon = "filesui.nothing-found", "search"
	case p.at.view != files.ViewFolder:
		words = "filesui.empty-view"
	}
	p.empty.Set(icon, i18n.T(words+".title"), i18n.T(words+".text"))
	p.upload.SetEnabled(p.at.folder())
	p.folder.SetEnabled(p.at.folder())
}

func (p *Page) read(ctx context.Context, at place) (r reading, err error) {
	all, err := p.cfg.Accounts(ctx)
	if err != nil {
		return r, err
	}
	r.space.Free = -1
	for _, a := range all {
		b := branch{Account: a}
		if b.folders, err = p.cfg.Files.Folders(ctx, a.ID); err != nil {
			return r, err
		}
		if b.server, err = p.cfg.Files.Server(ctx, a.ID); err != nil {
			return r, err
		}
		r.branches = append(r.branches, b)
		list, err := p.cfg.Files.Notes(ctx, a.ID)
		if err != nil {
			return r, err
		}
		for _, n := range list {
			r.notes = append(r.notes, note{n, a.ID})
		}
		s, err := p.cfg.Files.Space(ctx, a.ID)
		if err != nil {
			return r, err
		}
		r.space.OfflineBytes += s.OfflineBytes
		r.space.OfflineFiles += s.OfflineFiles
		if a.ID == at.account || len(all) == 1 {
			r.space.Used, r.space.Free = s.Used, s.Free
		}
	}
	r.bin, err = p.cfg.Files.BinSums(ctx)
	return r, err
}

// server is what is known of the server of an account.
func (p *Page) server(account int64) files.ServerInfo {
	for _, b := range p.branches {
		if b.ID == account {
			return b.server
		}
	}
	return files.ServerInfo{}
}

func (p *Page) fillSide() {
	p.side.Select(p.at.id()) // before the old lines go: else the line that takes a gone one's place would be chosen
	p.side.SetItems(lines(p.branches, p.open, extras{notes: len(p.notes.all), bin: p.here.sum.Files > 0}))
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
	p.space.Set(i18n.T("filesui.space.used", "used", i18n.Size(s.Used), "free", i18n.Size(s.Free)))
}
