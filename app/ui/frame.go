// SPDX-License-Identifier: EUPL-1.2

package ui

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// frame lays out the window: rail, top bar, page, status bar.
type frame struct{ rail, top, page, bar fyne.CanvasObject }

func (f frame) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	rail, top, bar := theme.Px(76), theme.Px(52), theme.Px(28)
	put(f.rail, 0, 0, rail, size.Height)
	put(f.top, rail, 0, size.Width-rail, top)
	put(f.page, rail, top, size.Width-rail, size.Height-top-bar)
	put(f.bar, rail, size.Height-bar, size.Width-rail, bar)
}

func (f frame) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(480, 320) }

// topmost gives all room to the object that is visible.
type topmost struct{}

func (topmost) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		if o.Visible() {
			put(o, 0, 0, size.Width, size.Height)
		}
	}
}

func (topmost) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(300, 200) }

func put(o fyne.CanvasObject, x, y, w, h float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(max(w, 0), max(h, 0)))
}

// topBar holds the search field, the pill and the badge of the person.
type topBar struct {
	widget.BaseWidget
	search *kit.SearchField
	pill   *kit.Pill
	avatar *avatar
	back   *canvas.Rectangle
	line   *canvas.Rectangle
}

func newTopBar(search *kit.SearchField, pill *kit.Pill, a *avatar) *topBar {
	t := &topBar{search: search, pill: pill, avatar: a, back: kit.Rect(theme.Surface, 0), line: kit.Rect(theme.Line, 0)}
	t.ExtendBaseWidget(t)
	return t
}

// pillSize is that of the pill: in a narrow window its words are cut off before they lie over the search field.
func (t *topBar) pillSize(width float32) fyne.Size {
	m := t.pill.MinSize()
	return fyne.NewSize(min(m.Width, max((width-theme.Px(30+16+12+16))*0.6, theme.Px(40))), m.Height)
}

// searchSpan is where the search field lies.
func (t *topBar) searchSpan(width float32) (x, w float32) {
	right := t.pillSize(width).Width + theme.Px(30+16+12+16)
	w = min(theme.Px(560), width-right-theme.Px(16))
	return max(min(theme.Px(264), width-right-w), theme.Px(12)), w
}

// CreateRenderer implements fyne.Widget.
func (t *topBar) CreateRenderer() fyne.WidgetRenderer {
	layout := func(size fyne.Size) {
		put(t.back, 0, 0, size.Width, size.Height)
		put(t.line, 0, size.Height-1, size.Width, 1)
		middle := (size.Height - 1) / 2
		d := theme.Px(30)
		x := size.Width - theme.Px(16) - d
		put(t.avatar, x, middle-d/2, d, d)
		pill := t.pillSize(size.Width)
		put(t.pill, x-theme.Px(12)-pill.Width, middle-pill.Height/2, pill.Width, pill.Height)
		sx, sw := t.searchSpan(size.Width)
		h := theme.Px(34)
		put(t.search, sx, middle-h/2, sw, h)
	}
	r := widget.NewSimpleRenderer(container.New(layoutFunc{layout}, t.back, t.line, t.search, t.pill, t.avatar))
	return retheming{WidgetRenderer: r, refresh: func() {
		kit.Tint(t.back, theme.Surface)
		kit.Tint(t.line, theme.Line)
		layout(t.Size())
	}}
}

// layoutFunc is a layout made of one function.
type layoutFunc struct{ do func(fyne.Size) }

func (l layoutFunc) Layout(_ []fyne.CanvasObject, size fyne.Size) { l.do(size) }
func (l layoutFunc) MinSize([]fyne.CanvasObject) fyne.Size        { return fyne.NewSize(1, 1) }

// retheming is a renderer that takes on new colours first.
type retheming struct {
	fyne.WidgetRenderer
	refresh func()
}

func (r retheming) Refresh() {
	r.refresh()
	r.WidgetRenderer.Refresh()
}

// statusBar tells the truth about what is here and what is not there yet.
type statusBar struct {
	widget.BaseWidget
	synced, stored, outgoing *kit.Text
	dot                      *canvas.Circle
	back, line               *canvas.Rectangle
}

func newStatusBar() *statusBar {
	b := &statusBar{
		synced: kit.NewText("", 12, theme.Muted), stored: kit.NewText("", 12, theme.Muted), outgoing: kit.NewText("", 12, theme.Muted),
		dot: canvas.NewCircle(theme.Color(theme.Muted)), back: kit.Rect(theme.Surface, 0), line: kit.Rect(theme.Line, 0),
	}
	b.ExtendBaseWidget(b)
	return b
}

func (b *statusBar) set(synced, stored, outgoing string) {
	if synced == b.synced.Full() && stored == b.stored.Full() && outgoing == b.outgoing.Full() {
		return
	}
	b.synced.Set(synced, theme.Muted)
	b.stored.Set(stored, theme.Muted)
	b.outgoing.Set(outgoing, theme.Muted)
	b.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (b *statusBar) CreateRenderer() fyne.WidgetRenderer {
	layout := func(size fyne.Size) {
		put(b.back, 0, 0, size.Width, size.Height)
		put(b.line, 0, 0, size.Width, 1)
		middle, pad := (size.Height+1)/2, theme.Px(16)
		d := theme.Px(9)
		put(b.dot, pad, middle-d/2, d, d)
		x := pad + d + theme.Px(5)
		right := b.outgoing.PlaceRight(size.Width-pad, middle, max(size.Width-pad-x-b.synced.Width()-pad, size.Width/2)) - pad
		w := min(b.synced.Width()+1, max(right-x, 0))
		b.synced.Place(x, middle, w)
		x += w + theme.Px(18)
		room := right - x
		if room < b.stored.Width() { // half of it says nothing
			room = 0
		}
		b.stored.Place(x, middle, room)
	}
	r := widget.NewSimpleRenderer(container.New(layoutFunc{layout}, b.back, b.line, b.dot, b.synced.Text, b.stored.Text, b.outgoing.Text))
	return retheming{WidgetRenderer: r, refresh: func() {
		kit.Tint(b.back, theme.Surface)
		kit.Tint(b.line, theme.Line)
		b.dot.FillColor = theme.Color(theme.Muted)
		for _, t := range []*kit.Text{b.synced, b.stored, b.outgoing} {
			t.Retheme()
		}
		layout(b.Size())
	}}
}

// avatar is the round badge with the person's initials; it leads to the accounts.
type avatar struct {
	widget.BaseWidget
	kit.Pressable
	disc  *canvas.Circle
	ring  *canvas.Circle
	label *kit.Text
	name  string
}

func newAvatar(tap func()) *avatar {
	a := &avatar{disc: canvas.NewCircle(theme.Color(theme.Accent)), ring: canvas.NewCircle(theme.Color(theme.Clear)), label: kit.NewBold("", 11.5, theme.OnAccent)}
	a.Presses(a, tap)
	a.ExtendBaseWidget(a)
	return a
}

func (a *avatar) set(name string) {
	if name != a.name {
		a.name = name
		a.label.Set(Initials(name), theme.OnAccent)
		a.Refresh()
	}
}

// Initials gives the first letters of the first and the last word of a name, or of a mail address before its "@".
func Initials(name string) string {
	name, _, _ = strings.Cut(name, "@")
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return ""
	}
	first := []rune(words[0])[:1]
	if len(words) > 1 {
		first = append(first, []rune(words[len(words)-1])[0])
	}
	return strings.ToUpper(string(first))
}

// CreateRenderer implements fyne.Widget.
func (a *avatar) CreateRenderer() fyne.WidgetRenderer {
	layout := func(size fyne.Size) {
		put(a.disc, 0, 0, size.Width, size.Height)
		put(a.ring, -3, -3, size.Width+6, size.Height+6)
		a.label.PlaceCentre(0, size.Height/2, size.Width)
	}
	a.ring.Hide()
	r := widget.NewSimpleRenderer(container.New(layoutFunc{layout}, a.disc, a.ring, a.label.Text))
	return retheming{WidgetRenderer: r, refresh: func() {
		a.disc.FillColor = theme.Color(theme.Accent)
		a.ring.StrokeColor, a.ring.StrokeWidth = theme.Color(theme.Focus), 2
		kit.SetVisible(a.ring, a.Focused())
		a.label.Retheme()
		layout(a.Size())
	}}
}

// AccessibilityLabel implements fyne.Accessible.
func (a *avatar) AccessibilityLabel() string {
	return strings.TrimPrefix(a.name+", "+i18n.T("ui.options"), ", ")
}

// AccessibilityLabel implements fyne.Accessible.
func (b *statusBar) AccessibilityLabel() string {
	return strings.TrimSuffix(b.synced.Full()+", "+b.stored.Full()+", "+b.outgoing.Full(), ", ")
}

// AccessibilityRole implements fyne.Accessible.
func (b *statusBar) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }
