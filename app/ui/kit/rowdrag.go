// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"kontor/app/ui/theme"
)

// RowDrag is what a list's page does about rows that are dragged. What is dragged is what is selected. Places are in the
// canvas. Whatever can be done by dragging has to be possible with the keyboard too.
type RowDrag[T any] struct {
	Can  func(item T) bool             // whether it can begin on this row
	Over func(at fyne.Position) string // the pointer is there: what letting go would do, in words
	Drop func(at fyne.Position)        // the rows were let go there
	End  func()                        // it is over, also where the rows were dropped: nothing is marked any more
}

// dragging is where the rows are that a person drags.
type dragging struct {
	from  int // the row that the button went down on
	on    bool
	ended bool // given up, or never to begin, until the button is let go
	at    fyne.Position
}

// Dragged implements fyne.Draggable.
func (l *RowList[K, T]) Dragged(ev *fyne.DragEvent) {
	if l.cfg.Drag == nil || l.drag.ended {
		return
	}
	if !l.drag.on {
		item, ok := l.data.at(l.drag.from)
		if !ok || !l.isSelected(item) || !l.cfg.Drag.Can(item) {
			l.drag.ended = true
			return
		}
		l.drag.on, l.press.at = true, l.press.at.Add(-doubleClick)
	}
	l.drag.at = ev.AbsolutePosition
	words := l.cfg.Drag.Over(l.drag.at)
	if s := stageOf(l.self); s != nil {
		s.tip.follow(s, l.drag.at, words)
	}
}

// DragEnd implements fyne.Draggable.
func (l *RowList[K, T]) DragEnd() {
	dropped, at := l.drag.on, l.drag.at
	l.endDrag()
	l.drag.ended = false
	if dropped {
		focus(l.self)
		l.cfg.Drag.Drop(at)
	}
}

// endDrag leaves what was dragged where it is.
func (l *RowList[K, T]) endDrag() {
	if !l.drag.on {
		return
	}
	l.drag.on, l.drag.ended = false, true
	if s := stageOf(l.self); s != nil {
		s.tip.hide()
		canvas.Refresh(s)
	}
	l.cfg.Drag.End()
}

// Target marks the row that something can be dropped on, nil for none.
func (l *RowList[K, T]) Target(key *K) {
	if l.target == nil && key == nil || l.target != nil && key != nil && *l.target == *key {
		return
	}
	l.target = key
	l.version++
	l.repaint()
}

func (l *RowList[K, T]) isTarget(item T) bool {
	return l.target != nil && l.cfg.Key != nil && l.cfg.Key(item) == *l.target
}

// Nudge scrolls a little where something is dragged near the upper or lower edge of the list.
func (l *RowList[K, T]) Nudge(at fyne.Position) {
	if _, _, inside := l.Under(at); !inside {
		return
	}
	h := l.rowHeight()
	y := at.Y - fyne.CurrentApp().Driver().AbsolutePositionForObject(l.self).Y
	switch {
	case y < h/2:
		l.scrollTo(l.offset - float64(h)/2)
	case y > l.Size().Height-h/2:
		l.scrollTo(l.offset + float64(h)/2)
	}
}

// follow shows words beside the pointer.
func (t *tip) follow(s *Stage, at fyne.Position, words string) {
	if words == "" {
		t.hide()
		return
	}
	t.words.Set(words, theme.Surface)
	Tint(t.back, theme.Text)
	w, h := min(t.words.Width()+theme.Px(16), s.Size().Width), theme.Px(26)
	x := max(min(at.X+theme.Px(14), s.Size().Width-w-4), 0)
	y := at.Y + theme.Px(12)
	if y+h > s.Size().Height {
		y = at.Y - h - theme.Px(6)
	}
	t.put(s, x, y, w, h)
}

var _ fyne.Draggable = (*RowList[int, int])(nil)
