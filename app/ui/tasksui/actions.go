// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
)

// do runs a change away from the UI goroutine; words, where given, are shown with the offer to undo it.
func (p *Page) do(words string, change func(context.Context) error) {
	p.cfg.Change(words, change, p.reload)
}

// selected are the chosen tasks, in the order of the list.
func (p *Page) selected() []item {
	return slices.DeleteFunc(kit.Chosen(p.rows, p.lines), func(i item) bool { return i.heading != "" })
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

// cancelItems are the ways to call tasks off: at once, or, of series, once or for good. Closed ones stay as they are.
func (p *Page) cancelItems(items []item) []kit.MenuItem {
	open := slices.DeleteFunc(slices.Clone(items), func(i item) bool { return i.Closed() || i.ReadOnly })
	call := func(key string, whole bool) kit.MenuItem {
		return kit.MenuItem{Label: i18n.T(key), Disabled: len(open) == 0, Act: func() { p.callOff(open, whole) }}
	}
	if !slices.ContainsFunc(open, func(i item) bool { return i.Recurs }) {
		return []kit.MenuItem{call("tasksui.menu.cancel", false)}
	}
	return []kit.MenuItem{call("tasksui.cancel.once", false), call("tasksui.cancel.whole", true)}
}

// callOff cancels open tasks; of series the whole, or what is shown.
func (p *Page) callOff(open []item, whole bool) {
	p.do(i18n.T("tasksui.toast.canceled", "n", len(open), "title", title(open[0].Task)), func(ctx context.Context) error {
		return p.cfg.Tasks.Cancel(ctx, idsOf(open), whole)
	})
}

// cancelMenu calls off what is chosen, and asks where there is more than one way.
func (p *Page) cancelMenu(items []item) {
	switch ways := p.cancelItems(items); {
	case len(ways) > 1:
		p.cursorMenu(items, ways)
	case !ways[0].Disabled:
		ways[0].Act()
	}
}

// remove deletes tasks. Where they have subtasks that are not deleted with them, a person says what becomes of those.
func (p *Page) remove(items []item) {
	if len(items) == 0 {
		return
	}
	gone := func(children tasks.Orphans) func() {
		return func() {
			p.do(i18n.T("tasksui.toast.removed", "n", len(items), "title", title(items[0].Task)), func(ctx context.Context) error {
				return p.cfg.Tasks.RemoveWith(ctx, idsOf(items), children)
			})
		}
	}
	kit.Load(func() (int, error) { return p.orphans(context.Background(), items) }, func(n int, err error) {
		switch {
		case err != nil:
			p.cfg.ShowError(err)
		case n == 0:
			gone(tasks.OrphansUp)()
		default:
			p.cfg.Choose(i18n.T("tasksui.orphans.title", "n", len(items), "title", title(items[0].Task)), i18n.T("tasksui.orphans.text", "n", n),
				kit.Choice{Label: i18n.T("tasksui.orphans.too"), Do: gone(tasks.OrphansToo)},
				kit.Choice{Label: i18n.T("tasksui.orphans.up"), Do: gone(tasks.OrphansUp)})
		}
	})
}

// orphans counts the subtasks that tasks would leave behind.
func (p *Page) orphans(ctx context.Context, items []item) (n int, err error) {
	chosen := map[int64]bool{}
	for _, i := range items {
		chosen[i.ID] = true
	}
	for _, i := range items {
		if i.Children == 0 {
			continue
		}
		children, err := p.cfg.Tasks.Children(ctx, i.ID)
		if err != nil {
			return n, err
		}
		for _, c := range children {
			if !chosen[c.ID] {
				n++
			}
		}
	}
	return n, nil
}

// star gives tasks high priority, or takes it from them where all have it.
func (p *Page) star(items []item) {
	level := 1
	if !slices.ContainsFunc(items, func(i item) bool { return tasks.ClassOf(i.Priority) != tasks.PriorityHigh }) {
		level = 0
	}
	p.setPriority(items, level)
}

func (p *Page) setPriority(items []item, level int) {
	if len(items) > 0 {
		p.do("", func(ctx context.Context) error {
			return p.cfg.Tasks.EditAll(ctx, idsOf(items), tasks.Edit{Priority: &level})
		})
	}
}

// plan gives tasks another day; the zero When takes it away.
func (p *Page) plan(items []item, due tasks.When) {
	words := i18n.T("tasksui.toast.unplanned")
	if !due.IsZero() {
		words = i18n.T("tasksui.toast.planned", "day", dueWords(due, p.cfg.Now()))
	}
	p.do(words, func(ctx context.Context) error { return p.cfg.Tasks.Plan(ctx, idsOf(items), due) })
}

// move puts tasks into another list.
func (p *Page) move(items []item, l tasks.List) {
	p.do(i18n.T("tasksui.toast.moved", "list", l.Name), func(ctx context.Context) error {
		return p.cfg.Tasks.Move(ctx, idsOf(items), l.ID)
	})
}

// tag asks for words to add to tasks; those with a minus in front are taken away.
func (p *Page) tag(items []item) {
	p.cfg.AskName(i18n.T("tasksui.menu.tag"), "", func(text string) {
		var add, remove []string
		for _, word := range tagWords(text) {
			if gone, ok := strings.CutPrefix(word, "-"); ok {
				remove = append(remove, gone)
			} else {
				add = append(add, word)
			}
		}
		p.do("", func(ctx context.Context) error { return p.cfg.Tasks.Tag(ctx, idsOf(items), add, remove) })
	})
}

func (p *Page) key(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyEscape:
		return p.escape(ev)
	case fyne.KeyDelete:
		p.remove(p.selected())
	case fyne.KeySpace:
		p.space()
	case fyne.KeyRight, fyne.KeyLeft:
		return p.sideways(ev.Name == fyne.KeyRight)
	case fyne.KeyF2:
		p.rename()
	default:
		return false
	}
	return true
}

// space ticks off, or unfolds what is closed. With Ctrl it is the list's, which selects.
func (p *Page) space() {
	if i, ok := p.rows.Current(); ok && i.heading != "" {
		p.open(i)
		return
	}
	p.toggle(p.selected())
}

// escape goes back from details that are shown alone, or from a filter.
func (p *Page) escape(ev *fyne.KeyEvent) bool {
	if p.content.Escape(ev) {
		return true
	}
	filtered := p.finder.words() != ""
	if filtered {
		p.finder.leave()
	}
	return filtered
}

// sideways folds and unfolds, and goes from a subtask to what it lies below.
func (p *Page) sideways(right bool) bool {
	i, ok := p.rows.Current()
	if !ok {
		return false
	}
	switch {
	case i.parent && i.folded == right:
		p.fold(i, !right)
	case right && i.parent && i.heading == "":
		p.rows.SelectRow(p.rows.CursorRow() + 1)
	case !right && i.depth > 0:
		p.rows.SelectRow(tree(p.lines).above(p.rows.CursorRow()))
	}
	return true
}

func (p *Page) rune(r rune) bool { return r == ' ' }
