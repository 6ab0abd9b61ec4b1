// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// detail is the pane at the right: every field of a task, changed in place.
type detail struct {
	page    *Page
	content fyne.CanvasObject
	scroll  *kit.Scroller
	body    *fyne.Container
	bulk    *bulk
	nothing *kit.Empty // stands where no task is shown
	task    tasks.Task
	id      int64
	turn    int
	gone    bool                        // the task was deleted while something was typed about it
	unsaved map[int64]map[string]string // what could not be stored, by task and field

	inputs                           []*input
	title, due, start, percent, tags *input
	note                             *input
	child, link                      *kit.Entry
	picker                           *linkPicker
	list, priority, repeat, remind   *choice

	markBox  fyne.CanvasObject
	mark     *kit.Badge
	decide   *kit.Button
	notice   *kit.Notice
	conflict *conflict
	explain  *kit.Paragraph
	wrong    *kit.Label
	bad      map[*input]string // what is wrong with a field
	assignee [2]fyne.CanvasObject
	who      *kit.Label
	suggest  *fyne.Container

	childHead, linkHead    *kit.Label
	fileBox                fyne.CanvasObject // the title above attachments
	children, links, files *fyne.Container
	history                *kit.Paragraph
}

func newDetail(p *Page) *detail {
	d := &detail{page: p, bad: map[*input]string{}, unsaved: map[int64]map[string]string{}}
	d.mark = kit.NewBadge("", "", kit.ToneWarn)
	d.decide = kit.NewLink(i18n.T("tasksui.decide"), func() { p.cfg.Decide() })
	d.markBox = inset(container.NewHBox(container.NewCenter(d.mark), d.decide))
	d.markBox.Hide()
	d.notice = kit.NewNotice(d.answerNotice)
	d.notice.Hide()
	d.conflict = newConflict(d)
	d.explain = kit.NewParagraph("", 12, theme.Muted)
	d.wrong = kit.NewLabel("", 12, theme.Bad, false)
	d.wrong.Hide()
	d.makeInputs()
	d.makeLists()
	d.bulk = newBulk(p)
	d.body = kit.NewColumn(6, d.title.box, d.markBox, d.notice, d.conflict.box, d.wrong, d.grid(), d.suggest, d.note.box, d.explain,
		inset(d.childHead), d.children, ringed(d.child), kit.Space(1, 2), inset(d.linkHead), d.links, ringed(d.link),
		d.fileBox, d.files, inset(d.history))
	d.nothing = kit.NewEmpty("check-square", i18n.T("tasksui.nothing.title"), i18n.T("tasksui.nothing.text"), nil)
	d.body.Hide()
	d.scroll = kit.NewScroller(kit.NewPanel(theme.Surface, d.body).Padded(12, 14, 16, 14))
	d.content = kit.NewPanel(theme.Surface, container.NewStack(d.scroll.Container, d.bulk.content, d.nothing))
	return d
}

// makeInputs makes the fields that are typed into.
func (d *detail) makeInputs() {
	d.title = d.input(&input{
		Entry: kit.NewEntry(i18n.T("tasksui.untitled")), name: "title", pause: true, size: 17, form: func(t tasks.Task) string { return t.Title },
		edit: func(text string) (tasks.Edit, error) {
			text = strings.TrimSpace(text)
			return tasks.Edit{Title: &text}, nil
		},
	})
	d.title.TextStyle.Bold = true
	d.title.Name = i18n.T("tasksui.field.title")
	d.due = d.whenInput("due", func(t tasks.Task) tasks.When { return t.Due }, func(w tasks.When) tasks.Edit { return tasks.Edit{Due: &w} })
	d.start = d.whenInput("start", func(t tasks.Task) tasks.When { return t.Start }, func(w tasks.When) tasks.Edit { return tasks.Edit{Start: &w} })
	d.percent = d.input(&input{Entry: d.entry("percent", "0 %"), name: "percent", form: percentText, edit: percentEdit})
	d.tags = d.input(&input{
		Entry: d.entry("tags", i18n.T("tasksui.tags.hint")), name: "tags", form: func(t tasks.Task) string { return tagText(t.Tags) },
		edit: func(text string) (tasks.Edit, error) {
			tags := tagWords(text)
			return tasks.Edit{Tags: &tags}, nil
		},
	})
	typed := d.tags.OnChanged
	d.tags.OnChanged = func(text string) {
		typed(text)
		d.suggestTags()
	}
	d.note = d.input(&input{
		Entry: kit.NewMultiline(i18n.T("tasksui.note.hint")), name: "note", pause: true, form: func(t tasks.Task) string { return t.Note },
		edit: func(text string) (tasks.Edit, error) { return tasks.Edit{Note: &text}, nil },
	})
	d.note.Name = i18n.T("tasksui.note.hint")
	d.note.SetMinRowsVisible(4)
	d.list = newChoice(i18n.T("tasksui.field.list"), d.chooseList)
	d.priority = newChoice(i18n.T("tasksui.field.priority"), d.choosePriority)
	d.repeat = newChoice(i18n.T("tasksui.field.repeat"), d.chooseRepeat)
	d.remind = newChoice(i18n.T("tasksui.field.remind"), d.chooseRemind)
	d.who = kit.NewLabel("", 14, theme.Text, false)
	d.suggest = kit.NewRowOf(4)
}

// entry is a field whose caption stands beside it.
func (d *detail) entry(field, hint string) *kit.Entry {
	e := kit.NewEntry(hint)
	e.Name = i18n.T("tasksui.field." + field)
	return e
}

func (d *detail) whenInput(name string, get func(tasks.Task) tasks.When, edit func(tasks.When) tasks.Edit) *input {
	return d.input(&input{
		Entry: d.entry(name, i18n.T("tasksui.date.hint")), name: name,
		rest: func(t tasks.Task) string { return dueWords(get(t), d.page.cfg.Now()) },
		form: func(t tasks.Task) string { return exactWhen(get(t)) },
		edit: func(text string) (tasks.Edit, error) {
			w, err := tasks.ParseWhen(strings.TrimSpace(text), d.page.cfg.Now())
			return edit(w), err
		},
	})
}

// makeLists makes the parts that belong to a task: subtasks, links and attachments.
func (d *detail) makeLists() {
	d.childHead, d.linkHead = kit.Section(""), kit.Section(strings.ToUpper(i18n.T("tasksui.section.links")))
	d.fileBox = inset(kit.Section(strings.ToUpper(i18n.T("tasksui.section.files"))))
	d.children, d.links, d.files = kit.NewColumn(0), kit.NewColumn(0), kit.NewColumn(0)
	d.child = kit.NewEntry(i18n.T("tasksui.child.hint"))
	d.child.OnSubmitted = d.addChild
	d.link = kit.NewEntry(i18n.T("tasksui.link.hint"))
	d.picker = newLinkPicker(d)
	d.link.OnChanged, d.link.OnKey = d.picker.typed, d.picker.key
	d.child.OnKey = func(ev *fyne.KeyEvent) bool { return d.page.content.Escape(ev) }
	d.history = kit.NewParagraph("", 12, theme.Muted)
}

func (d *detail) grid() fyne.CanvasObject {
	day := func(f *input) fyne.CanvasObject {
		pick := kit.NewIconButton("calendar", f.Name+": "+i18n.T("tasksui.pick"), func() { d.pickDay(f) })
		return kit.NewDock(nil, nil, nil, pick, f.box)
	}
	caption := func(key string) fyne.CanvasObject { return kit.Caption(i18n.T("tasksui.field." + key)) }
	d.assignee = [2]fyne.CanvasObject{caption("assignee"), kit.NewPanel(theme.Clear, d.who).Padded(3, 0, 3, 6)}
	return container.New(fields{},
		caption("list"), d.list, caption("due"), day(d.due), caption("start"), day(d.start), caption("remind"), d.remind,
		caption("priority"), d.priority, caption("percent"), d.percent.box, caption("repeat"), d.repeat, caption("tags"), d.tags.box,
		d.assignee[0], d.assignee[1])
}

// inset puts something where the words of the fields begin.
func inset(o fyne.CanvasObject) fyne.CanvasObject {
	return kit.NewPanel(theme.Clear, o).Padded(0, 6, 0, 6)
}

// first is what the keyboard reaches first in the pane.
func (d *detail) first() fyne.Focusable { return d.title.Entry }

// focus puts the keyboard into the title.
func (d *detail) focus() { kit.Focus(d.title.Entry) }

// fieldKey is a key that a field does not use itself.
func (d *detail) fieldKey(f *input, ev *fyne.KeyEvent) bool {
	if ev.Name == fyne.KeyDown && (f == d.due || f == d.start) {
		d.pickDay(f)
		return true
	}
	return false
}

// complain says what is wrong with a field, nothing for an empty text.
func (d *detail) complain(field *input, words string) {
	if d.bad[field] == words {
		return
	}
	d.bad[field] = words
	for _, f := range d.inputs {
		if d.bad[f] != "" {
			words = d.bad[f]
		}
	}
	d.wrong.Set(words)
	kit.SetVisible(d.wrong, words != "")
	d.reflow()
}

func (d *detail) reflow() {
	d.body.Refresh()
	d.scroll.Reflow()
}

// showBody shows the fields, or says that no task is chosen.
func (d *detail) showBody(on bool) {
	kit.SetVisible(d.body, on)
	kit.SetVisible(d.nothing, !on && !d.bulk.content.Visible())
}

// typing reports whether a person is in the middle of a field.
func (d *detail) typing() bool {
	if slices.ContainsFunc(d.inputs, func(f *input) bool { return f.on }) {
		return true
	}
	focused := d.page.cfg.Window.Canvas().Focused()
	return focused == fyne.Focusable(d.child) || focused == fyne.Focusable(d.link)
}

// dirty reports whether something was typed that is not stored.
func (d *detail) dirty() bool { return slices.ContainsFunc(d.inputs, (*input).dirty) }

// save stores every field that was typed into.
func (d *detail) save() {
	for _, f := range d.inputs {
		f.save()
	}
}

// fillMarks shows the state of the task and what a person has to know of it.
func (d *detail) fillMarks(l loaded) {
	icon, tone := kit.MarkLook(l.mark)
	d.mark.Set(kit.MarkWords(l.mark), icon, tone)
	kit.SetVisible(d.markBox, kit.MarkWords(l.mark) != "")
	kit.SetVisible(d.decide, l.mark == journal.MarkRejected || l.mark == journal.MarkConflict && l.conflict.ID == 0)
	d.conflict.take(l.conflict)
	t := l.task
	var parts []string
	for _, e := range []struct {
		is  bool
		key string
	}{{t.Broken, "broken"}, {t.ZoneLost, "zone"}, {t.Private, "private"}, {t.ReadOnly && !t.Private, "read-only"}, {t.Override, "override"}} {
		if e.is {
			parts = append(parts, i18n.T("tasksui.explain."+e.key))
		}
	}
	d.explain.Set(strings.Join(parts, " "), theme.Muted)
	kit.SetVisible(d.explain, len(parts) > 0)
	var past []string
	if t.History > 0 {
		past = append(past, i18n.T("tasksui.history", "n", t.History))
	}
	if t.Status == tasks.Canceled {
		past = append(past, i18n.T("tasksui.canceled"))
	}
	if !t.Completed.IsZero() {
		past = append(past, i18n.T("tasksui.completed", "when", i18n.DateTime(t.Completed)))
	}
	if !t.Created.IsZero() {
		past = append(past, i18n.T("tasksui.created", "when", i18n.Date(t.Created)))
	}
	d.history.Set(strings.Join(past, " · "), theme.Muted)
}
