// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"

	"fyne.io/fyne/v2/container"

	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// binHere is what the recycle bin of this computer holds, and the offer to empty it. Nothing can bring that back, so it
// asks.
type binHere struct {
	page    *Page
	content *kit.Panel
	words   *kit.Paragraph
	empty   *kit.Button
	sum     files.BinSum
}

func newBinHere(p *Page) *binHere {
	b := &binHere{page: p, words: kit.NewParagraph("", 13, theme.Muted)}
	b.empty = kit.NewPlain(i18n.T("filesui.bin.here.empty"), "trash", b.ask)
	b.content = kit.NewPanel(theme.Background, kit.NewDock(nil, nil, nil, container.NewCenter(b.empty), kit.NewPanel(theme.Background, b.words).Padded(6, 0, 6, 0))).Padded(8, 18, 8, 18)
	b.content.Hide()
	return b
}

func (b *binHere) set(sum files.BinSum) {
	if b.sum == sum {
		return
	}
	b.sum = sum
	words := i18n.T("filesui.bin.here", "n", sum.Files, "size", i18n.Size(sum.Size))
	if sum.Held > 0 {
		words += " " + i18n.T("filesui.bin.here.held", "n", sum.Held, "size", i18n.Size(sum.HeldBytes))
	}
	b.words.Set(words, theme.Muted)
	b.empty.SetEnabled(sum.Files > sum.Held)
	kit.SetVisible(b.content, sum.Files > 0)
	b.page.bin.content.Refresh()
}

func (b *binHere) ask() {
	free := b.sum.Files - b.sum.Held
	b.page.cfg.Choose(i18n.T("filesui.bin.here.ask", "n", free, "size", i18n.Size(b.sum.Size-b.sum.HeldBytes)), i18n.T("filesui.bin.here.why"),
		kit.Choice{Label: i18n.T("filesui.bin.here.empty"), Do: b.remove})
}

func (b *binHere) remove() {
	p := b.page
	kit.Load(func() (files.BinSum, error) { return p.cfg.Files.EmptyBins(context.Background()) }, func(gone files.BinSum, err error) {
		if err != nil {
			p.cfg.ShowError(err)
		} else {
			p.cfg.Toast(i18n.T("filesui.bin.here.emptied", "n", gone.Files, "size", i18n.Size(gone.Size)), "", nil)
		}
		p.reload()
	})
}
