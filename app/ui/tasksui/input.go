// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"kontor/app/i18n"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
	"kontor/storage"
)

// input is a field of the details. What is typed belongs to the person until it is stored: no news from a server touches
// it. It is stored when the field is left, and some fields also after a pause.
type input struct {
	*kit.Entry
	pane  *detail
	box   *frame
	name  string                                // names it among the fields
	rest  func(t tasks.Task) string             // the words while the keyboard is elsewhere
	form  func(t tasks.Task) string             // the words that are edited
	edit  func(text string) (tasks.Edit, error) // what they mean
	size  float32                               // of its letters, 0 for the usual one
	pause bool                                  // stored after a pause too

	base   string // what was put there last: other words were typed
	under  string // the form of what is stored, as far as is known here
	news   bool   // it was changed elsewhere while something was typed,
	theirs string // to this
	on     bool   // the keyboard is here
	cancel func()
}

// autosave is how long nobody has to type before a field is stored.
const autosave = 2 * time.Second

func (d *detail) input(f *input) *input {
	f.pane, f.cancel = d, func() {}
	if f.rest == nil {
		f.rest = f.form
	}
	bare := kit.Bare(f.Entry)
	if f.size > 0 {
		bare = kit.BareSized(f.Entry, f.size)
	}
	f.box = newFrame(bare)
	f.OnSubmitted = func(string) {
		if f.save() {
			kit.Focus(d.page.rows)
		}
	}
	f.OnFocus = f.focused
	f.OnChanged = func(string) {
		f.cancel()
		if f.pause && f.dirty() {
			f.cancel = d.page.cfg.After(autosave, func() { f.save() })
		}
	}
	f.OnKey = f.key
	d.inputs = append(d.inputs, f)
	return f
}

// dirty reports whether something was typed that is not stored.
func (f *input) dirty() bool { return f.Text != f.base }

func (f *input) put(words string) {
	f.base = words
	if f.Text != words {
		f.SetText(words)
	}
}

// words are what the field shows of a task.
func (f *input) words(t tasks.Task) string {
	if f.on {
		return f.form(t)
	}
	return f.rest(t)
}

func (f *input) focused(on bool) {
	f.on = on
	f.box.mark(on)
	if on {
		if !f.dirty() {
			f.put(f.form(f.pane.task))
		}
		if !f.MultiLine && f != f.pane.title {
			f.TypedShortcut(&fyne.ShortcutSelectAll{})
		}
		return
	}
	if f.save() && !f.dirty() {
		f.put(f.rest(f.pane.task))
	}
}

// key: Escape takes back what was typed, or else leaves the field.
func (f *input) key(ev *fyne.KeyEvent) bool {
	if ev.Name != fyne.KeyEscape {
		return f.pane.fieldKey(f, ev)
	}
	if f.dirty() {
		f.put(f.form(f.pane.task))
		f.news = false
		f.pane.complain(f, "")
		f.pane.notices()
	} else if !f.pane.page.content.Escape(ev) {
		kit.Focus(f.pane.page.rows)
	}
	return true
}

// take shows what is stored now. What is being typed stays.
func (f *input) take(t tasks.Task, other bool) {
	form := f.form(t)
	switch {
	case other:
		f.news = false
		f.under = form
		f.put(f.words(t))
	case f.dirty():
		if form != f.under {
			f.news, f.theirs = true, form
		}
		f.under = form
	case f.on && f.canon(f.Text) == form: // as it was typed, with its spaces
		f.under = form
	default:
		f.under = form
		f.put(f.words(t))
	}
}

// canon is the form of what words mean.
func (f *input) canon(text string) string {
	e, err := f.edit(text)
	if err != nil {
		return text
	}
	return f.form(with(tasks.Task{}, e))
}

// save stores what was typed; false where it makes no sense, which is then said.
func (f *input) save() bool {
	f.cancel()
	d := f.pane
	if !f.dirty() || d.task.ID == 0 || d.task.ReadOnly || d.gone {
		return true
	}
	text := f.Text
	e, err := f.edit(text)
	if err != nil {
		d.complain(f, wrongWords(f.name, text))
		return false
	}
	if e.Turns(d.task, time.Local) {
		d.complain(f, i18n.T("tasksui.date.backward"))
		return false
	}
	d.complain(f, "")
	if f.canon(text) == f.under {
		f.base = text
		return true
	}
	base, under, id := f.base, f.under, d.task.ID
	f.base, f.under = text, f.canon(text)
	d.task = with(d.task, e)
	d.notices()
	for _, other := range []*input{d.due, d.start} { // what made no sense beside the old date may make sense now
		if other != f && d.bad[other] != "" {
			other.save()
		}
	}
	kit.Act(func() error { return d.page.cfg.Tasks.Edit(context.Background(), id, e) }, func(err error) {
		if err == nil {
			d.page.reload()
			return
		}
		f.failed(id, text, base, under)
		if errors.Is(err, storage.ErrNotFound) {
			d.reload()
			return
		}
		d.page.cfg.ShowError(err)
	})
	return true
}

// failed gives a field its words back that could not be stored; of a task that is not shown any more they are kept until
// it is.
func (f *input) failed(id int64, text, base, under string) {
	if f.pane.task.ID != id {
		f.pane.keep(id, f.name, text)
		return
	}
	if !f.dirty() {
		f.SetText(text)
	}
	f.base, f.under = base, under
	if f.base == f.Text { // typed, taken back, and typed again
		f.base += "\x00"
	}
}

// with is a task as an edit leaves it.
func with(t tasks.Task, e tasks.Edit) tasks.Task {
	put(&t.Title, e.Title)
	put(&t.Note, e.Note)
	put(&t.Start, e.Start)
	put(&t.Due, e.Due)
	put(&t.Percent, e.Percent)
	put(&t.Tags, e.Tags)
	return t
}

func put[T any](to *T, value *T) {
	if value != nil {
		*to = *value
	}
}

// frame is the ground of a field: none at rest, one with a ring while the keyboard is there.
type frame struct {
	widget.BaseWidget
	inner   fyne.CanvasObject
	back    *canvas.Rectangle
	focused bool
}

// ringed is a field that shows where the keyboard is.
func ringed(e *kit.Entry) *frame {
	f := newFrame(kit.Bare(e))
	e.OnFocus = f.mark
	return f
}

func newFrame(inner fyne.CanvasObject) *frame {
	f := &frame{inner: inner, back: kit.Rect(theme.Clear, 6)}
	f.ExtendBaseWidget(f)
	return f
}

func (f *frame) mark(on bool) {
	f.focused = on
	f.Refresh()
}

// Refresh takes on the colours of the moment.
func (f *frame) Refresh() {
	f.back.CornerRadius = theme.Px(6)
	f.back.StrokeWidth = 0
	if f.focused {
		f.back.StrokeColor, f.back.StrokeWidth = theme.Color(theme.Focus), 2
	}
	f.BaseWidget.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (f *frame) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewStack(f.back, f.inner))
}
