// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// redirectPanel asks who is to get a message as it is.
type redirectPanel struct {
	widget.BaseWidget
	page    *Page
	id      int64
	writers []mail.Identity

	title *kit.Label
	words *kit.Paragraph
	from  *widget.Select // hidden where there is nothing to choose
	to    *recipientField
	says  *kit.Label
	send  *kit.Button
	leave *kit.Button
	hints *suggestBox
	pop   *widget.PopUp
}

// Redirect passes the opened message on as it is: answers go to its author.
func (p *Page) Redirect() {
	id := p.single()
	if id == 0 {
		return
	}
	account := int64(0)
	if s, ok := p.known()[id]; ok {
		account = s.AccountID
	} else if p.reader.shown.msg.ID == id {
		account = p.reader.shown.msg.AccountID
	}
	kit.Load(func() ([]mail.Identity, error) { return p.writers(p.ctx) }, func(all []mail.Identity, err error) {
		if err != nil {
			p.fail(err)
			return
		}
		var own []mail.Identity
		for _, i := range all {
			if i.AccountID == account {
				own = append(own, i)
			}
		}
		p.askRedirect(id, own)
	})
}

func (p *Page) askRedirect(id int64, writers []mail.Identity) {
	r := &redirectPanel{page: p, id: id, writers: writers, title: kit.Heading(i18n.T("mailui.redirect.title"))}
	r.words = kit.NewParagraph(i18n.T("mailui.redirect.text"), 13, theme.Muted)
	names := make([]string, len(writers))
	for i, w := range writers {
		names[i] = formatAddress(w.From())
	}
	r.from = widget.NewSelect(names, nil)
	r.from.SetSelectedIndex(0)
	setVisible(r.from, len(writers) > 1)
	room := &recipientRoom{
		owner: r, canvas: p.cfg.Window.Canvas, changed: func() { r.says.Set("") },
		find: func(part string) ([]mail.Address, error) { return p.cfg.Mail.Suggest(p.ctx, part, mostSuggested) },
	}
	r.hints = newSuggestBox(room)
	room.suggest = r.hints
	r.says = kit.NewLabel("", 13, theme.Bad, false)
	r.to = newRecipientField(room)
	r.to.entry.SetPlaceHolder(i18n.T("mailui.redirect.to"))
	steer := r.to.entry.OnKey
	r.to.entry.OnKey = func(ev *fyne.KeyEvent) bool { return steer(ev) || kit.Escape(r.close)(ev) }
	r.to.entry.OnSubmitted = func(string) { r.redirect() }
	r.send = kit.NewPrimary(i18n.T("mailui.redirect.send"), r.redirect)
	r.leave = kit.NewPlain(i18n.T("mailui.cancel"), "", r.close)
	r.ExtendBaseWidget(r)
	r.pop = widget.NewModalPopUp(r, p.cfg.Window.Canvas())
	r.pop.Show()
	r.to.Focus()
}

func (r *redirectPanel) close() {
	r.pop.Hide()
	kit.Focus(r.page.list.rows)
}

// redirect hands the message over once there is somebody to get it.
func (r *redirectPanel) redirect() {
	var bad *badAddress
	to, err := parseAddresses(r.to.Text())
	switch {
	case errors.As(err, &bad):
		r.says.Set(i18n.T("mailui.compose.bad-address", "part", bad.Part))
		return
	case len(to) == 0:
		r.says.Set(i18n.T("mailui.compose.no-recipient"))
		return
	}
	identity := int64(0)
	if i := r.from.SelectedIndex(); i >= 0 {
		identity = r.writers[i].ID
	}
	p, id := r.page, r.id
	r.close()
	kit.Load(func() (int64, error) { return p.cfg.Mail.Redirect(p.ctx, id, to, identity) }, func(op int64, err error) {
		if err != nil {
			p.fail(err)
			return
		}
		p.sentToast(i18n.T("mailui.done.redirect", "names", someAddresses(to)), op)
	})
}

// sentToast tells that something is on its way, and offers to call it back.
func (p *Page) sentToast(words string, op int64) {
	if p.cfg.Cancel == nil {
		p.cfg.Toast(words, "", nil)
		return
	}
	p.cfg.Toast(words, i18n.T("mailui.compose.recall"), func() {
		kit.Act(func() error { return p.cfg.Cancel(p.ctx, op) }, func(err error) {
			if err != nil {
				p.fail(err)
				return
			}
			p.cfg.Toast(i18n.T("mailui.done.not-sent"), "", nil)
		})
	})
}

// CreateRenderer implements fyne.Widget.
func (r *redirectPanel) CreateRenderer() fyne.WidgetRenderer {
	return &painter{
		owner: r, paint: func() {},
		objects: func() []fyne.CanvasObject {
			return []fyne.CanvasObject{r.title, r.words, r.from, r.to.object, r.says, r.send, r.leave, r.hints}
		},
		min: func() fyne.Size {
			h := theme.Px(230)
			if len(r.writers) > 1 {
				h += theme.Px(44)
			}
			return fyne.NewSize(theme.Px(460), h+theme.Px(40))
		},
		layout: r.layout,
	}
}

func (r *redirectPanel) layout(s fyne.Size) {
	px := theme.Px
	pad, wide := px(14), s.Width-px(28)
	y := px(10)
	place(r.title, pad, y, wide, px(26))
	y += px(34)
	r.words.Resize(fyne.NewSize(wide, 1))
	h := max(r.words.MinSize().Height, px(40))
	place(r.words, pad, y, wide, h)
	y += h + px(10)
	if r.from.Visible() {
		place(r.from, pad, y, wide, px(36))
		y += px(44)
	}
	place(r.to.object, pad, y, wide, px(36))
	y += px(42)
	place(r.says, pad, y, wide, px(22))
	send, leave := r.send.MinSize().Width, r.leave.MinSize().Width
	place(r.send, pad+wide-send, s.Height-px(46), send, px(33))
	place(r.leave, pad+wide-send-px(8)-leave, s.Height-px(46), leave, px(33))
	r.hints.place(s)
}
