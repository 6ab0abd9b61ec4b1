// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"image/color"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"

	"kontor/app/ui/theme"
)

// SideItem is one line of a side panel: a section heading or something to choose.
type SideItem struct {
	ID       string // must be unique in its list
	Label    string
	Heading  bool // a section heading, cannot be chosen
	Icon     string
	Dot      color.Color // in place of the icon
	Indent   int
	Count    int // shown at the right, 0 for none
	Note     string
	NoteTone Tone // Note is shown as a badge in place of Count
	Parent   bool // has children below it
	Open     bool // its children are shown

	Mark, MarkWords string // an icon before the count, and what it says
}

// SideListConfig is what a side list tells.
type SideListConfig struct {
	OnSelect func(id string)
	OnOpen   func(id string)                   // Enter or double click
	OnMenu   func(id string, at fyne.Position) // context menu
	OnToggle func(id string, open bool)        // a parent is to be opened or closed
	OnKey    func(ev *fyne.KeyEvent) bool
	Back     BackToken
	Drag     *RowDrag[SideItem] // items can be dragged
}

// SideList is the list of folders, lists or views at the left of a page.
type SideList struct {
	*RowList[string, SideItem]
	cfg   SideListConfig
	items []SideItem
	edge  string // the item that something would go in beside
	under bool   // behind it
}

// NewSideList makes an empty side list.
func NewSideList(cfg SideListConfig) *SideList {
	s := &SideList{cfg: cfg}
	back := cfg.Back
	if back.token == 0 {
		back = Ground(theme.Background)
	}
	s.RowList = newRowList(RowListConfig[string, SideItem]{
		Key: func(i SideItem) string { return i.ID }, Height: 32, NoLine: true, Inset: 10, Back: back,
		NewRow: func() Row[SideItem] { return newSideRow(s) }, Drag: cfg.Drag,
		Skip:  func(i SideItem) bool { return i.Heading },
		Label: spoken,
		OnSelect: func(i SideItem, many int) {
			if many > 0 && cfg.OnSelect != nil {
				cfg.OnSelect(i.ID)
			}
		},
		OnOpen: func(i SideItem) {
			if cfg.OnOpen != nil {
				cfg.OnOpen(i.ID)
			}
		},
		OnMenu: func(i SideItem, at fyne.Position) {
			if cfg.OnMenu != nil {
				cfg.OnMenu(i.ID, at)
			}
		},
		Zone:   sideZone,
		OnZone: func(i SideItem, _ string) { s.toggle(i, !i.Open) },
		OnKey:  s.key,
	})
	s.become(s)
	return s
}

// SetItems shows other lines; what is selected stays selected. Small lists only: it works at once, in memory.
func (s *SideList) SetItems(items []SideItem) {
	s.items = items
	s.SetRows(items)
}

// Edge marks the item that something dragged would go in beside, in front of it or behind it; empty for none.
func (s *SideList) Edge(id string, behind bool) {
	if s.edge == id && s.under == behind {
		return
	}
	s.edge, s.under = id, behind
	s.Refresh()
}

// Items is what is shown.
func (s *SideList) Items() []SideItem { return s.items }

// Select marks an item without telling OnSelect.
func (s *SideList) Select(id string) { s.ShowSelected(id) }

// SelectedID is the item that is selected, empty for none.
func (s *SideList) SelectedID() string {
	for _, id := range s.Selected() {
		return id
	}
	return ""
}

func (s *SideList) toggle(i SideItem, open bool) {
	if s.cfg.OnToggle != nil && i.Parent {
		s.cfg.OnToggle(i.ID, open)
	}
}

func (s *SideList) key(ev *fyne.KeyEvent) bool {
	i, ok := s.Current()
	switch {
	case ok && i.Parent && ev.Name == fyne.KeyRight && !i.Open:
		s.toggle(i, true)
		return true
	case ok && i.Parent && ev.Name == fyne.KeyLeft && i.Open:
		s.toggle(i, false)
		return true
	}
	return s.cfg.OnKey != nil && s.cfg.OnKey(ev)
}

// spoken is an item in words.
func spoken(i SideItem) string {
	words := i.Label
	switch {
	case i.Note != "":
		words += ", " + i.Note
	case i.Count != 0:
		words += ", " + strconv.Itoa(i.Count)
	}
	if i.MarkWords != "" {
		words += ", " + i.MarkWords
	}
	return words
}

const sideLeft, sideIndent = 20, 20

func sideZone(i SideItem, _ fyne.Size, at fyne.Position) string {
	x := theme.Px(float32(sideLeft + i.Indent*sideIndent))
	if i.Parent && at.X >= x-theme.Px(16) && at.X < x {
		return "toggle"
	}
	return ""
}

// sideRow paints a SideItem.
type sideRow struct {
	glyph, arrow *Icon
	mark         *Icon
	dot          *canvas.Circle
	label, count *Text
	note         *Mark
	gap          *canvas.Rectangle // where something dragged would go in
	list         *SideList
}

func newSideRow(s *SideList) *sideRow {
	return &sideRow{
		list: s, gap: Rect(theme.Accent, 1),
		glyph: NewIcon("folder", theme.Text), arrow: NewIcon("chevron-right", theme.Muted), dot: canvas.NewCircle(color.Transparent),
		label: NewText("", 14, theme.Text), count: NewBold("", 12, theme.Muted), note: NewMark(), mark: NewIcon("lock", theme.Muted),
	}
}

// Objects implements Row.
func (r *sideRow) Objects() []fyne.CanvasObject {
	return append([]fyne.CanvasObject{r.glyph.Image, r.arrow.Image, r.mark.Image, r.dot, r.label.Text, r.count.Text, r.gap}, r.note.Objects()...)
}

// Paint implements Row.
func (r *sideRow) Paint(i SideItem, size fyne.Size, state RowState) {
	right := size.Width - theme.Px(20)
	r.mind(i, size)
	if i.Heading {
		r.heading(i, size, right)
		return
	}
	middle := size.Height / 2
	text := theme.Text
	if state.Selected {
		text = theme.Accent
	}
	x := theme.Px(float32(sideLeft + i.Indent*sideIndent))
	r.lead(i, x, middle, text)
	r.count.Hide()
	r.note.Set(i.Note, "", i.NoteTone)
	end := right
	switch {
	case i.Note != "":
		end = r.note.PlaceRight(right, middle)
	case i.Count != 0:
		r.count.Set(strconv.Itoa(i.Count), theme.Muted)
		r.count.Show()
		end = r.count.PlaceRight(right, middle, theme.Px(60))
	}
	r.mark.Set(i.Mark, theme.Muted)
	if i.Mark != "" {
		end -= theme.Px(18)
		r.mark.Place(end, middle, 14)
	}
	r.label.size = 14
	r.label.SetBold(state.Selected)
	r.label.Set(i.Label, text)
	left := x + theme.Px(24)
	if i.Dot != nil {
		left = x + theme.Px(17)
	}
	r.label.Place(left, middle, end-left-theme.Px(6))
}

// mind shows that something dragged would go in above or below an item.
func (r *sideRow) mind(i SideItem, size fyne.Size) {
	SetVisible(r.gap, r.list.edge != "" && r.list.edge == i.ID)
	y := float32(0)
	if r.list.under {
		y = size.Height - 2
	}
	Tint(r.gap, theme.Accent)
	left := theme.Px(sideLeft)
	place(r.gap, left, y, max(size.Width-2*left, 1), 2)
}

// lead paints what stands before the words.
func (r *sideRow) lead(i SideItem, x, middle float32, text theme.Token) {
	r.dot.Hide()
	icon := i.Icon
	if i.Dot != nil {
		icon = ""
		r.dot.FillColor = i.Dot
		d := theme.Px(8)
		place(r.dot, x, middle-d/2, d, d)
		r.dot.Show()
	}
	r.glyph.Set(icon, text)
	r.glyph.Place(x-theme.Px(1), middle, 17)
	arrow := ""
	if i.Parent {
		arrow = "chevron-right"
		if i.Open {
			arrow = "chevron-down"
		}
	}
	r.arrow.Set(arrow, theme.Muted)
	r.arrow.Place(x-theme.Px(14), middle, 12)
}

func (r *sideRow) heading(i SideItem, size fyne.Size, right float32) {
	r.dot.Hide()
	r.count.Hide()
	r.glyph.Set("", theme.Text)
	r.arrow.Set("", theme.Text)
	r.mark.Set("", theme.Text)
	r.note.Set("", "", ToneMuted)
	r.label.size = 11.5
	r.label.SetBold(true)
	r.label.Set(strings.ToUpper(i.Label), theme.Muted)
	r.label.Place(theme.Px(sideLeft), size.Height/2+theme.Px(3), right-theme.Px(sideLeft))
}

var _ desktop.Cursorable = (*SideList)(nil)
