// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"kontor/app/ui/theme"
)

// tip is the line shown beside a widget that the pointer rests on. It takes no events.
type tip struct {
	back  *canvas.Rectangle
	words *Text
}

func newTip() *tip {
	t := &tip{back: Rect(theme.Text, 5), words: NewText("", 12, theme.Surface)}
	t.hide()
	return t
}

func (t *tip) objects() []fyne.CanvasObject { return []fyne.CanvasObject{t.back, t.words.Text} }

func (t *tip) hide() {
	t.back.Hide()
	t.words.Hide()
}

// show places the tip below an object, or above it where there is no room.
func (t *tip) show(s *Stage, o fyne.CanvasObject, words string) {
	t.words.Set(words, theme.Surface)
	Tint(t.back, theme.Text)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
	w, h := min(t.words.Width()+theme.Px(16), s.Size().Width), theme.Px(26)
	x := max(min(at.X+(o.Size().Width-w)/2, s.Size().Width-w-4), 0)
	y := at.Y + o.Size().Height + 5
	if y+h > s.Size().Height {
		y = at.Y - h - 5
	}
	t.put(s, x, y, w, h)
}

func (t *tip) put(s *Stage, x, y, w, h float32) {
	place(t.back, x, y, w, h)
	t.words.Place(x+theme.Px(8), y+h/2, w-theme.Px(15))
	t.back.Show()
	t.words.Show()
	canvas.Refresh(s)
}

// tipDelay is how long the pointer has to rest.
const tipDelay = 600 * time.Millisecond

// tipTimer shows a tip once the pointer has rested on a widget.
type tipTimer struct {
	timer *time.Timer
	stage *Stage
}

func (t *tipTimer) arm(o fyne.CanvasObject, words string) {
	t.cancel()
	if words == "" {
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(tipDelay, func() {
		Do(func() {
			if t.timer != timer {
				return // the pointer has left
			}
			if s := stageOf(o); s != nil {
				t.stage = s
				s.tip.show(s, o, words)
			}
		})
	})
	t.timer = timer
}

func (t *tipTimer) cancel() {
	if t.timer != nil {
		t.timer.Stop()
		t.timer = nil
	}
	if t.stage != nil {
		t.stage.tip.hide()
		canvas.Refresh(t.stage)
		t.stage = nil
	}
}
