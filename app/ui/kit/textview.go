// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"sort"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/theme"
)

// TextView shows read-only text of any length: it wraps by itself, paints only what is on screen, can be selected and
// copied, and its links can be clicked. Head and Foot scroll along above and below the text.
type TextView struct {
	widget.BaseWidget
	OnLink   func(target string)                                // a link was clicked: "https://..." or "mailto:..."
	Copy     func(words string)                                 // puts words on the clipboard; nil for the program's own
	Menu     func(selected string, at fyne.Position) []MenuItem // extra lines of the context menu
	MaxWidth float32                                            // of a line at 100 % text size, 0 for the whole width
	Pad      float32                                            // left, right, at 100 %

	text  string
	links []span
	lines []span
	wrap  float32 // width the lines were made for
	size  float32 // of the font at 100 %
	head  fyne.CanvasObject
	foot  fyne.CanvasObject

	offset     float64
	anchor     int
	active     int // the other end of the selection
	focused    bool
	overLink   bool
	press      clicks
	back       *canvas.Rectangle
	ring       focusRing
	area       *fyne.Container
	clip       *container.Clip
	bar        *ScrollBar
	texts      []*canvas.Text
	marks      []*canvas.Rectangle
	usedTexts  int
	usedMarks  int
	headHeight float32
}

// NewTextView makes an empty view; head and foot may be nil.
func NewTextView(head, foot fyne.CanvasObject) *TextView {
	v := &TextView{size: 15, Pad: 28, MaxWidth: 720, head: head, foot: foot, back: Rect(theme.Surface, 0), ring: newFocusRing(4)}
	v.area = container.NewWithoutLayout()
	v.clip = container.NewClip(v.area)
	v.bar = NewScrollBar(func(offset float64) { v.scrollTo(offset) })
	for _, o := range []fyne.CanvasObject{head, foot} {
		if o != nil {
			v.area.Add(o)
		}
	}
	v.ExtendBaseWidget(v)
	return v
}

// SetText shows another text from its beginning.
func (v *TextView) SetText(s string) {
	v.text, v.links, v.lines, v.wrap = s, findLinks(s), nil, -1
	v.offset, v.anchor, v.active = 0, 0, 0
	v.Refresh()
}

// Text is what is shown.
func (v *TextView) Text() string { return v.text }

// SetTextSize changes the size of the font, at 100 % text size.
func (v *TextView) SetTextSize(size float32) {
	v.size, v.wrap = size, -1
	v.Refresh()
}

// ScrollTop goes back to the beginning.
func (v *TextView) ScrollTop() { v.scrollTo(0) }

// SelectedText is what is selected.
func (v *TextView) SelectedText() string {
	s := v.selection()
	return v.text[s.start:s.end]
}

func (v *TextView) selection() span { return span{min(v.anchor, v.active), max(v.anchor, v.active)} }

// CreateRenderer implements fyne.Widget.
func (v *TextView) CreateRenderer() fyne.WidgetRenderer {
	return &painter{
		objects: []fyne.CanvasObject{v.back, v.clip, v.bar, v.ring.Rectangle}, layout: v.layout, owner: v,
		min: func() fyne.Size { return fyne.NewSize(theme.Px(160), theme.Px(80)) },
		refresh: func() {
			Tint(v.back, theme.Surface)
			v.wrap = -1
		},
	}
}

func (v *TextView) layout(size fyne.Size) {
	place(v.back, 0, 0, size.Width, size.Height)
	place(v.clip, 0, 0, size.Width, size.Height)
	v.bar.placeIn(size)
	place(v.ring.Rectangle, 1, 1, size.Width-2, size.Height-2)
	v.fill()
}

func (v *TextView) style() (size float32, line float64) {
	size = theme.TextPx(v.size)
	return size, float64(int(size*1.58 + 0.5))
}

// measure gives the width of a piece as it is painted: a tabulator is one space there, but the toolkit would measure it
// to its next stop.
func (v *TextView) measure(s string) float32 {
	size, _ := v.style()
	return Measure(printable(s), size, fyne.TextStyle{})
}

// longText is how long a text may be whose words are measured as they are painted.
const longText = 64 << 10

// roughly measures by the widths of single letters, which is a little more than they take together but a hundred times
// faster: a megabyte must not keep the window waiting.
func (v *TextView) roughly() func(string) float32 {
	var plain [utf8.RuneSelf]float32
	for i := range plain {
		plain[i] = v.measure(string(rune(i)))
	}
	return func(s string) float32 {
		w := float32(0)
		for _, r := range s {
			if r < utf8.RuneSelf {
				w += plain[r]
			} else {
				w += v.measure(string(r))
			}
		}
		return w
	}
}

func (v *TextView) lineWidth() float32 {
	w := v.Size().Width - 2*theme.Px(v.Pad)
	if v.MaxWidth > 0 {
		w = min(w, theme.Px(v.MaxWidth))
	}
	return max(w, 40)
}

// fill paints the lines on screen.
func (v *TextView) fill() {
	size := v.Size()
	if size.Width < 1 || size.Height < 1 {
		return
	}
	if w := v.lineWidth(); w != v.wrap {
		v.wrap = w
		measure := v.measure
		if len(v.text) > longText {
			measure = v.roughly()
		}
		v.lines = wrapLines(v.text, w, measure)
	}
	v.headHeight = v.placeEnds(size.Width)
	_, lh := v.style()
	v.offset = max(0, min(v.offset, v.total()-float64(size.Height)))
	top := float64(v.headHeight) - v.offset
	if v.head != nil {
		v.head.Move(fyne.NewPos(0, float32(-v.offset)))
	}
	if v.foot != nil {
		v.foot.Move(fyne.NewPos(0, float32(top+lh*float64(len(v.lines)))))
	}
	v.ring.set(v.focused)
	v.usedTexts, v.usedMarks = 0, 0
	first := max(0, int(-top/lh))
	for i := first; i < len(v.lines); i++ {
		y := top + lh*float64(i)
		if y > float64(size.Height) {
			break
		}
		v.paintLine(v.lines[i], float32(y), float32(lh))
	}
	v.hideRest()
	v.bar.set(v.offset, float64(size.Height), v.total())
	canvas.Refresh(v)
}

// placeEnds lays out head and foot and gives the height of the head.
func (v *TextView) placeEnds(width float32) float32 {
	height := theme.Px(12)
	if v.foot != nil {
		v.foot.Resize(fyne.NewSize(width, v.foot.MinSize().Height))
	}
	if v.head != nil {
		height = v.head.MinSize().Height
		v.head.Resize(fyne.NewSize(width, height))
	}
	return height
}

func (v *TextView) total() float64 {
	_, lh := v.style()
	total := float64(v.headHeight) + lh*float64(len(v.lines)) + float64(theme.Px(20))
	if v.foot != nil {
		total += float64(v.foot.MinSize().Height)
	}
	return total
}

// paintLine paints one line: the selection behind it, then its pieces, links in their own colour.
func (v *TextView) paintLine(line span, y, height float32) {
	left := theme.Px(v.Pad)
	if sel := v.selection(); sel.end > line.start && sel.start < max(line.end, line.start+1) && sel.end > sel.start {
		from, to := max(sel.start, line.start), min(sel.end, line.end)
		x := left + v.measure(v.text[line.start:from])
		w := v.measure(v.text[from:to])
		if sel.end > line.end {
			w += 4
		}
		v.mark(x, y, w, height)
	}
	token := theme.Text
	if quoteDepth(v.text[line.start:line.end]) > 0 {
		token = theme.Muted
	}
	x, at := left, line.start
	i := sort.Search(len(v.links), func(i int) bool { return v.links[i].end > line.start })
	for ; i < len(v.links) && v.links[i].start < line.end; i++ {
		l := v.links[i]
		from, to := max(l.start, line.start), min(l.end, line.end)
		x = v.piece(v.text[at:from], token, x, y, height)
		end := v.piece(v.text[from:to], theme.Accent, x, y, height)
		v.underline(x, y+height*0.82, end-x)
		x, at = end, to
	}
	v.piece(v.text[at:line.end], token, x, y, height)
}

func (v *TextView) piece(s string, token theme.Token, x, y, height float32) float32 {
	if s == "" {
		return x
	}
	if v.usedTexts == len(v.texts) {
		t := canvas.NewText("", nil)
		v.texts = append(v.texts, t)
		v.area.Objects = append(v.area.Objects, t)
	}
	t := v.texts[v.usedTexts]
	v.usedTexts++
	size, _ := v.style()
	t.Text, t.TextSize, t.Color = printable(s), size, theme.Color(token)
	w := v.measure(s)
	h := lineHeight(size, t.TextStyle)
	place(t, x, y+(height-h)/2, w, h)
	t.Show()
	return x + w
}

// printable replaces what a line of text cannot show.
func printable(s string) string {
	for i := range len(s) {
		if s[i] < ' ' {
			b := []byte(s)
			for j := range b {
				if b[j] < ' ' {
					b[j] = ' '
				}
			}
			return string(b)
		}
	}
	return s
}

func (v *TextView) mark(x, y, w, h float32) { place(v.rect(theme.AccentSoft), x, y, w, h) }

func (v *TextView) underline(x, y, w float32) { place(v.rect(theme.Accent), x, y, w, 1) }

// rect gives a rectangle below all text.
func (v *TextView) rect(t theme.Token) *canvas.Rectangle {
	if v.usedMarks == len(v.marks) {
		r := canvas.NewRectangle(nil)
		v.marks = append(v.marks, r)
		v.area.Objects = append([]fyne.CanvasObject{r}, v.area.Objects...)
	}
	r := v.marks[v.usedMarks]
	v.usedMarks++
	r.FillColor = theme.Color(t)
	r.Show()
	return r
}

func (v *TextView) hideRest() {
	for _, t := range v.texts[v.usedTexts:] {
		t.Hide()
	}
	for _, r := range v.marks[v.usedMarks:] {
		r.Hide()
	}
}

func (v *TextView) scrollTo(offset float64) {
	if offset != v.offset {
		v.offset = offset
		v.fill()
	}
}
