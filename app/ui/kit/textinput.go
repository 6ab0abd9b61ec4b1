// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"sort"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"kontor/app/i18n"
	"kontor/app/ui/theme"
)

// at gives the position in the text below a point of the view.
func (v *TextView) at(pos fyne.Position) int {
	_, lh := v.style()
	row := int((float64(pos.Y) + v.offset - float64(v.headHeight)) / lh)
	switch {
	case len(v.lines) == 0 || float64(pos.Y)+v.offset < float64(v.headHeight):
		return 0
	case row >= len(v.lines):
		return len(v.text)
	}
	return v.inLine(v.lines[row], pos.X-theme.Px(v.Pad))
}

// inLine gives the position in a line that is nearest to x.
func (v *TextView) inLine(line span, x float32) int {
	words := v.text[line.start:line.end]
	starts := make([]int, 0, len(words)+1)
	for i := range words {
		starts = append(starts, i)
	}
	starts = append(starts, len(words))
	i := sort.Search(len(starts), func(i int) bool { return v.measure(words[:starts[i]]) >= x })
	if i == len(starts) {
		return line.end
	}
	if i > 0 && x-v.measure(words[:starts[i-1]]) < v.measure(words[:starts[i]])-x {
		i--
	}
	return line.start + starts[i]
}

func (v *TextView) linkAt(pos fyne.Position) (string, bool) {
	at := v.at(pos)
	if at >= len(v.text) || at == 0 && float64(pos.Y)+v.offset < float64(v.headHeight) {
		return "", false
	}
	i := sort.Search(len(v.links), func(i int) bool { return v.links[i].end > at })
	if i < len(v.links) && v.links[i].start <= at {
		return LinkTarget(v.text[v.links[i].start:v.links[i].end]), true
	}
	return "", false
}

// Scrolled implements fyne.Scrollable.
func (v *TextView) Scrolled(ev *fyne.ScrollEvent) { v.scrollTo(v.offset - float64(ev.Scrolled.DY)) }

// MouseDown implements desktop.Mouseable.
func (v *TextView) MouseDown(ev *desktop.MouseEvent) {
	focus(v)
	if ev.Button == desktop.MouseButtonSecondary {
		return
	}
	at, now := v.at(ev.Position), time.Now()
	if v.press.row == at && now.Sub(v.press.at) < doubleClick {
		word := wordAt(v.text, at)
		v.anchor, v.active = word.start, word.end
	} else if ev.Modifier&fyne.KeyModifierShift != 0 {
		v.active = at
	} else {
		v.anchor, v.active = at, at
	}
	v.press.row, v.press.at = at, now
	v.fill()
}

// MouseUp implements desktop.Mouseable.
func (v *TextView) MouseUp(*desktop.MouseEvent) {}

// Tapped implements fyne.Tappable: a click on a link opens it.
func (v *TextView) Tapped(ev *fyne.PointEvent) {
	if target, ok := v.linkAt(ev.Position); ok && v.anchor == v.active && v.OnLink != nil {
		v.OnLink(target)
	}
}

// Dragged implements fyne.Draggable: it selects.
func (v *TextView) Dragged(ev *fyne.DragEvent) {
	v.active = v.at(ev.Position)
	switch {
	case ev.Position.Y < 0:
		v.offset += float64(ev.Position.Y)
	case ev.Position.Y > v.Size().Height:
		v.offset += float64(ev.Position.Y - v.Size().Height)
	}
	v.fill()
}

// DragEnd implements fyne.Draggable.
func (v *TextView) DragEnd() {}

// TappedSecondary implements fyne.SecondaryTappable.
func (v *TextView) TappedSecondary(ev *fyne.PointEvent) {
	items := []MenuItem{
		{Label: i18n.T("ui.copy"), Icon: "copy", Disabled: v.anchor == v.active, Act: v.copy},
		{Label: i18n.T("ui.select-all"), Act: v.selectAll},
	}
	if v.Menu != nil {
		items = append(items, v.Menu(v.SelectedText(), ev.Position)...)
	}
	PopUp(v, ev.AbsolutePosition, items...)
}

func (v *TextView) selectAll() {
	v.anchor, v.active = 0, len(v.text)
	v.fill()
}

func (v *TextView) copy() {
	words := v.SelectedText()
	switch {
	case words == "":
	case v.Copy != nil:
		v.Copy(words)
	default:
		fyne.CurrentApp().Clipboard().SetContent(words)
	}
}

// MouseIn implements desktop.Hoverable.
func (v *TextView) MouseIn(*desktop.MouseEvent) {}

// MouseMoved implements desktop.Hoverable.
func (v *TextView) MouseMoved(ev *desktop.MouseEvent) { _, v.overLink = v.linkAt(ev.Position) }

// MouseOut implements desktop.Hoverable.
func (v *TextView) MouseOut() { v.overLink = false }

// Cursor implements desktop.Cursorable.
func (v *TextView) Cursor() desktop.Cursor {
	if v.overLink {
		return desktop.PointerCursor
	}
	return desktop.TextCursor
}

// FocusGained implements fyne.Focusable.
func (v *TextView) FocusGained() { v.focused = true; v.fill() }

// FocusLost implements fyne.Focusable.
func (v *TextView) FocusLost() { v.focused = false; v.fill() }

// TypedRune implements fyne.Focusable.
func (v *TextView) TypedRune(rune) {}

// TypedKey implements fyne.Focusable: the arrows scroll, with Shift they select.
func (v *TextView) TypedKey(ev *fyne.KeyEvent) {
	_, lh := v.style()
	view := float64(v.Size().Height)
	if Modifiers()&fyne.KeyModifierShift != 0 && v.extend(ev.Name) {
		v.fill()
		return
	}
	switch ev.Name {
	case fyne.KeyUp:
		v.scrollTo(v.offset - 2*lh)
	case fyne.KeyDown:
		v.scrollTo(v.offset + 2*lh)
	case fyne.KeyPageUp:
		v.scrollTo(v.offset - view + lh)
	case fyne.KeyPageDown, fyne.KeySpace:
		v.scrollTo(v.offset + view - lh)
	case fyne.KeyHome:
		v.scrollTo(0)
	case fyne.KeyEnd:
		v.scrollTo(v.total())
	default:
		PassKey(v, ev)
	}
}

// extend moves the active end of the selection.
func (v *TextView) extend(key fyne.KeyName) bool {
	line := sort.Search(len(v.lines), func(i int) bool { return v.lines[i].end >= v.active })
	if line == len(v.lines) {
		return false
	}
	switch key {
	case fyne.KeyLeft:
		if v.active > 0 {
			v.active -= lastLetter(v.text[:v.active])
		}
	case fyne.KeyRight:
		v.active += letter(v.text[v.active:])
	case fyne.KeyHome:
		v.active = v.lines[line].start
	case fyne.KeyEnd:
		v.active = v.lines[line].end
	case fyne.KeyUp, fyne.KeyDown:
		to := line - 1
		if key == fyne.KeyDown {
			to = line + 1
		}
		if to < 0 || to >= len(v.lines) {
			return false
		}
		v.active = v.inLine(v.lines[to], v.measure(v.text[v.lines[line].start:v.active]))
	default:
		return false
	}
	return true
}

// TypedShortcut implements fyne.Shortcutable.
func (v *TextView) TypedShortcut(s fyne.Shortcut) {
	switch s.(type) {
	case *fyne.ShortcutCopy:
		v.copy()
	case *fyne.ShortcutSelectAll:
		v.selectAll()
	default:
		PassShortcut(v, s)
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (v *TextView) AccessibilityLabel() string { return v.text }
