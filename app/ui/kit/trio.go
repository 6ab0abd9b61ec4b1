// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/ui/theme"
)

// Trio is the shape of a page of items: places at the left, a list, and details at the right. In a narrow window, or with
// large text, places and details are shown alone when they are asked for, with a way back.
type Trio struct {
	*Split
	OnRoom func()  // there is room for all three again, or for the first time; may be nil
	Places *Button // leads to the places while there is no room for them; belongs into the head of the list

	bars  [2]*Panel
	docks [2]*fyne.Container
	back  func()
}

const (
	placesPane = 0
	detailPane = 2
)

// NewTrio makes a trio of three panes, of which the middle one takes the rest. back is called when a person returns to
// the list.
func NewTrio(places, list, details Pane, back func()) *Trio {
	t := &Trio{back: back}
	t.Places = NewIconButton("list", i18n.T("ui.places"), func() { t.Front(placesPane) })
	t.Places.Hide()
	for i, p := range []struct {
		pane   *Pane
		ground theme.Token
	}{{&places, theme.Background}, {&details, theme.Surface}} {
		t.bars[i] = NewPanel(p.ground, NewRowOf(0, NewPlain(i18n.T("ui.back-to-list"), "chevron-left", t.ShowList))).Padded(10, 20, 2, 20)
		t.bars[i].Hide()
		t.docks[i] = NewDock(t.bars[i], nil, nil, nil, p.pane.Content)
		p.pane.Content = t.docks[i]
	}
	t.Split = NewSplit(places, list, details)
	t.OnNarrow = func(bool) { t.adapt() }
	return t
}

func (t *Trio) adapt() {
	places, details := t.Dropped(placesPane), t.Dropped(detailPane)
	for i, shown := range []bool{places, details} {
		if t.bars[i].Visible() != shown {
			SetVisible(t.bars[i], shown)
			t.docks[i].Refresh() // the room of the bar is the pane's now, or no longer
		}
	}
	SetVisible(t.Places, places)
	if !details && !places {
		t.Front(-1)
	}
	if !details && t.OnRoom != nil {
		t.OnRoom()
	}
}

// ShowDetails brings the details to the front where there is no room for them beside the list.
func (t *Trio) ShowDetails() {
	if t.Dropped(detailPane) {
		t.Front(detailPane)
	}
}

// ShowList goes back to the list.
func (t *Trio) ShowList() {
	t.Front(-1)
	t.back()
}

// Escape goes back to the list if something else is shown in its place; it reports whether that was so.
func (t *Trio) Escape(ev *fyne.KeyEvent) bool {
	if ev.Name != fyne.KeyEscape || t.front < 0 {
		return false
	}
	t.ShowList()
	return true
}
