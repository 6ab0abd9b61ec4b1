// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

const (
	previewSide  = 640 // real pixels of a picture at the most
	previewTall  = 190 // its height, at 100 %
	previewLines = 16
	previewWide  = 200 // characters of a line
)

// preview shows the beginning of a file, or the picture that it is.
type preview struct {
	detail  *detail
	box     *fyne.Container
	picture *canvas.Image
	text    *kit.Paragraph
	caption *kit.Label
	local   string
	time    time.Time // of the version that is shown
}

func newPreview(d *detail) *preview {
	p := &preview{detail: d, picture: &canvas.Image{FillMode: canvas.ImageFillContain}, text: kit.NewParagraph("", 12, theme.Text), caption: kit.NewLabel("", 12, theme.Muted, false)}
	p.box = kit.NewColumn(4, p.picture, kit.NewCard(p.text), p.caption)
	p.box.Hide()
	return p
}

// show reads a file away from the UI goroutine, and shows it unless another one was chosen meanwhile. What lies on the
// server alone has no preview.
func (p *preview) show(e files.Entry) {
	if e.Dir || e.LocalPath == "" {
		p.clear()
		return
	}
	if e.LocalPath == p.local && e.Modified.Equal(p.time) {
		return
	}
	p.clear()
	p.local, p.time = e.LocalPath, e.Modified
	kit.Load(func() (content, error) { return readContent(e.LocalPath, previewSide) }, func(c content, err error) {
		if p.local != e.LocalPath || !e.Modified.Equal(p.time) || err != nil {
			return // what cannot be shown can be opened
		}
		p.fill(c, e)
		p.detail.reflow()
	})
}

func (p *preview) clear() {
	p.local, p.time = "", time.Time{}
	p.picture.Image = nil
	p.box.Hide()
}

func (p *preview) fill(c content, e files.Entry) {
	p.picture.Hide()
	card := p.box.Objects[1]
	card.Hide()
	switch {
	case c.picture != nil:
		p.picture.Image = c.picture
		p.picture.SetMinSize(fyne.NewSize(theme.Px(60), pictureHeight(c)))
		p.picture.Show()
		p.picture.Refresh()
		p.caption.Set(i18n.T("filesui.preview.picture", "name", e.Name, "width", c.width, "height", c.height))
	case strings.TrimSpace(c.text) == "":
		p.box.Hide()
		return
	default:
		words, more := firstLines(c.text, previewLines)
		p.text.Set(words, theme.Text)
		card.Show()
		p.caption.Set("")
		if more || c.cut {
			p.caption.Set(i18n.T("filesui.preview.more"))
		}
	}
	kit.SetVisible(p.caption, p.caption.Words() != "")
	p.box.Show()
}

// pictureHeight is how tall a picture is shown: small ones are not blown up.
func pictureHeight(c content) float32 {
	return max(min(theme.Px(previewTall), float32(c.height)), theme.Px(24))
}

// firstLines gives the beginning of a text, and whether there is more.
func firstLines(text string, n int) (words string, more bool) {
	lines := strings.SplitN(text, "\n", n+1)
	if more = len(lines) > n; more {
		lines = lines[:n]
	}
	for i, l := range lines {
		if r := []rune(l); len(r) > previewWide {
			lines[i], more = string(r[:previewWide])+"…", true
		}
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n"), more
}
