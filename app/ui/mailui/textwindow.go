// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"bytes"
	"strings"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// textWindow shows a text in a window of its own, with buttons above it. Escape closes it.
func (p *Page) textWindow(title, text string, buttons ...*kit.Button) *kit.TextView {
	view := kit.NewTextView(nil, nil)
	view.MaxWidth = 0
	view.SetText(text)
	w := p.cfg.NewWindow(title)
	w.SetPadded(false)
	row := make([]fyne.CanvasObject, 0, len(buttons))
	for _, b := range buttons {
		row = append(row, b)
	}
	bar := kit.NewPanel(theme.Surface, kit.NewRowOf(8, row...)).Padded(10, 20, 8, 20)
	w.SetContent(kit.NewStage(kit.NewDock(bar, nil, nil, nil, view)))
	w.Canvas().SetOnTypedKey(func(ev *fyne.KeyEvent) {
		if ev.Name == fyne.KeyEscape {
			w.Close()
		}
	})
	w.Resize(fyne.NewSize(theme.Px(760), theme.Px(600)))
	w.Show()
	w.Canvas().Focus(view)
	return view
}

// saveButton saves what a window shows as a file.
func (p *Page) saveButton(name string, data func() ([]byte, error)) *kit.Button {
	b := kit.NewPlain(i18n.T("mailui.action.save"), "download", func() {
		if p.cfg.SaveData != nil {
			p.cfg.SaveData(name, data)
		}
	})
	b.SetEnabled(p.cfg.SaveData != nil)
	return b
}

// ShowProof shows what servers have confirmed about the opened message.
func (p *Page) ShowProof() {
	id := p.single()
	if id == 0 {
		return
	}
	kit.Load(func() (app.Proof, error) { return p.cfg.Mail.Proof(p.ctx, id) }, func(proof app.Proof, err error) {
		if err != nil {
			p.fail(err)
			return
		}
		var text bytes.Buffer
		_, _ = proof.WriteTo(&text) // memory takes everything
		name := i18n.T("mailui.proof.name") + " " + safeName(proof.Subject)
		p.textWindow(i18n.T("mailui.action.proof"), text.String(),
			p.saveButton(strings.TrimSpace(name)+".txt", func() ([]byte, error) { return text.Bytes(), nil }))
	})
}

// sourceLimit is how much of a message's source is shown.
const sourceLimit = 200_000

// ShowSource shows the opened message as it is on the server.
func (p *Page) ShowSource() {
	if id := p.single(); id != 0 {
		p.showSource(id)
	}
}

// showSource shows the octets of a message, its header alone first: that is what people are asked for.
func (p *Page) showSource(id int64) {
	kit.Load(func() ([]byte, error) { return p.cfg.Mail.Raw(p.ctx, id) }, func(raw []byte, err error) {
		if err != nil {
			p.fail(err)
			return
		}
		whole := readable(raw[:min(len(raw), sourceLimit)])
		if len(raw) > sourceLimit {
			whole += "\n" + i18n.T("mailui.source.cut", "size", i18n.Size(int64(len(raw))))
		}
		header, _, _ := strings.Cut(whole, "\n\n")
		var view *kit.TextView
		var flip *kit.Button
		flip = kit.NewPlain(i18n.T("mailui.source.all"), "", func() {
			text, words := whole, "mailui.source.header"
			if view.Text() != header {
				text, words = header, "mailui.source.all"
			}
			flip.SetText(i18n.T(words))
			view.SetText(text)
		})
		save := p.saveButton(i18n.T("mailui.attachment.message")+".eml", func() ([]byte, error) { return raw, nil })
		view = p.textWindow(i18n.T("mailui.action.source"), header, flip, save)
	})
}

// readable makes octets of a message text that can be shown.
func readable(raw []byte) string {
	return strings.ToValidUTF8(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\uFFFD")
}
