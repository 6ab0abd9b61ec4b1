// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// wrapped is a short text that is broken into at most a few lines; the last one ends with an ellipsis.
type wrapped struct {
	text  string
	size  float32 // at 100 %
	most  int
	plain bool // not in bold
	token theme.Token
	lines []*canvas.Text
	used  int
}

// broken gives the lines for a width.
func (w *wrapped) broken(width float32) (lines []textLine, height float32) {
	size, style := theme.TextPx(w.size), fyne.TextStyle{Bold: !w.plain}
	p := para{Spans: []span{{Text: w.text}}}
	m := metrics{width: func(r rune) float32 { return kit.Measure(string(r), size, style) }}
	return breakPara(nil, &p, width, m), fyne.MeasureText("Ag", size, style).Height
}

// height gives how high the text is for a width.
func (w *wrapped) height(width float32) float32 {
	lines, h := w.broken(width)
	return float32(min(len(lines), w.most)) * h
}

// layout places the lines from the top left corner and gives their height.
func (w *wrapped) layout(x, y, width float32) float32 {
	size, style := theme.TextPx(w.size), fyne.TextStyle{Bold: !w.plain}
	broken, h := w.broken(width)
	w.used = min(len(broken), w.most)
	for i := range w.used {
		if i == len(w.lines) {
			w.lines = append(w.lines, canvas.NewText("", nil))
		}
		l := w.lines[i]
		l.Text, l.TextSize, l.TextStyle, l.Color = strings.TrimRight(broken[i].String(), " "), size, style, theme.Color(w.token)
		if i == w.most-1 && len(broken) > w.most {
			rest := ""
			for _, b := range broken[i:] {
				rest += b.String()
			}
			l.Text = kit.Ellipsis(rest, width, size, style)
		}
		place(l, x, y+float32(i)*h, width, h)
	}
	return float32(w.used) * h
}

func (w *wrapped) objects() []fyne.CanvasObject {
	out := make([]fyne.CanvasObject, 0, w.used)
	for i := range w.used {
		out = append(out, w.lines[i])
	}
	return out
}
