// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"

	"kontor/app/ui/theme"
)

// painter is the renderer of all widgets here: a fixed set of objects, and functions of the widget itself.
type painter struct {
	objects []fyne.CanvasObject
	layout  func(fyne.Size)
	min     func() fyne.Size
	refresh func()
	owner   fyne.CanvasObject
}

func (p *painter) Destroy()                     {}
func (p *painter) Layout(size fyne.Size)        { p.layout(size) }
func (p *painter) MinSize() fyne.Size           { return p.min() }
func (p *painter) Objects() []fyne.CanvasObject { return p.objects }

func (p *painter) Refresh() {
	p.refresh()
	p.layout(p.owner.Size())
	canvas.Refresh(p.owner)
}

// Rect makes a filled rectangle with round corners; radius is at 100 % text size.
func Rect(fill theme.Token, radius float32) *canvas.Rectangle {
	r := canvas.NewRectangle(theme.Color(fill))
	r.CornerRadius = theme.Px(radius)
	return r
}

// Tint changes the fill of a rectangle to a token's colour of the moment.
func Tint(r *canvas.Rectangle, fill theme.Token) { r.FillColor = theme.Color(fill) }

// Border gives a rectangle a border of one pixel.
func Border(r *canvas.Rectangle, line theme.Token) {
	r.StrokeColor, r.StrokeWidth = theme.Color(line), 1
}

// place moves and resizes an object. Where there is too little room it gets none: painters fail on sizes below zero.
func place(o fyne.CanvasObject, x, y, w, h float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(max(w, 0), max(h, 0)))
}

// Icon is a line icon that follows the theme. Its zero size is 18.
type Icon struct {
	*canvas.Image
	name  string
	token theme.Token
	size  float32 // real
	res   fyne.Resource
}

// NewIcon makes an icon by its name in assets/icons.
func NewIcon(name string, token theme.Token) *Icon {
	i := &Icon{Image: canvas.NewImageFromResource(theme.Icon(name, token)), name: name, token: token, size: theme.Px(18)}
	i.res = i.Resource
	i.FillMode = canvas.ImageFillContain
	i.SetMinSize(fyne.NewSquareSize(theme.Px(18)))
	return i
}

// Set changes name and colour; an empty name hides the icon. It costs nothing where nothing changes.
func (i *Icon) Set(name string, token theme.Token) {
	if name == "" {
		i.Hide()
		return
	}
	i.name, i.token = name, token
	i.draw()
	if !i.Visible() {
		i.Show()
	}
}

// draw takes the drawing for name, colour and size.
func (i *Icon) draw() {
	if res := theme.IconSized(i.name, i.token, i.size); res != i.res {
		i.res, i.Resource = res, res
		i.Image.Refresh()
	}
}

// Retheme takes on the colours of the moment.
func (i *Icon) Retheme() {
	if i.Visible() {
		i.Set(i.name, i.token)
	}
}

// Place centres the icon in a square of the given side (at 100 % text size) whose left edge is x and whose middle is y.
func (i *Icon) Place(x, middle, side float32) {
	side = theme.Px(side)
	if side != i.size {
		i.size = side
		if i.name != "" {
			i.draw()
		}
	}
	place(i.Image, x, middle-side/2, side, side)
}

// focusRing draws where the keyboard is: two pixels around a widget.
type focusRing struct{ *canvas.Rectangle }

func newFocusRing(radius float32) focusRing {
	r := canvas.NewRectangle(theme.Color(theme.Clear))
	r.CornerRadius = theme.Px(radius)
	r.StrokeWidth = 2
	r.Hide()
	return focusRing{r}
}

func (f focusRing) set(on bool) {
	f.StrokeColor = theme.Color(theme.Focus)
	if on == f.Visible() {
		return
	}
	if on {
		f.Show()
	} else {
		f.Hide()
	}
}

// canvasOf finds the canvas an object is shown on, nil while it is not.
func canvasOf(o fyne.CanvasObject) fyne.Canvas {
	app := fyne.CurrentApp()
	if app == nil {
		return nil
	}
	return app.Driver().CanvasForObject(o)
}

// focusCalls tells a newer call of focus from an older one that still waits for its widget to be shown.
var focusCalls atomic.Int64

const (
	focusWait  = 25 * time.Millisecond
	focusTries = 12
)

// focus gives the keyboard to a widget, as soon as it is shown. A widget has no canvas before it was painted once.
func focus(o fyne.Focusable) { focusSoon(o, focusCalls.Add(1), focusTries) }

func focusSoon(o fyne.Focusable, call int64, tries int) {
	object, ok := o.(fyne.CanvasObject)
	if !ok || call != focusCalls.Load() || tries == 0 {
		return
	}
	if c := canvasOf(object); c != nil {
		if c.Focused() != o {
			c.Focus(o)
		}
		return
	}
	if !synchronous.Load() {
		time.AfterFunc(focusWait, func() { Do(func() { focusSoon(o, call, tries-1) }) })
	}
}

// Focus gives the keyboard to a widget if it is shown.
func Focus(o fyne.Focusable) { focus(o) }

// PassKey hands a key that a widget does not use to the window, so that F5, F6 and the like work wherever the keyboard is.
func PassKey(from fyne.CanvasObject, ev *fyne.KeyEvent) {
	if c := canvasOf(from); c != nil {
		if f := c.OnTypedKey(); f != nil {
			f(ev)
		}
	}
}

// PassShortcut hands a shortcut that a widget does not use to the window.
func PassShortcut(from fyne.CanvasObject, s fyne.Shortcut) {
	if c, ok := canvasOf(from).(fyne.Shortcutable); ok {
		c.TypedShortcut(s)
	}
}

// Modifiers gives the keys held down now.
func Modifiers() fyne.KeyModifier {
	if app := fyne.CurrentApp(); app != nil {
		if d, ok := app.Driver().(desktop.Driver); ok {
			return d.CurrentKeyModifiers()
		}
	}
	return 0
}
