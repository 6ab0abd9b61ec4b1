// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// recipientField is a line for recipients that suggests people while typing.
type recipientField struct {
	room   *recipientRoom
	entry  *kit.Entry
	object fyne.CanvasObject
	gen    int
	lost   *time.Timer
}

// mostSuggested is how many people are suggested at the most.
const mostSuggested = 6

// recipientRoom is where recipient fields stand. They share one box of suggestions.
type recipientRoom struct {
	owner   fyne.CanvasObject // that the box lies over
	canvas  func() fyne.Canvas
	find    func(part string) ([]mail.Address, error)
	changed func()
	suggest *suggestBox
}

func newRecipientField(room *recipientRoom) *recipientField {
	f := &recipientField{room: room, entry: kit.NewEntry("")}
	f.object = f.entry
	f.entry.OnChanged = func(string) {
		room.changed()
		f.ask()
	}
	f.entry.OnKey = f.key
	f.entry.OnFocus = f.focused
	return f
}

// bare takes ground and border away from the field.
func (f *recipientField) bare() *recipientField {
	f.object = kit.Bare(f.entry)
	return f
}

// Text is what stands in the field.
func (f *recipientField) Text() string { return f.entry.Text }

// Focus puts the keyboard into the field.
func (f *recipientField) Focus() { f.room.canvas().Focus(f.entry) }

// set fills the field without counting that as a change.
func (f *recipientField) set(list []mail.Address) {
	on := f.entry.OnChanged
	f.entry.OnChanged = nil
	text := formatAddresses(list)
	f.entry.SetText(text)
	f.entry.CursorColumn = len([]rune(text))
	f.entry.OnChanged = on
}

// ask looks for people whose name or address fits what is just being typed.
func (f *recipientField) ask() {
	f.gen++
	gen := f.gen
	_, part := lastPart(f.entry.Text)
	if part == "" || validAddr(part) {
		f.room.suggest.hide()
		return
	}
	kit.Load(func() ([]mail.Address, error) { return f.room.find(part) }, func(found []mail.Address, err error) {
		if gen != f.gen {
			return
		}
		if err != nil || len(found) == 0 || f.room.canvas().Focused() != fyne.Focusable(f.entry) {
			f.room.suggest.hide()
			return
		}
		f.room.suggest.show(f, found)
	})
}

// key steers the suggestions from the field.
func (f *recipientField) key(ev *fyne.KeyEvent) bool {
	s := f.room.suggest
	if s.field != f || !s.Visible() {
		return false
	}
	switch ev.Name {
	case fyne.KeyDown:
		s.step(1)
	case fyne.KeyUp:
		s.step(-1)
	case fyne.KeyReturn, fyne.KeyEnter:
		s.take(s.at)
	case fyne.KeyEscape:
		s.hide()
	default:
		return false
	}
	return true
}

// focused takes the suggestion over when the field is left with a part that is no address yet, as with Tab.
func (f *recipientField) focused(on bool) {
	if f.lost != nil {
		f.lost.Stop()
		f.lost = nil
	}
	if on {
		return
	}
	// A click on a suggestion takes the focus first; it must not be outrun.
	f.lost = time.AfterFunc(200*time.Millisecond, func() {
		kit.Do(func() {
			if s := f.room.suggest; s.field == f && s.Visible() && f.lost != nil {
				s.take(s.at)
			}
		})
	})
}

// put completes what is being typed.
func (f *recipientField) put(a mail.Address) {
	f.gen++
	text := complete(f.entry.Text, a)
	f.entry.SetText(text)
	f.gen++
	f.entry.CursorColumn = len([]rune(text))
	f.entry.Refresh()
}

// suggestBox lists people below a recipient field.
type suggestBox struct {
	widget.BaseWidget
	room  *recipientRoom
	field *recipientField
	found []mail.Address
	at    int
	back  *canvas.Rectangle
	mark  *canvas.Rectangle
	names []*kit.Text
	addrs []*kit.Text
}

func newSuggestBox(room *recipientRoom) *suggestBox {
	s := &suggestBox{room: room, back: kit.Rect(theme.Surface, 6), mark: kit.Rect(theme.AccentSoft, 4)}
	s.ExtendBaseWidget(s)
	s.Hide()
	return s
}

func (s *suggestBox) show(f *recipientField, found []mail.Address) {
	s.field, s.found, s.at = f, found, 0
	for len(s.names) < len(found) {
		s.names = append(s.names, kit.NewBold("", 13, theme.Text))
		s.addrs = append(s.addrs, kit.NewText("", 12, theme.Muted))
	}
	s.Show()
	s.place(s.room.owner.Size())
	s.Refresh()
}

func (s *suggestBox) hide() {
	if s.Visible() {
		s.Hide()
	}
}

func (s *suggestBox) step(by int) {
	s.at = (s.at + by + len(s.found)) % len(s.found)
	s.Refresh()
}

// take puts a suggestion into the field.
func (s *suggestBox) take(i int) {
	if i < 0 || i >= len(s.found) {
		return
	}
	f, a := s.field, s.found[i]
	s.hide()
	f.put(a)
	f.Focus()
}

const suggestRow = 32

// place puts the box below its field.
func (s *suggestBox) place(view fyne.Size) {
	if !s.Visible() || s.field == nil {
		return
	}
	o := s.field.object
	h := theme.Px(suggestRow)*float32(len(s.found)) + theme.Px(8)
	place(s, o.Position().X, o.Position().Y+o.Size().Height+2, min(theme.Px(460), view.Width-o.Position().X-theme.Px(16)), h)
}

// CreateRenderer implements fyne.Widget.
func (s *suggestBox) CreateRenderer() fyne.WidgetRenderer {
	return &painter{
		owner: s, min: func() fyne.Size { return fyne.NewSize(theme.Px(200), theme.Px(suggestRow)) },
		objects: func() []fyne.CanvasObject {
			out := []fyne.CanvasObject{s.back, s.mark}
			for i := range s.found {
				out = append(out, s.names[i].Text, s.addrs[i].Text)
			}
			return out
		},
		paint: func() {
			kit.Tint(s.back, theme.Surface)
			kit.Border(s.back, theme.Control)
			kit.Tint(s.mark, theme.AccentSoft)
		},
		layout: s.layout,
	}
}

func (s *suggestBox) layout(size fyne.Size) {
	px := theme.Px
	row := px(suggestRow)
	place(s.back, 0, 0, size.Width, size.Height)
	place(s.mark, px(4), px(4)+row*float32(s.at), size.Width-px(8), row)
	for i, a := range s.found {
		middle := px(4) + row*(float32(i)+0.5)
		s.names[i].Set(senderName(a), theme.Text)
		addr := a.Addr
		if a.Name == "" {
			addr = ""
		}
		s.addrs[i].Set(addr, theme.Muted)
		w := min(s.names[i].Width()+1, size.Width*0.5)
		s.names[i].Place(px(12), middle, w)
		s.addrs[i].Place(px(22)+w, middle, size.Width-w-px(34))
	}
}

// Tapped implements fyne.Tappable.
func (s *suggestBox) Tapped(ev *fyne.PointEvent) {
	s.take(int((ev.Position.Y - theme.Px(4)) / theme.Px(suggestRow)))
}
