// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"kontor/app/i18n"
	"kontor/app/live"
	"kontor/app/tasks"
	"kontor/app/ui"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// Page is the page of tasks.
type Page struct {
	cfg     Config
	side    *kit.SideList
	heading *kit.Label
	head    *fyne.Container
	badge   *kit.Badge
	quick   *kit.Entry
	heard   *kit.Paragraph // what quick entry understood so far
	finder  *finder
	top     *fyne.Container
	middle  *fyne.Container
	rows    *kit.RowList[int64, item]
	empty   *kit.Empty
	detail  *detail
	content *kit.Trio

	lists  []tasks.List
	saved  []tasks.Saved
	counts map[tasks.Smart]int
	at     place
	folds  folds
	all    []tasks.Task // as last read
	lines  []item       // what the list shows of them
	known  bool         // something was read
	turn   int          // of the newest reading: older ones are dropped
	drop   dropMark     // where dragged rows would go
	naming *naming      // the title that is being typed in its row
	// ticking are tasks that are being finished or reopened: of a series, a second press would be for the next date.
	ticking map[int64]bool
}

// New makes the page; it reads nothing until it is shown.
func New(cfg Config) *Page {
	cfg.fill()
	p := &Page{cfg: cfg, at: place{smart: tasks.SmartToday}, folds: newFolds(cfg.Left), ticking: map[int64]bool{}}
	p.side = kit.NewSideList(kit.SideListConfig{OnSelect: p.choose, OnMenu: p.placeMenu, OnKey: p.sideKey, Drag: p.dragLists()})
	p.heading, p.badge = kit.NewLabel("", 16, theme.Text, true), kit.NewBadge("", "", kit.ToneMuted)
	p.quick = kit.NewEntry(i18n.T("tasksui.quick"))
	p.quick.Name = i18n.T("tasksui.new")
	p.quick.OnSubmitted, p.quick.OnChanged = p.addQuick, p.hear
	p.quick.OnKey = p.quickKey
	p.heard = kit.NewParagraph("", 12, theme.Accent)
	p.finder = newFinder(p)
	p.empty = kit.NewEmpty("check-square", i18n.T("tasksui.empty.title"), i18n.T("tasksui.empty.text"), nil)
	p.rows = kit.NewRowList(kit.RowListConfig[int64, item]{
		Key: keyOf, Height: rowHeight, Multi: true,
		NewRow: func() kit.Row[item] { return newTaskRow(p) },
		Label:  func(i item) string { return i.spoken(cfg.Now()) },
		OnSelect: func(i item, many int) {
			if i.heading == "" {
				p.detail.follow(i.ID, many)
			}
		},
		OnOpen: p.open,
		OnMenu: p.taskMenu,
		OnKey:  p.key, OnRune: p.rune, OnShortcut: p.shortcut, OnGround: p.groundMenu,
		Zone: zone, OnZone: p.zoneTapped,
		Drag: p.dragRows(),
	})
	p.rows.SetEmpty(p.empty)
	p.detail = newDetail(p)
	p.layout()
	return p
}

func (p *Page) layout() {
	add := kit.NewPrimary(i18n.T("tasksui.new"), p.StartNew)
	left := kit.NewPanel(theme.Background, container.NewBorder(
		kit.NewPanel(theme.Background, add).Padded(12, 14, 8, 14), nil, nil, nil, p.side))
	p.head = container.NewWithoutLayout()
	tools := container.NewHBox(
		kit.NewIconButton("filter", i18n.T("tasksui.filter"), p.finder.begin),
		kit.NewIconButton("more", i18n.T("tasksui.more"), p.moreMenu))
	head := kit.NewPanel(theme.Surface, p.head).Padded(5, 10, 5, 14)
	heard := kit.NewPanel(theme.Surface, p.heard).Padded(0, 14, 6, 14)
	heard.Hide()
	p.top = kit.NewColumn(0, head, kit.HLine(), p.finder.bar, kit.NewPanel(theme.Surface, ringed(p.quick)).Padded(5, 8, 5, 8), heard, kit.HLine())
	p.middle = kit.NewDock(p.top, nil, nil, nil, p.rows)
	p.content = kit.NewTrio(
		kit.Pane{Content: left, Width: 220, Min: 150, Drop: 620},
		kit.Pane{Content: kit.NewPanel(theme.Surface, p.middle), Min: 280},
		kit.Pane{Content: p.detail.content, Width: 358, Min: 260, Drop: 900},
		func() { kit.Focus(p.rows) },
	)
	p.content.OnRoom = p.chooseFirst
	line := headLine{places: p.content.Places, title: p.heading, badge: p.badge, tools: tools}
	p.head.Layout, p.head.Objects = line, line.objects()
}

// edit puts the keyboard into the details, and shows them where there is no room for them beside the list.
func (p *Page) edit() {
	if p.detail.id == 0 {
		return
	}
	p.content.ShowDetails()
	p.detail.focus()
}

// open is Enter or a double click on a line.
func (p *Page) open(i item) {
	if i.heading != "" {
		p.foldClosed(!p.folds.closed)
		return
	}
	p.edit()
}

// Content is what the page shows.
func (p *Page) Content() fyne.CanvasObject { return p.content.Split }

// Shown reads everything and puts the keyboard into the list.
func (p *Page) Shown() {
	p.reload()
	kit.Focus(p.rows)
}

// Hidden keeps what was typed in the details.
func (p *Page) Hidden() {
	p.endNaming(true)
	p.detail.save()
}

// Refresh reads again what a change made stale.
func (p *Page) Refresh(topics live.Topics) {
	if topics.Has(live.Tasks | live.Journal) {
		p.reload()
	}
}

// Panes are the parts that F6 goes through.
func (p *Page) Panes() []fyne.Focusable {
	return []fyne.Focusable{p.side, p.quick, p.rows, p.detail.first()}
}

// Actions implements ui.Page.
func (p *Page) Actions() []ui.Action {
	const alt = fyne.KeyModifierAlt
	act := func(key, icon string, name fyne.KeyName, mod fyne.KeyModifier, do func()) ui.Action {
		return ui.Action{Title: i18n.T("tasksui." + key), Icon: icon, Key: name, Mod: mod, Do: do}
	}
	all := []ui.Action{
		act("new", "plus", fyne.KeyN, ui.Ctrl, p.StartNew),
		act("new", "plus", fyne.KeyT, ui.CtrlShift, p.StartNew),
		act("menu.child", "plus", fyne.KeyN, ui.CtrlShift, p.newChild),
		act("menu.done", "check", fyne.KeyReturn, ui.Ctrl, func() { p.toggle(p.selected()) }),
		act("menu.cancel", "close", fyne.KeyReturn, ui.CtrlShift, func() { p.cancelMenu(p.selected()) }),
		act("menu.remove", "trash", fyne.KeyD, ui.Ctrl, func() { p.remove(p.selected()) }),
		act("menu.rename", "pen", "", 0, p.rename),
		act("menu.up", "arrow-up", fyne.KeyUp, alt, func() { p.raise(stepUp) }),
		act("menu.down", "arrow-down", fyne.KeyDown, alt, func() { p.raise(stepDown) }),
		act("menu.in", "chevron-right", fyne.KeyRight, alt, func() { p.shift(stepIn) }),
		act("menu.out", "chevron-left", fyne.KeyLeft, alt, func() { p.shift(stepOut) }),
		act("menu.star", "star", fyne.KeyInsert, 0, func() { p.star(p.selected()) }),
		act("menu.move", "list", fyne.KeyV, ui.CtrlShift, func() { p.moveMenu(p.selected()) }),
		act("menu.plan", "calendar", fyne.KeyD, ui.CtrlShift, func() { p.planMenu(p.selected()) }),
		act("filter", "filter", fyne.KeyF, ui.CtrlShift, p.finder.begin),
		act("list.new", "list", "", 0, p.newList),
		act("fold.all", "chevron-right", "", 0, func() { p.foldAll(true) }),
		act("unfold.all", "chevron-down", "", 0, func() { p.foldAll(false) }),
		act("print", "file", fyne.KeyP, ui.Ctrl, p.print),
		act("export.ics", "download", "", 0, func() { p.export(tasks.FormatICS) }),
		act("export.csv", "download", "", 0, func() { p.export(tasks.FormatCSV) }),
		act("import", "upload", "", 0, p.importFile),
	}
	all[1].Silent = true
	return all
}

// reading is what one look at the store gives.
type reading struct {
	lists  []tasks.List
	saved  []tasks.Saved
	counts map[tasks.Smart]int
	marked marked
}

// reload reads lists, numbers and tasks. What is shown stays until all of it is there.
func (p *Page) reload() { p.readAgain(false) }

// firstScreen is more than fits on any screen: so much is read and shown before all the rest.
const firstScreen = 80

// readAgain is reload; fresh shows the tasks from the top, with the first one chosen.
func (p *Page) readAgain(fresh bool) {
	p.turn++
	turn := p.turn
	if !fresh || !p.known {
		p.readWhole(turn, fresh)
		return
	}
	q := p.query()
	q.Limit = firstScreen
	kit.Load(func() (marked, error) { return readTasks(context.Background(), p.cfg.Tasks, q) }, func(m marked, err error) {
		if turn != p.turn {
			return
		}
		if err == nil {
			p.put(m, true)
		}
		p.readWhole(turn, err != nil)
	})
}

// readWhole reads everything there is to show.
func (p *Page) readWhole(turn int, fresh bool) {
	at, q := p.at, p.query()
	kit.Load(func() (reading, error) { return p.read(context.Background(), q) }, func(r reading, err error) {
		if turn != p.turn {
			return
		}
		if err != nil {
			p.cfg.ShowError(err)
			return
		}
		first := !p.known
		p.known = true
		p.lists, p.saved, p.counts = r.lists, r.saved, r.counts
		if p.gone() { // another person, or this one, deleted the list
			p.at = place{smart: tasks.SmartToday}
		}
		p.fillSide()
		if p.at != at {
			p.readAgain(true)
			return
		}
		p.put(r.marked, fresh || first)
		p.detail.reload()
	})
}

// gone reports whether the place that is shown is there no longer.
func (p *Page) gone() bool {
	_, list := p.list(p.at.list)
	_, kept := p.search(p.at.saved)
	return p.at.list != 0 && !list || p.at.saved != 0 && !kept
}

func (p *Page) read(ctx context.Context, q tasks.Query) (r reading, err error) {
	core := p.cfg.Tasks
	if r.lists, err = core.Lists(ctx); err != nil {
		return r, err
	}
	if r.saved, err = core.Saved(ctx); err != nil {
		return r, err
	}
	r.counts = map[tasks.Smart]int{}
	for _, s := range smartLists {
		if r.counts[s.smart], err = core.Count(ctx, tasks.Query{Smart: s.smart}); err != nil {
			return r, err
		}
	}
	r.marked, err = readTasks(ctx, core, q)
	return r, err
}

// put shows tasks as they were read.
func (p *Page) put(m marked, fresh bool) {
	none := len(p.lines) == 0
	p.all = m.all
	p.folds.marks = m.marks
	if fresh {
		p.rows.ClearSelection()
		p.rows.ScrollToRow(0)
	}
	p.arrange()
	if fresh || none {
		p.chooseFirst()
	}
	if len(p.lines) == 0 {
		p.detail.follow(0, 0)
	}
}

// chooseFirst chooses the first task where there is room for its details and none is chosen.
func (p *Page) chooseFirst() {
	n := slices.IndexFunc(p.lines, func(i item) bool { return i.heading == "" })
	room := !p.content.Dropped(2) || p.content.Split.Size().Width == 0 // not laid out yet
	if n >= 0 && len(p.rows.Selected()) == 0 && room {
		p.rows.SelectRow(n)
	}
}

// arrange lays the tasks out again, after a fold or a reading.
func (p *Page) arrange() {
	names := map[int64]string{}
	for _, l := range p.lists {
		names[l.ID] = l.Name
	}
	p.lines = arrange(p.all, p.view(names))
	p.rows.SetRows(p.lines)
}

func (p *Page) view(names map[int64]string) view {
	v := view{folds: p.folds, names: names, tree: p.at.list != 0 && p.finder.words() == "", all: p.finder.words() != "" || p.at.saved != 0}
	if p.at.list != 0 {
		v.names = nil // all are of this list
	}
	return v
}

// Open shows one task, in its list unless the list that is shown has it: a search result, a link.
func (p *Page) Open(id int64) {
	kit.Load(func() (tasks.Task, error) { return p.cfg.Tasks.Task(context.Background(), id) }, func(t tasks.Task, err error) {
		if err != nil {
			p.cfg.ShowError(err)
			return
		}
		p.reveal(t)
		p.detail.show(id)
		p.content.ShowDetails()
	})
}

// reveal chooses a task, unfolding what it lies in.
func (p *Page) reveal(t tasks.Task) {
	shown := slices.ContainsFunc(p.lines, func(i item) bool { return i.ID == t.ID })
	here := slices.ContainsFunc(p.all, func(a tasks.Task) bool { return a.ID == t.ID })
	switch {
	case shown:
	case here:
		p.folds.show(t, p.all)
		p.folded()
	default:
		p.folds.closed = t.Closed()
		p.goTo(place{list: t.ListID})
	}
	p.rows.SelectKey(t.ID)
}
