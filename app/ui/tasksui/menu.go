// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// taskMenu is the context menu of the chosen tasks.
func (p *Page) taskMenu(i item, at fyne.Position) {
	items := p.selected()
	if i.heading != "" || len(items) == 0 {
		p.groundMenu(at)
		return
	}
	one, tree := len(items) == 1, p.at.list != 0 && p.finder.words() == ""
	word := "tasksui.menu.done"
	if items[0].Closed() {
		word = "tasksui.menu.reopen"
	}
	cancel := p.cancelItems(items)
	off := cancel[0]
	if len(cancel) > 1 {
		off = kit.MenuItem{Label: i18n.T("tasksui.menu.cancel"), Children: cancel}
	}
	off.Icon = "close"
	menu := []kit.MenuItem{}
	if items[0].mark == journal.MarkConflict {
		menu = append(menu, kit.MenuItem{Label: i18n.T("tasksui.decide"), Icon: "warning", Act: p.cfg.Decide}, kit.MenuItem{})
	}
	menu = append(menu,
		kit.MenuItem{Label: i18n.T(word), Icon: "check", Act: func() { p.toggle(items) }},
		off,
		kit.MenuItem{Label: i18n.T("tasksui.menu.rename"), Icon: "pen", Disabled: !one || items[0].ReadOnly, Act: p.rename},
		kit.MenuItem{Label: i18n.T("tasksui.menu.plan"), Icon: "calendar", Children: p.planItems(items)},
		kit.MenuItem{Label: i18n.T("tasksui.field.priority"), Icon: "star", Children: p.priorityItems(items)},
		kit.MenuItem{Label: i18n.T("tasksui.menu.tag"), Icon: "tag", Act: func() { p.tag(items) }},
		kit.MenuItem{Label: i18n.T("tasksui.menu.move"), Icon: "list", Children: p.moveItems(items)},
		kit.MenuItem{},
		kit.MenuItem{Label: i18n.T("tasksui.menu.child"), Icon: "plus", Disabled: !one || items[0].ReadOnly, Act: p.newChild},
		kit.MenuItem{Label: i18n.T("tasksui.menu.in"), Disabled: !tree, Act: func() { p.shift(stepIn) }},
		kit.MenuItem{Label: i18n.T("tasksui.menu.out"), Disabled: !tree || items[0].depth == 0, Act: func() { p.shift(stepOut) }},
		kit.MenuItem{},
		kit.MenuItem{Label: i18n.T("ui.copy"), Icon: "copy", Act: func() { p.copyTasks(items) }},
		kit.MenuItem{Label: i18n.T("tasksui.paste"), Act: p.pasteTasks},
		kit.MenuItem{},
		kit.MenuItem{Label: i18n.T("tasksui.menu.remove"), Icon: "trash", Act: func() { p.remove(items) }})
	kit.PopUp(p.rows, at, menu...)
}

// planItems are the days that tasks can be given at once.
func (p *Page) planItems(items []item) []kit.MenuItem {
	now := p.cfg.Now()
	monday := (int(time.Monday-now.Weekday())+6)%7 + 1
	var menu []kit.MenuItem
	for _, d := range []struct {
		key  string
		days int
	}{{"tasksui.today", 0}, {"tasksui.tomorrow", 1}, {"tasksui.plan.monday", monday}, {"tasksui.plan.week", 7}} {
		due := dayFrom(now, d.days)
		label := i18n.T(d.key)
		if d.days > 1 {
			label += " (" + dueWords(due, now) + ")"
		}
		menu = append(menu, kit.MenuItem{Label: label, Act: func() { p.plan(items, due) }})
	}
	return append(menu,
		kit.MenuItem{Label: i18n.T("tasksui.plan.other"), Act: func() { p.askDay(items) }},
		kit.MenuItem{Label: i18n.T("tasksui.plan.none"), Act: func() { p.plan(items, tasks.When{}) }})
}

// askDay lets a person type a day for tasks.
func (p *Page) askDay(items []item) {
	p.cfg.AskName(i18n.T("tasksui.plan.ask"), "", func(text string) {
		due, err := tasks.ParseWhen(text, p.cfg.Now())
		if err != nil {
			p.cfg.Toast(i18n.T("tasksui.date.wrong", "text", text), "", nil)
			return
		}
		p.plan(items, due)
	})
}

func (p *Page) priorityItems(items []item) []kit.MenuItem {
	var menu []kit.MenuItem
	for _, n := range []int{1, 5, 9, 0} {
		menu = append(menu, kit.MenuItem{Label: priorityWords(n), Act: func() { p.setPriority(items, n) }})
	}
	return menu
}

func (p *Page) moveItems(items []item) []kit.MenuItem {
	var menu []kit.MenuItem
	for _, l := range p.lists {
		menu = append(menu, kit.MenuItem{Label: l.Name, Disabled: l.ReadOnly || allIn(items, l.ID), Act: func() { p.move(items, l) }})
	}
	return menu
}

// allIn reports whether a list has all of some tasks already.
func allIn(items []item, listID int64) bool {
	return !slices.ContainsFunc(items, func(i item) bool { return i.ListID != listID })
}

// cursorMenu shows a menu where the keyboard is in the list.
func (p *Page) cursorMenu(items []item, menu []kit.MenuItem) {
	if len(items) == 0 {
		return
	}
	at, size := p.rows.Place(max(p.rows.CursorRow(), 0))
	kit.PopUp(p.rows, at.AddXY(theme.Px(40), size.Height-theme.Px(8)), menu...)
}

func (p *Page) moveMenu(items []item) { p.cursorMenu(items, p.moveItems(items)) }
func (p *Page) planMenu(items []item) { p.cursorMenu(items, p.planItems(items)) }

// groundMenu is the context menu of no task.
func (p *Page) groundMenu(at fyne.Position) {
	kit.PopUp(p.rows, at,
		kit.MenuItem{Label: i18n.T("tasksui.new"), Icon: "plus", Act: p.StartNew},
		kit.MenuItem{Label: i18n.T("tasksui.paste"), Act: p.pasteTasks})
}

// moreMenu is what can be done with all that is shown.
func (p *Page) moreMenu() {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(p.rows)
	_, canMake := p.cfg.Account()
	kit.PopUp(p.rows, at.AddXY(max(p.rows.Size().Width-theme.Px(260), 0), 0),
		kit.MenuItem{Label: i18n.T("tasksui.fold.all"), Icon: "chevron-right", Disabled: p.at.list == 0, Act: func() { p.foldAll(true) }},
		kit.MenuItem{Label: i18n.T("tasksui.unfold.all"), Icon: "chevron-down", Disabled: p.at.list == 0, Act: func() { p.foldAll(false) }},
		kit.MenuItem{},
		kit.MenuItem{Label: i18n.T("tasksui.print"), Icon: "file", Disabled: p.cfg.OpenData == nil, Act: p.print},
		kit.MenuItem{Label: i18n.T("tasksui.export.ics"), Icon: "download", Disabled: p.cfg.Save == nil, Act: func() { p.export(tasks.FormatICS) }},
		kit.MenuItem{Label: i18n.T("tasksui.export.csv"), Disabled: p.cfg.Save == nil, Act: func() { p.export(tasks.FormatCSV) }},
		kit.MenuItem{Label: i18n.T("tasksui.import"), Icon: "upload", Disabled: p.cfg.PickFiles == nil, Act: p.importFile},
		kit.MenuItem{},
		kit.MenuItem{Label: i18n.T("tasksui.list.new"), Icon: "list", Disabled: !canMake, Act: p.newList})
}
