// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"kontor/app/i18n"
	"kontor/app/ui/theme"
)

// alert says what went wrong: a title and what to do, at the bottom of the window, until it is closed.
type alert struct {
	back   *canvas.Rectangle
	glyph  *Icon
	title  *Text
	advice string
	lines  []*Text
	closer *Button
	timer  *time.Timer
}

// alertTime is how long an alert stays if nobody closes it.
const alertTime = 30 * time.Second

// Alert shows what went wrong and what to do, one sentence each.
func (s *Stage) Alert(title, advice string) {
	s.hideAlert()
	a := &alert{back: Rect(theme.Surface, 8), glyph: NewIcon("warning", theme.Bad), title: NewBold(title, 14, theme.Text), advice: advice}
	Border(a.back, theme.Bad)
	a.back.Shadow.Color, a.back.Shadow.BlurRadius = theme.Color(theme.Shadow), 12
	a.closer = NewIconButton("close", i18n.T("ui.close"), s.hideAlert)
	s.alert = a
	s.layer.Objects = append(s.layer.Objects, a.back, a.glyph.Image, a.title.Text, a.closer)
	s.placeAlert()
	a.timer = time.AfterFunc(alertTime, func() {
		fyne.Do(func() {
			if s.alert == a {
				s.hideAlert()
			}
		})
	})
	canvas.Refresh(s.layer)
}

// AlertTitle is what the alert says, empty while none is shown.
func (s *Stage) AlertTitle() string {
	if s.alert == nil {
		return ""
	}
	return s.alert.title.Full()
}

func (s *Stage) hideAlert() {
	a := s.alert
	if a == nil {
		return
	}
	a.timer.Stop()
	s.alert = nil
	gone := map[fyne.CanvasObject]bool{a.back: true, a.glyph.Image: true, a.title.Text: true, a.closer: true}
	for _, l := range a.lines {
		gone[l.Text] = true
	}
	s.drop(gone)
}

// drop takes objects off the layer.
func (s *Stage) drop(gone map[fyne.CanvasObject]bool) {
	kept := make([]fyne.CanvasObject, 0, len(s.layer.Objects))
	for _, o := range s.layer.Objects {
		if !gone[o] {
			kept = append(kept, o)
		}
	}
	s.layer.Objects = kept
	canvas.Refresh(s.layer)
}

func (s *Stage) placeAlert() {
	a := s.alert
	if a == nil {
		return
	}
	size, pad := s.Size(), theme.Px(14)
	w := min(theme.Px(560), size.Width-2*pad)
	left := pad + theme.Px(28)
	room := w - left - theme.Px(44)
	style := fyne.TextStyle{}
	wrapped := wrapLines(a.advice, room, func(t string) float32 { return Measure(t, theme.TextPx(13), style) })
	for len(a.lines) < len(wrapped) {
		l := NewText("", 13, theme.Muted)
		a.lines = append(a.lines, l)
		s.layer.Objects = append(s.layer.Objects, l.Text)
	}
	line := theme.Px(19)
	h := 2*theme.Px(11) + line*float32(1+len(wrapped))
	x, y := (size.Width-w)/2, size.Height-h-theme.Px(s.Bottom)
	place(a.back, x, y, w, h)
	top := y + theme.Px(11) + line/2
	a.glyph.Place(x+pad, top, 18)
	a.title.Place(x+left, top, room)
	for i, l := range a.lines {
		words := ""
		if i < len(wrapped) {
			words = a.advice[wrapped[i].start:wrapped[i].end]
		}
		l.Set(words, theme.Muted)
		l.Place(x+left, top+line*float32(i+1), room+4)
	}
	m := a.closer.MinSize()
	place(a.closer, x+w-m.Width-theme.Px(6), y+theme.Px(6), m.Width, m.Height)
}
