// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
)

// StartNew puts the keyboard into the quick entry.
func (p *Page) StartNew() { kit.Focus(p.quick) }

// target is the list that a new task goes into: the one that is shown, else the first that can be written. Where there
// is none it has no ID, and the core says so.
func (p *Page) target() tasks.List {
	if l, ok := p.list(p.query.ListID); ok && !l.ReadOnly {
		return l
	}
	for _, l := range p.lists {
		if !l.ReadOnly {
			return l
		}
	}
	return tasks.List{}
}

// addQuick makes a task of the line that was typed. In the list of today it is due today unless the line says otherwise.
func (p *Page) addQuick(text string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return
	}
	e := tasks.Quick(text, p.cfg.Now())
	if p.query.ListID == 0 && p.query.Smart == tasks.SmartToday && e.Due == nil {
		e.Due = &tasks.When{Time: p.cfg.Now(), AllDay: true}
	}
	list, place := p.target(), p.query
	p.add(p.quick, list.ID, e, func() {
		if place.ListID == 0 && place.Smart != tasks.SmartToday { // it may not be in view
			p.cfg.Toast(i18n.T("tasksui.toast.added", "title", *e.Title, "list", list.Name), i18n.T("ui.undo"), p.cfg.Undo)
		}
	})
}

// add makes a task of what was typed into a field, and calls then. Where that fails, the field gets its text back.
func (p *Page) add(field *kit.Entry, list int64, e tasks.Edit, then func()) {
	text := field.Text
	field.SetText("")
	kit.Load(func() (int64, error) { return p.cfg.Tasks.Add(context.Background(), list, e) }, func(_ int64, err error) {
		if err != nil {
			field.SetText(strings.TrimSpace(text + " " + field.Text))
			p.cfg.ShowError(err)
			return
		}
		then()
		p.reload()
	})
}

// do runs a change away from the UI goroutine; words, where given, are shown with the offer to undo it.
func (p *Page) do(words string, change func(context.Context) error) {
	p.cfg.Change(words, change, p.reload)
}

// selected are the chosen tasks, in the order of the list.
func (p *Page) selected() []item {
	if p.shown == nil {
		return nil
	}
	return kit.Chosen(p.rows, p.shown.Items())
}

func idsOf(items []item) []int64 {
	ids := make([]int64, len(items))
	for n, i := range items {
		ids[n] = i.ID
	}
	return ids
}

// toggle finishes open tasks, or reopens them where all are closed.
func (p *Page) toggle(items []item) {
	var open, closed []item
	for _, i := range items {
		switch {
		case p.ticking[i.ID]:
		case i.Closed():
			closed = append(closed, i)
		default:
			open = append(open, i)
		}
	}
	switch {
	case len(open) > 0:
		p.tick(i18n.T("tasksui.toast.done", "n", len(open), "title", title(open[0].Task)), open, p.cfg.Tasks.Done)
	case len(closed) > 0:
		p.tick("", closed, p.cfg.Tasks.Reopen)
	}
}

// tick finishes or reopens tasks, each once.
func (p *Page) tick(words string, items []item, act func(context.Context, []int64) error) {
	ids := idsOf(items)
	for _, id := range ids {
		p.ticking[id] = true
	}
	kit.Act(func() error { return act(context.Background(), ids) }, func(err error) {
		for _, id := range ids {
			delete(p.ticking, id)
		}
		switch {
		case err != nil:
			p.cfg.ShowError(err)
			return
		case words != "":
			p.cfg.Toast(words, i18n.T("ui.undo"), p.cfg.Undo)
		}
		p.reload()
	})
}

func (p *Page) remove(items []item) {
	if len(items) == 0 {
		return
	}
	p.do(i18n.T("tasksui.toast.removed", "n", len(items), "title", title(items[0].Task)), func(ctx context.Context) error {
		return p.cfg.Tasks.Remove(ctx, idsOf(items))
	})
}

// indent makes the task at the cursor a subtask of the one above it, or moves it out by one level.
func (p *Page) indent(in bool) {
	at := p.rows.CursorRow()
	i, ok := p.rows.Current()
	if !ok || i.heading != "" || p.query.ListID == 0 {
		return
	}
	parent, found := "", !in && i.depth > 0
	for n := at - 1; n >= 0; n-- {
		above, ok := p.rows.At(n)
		if !ok {
			return
		}
		if in && above.depth <= i.depth {
			parent, found = above.UID, above.depth == i.depth
			break
		}
		if !in && above.depth == i.depth-2 {
			parent = above.UID
			break
		}
	}
	if found && parent != i.ParentUID {
		p.do("", func(ctx context.Context) error { return p.cfg.Tasks.Edit(ctx, i.ID, tasks.Edit{Parent: &parent}) })
	}
}

func (p *Page) key(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyEscape:
		return p.content.Escape(ev)
	case fyne.KeyDelete:
		p.remove(p.selected())
	case fyne.KeySpace:
		p.toggle(p.selected())
	case fyne.KeyRight:
		p.indent(true)
	case fyne.KeyLeft:
		p.indent(false)
	case fyne.KeyF2:
		p.edit()
	default:
		return false
	}
	return true
}

func (p *Page) rune(r rune) bool { return r == ' ' }

// taskMenu is the context menu of the chosen tasks.
func (p *Page) taskMenu(at fyne.Position) {
	items := p.selected()
	if len(items) == 0 {
		return
	}
	word := "tasksui.menu.done"
	if items[0].Closed() {
		word = "tasksui.menu.reopen"
	}
	var lists []kit.MenuItem
	for _, l := range p.lists {
		lists = append(lists, kit.MenuItem{Label: l.Name, Disabled: l.ReadOnly, Act: func() {
			p.do(i18n.T("tasksui.toast.moved", "list", l.Name), func(ctx context.Context) error {
				return p.cfg.Tasks.Move(ctx, idsOf(items), l.ID)
			})
		}})
	}
	menu := []kit.MenuItem{}
	if items[0].mark == journal.MarkConflict {
		menu = append(menu, kit.MenuItem{Label: i18n.T("tasksui.decide"), Icon: "warning", Act: p.cfg.Decide}, kit.MenuItem{})
	}
	kit.PopUp(p.rows, at, append(menu,
		kit.MenuItem{Label: i18n.T(word), Icon: "check", Act: func() { p.toggle(items) }},
		kit.MenuItem{Label: i18n.T("tasksui.menu.move"), Icon: "list", Children: lists},
		kit.MenuItem{Label: i18n.T("tasksui.menu.in"), Act: func() { p.indent(true) }, Disabled: p.query.ListID == 0},
		kit.MenuItem{Label: i18n.T("tasksui.menu.out"), Act: func() { p.indent(false) }, Disabled: items[0].depth == 0},
		kit.MenuItem{},
		kit.MenuItem{Label: i18n.T("tasksui.menu.remove"), Icon: "trash", Act: func() { p.remove(items) }})...)
}

// listMenu is the context menu of a list at the left.
func (p *Page) listMenu(id string, at fyne.Position) {
	account, canMake := p.cfg.Account()
	menu := []kit.MenuItem{{Label: i18n.T("tasksui.list.new"), Icon: "plus", Disabled: !canMake, Act: func() {
		p.ask(i18n.T("tasksui.list.new"), "", func(ctx context.Context, name string) error {
			_, err := p.cfg.Tasks.CreateList(ctx, account, name, "")
			return err
		})
	}}}
	for _, l := range p.lists {
		if listPrefix+itoa(l.ID) != id {
			continue
		}
		menu = append(menu,
			kit.MenuItem{Label: i18n.T("tasksui.list.rename"), Icon: "pen", Disabled: l.ReadOnly, Act: func() {
				p.ask(i18n.T("tasksui.list.rename"), l.Name, func(ctx context.Context, name string) error {
					return p.cfg.Tasks.EditList(ctx, l.ID, name, l.Color)
				})
			}},
			kit.MenuItem{Label: i18n.T("tasksui.list.remove"), Icon: "trash", Disabled: l.ReadOnly, Act: func() {
				p.do(i18n.T("tasksui.toast.list-removed", "list", l.Name), func(ctx context.Context) error {
					return p.cfg.Tasks.DeleteList(ctx, l.ID)
				})
			}})
	}
	kit.PopUp(p.side, at, menu...)
}

// ask lets the person type a name.
func (p *Page) ask(title, value string, use func(ctx context.Context, name string) error) {
	p.cfg.AskName(title, value, func(name string) {
		p.do("", func(ctx context.Context) error { return use(ctx, name) })
	})
}
