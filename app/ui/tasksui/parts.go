// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

func (d *detail) fillChildren(children []tasks.Task) {
	d.children.RemoveAll()
	done := 0
	for n, c := range children {
		if c.Closed() {
			done++
		}
		var up func()
		if n > 0 && !c.Closed() && !children[n-1].Closed() && !c.ReadOnly {
			up = func() { d.raise(children, n) }
		}
		d.children.Add(newCheckLine(c, func() { d.page.toggle([]item{{Task: c}}) }, func() { d.page.Open(c.ID) }, up))
	}
	words := strings.ToUpper(i18n.T("tasksui.section.children"))
	if len(children) > 0 {
		words += " " + strconv.Itoa(done) + "/" + strconv.Itoa(len(children))
	}
	d.childHead.Set(words)
}

// raise puts a subtask above the one before it.
func (d *detail) raise(children []tasks.Task, n int) {
	to := tasks.Place{ListID: d.task.ListID, ParentUID: d.task.UID}
	if n > 1 {
		to.After = children[n-2].ID
	}
	d.page.do("", func(ctx context.Context) error { return d.page.cfg.Tasks.Place(ctx, []int64{children[n].ID}, to) })
}

func (d *detail) addChild(text string) {
	text = strings.TrimSpace(text)
	if text == "" || d.task.ID == 0 || d.gone {
		return
	}
	e := tasks.Quick(text, d.page.cfg.Now())
	parent := d.task.UID
	e.Parent = &parent
	d.page.add(d.child, d.task.ListID, e, func() {})
}

func (d *detail) fillLinks(all []link) {
	d.links.RemoveAll()
	for _, l := range all {
		open := kit.NewLink(l.words, func() { d.page.cfg.OpenLink(l.uri) }).Light()
		open.SetIcon(l.icon)
		open.SetTone(theme.Text)
		d.links.Add(d.line(open, i18n.T("tasksui.link.remove")+": "+l.words, func() {
			id := d.id
			d.page.do(i18n.T("tasksui.toast.unlinked", "name", l.words), func(ctx context.Context) error {
				return d.page.cfg.Tasks.Unlink(ctx, id, l.uri)
			})
		}))
	}
}

// line is something that belongs to the task, with a button that takes it away.
func (d *detail) line(o fyne.CanvasObject, tip string, remove func()) fyne.CanvasObject {
	gone := kit.NewIconButton("close", tip, remove)
	gone.SetEnabled(!d.task.ReadOnly)
	return kit.NewDock(nil, nil, nil, gone, kit.NewPanel(theme.Clear, kit.NewRowOf(0, o)).Padded(3, 0, 3, 4))
}

// addLink connects the task with a page, a mail or a file.
func (d *detail) addLink(uri string) {
	text, id := d.link.Text, d.task.ID
	if uri == "" || id == 0 || d.gone {
		return
	}
	d.link.SetText("")
	kit.Act(func() error { return d.page.cfg.Tasks.Link(context.Background(), id, uri) }, func(err error) {
		if err == nil {
			d.page.reload()
			return
		}
		if d.id == id && d.link.Text == "" {
			d.link.SetText(text)
		} else {
			d.keep(id, "link", text)
		}
		d.page.cfg.ShowError(err)
	})
}

func (d *detail) fillFiles(all []tasks.Attachment) {
	d.files.RemoveAll()
	id, n := d.task.ID, 0
	for i, a := range all {
		if a.URI != "" { // it is among the links
			continue
		}
		n++
		read := func() ([]byte, error) {
			_, data, err := d.page.cfg.Tasks.Attachment(context.Background(), id, i)
			return data, err
		}
		name := a.Name
		if name == "" {
			name = i18n.T("tasksui.file.unnamed", "n", n)
		}
		words := name
		if a.Size > 0 {
			words += " (" + i18n.Size(a.Size) + ")"
		}
		open := kit.NewLink(words, func() {
			if d.page.cfg.OpenData != nil {
				d.page.cfg.OpenData(name, read)
			}
		}).Light()
		open.SetIcon("paperclip")
		open.SetTone(theme.Text)
		save := kit.NewIconButton("download", i18n.T("tasksui.file.save")+": "+name, func() { d.saveFile(name, read) })
		d.files.Add(kit.NewDock(nil, nil, nil, save, kit.NewPanel(theme.Clear, kit.NewRowOf(0, open)).Padded(3, 0, 3, 4)))
	}
	kit.SetVisible(d.fileBox, n > 0)
}

// suggestTags offers tags that other tasks have and that go on from what was typed.
func (d *detail) suggestTags() {
	d.suggest.RemoveAll()
	if !d.tags.on {
		d.reflow()
		return
	}
	have := tagWords(d.tags.Text)
	begun := ""
	if n := len(have); n > 0 && !strings.HasSuffix(d.tags.Text, " ") && !strings.HasSuffix(d.tags.Text, ",") {
		begun, have = strings.ToLower(have[n-1]), have[:n-1]
	}
	for _, tag := range suggestions(d.page.all, have, begun) {
		d.suggest.Add(kit.NewLink("#"+tag, func() { d.addTag(append(slices.Clone(have), tag)) }))
	}
	d.reflow()
}

// maxSuggestions is how many tags are offered.
const maxSuggestions = 4

// suggestions are the tags used most that begin with some letters.
func suggestions(all []tasks.Task, have []string, begun string) []string {
	uses := map[string]int{}
	for _, t := range all {
		for _, tag := range t.Tags {
			if strings.HasPrefix(strings.ToLower(tag), begun) && !slices.Contains(have, tag) && strings.ToLower(tag) != begun {
				uses[tag]++
			}
		}
	}
	var tags []string
	for tag := range uses {
		tags = append(tags, tag)
	}
	slices.SortFunc(tags, func(a, b string) int {
		if uses[a] != uses[b] {
			return uses[b] - uses[a]
		}
		return strings.Compare(a, b)
	})
	return tags[:min(len(tags), maxSuggestions)]
}

func (d *detail) addTag(tags []string) {
	d.tags.SetText(tagText(tags))
	d.tags.save()
	kit.Focus(d.tags.Entry)
}

// pickDay shows a calendar below a field.
func (d *detail) pickDay(f *input) {
	stage, ok := d.page.cfg.Window.Canvas().Content().(*kit.Stage)
	if !ok || d.task.ID == 0 || d.task.ReadOnly {
		return
	}
	now := d.page.cfg.Now()
	w := d.task.Due
	if f == d.start {
		w = d.task.Start
	}
	if typed, err := tasks.ParseWhen(f.Text, now); err == nil && f.dirty() {
		w = typed
	}
	day := w.Time
	if w.IsZero() {
		day = now
	} else if !w.AllDay {
		day = w.Time.In(now.Location())
	}
	shut := func() {
		stage.Unfloat()
		kit.Focus(f.Entry)
	}
	picker := newDayPicker(day, now, func(chosen time.Time) {
		fresh := tasks.When{Time: chosen, AllDay: true}
		if !w.IsZero() && !w.AllDay { // the time of day stays
			fresh = tasks.When{Time: time.Date(chosen.Year(), chosen.Month(), chosen.Day(), day.Hour(), day.Minute(), 0, 0, now.Location())}
		}
		shut()
		f.SetText(exactWhen(fresh))
		f.save()
	}, shut)
	stage.Float(picker, func(room fyne.Size) (fyne.Position, fyne.Size) {
		driver := fyne.CurrentApp().Driver()
		at := driver.AbsolutePositionForObject(f.box).Subtract(driver.AbsolutePositionForObject(stage))
		size := picker.MinSize()
		x := max(min(at.X, room.Width-size.Width-8), 0)
		y := at.Y + f.box.Size().Height + 4
		return fyne.NewPos(x, max(min(y, room.Height-size.Height-8), 0)), size
	}, shut)
	kit.Focus(picker)
}

func (d *detail) chooseList() {
	id, at := d.task.ID, d.task.ListID
	var menu []kit.MenuItem
	for _, l := range d.page.lists {
		menu = append(menu, kit.MenuItem{Label: l.Name, Disabled: l.ReadOnly || l.ID == at, Act: func() { d.page.move([]item{{Task: tasks.Task{ID: id}}}, l) }})
	}
	kit.PopUpBelow(d.list, menu...)
}

func (d *detail) choosePriority() {
	var menu []kit.MenuItem
	for _, n := range []int{1, 5, 9, 0} {
		menu = append(menu, kit.MenuItem{Label: priorityWords(n), Act: func() { d.change(tasks.Edit{Priority: &n}) }})
	}
	kit.PopUpBelow(d.priority, menu...)
}
