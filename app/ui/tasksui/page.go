// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"fmt"
	"image/color"
	"slices"
	"strconv"
	"strings"

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
	rows    *kit.RowList[int64, item]
	shown   *kit.Whole[item] // what the list shows
	empty   *kit.Empty
	detail  *detail
	content *kit.Trio

	lists  []tasks.List
	counts map[tasks.Smart]int
	query  tasks.Query
	turn   int // of the newest reading of the lists: older ones are dropped
	// ticking are tasks that are being finished or reopened: of a series, a second press would be for the next date.
	ticking map[int64]bool
}

// smartLists are the computed lists, in their order.
var smartLists = []struct {
	smart     tasks.Smart
	key, icon string
}{
	{tasks.SmartToday, "tasksui.smart.today", "home"},
	{tasks.SmartUpcoming, "tasksui.smart.upcoming", "calendar"},
	{tasks.SmartImportant, "tasksui.smart.important", "star"},
	{tasks.SmartOverdue, "tasksui.smart.overdue", "warning"},
	{tasks.SmartNone, "tasksui.smart.all", "check-square"},
}

// New makes the page; it reads nothing until it is shown.
func New(cfg Config) *Page {
	cfg.fill()
	p := &Page{cfg: cfg, query: tasks.Query{Smart: tasks.SmartToday}, ticking: map[int64]bool{}}
	p.side = kit.NewSideList(kit.SideListConfig{OnSelect: p.choose, OnMenu: p.listMenu})
	p.heading, p.badge = kit.NewLabel("", 16, theme.Text, true), kit.NewBadge("", "", kit.ToneMuted)
	p.quick = kit.NewEntry(i18n.T("tasksui.quick"))
	p.quick.OnSubmitted = p.addQuick
	p.empty = kit.NewEmpty("check-square", i18n.T("tasksui.empty.title"), i18n.T("tasksui.empty.text"), nil)
	p.rows = kit.NewRowList(kit.RowListConfig[int64, item]{
		Key: keyOf, Height: rowHeight, Multi: true,
		NewRow: func() kit.Row[item] { return newTaskRow(cfg.Now) },
		Skip:   func(i item) bool { return i.heading != "" },
		Label:  func(i item) string { return i.spoken(cfg.Now()) },
		OnSelect: func(i item, many int) {
			if many == 1 {
				p.detail.show(i.ID)
			}
		},
		OnOpen: func(item) { p.edit() },
		OnMenu: func(_ item, at fyne.Position) { p.taskMenu(at) },
		OnKey:  p.key, OnRune: p.rune, Zone: zone,
		OnZone:  func(i item, _ string) { p.toggle([]item{i}) },
		OnError: cfg.ShowError,
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
	p.head = container.NewHBox(kit.Full(p.heading), kit.Space(2, 0), container.NewCenter(p.badge))
	head := kit.NewPanel(theme.Surface, p.head).Padded(10, 14, 10, 14)
	top := kit.NewColumn(0, head, kit.HLine(), kit.NewPanel(theme.Surface, kit.Bare(p.quick)).Padded(5, 8, 5, 8), kit.HLine())
	middle := kit.NewPanel(theme.Surface, kit.NewDock(top, nil, nil, nil, p.rows))
	p.content = kit.NewTrio(
		kit.Pane{Content: left, Width: 220, Min: 150, Drop: 620},
		kit.Pane{Content: middle, Min: 280},
		kit.Pane{Content: p.detail.content, Width: 358, Min: 260, Drop: 900},
		func() { kit.Focus(p.rows) },
	)
	p.head.Objects = append([]fyne.CanvasObject{p.content.Places}, p.head.Objects...)
}

// edit puts the keyboard into the details, and shows them where there is no room for them beside the list.
func (p *Page) edit() {
	p.content.ShowDetails()
	p.detail.focus()
}

// Content is what the page shows.
func (p *Page) Content() fyne.CanvasObject { return p.content.Split }

// Shown reads everything and puts the keyboard into the list.
func (p *Page) Shown() {
	p.reload()
	kit.Focus(p.rows)
}

// Hidden keeps what was typed in the details.
func (p *Page) Hidden() { p.detail.save() }

// Refresh reads again what a change made stale.
func (p *Page) Refresh(topics live.Topics) {
	if topics.Has(live.Tasks | live.Journal) {
		p.reload()
	}
}

// Panes are the parts that F6 goes through.
func (p *Page) Panes() []fyne.Focusable { return []fyne.Focusable{p.side, p.quick, p.rows} }

// Actions implements ui.Page.
func (p *Page) Actions() []ui.Action {
	return []ui.Action{
		{Title: i18n.T("tasksui.new"), Icon: "plus", Key: fyne.KeyN, Mod: ui.Ctrl, Do: p.StartNew},
		{Title: i18n.T("tasksui.menu.done"), Icon: "check", Key: fyne.KeyReturn, Mod: ui.Ctrl, Do: func() { p.toggle(p.selected()) }},
		{Title: i18n.T("tasksui.menu.remove"), Icon: "trash", Key: fyne.KeyD, Mod: ui.Ctrl, Do: func() { p.remove(p.selected()) }},
		{Title: i18n.T("tasksui.list.new"), Icon: "list", Do: func() { p.listMenu("", p.side.Position()) }},
	}
}

// reading is what one look at the store gives.
type reading struct {
	lists  []tasks.List
	counts map[tasks.Smart]int
}

// reload reads lists, numbers and, once they are known, the tasks.
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
		first := p.lists == nil
		p.lists, p.counts = r.lists, r.counts
		gone := p.query.ListID != 0
		for _, l := range r.lists {
			gone = gone && l.ID != p.query.ListID
		}
		if gone { // another person, or this one, deleted the list
			p.query = tasks.Query{Smart: tasks.SmartToday}
		}
		p.fillSide()
		if first || gone {
			p.show()
		} else {
			p.rows.Reload()
		}
		p.detail.reload()
	})
}

func (p *Page) read(ctx context.Context) (reading, error) {
	lists, err := p.cfg.Tasks.Lists(ctx)
	if err != nil {
		return reading{}, err
	}
	r := reading{lists: lists, counts: map[tasks.Smart]int{}}
	for _, s := range smartLists {
		if s.smart == tasks.SmartNone {
			continue
		}
		found, err := p.cfg.Tasks.List(ctx, tasks.Query{Smart: s.smart})
		if err != nil {
			return reading{}, err
		}
		r.counts[s.smart] = len(found)
	}
	for _, l := range lists {
		r.counts[tasks.SmartNone] += l.Open
	}
	return r, nil
}

const listPrefix, smartPrefix = "list/", "smart/"

func (p *Page) fillSide() {
	var items []kit.SideItem
	for _, s := range smartLists {
		items = append(items, kit.SideItem{ID: smartPrefix + string(s.smart), Label: i18n.T(s.key), Icon: s.icon, Count: p.counts[s.smart]})
	}
	items = append(items, kit.SideItem{ID: "lists", Label: i18n.T("tasksui.lists"), Heading: true})
	for _, l := range p.lists {
		items = append(items, kit.SideItem{ID: listPrefix + strconv.FormatInt(l.ID, 10), Label: l.Name, Dot: colorOf(l), Count: l.Open})
	}
	p.side.Select(p.place()) // before the old lines go: else the line that takes a gone one's place would be chosen
	p.side.SetItems(items)
	p.side.Select(p.place())
	p.retitle()
}

// place is the ID of the chosen line at the left.
func (p *Page) place() string {
	if p.query.ListID != 0 {
		return listPrefix + strconv.FormatInt(p.query.ListID, 10)
	}
	return smartPrefix + string(p.query.Smart)
}

// colorOf is the colour of a list's dot; a list without one gets the accent.
func colorOf(l tasks.List) color.Color {
	var r, g, b uint8
	if n, err := fmt.Sscanf(l.Color, "#%02x%02x%02x", &r, &g, &b); err != nil || n != 3 {
		return theme.Color(theme.Accent)
	}
	return color.NRGBA{R: r, G: g, B: b, A: 0xff}
}

// choose shows another list.
func (p *Page) choose(id string) {
	q := tasks.Query{Smart: tasks.Smart(strings.TrimPrefix(id, smartPrefix))}
	if number, ok := strings.CutPrefix(id, listPrefix); ok {
		listID, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return
		}
		q = tasks.Query{ListID: listID}
	}
	p.content.Front(-1)
	if q == p.query {
		return
	}
	p.query = q
	p.show()
}

// Open shows one task, in its list unless the list that is shown has it: a search result, a link.
func (p *Page) Open(id int64) {
	kit.Load(func() (tasks.Task, error) { return p.cfg.Tasks.Task(context.Background(), id) }, func(t tasks.Task, err error) {
		if err != nil {
			p.cfg.ShowError(err)
			return
		}
		if p.shown == nil || !slices.ContainsFunc(p.shown.Items(), func(i item) bool { return i.ID == id }) {
			p.query = tasks.Query{ListID: t.ListID}
			p.side.Select(p.place())
			p.show()
		}
		p.rows.SelectKey(id)
		p.detail.show(id)
		p.content.ShowDetails()
	})
}

// show reads the chosen list from its top.
func (p *Page) show() {
	q := p.query
	p.retitle()
	core := p.cfg.Tasks
	p.shown = kit.NewWhole(func(ctx context.Context) ([]item, error) {
		lists, err := core.Lists(ctx)
		if err != nil {
			return nil, err
		}
		names := map[int64]string{}
		for _, l := range lists {
			names[l.ID] = l.Name
		}
		return readItems(ctx, core, q, names)
	})
	p.rows.SetSource(p.shown)
}

func (p *Page) retitle() {
	for _, s := range smartLists {
		if p.query.ListID == 0 && s.smart == p.query.Smart {
			p.heading.Set(i18n.T(s.key))
		}
	}
	words := ""
	if p.query.ListID == 0 && p.query.Smart == tasks.SmartToday {
		words = i18n.LongDate(p.cfg.Now())
	}
	if l, ok := p.list(p.query.ListID); ok {
		p.heading.Set(l.Name)
		words = i18n.T("tasksui.open", "n", l.Open)
	}
	p.badge.Set(words, "", kit.ToneMuted)
	p.head.Refresh()
}

func (p *Page) list(id int64) (tasks.List, bool) {
	for _, l := range p.lists {
		if l.ID == id {
			return l, true
		}
	}
	return tasks.List{}, false
}
