// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"sort"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// Sizes of the body at 100 %.
const (
	bodySize = 15
	bodyLine = 25
)

// textView shows the text of a message: selectable, with links, and with objects only for the lines on screen.
type textView struct {
	widget.BaseWidget
	OnLink  func(span) // a link was followed
	OnFold  func(n int)
	OnHover func(href string) // the pointer is on a link, "" when it left
	OnCopy  func(text string)
	OnKey   func(*fyne.KeyEvent) // keys that the view does not use
	OnDrag  func(y float32)      // a selection is drawn at this height

	paras       []para
	lines       []textLine
	height      float32
	laid        float32 // width of the layout, -1 for none
	size        float32 // font size of the layout
	font, row   float32 // font size and height of a line at 100 %
	top, bottom float32 // what of the view is on screen

	from, to textPlace
	marking  bool
	lastDown time.Time
	lastAt   fyne.Position
	over     *span
	chosen   int   // link under the keyboard, counted from 1
	key      *span // the same while the view has the keyboard
	focused  bool

	objects []fyne.CanvasObject
	texts   []*canvas.Text
	rects   []*canvas.Rectangle
	ring    *canvas.Rectangle
}

func newTextView(font, row float32) *textView {
	t := &textView{laid: -1, bottom: 2000, font: font, row: row}
	t.ring = canvas.NewRectangle(theme.Color(theme.Clear))
	t.ExtendBaseWidget(t)
	return t
}

// SetParas changes the text. The selection is dropped.
func (t *textView) SetParas(paras []para) {
	t.paras, t.laid = paras, -1
	t.from, t.to, t.chosen, t.over = textPlace{}, textPlace{}, 0, nil
	if w := t.Size().Width; w > 0 {
		t.HeightFor(w)
	}
}

// HeightFor lays the text out for a width and gives its height.
func (t *textView) HeightFor(width float32) float32 {
	size := theme.TextPx(t.font)
	if t.laid != width || t.size != size {
		t.laid, t.size = width, size
		t.lines, t.height = layoutBody(t.paras, width, t.metrics())
		t.from, t.to = textPlace{}, textPlace{}
	}
	return t.height
}

func (t *textView) metrics() metrics {
	return metrics{
		width: func(r rune) float32 { return kit.Measure(string(r), t.size, fyne.TextStyle{}) },
		line:  theme.Px(t.row), gap: theme.Px(t.row * 0.6), indent: theme.Px(16), list: theme.Px(10),
	}
}

// SetViewport says which part of the view is on screen.
func (t *textView) SetViewport(top, bottom float32) {
	if top == t.top && bottom == t.bottom {
		return
	}
	t.top, t.bottom = top, bottom
	t.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (t *textView) CreateRenderer() fyne.WidgetRenderer {
	p := &painter{
		owner: t, objects: func() []fyne.CanvasObject { return t.objects }, paint: func() {},
		min:    func() fyne.Size { return fyne.NewSize(theme.Px(120), t.height) },
		layout: func(size fyne.Size) { t.HeightFor(size.Width); t.show() },
	}
	return p
}

// show makes objects for the lines on screen.
func (t *textView) show() {
	t.objects = t.objects[:0]
	t.key = nil
	if t.focused {
		t.key = t.linkAt(t.chosen)
	}
	texts, rects := 0, 0
	rect := func(x, y, w, h float32, token theme.Token) {
		if rects == len(t.rects) {
			t.rects = append(t.rects, canvas.NewRectangle(theme.Color(token)))
		}
		r := t.rects[rects]
		rects++
		r.FillColor = theme.Color(token)
		place(r, x, y, w, h)
		t.objects = append(t.objects, r)
	}
	first := sort.Search(len(t.lines), func(i int) bool { return t.lines[i].Y+t.lines[i].H >= t.top })
	for i := first; i < len(t.lines) && t.lines[i].Y <= t.bottom; i++ {
		t.markLine(i, rect)
	}
	for i := first; i < len(t.lines) && t.lines[i].Y <= t.bottom; i++ {
		x := t.lines[i].X
		for j := range t.lines[i].Pieces {
			if texts == len(t.texts) {
				t.texts = append(t.texts, canvas.NewText("", nil))
			}
			o := t.texts[texts]
			texts++
			x += t.showPiece(o, &t.lines[i], t.lines[i].Pieces[j], x)
			t.objects = append(t.objects, o)
		}
	}
	if t.focused {
		t.ring.StrokeColor, t.ring.StrokeWidth, t.ring.CornerRadius = theme.Color(theme.Focus), 1, theme.Px(4)
		t.ring.FillColor = theme.Color(theme.Clear)
		place(t.ring, -6, max(t.top, -4), t.Size().Width+12, min(t.bottom, t.height+4)-max(t.top, -4))
		t.objects = append(t.objects, t.ring)
	}
}

// markLine paints behind the text of a line: quotation bars, and what is selected.
func (t *textView) markLine(i int, rect func(x, y, w, h float32, token theme.Token)) {
	l := t.lines[i]
	for q := range l.Quote {
		top := l.Y
		if i > 0 && t.lines[i-1].Quote > q { // the bar goes on over an empty line
			top = t.lines[i-1].Y + t.lines[i-1].H
		}
		rect(float32(q)*theme.Px(16), top, 2, l.Y+l.H-top, theme.Control)
	}
	if from, to, ok := t.selected(i); ok {
		x0, x1 := t.offset(i, from), t.offset(i, to)
		rect(x0, l.Y, max(x1-x0, 3), l.H, theme.AccentSoft)
	}
}

// selected gives what is selected of a line.
func (t *textView) selected(i int) (from, to int, ok bool) {
	a, b := t.from, t.to
	if b.before(a) {
		a, b = b, a
	}
	if a == b || i < a.Line || i > b.Line {
		return 0, 0, false
	}
	to = len([]rune(t.lines[i].String()))
	if i == a.Line {
		from = min(a.Col, to)
	}
	if i == b.Line {
		to = min(b.Col, to)
	}
	return from, to, true
}

func (t *textView) showPiece(o *canvas.Text, l *textLine, p textPiece, x float32) (width float32) {
	token, style := theme.Text, fyne.TextStyle{}
	switch {
	case p.Span != nil && p.Span.Warn:
		token, style.Underline = theme.Bad, true
	case p.Span != nil && p.Span.Href != "":
		token, style.Underline = theme.Accent, true
	case p.Span != nil && p.Span.Fold > 0:
		token, style.Bold = theme.Accent, true
	case l.Quote > 0 || l.Muted:
		token = theme.Muted
	}
	if p.Span != nil && p.Span == t.key {
		style.Bold = true
	}
	o.Text, o.TextSize, o.TextStyle, o.Color = p.Text, t.size, style, theme.Color(token)
	width = kit.Measure(p.Text, t.size, style)
	h := fyne.MeasureText("Ag", t.size, style).Height
	place(o, x, l.Y+(l.H-h)/2, width, h)
	return width
}

// offset gives how far right a letter of a line begins.
func (t *textView) offset(i, col int) float32 {
	x := t.lines[i].X
	for _, p := range t.lines[i].Pieces {
		runes := []rune(p.Text)
		if col <= len(runes) {
			return x + kit.Measure(string(runes[:col]), t.size, fyne.TextStyle{})
		}
		col -= len(runes)
		x += kit.Measure(p.Text, t.size, fyne.TextStyle{})
	}
	return x
}

// placeAt finds the letter at a position.
func (t *textView) placeAt(pos fyne.Position) textPlace {
	if len(t.lines) == 0 {
		return textPlace{}
	}
	i := sort.Search(len(t.lines), func(i int) bool { return t.lines[i].Y+t.lines[i].H > pos.Y })
	i = min(i, len(t.lines)-1)
	n := len([]rune(t.lines[i].String()))
	col := sort.Search(n, func(c int) bool { return (t.offset(i, c)+t.offset(i, c+1))/2 > pos.X })
	return textPlace{Line: i, Col: col}
}

// spanAt finds the link or fold at a position, nil for none.
func (t *textView) spanAt(pos fyne.Position) *span {
	i := sort.Search(len(t.lines), func(i int) bool { return t.lines[i].Y+t.lines[i].H > pos.Y })
	if i < len(t.lines) && pos.Y >= t.lines[i].Y {
		l := t.lines[i]
		x := l.X
		for _, p := range l.Pieces {
			w := kit.Measure(p.Text, t.size, fyne.TextStyle{Bold: p.Span.Fold > 0})
			if pos.X >= x && pos.X < x+w && (p.Span.Href != "" || p.Span.Fold > 0) {
				return p.Span
			}
			x += w
		}
	}
	return nil
}

// linkAt gives the n-th link or fold of the text, counted from 1.
func (t *textView) linkAt(n int) *span {
	if n <= 0 {
		return nil
	}
	for i := range t.paras {
		for j := range t.paras[i].Spans {
			if s := &t.paras[i].Spans[j]; s.Href != "" || s.Fold > 0 {
				if n--; n == 0 {
					return s
				}
			}
		}
	}
	return nil
}

// SelectedText gives what is selected.
func (t *textView) SelectedText() string {
	if t.from == t.to {
		return ""
	}
	return copyText(t.lines, t.from, t.to)
}

// SelectAll selects the whole text.
func (t *textView) SelectAll() {
	t.from, t.to = textPlace{}, textPlace{Line: len(t.lines) - 1, Col: 1 << 30}
	t.Refresh()
}

func (t *textView) follow(s *span) {
	switch {
	case s == nil:
	case s.Fold > 0 && t.OnFold != nil:
		t.OnFold(s.Fold)
	case s.Href != "" && t.OnLink != nil:
		t.OnLink(*s)
	}
}

// MouseDown implements desktop.Mouseable: it begins a selection; a second one on a word chooses the word.
func (t *textView) MouseDown(ev *desktop.MouseEvent) {
	if ev.Button != desktop.MouseButtonPrimary {
		return
	}
	at := t.placeAt(ev.Position)
	twice := time.Since(t.lastDown) < 400*time.Millisecond && near(t.lastAt, ev.Position)
	t.lastDown, t.lastAt = time.Now(), ev.Position
	switch {
	case twice && len(t.lines) > 0:
		from, to := wordAt(t.lines[at.Line], at.Col)
		t.from, t.to = textPlace{at.Line, from}, textPlace{at.Line, to}
	case ev.Modifier&fyne.KeyModifierShift != 0:
		t.to = at
	default:
		t.from, t.to = at, at
	}
	t.marking = !twice
	kit.Focus(t)
	t.Refresh()
}

func near(a, b fyne.Position) bool {
	d := a.Subtract(b)
	return d.X*d.X+d.Y*d.Y < 25
}

// MouseUp implements desktop.Mouseable.
func (t *textView) MouseUp(*desktop.MouseEvent) { t.marking = false }

// Dragged implements fyne.Draggable: it draws the selection.
func (t *textView) Dragged(ev *fyne.DragEvent) {
	t.to = t.placeAt(ev.Position)
	t.Refresh()
	if t.OnDrag != nil {
		t.OnDrag(ev.Position.Y)
	}
}

// DragEnd implements fyne.Draggable.
func (t *textView) DragEnd() { t.marking = false }

// Tapped implements fyne.Tappable: links and folds.
func (t *textView) Tapped(ev *fyne.PointEvent) {
	if t.from == t.to {
		t.follow(t.spanAt(ev.Position))
	}
}

// MouseIn implements desktop.Hoverable.
func (t *textView) MouseIn(ev *desktop.MouseEvent) { t.MouseMoved(ev) }

// MouseMoved implements desktop.Hoverable.
func (t *textView) MouseMoved(ev *desktop.MouseEvent) { t.hover(t.spanAt(ev.Position)) }

// MouseOut implements desktop.Hoverable.
func (t *textView) MouseOut() { t.hover(nil) }

func (t *textView) hover(s *span) {
	if s == t.over {
		return
	}
	t.over = s
	if t.OnHover == nil {
		return
	}
	if s == nil {
		t.OnHover("")
	} else {
		t.OnHover(s.Href)
	}
}

// Cursor implements desktop.Cursorable.
func (t *textView) Cursor() desktop.Cursor {
	if t.over != nil {
		return desktop.PointerCursor
	}
	return desktop.TextCursor
}

// FocusGained implements fyne.Focusable.
func (t *textView) FocusGained() { t.focused = true; t.Refresh() }

// FocusLost implements fyne.Focusable.
func (t *textView) FocusLost() { t.focused = false; t.hover(nil); t.Refresh() }

// TypedRune implements fyne.Focusable.
func (t *textView) TypedRune(rune) {}

// TypedKey implements fyne.Focusable: left and right go from link to link, Enter follows.
func (t *textView) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeyRight:
		if t.linkAt(t.chosen+1) != nil {
			t.chosen++
		}
		t.hover(t.linkAt(t.chosen))
		t.Refresh()
	case fyne.KeyLeft:
		t.chosen = max(0, t.chosen-1)
		t.hover(t.linkAt(t.chosen))
		t.Refresh()
	case fyne.KeyReturn, fyne.KeyEnter:
		if s := t.linkAt(t.chosen); s != nil {
			t.follow(s)
			return
		}
		fallthrough
	default:
		if t.OnKey != nil {
			t.OnKey(ev)
		}
	}
}

// TypedShortcut implements fyne.Shortcutable.
func (t *textView) TypedShortcut(s fyne.Shortcut) {
	switch s.(type) {
	case *fyne.ShortcutCopy:
		if text := t.SelectedText(); text != "" && t.OnCopy != nil {
			t.OnCopy(text)
		}
	case *fyne.ShortcutSelectAll:
		t.SelectAll()
	default:
		kit.PassShortcut(t, s)
	}
}

// TappedSecondary implements fyne.SecondaryTappable.
func (t *textView) TappedSecondary(ev *fyne.PointEvent) {
	selected := t.SelectedText()
	items := []kit.MenuItem{
		{Label: i18n.T("mailui.text.copy"), Icon: "copy", Disabled: selected == "", Act: func() { t.OnCopy(selected) }},
		{Label: i18n.T("mailui.text.all"), Act: t.SelectAll},
	}
	if s := t.spanAt(ev.Position); s != nil && s.Href != "" {
		items = append(items, kit.MenuItem{Label: i18n.T("mailui.text.copy-link"), Icon: "link", Act: func() { t.OnCopy(s.Href) }})
	}
	kit.PopUp(t, ev.AbsolutePosition, items...)
}

// AccessibilityLabel implements fyne.Accessible: the text as it is read.
func (t *textView) AccessibilityLabel() string {
	return copyText(t.lines, textPlace{}, textPlace{Line: len(t.lines)})
}

// AccessibilityRole implements fyne.Accessible.
func (t *textView) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }
