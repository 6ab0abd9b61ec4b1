// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/storage"
)

// loaded is what the pane shows of a task.
type loaded struct {
	task     tasks.Task
	children []tasks.Task
	mark     journal.Mark
	links    []link
	conflict app.Conflict
	sides    tasks.Conflict
}

// follow shows what is chosen in the list. While a person types here, only the list has changed below them: the pane
// stays where it is.
func (d *detail) follow(id int64, many int) {
	d.bulk.show(many)
	d.showBody(d.body.Visible())
	kit.SetVisible(d.scroll.Container, many <= 1)
	if many > 1 {
		d.save()
		return
	}
	if id != d.id && d.typing() {
		return
	}
	d.show(id)
}

// show reads a task. What was typed about the one before is stored first.
func (d *detail) show(id int64) {
	if id != d.id {
		d.leave()
	}
	d.id = id
	if id == 0 {
		d.task = tasks.Task{}
		d.showBody(false)
		return
	}
	d.reload()
}

// leave stores what was typed. What cannot be understood is said aloud, since its field is about to go.
func (d *detail) leave() {
	if d.gone {
		d.rescue()
	}
	d.save()
	if words := d.wrong.Words(); words != "" {
		d.page.cfg.Toast(words, "", nil)
	}
	for _, f := range d.inputs {
		d.complain(f, "")
	}
	d.keepDraft("child", d.child)
	d.picker.close()
	d.keepDraft("link", d.link)
}

// keepDraft takes a text that belongs to the task that is left out of its field, until the task is shown again.
func (d *detail) keepDraft(name string, e *kit.Entry) {
	if e.Text != "" && d.task.ID != 0 {
		d.keep(d.task.ID, name, e.Text)
		e.SetText("")
	}
}

// keep remembers what was typed about a task and is not stored.
func (d *detail) keep(id int64, field, text string) {
	if d.unsaved[id] == nil {
		d.unsaved[id] = map[string]string{}
	}
	d.unsaved[id][field] = text
}

// reload reads the shown task again.
func (d *detail) reload() {
	if d.id == 0 {
		return
	}
	d.turn++
	turn, id := d.turn, d.id
	kit.Load(func() (loaded, error) { return d.read(context.Background(), id) }, func(l loaded, err error) {
		switch {
		case turn != d.turn:
		case errors.Is(err, storage.ErrNotFound):
			d.lost()
		case err != nil:
			d.page.cfg.ShowError(err)
		default:
			d.fill(l)
		}
	})
}

func (d *detail) read(ctx context.Context, id int64) (l loaded, err error) {
	core := d.page.cfg.Tasks
	if l.task, err = core.Task(ctx, id); err != nil {
		return l, err
	}
	if l.children, err = core.Children(ctx, id); err != nil {
		return l, err
	}
	tasks.Sort(l.children)
	marks, err := core.Marks(ctx, []int64{id})
	if err != nil {
		return l, err
	}
	l.mark = marks[id]
	for _, uri := range linksOf(l.task, d.page.cfg.IsFile) {
		if name := d.page.cfg.NameLink(ctx, uri.uri); name != "" {
			uri.words = name
		}
		l.links = append(l.links, uri)
	}
	if l.mark != journal.MarkConflict || d.page.cfg.Conflicts == nil {
		return l, nil
	}
	all, err := d.page.cfg.Conflicts.Conflicts(ctx)
	if i := slices.IndexFunc(all, func(c app.Conflict) bool { return c.Kind == "task" && c.RefID == id }); i >= 0 {
		if json.Unmarshal(all[i].Detail, &l.sides) == nil {
			l.conflict = all[i]
		}
	}
	return l, err
}

// fill shows a task. What is being typed stays.
func (d *detail) fill(l loaded) {
	fresh := l.task
	other := d.task.ID != fresh.ID && !d.gone
	if other {
		d.leave() // typed while this one was being read
	}
	d.gone = false
	d.task = fresh
	for _, f := range d.inputs {
		f.take(fresh, other)
	}
	d.restore(fresh.ID)
	d.conflict.sides = l.sides
	d.fillMarks(l)
	d.fillChoices(fresh)
	d.fillChildren(l.children)
	d.fillLinks(l.links)
	d.fillFiles(fresh.Attachments)
	if !d.tags.on {
		d.suggest.RemoveAll()
	}
	d.notices()
	d.showBody(true)
	d.reflow()
	if other {
		d.scroll.ScrollTop()
	}
}

// restore puts what could not be stored back into the fields.
func (d *detail) restore(id int64) {
	for name, text := range d.unsaved[id] {
		for _, f := range d.inputs {
			if f.name == name && !f.dirty() {
				f.SetText(text)
			}
		}
		switch name {
		case "child":
			d.child.SetText(text)
		case "link":
			d.link.SetText(text)
		}
	}
	delete(d.unsaved, id)
}

func (d *detail) fillChoices(t tasks.Task) {
	name := ""
	if list, ok := d.page.list(t.ListID); ok {
		name = list.Name
	}
	d.list.SetText(name)
	d.priority.SetText(priorityWords(t.Priority))
	words := repeatWords(t.RRule)
	if t.FromDone && t.RRule != "" {
		words += ", " + i18n.T("tasksui.repeat.from-done")
	}
	if t.RepeatsHere {
		words += " (" + i18n.T("tasks.repeats-here") + ")"
	}
	d.repeat.SetText(words)
	d.remind.SetText(remindWords(t, d.page.cfg.Now()))
	for _, c := range []*choice{d.list, d.priority, d.repeat, d.remind} {
		c.SetEnabled(!t.ReadOnly)
	}
	d.who.Set(t.Assignee)
	for _, o := range d.assignee {
		kit.SetVisible(o, t.Assignee != "")
	}
	entries := []*kit.Entry{d.child, d.link}
	for _, f := range d.inputs {
		entries = append(entries, f.Entry)
	}
	for _, e := range entries {
		if t.ReadOnly {
			e.Disable()
		} else if e.Disabled() {
			e.Enable()
		}
	}
}

// lost is told that the task is there no longer. Where something was typed, it is looked for elsewhere (somebody moved it
// to another list), or else the words stay to be made a new task of.
func (d *detail) lost() {
	if !d.dirty() {
		d.id, d.task, d.gone = 0, tasks.Task{}, false
		d.showBody(false)
		return
	}
	turn, uid := d.turn, d.task.UID
	kit.Load(func() (int64, error) {
		all, err := d.page.cfg.Tasks.List(context.Background(), tasks.Query{Closed: true})
		i := slices.IndexFunc(all, func(t tasks.Task) bool { return t.UID == uid && uid != "" })
		if i < 0 {
			return 0, err
		}
		return all[i].ID, err
	}, func(id int64, err error) {
		switch {
		case turn != d.turn:
		case err != nil:
			d.page.cfg.ShowError(err)
		case id != 0:
			d.id, d.task.ID = id, id
			d.reload()
		default:
			d.gone = true
			d.notices()
			d.reflow()
		}
	})
}

// rescue makes a new task of what was typed about one that was deleted meanwhile.
func (d *detail) rescue() {
	d.gone = false
	t, e := d.task, tasks.Edit{}
	for _, f := range d.inputs {
		if typed, err := f.edit(f.Text); err == nil && f.dirty() {
			t = with(t, typed)
		}
		f.base = f.Text
	}
	d.task.ID = 0
	e.Title, e.Note, e.Start, e.Due, e.Tags, e.Priority = &t.Title, &t.Note, &t.Start, &t.Due, &t.Tags, &t.Priority
	list := t.ListID
	if l, ok := d.page.list(list); !ok || l.ReadOnly {
		list = d.page.target().ID
	}
	text := strings.TrimSpace(t.Title + "\n" + t.Note)
	kit.Load(func() (int64, error) { return d.page.cfg.Tasks.Add(context.Background(), list, e) }, func(id int64, err error) {
		if err != nil {
			d.page.cfg.Copy(text) // the last place where it can be found
			d.page.cfg.ShowError(err)
			return
		}
		d.page.cfg.Toast(i18n.T("tasksui.toast.rescued", "title", title(t)), i18n.T("ui.show"), func() { d.page.Open(id) })
		d.page.reload()
	})
}

// notices says what happened to the task while something was typed.
func (d *detail) notices() {
	changed := slices.IndexFunc(d.inputs, func(f *input) bool { return f.news })
	switch {
	case d.gone:
		d.notice.Set(i18n.T("tasksui.notice.gone"), "warning", kit.ToneBad, i18n.T("tasksui.notice.rescue"))
	case changed >= 0:
		f := d.inputs[changed]
		d.notice.Set(i18n.T("tasksui.notice.news", "field", f.Name, "value", shortened(f.theirs)), "info", kit.ToneWarn, i18n.T("tasksui.notice.take"))
	default:
		d.notice.Set("", "", kit.ToneMuted, "")
	}
}

// answerNotice does what the notice offers.
func (d *detail) answerNotice() {
	if d.gone {
		d.rescue()
		d.show(0)
		kit.Focus(d.page.rows)
		return
	}
	for _, f := range d.inputs {
		if f.news {
			f.news = false
			f.SetText(f.theirs)
			f.save()
			break
		}
	}
	d.notices()
	d.reflow()
}

// change sets values that were chosen, not typed.
func (d *detail) change(e tasks.Edit) {
	id := d.task.ID
	if id == 0 || d.gone {
		return
	}
	d.page.do("", func(ctx context.Context) error { return d.page.cfg.Tasks.Edit(ctx, id, e) })
}

// shortened is the beginning of a long text.
func shortened(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + " …"
	}
	return text
}
