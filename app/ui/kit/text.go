// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"sort"
	"strings"
	"sync"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"kontor/app/ui/theme"
)

// Text is one line of text that cuts itself off with an ellipsis. Change it with Set and Place; it never measures the
// same string twice in a row.
type Text struct {
	*canvas.Text
	full  string
	size  float32 // at 100 %
	bold  bool
	token theme.Token
	width float32
}

// NewText makes a line of text; size is at 100 % text size.
func NewText(s string, size float32, token theme.Token) *Text {
	t := &Text{Text: canvas.NewText(s, theme.Color(token)), full: s, size: size, token: token, width: -1}
	t.TextSize = theme.TextPx(size)
	return t
}

// NewBold is NewText in semi-bold.
func NewBold(s string, size float32, token theme.Token) *Text {
	t := NewText(s, size, token)
	t.bold, t.TextStyle.Bold = true, true
	return t
}

// Set changes what is shown and its colour.
func (t *Text) Set(s string, token theme.Token) {
	t.token, t.Color = token, theme.Color(token)
	t.TextSize = theme.TextPx(t.size)
	if s != t.full {
		t.full, t.width = s, -1
		t.Text.Text = s
	}
}

// SetBold changes the weight.
func (t *Text) SetBold(bold bool) {
	if bold != t.TextStyle.Bold {
		t.bold, t.TextStyle.Bold, t.width = bold, bold, -1
	}
}

// Retheme takes on the colours and sizes of the moment.
func (t *Text) Retheme() {
	t.Color, t.TextSize, t.width = theme.Color(t.token), theme.TextPx(t.size), -1
}

// Full is the text before it is cut off.
func (t *Text) Full() string { return t.full }

// Width is how wide the whole text is.
func (t *Text) Width() float32 { return Measure(t.full, t.TextSize, t.TextStyle) }

// LineHeight is the height of the line.
func (t *Text) LineHeight() float32 { return lineHeight(t.TextSize, t.TextStyle) }

// Place puts the text with its left edge at x and its middle at y, cut off at width.
func (t *Text) Place(x, middle, width float32) {
	t.fit(width)
	h := t.LineHeight()
	place(t.Text, x, middle-h/2, max(width, 0), h)
}

// PlaceRight puts the text with its right edge at x and returns its left edge.
func (t *Text) PlaceRight(x, middle, maxWidth float32) float32 {
	w := min(t.Width(), maxWidth)
	t.Place(x-w, middle, w)
	return x - w
}

// PlaceCentre centres the text in a span.
func (t *Text) PlaceCentre(x, middle, width float32) {
	w := min(t.Width(), width)
	t.Place(x+(width-w)/2, middle, w)
}

func (t *Text) fit(width float32) {
	if t.width == width {
		return
	}
	t.width = width
	t.Text.Text = Ellipsis(t.full, width, t.TextSize, t.TextStyle)
}

// MinSize is that of the whole text.
func (t *Text) MinSize() fyne.Size { return fyne.NewSize(t.Width(), t.LineHeight()) }

type measureKey struct {
	s     string
	size  float32
	style fyne.TextStyle
}

// measures remembers widths: lists show the same words again and again. It is dropped as a whole when it grows large.
var measures = struct {
	sync.Mutex
	m map[measureKey]float32
}{m: map[measureKey]float32{}}

const maxMeasures = 20_000

// Measure gives the width of a string; size is the real font size.
func Measure(s string, size float32, style fyne.TextStyle) float32 {
	if s == "" {
		return 0
	}
	key := measureKey{s, size, style}
	measures.Lock()
	w, ok := measures.m[key]
	measures.Unlock()
	if ok {
		return w
	}
	w = shape(s, size, style).Width
	measures.Lock()
	if len(measures.m) >= maxMeasures {
		clear(measures.m)
	}
	measures.m[key] = w
	measures.Unlock()
	return w
}

// shaping is held while the toolkit lays letters out, which it can do for one at a time only.
var shaping sync.Mutex

func shape(s string, size float32, style fyne.TextStyle) fyne.Size {
	shaping.Lock()
	defer shaping.Unlock()
	return fyne.MeasureText(s, size, style)
}

func lineHeight(size float32, style fyne.TextStyle) float32 {
	key := measureKey{"\x00height", size, style}
	measures.Lock()
	h, ok := measures.m[key]
	measures.Unlock()
	if ok {
		return h
	}
	h = shape("Ag", size, style).Height
	measures.Lock()
	measures.m[key] = h
	measures.Unlock()
	return h
}

// Ellipsis cuts s off so that it is at most width wide, with "…" at its end.
func Ellipsis(s string, width, size float32, style fyne.TextStyle) string {
	s = oneLine(s)
	if width <= 0 {
		return ""
	}
	if guess := int(width/size*4) + 16; len(s) > guess {
		s = s[:cut(s, guess)] // far more than fits: measuring all of it would be waste
	} else if Measure(s, size, style) <= width {
		return s
	}
	starts := make([]int, 0, len(s))
	for i := range s {
		starts = append(starts, i)
	}
	n := sort.Search(len(starts), func(i int) bool {
		return shape(s[:starts[i]]+"…", size, style).Width > width
	})
	if n == 0 {
		return ""
	}
	return strings.TrimRight(s[:starts[n-1]], " ") + "…"
}

// cut gives the largest rune boundary of s that is not above n.
func cut(s string, n int) int {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}

// oneLine replaces line breaks and tabs, which a single line cannot show.
func oneLine(s string) string {
	if strings.ContainsAny(s, "\r\n\t") {
		return strings.Join(strings.Fields(s), " ")
	}
	return s
}
