// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// bulk stands in place of the details while several tasks are chosen: what can be done to all of them.
type bulk struct {
	content *kit.Panel
	title   *kit.Label
}

func newBulk(p *Page) *bulk {
	b := &bulk{title: kit.NewLabel("", 18, theme.Text, true)}
	parts := []fyne.CanvasObject{b.title}
	add := func(key, icon string, do func([]item, *kit.Button)) {
		var button *kit.Button
		button = kit.NewPlain(i18n.T(key), icon, func() { do(p.selected(), button) })
		parts = append(parts, kit.NewRowOf(0, button))
	}
	act := func(do func([]item)) func([]item, *kit.Button) {
		return func(items []item, _ *kit.Button) { do(items) }
	}
	choose := func(of func([]item) []kit.MenuItem) func([]item, *kit.Button) {
		return func(items []item, b *kit.Button) { kit.PopUpBelow(b, of(items)...) }
	}
	add("tasksui.bulk.done", "check", act(p.toggle))
	add("tasksui.menu.cancel", "close", choose(p.cancelItems))
	add("tasksui.menu.plan", "calendar", choose(p.planItems))
	add("tasksui.field.priority", "star", choose(p.priorityItems))
	add("tasksui.menu.tag", "tag", act(p.tag))
	add("tasksui.menu.move", "list", choose(p.moveItems))
	add("ui.copy", "copy", act(p.copyTasks))
	add("tasksui.menu.remove", "trash", act(p.remove))
	b.content = kit.NewPanel(theme.Surface, kit.NewColumn(8, parts...)).Padded(16, 20, 16, 20)
	b.content.Hide()
	return b
}

// show takes the place of the details where there is more than one task.
func (b *bulk) show(many int) {
	kit.SetVisible(b.content, many > 1)
	if many > 1 {
		b.title.Set(i18n.T("tasksui.bulk.title", "n", many))
	}
}
