// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// draggable is a list of things on a stage; none of those whose number can be divided by seven may be dragged.
func draggable(t *testing.T) (*thingList, *Stage) {
	t.Helper()
	l, win := newThingList(t, 100)
	stage := NewStage(l.RowList)
	win.SetContent(stage)
	tell := func(words string) { l.told = append(l.told, words) }
	l.cfg.Drag = &RowDrag[thing]{
		Can: func(i thing) bool { return i.id%7 != 0 },
		Over: func(at fyne.Position) string {
			l.Nudge(at)
			i, _, _ := l.Under(at)
			l.Target(&i.id)
			return fmt.Sprintf("%v to %d", l.ids(), i.id)
		},
		Drop: func(at fyne.Position) { i, _, _ := l.Under(at); tell(fmt.Sprintf("drop %v on %d", l.ids(), i.id)) },
		End:  func() { l.Target(nil) },
	}
	return l, stage
}

// dragRow presses a button over one row and moves to another; rows are counted on screen.
func (l *thingList) dragRow(from, to int) {
	ev := mouse(200, float32(from)*36+18, desktop.MouseButtonPrimary, 0)
	l.MouseDown(ev)
	for _, y := range []int{from*36 + 26, to*36 + 18} {
		at := fyne.NewPos(200, float32(y))
		l.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: at, AbsolutePosition: at}})
	}
}

// TestRowsAreDragged: one row, all that are selected, and none where it must not be; what would happen is said beside the pointer.
func TestRowsAreDragged(t *testing.T) {
	l, stage := draggable(t)
	l.dragRow(1, 4)
	if words := stage.tip.words.Full(); words != "[2] to 5" || !stage.tip.back.Visible() || l.target == nil || *l.target != 5 {
		t.Errorf("on the way: %q", words)
	}
	l.DragEnd()
	if l.last() != "drop [2] on 5" || l.target != nil || stage.tip.back.Visible() {
		t.Errorf("dropped: %q", l.last())
	}
	l.clickRow(1, 0, desktop.MouseButtonPrimary)
	l.clickRow(3, shift, desktop.MouseButtonPrimary)
	l.dragRow(2, 5)
	l.DragEnd()
	if l.last() != "drop [2 3 4] on 6" || !slices.Equal(l.ids(), upTo(2, 4)) {
		t.Errorf("many: %q, then %v", l.last(), l.ids())
	}
	l.clickRow(2, 0, desktop.MouseButtonPrimary)
	if !slices.Equal(l.ids(), []int64{3}) {
		t.Errorf("a click within what is selected is still a click: %v", l.ids())
	}
	l.dragRow(6, 2)
	l.DragEnd()
	if l.last() != "select 7 of 1" {
		t.Errorf("a row that stays: %q", l.last())
	}
}

// TestDraggingIsGivenUp by Escape, whatever the button does after that.
func TestDraggingIsGivenUp(t *testing.T) {
	l, stage := draggable(t)
	l.dragRow(1, 4)
	l.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if l.target != nil || stage.tip.back.Visible() {
		t.Error("something is still marked")
	}
	at := fyne.NewPos(200, 300)
	l.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: at, AbsolutePosition: at}})
	l.DragEnd()
	if l.last() != "select 2 of 1" {
		t.Errorf("dropped after all: %q", l.last())
	}
	l.dragRow(1, 3)
	l.DragEnd()
	if l.last() != "drop [2] on 4" {
		t.Errorf("the next time: %q", l.last())
	}
}

// TestDraggingScrolls near the edges, and not elsewhere.
func TestDraggingScrolls(t *testing.T) {
	l, _ := draggable(t)
	l.dragRow(1, 4)
	if l.offset != 0 {
		t.Fatalf("in the middle: %v", l.offset)
	}
	for _, c := range []struct {
		y    float32
		want float64
	}{{355, 18}, {358, 36}, {3, 18}, {1, 0}, {2, 0}, {400, 0}} {
		l.Nudge(fyne.NewPos(200, c.y))
		if l.offset != c.want {
			t.Errorf("at %v: %v, want %v", c.y, l.offset, c.want)
		}
	}
	l.DragEnd()
}
