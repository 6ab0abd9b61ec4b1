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
	"kontor/app/ui/theme"
)

// naming is a title that is being typed in its row.
type naming struct {
	task  tasks.Task
	field *kit.Entry
}

// rename puts a field over the title of the chosen task. Enter, Tab or a click elsewhere take what was typed; Escape
// does not.
func (p *Page) rename() {
	items := p.selected()
	stage, ok := p.cfg.Window.Canvas().Content().(*kit.Stage)
	if !ok || len(items) != 1 || items[0].ReadOnly {
		return
	}
	i := items[0]
	p.endNaming(false)
	field := kit.NewEntry("")
	field.Name = i18n.T("tasksui.rename.field", "title", title(i.Task))
	field.SetText(i.Title)
	field.OnSubmitted = func(string) { p.endNaming(true) }
	field.OnKey = kit.Escape(func() { p.endNaming(false) })
	p.naming = &naming{i.Task, field}
	stage.Float(field, func(fyne.Size) (fyne.Position, fyne.Size) {
		row := slices.IndexFunc(p.lines, func(l item) bool { return l.ID == i.ID })
		at, size := p.rows.Place(max(row, 0))
		at = at.Subtract(fyne.CurrentApp().Driver().AbsolutePositionForObject(stage))
		h := max(field.MinSize().Height, theme.Px(28))
		x := left(i) + theme.Px(22)
		return at.AddXY(x, (size.Height-h)/2), fyne.NewSize(max(size.Width-x-theme.Px(14), theme.Px(160)), h)
	}, func() { p.endNaming(true) })
	kit.Focus(field)
	field.TypedShortcut(&fyne.ShortcutSelectAll{})
	field.OnFocus = func(on bool) { // Tab, or another window, takes the title as a click elsewhere does
		if !on {
			p.takeTitle(true)
		}
	}
}

// endNaming is takeTitle with the keyboard back in the list.
func (p *Page) endNaming(use bool) {
	if p.naming != nil {
		p.takeTitle(use)
		kit.Focus(p.rows)
	}
}

// takeTitle takes the field away and, if use says so, gives the task the title that was typed. Where that fails, the
// field comes back with it.
func (p *Page) takeTitle(use bool) {
	n := p.naming
	if n == nil {
		return
	}
	p.naming = nil
	if stage, ok := p.cfg.Window.Canvas().Content().(*kit.Stage); ok && stage.Floating() == fyne.CanvasObject(n.field) {
		stage.Unfloat()
	}
	text := strings.TrimSpace(n.field.Text)
	if !use || text == n.task.Title {
		return
	}
	kit.Act(func() error {
		return p.cfg.Tasks.Edit(context.Background(), n.task.ID, tasks.Edit{Title: &text})
	}, func(err error) {
		if err == nil {
			p.reload()
			return
		}
		p.cfg.ShowError(err)
		p.rows.SelectKey(n.task.ID)
		if p.rename(); p.naming != nil {
			p.naming.field.SetText(text)
		} else {
			p.cfg.Copy(text)
		}
	})
}
