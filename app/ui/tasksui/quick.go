// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// StartNew puts the keyboard into the quick entry.
func (p *Page) StartNew() {
	p.content.Front(-1)
	kit.Focus(p.quick)
}

// newChild puts the keyboard where subtasks of the chosen task are typed.
func (p *Page) newChild() {
	if p.detail.id != 0 {
		p.content.ShowDetails()
		kit.Focus(p.detail.child)
	}
}

func (p *Page) quickKey(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyEscape:
		p.quick.SetText("")
		kit.Focus(p.rows)
	case fyne.KeyDown:
		kit.Focus(p.rows)
	default:
		return false
	}
	return true
}

// target is the list that a new task goes into: the one that is shown, else the first that can be written. Where there
// is none it has no ID, and the core says so.
func (p *Page) target() tasks.List {
	if l, ok := p.list(p.at.list); ok && !l.ReadOnly {
		return l
	}
	for _, l := range p.lists {
		if !l.ReadOnly {
			return l
		}
	}
	return tasks.List{}
}

// typed reads a line of quick entry and finds the list that it goes into: one that it names with an @, else target. In the list of today it is due today unless the line says otherwise, in that of
// important tasks it is important.
func (p *Page) typed(text string) (tasks.Edit, tasks.List) {
	list := p.target()
	var names []string
	for _, l := range p.lists {
		if !l.ReadOnly {
			names = append(names, l.Name)
		}
	}
	rest, name := tasks.CutList(strings.TrimSpace(text), names)
	for _, l := range p.lists {
		if name != "" && l.Name == name && !l.ReadOnly {
			list = l
		}
	}
	e := tasks.Quick(rest, p.cfg.Now())
	if p.at.list == 0 && p.at.smart == tasks.SmartToday && p.at.saved == 0 && e.Due == nil {
		today := dayFrom(p.cfg.Now(), 0)
		e.Due = &today
	}
	if p.at.smart == tasks.SmartImportant && e.Priority == nil {
		high := 1
		e.Priority = &high
	}
	return e, list
}

// dayFrom is a day counted from today.
func dayFrom(now time.Time, days int) tasks.When {
	y, m, d := now.Date()
	return tasks.When{Time: time.Date(y, m, d+days, 0, 0, 0, 0, now.Location()), AllDay: true}
}

// hear shows what the quick entry understood so far.
func (p *Page) hear(text string) {
	words := ""
	if strings.TrimSpace(text) != "" {
		words = p.heardWords(p.typed(text))
	}
	if p.heard.Words() == words {
		return
	}
	_, height := p.heard.MinSize().Components()
	p.heard.Set(words, theme.Accent)
	bar := p.top.Objects[heardBar]
	if _, now := p.heard.MinSize().Components(); now != height || bar.Visible() != (words != "") {
		kit.SetVisible(bar, words != "")
		p.middle.Refresh()
	}
}

// heardBar is the place of what was understood among the objects at the top.
const heardBar = 4

func (p *Page) heardWords(e tasks.Edit, l tasks.List) string {
	parts := []string{i18n.T("tasksui.heard.title", "title", *e.Title)}
	if e.Due != nil {
		parts = append(parts, i18n.T("tasksui.heard.due", "when", dueWords(*e.Due, p.cfg.Now())))
	}
	if e.Start != nil {
		parts = append(parts, i18n.T("tasksui.heard.start", "when", dueWords(*e.Start, p.cfg.Now())))
	}
	if e.RRule != nil {
		parts = append(parts, repeatWords(*e.RRule))
	}
	if e.Priority != nil {
		parts = append(parts, i18n.T("tasksui.heard.priority", "priority", priorityWords(*e.Priority)))
	}
	if e.Tags != nil {
		parts = append(parts, "#"+strings.Join(*e.Tags, " #"))
	}
	if l.Name != "" {
		parts = append(parts, i18n.T("tasksui.heard.list", "list", l.Name))
	}
	return strings.Join(parts, " · ")
}

// addQuick makes a task of the line that was typed.
func (p *Page) addQuick(text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	e, list := p.typed(text)
	at := p.at
	p.add(p.quick, list.ID, e, func() {
		if !p.inView(at, e, list) {
			p.cfg.Toast(i18n.T("tasksui.toast.added", "title", *e.Title, "list", list.Name), i18n.T("ui.undo"), p.cfg.Undo)
		}
	})
}

// inView reports whether a new task is surely among what is shown.
func (p *Page) inView(at place, e tasks.Edit, l tasks.List) bool {
	if at.list != 0 {
		return at.list == l.ID
	}
	tomorrow := dayFrom(p.cfg.Now(), 1).Time
	return at == place{smart: tasks.SmartToday} && e.Due != nil && e.Due.Time.Before(tomorrow)
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
