// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// dayPicker is a small calendar. The arrow keys go from day to day, Page up and down from month to month, Home to today;
// Enter takes the day.
type dayPicker struct {
	widget.BaseWidget
	day   time.Time // under the cursor
	today time.Time
	take  func(day time.Time)
	leave func()

	title       *kit.Text
	names       []*kit.Text // of the days of the week
	cells       []*kit.Text
	back, here  *canvas.Rectangle
	ring        *canvas.Rectangle // today
	left, right *kit.Icon
}

const (
	pickerCell  = 34
	pickerWeeks = 6
	pickerPad   = 10
)

func newDayPicker(day, today time.Time, take func(time.Time), leave func()) *dayPicker {
	midnight := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, today.Location())
	}
	p := &dayPicker{
		day: midnight(day), today: midnight(today), take: take, leave: leave, title: kit.NewBold("", 13, theme.Text),
		back: kit.Rect(theme.Surface, 8), here: kit.Rect(theme.Accent, 6), ring: kit.Rect(theme.Clear, 6),
		left: kit.NewIcon("chevron-left", theme.Text), right: kit.NewIcon("chevron-right", theme.Text),
	}
	for range week {
		p.names = append(p.names, kit.NewText("", 11.5, theme.Muted))
	}
	for range pickerWeeks * len(week) {
		p.cells = append(p.cells, kit.NewText("", 13, theme.Text))
	}
	p.ExtendBaseWidget(p)
	return p
}

// first is the Monday on or before the first day of the month.
func (p *dayPicker) first() time.Time {
	first := p.day.AddDate(0, 0, 1-p.day.Day())
	return first.AddDate(0, 0, -((int(first.Weekday()) + 6) % 7))
}

// CreateRenderer implements fyne.Widget.
func (p *dayPicker) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{p.back, p.here, p.ring, p.title.Text, p.left.Image, p.right.Image}
	for _, t := range append(p.names, p.cells...) {
		objects = append(objects, t.Text)
	}
	return widget.NewSimpleRenderer(container.New(pickerLayout{p}, objects...))
}

// pickerLayout places the parts of the calendar.
type pickerLayout struct{ *dayPicker }

// MinSize is part of fyne.Layout.
func (l pickerLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	px := theme.Px
	return fyne.NewSize(px(2*pickerPad+7*pickerCell), px(2*pickerPad+(pickerWeeks+2)*pickerCell-10))
}

// Layout is part of fyne.Layout.
func (l pickerLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	px, cell := theme.Px, theme.Px(pickerCell)
	l.back.Resize(size)
	kit.Tint(l.back, theme.Surface)
	kit.Border(l.back, theme.Control)
	l.title.Set(i18n.T("date.month."+monthKey(l.day.Month()))+" "+strconv.Itoa(l.day.Year()), theme.Text)
	l.title.Retheme()
	l.title.PlaceCentre(px(pickerPad)+cell, px(pickerPad)+cell/2, 5*cell)
	l.left.Set("chevron-left", theme.Text)
	l.left.Place(px(pickerPad+8), px(pickerPad)+cell/2, 18)
	l.right.Set("chevron-right", theme.Text)
	l.right.Place(px(pickerPad)+6*cell+px(8), px(pickerPad)+cell/2, 18)
	for i, day := range week {
		l.names[i].Set(i18n.Weekday(day), theme.Muted)
		l.names[i].Retheme()
		l.names[i].PlaceCentre(px(pickerPad)+float32(i)*cell, px(pickerPad)+cell*1.35, cell)
	}
	l.days(cell)
}

// days places the numbers, and what marks today and the day under the cursor.
func (l pickerLayout) days(cell float32) {
	first := l.first()
	l.ring.Hide()
	for i, t := range l.cells {
		day := first.AddDate(0, 0, i)
		x, y := theme.Px(pickerPad)+float32(i%7)*cell, l.top(cell)+float32(i/7)*cell
		ink := theme.Text
		switch {
		case day.Equal(l.day):
			ink = theme.OnAccent
			frameOf(l.here, x, y, cell)
			kit.Tint(l.here, theme.Accent)
		case day.Month() != l.day.Month():
			ink = theme.Muted
		}
		if day.Equal(l.today) {
			frameOf(l.ring, x, y, cell)
			l.ring.StrokeColor, l.ring.StrokeWidth = theme.Color(theme.Control), 1
			l.ring.Show()
		}
		t.Set(strconv.Itoa(day.Day()), ink)
		t.Retheme()
		t.PlaceCentre(x, y+cell/2, cell)
	}
}

func (p *dayPicker) top(cell float32) float32 { return theme.Px(pickerPad) + cell*1.7 }

func frameOf(r *canvas.Rectangle, x, y, cell float32) {
	r.Move(fyne.NewPos(x+2, y+2))
	r.Resize(fyne.NewSquareSize(cell - 4))
}

func monthKey(m time.Month) string {
	return []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}[m-1]
}

func (p *dayPicker) goTo(day time.Time) {
	p.day = day
	p.Refresh()
}

// month goes to the same day of another month, or to its last one.
func (p *dayPicker) month(by int) {
	first := p.day.AddDate(0, 0, 1-p.day.Day()).AddDate(0, by, 0)
	last := first.AddDate(0, 1, -1).Day()
	p.goTo(first.AddDate(0, 0, min(p.day.Day(), last)-1))
}

// Tapped implements fyne.Tappable.
func (p *dayPicker) Tapped(ev *fyne.PointEvent) {
	cell := theme.Px(pickerCell)
	col := int((ev.Position.X - theme.Px(pickerPad)) / cell)
	row := int((ev.Position.Y - p.top(cell)) / cell)
	switch {
	case ev.Position.Y < theme.Px(pickerPad)+cell && col == 0:
		p.month(-1)
	case ev.Position.Y < theme.Px(pickerPad)+cell && col == 6:
		p.month(1)
	case ev.Position.Y >= p.top(cell) && col >= 0 && col < 7 && row < pickerWeeks:
		p.take(p.first().AddDate(0, 0, row*7+col))
	}
}

// TypedKey implements fyne.Focusable.
func (p *dayPicker) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeyLeft:
		p.goTo(p.day.AddDate(0, 0, -1))
	case fyne.KeyRight:
		p.goTo(p.day.AddDate(0, 0, 1))
	case fyne.KeyUp:
		p.goTo(p.day.AddDate(0, 0, -7))
	case fyne.KeyDown:
		p.goTo(p.day.AddDate(0, 0, 7))
	case fyne.KeyPageUp:
		p.month(-1)
	case fyne.KeyPageDown:
		p.month(1)
	case fyne.KeyHome:
		p.goTo(p.today)
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		p.take(p.day)
	case fyne.KeyEscape:
		p.leave()
	default:
		kit.PassKey(p, ev)
	}
}

// TypedRune implements fyne.Focusable.
func (p *dayPicker) TypedRune(rune) {}

// FocusGained implements fyne.Focusable.
func (p *dayPicker) FocusGained() {}

// FocusLost implements fyne.Focusable.
func (p *dayPicker) FocusLost() {}

// Cursor implements desktop.Cursorable.
func (p *dayPicker) Cursor() desktop.Cursor { return desktop.PointerCursor }

// AccessibilityLabel implements fyne.Accessible.
func (p *dayPicker) AccessibilityLabel() string { return i18n.LongDate(p.day) }

// AccessibilityRole implements fyne.Accessible.
func (p *dayPicker) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }
