// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"kontor/app/i18n"
	"kontor/app/ui/theme"
)

// alert says what went wrong: a title and what to do, at the bottom of the window, until it is closed.
type alert struct {
	back          *canvas.Rectangle
	glyph         *Icon
	title, advice *Paragraph
	closer        *Button
	timer         *time.Timer
}

func (a *alert) objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{a.back, a.glyph.Image, a.title, a.advice, a.closer}
}

// alertTime is how long an alert stays if nobody closes it.
const alertTime = 30 * time.Second

// Alert shows what went wrong and what to do, one sentence each.
func (s *Stage) Alert(title, advice string) {
	s.hideAlert()
	a := &alert{
		back: Rect(theme.Surface, 8), glyph: NewIcon("warning", theme.Bad), title: newTitle(title, 14, theme.Text), advice: NewParagraph(advice, 13, theme.Muted),
	}
	a.retheme()
	a.closer = NewIconButton("close", i18n.T("ui.close"), s.hideAlert)
	s.alert = a
	s.layer.Objects = append(s.layer.Objects, a.objects()...)
	s.placeAbove()
	a.timer = time.AfterFunc(alertTime, func() {
		Do(func() {
			if s.alert == a {
				s.hideAlert()
			}
		})
	})
	canvas.Refresh(s.layer)
}

// retheme takes on the colours of the moment.
func (a *alert) retheme() {
	Tint(a.back, theme.Surface)
	Border(a.back, theme.Bad)
	a.back.Shadow.Color, a.back.Shadow.BlurRadius = theme.Color(theme.Shadow), 12
	a.glyph.Retheme()
}

// AlertTitle is what the alert says, empty while none is shown.
func (s *Stage) AlertTitle() string {
	if s.alert == nil {
		return ""
	}
	return s.alert.title.Words()
}

func (s *Stage) hideAlert() {
	a := s.alert
	if a == nil {
		return
	}
	a.timer.Stop()
	s.alert = nil
	s.drop(a.objects())
	s.placeAbove()
}

// drop takes objects off the layer.
func (s *Stage) drop(gone []fyne.CanvasObject) {
	s.layer.Objects = slices.DeleteFunc(slices.Clone(s.layer.Objects), func(o fyne.CanvasObject) bool { return slices.Contains(gone, o) })
	canvas.Refresh(s.layer)
}

// CloseAlert takes the alert away; false if there is none.
func (s *Stage) CloseAlert() bool {
	shown := s.alert != nil
	s.hideAlert()
	return shown
}

// placeAlert lays the alert out above a height and gives that of its upper edge.
func (s *Stage) placeAlert(bottom float32) float32 {
	a := s.alert
	if a == nil {
		return bottom
	}
	size, pad := s.Size(), theme.Px(14)
	w := max(min(theme.Px(560), size.Width-2*pad), 0)
	left := pad + theme.Px(28)
	room := w - left - theme.Px(44)
	_, title := a.title.fit(room)
	_, advice := a.advice.fit(room)
	h := title + advice + 2*theme.Px(11)
	x, y := (size.Width-w)/2, max(bottom-h, 0)
	place(a.back, x, y, w, h)
	top := y + theme.Px(11)
	a.glyph.Place(x+pad, top+theme.Px(10), 18)
	place(a.title, x+left, top, max(room, 1), title)
	place(a.advice, x+left, top+title, max(room, 1), advice)
	m := a.closer.MinSize()
	place(a.closer, x+w-m.Width-theme.Px(6), y+theme.Px(6), m.Width, m.Height)
	return y - theme.Px(8)
}
