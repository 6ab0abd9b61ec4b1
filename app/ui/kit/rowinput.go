// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"kontor/app/ui/theme"
)

// clicks tells single from double clicks, and whether a tap was already handled when the button went down.
type clicks struct {
	row     int
	at      time.Time
	handled bool
	zone    string
}

const doubleClick = 400 * time.Millisecond

func (l *RowList[K, T]) rowAt(pos fyne.Position) (row int, within fyne.Position) {
	h := float64(l.rowHeight())
	y := l.offset + float64(pos.Y)
	row = int(y / h)
	if row >= l.data.count || pos.Y < 0 {
		return -1, fyne.Position{}
	}
	return row, fyne.NewPos(pos.X, float32(y-float64(row)*h))
}

func (l *RowList[K, T]) zoneAt(row int, within fyne.Position) string {
	item, ok := l.data.at(row)
	if !ok || l.cfg.Zone == nil {
		return ""
	}
	return l.cfg.Zone(item, fyne.NewSize(l.Size().Width, l.rowHeight()), within)
}

// MouseDown implements desktop.Mouseable.
func (l *RowList[K, T]) MouseDown(ev *desktop.MouseEvent) {
	focus(l.self)
	l.press.handled = true
	row, within := l.rowAt(ev.Position)
	l.drag = dragging{from: row}
	if row < 0 {
		return
	}
	if ev.Button == desktop.MouseButtonSecondary {
		if item, ok := l.data.at(row); ok && !l.isSelected(item) {
			l.moveTo(row, 0, 1)
		}
		return
	}
	if item, ok := l.data.at(row); ok && l.cfg.Drag != nil && ev.Modifier == 0 && len(l.selected) > 1 && l.isSelected(item) {
		l.press.handled = false // all that is selected may be about to be dragged: what is let go here is a click
		return
	}
	l.click(row, within, ev.Modifier, time.Now())
}

// MouseUp implements desktop.Mouseable.
func (l *RowList[K, T]) MouseUp(*desktop.MouseEvent) {}

// Tapped implements fyne.Tappable, for touch screens, which send no MouseDown.
func (l *RowList[K, T]) Tapped(ev *fyne.PointEvent) {
	if l.press.handled {
		l.press.handled = false
		return
	}
	focus(l.self)
	if row, within := l.rowAt(ev.Position); row >= 0 {
		l.click(row, within, 0, time.Now())
	}
}

func (l *RowList[K, T]) click(row int, within fyne.Position, mods fyne.KeyModifier, now time.Time) {
	item, ok := l.data.at(row)
	if !ok || (l.cfg.Skip != nil && l.cfg.Skip(item)) {
		return
	}
	if zone := l.zoneAt(row, within); zone != "" && mods == 0 {
		if l.cfg.OnZone != nil {
			l.cfg.OnZone(item, zone)
		}
		return
	}
	double := mods == 0 && l.press.row == row && now.Sub(l.press.at) < doubleClick
	l.press.row, l.press.at = row, now
	if double {
		l.press.at = time.Time{}
		if l.cfg.OnOpen != nil {
			l.cfg.OnOpen(item)
		}
		return
	}
	l.moveTo(row, mods, 1)
}

// TappedSecondary implements fyne.SecondaryTappable.
func (l *RowList[K, T]) TappedSecondary(ev *fyne.PointEvent) {
	row, _ := l.rowAt(ev.Position)
	if row < 0 && l.cfg.OnGround != nil {
		l.cfg.OnGround(ev.AbsolutePosition)
		return
	}
	item, ok := l.data.at(row)
	if row < 0 || !ok || l.cfg.OnMenu == nil || (l.cfg.Skip != nil && l.cfg.Skip(item)) {
		return
	}
	if !l.isSelected(item) {
		l.moveTo(row, 0, 1)
	}
	l.cfg.OnMenu(item, ev.AbsolutePosition)
}

// menuByKey opens the context menu below the cursor's row.
func (l *RowList[K, T]) menuByKey() {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(l.self)
	item, ok := l.Current()
	if !ok && l.data.count == 0 && l.cfg.OnGround != nil {
		l.cfg.OnGround(at.AddXY(theme.Px(40), theme.Px(8)))
		return
	}
	if !ok || l.cfg.OnMenu == nil {
		return
	}
	row, size := l.Place(l.cursor)
	l.cfg.OnMenu(item, row.AddXY(theme.Px(40), size.Height-theme.Px(8)))
}

// Place brings a row into view and tells where it is in the canvas.
func (l *RowList[K, T]) Place(row int) (fyne.Position, fyne.Size) {
	l.ScrollToRow(row)
	h := l.rowHeight()
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(l.self)
	return at.AddXY(0, float32(float64(row)*float64(h)-l.offset)), fyne.NewSize(l.Size().Width, h)
}

// Under gives the item at a place of the canvas: where files are dropped. inside tells whether that is in the list at all.
func (l *RowList[K, T]) Under(at fyne.Position) (item T, ok, inside bool) {
	at = at.Subtract(fyne.CurrentApp().Driver().AbsolutePositionForObject(l.self))
	size := l.Size()
	if !l.Visible() || at.X < 0 || at.Y < 0 || at.X >= size.Width || at.Y >= size.Height {
		return item, false, false
	}
	if row, _ := l.rowAt(at); row >= 0 {
		item, ok = l.data.at(row)
	}
	return item, ok, true
}

// MouseIn implements desktop.Hoverable.
func (l *RowList[K, T]) MouseIn(ev *desktop.MouseEvent) { l.MouseMoved(ev) }

// MouseMoved implements desktop.Hoverable.
func (l *RowList[K, T]) MouseMoved(ev *desktop.MouseEvent) {
	row, within := l.rowAt(ev.Position)
	l.press.zone = l.zoneAt(row, within)
	if row != l.hover {
		l.hover = row
		l.repaint()
	}
}

// MouseOut implements desktop.Hoverable.
func (l *RowList[K, T]) MouseOut() {
	if l.hover >= 0 {
		l.hover, l.press.zone = -1, ""
		l.repaint()
	}
}

// Cursor implements desktop.Cursorable.
func (l *RowList[K, T]) Cursor() desktop.Cursor {
	if l.press.zone != "" {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// FocusGained implements fyne.Focusable.
func (l *RowList[K, T]) FocusGained() {
	l.focused = true
	l.enter()
	l.repaint()
}

// enter gives the keyboard a row to stand on.
func (l *RowList[K, T]) enter() {
	if l.focused && l.cursor < 0 && l.data.count > 0 {
		if row, ok := l.skipHeadings(0, 1); ok {
			l.cursor = row
		}
	}
}

// FocusLost implements fyne.Focusable.
func (l *RowList[K, T]) FocusLost() {
	l.focused = false
	l.repaint()
}

// TypedRune implements fyne.Focusable.
func (l *RowList[K, T]) TypedRune(r rune) {
	if l.cfg.OnRune != nil && l.cfg.OnRune(r) {
		return
	}
	if l.cfg.Label != nil && r > ' ' && l.data.count > 0 {
		l.jump(l.typed.add(r, time.Now()))
	}
}

// beside is the row that an arrow key goes to. The first one pressed selects the row that the ring is on.
func (l *RowList[K, T]) beside(step int, mods fyne.KeyModifier) int {
	if mods == 0 && len(l.selected) == 0 && l.cursor >= 0 && !l.follow {
		return l.cursor
	}
	return l.cursor + step
}

// TypedKey implements fyne.Focusable.
func (l *RowList[K, T]) TypedKey(ev *fyne.KeyEvent) {
	if l.drag.on && ev.Name == fyne.KeyEscape {
		l.endDrag()
		return
	}
	if l.cfg.OnKey != nil && l.cfg.OnKey(ev) {
		return
	}
	mods := Modifiers()
	pageRows := max(int(l.Size().Height/l.rowHeight())-1, 1)
	switch ev.Name {
	case fyne.KeyUp:
		l.stepTo(l.beside(-1, mods), mods, -1)
	case fyne.KeyDown:
		l.stepTo(l.beside(1, mods), mods, 1)
	case fyne.KeyPageUp:
		l.stepTo(l.cursor-pageRows, mods, -1)
	case fyne.KeyPageDown:
		l.stepTo(l.cursor+pageRows, mods, 1)
	case fyne.KeyHome:
		l.stepTo(0, mods, 1)
	case fyne.KeyEnd:
		l.stepTo(l.data.count-1, mods, -1)
	case fyne.KeyReturn, fyne.KeyEnter:
		if item, ok := l.Current(); ok && l.cfg.OnOpen != nil {
			l.cfg.OnOpen(item)
		}
	case fyne.KeySpace:
		l.moveTo(l.cursor, mods|fyne.KeyModifierShortcutDefault, 1)
	case desktop.KeyMenu:
		l.menuByKey()
	case fyne.KeyF10:
		if mods&fyne.KeyModifierShift != 0 {
			l.menuByKey()
		}
	default:
		PassKey(l.self, ev)
	}
}

// TypedShortcut implements fyne.Shortcutable: Ctrl+A selects all rows, the rest is the window's.
func (l *RowList[K, T]) TypedShortcut(s fyne.Shortcut) {
	if l.cfg.OnShortcut != nil && l.cfg.OnShortcut(s) {
		return
	}
	if _, ok := s.(*fyne.ShortcutSelectAll); ok && l.cfg.Multi {
		l.SelectAll()
		return
	}
	if c, ok := s.(*desktop.CustomShortcut); ok && c.Modifier&^fyne.KeyModifierShift == fyne.KeyModifierShortcutDefault {
		switch c.KeyName {
		case fyne.KeyUp, fyne.KeyDown, fyne.KeyHome, fyne.KeyEnd, fyne.KeyPageUp, fyne.KeyPageDown, fyne.KeySpace:
			l.TypedKey(&fyne.KeyEvent{Name: c.KeyName})
			return
		}
	}
	PassShortcut(l.self, s)
}

// AccessibilityLabel implements fyne.Accessible: the row under the cursor in words.
func (l *RowList[K, T]) AccessibilityLabel() string {
	if item, ok := l.Current(); ok && l.cfg.Label != nil {
		return l.cfg.Label(item)
	}
	return ""
}
