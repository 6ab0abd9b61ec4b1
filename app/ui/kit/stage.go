// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"image"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/theme"
)

// Stage is the content of a window with a layer above it for tips and toasts, which never take the keyboard or hold up
// what lies below them.
type Stage struct {
	widget.BaseWidget
	content fyne.CanvasObject
	layer   *fyne.Container
	tip     *tip
	toast   *toast
	alert   *alert
	float   *float
	corner  Cornered
	Bottom  float32 // room below toasts, at 100 %
}

// NewStage makes the content of a window.
func NewStage(content fyne.CanvasObject) *Stage {
	s := &Stage{content: content, tip: newTip(), Bottom: 46}
	s.layer = container.NewWithoutLayout(s.tip.objects()...)
	s.ExtendBaseWidget(s)
	return s
}

// OnFirstFrame calls f once, after everything was painted for the first time. Call it before the window is shown.
func (s *Stage) OnFirstFrame(f func()) {
	var once sync.Once
	witness := canvas.NewRaster(func(w, h int) image.Image {
		once.Do(func() { go Do(f) }) // runs after the frame that is being painted
		return image.NewNRGBA(image.Rect(0, 0, w, h))
	})
	place(witness, 0, 0, 1, 1)
	s.layer.Add(witness)
}

// stageOf finds the stage that an object is shown on.
func stageOf(o fyne.CanvasObject) *Stage {
	if c := canvasOf(o); c != nil {
		if s, ok := c.Content().(*Stage); ok {
			return s
		}
	}
	return nil
}

// CreateRenderer implements fyne.Widget.
func (s *Stage) CreateRenderer() fyne.WidgetRenderer {
	return &painter{
		objects: []fyne.CanvasObject{s.content, s.layer},
		layout: func(size fyne.Size) {
			place(s.content, 0, 0, size.Width, size.Height)
			place(s.layer, 0, 0, size.Width, size.Height)
			s.placeFloat()
			s.placeCorner()
			s.placeAbove()
		},
		min: s.content.MinSize, owner: s,
		refresh: func() {
			if s.toast != nil {
				Tint(s.toast.back, theme.Text)
			}
			if s.alert != nil {
				s.alert.retheme()
			}
			s.tip.hide()
		},
	}
}

// Toast shows a sentence for some seconds, with an action such as "undo" if action is not empty.
func (s *Stage) Toast(words, action string, act func()) {
	s.hideToast()
	t := &toast{stage: s, back: Rect(theme.Text, 8), words: NewParagraph(words, 13, theme.Surface)}
	t.button = NewLink(action, func() {
		s.hideToast()
		act()
	})
	t.button.tone = theme.AccentSoft
	if action == "" {
		t.button.Hide()
	}
	s.toast = t
	s.layer.Objects = append(s.layer.Objects, t.objects()...)
	s.placeAbove()
	t.timer = time.AfterFunc(toastTime, func() {
		Do(func() {
			if s.toast == t {
				s.hideToast()
			}
		})
	})
	canvas.Refresh(s.layer)
}

// ToastWords is what the toast says, empty while none is shown.
func (s *Stage) ToastWords() string {
	if s.toast == nil {
		return ""
	}
	return s.toast.words.Words()
}

// Float shows an object above everything else, below a catcher: a click outside of it calls dismiss. place gives
// position and size for the size of the stage.
func (s *Stage) Float(o fyne.CanvasObject, place func(stage fyne.Size) (fyne.Position, fyne.Size), dismiss func()) {
	s.Unfloat()
	s.float = &float{object: o, place: place, catcher: newCatcher(dismiss)}
	s.layer.Objects = append([]fyne.CanvasObject{s.float.catcher, o}, s.layer.Objects...)
	s.placeFloat()
	canvas.Refresh(s.layer)
}

// Unfloat takes away what Float shows.
func (s *Stage) Unfloat() {
	if s.float == nil {
		return
	}
	s.layer.Objects = s.layer.Objects[2:]
	s.float = nil
	canvas.Refresh(s.layer)
}

// Floating is what Float shows, nil for nothing.
func (s *Stage) Floating() fyne.CanvasObject {
	if s.float == nil {
		return nil
	}
	return s.float.object
}

// PlaceFloat lays out again what Float shows, after it changed its size.
func (s *Stage) PlaceFloat() { s.placeFloat() }

func (s *Stage) placeFloat() {
	if s.float == nil {
		return
	}
	place(s.float.catcher, 0, 0, s.Size().Width, s.Size().Height)
	at, size := s.float.place(s.Size())
	s.float.object.Move(at)
	s.float.object.Resize(size)
}

type float struct {
	object  fyne.CanvasObject
	place   func(fyne.Size) (fyne.Position, fyne.Size)
	catcher *catcher
}

// catcher takes the clicks beside a floating object.
type catcher struct {
	widget.BaseWidget
	dismiss func()
}

func newCatcher(dismiss func()) *catcher {
	c := &catcher{dismiss: dismiss}
	c.ExtendBaseWidget(c)
	return c
}

// CreateRenderer implements fyne.Widget.
func (c *catcher) CreateRenderer() fyne.WidgetRenderer {
	return &painter{owner: c, layout: func(fyne.Size) {}, min: func() fyne.Size { return fyne.Size{} }, refresh: func() {}}
}

// Tapped implements fyne.Tappable.
func (c *catcher) Tapped(*fyne.PointEvent) { c.dismiss() }

// TappedSecondary implements fyne.SecondaryTappable.
func (c *catcher) TappedSecondary(*fyne.PointEvent) { c.dismiss() }

// Scrolled implements fyne.Scrollable: what lies below does not move.
func (c *catcher) Scrolled(*fyne.ScrollEvent) {}

// toastTime is long enough to read two sentences and reach the action (EN 301 549, 9.2.2.1: undo stays in the menu too).
const toastTime = 9 * time.Second

type toast struct {
	stage  *Stage
	back   *canvas.Rectangle
	words  *Paragraph
	button *Button
	timer  *time.Timer
}

func (s *Stage) hideToast() {
	t := s.toast
	if t == nil {
		return
	}
	t.timer.Stop()
	s.toast = nil
	s.drop(t.objects())
}

func (t *toast) objects() []fyne.CanvasObject { return []fyne.CanvasObject{t.back, t.words, t.button} }

// placeAbove lays out what tells of something: the alert at the bottom, the toast above it.
func (s *Stage) placeAbove() { s.placeToast(s.placeAlert(s.Size().Height - theme.Px(s.Bottom))) }

func (s *Stage) placeToast(bottom float32) {
	t := s.toast
	if t == nil {
		return
	}
	size, pad := s.Size(), theme.Px(16)
	least, button := fyne.Size{}, float32(0)
	if t.button.Visible() {
		least = t.button.MinSize()
		button = least.Width + pad/2
	}
	words, high := t.words.fit(size.Width - button - 4*pad)
	h := max(theme.Px(40), high+pad)
	w := max(min(words+2*pad+button, size.Width), 0)
	x, y := (size.Width-w)/2, max(bottom-h, 0)
	place(t.back, x, y, w, h)
	place(t.words, x+pad, y+(h-high)/2, max(words, 1), high)
	place(t.button, x+w-pad-least.Width, y+(h-least.Height)/2, least.Width, least.Height)
}
