// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
)

// place is what can be chosen at the left: a list, a search that is kept, or else one of the computed lists.
type place struct {
	smart tasks.Smart
	list  int64
	saved int64
}

const listPrefix, smartPrefix, savedPrefix = "list/", "smart/", "saved/"

// id names the line at the left.
func (a place) id() string {
	switch {
	case a.list != 0:
		return listPrefix + itoa(a.list)
	case a.saved != 0:
		return savedPrefix + itoa(a.saved)
	}
	return smartPrefix + string(a.smart)
}

// placeOf reads the name of a line at the left; false for one that is no place.
func placeOf(id string) (place, bool) {
	if smart, ok := strings.CutPrefix(id, smartPrefix); ok {
		return place{smart: tasks.Smart(smart)}, true
	}
	for prefix, make := range map[string]func(int64) place{
		listPrefix:  func(n int64) place { return place{list: n} },
		savedPrefix: func(n int64) place { return place{saved: n} },
	} {
		if number, ok := strings.CutPrefix(id, prefix); ok {
			n, err := strconv.ParseInt(number, 10, 64)
			return make(n), err == nil
		}
	}
	return place{}, false
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// smartLists are the computed lists, in their order.
var smartLists = []struct {
	smart     tasks.Smart
	key, icon string
}{
	{tasks.SmartToday, "tasksui.smart.today", "home"},
	{tasks.SmartUpcoming, "tasksui.smart.upcoming", "calendar"},
	{tasks.SmartImportant, "tasksui.smart.important", "star"},
	{tasks.SmartOverdue, "tasksui.smart.overdue", "warning"},
	{tasks.SmartNoDate, "tasksui.smart.nodate", "clock"},
	{tasks.SmartNone, "tasksui.smart.all", "check-square"},
}

// query selects what is shown.
func (p *Page) query() tasks.Query {
	q := tasks.Query{ListID: p.at.list, Smart: p.at.smart, Search: p.finder.words(), Closed: true}
	if s, ok := p.search(p.at.saved); ok {
		q.Search, q.Closed = strings.TrimSpace(s.Query+" "+q.Search), false // it says itself whether closed ones count
	}
	return q
}

func (p *Page) fillSide() {
	var items []kit.SideItem
	for _, s := range smartLists {
		items = append(items, kit.SideItem{ID: place{smart: s.smart}.id(), Label: i18n.T(s.key), Icon: s.icon, Count: p.counts[s.smart]})
	}
	if len(p.saved) > 0 {
		items = append(items, kit.SideItem{ID: "searches", Label: i18n.T("tasksui.searches"), Heading: true})
	}
	for _, s := range p.saved {
		items = append(items, kit.SideItem{ID: place{saved: s.ID}.id(), Label: s.Name, Icon: "search", Count: s.Open})
	}
	items = append(items, kit.SideItem{ID: "lists", Label: i18n.T("tasksui.lists"), Heading: true})
	for _, l := range p.lists {
		icon, words := listMark(l)
		items = append(items, kit.SideItem{ID: place{list: l.ID}.id(), Label: l.Name, Dot: colorOf(l.Color), Count: l.Open, Mark: icon, MarkWords: words})
	}
	p.side.Select(p.at.id()) // before the old lines go: else the line that takes a gone one's place would be chosen
	p.side.SetItems(items)
	p.side.Select(p.at.id())
	p.retitle()
}

// listMark says that a list is not only this person's.
func listMark(l tasks.List) (icon, words string) {
	var parts []string
	if l.Shared {
		icon = "people"
		parts = append(parts, i18n.T("tasksui.list.shared"))
		if l.Owner != "" {
			parts[0] = i18n.T("tasksui.list.shared-by", "name", l.Owner)
		}
	}
	if l.ReadOnly {
		icon = "lock"
		parts = append(parts, i18n.T("tasksui.list.read-only"))
	}
	return icon, strings.Join(parts, ", ")
}

// choose shows another place.
func (p *Page) choose(id string) {
	at, ok := placeOf(id)
	if !ok {
		return
	}
	p.content.Front(-1)
	if at == p.at {
		return
	}
	p.goTo(at)
}

// goTo shows a place from its top.
func (p *Page) goTo(at place) {
	p.at = at
	p.finder.end()
	p.hear(p.quick.Text)
	p.side.Select(at.id())
	p.retitle()
	p.readAgain(true)
}

func (p *Page) retitle() {
	title, words := "", ""
	for _, s := range smartLists {
		if s.smart == p.at.smart {
			title = i18n.T(s.key)
		}
	}
	l, list := p.list(p.at.list)
	s, kept := p.search(p.at.saved)
	switch {
	case list:
		title, words = l.Name, i18n.T("tasksui.open", "n", l.Open)
		if _, mark := listMark(l); mark != "" {
			words += " · " + mark
		}
	case kept:
		title, words = s.Name, s.Query
	case p.at.smart == tasks.SmartToday:
		words = i18n.LongDate(p.cfg.Now())
	}
	p.heading.Set(title)
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

func (p *Page) search(id int64) (tasks.Saved, bool) {
	for _, s := range p.saved {
		if s.ID == id {
			return s, true
		}
	}
	return tasks.Saved{}, false
}

// sideKey are the keys of the lists at the left.
func (p *Page) sideKey(ev *fyne.KeyEvent) bool {
	i, ok := p.side.Current()
	if !ok {
		return false
	}
	at, ok := placeOf(i.ID)
	switch {
	case !ok:
		return false
	case ev.Name == fyne.KeyF2:
		p.renamePlace(at)
	case ev.Name == fyne.KeyDelete:
		p.removePlace(at)
	default:
		return false
	}
	return true
}
