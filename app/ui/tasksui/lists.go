// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
)

// placeMenu is the context menu of a line at the left.
func (p *Page) placeMenu(id string, at fyne.Position) {
	_, canMake := p.cfg.Account()
	menu := []kit.MenuItem{{Label: i18n.T("tasksui.list.new"), Icon: "plus", Disabled: !canMake, Act: p.newList}}
	where, _ := placeOf(id)
	if l, ok := p.list(where.list); ok {
		menu = append(menu,
			kit.MenuItem{Label: i18n.T("tasksui.list.rename"), Icon: "pen", Disabled: l.ReadOnly, Act: func() { p.renamePlace(where) }},
			kit.MenuItem{Label: i18n.T("tasksui.list.color"), Disabled: l.ReadOnly, Children: p.colorMenu(l)},
			kit.MenuItem{Label: i18n.T("tasksui.menu.up"), Icon: "arrow-up", Disabled: !p.canPlace(l, -1), Act: func() { p.stepList(l, -1) }},
			kit.MenuItem{Label: i18n.T("tasksui.menu.down"), Icon: "arrow-down", Disabled: !p.canPlace(l, 1), Act: func() { p.stepList(l, 1) }},
			kit.MenuItem{Label: i18n.T("tasksui.list.remove"), Icon: "trash", Disabled: l.ReadOnly, Act: func() { p.removePlace(where) }},
			kit.MenuItem{},
			kit.MenuItem{Label: i18n.T("tasksui.import"), Icon: "upload", Disabled: l.ReadOnly || p.cfg.PickFiles == nil, Act: func() { p.importInto(l.ID) }})
	}
	if _, ok := p.search(where.saved); ok {
		menu = append(menu,
			kit.MenuItem{Label: i18n.T("tasksui.search.rename"), Icon: "pen", Act: func() { p.renamePlace(where) }},
			kit.MenuItem{Label: i18n.T("tasksui.search.edit"), Icon: "filter", Act: func() { p.editSearch(where.saved) }},
			kit.MenuItem{Label: i18n.T("tasksui.search.remove"), Icon: "trash", Act: func() { p.removePlace(where) }})
	}
	kit.PopUp(p.side, at, menu...)
}

// listColors are the colours that lists can have, and the keys of their names.
var listColors = []struct{ key, hex string }{
	{"teal", "#0b6e75"},
	{"blue", "#1f5fbf"},
	{"violet", "#6b4fa0"},
	{"pink", "#b3266e"},
	{"red", "#b3261e"},
	{"orange", "#c05a00"},
	{"yellow", "#a67c00"},
	{"green", "#2e7d32"},
	{"grey", "#5b6873"},
}

func (p *Page) colorMenu(l tasks.List) []kit.MenuItem {
	var menu []kit.MenuItem
	for _, c := range listColors {
		icon := ""
		if c.hex == l.Color {
			icon = "check"
		}
		menu = append(menu, kit.MenuItem{Label: i18n.T("tasksui.color." + c.key), Icon: icon, Act: func() {
			p.do(i18n.T("tasksui.toast.recolored", "list", l.Name), func(ctx context.Context) error {
				return p.cfg.Tasks.EditList(ctx, l.ID, l.Name, c.hex)
			})
		}})
	}
	return menu
}

// newList asks for a name. A new list gets a colour that no other one has.
func (p *Page) newList() {
	account, ok := p.cfg.Account()
	if !ok {
		return
	}
	taken := map[string]int{}
	for _, l := range p.lists {
		taken[l.Color]++
	}
	hex := listColors[0].hex
	for _, c := range listColors {
		if taken[c.hex] < taken[hex] {
			hex = c.hex
		}
	}
	p.ask(i18n.T("tasksui.list.new"), "", func(ctx context.Context, name string) error {
		_, err := p.cfg.Tasks.CreateList(ctx, account, name, hex)
		return err
	})
}

// renamePlace asks for another name of a list or of a search.
func (p *Page) renamePlace(at place) {
	if l, ok := p.list(at.list); ok && !l.ReadOnly {
		p.ask(i18n.T("tasksui.list.rename"), l.Name, func(ctx context.Context, name string) error {
			return p.cfg.Tasks.EditList(ctx, l.ID, name, l.Color)
		})
	}
	if s, ok := p.search(at.saved); ok {
		p.ask(i18n.T("tasksui.search.rename"), s.Name, func(ctx context.Context, name string) error {
			s.Name = name
			_, err := p.cfg.Tasks.Save(ctx, s)
			return err
		})
	}
}

// removePlace deletes a list, which can be undone, or forgets a search, which is offered to be kept again.
func (p *Page) removePlace(at place) {
	if l, ok := p.list(at.list); ok && !l.ReadOnly {
		p.do(i18n.T("tasksui.toast.list-removed", "list", l.Name), func(ctx context.Context) error {
			return p.cfg.Tasks.DeleteList(ctx, l.ID)
		})
	}
	s, ok := p.search(at.saved)
	if !ok {
		return
	}
	kit.Act(func() error { return p.cfg.Tasks.Forget(context.Background(), s.ID) }, func(err error) {
		if err != nil {
			p.cfg.ShowError(err)
			return
		}
		p.cfg.Toast(i18n.T("tasksui.toast.search-removed", "name", s.Name), i18n.T("ui.undo"), func() { p.keep(tasks.Saved{Name: s.Name, Query: s.Query}) })
		p.reload()
	})
}

// keep stores a search and shows it.
func (p *Page) keep(s tasks.Saved) {
	kit.Load(func() (int64, error) { return p.cfg.Tasks.Save(context.Background(), s) }, func(id int64, err error) {
		if err != nil {
			p.cfg.ShowError(err)
			return
		}
		s.ID = id
		if _, there := p.search(id); !there {
			p.saved = append(p.saved, s)
		}
		p.goTo(place{saved: id})
	})
}

// ask lets the person type a name.
func (p *Page) ask(title, value string, use func(ctx context.Context, name string) error) {
	p.cfg.AskName(title, value, func(name string) {
		p.do("", func(ctx context.Context) error { return use(ctx, name) })
	})
}
