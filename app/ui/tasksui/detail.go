// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
	"kontor/storage"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// detail is the pane at the right. What is typed is stored when its field is left; until then no news from a server
// touches that field.
type detail struct {
	page    *Page
	content fyne.CanvasObject
	body    *fyne.Container
	markBox *fyne.Container
	task    tasks.Task
	id      int64
	turn    int

	title, due, start, tags, child *kit.Entry
	note                           *kit.Entry
	mark                           *kit.Badge
	decide                         *kit.Button
	list, priority, repeat, remind *kit.Button
	children                       *fyne.Container
	links                          *fyne.Container
	sections                       [2]fyne.CanvasObject // subtasks, links
	wrong                          *kit.Label
	bad                            map[*kit.Entry]string // what is wrong with a field
}

func newDetail(p *Page) *detail {
	d := &detail{page: p, bad: map[*kit.Entry]string{}, mark: kit.NewBadge("", "", kit.ToneWarn), children: container.NewVBox(), links: container.NewVBox()}
	d.title = d.field(i18n.T("tasksui.untitled"), func() bool { return d.saveTitle() })
	d.title.TextStyle.Bold = true
	d.due = d.field(i18n.T("tasksui.date.hint"), func() bool { return d.saveWhen(d.due, true) })
	d.start = d.field(i18n.T("tasksui.date.hint"), func() bool { return d.saveWhen(d.start, false) })
	d.tags = d.field(i18n.T("tasksui.tags.hint"), func() bool { return d.saveTags() })
	d.note = kit.NewMultiline(i18n.T("tasksui.note.hint"))
	d.note.SetMinRowsVisible(4)
	d.note.OnFocus = func(on bool) {
		if !on {
			d.saveNote()
		}
	}
	d.child = kit.NewEntry(i18n.T("tasksui.child.hint"))
	d.child.OnSubmitted = d.addChild
	d.list = kit.NewLink("", d.chooseList)
	d.priority, d.repeat, d.remind = kit.NewLink("", d.choosePriority), kit.NewLink("", d.chooseRepeat), kit.NewLink("", d.chooseRemind)
	d.wrong = kit.NewLabel("", 12, theme.Bad, false)
	grid := container.New(fields{},
		kit.Caption(i18n.T("tasksui.field.list")), d.list, kit.Caption(i18n.T("tasksui.field.due")), d.due,
		kit.Caption(i18n.T("tasksui.field.start")), d.start, kit.Caption(i18n.T("tasksui.field.remind")), d.remind,
		kit.Caption(i18n.T("tasksui.field.priority")), d.priority, kit.Caption(i18n.T("tasksui.field.repeat")), d.repeat,
		kit.Caption(i18n.T("tasksui.field.tags")), d.tags)
	d.sections = [2]fyne.CanvasObject{kit.Section(strings.ToUpper(i18n.T("tasksui.section.children"))), kit.Section(strings.ToUpper(i18n.T("tasksui.section.links")))}
	d.decide = kit.NewLink(i18n.T("tasksui.decide"), func() { d.page.cfg.Decide() })
	d.markBox = container.NewHBox(container.NewCenter(d.mark), d.decide)
	d.body = container.NewVBox(d.title, d.markBox, d.wrong, grid, kit.Space(1, 4), d.note, kit.Space(1, 8),
		d.sections[0], d.children, d.child, kit.Space(1, 8), d.sections[1], d.links)
	d.body.Hide()
	d.content = kit.NewPanel(theme.Surface, container.NewVScroll(kit.NewPanel(theme.Surface, d.body).Padded(12, 20, 12, 20)))
	return d
}

// field is an entry that is stored when it is left or Enter is pressed. save reports whether the text was good.
func (d *detail) field(hint string, save func() bool) *kit.Entry {
	e := kit.NewEntry(hint)
	e.OnSubmitted = func(string) {
		if save() {
			kit.Focus(d.page.rows)
		}
	}
	e.OnFocus = func(on bool) {
		if !on {
			save()
		}
	}
	e.OnKey = func(ev *fyne.KeyEvent) bool { return d.page.content.Escape(ev) }
	return e
}

// complain says what is wrong with a field, nothing for an empty text.
func (d *detail) complain(field *kit.Entry, words string) {
	d.bad[field] = words
	for _, e := range []*kit.Entry{d.start, d.due} {
		if d.bad[e] != "" {
			words = d.bad[e]
		}
	}
	d.wrong.Set(words)
	kit.SetVisible(d.wrong, words != "")
	d.body.Refresh()
}

// focus puts the keyboard into the title.
func (d *detail) focus() { kit.Focus(d.title) }

// loaded is what the pane shows of a task.
type loaded struct {
	task     tasks.Task
	children []tasks.Task
	mark     journal.Mark
}

// show reads a task. What was typed about the one before is stored first.
func (d *detail) show(id int64) {
	if id != d.id {
		d.leave()
	}
	d.id = id
	d.reload()
}

// leave stores what was typed. What cannot be understood is said aloud, since its field is about to go.
func (d *detail) leave() {
	d.save()
	if words := d.wrong.Words(); words != "" {
		d.page.cfg.Toast(words, "", nil)
	}
	clear(d.bad)
	d.complain(d.due, "")
}

// reload reads the shown task again.
func (d *detail) reload() {
	if d.id == 0 {
		return
	}
	d.turn++
	turn, id, core := d.turn, d.id, d.page.cfg.Tasks
	kit.Load(func() (l loaded, err error) {
		ctx := context.Background()
		if l.task, err = core.Task(ctx, id); err != nil {
			return l, err
		}
		if l.children, err = core.Children(ctx, id); err != nil {
			return l, err
		}
		marks, err := core.Marks(ctx, []int64{id})
		l.mark = marks[id]
		return l, err
	}, func(l loaded, err error) {
		switch {
		case turn != d.turn:
		case errors.Is(err, storage.ErrNotFound):
			d.id, d.task = 0, tasks.Task{}
			d.body.Hide()
		case err != nil:
			d.page.cfg.ShowError(err)
		default:
			d.fill(l)
		}
	})
}

// fill shows a task. A field that differs from what was shown before is being edited: it is left alone.
func (d *detail) fill(l loaded) {
	old, fresh := d.task, l.task
	other := old.ID != fresh.ID
	if other {
		d.leave() // typed while this one was being read
	}
	now := d.page.cfg.Now()
	put := func(e *kit.Entry, before, text string) {
		if other || e.Text == before {
			e.SetText(text)
		}
	}
	put(d.title, old.Title, fresh.Title)
	put(d.due, editWhen(old.Due), editWhen(fresh.Due))
	put(d.start, editWhen(old.Start), editWhen(fresh.Start))
	put(d.tags, strings.Join(old.Tags, " "), strings.Join(fresh.Tags, " "))
	put(d.note, old.Note, fresh.Note)
	d.task = fresh
	icon, tone := markLook(l.mark)
	d.mark.Set(markWords(l.mark), icon, tone)
	kit.SetVisible(d.markBox, markWords(l.mark) != "")
	kit.SetVisible(d.decide, l.mark == journal.MarkConflict || l.mark == journal.MarkRejected)
	kit.SetVisible(d.wrong, d.wrong.Words() != "")
	name := ""
	if list, ok := d.page.list(fresh.ListID); ok {
		name = list.Name
	}
	d.list.SetText(name)
	d.priority.SetText(priorityWords(fresh.Priority))
	d.repeat.SetText(repeatWords(fresh.RRule))
	d.remind.SetText(remindWords(fresh, now))
	for _, e := range []interface{ SetEnabled(bool) }{d.list, d.priority, d.repeat, d.remind} {
		e.SetEnabled(!fresh.ReadOnly)
	}
	for _, e := range []*kit.Entry{d.title, d.due, d.start, d.tags, d.note, d.child} {
		if fresh.ReadOnly {
			e.Disable()
		} else {
			e.Enable()
		}
	}
	d.fillChildren(l.children)
	d.fillLinks(fresh)
	d.body.Show()
	d.body.Refresh()
}

func (d *detail) fillChildren(children []tasks.Task) {
	d.children.RemoveAll()
	for _, c := range children {
		box := newCheckLine(c, func() { d.page.toggle([]item{{Task: c}}) }, func() { d.show(c.ID) })
		d.children.Add(box)
	}
}

func (d *detail) fillLinks(t tasks.Task) {
	d.links.RemoveAll()
	all := linksOf(t)
	kit.SetVisible(d.sections[1], len(all) > 0)
	for _, l := range all {
		b := kit.NewPlain(l.words, l.icon, func() { d.page.cfg.OpenLink(l.uri) })
		d.links.Add(kit.NewRowOf(0, b))
	}
}

// editWhen writes a date so that it can be read back.
func editWhen(w tasks.When) string {
	if w.IsZero() {
		return ""
	}
	if w.AllDay {
		return i18n.Date(w.Time)
	}
	return i18n.Date(w.Time.Local()) + " " + i18n.Clock(w.Time)
}

func priorityWords(n int) string {
	switch {
	case n >= 1 && n <= 4:
		return i18n.T("tasksui.priority.high")
	case n == 5:
		return i18n.T("tasksui.priority.medium")
	case n >= 6:
		return i18n.T("tasksui.priority.low")
	}
	return i18n.T("tasksui.priority.none")
}

func remindWords(t tasks.Task, now time.Time) string {
	for _, a := range t.Alarms {
		if a.Before > 0 {
			return beforeWords(a.Before)
		}
		if !a.At.IsZero() {
			return i18n.Day(a.At, now) + " " + i18n.Clock(a.At)
		}
	}
	return i18n.T("tasksui.remind.none")
}

// beforeWords says how long before its time a task reminds, in the largest unit that fits.
func beforeWords(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == 0:
		return i18n.T("tasksui.remind.then")
	case d%day == 0:
		return i18n.T("tasksui.remind.days", "n", int(d/day))
	case d%time.Hour == 0:
		return i18n.T("tasksui.remind.hours", "n", int(d/time.Hour))
	}
	return i18n.T("tasksui.remind.before", "n", int(d.Minutes()))
}

// save stores every field that was typed into.
func (d *detail) save() {
	if d.task.ID == 0 || d.task.ReadOnly {
		return
	}
	d.saveTitle()
	d.saveWhen(d.due, true)
	d.saveWhen(d.start, false)
	d.saveTags()
	d.saveNote()
}

// edit changes the task. Where that fails, before makes the pane know again what is stored: the field then differs from
// it, keeps what was typed, and is stored the next time it is left.
func (d *detail) edit(e tasks.Edit, before func(*tasks.Task)) {
	id := d.task.ID
	kit.Act(func() error { return d.page.cfg.Tasks.Edit(context.Background(), id, e) }, func(err error) {
		if err == nil {
			d.page.reload()
			return
		}
		if d.task.ID == id {
			before(&d.task)
		}
		d.page.cfg.ShowError(err)
	})
}

// set changes a value that was chosen, not typed.
func (d *detail) set(e tasks.Edit) { d.edit(e, func(*tasks.Task) {}) }

func (d *detail) saveTitle() bool {
	text := strings.TrimSpace(d.title.Text)
	if text != d.task.Title && d.task.ID != 0 {
		old := d.task.Title
		d.task.Title = d.title.Text
		d.edit(tasks.Edit{Title: &text}, func(t *tasks.Task) { t.Title = old })
	}
	return true
}

func (d *detail) saveNote() {
	if text := d.note.Text; text != d.task.Note && d.task.ID != 0 {
		old := d.task.Note
		d.task.Note = text
		d.edit(tasks.Edit{Note: &text}, func(t *tasks.Task) { t.Note = old })
	}
}

func (d *detail) saveTags() bool {
	tags := strings.FieldsFunc(strings.ReplaceAll(d.tags.Text, "#", " "), func(r rune) bool { return r == ' ' || r == ',' })
	if strings.Join(tags, " ") != strings.Join(d.task.Tags, " ") && d.task.ID != 0 {
		old := d.task.Tags
		d.task.Tags = tags
		d.edit(tasks.Edit{Tags: &tags}, func(t *tasks.Task) { t.Tags = old })
	}
	return true
}

// saveWhen stores a date; one that cannot be read stays in the field and is named below the title.
func (d *detail) saveWhen(e *kit.Entry, due bool) bool {
	old := d.task.Start
	if due {
		old = d.task.Due
	}
	if strings.TrimSpace(e.Text) == editWhen(old) || d.task.ID == 0 {
		d.complain(e, "")
		return true
	}
	w, err := tasks.ParseWhen(strings.TrimSpace(e.Text), d.page.cfg.Now())
	if errors.Is(err, tasks.ErrDate) {
		d.complain(e, i18n.T("tasksui.date.wrong", "text", e.Text))
		return false
	}
	d.complain(e, "")
	if due {
		d.task.Due = w
		d.edit(tasks.Edit{Due: &w}, func(t *tasks.Task) { t.Due = old })
	} else {
		d.task.Start = w
		d.edit(tasks.Edit{Start: &w}, func(t *tasks.Task) { t.Start = old })
	}
	e.SetText(editWhen(w))
	return true
}

func (d *detail) addChild(text string) {
	text = strings.TrimSpace(text)
	if text == "" || d.task.ID == 0 {
		return
	}
	parent := d.task.UID
	d.page.add(d.child, d.task.ListID, tasks.Edit{Title: &text, Parent: &parent}, func() {})
}

func (d *detail) chooseList() {
	var menu []kit.MenuItem
	id := d.task.ID
	for _, l := range d.page.lists {
		menu = append(menu, kit.MenuItem{Label: l.Name, Disabled: l.ReadOnly || l.ID == d.task.ListID, Act: func() {
			d.page.do(i18n.T("tasksui.toast.moved", "list", l.Name), func(ctx context.Context) error {
				return d.page.cfg.Tasks.Move(ctx, []int64{id}, l.ID)
			})
		}})
	}
	kit.PopUpBelow(d.list, menu...)
}

func (d *detail) choosePriority() {
	var menu []kit.MenuItem
	for _, n := range []int{1, 5, 9, 0} {
		menu = append(menu, kit.MenuItem{Label: priorityWords(n), Act: func() { d.set(tasks.Edit{Priority: &n}) }})
	}
	kit.PopUpBelow(d.priority, menu...)
}

func (d *detail) chooseRepeat() {
	var menu []kit.MenuItem
	for _, r := range repeats {
		menu = append(menu, kit.MenuItem{Label: i18n.T(r.key), Act: func() { d.set(tasks.Edit{RRule: &r.rule}) }})
	}
	kit.PopUpBelow(d.repeat, menu...)
}

func (d *detail) chooseRemind() {
	var menu []kit.MenuItem
	for _, minutes := range []int{0, 5, 15, 30, 60, 24 * 60} {
		before := time.Duration(minutes) * time.Minute
		menu = append(menu, kit.MenuItem{Label: beforeWords(before), Act: func() { d.set(tasks.Edit{Remind: &before}) }})
	}
	none := time.Duration(-1)
	menu = append(menu, kit.MenuItem{Label: i18n.T("tasksui.remind.none"), Act: func() { d.set(tasks.Edit{Remind: &none}) }})
	kit.PopUpBelow(d.remind, menu...)
}
